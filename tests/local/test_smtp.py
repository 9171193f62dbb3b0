"""The mail sink: a 250 means that the message is on the disk."""

import asyncio
import os
import threading
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib
import pytest

from deploy.local.smtp import Mailbox, Sink


def mail(text: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "engage@example.org", "reader@example.org", "Deadline"
    message.set_content(text)
    return message


async def send(sink: Sink, message: EmailMessage) -> None:
    await aiosmtplib.send(message, hostname=sink.host, port=sink.port, start_tls=False)


class HeldMailbox(Mailbox):
    """A disk that does not answer before it is told to."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.asked, self.answer = threading.Event(), threading.Event()

    def keep(self, sender: str, recipients: list[str], content: bytes) -> Path:
        self.asked.set()
        self.answer.wait(30)
        return super().keep(sender, recipients, content)


async def test_an_accepted_message_is_one_file_with_its_envelope(tmp_path: Path) -> None:
    async with Sink(tmp_path) as sink:
        await send(sink, mail("first"))
        await send(sink, mail("second"))

        files = [file.read_text() for file in sink.mailbox.messages()]

    assert [("first" in text, "second" in text) for text in files] == [(True, False), (False, True)]
    assert files[0].startswith("X-Envelope-From: engage@example.org\nX-Envelope-To: reader@example.org\n")


async def test_a_message_is_accepted_only_after_it_was_written(tmp_path: Path) -> None:
    async with Sink(tmp_path) as sink:
        sink.mailbox = held = HeldMailbox(tmp_path)
        sending = asyncio.create_task(send(sink, mail("slow disk")))
        assert await asyncio.to_thread(held.asked.wait, 30)
        assert not sending.done() and not held.messages()

        held.answer.set()
        await sending

        assert len(held.messages()) == 1


async def test_what_cannot_be_synced_to_the_disk_is_refused_for_now(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    async with Sink(tmp_path) as sink:
        monkeypatch.setattr(os, "fsync", fail)

        with pytest.raises(aiosmtplib.SMTPDataError) as refusal:
            await send(sink, mail("full disk"))

    assert refusal.value.code == 451
    assert not list(tmp_path.iterdir())
