"""Flags: which reports are one concern, and how it stands."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from uuid import UUID

from asyncpg import Record

from services.risk.domain.flags import Entry, FlagStanding, Ranking, Terms, clock_of, flag_of, fold
from services.risk.domain.flags.changes import Place, Published, Told, changes, gone
from services.risk.domain.flags.clocks import basis_of
from services.risk.news import Cause
from services.risk.settings import RiskSettings
from services.risk.store import reports, standings
from services.risk.store.reports import Placing
from services.risk.store.standings import Kept
from services.risk.touched import Touched
from shared.events.envelope import Event
from shared.events.lifecycles import CauseKind, FlagClock
from shared.events.risk import FlagOverdue
from shared.events.vocabulary import Category
from shared.postgres import Connection

Last = Mapping[UUID, tuple[Place, Published]]
"""What was last published of flags."""


async def regroup(tx: Connection, touched: Touched, settings: RiskSettings) -> list[Event]:
    """Reckon the flags anew that hold touched reports, or reports of touched sites and suppliers, and publish changes.

    Adds to `touched` the flags that changed, and their sites or suppliers.
    """
    if not (touched.reports or touched.sites or touched.suppliers):
        return []
    rows = await reports.to_be_placed(tx, touched.reports.keys(), touched.sites.keys(), touched.suppliers.keys())
    if not rows:
        return []
    placings = [placing_of(row) for row in rows]
    await reports.place(tx, placings)
    causes = causes_of(rows, placings, touched)
    entries = await reports.read_entries(tx, causes)
    last = await standings.read_published(tx, causes)
    kept = {flag: kept_of(flag, standing, settings) for flag, standing in standing_of(entries, ranking_of(settings))}
    merged = {was: now for was, now in gone_to(rows, placings).items() if was in last and was not in kept}
    await standings.write(tx, list(kept.values()), ranking_of(settings))
    await standings.mark_merged(tx, merged)
    touch(touched, [one.place for one in kept.values()] + [place for place, _ in last.values()], causes)
    return [
        own_cause(one, touched, causes[place.flag]).news(one.data, place.subject)
        for place, one in told(kept, merged, last, ranking_of(settings))
    ]


async def fire_overdue(tx: Connection, at: datetime, most: int, settings: RiskSettings) -> list[Event]:
    """Tell once of each clock that has run out before the day (UTC) of `at`; at most so many.

    The caller has taken the turn; `at` is the database's clock.
    """
    cause, terms = Cause(CauseKind.OTHER, at), terms_of(settings)
    events = []
    for row in await standings.fire_overdue(tx, at.astimezone(UTC).date(), most):
        clock = FlagClock(row["clock"])
        overdue = FlagOverdue(
            flag=row["flag"],
            supplier=row["supplier"],
            site=row["site"],
            category=row["category"],
            clock=clock,
            due=row["due"],
            basis=basis_of(clock, terms),
        )
        events.append(cause.news(overdue, row["site"] or row["supplier"]))
    return events


def ranking_of(settings: RiskSettings) -> Ranking:
    """What orders flags, as set."""
    return Ranking(settings.serious_from, settings.unknown_grade)


def terms_of(settings: RiskSettings) -> Terms:
    """The days that clocks give, as set."""
    return Terms(settings.triage_days, settings.response_days, response_basis=settings.response_basis)


def placing_of(row: Record) -> Placing:
    """Where a report belongs by the ids of today."""
    place = row["place_now"]
    return Placing(row["report"], flag_of(place, Category(row["category"])), place, row["holder_now"])


def causes_of(rows: Sequence[Record], placings: Sequence[Placing], touched: Touched) -> dict[UUID, Cause]:
    """The flags to reckon anew, those that held the reports and those that hold them now, each with the last cause."""
    causes: dict[UUID, Cause] = {}
    for row, placing in zip(rows, placings, strict=True):
        cause = cause_of(row, touched)
        for flag in (row["flag"], placing.flag):
            if flag is not None and (flag not in causes or causes[flag].at <= cause.at):
                causes[flag] = cause
    return causes


def cause_of(row: Record, touched: Touched) -> Cause:
    """Why a report is looked at: itself, else its site, else its supplier, by any id; else the last of all causes."""
    if (cause := touched.reports.get(row["report"])) is not None:
        return cause
    for kind, names in (
        (touched.sites, ("site", "place_now", "place")),
        (touched.suppliers, ("supplier", "holder_now", "holder")),
    ):
        for name in names:
            if (cause := kind.get(row[name])) is not None:
                return cause
    return max((*touched.sites.values(), *touched.suppliers.values()), key=lambda one: one.at)


def own_cause(one: Told, touched: Touched, otherwise: Cause) -> Cause:
    """Why something is told: the report by which it came where that is touched, else the cause given."""
    return otherwise if one.report is None else touched.reports.get(one.report, otherwise)


def standing_of(entries: Mapping[UUID, Sequence[Entry]], ranking: Ranking) -> Iterator[tuple[UUID, FlagStanding]]:
    """How each flag stands, in the order of their ids."""
    for flag in sorted(entries):
        if (standing := fold(entries[flag], ranking)) is not None:
            yield flag, standing


def kept_of(flag: UUID, standing: FlagStanding, settings: RiskSettings) -> Kept:
    """A flag as it is kept, named after its leading report."""
    leading = standing.leading
    place = Place(flag, leading.supplier, leading.site, leading.said.category)
    return Kept(place, standing, clock_of(standing, terms_of(settings)))


def gone_to(rows: Sequence[Record], placings: Sequence[Placing]) -> dict[UUID, UUID]:
    """Where the oldest report of each flag went that has left it."""
    into: dict[UUID, UUID] = {}
    for row, placing in zip(rows, placings, strict=True):
        if row["flag"] is not None and row["flag"] != placing.flag:
            into.setdefault(row["flag"], placing.flag)
    return into


def told(
    kept: Mapping[UUID, Kept], merged: Mapping[UUID, UUID], last: Last, ranking: Ranking
) -> Iterator[tuple[Place, Told]]:
    """What is to be published: of flags that others have taken the place of, then of those that stand."""
    for flag, into in sorted(merged.items()):
        place, published = last[flag]
        yield place, gone(place, published, into)
    for flag, one in kept.items():
        published_before = last[flag][1] if flag in last else None
        yield from ((one.place, each) for each in changes(one.place, one.standing, published_before, ranking))


def touch(touched: Touched, places: Sequence[Place], causes: Mapping[UUID, Cause]) -> None:
    """Note which flags changed, and where."""
    for place in places:
        cause = causes[place.flag]
        touched.touch(touched.flags, [place.flag], cause)
        if place.site is not None:
            touched.touch(touched.sites, [place.site], cause)
        else:
            touched.touch(touched.suppliers, [place.supplier], cause)
