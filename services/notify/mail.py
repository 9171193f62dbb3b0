"""From a letter to the bytes of a mail. Pure; raises UnsafeMail rather than let through what it cannot vouch for.

Headers hold template text and ids only. They are checked and written here, as they are: what Python 3.11 does with a
Subject that it is given is to decode an encoded word and write the line break in it as a further header (the family of
CVE-2024-6923). The library then reads the finished bytes as a stranger's, and what it finds is compared with the list.
"""

import re
from binascii import b2a_qp
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import Message
from email.policy import compat32
from email.utils import format_datetime

from jinja2 import TemplateError

from services.notify.domain import checked_address
from services.notify.letters import LETTERS, Letter, Template
from services.notify.rendering import render

HEADERS = ("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type")
PART_HEADERS = ("Content-Type", "Content-Transfer-Encoding")
FORBIDDEN = re.compile(r"=\?|[^ -~]")
BOUNDARY = "=_part"
"""No line of a part can be taken for it: a text with `=_` is sent as quoted-printable, and there it does not occur."""
LONGEST_PLAIN_LINE = 78  # RFC 5322, 2.1.1


class UnsafeMail(Exception):
    """A mail that must not be sent as it is; the text names the rule and nothing of the mail."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """What makes a mail this mail, whatever it says: the same at each attempt."""

    sender: str
    address: str
    message_id: str
    date: datetime


def read_letter(template: str, variables: str) -> Letter:
    """The letter of an intent. Raises UnsafeMail where the template is not known or a variable is not on its list."""
    try:
        return LETTERS[Template(template)].model_validate_json(variables)
    except ValueError:
        raise UnsafeMail("variables") from None


def build(letter: Letter, envelope: Envelope) -> bytes:
    """The mail as it goes over the wire, byte for byte the same each time. Raises UnsafeMail."""
    try:
        text, html = render(letter)
    except TemplateError:
        raise UnsafeMail("template") from None
    values = (
        mailbox(envelope.sender),
        mailbox(envelope.address),
        letter.subject,
        format_datetime(envelope.date.astimezone(UTC)),
        envelope.message_id,
        "auto-generated",
        "1.0",
        f'multipart/alternative; boundary="{BOUNDARY}"',
    )
    lines = [
        *headers(HEADERS, values),
        *("", f"--{BOUNDARY}", *part("plain", text)),
        *("", f"--{BOUNDARY}", *part("html", html)),
        *("", f"--{BOUNDARY}--", ""),
    ]
    return verified("\r\n".join(lines).encode("ascii"), letter, envelope)


def headers(names: tuple[str, ...], values: tuple[str, ...]) -> list[str]:
    """The lines of headers. Raises UnsafeMail where a value is more than printable ASCII, or holds an encoded word."""
    if any(FORBIDDEN.search(value) for value in values):
        raise UnsafeMail("header")
    return [f"{name}: {value}" for name, value in zip(names, values, strict=True)]


def mailbox(address: str) -> str:
    """One address without a display name. Raises UnsafeMail."""
    try:
        return checked_address(address)
    except ValueError:
        raise UnsafeMail("address") from None


def part(subtype: str, text: str) -> list[str]:
    """The lines of a part: readable in the raw where possible, else quoted-printable, which any server takes."""
    short = all(len(line) <= LONGEST_PLAIN_LINE for line in text.splitlines())
    plain = short and text.isascii() and "=_" not in text
    values = (f'text/{subtype}; charset="utf-8"', "7bit" if plain else "quoted-printable")
    body = text if plain else b2a_qp(text.encode()).decode("ascii")
    return [*headers(PART_HEADERS, values), "", *body.splitlines()]


def verified(raw: bytes, letter: Letter, envelope: Envelope) -> bytes:
    """The same bytes, after reading them again. Raises UnsafeMail unless exactly the listed headers are in them."""
    found = message_from_bytes(raw, policy=compat32)
    wanted = (envelope.address, letter.subject, envelope.message_id)
    if tuple(found.keys()) != HEADERS or (found["To"], found["Subject"], found["Message-ID"]) != wanted:
        raise UnsafeMail("headers")
    parts = found.get_payload()
    if not isinstance(parts, list) or len(parts) != 2:
        raise UnsafeMail("parts")
    if any(not isinstance(found, Message) or tuple(found.keys()) != PART_HEADERS for found in parts):
        raise UnsafeMail("parts")
    return raw
