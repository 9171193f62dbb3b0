"""What members send of the performance conditions of their contracts, and of information requests to themselves.

These are a member's own affair and stay on its own topics. Vocabulary: DFØ (contract follow-up, self-report),
Electronics Watch (contract conditions), the Norwegian Transparency Act (sections 6 and 7).
"""

from typing import Annotated, ClassVar, Self
from uuid import UUID

from pydantic import Field, model_validator

from shared.events.engagement_words import ConditionState, RefusalGround, RequestState
from shared.events.members.door import DoorData
from shared.events.submitted import CLOSED, SubmittedEvidence
from shared.events.values import Day, Label, Sentence, Value, at_field
from shared.events.vocabulary import DueDiligenceStep, Known

Files = Annotated[tuple[SubmittedEvidence, ...], Field(max_length=100)]


class ConditionScheduled(DoorData):
    """A member wants something of a clause by a day, beside the routine follow-up of the contract.

    `clause` is an id of the clause library (`engage clauses`).
    """

    type: ClassVar[str] = "condition.scheduled.v1"

    contract: Annotated[Label, Field(description="The sender's own reference of the contract.")]
    clause: Label
    wanted: Sentence
    due: Day


class ConditionFollowedUp(DoorData):
    """A step with one performance condition: its evidence came, was verified or found deficient, and so on.

    A cure period has an end; deficient, breach and sanctioned have a reason; verified and remedied have evidence.
    """

    type: ClassVar[str] = "condition.followed-up.v1"

    contract: Annotated[Label, Field(description="The sender's own reference of the contract.")]
    condition: UUID
    state: Known[ConditionState]
    decided_on: Day
    reason: Sentence | None = None
    cure_until: Day | None = None
    evidence: Files = ()


class StepAnswered(Value):
    """The answer to the opening question of one step of the self-report: whether the supplier does it at all."""

    model_config = CLOSED

    step: Known[DueDiligenceStep]
    yes: bool


class SelfReportReceived(DoorData):
    """A supplier's self-report on the due diligence of a contract, after DFØ's form: an opening question for each step.

    A "no" is a breach of the clause of that step, to be rectified promptly. `condition` is the report that was due.
    """

    type: ClassVar[str] = "self-report.received.v1"

    contract: Annotated[Label, Field(description="The sender's own reference of the contract.")]
    condition: UUID
    received_on: Day
    answers: Annotated[tuple[StepAnswered, ...], Field(min_length=1, max_length=6)]
    evidence: Files = ()

    @model_validator(mode="after")
    def once_each(self) -> Self:
        if len({one.step for one in self.answers}) != len(self.answers):
            raise at_field("answers", code="step_twice")
        return self


class AccountPublished(DoorData):
    """A member that the Transparency Act binds published its account of due diligence for a year (section 5)."""

    type: ClassVar[str] = "account.published.v1"

    year: Annotated[int, Field(ge=2022, le=2199)]
    published_on: Day
    account: SubmittedEvidence


class InformationRequestHandled(DoorData):
    """A request for information under the Transparency Act to a member that it binds, or what became of it.

    Who asked is not told. `reference` is the member's own. The answer is due within three weeks; within two months
    where the reasons for that, and the day, were given in writing (section 7).
    """

    type: ClassVar[str] = "information-request.handled.v1"

    reference: Label
    state: Known[RequestState]
    on: Day
    contract: Annotated[Label | None, Field(description="The sender's own reference of a contract.")] = None
    reasons: Sentence | None = None
    until: Day | None = None
    ground: Known[RefusalGround] | None = None

    @model_validator(mode="after")
    def complete(self) -> Self:
        if self.state is RequestState.EXTENDED and (self.reasons is None or self.until is None):
            raise at_field("until" if self.until is None else "reasons", code="reason_required")
        if self.state is RequestState.REFUSED and self.ground is None:
            raise at_field("ground", code="reason_required")
        return self
