"""One connection to the mail server, used again for mail after mail.

What matters is how far a mail had come when something failed: before the final dot the server does not have it, after
the dot nobody knows, and only a reply settles it.
"""

import contextlib
from dataclasses import dataclass
from typing import NamedTuple

from aiosmtplib import SMTP, SMTPException, SMTPResponseException

from services.notify.domain import Answer
from services.notify.settings import NotifySettings
from shared.logs import log

CONNECTION_FAILED = (SMTPException, OSError, TimeoutError)
"""What the library raises where there is no reply. Its texts may quote the server, so only the class is logged."""


class Reply(NamedTuple):
    """What came of an attempt, with the server's reply code where it gave one."""

    answer: Answer
    code: int | None = None


HUNG_UP = (Reply(Answer.DEFERRED), Reply(Answer.DEFERRED, 421))
"""The server closed the connection before the mail, without a word or with "service closing" (RFC 5321, 3.8)."""


@dataclass(slots=True)
class Line:
    """A connection that opens when it is needed, and again when the server has closed it meanwhile."""

    settings: NotifySettings
    client: SMTP | None = None

    async def send(self, address: str, mail: bytes) -> Reply:
        """Send one mail to one address. Never raises for what a mail server or a network does."""
        used_before = self.client is not None and self.client.is_connected
        reply = await self.attempt(address, mail)
        if used_before and reply in HUNG_UP:  # it may have grown tired of the connection, not of this mail
            reply = await self.attempt(address, mail)
        return reply

    async def attempt(self, address: str, mail: bytes) -> Reply:
        """One attempt, over the open connection or a new one."""
        try:
            client = await self.connected()
        except CONNECTION_FAILED as error:
            self.hang_up()
            log.warning("mail server not reached", exc_info=error)
            return Reply(Answer.UNREACHABLE, getattr(error, "code", None))
        try:
            await client.mail(self.settings.mail_from)
            await client.rcpt(address)
        except SMTPResponseException as error:
            await self.reset(client)
            return Reply(answer_of(error.code), error.code)
        except CONNECTION_FAILED:
            self.hang_up()
            return Reply(Answer.DEFERRED)
        return await self.transmit(client, mail)

    async def transmit(self, client: SMTP, mail: bytes) -> Reply:
        """DATA, the mail and the dot."""
        try:
            response = await client.data(mail, timeout=self.settings.smtp_data_timeout)
        except SMTPResponseException as error:
            await self.reset(client)
            return Reply(answer_of(error.code), error.code)
        except CONNECTION_FAILED:
            self.hang_up()
            return Reply(Answer.UNKNOWN)
        return Reply(Answer.ACCEPTED, response.code)

    async def connected(self) -> SMTP:
        """The open connection, or a new one. Raises one of CONNECTION_FAILED."""
        if self.client is None or not self.client.is_connected:
            self.hang_up()
            self.client = dial(self.settings)
            await self.client.connect()
        return self.client

    async def reset(self, client: SMTP) -> None:
        """Forget the mail that was refused; hang up where the server will not."""
        try:
            await client.rset()
        except CONNECTION_FAILED:
            self.hang_up()

    async def close(self) -> None:
        """Say goodbye, if there is a connection."""
        if self.client is not None and self.client.is_connected:
            with contextlib.suppress(*CONNECTION_FAILED):
                await self.client.quit(timeout=1)
        self.hang_up()

    def hang_up(self) -> None:
        """Close the connection without a word."""
        if self.client is not None:
            self.client.close()
        self.client = None


def dial(settings: NotifySettings) -> SMTP:
    """A client for the mail server of the settings, not connected yet; it names itself by the mail domain."""
    return SMTP(
        hostname=settings.smtp_host,
        port=settings.smtp_port,
        username=settings.smtp_username,
        password=settings.smtp_password.get_secret_value() if settings.smtp_password else None,
        local_hostname=settings.mail_domain,
        use_tls=settings.smtp_tls == "tls",
        start_tls=settings.smtp_tls == "starttls",
        timeout=settings.smtp_timeout,
    )


def answer_of(code: int) -> Answer:
    """RFC 5321, 4.2.1: 5yz is a permanent refusal. Anything else but success may be tried again."""
    return Answer.REFUSED if 500 <= code <= 599 else Answer.DEFERRED
