"""Which kind of notice a file holds, told by its content and never by its name; nothing is parsed that could harm."""

import json
import re
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from services.ingest.domain.lists.findings import FileInvalid, Finding
from services.ingest.domain.notices.doffin import is_doffin, read_doffin
from services.ingest.domain.notices.eforms import is_eforms, read_eforms
from services.ingest.domain.notices.notice import Notices
from services.ingest.domain.notices.ocds import read_ocds
from services.ingest.domain.notices.releases import is_ocds
from shared.events.reading import MalformedEvent, refuse_constant, refuse_duplicate_keys

DEEPEST = 32
MOST_PARTS = 500_000
"""Elements, or values, of one file, for each takes some 200 bytes: an eForms notice of a hundred lots has 20,000."""
LONG_NAMESPACE = re.compile(r"""xmlns[^=<>]*=\s*(?:"[^"]{200}|'[^']{200})""")
"""The name of a namespace is repeated in memory for each element that has another name."""
MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
"""Byte order marks of UTF-8 and UTF-16."""


def is_notice(content: bytes) -> bool:
    """Whether a file is JSON or XML: it begins with a brace, a bracket or an angle."""
    return first_byte(content) in (b"{", b"[", b"<")


def first_byte(content: bytes) -> bytes:
    """The first byte that is no blank and no mark of an encoding."""
    head = content[:1024]
    for mark in MARKS:
        head = head.removeprefix(mark)
    return head.replace(b"\0", b"").lstrip()[:1]


def read_notices(content: bytes, most: int) -> Notices:
    """What a file of notices says, at most `most` contracts. Raises FileInvalid where nothing of it can be taken."""
    notices = read_xml(content, most) if first_byte(content) == b"<" else read_json(content, most)
    if not notices.found and not notices.silent:
        raise FileInvalid(Finding("no_notices"))
    return notices


def read_xml(content: bytes, most: int) -> Notices:
    """The notice that is an XML file. Entities and document types are refused. Raises FileInvalid."""
    try:
        text = content.decode("utf-16" if content.startswith(MARKS[1:]) else "utf-8-sig")
        if text.count("<") > 2 * MOST_PARTS or text.count("=") > MOST_PARTS or LONG_NAMESPACE.search(text):
            raise FileInvalid(Finding("too_many_notices"))
        root: Element = fromstring(text, forbid_dtd=True)
    except (ParseError, DefusedXmlException, UnicodeError):
        raise FileInvalid(Finding("xml_unreadable")) from None
    if root.tag == "Goods":
        raise FileInvalid(Finding("risk_facts"))
    if not is_eforms(root):
        raise FileInvalid(Finding("notice_unknown"))
    return read_eforms(root, most)


def read_json(content: bytes, most: int) -> Notices:
    """The notices of a JSON file: OCDS, or Doffin's own. Raises FileInvalid."""
    parsed = parse(content)
    if is_ocds(parsed):
        return read_ocds(parsed, most)
    if is_doffin(parsed):
        return read_doffin(parsed, most)
    raise FileInvalid(Finding("risk_facts" if is_labour_cases(parsed) else "notice_unknown"))


def parse(content: bytes) -> Any:
    """JSON in which every key stands once, no number is NaN and nothing is nested too deep. Raises FileInvalid."""
    if sum(map(content.count, (b",", b"[", b"{"))) > 2 * MOST_PARTS:
        raise FileInvalid(Finding("too_many_notices"))
    try:
        parsed = json.loads(content.decode("utf-8-sig"), object_pairs_hook=once, parse_constant=refuse_constant)
    except MalformedEvent as error:
        code = "key_twice" if error.reason == "duplicate_key" else "json_unreadable"
        raise FileInvalid(Finding(code)) from None
    except (ValueError, RecursionError):
        raise FileInvalid(Finding("json_unreadable")) from None
    if is_deeper(parsed, DEEPEST):
        raise FileInvalid(Finding("too_deep"))
    return parsed


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    refuse_duplicate_keys(pairs)
    return dict(pairs)


def is_deeper(parsed: Any, limit: int) -> bool:
    """Whether objects and arrays lie in each other more than `limit` times."""
    level = [parsed]
    for _ in range(limit + 1):
        level = [
            child
            for part in level
            if isinstance(part, (dict, list))
            for child in (part.values() if isinstance(part, dict) else part)
            if isinstance(child, (dict, list))
        ]
        if not level:
            return False
    return True


def is_labour_cases(parsed: Any) -> bool:
    """Whether this is a tracker of labour-board cases: an object of cases with their allegations."""
    if not isinstance(parsed, dict) or not parsed:
        return False
    first = next(iter(parsed.values()))
    return isinstance(first, dict) and "allegations" in first
