"""What is new between what was last published of a flag and how it stands now: only that is published."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from services.risk.domain.flags.entries import Reported
from services.risk.domain.flags.ranking import Ranking
from services.risk.domain.flags.standing import FlagStanding, Step, gravest
from shared.events.envelope import EventData
from shared.events.lifecycles import FlagReason, FlagState
from shared.events.risk import FlagEvidenceAdded, FlagMoved, FlagOpened, FollowUpRefused
from shared.events.values import SeverityParts
from shared.events.vocabulary import Category


@dataclass(frozen=True, slots=True)
class Place:
    """What a flag is about, by the ids of today."""

    flag: UUID
    supplier: UUID
    site: UUID | None
    category: Category

    @property
    def subject(self) -> UUID:
        """The key of its events: the site, else the supplier."""
        return self.site or self.supplier


@dataclass(frozen=True, slots=True)
class Published:
    """What was last published of a flag. `merged_into`: its reports had gone to another one."""

    state: FlagState
    reports: frozenset[UUID]
    steps: tuple[str, ...]
    refused: frozenset[UUID]
    merged_into: UUID | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """Something to publish, and the report by which it came; by none where a flag gives way to another, or returns."""

    data: EventData
    report: UUID | None = None


def changes(place: Place, now: FlagStanding, last: Published | None, ranking: Ranking) -> Iterator[Told]:
    """What to publish of a flag that holds reports: its opening or return, new evidence, steps, refused steps."""
    if last is None:
        opener = now.reports[0]
        yield Told(opened(place, opener, ranking), opener.id)
        last = Published(FlagState.RAISED, frozenset({opener.id}), (), frozenset())
    yield from evidence(place, now, last, ranking)
    yield from moves(place, now, last)
    for refused in now.refused:
        if refused.entry not in last.refused:
            data = FollowUpRefused(
                entry=refused.entry,
                flag=place.flag,
                supplier=place.supplier,
                site=place.site,
                wanted=refused.wanted,
                standing=refused.standing,
                refusal=refused.refusal,
            )
            yield Told(data, refused.report)


def gone(place: Place, last: Published, into: UUID) -> Told:
    """What to publish of a flag all of whose reports have gone to another one."""
    return Told(moved(place, last.state, FlagState.CLOSED, reason=FlagReason.MERGED, into=into))


def opened(place: Place, report: Reported, ranking: Ranking) -> FlagOpened:
    """The opening of a flag by its first report."""
    said = report.said
    return FlagOpened(
        flag=place.flag,
        report=said.report,
        supplier=place.supplier,
        supplier_name=said.supplier_name,
        site=place.site,
        site_name=said.site_name,
        country=said.country,
        category=place.category,
        source_class=said.source_class,
        parts=said.severity,
        severity=said.severity.severity,
        priority=ranking.priority(said.severity),
        serious=ranking.is_serious(said.severity),
        instruments=said.instruments,
        indicators=said.indicators,
        clause=said.clause,
        workers_affected=said.workers_affected,
        headline=said.headline,
        evidence=said.evidence,
    )


def evidence(place: Place, now: FlagStanding, last: Published, ranking: Ranking) -> Iterator[Told]:
    """Each further report that stands, with the grades of the flag from it on."""
    known = [one.parts for one in now.standing_reports if one.id in last.reports]
    parts, reports = gravest(known) if known else None, len(known)
    for report in now.standing_reports:
        if report.id not in last.reports:
            before, reports = parts, reports + 1
            parts = gravest((before, report.parts)) if before else report.parts
            yield Told(added(place, report, before, parts, reports, ranking), report.id)


def added(
    place: Place, report: Reported, before: SeverityParts | None, parts: SeverityParts, reports: int, ranking: Ranking
) -> FlagEvidenceAdded:
    """A further report. `parts` are the flag's with it, `before` those without; `reports` stand with it."""
    said, was_serious = report.said, before is not None and ranking.is_serious(before)
    return FlagEvidenceAdded(
        flag=place.flag,
        report=said.report,
        supplier=place.supplier,
        supplier_name=said.supplier_name,
        site=place.site,
        site_name=said.site_name,
        country=said.country,
        category=place.category,
        source_class=said.source_class,
        parts=parts,
        severity=parts.severity,
        priority=ranking.priority(parts),
        serious=ranking.is_serious(parts),
        made_serious=ranking.is_serious(parts) and not was_serious,
        reports=reports,
        instruments=said.instruments,
        headline=said.headline,
        evidence=said.evidence,
    )


def moves(place: Place, now: FlagStanding, last: Published) -> Iterator[Told]:
    """Each new step. Where what came late changes earlier ones, one move from what was published to what holds.

    A flag that comes back because its site is its own again is reopened first.
    """
    state = last.state
    if last.merged_into is not None:
        yield Told(moved(place, FlagState.CLOSED, FlagState.REOPENED, reason=FlagReason.OTHER))
        state = FlagState.REOPENED
    elif tuple(step.key for step in now.steps[: len(last.steps)]) == last.steps:
        for step in now.steps[len(last.steps) :]:
            yield Told(stepped(place, step, step.before), step.report)
        return
    if state is not now.state:
        final = now.steps[-1] if now.steps else None
        if final is not None and final.key not in last.steps:
            yield Told(stepped(place, final, state), final.report)
        else:
            yield Told(moved(place, state, now.state))


def stepped(place: Place, step: Step, before: FlagState) -> FlagMoved:
    """The move that a step is, from the state that was published last."""
    data = moved(place, before, step.after, reason=step.reason)
    return data.model_copy(update={"basis": step.basis, "entry": step.entry})


def moved(
    place: Place,
    before: FlagState,
    after: FlagState,
    *,
    reason: FlagReason | None = None,
    into: UUID | None = None,
) -> FlagMoved:
    """A flag went from one state to another."""
    return FlagMoved(
        flag=place.flag,
        supplier=place.supplier,
        site=place.site,
        before=before,
        after=after,
        reason=reason,
        into=into,
    )
