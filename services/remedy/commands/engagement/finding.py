"""What a person means by an id, or its beginning; and the words and days that entries take."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Annotated, Any
from uuid import UUID

import typer

from services.remedy.commands.options import path_safe
from shared.client import CommandError, call
from shared.events.vocabulary import CATEGORY_OF_INSTRUMENT, Category, Instrument
from shared.events.words import OpenEnum

SHORTEST = 4
"""Letters of an id from which on it is looked for."""
FITTING = 10
"""Engagements that are named where several begin so."""
OF_AN_ID = r"[0-9a-f-]{1,36}"
Engagement = Annotated[
    str, typer.Argument(metavar="ID", help="The engagement's id as in 'engage board', or enough of its beginning.")
]
Because = Annotated[str | None, typer.Option("--because", "--why", help="Why, in a sentence.")]
On = Annotated[
    str | None, typer.Option("--on", metavar="DAY", help="The day it happened, such as 2026-01-15; today unless given.")
]
Sites = Annotated[list[UUID] | None, typer.Option("--site", help="A site that it is about. Repeatable.")]
Clause = Annotated[
    tuple[str, str, str] | None,
    typer.Option(
        "--clause",
        metavar="CONDITIONS EDITION CLAUSE",
        help="The clause that it is coded by, such as: --clause 'Example code of conduct' 4.1 A7",
    ),
]


def one_of(vocabulary: type[OpenEnum]) -> Callable[[str | None], str | None]:
    """Lets only the words of a vocabulary through, with - for _; the error otherwise lists them."""
    known = {one.value.casefold(): one.value for one in vocabulary if one.name != "OTHER"}

    def checked(given: str | None) -> str | None:
        if given is None:
            return None
        if (word := known.get(given.casefold().replace("-", "_"))) is None:
            raise typer.BadParameter(f"It is one of {', '.join(known.values())}.")
        return word

    return checked


def words_of(vocabulary: type[OpenEnum]) -> str:
    """The words of a vocabulary, for a help text."""
    return ", ".join(one.value for one in vocabulary if one.name != "OTHER") + "."


def some_of(vocabulary: type[OpenEnum]) -> Callable[[list[str] | None], list[str]]:
    """As `one_of`, for an option that may be given several times."""
    checked = one_of(vocabulary)
    return lambda given: [word for one in given or () if (word := checked(one)) is not None]


About = Annotated[
    str | None, typer.Option("--category", callback=one_of(Category), help="Which of the five ILO categories.")
]
Instruments = Annotated[
    list[str] | None,
    typer.Option(
        "--instrument", callback=some_of(Instrument), help="A fundamental instrument, such as C087. Repeatable."
    ),
]


def category_of(given: str | None, instruments: list[str] | None, otherwise: str | None = None) -> str:
    """The category that was given, else that of the first instrument, else another. Raises CommandError without any."""
    if given is None and instruments:
        given = CATEGORY_OF_INSTRUMENT[Instrument(instruments[0])].value
    if given is None and otherwise is None:
        raise CommandError("Say what it is about: --category, or --instrument.")
    return given or str(otherwise)


def day_of(given: str | None) -> str:
    """A day as it is sent; today (UTC) unless given. Raises CommandError for what is no day."""
    return datetime.now(UTC).date().isoformat() if given is None else checked_day(given)


def checked_day(given: str) -> str:
    """A day as it is sent. Raises CommandError for what is no day."""
    try:
        return date.fromisoformat(given).isoformat()
    except ValueError:
        raise CommandError("A day (--on, --due, --cure-until) is one that there is, written as 2026-01-15.") from None


def clause_of(given: tuple[str, str, str] | None) -> dict[str, str] | None:
    """A clause as it is sent."""
    return None if given is None else dict(zip(("conditions", "edition", "clause"), given, strict=True))


def texts(ids: list[UUID] | None) -> list[str]:
    """Ids as they are sent."""
    return [str(one) for one in ids or ()]


def engagement_of(wanted: str, key: str, query: Mapping[str, str] | None = None) -> dict[str, Any]:
    """An engagement that the holder of a key may read, by its id or a beginning that only one has.

    `query` is added to what is asked. Raises CommandError where there is none, or where several begin so.
    """
    try:
        named = str(UUID(wanted))
    except ValueError:
        named = by_beginning(path_safe(wanted).casefold(), key, query)
    found: dict[str, Any] = call("remedy", "GET", f"/engagements/{named}", key, params=query)
    return found


def by_beginning(beginning: str, key: str, query: Mapping[str, str] | None = None) -> str:
    """The one id that begins so. Raises CommandError otherwise."""
    if len(beginning) < SHORTEST:
        raise CommandError(f"Give the engagement's id, or at least {SHORTEST} letters of its beginning.")
    fitting = that_begin(beginning, key, query)
    if len(fitting) == 1:
        return fitting[0]
    if not fitting:
        raise CommandError("You see no engagement whose id begins so: 'engage board' shows those that you see.")
    raise CommandError("\n".join(["Several engagements begin so; give more of one:", *(f"  {one}" for one in fitting)]))


def that_begin(beginning: str, key: str, query: Mapping[str, str] | None = None) -> list[str]:
    """The first ids that begin so, of engagements that the holder of a key may read."""
    if not re.fullmatch(OF_AN_ID, beginning):
        return []
    page = call("remedy", "GET", "/engagements", key, params={**(query or {}), "prefix": beginning, "limit": FITTING})
    return [one["engagement"] for one in page["items"]]


def named_by(engagement: dict[str, Any]) -> dict[str, Any]:
    """What every entry names of an engagement that is known."""
    return {name: engagement[name] for name in ("workinggroup", "engagement", "supplier")}


def part_of(engagement: dict[str, Any], parts: str, wanted: str | None) -> str | None:
    """The id of an ask, commitment, consultation or step of the ladder of an engagement, by its id or its beginning.

    An id that the engagement does not show is sent as it is: what is unknown is refused where entries are judged.
    Raises CommandError where a beginning fits none or several.
    """
    if wanted is None:
        return None
    try:
        return str(UUID(wanted))
    except ValueError:
        fitting = [one["id"] for one in engagement[parts] if one["id"].startswith(wanted.casefold())]
    if len(fitting) == 1:
        return str(fitting[0])
    begin = "Several" if fitting else "None"
    raise CommandError(f"{begin} of this engagement's {parts} begin so: 'engage engagement show' has the ids.")


def parts_of(engagement: dict[str, Any], parts: str, wanted: list[str] | None) -> list[str]:
    """As `part_of`, for several."""
    return [found for one in wanted or () if (found := part_of(engagement, parts, one)) is not None]
