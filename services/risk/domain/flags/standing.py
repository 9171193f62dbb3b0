"""How a flag stands: its state, the evidence that it holds, the steps it took and those it did not take."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.risk.domain.flags.entries import Replied, Reported
from services.risk.domain.flags.rules import ENDED, following_of
from shared.events.lifecycles import FlagReason, FlagState, FollowUpRefusal
from shared.events.values import SeverityParts
from shared.events.vocabulary import SourceClass


@dataclass(frozen=True, slots=True)
class Step:
    """A flag went on: by a member's `entry`, or by itself because of `report`. `report` is the one it was told of."""

    at: datetime
    before: FlagState
    after: FlagState
    report: UUID
    entry: UUID | None = None
    reason: FlagReason | None = None
    basis: SourceClass | None = None

    @property
    def key(self) -> str:
        """By what and to where it went."""
        return f"{self.entry or self.report}/{self.after}"


@dataclass(frozen=True, slots=True)
class RefusedStep:
    """A step that a member reported and the flag did not take; kept and shown, never lost."""

    at: datetime
    entry: UUID
    report: UUID
    wanted: FlagState
    standing: FlagState
    refusal: FollowUpRefusal


@dataclass(frozen=True, slots=True)
class FlagStanding:
    """How a flag stands. Everything is in the order of recording; `reports` has those that were taken back, too."""

    state: FlagState
    reports: tuple[Reported, ...]
    replies: tuple[Replied, ...]
    steps: tuple[Step, ...]
    refused: tuple[RefusedStep, ...]

    @property
    def standing_reports(self) -> tuple[Reported, ...]:
        """The reports that nobody took back."""
        return tuple(one for one in self.reports if one.withdrawn_at is None)

    @property
    def leading(self) -> Reported:
        """The report after which the flag is named: the first that stands, else the first."""
        return next(iter(self.standing_reports), self.reports[0])

    @property
    def parts(self) -> SeverityParts:
        """The greatest of each part in any standing report; where none is left, of what was reported."""
        return gravest(one.parts for one in self.standing_reports or self.reports)

    @property
    def severity(self) -> int:
        """The greatest of scale, scope and irremediability (UNGP 14, commentary; the maximum is ours)."""
        return self.parts.severity

    @property
    def likelihood(self) -> int | None:
        """None where no report says how likely it is: unknown, not little."""
        return self.parts.likelihood

    @property
    def is_open(self) -> bool:
        """Neither dismissed nor closed."""
        return self.state not in ENDED

    @property
    def following(self) -> tuple[FlagState, ...]:
        """The states that it may be moved to now; whose word suffices for each is another matter."""
        return following_of(self.state, holds_reports=bool(self.standing_reports))

    @property
    def opened_at(self) -> datetime:
        """When the first report was recorded."""
        return self.reports[0].at

    @property
    def moved_at(self) -> datetime:
        """When it came into its state."""
        return self.steps[-1].at if self.steps else self.opened_at


def gravest(found: Iterable[SeverityParts]) -> SeverityParts:
    """The greatest of each part, so that more severe evidence never lowers any. Needs at least one."""
    ones = list(found)
    return SeverityParts(
        scale=max(one.scale for one in ones),
        scope=max(one.scope for one in ones),
        irremediability=max(one.irremediability for one in ones),
        likelihood=max((one.likelihood for one in ones if one.likelihood is not None), default=None),
    )
