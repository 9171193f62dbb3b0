"""Disclosures as `ingest` tells them, to all members and to each: what they say of sites, and since when."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from services.risk.domain import spans
from services.risk.domain.model import sectors_in
from services.risk.domain.sites import Claim, MineralUse
from services.risk.domain.spans import Span
from services.risk.news import Cause
from services.risk.store import disclosures, exposure, registry
from services.risk.store.disclosures import Kept, Key, Saying
from services.risk.store.exposure import LinkTold
from services.risk.touched import Touched
from shared.events.envelope import Event
from shared.events.ingest import DisclosureAccepted, DisclosureLinked, DisclosureRetired, DisclosureUnlinked
from shared.events.lifecycles import CauseKind
from shared.events.values import SiteFacts, SupplyLink
from shared.events.vocabulary import MemberKind, Obtained, SourceClass
from shared.postgres import Connection


@dataclass(slots=True)
class Course:
    """What a batch tells of one disclosure to one audience: the newest word, and what follows for its time."""

    cause: Cause
    span: Span | None
    said: DisclosureAccepted | None = None


async def record_disclosures(tx: Connection, batch: Sequence[Event]) -> Touched:
    """Write down what a batch of disclosures says to its audience: all members, or the member of each event.

    Touched are the sites that disclosures name or named, and the contracts to which they belong. A supplier is touched
    where a disclosure moved to it from another. What comes for a member that has left is passed over.
    """
    touched = Touched()
    readers = {one.member for one in batch if one.member is not None}
    here = {None, *(await registry.still_here(tx, readers) if readers else ())}
    batch = [one for one in batch if one.member in here]
    told = [one for one in batch if isinstance(one.data, DisclosureAccepted | DisclosureRetired)]
    if told:
        kept = await disclosures.read_kept(tx, sorted({key_of(one) for one in told}))
        courses = follow(told, kept)
        touch(courses, kept, touched)
        await write(tx, courses)
    await record_links(tx, batch, touched)
    return touched


def key_of(event: Event) -> Key:
    """The disclosure that an event is about, and its audience."""
    assert isinstance(event.data, DisclosureAccepted | DisclosureRetired)
    return event.data.disclosure, event.member or ""


def follow(told: Iterable[Event], kept: Mapping[Key, Kept]) -> dict[Key, Course]:
    """What these events tell of each disclosure to each audience, beyond what is kept of it."""
    courses: dict[Key, Course] = {}
    for event in told:
        cause, key, data = Cause.of(CauseKind.DISCLOSURE, event), key_of(event), event.data
        known = kept.get(key)
        course = courses.setdefault(key, Course(cause, known.span if known else None))
        course.cause = cause
        if isinstance(data, DisclosureAccepted):
            course.span = spans.told(course.span, cause.at)
            course.said = data if course.span.recorded_at == cause.at else course.said
        else:
            course.span = spans.ended(course.span, cause.at)
    return courses


def touch(courses: Mapping[Key, Course], kept: Mapping[Key, Kept], touched: Touched) -> None:
    """Touch the sites that disclosures name now or named before, and the suppliers where that has changed."""
    for key, course in courses.items():
        former, data = kept.get(key), course.said
        sites = (former.site if former else None, data.site if data else None)
        touched.touch(touched.sites, sites, course.cause)
        if former is not None and data is not None and former.supplier != data.supplier:
            touched.touch(touched.suppliers, [former.supplier, data.supplier], course.cause)


async def write(tx: Connection, courses: Mapping[Key, Course]) -> None:
    """Write down what disclosures say, since when, and which have ended."""
    said = [
        saying(audience, course.said, course.span)
        for (_, audience), course in courses.items()
        if course.said is not None and course.span is not None
    ]
    if said:
        await registry.add_stubs(tx, sites=(one.site for one in said), suppliers=(one.supplier for one in said))
        await disclosures.write(tx, said)
    if lasting := {key: one.span for key, one in courses.items() if one.said is None and one.span is not None}:
        await disclosures.write_spans(tx, lasting)


def saying(audience: str, data: DisclosureAccepted, span: Span) -> Saying:
    """What a disclosure says, as it is kept."""
    link = data.link or SupplyLink()
    return Saying(
        disclosure=data.disclosure,
        audience=audience,
        site=data.site,
        supplier=data.supplier,
        supplier_name=data.supplier_name,
        site_name=data.site_name,
        country=data.country,
        sectors=sectors_of(data.facts),
        claim=claim_of(data),
        mineral=mineral_of(data),
        product=product_of(data),
        component=data.component,
        tier=data.tier.value,
        span=span,
        begins=link.valid_from or data.effective or data.period_start,
        ends=day_after(link.valid_to),
    )


def day_after(day: date | None) -> date | None:
    """The first day on which something no longer holds that holds until this day, inclusive."""
    return None if day is None else day + timedelta(days=1)


def sectors_of(facts: SiteFacts | None) -> tuple[str, ...]:
    """What a site makes or does, as the disclosure words it, several of which may stand in one text."""
    if facts is None:
        return ()
    words = (facts.sector, *facts.product_types, *facts.processing_types)
    return tuple(sorted(frozenset[str]().union(*map(sectors_in, words))))


def claim_of(data: DisclosureAccepted) -> Claim | None:
    """What a disclosure says of how workers are represented and heard; None where it says nothing of it."""
    facts = data.facts
    if facts is None:
        return None
    claim = Claim(source_of(data), facts.representation, facts.collective_agreement, tuple(facts.grievance_mechanisms))
    return None if claim == Claim(claim.source) else claim


def source_of(data: DisclosureAccepted) -> SourceClass:
    """Whose word it is what a disclosure says of a site. The rule is ours.

    A monitoring partner speaks for itself. Otherwise it is the word of whoever the sender has it from and, where it
    does not say, the supplier's: buyers pass on what suppliers tell them of their sites.
    """
    if data.contributor is MemberKind.PARTNER:
        return SourceClass.MONITORING_PARTNER
    match data.link.obtained if data.link else None:
        case Obtained.MONITORING_PARTNER:
            return SourceClass.MONITORING_PARTNER
        case Obtained.PUBLIC_LIST:
            return SourceClass.PUBLIC
    return SourceClass.SUPPLIER


def mineral_of(data: DisclosureAccepted) -> MineralUse | None:
    """The mineral that a disclosure declares for its site."""
    told = data.mineral
    if told is None:
        return None
    return MineralUse(told.mineral.value, told.from_conflict_affected_area, told.recycled_only)


def product_of(data: DisclosureAccepted) -> str | None:
    """The product that a site works for: its maker and, where that is told, its model."""
    if data.product is None:
        return None
    return " ".join(part for part in (data.product.manufacturer, data.product.model) if part)


async def record_links(tx: Connection, batch: Sequence[Event], touched: Touched) -> None:
    """Write down which disclosures belong to a contract of the reader, and which no longer do."""
    told: list[LinkTold] = []
    for event in batch:
        data = event.data
        if not isinstance(data, DisclosureLinked | DisclosureUnlinked) or event.member is None:
            continue
        cause = Cause.of(CauseKind.DISCLOSURE, event)
        holds = isinstance(data, DisclosureLinked)
        told.append(LinkTold(data.disclosure, data.contract, event.member, cause.at, holds))
        touched.contracts[data.contract, event.member] = cause
    if told:
        await exposure.write_links(tx, told)
