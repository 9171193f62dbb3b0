"""Mails say what they may, and nothing of what others wrote becomes a header."""

import json
import quopri
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from email.message import EmailMessage
from uuid import uuid4

import pytest
from pydantic import ValidationError

from services.notify import mail, rendering
from services.notify.domain import serious_flag
from services.notify.examples import example
from services.notify.letters import Digest, Group, Letter, RestrictedMatter, SupplierChange, Template
from services.notify.mail import HEADERS, Envelope, UnsafeMail
from shared.events.remedy.words import MailKind
from tests.notify.events import flag
from tests.notify.test_domain import HOSTILE_ADDRESSES

AT = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
HOSTILE_TEXTS = [
    "Bcc: eve@evil.example",
    "=?utf-8?q?a=0d=0aBcc:_x?=",
    "{{ 7*7 }} {% for x in y %}",
    "%s %(x)s %n",
    "<script>alert(1)</script><img src=x onerror=y>",
    "\"'><b>&amp;",
    "--=_part",
    "https://user:secret@evil.example/",
    "東方電子 Ĺéñ",
    "x" * 200,
    ".",
    "From here",
]


def envelope(address: str = "anna@secretariat.example", message_id: str = "<1@engage.example>") -> Envelope:
    return Envelope("engage@engage.example", address, message_id, AT)


def headers_of(raw: bytes) -> list[str]:
    """The header names of a mail, read by rules and no library: lines up to the first empty one."""
    lines = raw.split(b"\r\n\r\n", 1)[0].split(b"\r\n")
    return [line.split(b":", 1)[0].decode() for line in lines if line[:1] not in (b" ", b"\t")]


def hostile_digest(text: str) -> Digest:
    group = Group(heading=text, total=1, names=(text,))
    return Digest(until=AT, proposed=(group,), raised=(group,), suppliers=(SupplierChange(supplier=text, added=1),))


def hostile_flag(text: str) -> Letter:
    return serious_flag(flag(headline=text, site_name=text).model_copy(update={"supplier_name": text}))


@pytest.mark.parametrize("template", list(Template))
def test_a_mail_has_the_headers_of_the_list_and_lines_that_every_server_takes(template: Template) -> None:
    raw = mail.build(example(template), envelope())

    assert headers_of(raw) == list(HEADERS)
    assert b"\r\nAuto-Submitted: auto-generated\r\n" in raw
    assert raw.isascii()
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert max(map(len, raw.split(b"\r\n"))) <= 998


@pytest.mark.parametrize("template", list(Template))
def test_a_mail_says_what_happened_why_you_and_what_to_do_next(template: Template) -> None:
    text, html = rendering.render(example(template))

    for part in (text, html):
        assert "Why you" in part
        assert re.search("engage (case|risk|engagement) ", part)
    assert max(len(line) for line in text.splitlines()) <= 90


@pytest.mark.parametrize("template", list(Template))
def test_a_mail_is_the_same_to_the_byte_at_each_attempt(template: Template) -> None:
    assert mail.build(example(template), envelope()) == mail.build(example(template), envelope())


@pytest.mark.parametrize("text", HOSTILE_TEXTS)
@pytest.mark.parametrize("make", [hostile_flag, hostile_digest])
def test_what_others_wrote_stays_inert_in_the_body(make: Callable[[str], Letter], text: str) -> None:
    letter = make(text)

    raw = mail.build(letter, envelope())

    assert headers_of(raw) == list(HEADERS)
    assert raw.count(b"\r\n--=_part\r\n") == 2
    body = quopri.decodestring(raw.split(b"\r\n\r\n", 1)[1]).decode()
    assert "<script" not in body.split("<!DOCTYPE html>")[1]
    assert "<img" not in body.split("<!DOCTYPE html>")[1]
    if "7*7" in text:
        assert "{{ 7*7 }}" in body


@pytest.mark.parametrize("text", ["a\r\nBcc: x", "a\nb", "a\x00b", "a\u2028b", "a\u202eb"])
def test_a_variable_with_a_line_break_is_refused(text: str) -> None:
    variables = json.dumps({**json.loads(example(Template.FLAG_SERIOUS).model_dump_json()), "supplier": text})

    with pytest.raises(UnsafeMail, match=r"^variables$"):
        mail.read_letter("flag_serious", variables)


