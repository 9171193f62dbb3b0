"""The life of an item of a remedy plan, from proposal to closure, step by step (UNGP 22, 25).

What must be true before a step is in `item_guards`. Reopening is always possible, and leads back to the workers.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING
from uuid import UUID

from services.remedy.domain.item_guards import GUARDS, SPEAK_FOR_WORKERS, known, open_to_work
from services.remedy.domain.item_steps import Offer, Step, taken
from services.remedy.domain.plan import Item
from services.remedy.domain.refusals import require
from shared.events.remedy.cases import CaseFact, RemedyItemMoved, WorkersConsulted
from shared.events.remedy.words import Bearer, CaseRefusal, EvidenceSource, FindingGrade, ItemState, RemedyForm

if TYPE_CHECKING:
    from services.remedy.domain.dossier import Dossier, Moment

NEXT: Mapping[ItemState, frozenset[ItemState]] = MappingProxyType(
    {
        ItemState.PROPOSED: frozenset({ItemState.CONSULTED, ItemState.DROPPED}),
        ItemState.CONSULTED: frozenset({ItemState.AGREED, ItemState.DROPPED}),
        ItemState.AGREED: frozenset({ItemState.IN_PROGRESS}),
        ItemState.IN_PROGRESS: frozenset({ItemState.EVIDENCE_SUBMITTED}),
        ItemState.EVIDENCE_SUBMITTED: frozenset({ItemState.EVIDENCE_SUBMITTED, ItemState.VERIFYING}),
        ItemState.VERIFYING: frozenset({ItemState.VERIFIED_EFFECTIVE, ItemState.VERIFIED_INEFFECTIVE}),
        ItemState.VERIFIED_INEFFECTIVE: frozenset({ItemState.IN_PROGRESS}),
        ItemState.VERIFIED_EFFECTIVE: frozenset({ItemState.CLOSED}),
        ItemState.REOPENED: frozenset({ItemState.CONSULTED, ItemState.DROPPED}),
    }
)
"""Which state follows which by `advance`; `dispute` and `reopen` lead aside."""
DISPUTABLE = frozenset(NEXT) - {ItemState.PROPOSED, ItemState.REOPENED} | {ItemState.CLOSED}
REOPENABLE = DISPUTABLE - {ItemState.CONSULTED} | {ItemState.DISPUTED}
DESCRIBABLE = frozenset({ItemState.PROPOSED, ItemState.CONSULTED, ItemState.DISPUTED, ItemState.REOPENED})
"""States in which an item's words may be written anew: what was agreed with workers is changed with them only."""


def consult(dossier: "Dossier", moment: "Moment", on: date, through: EvidenceSource) -> list[CaseFact]:
    """The workers were asked what would remedy the harm: with the first time the plan's clock starts.

    Raises Refused: NOT_FOR_THIS_PARTY where `through` does not speak for workers, TOO_SOON for a day still to come.
    """
    require(
        *open_to_work(dossier),
        (through in SPEAK_FOR_WORKERS, CaseRefusal.NOT_FOR_THIS_PARTY),
        (on <= moment.today, CaseRefusal.TOO_SOON),
    )
    return [WorkersConsulted(case=dossier.case, on=on, through=through)]


def propose(
    dossier: "Dossier",
    item: UUID,
    form: RemedyForm,
    grade: FindingGrade,
    responsible: Bearer,
    cost_bearer: Bearer,
    offer: Offer,
) -> list[CaseFact]:
    """A new item, with an id that was drawn for it."""
    require(*open_to_work(dossier))
    proposed = Item(item, ItemState.PROPOSED, form, grade, responsible, cost_bearer)
    return [moved(dossier, None, offer.put_to(proposed))]


def describe(dossier: "Dossier", item: UUID) -> list[CaseFact]:
    """An item's words are written anew: no fact. Raises Refused once it is agreed, until it is disputed or reopened."""
    require(*open_to_work(dossier), (known(dossier, item).state in DESCRIBABLE, CaseRefusal.NOT_FROM_THIS_STATE))
    return []


def advance(dossier: "Dossier", item: UUID, step: Step) -> list[CaseFact]:
    """An item goes one step on. Raises Refused with every guard of the step that does not hold."""
    before = known(dossier, item)
    after = taken(before, step)
    require(
        *open_to_work(dossier),
        (step.to in NEXT.get(before.state, frozenset()), CaseRefusal.NOT_FROM_THIS_STATE),
        *(guard for guards in GUARDS.get(step.to, ()) for guard in guards(dossier, before, after, step)),
    )
    return [moved(dossier, before, after)]


def pay(
    dossier: "Dossier",
    item: UUID,
    workers_paid: int | None = None,
    amount_paid: Decimal | None = None,
    currency: str | None = None,
) -> list[CaseFact]:
    """So many workers were paid, so much, in all so far; None leaves a total as it is.

    Raises Refused: NOT_FROM_THIS_STATE where the item was never agreed, or is closed; PAID_LESS_THAN_BEFORE;
    CURRENCY_DIFFERS where it is not that of the promise.
    """
    before = known(dossier, item)
    after = replace(
        before,
        workers_paid=before.workers_paid if workers_paid is None else workers_paid,
        amount_paid=before.amount_paid if amount_paid is None else amount_paid,
    )
    payable = before.promised and before.state not in {ItemState.CLOSED, ItemState.DROPPED}
    no_less = (after.workers_paid or 0) >= (before.workers_paid or 0)
    no_less = no_less and (after.amount_paid or 0) >= (before.amount_paid or 0)
    require(
        *open_to_work(dossier),
        (payable, CaseRefusal.NOT_FROM_THIS_STATE),
        (no_less, CaseRefusal.PAID_LESS_THAN_BEFORE),
        (
            amount_paid is None or (before.currency is not None and currency == before.currency),
            CaseRefusal.CURRENCY_DIFFERS,
        ),
    )
    return [moved(dossier, before, after)]


def dispute(dossier: "Dossier", item: UUID) -> list[CaseFact]:
    """Somebody does not agree with how an item stands. Out of a dispute leads only `reopen`."""
    return aside(dossier, item, ItemState.DISPUTED, DISPUTABLE)


def reopen(dossier: "Dossier", item: UUID) -> list[CaseFact]:
    """An item is opened again: the workers are asked anew before it goes on, and it is verified anew."""
    return aside(dossier, item, ItemState.REOPENED, REOPENABLE)


def aside(dossier: "Dossier", item: UUID, to: ItemState, allowed: frozenset[ItemState]) -> list[CaseFact]:
    before = known(dossier, item)
    require(*open_to_work(dossier), (before.state in allowed, CaseRefusal.NOT_FROM_THIS_STATE))
    return [moved(dossier, before, taken(before, Step(to)))]


def moved(dossier: "Dossier", before: Item | None, after: Item) -> RemedyItemMoved:
    """The fact that tells how an item now stands."""
    return RemedyItemMoved(
        case=dossier.case,
        item=after.id,
        before=before.state if before else None,
        after=after.state,
        form=after.form,
        grade=after.grade,
        responsible=after.responsible,
        cost_bearer=after.cost_bearer,
        due=after.due,
        workers_entitled=after.workers_entitled,
        workers_paid=after.workers_paid,
        amount_promised=after.amount_promised,
        amount_paid=after.amount_paid,
        currency=after.currency,
        evidence_from=after.evidence_from,
        verified_by=after.verified_by,
    )
