"""What is asked and answered about remedy plans over HTTP: codes and counts; words go in, and are not shown here."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from services.remedy.api.callers import Body
from services.remedy.api.writing import Words
from services.remedy.domain.plan import Item, Plan
from services.remedy.vault import Part, Writing
from shared.events.remedy.words import Bearer, EvidenceSource, FindingGrade, ItemState, RemedyForm
from shared.events.values import Amount, Count, Currency, Day
from shared.events.vocabulary import Known


class Consultation(Body):
    """The day on which the workers were asked what would remedy the harm, and who spoke for them."""

    on: Day
    through: Known[EvidenceSource]


class ItemWords(Body):
    """What an item says in words. It can be agreed once it has a finding, a root cause and one action."""

    finding: Words
    root_cause: Words | None = None
    corrective_action: Words | None = None
    preventive_action: Words | None = None

    @property
    def complete(self) -> bool:
        """Whether nothing is missing that an agreement needs."""
        return self.root_cause is not None and (self.corrective_action or self.preventive_action) is not None

    def sealable(self, item: UUID) -> Writing:
        """The words as they are sealed."""
        return Writing(Part.ITEM, self.model_dump_json().encode(), item)


class OfferBody(Body):
    """What an item promises: until when, by whom, at whose cost, to how many, how much."""

    due: Day | None = None
    workers_entitled: Count | None = None
    amount_promised: Amount | None = None
    currency: Currency | None = None


class Proposal(OfferBody):
    """A new item: the form of remedy (UNGP 25), the grade of the finding, who does it and who pays, and the words."""

    form: Known[RemedyForm]
    grade: Known[FindingGrade]
    responsible: Known[Bearer]
    cost_bearer: Known[Bearer]
    words: ItemWords


class Advance(OfferBody):
    """The next state of an item. Terms count with `agreed` only; evidence is added to what there is."""

    to: Known[ItemState]
    responsible: Known[Bearer] | None = None
    cost_bearer: Known[Bearer] | None = None
    evidence_from: Annotated[tuple[Known[EvidenceSource], ...], Field(max_length=10)] = ()
    verified_by: Known[EvidenceSource] | None = None
    note: Words | None = None


class Payment(Body):
    """How many workers were paid and how much, in all so far: totals, not instalments."""

    workers_paid: Count | None = None
    amount_paid: Amount | None = None
    currency: Currency | None = None
    note: Words | None = None


class ItemView(BaseModel):
    """An item as it stands, in codes."""

    item: UUID
    state: ItemState
    form: RemedyForm
    grade: FindingGrade
    responsible: Bearer
    cost_bearer: Bearer
    due: date | None
    workers_entitled: int | None
    workers_paid: int | None
    amount_promised: Decimal | None
    amount_paid: Decimal | None
    currency: str | None
    evidence_from: Sequence[EvidenceSource]
    verified_by: EvidenceSource | None
    payment_short: bool


class PlanView(BaseModel):
    """A plan as it stands: whether all of it is agreed, verified as effective, and nothing owed."""

    consulted_on: date | None
    agreed: bool
    verified: bool
    paid: bool
    items: list[ItemView]


def view(found: Plan) -> PlanView:
    """A plan as handlers see it."""
    shown = [view_item(item) for item in found.items.values()]
    return PlanView(
        consulted_on=found.consulted_on, agreed=found.agreed, verified=found.verified, paid=found.paid, items=shown
    )


def view_item(item: Item) -> ItemView:
    """An item as handlers see it."""
    return ItemView(
        item=item.id,
        state=item.state,
        form=item.form,
        grade=item.grade,
        responsible=item.responsible,
        cost_bearer=item.cost_bearer,
        due=item.due,
        workers_entitled=item.workers_entitled,
        workers_paid=item.workers_paid,
        amount_promised=item.amount_promised,
        amount_paid=item.amount_paid,
        currency=item.currency,
        evidence_from=item.evidence_from,
        verified_by=item.verified_by,
        payment_short=item.promised and item.short,
    )
