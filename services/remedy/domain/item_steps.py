"""A step of an item of a remedy plan, and how the item stands after it."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from services.remedy.domain.plan import Item
from shared.events.remedy.words import Bearer, EvidenceSource, ItemState

STARTED_ANEW = frozenset({ItemState.IN_PROGRESS, ItemState.REOPENED})
VERIFIED = frozenset({ItemState.VERIFIED_EFFECTIVE, ItemState.VERIFIED_INEFFECTIVE})
"""Steps at which it is told who verified; told earlier it does not count."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What an item promises; None leaves it as it stands."""

    due: date | None = None
    responsible: Bearer | None = None
    cost_bearer: Bearer | None = None
    workers_entitled: int | None = None
    amount_promised: Decimal | None = None
    currency: str | None = None

    def put_to(self, item: Item) -> Item:
        """The item with what is offered."""
        return replace(
            item,
            due=self.due or item.due,
            responsible=self.responsible or item.responsible,
            cost_bearer=self.cost_bearer or item.cost_bearer,
            workers_entitled=item.workers_entitled if self.workers_entitled is None else self.workers_entitled,
            amount_promised=item.amount_promised if self.amount_promised is None else self.amount_promised,
            currency=self.currency or item.currency,
        )


@dataclass(frozen=True, slots=True)
class Step:
    """The next step of an item, and what is known of it beside the case's facts.

    `described` tells whether finding, root cause and an action stand in words; `implementer` whether the person who
    records this step has recorded the implementation.
    """

    to: ItemState
    offer: Offer = Offer()
    evidence_from: tuple[EvidenceSource, ...] = ()
    verified_by: EvidenceSource | None = None
    described: bool = False
    implementer: bool = False


def taken(item: Item, step: Step) -> Item:
    """The item after a step. What was shown and verified before does not count for a remedy that is started anew."""
    anew = step.to in STARTED_ANEW
    shown_before = () if anew else item.evidence_from
    offered = step.offer.put_to(item) if step.to is ItemState.AGREED else item
    return replace(
        offered,
        state=step.to,
        evidence_from=tuple(dict.fromkeys((*shown_before, *step.evidence_from))),
        verified_by=None if anew else step.verified_by if step.to in VERIFIED else item.verified_by,
    )
