"""What must be true before an item of a remedy plan goes a step on.

A supplier's evidence alone never verifies, the verifier is not the implementer, and nothing is closed while a payment
is short: the rules of the field (Electronics Watch, Worker Rights Consortium), which no path goes around.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING
from uuid import UUID

from services.remedy.domain.item_steps import Step
from services.remedy.domain.plan import Item
from services.remedy.domain.refusals import Refused
from shared.events.remedy.words import Bearer, CaseRefusal, CaseState, EvidenceSource, ItemState, RemedyForm

if TYPE_CHECKING:
    from services.remedy.domain.dossier import Dossier

SPEAK_FOR_WORKERS = frozenset({EvidenceSource.WORKERS, EvidenceSource.UNION, EvidenceSource.PARTNER})
VERIFIERS = SPEAK_FOR_WORKERS | {EvidenceSource.AUDITOR, EvidenceSource.AUTHORITY}
COMPANIES = frozenset({Bearer.SITE, Bearer.SUPPLIER, Bearer.BRAND, Bearer.SHARED})
"""Who hears of the case when something is agreed with them: the employer, or a company above it."""
PAID_FORMS = frozenset({RemedyForm.COMPENSATION, RemedyForm.RESTITUTION})
ENDED = frozenset({CaseState.CLOSED, CaseState.WITHDRAWN, CaseState.REFERRED})
"""Cases whose plan stands still. Reopening the case comes first."""


Guard = tuple[bool, CaseRefusal]


def open_to_work(dossier: "Dossier") -> list[Guard]:
    """Whether the plan of this case may change at all."""
    life = dossier.life
    return [
        (life.taken_in, CaseRefusal.NOT_TAKEN_IN),
        (life.state not in ENDED, CaseRefusal.NOT_FROM_THIS_STATE),
    ]


def known(dossier: "Dossier", item: UUID) -> Item:
    """An item of this case's plan. Raises Refused ITEM_UNKNOWN."""
    found = dossier.plan.items.get(item)
    if found is None:
        raise Refused(CaseRefusal.ITEM_UNKNOWN)
    return found


def workers_asked(dossier: "Dossier", before: Item, _after: Item, _step: Step) -> list[Guard]:
    asked = dossier.plan.consulted_on is not None and not before.awaits_workers
    return [(asked, CaseRefusal.WORKERS_NOT_CONSULTED)]


def never_promised(_dossier: "Dossier", before: Item, _after: Item, _step: Step) -> list[Guard]:
    """What was once promised is not dropped: it is owed."""
    return [(not before.promised, CaseRefusal.NOT_FROM_THIS_STATE)]


def complete(dossier: "Dossier", before: Item, after: Item, step: Step) -> list[Guard]:
    """An agreed item says by when, by whom, at whose cost, and, where it is paid, to how many, how much."""
    full = after.due is not None and step.described
    if after.form in PAID_FORMS:
        full = full and bool(after.workers_entitled) and after.amount_promised is not None
    full = full and (after.amount_promised is None or after.currency is not None)
    told = dossier.life.contacted_on is not None or not COMPANIES & {after.responsible, after.cost_bearer}
    same = before.amount_paid is None or before.currency == after.currency
    return [
        (
            full and (after.form is not RemedyForm.COMPENSATION or bool(after.amount_promised)),
            CaseRefusal.ITEM_INCOMPLETE,
        ),
        (told, CaseRefusal.CONTACT_NOT_RECORDED),
        (same, CaseRefusal.CURRENCY_DIFFERS),
    ]


def shown(_dossier: "Dossier", _before: Item, _after: Item, step: Step) -> list[Guard]:
    return [(bool(step.evidence_from), CaseRefusal.ITEM_INCOMPLETE)]


def independent(_dossier: "Dossier", _before: Item, after: Item, step: Step) -> list[Guard]:
    """Whoever verifies is named, is not the company, and is not the person who recorded the implementation."""
    by = after.verified_by
    return [
        (by is not None, CaseRefusal.ITEM_INCOMPLETE),
        (by is None or by in VERIFIERS, CaseRefusal.VERIFIER_IS_IMPLEMENTER),
        (not step.implementer, CaseRefusal.VERIFIER_IS_IMPLEMENTER),
    ]


def beyond_the_company(_dossier: "Dossier", _before: Item, after: Item, _step: Step) -> list[Guard]:
    """Evidence comes from somebody else than the company, too."""
    return [(bool(VERIFIERS.intersection(after.evidence_from)), CaseRefusal.SUPPLIER_WORD_ALONE)]


def settled(_dossier: "Dossier", _before: Item, after: Item, _step: Step) -> list[Guard]:
    return [(not after.short, CaseRefusal.PAYMENT_SHORT)]


Guards = Callable[["Dossier", Item, Item, Step], list[Guard]]
GUARDS: Mapping[ItemState, tuple[Guards, ...]] = MappingProxyType(
    {
        ItemState.CONSULTED: (workers_asked,),
        ItemState.AGREED: (workers_asked, complete),
        ItemState.EVIDENCE_SUBMITTED: (shown,),
        ItemState.VERIFIED_EFFECTIVE: (independent, beyond_the_company),
        ItemState.VERIFIED_INEFFECTIVE: (independent,),
        ItemState.CLOSED: (settled,),
        ItemState.DROPPED: (workers_asked, never_promised),
    }
)
"""What must be true before an item reaches a state, beside the state from which it comes."""
