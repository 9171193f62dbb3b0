"""From a letter to the bytes of a mail. Pure; raises UnsafeMail rather than let through what it cannot vouch for.

Headers hold template text and ids only, each checked, and the finished bytes are read again and their headers compared
with the list. The older half of the email package (`compat32`) writes headers as they are given. Its newer half, in
Python 3.11, decodes an encoded word in a Subject and writes the line break in it as a further header (the family of
CVE-2024-6923); it is also three times as slow.
"""

import re
import textwrap
from binascii import b2a_qp
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email import message_from_bytes
from email.message import Message
from email.policy import compat32
from email.utils import format_datetime
from functools import cache
from uuid import UUID

from jinja2 import PackageLoader, StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic import ValidationError

from services.notify.domain import checked_address
from services.notify.letters import LETTERS, Letter, RestrictedMatter, Template
from shared.countries import name_of
from shared.events.lifecycles import MailKind

HEADERS = ("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type")
PART_HEADERS = ("Content-Type", "Content-Transfer-Encoding")
FORBIDDEN = re.compile(r"=\?|[^ -~]")
BLANK_LINES = re.compile(r"\n{3,}")
WIDTH = 74
LONGEST_PLAIN_LINE = 78  # RFC 5322, 2.1.1
POLICY = compat32.clone(linesep="\r\n", max_line_length=None, mangle_from_=False)
MATTERS = {
    MailKind.TESTIMONY_RECEIVED: "new testimony has arrived",
    MailKind.DEADLINE_APPROACHING: "a deadline is near and not met",
    MailKind.DEADLINE_MISSED: "a deadline has passed and was not met",
    MailKind.OTHER: "something has changed",
}
MATTER_WIDTH = max(map(len, MATTERS.values()))
REFERENCE_WIDTH = 40


class UnsafeMail(Exception):
    """A mail that must not be sent as it is; the text names the rule and nothing of the mail."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """What makes a mail this mail, whatever it says: the same at each attempt."""

    intent: UUID
    sender: str
    address: str
    message_id: str
    date: datetime


def read_letter(template: str, variables: str) -> Letter:
    """The letter of an intent. Raises UnsafeMail where the template is not known or a variable is not on its list."""
    try:
        return LETTERS[Template(template)].model_validate_json(variables)
    except (ValueError, ValidationError):
        raise UnsafeMail("variables") from None


def build(letter: Letter, envelope: Envelope) -> bytes:
    """The mail as it goes over the wire, byte for byte the same each time. Raises UnsafeMail."""
    try:
        text, html = render(letter)
    except TemplateError:
        raise UnsafeMail("template") from None
    boundary = f"=_{envelope.intent.hex}"
    values = (
        mailbox(envelope.sender),
        mailbox(envelope.address),
        header_text(letter.subject),
        format_datetime(envelope.date.astimezone(UTC)),
        header_text(envelope.message_id),
        "auto-generated",
        "1.0",
        f'multipart/alternative; boundary="{boundary}"',
    )
    mail = Message(POLICY)
    for name, value in zip(HEADERS, values, strict=True):
        mail[name] = value
    mail.set_payload([part("plain", text), part("html", html)])
    return verified(mail.as_bytes(), letter, envelope)


def header_text(text: str) -> str:
    """The text, if it is printable ASCII without encoded words. Raises UnsafeMail."""
    if FORBIDDEN.search(text):
        raise UnsafeMail("header")
    return text


def mailbox(address: str) -> str:
    """One address without a display name. Raises UnsafeMail."""
    try:
        return checked_address(address)
    except ValueError:
        raise UnsafeMail("address") from None


def part(subtype: str, text: str) -> "Message[str, str]":
    """One part: readable in the raw where that is possible, otherwise in quoted-printable, which any server takes."""
    made = Message(POLICY)
    made["Content-Type"] = f'text/{subtype}; charset="utf-8"'
    plain = text.isascii() and all(len(line) <= LONGEST_PLAIN_LINE for line in text.splitlines())
    made["Content-Transfer-Encoding"] = "7bit" if plain else "quoted-printable"
    made.set_payload(text if plain else b2a_qp(text.encode()).decode())
    return made


def verified(raw: bytes, letter: Letter, envelope: Envelope) -> bytes:
    """The same bytes, after reading them again. Raises UnsafeMail unless exactly the listed headers are in them."""
    found = message_from_bytes(raw, policy=compat32)
    wanted = (envelope.address, letter.subject, envelope.message_id)
    if sorted(found.keys()) != sorted(HEADERS) or (found["To"], found["Subject"], found["Message-ID"]) != wanted:
        raise UnsafeMail("headers")
    parts = found.get_payload()
    if not isinstance(parts, list) or len(parts) != 2:
        raise UnsafeMail("parts")
    if any(not isinstance(part, Message) or sorted(part.keys()) != sorted(PART_HEADERS) for part in parts):
        raise UnsafeMail("parts")
    return raw


def render(letter: Letter) -> tuple[str, str]:
    """The text and the HTML of a letter."""
    variables = {name: getattr(letter, name) for name in type(letter).model_fields}
    if isinstance(letter, RestrictedMatter):
        variables = fixed_width(letter)
    text, html = (
        environment().get_template(f"{letter.layout}.{ending}").render(variables) for ending in ("txt", "html")
    )
    return BLANK_LINES.sub("\n\n", text), html


def fixed_width(letter: RestrictedMatter) -> dict[str, object]:
    """The variables of a restricted matter, padded: the length of the mail does not tell what it is about."""
    return {
        "reference": letter.reference.ljust(REFERENCE_WIDTH),
        "matter": MATTERS[letter.kind].ljust(MATTER_WIDTH),
        "due": letter.due.isoformat(),
    }


@cache
def environment() -> ImmutableSandboxedEnvironment:
    """The templates of this package: sandboxed, HTML escaped, and an unknown name is an error."""
    made = ImmutableSandboxedEnvironment(
        loader=PackageLoader("services.notify"),
        autoescape=lambda name: name is not None and name.endswith(".html"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    made.filters |= {"words": words, "country": country, "moment": moment, "wrap": wrap, "many": many}
    return made


def words(code: str) -> str:
    """A code as a person reads it."""
    return code.replace("_", " ")


def country(code: str) -> str:
    """The name of a country, or its code."""
    try:
        return name_of(code)
    except KeyError:
        return code


def moment(at: datetime | date) -> str:
    """A moment to the minute, in UTC; seconds only where they matter."""
    if not isinstance(at, datetime):
        return at.isoformat()
    utc = at.astimezone(UTC)
    return f"{utc.day} {utc:%B %Y, %H:%M}{utc:.%S}".replace(".00", "") + " UTC"


def many(count: int, one: str, several: str) -> str:
    """A number with its noun: "1 site", "2 sites"."""
    return f"{count:,} {one if count == 1 else several}"


def wrap(text: str, first: str, rest: str) -> str:
    """The text in lines of mail width, the first behind `first`, the others behind `rest`."""
    return textwrap.fill(
        text, WIDTH, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
    )
