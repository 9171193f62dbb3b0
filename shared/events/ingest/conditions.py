"""What a member reported of its contracts' performance conditions, on its own topic. Subject: the contract.

An information request stands for itself: its subject is the request.
"""

from datetime import date
from typing import ClassVar
from uuid import UUID, uuid5

from shared.events.engagement_words import ConditionState, RefusalGround, RequestState
from shared.events.envelope import Classification, EventData
from shared.events.values import Evidence, Label, Sentence, Slug, Value
from shared.events.vocabulary import DueDiligenceStep, WithdrawalReason

MEMBER = frozenset({Classification.MEMBER})
OWN_AFFAIRS = UUID("0b7a1c52-6a0f-4f0e-9f0e-3a1d1c6f8f27")
"""Names what a member reports of itself: an account by its year, a request by the member's own reference."""


def account_of(member: str, year: int) -> UUID:
    """The id of a member's account of due diligence for a year."""
    return uuid5(OWN_AFFAIRS, f"account/{member}/{year}")


def request_of(member: str, reference: str) -> UUID:
    """The id of an information request, by the reference that the member gave it."""
    return uuid5(OWN_AFFAIRS, f"request/{member}/{reference}")


class FollowUpEntry(EventData):
    """What every entry says."""

    family: ClassVar[str] = "contract"
    classifications: ClassVar[frozenset[Classification]] = MEMBER

    entry: UUID
    member: Slug


class ConditionRequested(FollowUpEntry):
    """A member wants something of a clause by a day. `entry` is the condition."""

    type: ClassVar[str] = "condition.requested.v1"

    contract: UUID
    clause: Label
    wanted: Sentence
    due: date


class ConditionReported(FollowUpEntry):
    """A member took a step with a condition."""

    type: ClassVar[str] = "condition.reported.v1"

    contract: UUID
    condition: UUID
    state: ConditionState
    decided_on: date
    reason: Sentence | None = None
    cure_until: date | None = None
    evidence: tuple[Evidence, ...] = ()


class StepAnswer(Value):
    """Whether the supplier takes a step of due diligence at all."""

    step: DueDiligenceStep
    yes: bool


class SelfReportRecorded(FollowUpEntry):
    """A supplier's self-report came, with its answers to the opening questions."""

    type: ClassVar[str] = "self-report.recorded.v1"

    contract: UUID
    condition: UUID
    received_on: date
    answers: tuple[StepAnswer, ...]
    evidence: tuple[Evidence, ...] = ()


class InformationRequestRecorded(FollowUpEntry):
    """What became of a request for information to the member itself. `request` is the same for all entries of one."""

    type: ClassVar[str] = "information-request.recorded.v1"

    request: UUID
    reference: Label
    state: RequestState
    on: date
    contract: UUID | None = None
    reasons: Sentence | None = None
    until: date | None = None
    ground: RefusalGround | None = None


class AccountRecorded(FollowUpEntry):
    """The member published its account of due diligence for a year. Subject: the account, the same for a year."""

    type: ClassVar[str] = "account.recorded.v1"

    account: UUID
    year: int
    published_on: date
    evidence: Evidence


class FollowUpEntryWithdrawn(FollowUpEntry):
    """A member took back an entry of the follow-up of a contract, or of a request; `entry` is the id of that entry."""

    type: ClassVar[str] = "contract-follow-up.withdrawn.v1"

    reason: WithdrawalReason
    contract: UUID | None = None
    request: UUID | None = None
