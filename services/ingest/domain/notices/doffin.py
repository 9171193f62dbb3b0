"""Doffin's notices as its search exports them in JSON: announced, with no supplier yet.

An organisation number is an integer, a text with blanks, or missing; a description is a text or a list, and is not
read. Nothing in these files tells a framework agreement apart: the level is unknown, not guessed from a title.
"""

from datetime import UTC, datetime, time
from typing import Any

from services.ingest.domain.notices.notice import (
    LONGEST_NAME,
    Notice,
    Notices,
    Unusable,
    clean,
    day,
    digest,
    label,
    number,
)
from shared.events.vocabulary import ContractLevel

ANNOUNCING = frozenset({"F01", "F02", "F04", "F05", "F12", "F21", "F22", "F24"})
"""TED's standard forms that announce: prior information, contract, design contest, social and concession notices."""


def is_doffin(parsed: Any) -> bool:
    """Whether this is a list of Doffin's notices, by the names of their fields."""
    return isinstance(parsed, list) and any(
        isinstance(one, dict) and "oppdragsgiver" in one and "tittel" in one for one in parsed[:20]
    )


def read_doffin(parsed: list[Any], most: int) -> Notices:
    """Each notice of the list, announced for its buyer. Raises FileInvalid where these are more than `most`."""
    notices = Notices("doffin", most)
    for position, one in enumerate(parsed):
        row, place = position + 1, f"/{position}"
        try:
            notices.add(read_one(one, row, place))
        except Unusable as error:
            notices.add(Notice(row, place, problem=error.problem))
    return notices


def read_one(one: Any, row: int, place: str) -> Notice:
    """One notice. Raises Unusable."""
    if not isinstance(one, dict):
        raise Unusable("shape_invalid")
    if text_of(one, "form") not in ANNOUNCING:
        raise Unusable("form_unsupported", "form")
    try:
        published = day(text_of(one, "kunngjoringsdato"))
    except Unusable:
        raise Unusable("date_invalid", "kunngjoringsdato") from None
    title, buyer = text_of(one, "tittel"), number(text_of(one, "orgnr"))
    named = buyer or text_of(one, "oppdragsgiver")
    if named is None:
        raise Unusable("buyer_missing", "oppdragsgiver")
    reference = reference_of(published.isoformat(), named, title or "")
    data = {"reference": reference, "level": ContractLevel.UNKNOWN.value, "notice": reference}
    if title is not None:
        data["title"] = clean(title, LONGEST_NAME) or title
    said = datetime.combine(published, time(), UTC)
    return Notice(row, place, reference, said, contract=data, buyers=(buyer,) if buyer else ())


def reference_of(published: str, buyer: str, title: str) -> str:
    """The notice has no id of its own here: day, buyer and title are what stays the same of it."""
    return label("Doffin", published, buyer if buyer.isdigit() else "", digest([published, buyer, title])[:8])


def text_of(one: dict[str, Any], name: str) -> str | None:
    """A field that holds a text or a whole number, on one line."""
    value = one.get(name)
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return None
    return clean(str(value))
