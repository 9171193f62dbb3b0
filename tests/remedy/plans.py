"""What the tests of remedy plans and of the watch start from: a case to which things happened, one after the other."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID, uuid4

from services.remedy.domain import items
from services.remedy.domain.dossier import Dossier, Happened, Moment
from services.remedy.domain.item_steps import Offer, Step
from shared.events.remedy.cases import CaseFact, CaseOpened, CaseTakenIn, EmployerContacted, WorkersConsulted
from shared.events.remedy.words import (
    Bearer,
    EvidenceSource,
    FindingGrade,
    ItemState,
    Party,
    RemedyForm,
    TestimonyKind,
)

NOW = Moment(datetime(2026, 11, 22, 12, 30, tzinfo=UTC), date(2026, 11, 22))
OFFER = Offer(date(2027, 1, 31), None, None, 40, Decimal("12000.00"), "EUR")
WORKERS = (EvidenceSource.WORKERS,)


def after(dossier: Dossier, facts: Iterable[CaseFact], by: Party = Party.HANDLER) -> Dossier:
    """The dossier after these facts."""
    for fact in facts:
        dossier = dossier.after(Happened(NOW.at, by, fact))
    return dossier


def taken_in() -> Dossier:
    """A case that was taken in, and about which nobody has spoken to the employer."""
    case = uuid4()
    return after(Dossier(case), [CaseOpened(case=case, kind=TestimonyKind.GRIEVANCE), CaseTakenIn(case=case)])


def consulted() -> Dossier:
    """A case whose employer was spoken to and whose workers were consulted."""
    dossier = taken_in()
    contacted = EmployerContacted(case=dossier.case, on=NOW.today)
    asked = WorkersConsulted(case=dossier.case, on=NOW.today, through=EvidenceSource.UNION)
    return after(dossier, [contacted, asked])


def proposed(
    dossier: Dossier,
    form: RemedyForm = RemedyForm.COMPENSATION,
    responsible: Bearer = Bearer.SUPPLIER,
    cost_bearer: Bearer = Bearer.BRAND,
    offer: Offer = OFFER,
) -> tuple[Dossier, UUID]:
    """The case with one more item."""
    item = uuid4()
    facts = items.propose(dossier, item, form, FindingGrade.MAJOR, responsible, cost_bearer, offer)
    return after(dossier, facts), item


def step_to(state: ItemState, *, implementer: bool = False) -> Step:
    """A step as it is taken where everything is in order."""
    evidence = {ItemState.EVIDENCE_SUBMITTED: WORKERS}.get(state, ())
    verifies = state in {ItemState.VERIFIED_EFFECTIVE, ItemState.VERIFIED_INEFFECTIVE}
    by = EvidenceSource.WORKERS if verifies else None
    return Step(state, evidence_from=evidence, verified_by=by, described=True, implementer=implementer)


STRAIGHT = (
    ItemState.CONSULTED,
    ItemState.AGREED,
    ItemState.IN_PROGRESS,
    ItemState.EVIDENCE_SUBMITTED,
    ItemState.VERIFYING,
    ItemState.VERIFIED_EFFECTIVE,
    ItemState.CLOSED,
)
"""The straight way of an item after it was proposed."""


def brought_to(state: ItemState, dossier: Dossier | None = None) -> tuple[Dossier, UUID]:
    """A case with an item of compensation that went the straight way to a state."""
    dossier, item = proposed(dossier or consulted())
    for to in STRAIGHT[: STRAIGHT.index(state) + 1]:
        if to is ItemState.CLOSED:
            dossier = after(dossier, items.pay(dossier, item, 40, Decimal(12000), "EUR"))
        dossier = after(dossier, items.advance(dossier, item, step_to(to)))
    return dossier, item
