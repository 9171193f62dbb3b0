"""Grades, countries and codes in words, and lines as wide as a terminal."""

import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from shared.countries import alpha2_codes, name_of

Document = dict[str, Any]

PARTS = ("scale", "scope", "irremediability")
NUMBERS = (*PARTS, "severity", "likelihood")
LEAST_WIDTH = 40


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph, how far it is indented, and how much it matters: head, strong, plain or faint."""

    text: str
    indent: int = 0
    style: str = "plain"


def wrapped(line: Line, width: int) -> str:
    """A line broken into a terminal's width."""
    indent = " " * line.indent
    hanging = indent + ("  " if line.text.startswith("- ") else "")
    return textwrap.fill(
        line.text, max(width, LEAST_WIDTH), initial_indent=indent, subsequent_indent=hanging, break_on_hyphens=False
    )


def graded(grades: Document) -> str:
    """Finding and grades in words; what is not known is said to be unknown."""
    finding, likelihood = words(grades["finding"]), number(grades, "likelihood")
    if grades.get("severity") is None:
        return f"{finding}; severity unknown; likelihood {likelihood}"
    parts = ", ".join(f"{part} {number(grades, part)}" for part in PARTS)
    return f"{finding}; severity {grades['severity']} ({parts}); likelihood {likelihood}"


def difference(before: Document, after: Document) -> str:
    """What is otherwise afterwards."""
    told = [] if before["finding"] == after["finding"] else [f"{words(before['finding'])} -> {words(after['finding'])}"]
    told += [
        f"{part} {number(before, part)} -> {number(after, part)}"
        for part in NUMBERS
        if before.get(part) != after.get(part)
    ]
    return listed(told)


def number(grades: Document, part: str) -> str:
    found = grades.get(part)
    return "unknown" if found is None else str(found)


def country(place: Document) -> str | None:
    """The country in words, where it is known."""
    code = place.get("country")
    return name_of(code) if code in alpha2_codes() else code


def placed(site: Document) -> str:
    """A site with its address and id, by which two of one name are told apart."""
    name = site.get("name") or site["supplier_name"]
    return f"{listed(filter(None, (name, site.get('address'), country(site) or 'country not given')))} ({site['id']})"


def counted(count: int, thing: str) -> str:
    return f"{count} {thing}{'' if count == 1 else 's'}"


def all_buyers(leverage: Document) -> str:
    """How many buyers, and their contracts where they are enough for it to be told."""
    contracts = leverage["contracts"]
    return f"all buyers: {leverage['buyers']}" + ("" if contracts is None else f", contracts: {contracts}")


def listed(found: Iterable[str]) -> str:
    return ", ".join(found)


def words(code: str) -> str:
    return code.replace("_", " ")