def test_a_variable_that_is_not_on_the_list_is_refused() -> None:
    variables = '{"reference": "R-123456", "kind": "testimony_received", "due": "2027-03-09", "site": "CANARY"}'

    with pytest.raises(UnsafeMail, match=r"^variables$"):
        mail.read_letter("restricted_testimony_received", variables)


def test_a_template_that_is_not_known_is_refused() -> None:
    with pytest.raises(UnsafeMail):
        mail.read_letter("../../etc/passwd", "{}")


@pytest.mark.parametrize("address", HOSTILE_ADDRESSES)
def test_a_mail_to_anything_but_one_plain_address_is_not_written(address: str) -> None:
    with pytest.raises(UnsafeMail, match=r"^address$"):
        mail.build(example(Template.DIGEST), envelope(address))


@pytest.mark.parametrize(
    "text", ["a\r\nBcc: x", "a\nb", "a\x00", "a\u2028b", "=?utf-8?q?a=0d=0aBcc:_x?=", "a=?b", "\x85", "é"]
)
def test_text_that_could_become_a_header_is_refused(text: str) -> None:
    with pytest.raises(UnsafeMail, match=r"^header$"):
        mail.headers(("Subject",), (text,))
    with pytest.raises(UnsafeMail, match=r"^header$"):
        mail.build(example(Template.DIGEST), envelope(message_id=text))


def test_an_encoded_word_that_the_newer_email_package_turns_into_a_header_is_harmless_here() -> None:
    encoded = "=?utf-8?q?a=0d=0aBcc:_x?="
    library = EmailMessage()
    library["Subject"] = encoded

    with pytest.raises(UnsafeMail):
        mail.headers(("Subject",), (encoded,))
    raw = mail.build(hostile_flag(encoded), envelope())

    assert b"\nBcc:" not in raw  # whereas bytes(library) holds one, on a Python without the repair
    assert headers_of(raw) == list(HEADERS)


def test_a_finished_mail_with_one_header_more_is_not_let_through() -> None:
    letter = example(Template.DIGEST)
    raw = mail.build(letter, envelope())

    with pytest.raises(UnsafeMail, match=r"^headers$"):
        mail.verified(raw.replace(b"\r\nTo:", b"\r\nBcc: x@evil.example\r\nTo:", 1), letter, envelope())


ALLOWED = re.compile(r"R-[A-Z0-9-]+|2027-03-09")


@pytest.mark.parametrize("kind", list(MailKind))
def test_a_restricted_mail_holds_its_reference_kind_and_day_and_nothing_else(kind: MailKind) -> None:
    one = RestrictedMatter(reference="R-AAAAAAAA", kind=kind, due=date(2027, 3, 9))
    other = RestrictedMatter(reference="R-BBBBBBBB", kind=kind, due=date(2027, 3, 9))

    first, second = (ALLOWED.sub("", mail.build(letter, envelope()).decode()) for letter in (one, other))

    assert first == second
    assert one.subject == "Engage: a matter needs attention"


def test_neither_subject_nor_length_tells_one_restricted_matter_from_another() -> None:
    references = ("R-1234", "R-7QK2-M4WX-9TBD", "R" * 40)

    letters = [RestrictedMatter(reference=r, kind=k, due=date(2027, 3, 9)) for k in MailKind for r in references]

    assert len({len(mail.build(letter, envelope())) for letter in letters}) == 1
    assert len({letter.subject for letter in letters}) == 1


def test_the_subject_of_a_flag_holds_no_text_of_others() -> None:
    canary = f"CANARY-{uuid4()}"

    raw = mail.build(hostile_flag(canary), envelope())

    assert canary.encode() not in raw.split(b"\r\n\r\n", 1)[0]


def test_a_reference_that_is_no_reference_is_no_letter() -> None:
    with pytest.raises(ValidationError):
        RestrictedMatter(reference="Plant 1, night shift", kind=MailKind.OTHER, due=date(2027, 3, 9))
