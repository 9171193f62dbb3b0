"""The secretariat's mailbox, read as a mail program reads it."""

import email
import email.policy
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

from tests.live_stack import LiveStack, wait_until

RESTRICTED = "Engage: a matter needs attention"


@dataclass(frozen=True)
class Mail:
    """One mail, decoded."""

    subject: str
    text: str
    html: str
    message_id: str
    to: str

    @property
    def body(self) -> str:
        """The text on one line, so that where it breaks makes no difference."""
        return " ".join(self.text.split())


def mails(stack: LiveStack) -> list[Mail]:
    """All mails that have arrived, in order."""
    return [read(file) for file in stack.mails()]


def read(file: Path) -> Mail:
    """One mail of the sink."""
    message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None and html is not None, f"{file.name} lacks a part"
    return Mail(
        str(message["subject"]), text.get_content(), html.get_content(), str(message["message-id"]), str(message["to"])
    )


def wait_for_mail(stack: LiveStack, about: Callable[[Mail], bool], limit: float = 40) -> Mail:
    """The first mail that is about something, once it has arrived."""
    wait_until(lambda: any(map(about, mails(stack))), limit, lambda: f"no such mail among {len(stack.mails())}")
    return next(mail for mail in mails(stack) if about(mail))
