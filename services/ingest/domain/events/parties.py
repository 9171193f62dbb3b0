"""What a schema cannot say of a supplier or site that is named: its country exists, its ids can be, its name is one."""

from services.ingest.domain.identity.identifiers import problem_of
from shared.countries import resolve
from shared.events.members import DoorData

BLANK_LETTERS = "\u115f\u1160\u3164\uffa0"
"""The fillers of Hangul: letters by their category, and blank."""
NAMING = ("supplier", "site")


def fault_of_parties(data: DoorData) -> tuple[str, str] | None:
    """The first thing that is wrong, as code and pointer."""
    return unknown_country(data) or wrong_identifier(data) or unreadable_name(data)


def unknown_country(data: DoorData) -> tuple[str, str] | None:
    """A country code that ISO 3166 does not have."""
    for part in NAMING:
        code = getattr(getattr(data, part, None), "country", None)
        if code is not None and resolve(code) is None:
            return "country_unknown", f"/data/{part}/country"
    return None


def wrong_identifier(data: DoorData) -> tuple[str, str] | None:
    """An id that its scheme cannot have issued."""
    for part in NAMING:
        party = getattr(data, part, None)
        identifiers = getattr(party, "identifiers", None)
        given = identifiers.model_dump(exclude_none=True) if identifiers is not None else {}
        if problem := problem_of(given, getattr(party, "country", None)):
            field, code = problem
            return code, f"/data/{part}/identifiers/{field}"
    return None


def unreadable_name(data: DoorData) -> tuple[str, str] | None:
    """A name without a letter or digit: nobody could tell such a supplier or site from another."""
    for part in NAMING:
        name = getattr(getattr(data, part, None), "name", None)
        if name is not None and not is_readable(name):
            return "name_unreadable", f"/data/{part}/name"
    return None


def is_readable(name: str) -> bool:
    """Whether a name holds a letter or digit that can be seen."""
    return any(letter.isalnum() and letter not in BLANK_LETTERS for letter in name)
