"""What is known beside the dialogue: reasons, leverage, and a member's own contracts with what became of them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.remedy.domain.engagement.documents.sheet import Cell, Source, Table, columns, table
from services.remedy.domain.engagement.documents.told import Names, Period, Told, newest, of_kind, spaced
from shared.events.engagement_words import CompanyContact
from shared.events.envelope import EventData
from shared.events.remedy import ConditionDue, ConditionLifted, ConditionMoved, MemberObligationMissed
from shared.events.values import Conditions, Money

WORKER_SIDE = "a worker-side source"
KINDS = {
    "flag": "risk flag",
    "indicator": "indicator of a list",
    "statement": WORKER_SIDE,
    "verification": f"{WORKER_SIDE}: a remedy was found effective",
}
TESTIMONY = frozenset({"statement", "verification"})
"""What a case handler released of testimony: of it nothing finer than a quarter is told."""


@dataclass(frozen=True, slots=True)
class Reason:
    """A flag, an indicator, or what was released of testimony on a supplier, as last told, until it ended if it did.

    `kind` is a ReasonKind, or `verification`: workers found a remedy effective, which is no reason to engage.
    `quarter` is what was released of the time of testimony; `since` then is when it was published.
    """

    kind: str
    id: UUID
    category: str
    since: datetime
    contact: CompanyContact | None = None
    quarter: str | None = None
    ended_at: datetime | None = None
    source: Source | None = None

    @property
    def cleared(self) -> bool:
        """Whether the company may be approached on it: a statement only where a case handler has cleared that."""
        return self.kind not in TESTIMONY or self.contact is CompanyContact.CLEARED


@dataclass(frozen=True, slots=True)
class Leverage:
    """How many buyers and contracts a flag concerns together, as far as that is told to all members (UNGP 19)."""

    flag: UUID
    category: str
    buyers: int
    contracts: int | None
    sums: Sequence[Money]
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Contract:
    """A contract as its reader knows it."""

    id: UUID
    reference: str
    title: str | None
    owner: str
    supplier: UUID | None
    starts: date | None
    ends: date | None
    ended_on: date | None
    conditions: Conditions | None
    source: Source | None = None

    def binds(self, period: Period) -> bool:
        """Whether it binds on a day of the period, as far as its days are known."""
        ended = self.ended_on or self.ends
        return (self.starts is None or self.starts <= period.last) and (ended is None or ended >= period.first)


@dataclass(frozen=True, slots=True)
class Holdings:
    """A member's own: its contracts by id, and what was told of their follow-up and of requests to itself."""

    member: str
    contracts: Mapping[UUID, Contract]
    told: Sequence[Told[EventData]]

    def in_force(self, period: Period) -> "Holdings":
        """The same with the contracts alone that bound on a day of the period; without a first or last day they do."""
        kept = {one.id: one for one in self.contracts.values() if one.binds(period)}
        return Holdings(self.member, kept, self.told)

    def reference(self, contract: UUID) -> str:
        """The member's own reference of a contract."""
        found = self.contracts.get(contract)
        return found.reference if found else f"contract {str(contract)[:8]}"


def sourced(value: str | int | date | None, source: Source | None) -> Cell:
    """A cell with its source, where that was kept."""
    return Cell(value, (source,) if source else ())


def reasons_table(reasons: Sequence[Reason], period: Period) -> Table:
    """What all members know of risks at a supplier; of testimony only that it came from the workers' side."""
    heads = columns(kind="From", category="Issue", since="Since", stands="Stands")
    rows = (
        (
            sourced(KINDS.get(one.kind, spaced(one.kind)), one.source),
            spaced(one.category),
            one.quarter if one.kind in TESTIMONY else period.day_of(one.since),
            "yes" if one.ended_at is None else "no longer",
        )
        for one in reasons
    )
    return table("reasons", "What is known of risks", heads, rows, "Nothing is known to this reader.")


def leverage_table(found: Sequence[Leverage]) -> Table:
    """How many buyers have a contract that a flag concerns, and what those are worth together, as told to members."""
    heads = columns(category="Issue", buyers="Buyers", contracts="Contracts", sums="Worth together, rounded")
    rows = (
        (
            spaced(one.category),
            sourced(one.buyers, one.source),
            sourced(one.contracts, one.source),
            ", ".join(f"{each.amount:,} {each.currency}" for each in one.sums) or "not told",
        )
        for one in found
    )
    return table("leverage", "Leverage together", heads, rows, "No leverage was told.")


def contracts_table(holdings: Holdings, names: Names) -> Table:
    """A member's own contracts, with the performance conditions that bind their suppliers."""
    heads = columns(
        reference="Contract", title="Title", supplier="Supplier", starts="From", ends="To", conditions="Conditions",
        clauses="Clauses",
    )  # fmt: skip
    rows = (
        (
            sourced(one.reference, one.source),
            one.title or "",
            names.supplier(one.supplier) if one.supplier else "not awarded",
            sourced(one.starts, one.source),
            sourced(one.ended_on or one.ends, one.source),
            f"{one.conditions.name}, {one.conditions.edition}" if one.conditions else "none told",
            ", ".join(one.conditions.clauses) if one.conditions else "",
        )
        for one in sorted(holdings.contracts.values(), key=lambda one: (one.reference, str(one.id)))
    )
    return table("contracts", "Contracts followed up", heads, rows, "No contract is known.")


def conditions_table(holdings: Holdings, period: Period, wanted: Callable[[ConditionDue], bool]) -> Table:
    """What was due of a member's own contracts, and how each stood at the end of the period."""
    heads = columns(
        contract="Contract", wanted="What is due", clause="Clause", due="Due", state="State", reason="Reason"
    )
    moves = newest(
        [one for one in of_kind(holdings.told, ConditionMoved) if period.ended(one)], lambda data: data.condition
    )

    missed = newest(
        [one for one in of_kind(holdings.told, MemberObligationMissed) if period.ended(one)], lambda data: data.about
    )

    lifted = newest(
        [one for one in of_kind(holdings.told, ConditionLifted) if period.ended(one)], lambda data: data.condition
    )

    def rows() -> Iterator[tuple[Cell | str | None, ...]]:
        for one in of_kind(holdings.told, ConditionDue):
            if not (period.ended(one) and wanted(one.data)):
                continue
            last = moves.get(one.data.condition)
            late = missed.get(one.data.condition)
            state = Cell(spaced(last.data.after), (last.source,)) if last else Cell("due", (one.source,))
            if last is None and late is not None:
                state = Cell("due, day missed", (one.source, late.source))
            if gone := lifted.get(one.data.condition):
                state = Cell("no longer due", (gone.source,))
            head = holdings.reference(one.data.contract), one.data.wanted, one.data.clause
            yield *head, Cell(one.data.due, (one.source,)), state, (last.data.reason or "") if last else ""

    return table("conditions", "Contract performance conditions", heads, rows(), "Nothing was due.")
