"""The life of a flag: how it stands follows from its entries alone, in whatever order they came to be known."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import IntEnum
from typing import TypeVar
from uuid import UUID

from services.risk.domain.flags.entries import Entry, FollowedUp, Replied, Reported
from services.risk.domain.flags.ranking import Ranking
from services.risk.domain.flags.rules import ENDED, Course, refusal_of
from services.risk.domain.flags.standing import FlagStanding, RefusedStep, Step
from shared.events.lifecycles import FlagReason, FlagState
from shared.events.vocabulary import SourceClass

One = TypeVar("One", Reported, FollowedUp, Replied)


def fold(entries: Iterable[Entry], ranking: Ranking) -> FlagStanding | None:
    """How a flag stands by these entries, in any order; None where there is no report among them.

    `ranking` says which reports are serious.

    Reports open it. A new report on a flag that was dismissed or closed reopens it; when its last report is taken back
    it closes. All else is up to members: several sources are several pieces of evidence, and move nothing by
    themselves, so that nothing is confirmed, or taken for looked at, that no person has looked at.
    """
    known = list(entries)
    reports = in_order([one for one in known if isinstance(one, Reported)])
    if not reports:
        return None
    follow_ups = [one for one in known if isinstance(one, FollowedUp) and one.withdrawn_at is None]
    replies = [one for one in known if isinstance(one, Replied) and one.withdrawn_at is None]
    life = Life(ranking)
    for _, act, _, entry in sorted(acts(reports, follow_ups), key=lambda one: one[:3]):
        life.live(act, entry)
    return FlagStanding(life.state, reports, in_order(replies), tuple(life.steps), tuple(life.refused))


def before(entries: Iterable[Entry], moment: datetime) -> list[Entry]:
    """What was known before a moment."""
    return [
        replace(one, withdrawn_at=None) if one.withdrawn_at is not None and one.withdrawn_at >= moment else one
        for one in entries
        if one.at < moment
    ]


def in_order(entries: Iterable[One]) -> tuple[One, ...]:
    """Entries of one kind in the order of recording; of one moment, by id."""
    return tuple(sorted(entries, key=lambda one: (one.at, one.id)))


class Act(IntEnum):
    """What happens to a flag; of one moment, in this order."""

    HEARD = 0
    FOLLOWED_UP = 1
    TAKEN_BACK = 2


Happening = tuple[datetime, Act, UUID, Reported | FollowedUp]


def acts(reports: Sequence[Reported], follow_ups: Sequence[FollowedUp]) -> list[Happening]:
    """What happens to a flag. A report that was taken back did stand until then."""
    heard: list[Happening] = [(one.at, Act.HEARD, one.id, one) for one in reports]
    heard += [(one.at, Act.FOLLOWED_UP, one.id, one) for one in follow_ups]
    return heard + [
        (max(one.at, one.withdrawn_at), Act.TAKEN_BACK, one.id, one) for one in reports if one.withdrawn_at is not None
    ]


@dataclass(slots=True)
class Life:
    """A flag while it is lived through. `heard` are the reports that stand, `serious` those of them that are."""

    ranking: Ranking
    state: FlagState = FlagState.RAISED
    steps: list[Step] = field(default_factory=list)
    refused: list[RefusedStep] = field(default_factory=list)
    heard: set[UUID] = field(default_factory=set)
    serious: set[UUID] = field(default_factory=set)
    implementer: str | None = None

    def live(self, act: Act, entry: Reported | FollowedUp) -> None:
        """Let it happen."""
        if isinstance(entry, FollowedUp):
            self.follow_up(entry)
        elif act is Act.HEARD:
            self.hear(entry)
        else:
            self.take_back(entry)

    def hear(self, report: Reported) -> None:
        """A report came: what was settled is open again."""
        self.heard.add(report.id)
        if self.ranking.is_serious(report.parts):
            self.serious.add(report.id)
        if self.state in ENDED:
            self.go(FlagState.REOPENED, report.at, report.id, FlagReason.NEW_EVIDENCE, report.source_class)

    def take_back(self, report: Reported) -> None:
        """A report went; nothing is left to follow up when it was the last."""
        self.heard.discard(report.id)
        self.serious.discard(report.id)
        if not self.heard and self.state not in ENDED:
            at = report.at if report.withdrawn_at is None else max(report.at, report.withdrawn_at)
            self.go(FlagState.CLOSED, at, report.id, FlagReason.REPORT_WITHDRAWN)

    def follow_up(self, entry: FollowedUp) -> None:
        """A member reported a step: it is taken, or kept as refused."""
        said = entry.said
        course = Course(self.state, bool(self.heard), bool(self.serious), self.implementer)
        refusal = refusal_of(said, course)
        if refusal is not None:
            self.refused.append(RefusedStep(entry.at, entry.id, said.report, said.state, self.state, refusal))
            return
        if said.state is FlagState.MITIGATED:
            self.implementer = said.member
        self.go(said.state, entry.at, said.report, said.reason, said.basis, entry.id)

    def go(
        self,
        after: FlagState,
        at: datetime,
        report: UUID,
        reason: FlagReason | None,
        basis: SourceClass | None = None,
        entry: UUID | None = None,
    ) -> None:
        """Come into another state."""
        self.steps.append(Step(at, self.state, after, report, entry, reason, basis))
        self.state = after
