"""What `risk` does with the events it consumes, and the one path by which sites are assessed."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from uuid import UUID

from services.risk.domain.assessment import assess, entity_lookups, goods_keys
from services.risk.domain.changes import Change, Standing, change, events_of
from services.risk.domain.flags import Ranking, open_flag
from services.risk.domain.model import Model
from services.risk.domain.sites import Told, site_of
from services.risk.settings import RiskSettings, current_model
from services.risk.store import facts, sites
from services.risk.store.sites import Disclosure
from shared.consumer import Handler, consumes
from shared.events.envelope import Classification, Event
from shared.events.ingest import DisclosureAccepted, DisclosureRetired, FlagReported, FlagWithdrawn
from shared.events.lifecycles import FlagState, IndicatorEnd
from shared.events.risk import FlagMoved
from shared.postgres import Connection

SOURCE = "/engage/risk"


def build(settings: Callable[[], RiskSettings]) -> tuple[Handler, ...]:
    """The handlers of `risk`; `settings` is asked at the first flag."""

    @consumes("members.report")
    async def open_flags(batch: Sequence[Event], tx: Connection) -> list[Event]:
        """Open a flag for each report that is not known yet, and close that of each that was taken back."""
        ranking = Ranking(settings().serious_from, settings().likelihood_unknown)
        return await open_reported_flags(batch, tx, ranking) + await close_withdrawn_flags(batch, tx)

    return assess_disclosures, open_flags


@consumes("members.disclosure")
async def assess_disclosures(batch: Sequence[Event], tx: Connection) -> list[Event]:
    """Assess every site that the batch's disclosures name or no longer name, by its disclosures as they are now."""
    newest = {
        event.data.disclosure: event
        for event in batch
        if isinstance(event.data, DisclosureAccepted | DisclosureRetired)
    }
    if not newest:
        return []
    told = [one for event in newest.values() if (one := disclosure_of(event)) is not None]
    retired = newest.keys() - {one.disclosure for one in told}
    before = await sites.sites_of(tx, list(newest))
    causes = {before[key]: event for key, event in newest.items() if key in before}
    causes |= {one.site: newest[one.disclosure] for one in told}
    await facts.hold(tx)
    await sites.lock(tx, causes)
    if told:
        await sites.write_disclosures(tx, told)
    if retired:
        await sites.retire_disclosures(tx, list(retired))
    at = max(recorded(event) for event in newest.values())
    changes = await reassess(tx, list(causes), at, IndicatorEnd.SITE_CORRECTED, current_model())
    return [event for one in changes for event in consequences(causes[one.standing.site], one)]


def disclosure_of(event: Event) -> Disclosure | None:
    """What an event tells of a site; None where it retires a disclosure or names no site."""
    data = event.data
    if not isinstance(data, DisclosureAccepted) or data.site is None:
        return None
    return Disclosure(
        disclosure=data.disclosure,
        site=data.site,
        supplier=data.supplier,
        supplier_name=data.supplier_name,
        site_name=data.site_name,
        country=data.country,
        sector=data.facts.sector if data.facts else None,
        recorded_at=recorded(event),
    )


def recorded(event: Event) -> datetime:
    """When Engage accepted an event."""
    return event.recordedtime or event.time


def consequences(cause: Event, change: Change) -> Iterable[Event]:
    """The events that follow from a change of a site, keyed by the site."""
    for data in events_of(change):
        subject = str(change.standing.site)
        yield Event.caused_by(cause, data, source=SOURCE, subject=subject, classification=Classification.MEMBERS)


async def reassess(
    tx: Connection, touched: Sequence[UUID], at: datetime, ended: IndicatorEnd, model: Model
) -> list[Change]:
    """Assess sites by the lists in force and keep the result; the changes, some of which may hold nothing new.

    The caller has locked the sites and holds the facts. `ended` is why an indicator that is no longer found ends.
    """
    told: dict[UUID, list[Told]] = {site: [] for site in touched}
    for one in await sites.read_told(tx, touched):
        told[one.site].append(one)
    described = {site: site_of(rows) for site, rows in told.items() if rows}
    lists = await facts.read_lists(
        tx,
        {key for site in described.values() for key in goods_keys(site, model)},
        {key for site in described.values() for key in entity_lookups(site)},
    )
    found = {key: assess(site, lists, model) for key, site in described.items()}
    before = await sites.read_standings(tx, touched)
    changes = [change(before.get(k, Standing(k)), described.get(k), found.get(k), ended) for k in touched]
    await sites.save(tx, changes, model.version, at)
    return changes


async def open_reported_flags(batch: Sequence[Event], tx: Connection, ranking: Ranking) -> list[Event]:
    """Open a flag for each report in the batch that is not known yet; the same report twice is one flag."""
    reports: dict[UUID, tuple[Event, FlagReported]] = {}
    for event in batch:
        if isinstance(event.data, FlagReported):
            reports.setdefault(event.data.report, (event, event.data))
    if not reports:
        return []
    flags = {key: open_flag(report, ranking) for key, (_, report) in reports.items()}
    new = await sites.open_flags(tx, {key: (flag, recorded(reports[key][0])) for key, flag in flags.items()})
    return [
        Event.caused_by(
            reports[key][0],
            flag,
            source=SOURCE,
            subject=str(flag.site or flag.supplier),
            classification=Classification.MEMBERS,
        )
        for key, flag in flags.items()
        if key in new
    ]


async def close_withdrawn_flags(batch: Sequence[Event], tx: Connection) -> list[Event]:
    """Close the flag of each report that its sender took back; a flag that is closed already stays as it is."""
    withdrawn = {event.data.report: event for event in batch if isinstance(event.data, FlagWithdrawn)}
    if not withdrawn:
        return []
    events: list[Event] = []
    for row in await sites.close_flags(tx, withdrawn):
        moved = FlagMoved(
            flag=row["flag"],
            supplier=row["supplier"],
            site=row["site"],
            before=row["before"],
            after=FlagState.CLOSED,
            reason="report_withdrawn",
        )
        cause, subject = withdrawn[row["flag"]], str(row["site"] or row["supplier"])
        events.append(
            Event.caused_by(cause, moved, source=SOURCE, subject=subject, classification=Classification.MEMBERS)
        )
    return events
