"""The remedy plan: what is done for the workers, who does and pays it, who says that it works (UNGP 22, 25, 31)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Self
from uuid import UUID

from shared.events.remedy.cases import CaseFact, RemedyItemMoved, WorkersConsulted
from shared.events.remedy.words import Bearer, EvidenceSource, FindingGrade, ItemState, Party, RemedyForm

BEFORE_AGREEMENT = frozenset(
    {ItemState.PROPOSED, ItemState.CONSULTED, ItemState.DISPUTED, ItemState.REOPENED, ItemState.OTHER}
)
EFFECTIVE = frozenset({ItemState.VERIFIED_EFFECTIVE, ItemState.CLOSED})


@dataclass(frozen=True, slots=True)
class Item:
    """One item of the plan, as its last fact told it. What is paid are totals so far, never instalments."""

    id: UUID
    state: ItemState
    form: RemedyForm
    grade: FindingGrade
    responsible: Bearer
    cost_bearer: Bearer
    due: date | None = None
    workers_entitled: int | None = None
    workers_paid: int | None = None
    amount_promised: Decimal | None = None
    amount_paid: Decimal | None = None
    currency: str | None = None
    evidence_from: tuple[EvidenceSource, ...] = ()
    verified_by: EvidenceSource | None = None
    promised: bool = False
    """Whether it was ever agreed: from then on what it promises is owed, also while it is disputed or reopened."""
    awaits_workers: bool = False
    """Whether it was reopened, and the workers have not been asked since."""

    @property
    def short(self) -> bool:
        """Whether fewer workers were paid than are entitled, or less than was promised."""
        workers = (self.workers_paid or 0) < (self.workers_entitled or 0)
        return workers or (self.amount_paid or Decimal()) < (self.amount_promised or Decimal())


@dataclass(frozen=True, slots=True)
class Plan:
    """The items of a case's plan. Its clock starts on the day on which the workers were first consulted."""

    consulted_on: date | None = None
    items: Mapping[UUID, Item] = field(default_factory=lambda: MappingProxyType({}))

    def after(self, _at: datetime, _by: Party, fact: CaseFact) -> Self:
        """The plan after a fact."""
        if isinstance(fact, WorkersConsulted):
            asked = (replace(item, awaits_workers=False) for item in self.items.values())
            return replace(self, consulted_on=self.consulted_on or fact.on, items=by_id(asked))
        if isinstance(fact, RemedyItemMoved):
            item = item_after(self.items.get(fact.item), fact)
            return replace(self, items=MappingProxyType({**self.items, item.id: item}))
        return self

    @property
    def wanted(self) -> list[Item]:
        """The items that were not dropped, the first proposed first."""
        return [item for item in self.items.values() if item.state is not ItemState.DROPPED]

    @property
    def agreed(self) -> bool:
        """Whether there is an item, and each has been agreed or has gone further. Dropped ones do not count."""
        return bool(self.wanted) and not any(item.state in BEFORE_AGREEMENT for item in self.wanted)

    @property
    def verified(self) -> bool:
        """Whether there is an item, and each is verified as effective or closed after that."""
        return bool(self.wanted) and all(item.state in EFFECTIVE for item in self.wanted)

    @property
    def kept(self) -> bool:
        """Whether each item that was ever promised is verified as effective, or dropped."""
        return not any(item.promised and item.state not in EFFECTIVE for item in self.wanted)

    @property
    def paid(self) -> bool:
        """Whether nothing that was promised, to nobody who is entitled, is still owed."""
        return not any(item.promised and item.short for item in self.items.values())


def by_id(items: Iterable[Item]) -> Mapping[UUID, Item]:
    """The items by their ids, in their order."""
    return MappingProxyType({item.id: item for item in items})


def item_after(before: Item | None, fact: RemedyItemMoved) -> Item:
    """An item as a fact tells it."""
    reopened = fact.after is ItemState.REOPENED
    return Item(
        id=fact.item,
        state=fact.after,
        form=fact.form,
        grade=fact.grade,
        responsible=fact.responsible,
        cost_bearer=fact.cost_bearer,
        due=fact.due,
        workers_entitled=fact.workers_entitled,
        workers_paid=fact.workers_paid,
        amount_promised=fact.amount_promised,
        amount_paid=fact.amount_paid,
        currency=fact.currency,
        evidence_from=fact.evidence_from,
        verified_by=fact.verified_by,
        promised=fact.after is ItemState.AGREED or (before is not None and before.promised),
        awaits_workers=reopened or (before is not None and before.awaits_workers),
    )
