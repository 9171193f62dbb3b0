"""The performance conditions of a member's contracts and what else is due of it, on `member.<id>.condition`.

Subject: the contract; of an information request and of the annual account, these themselves.
"""

from datetime import date
from typing import ClassVar
from uuid import UUID

from shared.events.engagement_words import ConditionState, EntryRefusal, ObligationKind, RequestState
from shared.events.envelope import Classification, EventData
from shared.events.values import Label, Name, Sentence, Slug

MEMBER = frozenset({Classification.MEMBER})


class ConditionFact(EventData):
    """What every fact about a contract's follow-up names."""

    family: ClassVar[str] = "condition"
    classifications: ClassVar[frozenset[Classification]] = MEMBER

    member: Slug


class ConditionDue(ConditionFact):
    """A condition of a contract is to be met by a day: by the routine follow-up, or because the member wants it.

    `clause` is an id of the clause library, `basis` the rule by which it is due.
    """

    type: ClassVar[str] = "condition.due.v1"

    condition: UUID
    contract: UUID
    clause: Label
    wanted: Sentence
    due: date
    basis: Name


class ConditionMoved(ConditionFact):
    """A condition went from one state to another; `entry` is what was reported, absent where a period ran out."""

    type: ClassVar[str] = "condition.moved.v1"

    condition: UUID
    contract: UUID
    clause: Label
    before: ConditionState
    after: ConditionState
    entry: UUID | None = None
    cure_until: date | None = None
    reason: Sentence | None = None


class ConditionLifted(ConditionFact):
    """A condition that was to come no longer is: its contract ended, or was modified."""

    type: ClassVar[str] = "condition.lifted.v1"

    condition: UUID
    contract: UUID


class InformationRequestMoved(ConditionFact):
    """An information request went from one state to another, and until when it is to be answered."""

    type: ClassVar[str] = "information-request.moved.v1"

    request: UUID
    reference: Label
    after: RequestState
    due: date
    basis: Name
    before: RequestState | None = None
    entry: UUID | None = None


class FollowUpEntryRefused(ConditionFact):
    """An entry changed nothing: every reason, where its subject stands, and what would be legal."""

    type: ClassVar[str] = "contract-follow-up.refused.v1"

    entry: UUID
    entry_type: Label
    refusals: tuple[EntryRefusal, ...]
    standing: Label
    legal: tuple[Label, ...] = ()


class MemberObligationApproaching(ConditionFact):
    """What is due of a supplier or of the member comes near; told once."""

    type: ClassVar[str] = "member-obligation.approaching.v1"

    kind: ObligationKind
    about: UUID
    due: date
    basis: Name
    contract: UUID | None = None


class MemberObligationMissed(ConditionFact):
    """What was due did not come by its day; told once."""

    type: ClassVar[str] = "member-obligation.missed.v1"

    kind: ObligationKind
    about: UUID
    due: date
    basis: Name
    contract: UUID | None = None
