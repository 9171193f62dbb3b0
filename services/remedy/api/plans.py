"""HTTP for case handlers: the remedy plan of a case. What it says in words is sealed, and shown by reading the case."""

from uuid import UUID, uuid4

from asyncpg import Record
from fastapi import APIRouter

from services.remedy.api.callers import AtOffice, Handler, acting, lock_assigned, refusals_answered
from services.remedy.api.plan_models import (
    Advance,
    Consultation,
    ItemWords,
    Payment,
    PlanView,
    Proposal,
    view,
)
from services.remedy.api.writing import Motivated, noted
from services.remedy.audit import Action
from services.remedy.casework import Decide, Work, act, read_dossier
from services.remedy.domain import items
from services.remedy.domain.item_steps import Offer, Step
from services.remedy.domain.people import Person
from services.remedy.office import Office
from services.remedy.store import plans as store
from services.remedy.vault import Writing
from shared.events.remedy.words import ItemState
from shared.postgres import Connection

router = APIRouter(prefix="/cases/{reference}/plan")

IMPLEMENTATION = frozenset({ItemState.IN_PROGRESS, ItemState.EVIDENCE_SUBMITTED})
"""Steps that tell of the implementation: who records one does not record the verification of the item."""


@router.get("")
async def show_plan(office: AtOffice, person: Handler, reference: str) -> PlanView:
    """The plan of a case, in codes."""
    async with office.runtime.transaction() as tx:
        case = await lock_assigned(tx, person, reference)
        return view((await read_dossier(tx, case["case_id"])).plan)


@router.post("/consulted")
async def note_consultation(office: AtOffice, person: Handler, reference: str, body: Consultation) -> PlanView:
    """The workers were consulted; with the first time the clock of the plan starts."""
    return await plan(
        office, person, reference, lambda dossier, moment: items.consult(dossier, moment, body.on, body.through)
    )


@router.post("/items", status_code=201)
async def propose_item(office: AtOffice, person: Handler, reference: str, body: Proposal) -> PlanView:
    """A new item; it is the last of the plan."""
    item, offer = uuid4(), Offer(body.due, None, None, body.workers_entitled, body.amount_promised, body.currency)
    kind = body.form, body.grade, body.responsible, body.cost_bearer
    words = body.words.sealable(item)
    return await plan(office, person, reference, lambda dossier, _: items.propose(dossier, item, *kind, offer), words)


@router.post("/items/{item}/words")
async def describe_item(office: AtOffice, person: Handler, reference: str, item: UUID, body: ItemWords) -> PlanView:
    """The words of an item written anew, as long as it is not agreed; those before are kept beside them."""
    words = body.sealable(item)
    return await plan(office, person, reference, lambda dossier, _: items.describe(dossier, item), words)


@router.post("/items/{item}/advance")
async def advance_item(office: AtOffice, person: Handler, reference: str, item: UUID, body: Advance) -> PlanView:
    """The next step of an item. Who recorded its implementation does not record its verification."""
    async with refusals_answered(), office.runtime.transaction() as tx:
        case = await lock_assigned(tx, person, reference)
        step = await step_of(office, tx, case["case_id"], item, person, body)
        if body.to in IMPLEMENTATION:
            await store.note_work(tx, case["case_id"], item, person.id)
        words = noted(body.note, item)
        return await change(office, tx, case, person, lambda dossier, _: items.advance(dossier, item, step), *words)


@router.post("/items/{item}/pay")
async def note_payment(office: AtOffice, person: Handler, reference: str, item: UUID, body: Payment) -> PlanView:
    """What was paid in all so far."""
    paid = body.workers_paid, body.amount_paid, body.currency
    async with refusals_answered(), office.runtime.transaction() as tx:
        case = await lock_assigned(tx, person, reference)
        await store.note_work(tx, case["case_id"], item, person.id)
        words = noted(body.note, item)
        return await change(office, tx, case, person, lambda dossier, _: items.pay(dossier, item, *paid), *words)


@router.post("/items/{item}/dispute")
async def dispute_item(office: AtOffice, person: Handler, reference: str, item: UUID, body: Motivated) -> PlanView:
    """Somebody does not agree with how an item stands; only reopening leads on."""
    words = noted(body.motivation, item)
    return await plan(office, person, reference, lambda dossier, _: items.dispute(dossier, item), *words)


@router.post("/items/{item}/reopen")
async def reopen_item(office: AtOffice, person: Handler, reference: str, item: UUID, body: Motivated) -> PlanView:
    """An item is opened again: the workers are consulted anew before it goes on."""
    words = noted(body.motivation, item)
    return await plan(office, person, reference, lambda dossier, _: items.reopen(dossier, item), *words)


async def plan(office: Office, person: Person, reference: str, decide: Decide, *words: Writing) -> PlanView:
    """Let a handler do something to the plan of an assigned case. Raises Problem 404, or 409 with every refusal."""
    async with refusals_answered(), office.runtime.transaction() as tx:
        case = await lock_assigned(tx, person, reference)
        return await change(office, tx, case, person, decide, *words)


async def change(
    office: Office, tx: Connection, case: Record, person: Person, decide: Decide, *words: Writing
) -> PlanView:
    """Do something to the plan of a locked case; how it stands after. Raises Refused."""
    done = await act(office, tx, case, Work(acting(person), Action.PLANNED, decide, words))
    return view(done.dossier.plan)


async def step_of(office: Office, tx: Connection, case: UUID, item: UUID, person: Person, body: Advance) -> Step:
    """A step with what only the database knows of it: whether the words are complete, and who recorded what."""
    return Step(
        body.to,
        Offer(
            due=body.due,
            responsible=body.responsible,
            cost_bearer=body.cost_bearer,
            workers_entitled=body.workers_entitled,
            amount_promised=body.amount_promised,
            currency=body.currency,
        ),
        evidence_from=body.evidence_from,
        verified_by=body.verified_by,
        described=body.to is ItemState.AGREED and await is_described(office, tx, case, item),
        implementer=await store.has_worked(tx, case, item, person.id),
    )


async def is_described(office: Office, tx: Connection, case: UUID, item: UUID) -> bool:
    """Whether the words of an item are complete. They are opened for a moment and shown to nobody. Raises KeyLost."""
    sealed = await store.read_words(tx, case, item)
    if sealed is None:
        return False
    (text,) = await office.vault.open([sealed])
    return ItemWords.model_validate_json(text).complete
