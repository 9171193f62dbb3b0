"""An engagement as it stands: the sum of the entries that were applied, and nothing else."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from shared.events.engagement_words import (
    AskState,
    CommitmentState,
    EngagementOutcome,
    EngagementState,
    EntryRefusal,
    EscalationEffect,
    EscalationStep,
    Milestone,
    RightsholderKind,
)
from shared.events.ingest import DialogueEntry
from shared.events.remedy.engagements import Reason
from shared.events.values import Clause, Evidence
from shared.events.vocabulary import Category, Instrument, SourceClass

APPLIED, REFUSED, WITHDRAWN = "applied", "refused", "withdrawn"
"""What became of an entry."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the dialogue as it arrived: the ids of entry and event, and when it was accepted (`at`).

    A withdrawal has the id of its event: `told.entry` is what it takes back.
    """

    id: UUID
    event: UUID
    workinggroup: str
    at: datetime
    place: int
    told: DialogueEntry


@dataclass(frozen=True, slots=True)
class Stage:
    """A milestone at which the engagement stood: from the day it was reached, until the day that it left it."""

    milestone: Milestone
    since: date
    entry: UUID
    until: date | None = None
    reason: str | None = None

    def days(self, today: date) -> int:
        """Days in this stage, up to today where it still stands there."""
        return ((self.until or today) - self.since).days


@dataclass(frozen=True, slots=True)
class Ask:
    """What the supplier was asked for. `askers` are all members for whom it is asked, with those of joined asks."""

    id: UUID
    wording: str
    category: Category
    asked_at: datetime
    state: AskState
    askers: tuple[str, ...]
    instruments: tuple[Instrument, ...] = ()
    clause: Clause | None = None
    sites: tuple[UUID, ...] = ()
    due: date | None = None
    standard: str | None = None
    into: UUID | None = None
    joined: tuple[UUID, ...] = ()
    settled_by: UUID | None = None
    """The assessment of the ask itself; None also where its commitments settled it."""


@dataclass(frozen=True, slots=True)
class Commitment:
    """What the supplier promised. `by_supplier`: it said so itself, with a key of its own."""

    id: UUID
    wording: str
    category: Category
    measure: str
    made_at: datetime
    state: CommitmentState
    by_supplier: bool
    ask: UUID | None = None
    responsible: str | None = None
    due: date | None = None
    evidence: tuple[Evidence, ...] = ()
    settled_by: UUID | None = None
    settled_on: date | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """Evidence that was given, for an ask, a commitment or the engagement at large, and whose word it is."""

    id: UUID
    basis: SourceClass
    files: tuple[Evidence, ...]
    ask: UUID | None = None
    commitment: UUID | None = None


@dataclass(frozen=True, slots=True)
class Consultation:
    """Whom the group consulted, by type; the organisation only where it agreed to be named."""

    id: UUID
    rightsholders: RightsholderKind
    quarter: str
    member: str
    organisation: str | None = None
    participants: int | None = None
    priorities: tuple[Category, ...] = ()
    asks: tuple[UUID, ...] = ()
    influence: str | None = None


@dataclass(frozen=True, slots=True)
class Escalation:
    """A step of the ladder that a person took, and what it brought about."""

    id: UUID
    step: EscalationStep
    taken_on: date
    reason: str
    member: str
    cure_until: date | None = None
    effect: EscalationEffect | None = None
    effect_on: date | None = None


@dataclass(frozen=True, slots=True)
class Engagement:
    """An engagement as it stands. Without an applied opening it has no objective, and takes no other entry.

    `stages` run from the first to the present one. `asks`, `commitments` hold all, the oldest first, also those that
    are joined, settled or withdrawn; `answers` are the supplier's own; `withdrawn` are the ids of entries taken back.
    `moved_at`: when the last entry was accepted. `held`: a statement on which it was opened is no longer told, so the
    company is not approached on it any more; no entry says so. Only the fold changes what is in it, on a copy.
    """

    id: UUID
    workinggroup: str
    supplier: UUID
    state: EngagementState
    category: Category | None = None
    objective: str | None = None
    instruments: tuple[Instrument, ...] = ()
    clause: Clause | None = None
    sites: tuple[UUID, ...] = ()
    reasons: tuple[Reason, ...] = ()
    reason: str | None = None
    opening: UUID | None = None
    opened_by: str | None = None
    opened_on: date | None = None
    opened_at: datetime | None = None
    stages: tuple[Stage, ...] = ()
    asks: dict[UUID, Ask] = field(default_factory=dict)
    commitments: dict[UUID, Commitment] = field(default_factory=dict)
    promised: dict[UUID, Counter[CommitmentState]] = field(default_factory=dict, compare=False, repr=False)
    """How many commitments in which state answer each ask, with those to asks that were joined to it."""
    consultations: dict[UUID, Consultation] = field(default_factory=dict)
    escalations: tuple[Escalation, ...] = ()
    evidence: list[Given] = field(default_factory=list)
    answers: list[UUID] = field(default_factory=list)
    outcome: EngagementOutcome | None = None
    outcome_reason: str | None = None
    conclusion: UUID | None = None
    closed_on: date | None = None
    closed_at: datetime | None = None
    moved_at: datetime | None = None
    withdrawn: frozenset[UUID] = frozenset()
    held: bool = False

    @property
    def milestone(self) -> Milestone | None:
        """The milestone at which it stands; None before it is opened."""
        return self.stages[-1].milestone if self.stages else None

    @property
    def is_open(self) -> bool:
        """Whether it takes entries: it was opened, and has not ended."""
        return self.state is EngagementState.OPEN

    @property
    def kept(self) -> bool:
        """Whether a member found any commitment kept, at least in part."""
        return any(one.state in (CommitmentState.MET, CommitmentState.PARTLY_MET) for one in self.commitments.values())

    def root(self, ask: UUID | None) -> Ask | None:
        """The ask by which this one is answered: itself, or the one it was joined to. None for one that is unknown."""
        found = self.asks.get(ask) if ask else None
        while found is not None and found.into is not None and found.into in self.asks:
            found = self.asks[found.into]
        return found

    def states_of(self, ask: UUID) -> set[CommitmentState]:
        """The states of the commitments by which an ask is answered, with those to asks that were joined to it."""
        return {state for state, number in self.promised.get(ask, {}).items() if number}


class StepRefused(Exception):
    """An entry changes nothing: every reason, where its subject stands, and what would be legal."""

    def __init__(self, why: tuple[EntryRefusal, ...], standing: str, legal: tuple[str, ...] = ()) -> None:
        super().__init__(", ".join(why))
        self.why, self.standing, self.legal = why, standing, legal
