"""Which working groups a reason concerns, and the engagements that they are proposed.

What is proposed follows from what is known, not from the order in which it became known: from the scopes of groups, the
reasons that stand, which suppliers are one, and which engagements were opened and closed.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self
from uuid import UUID, uuid5

from shared.events.engagement_words import CompanyContact, ReasonKind
from shared.events.vocabulary import CATEGORY_OF_INSTRUMENT, Category, Instrument

ENGAGEMENTS = UUID("68d0e051-8208-43f9-897d-afa5ed3920bc")
"""Names an engagement by group, supplier, category and round, so that the same is never proposed under two ids."""
REASONS_NAMED = 100
"""An event names at most so many reasons of an engagement, the oldest first: events are small."""
Issue = tuple[UUID, Category]
"""A supplier as it is known now, and a category."""


@dataclass(frozen=True, slots=True)
class Rules:
    """Which reasons propose an engagement by themselves; the others are told beside those that do."""

    kinds: frozenset[ReasonKind]
    severity: int
    """A flag proposes from this grade up (1 to 5), and where it is serious."""


@dataclass(frozen=True, slots=True)
class WorkingGroup:
    """An open working group: the suppliers it works on or, where it names none, its issues."""

    slug: str
    since: datetime
    suppliers: frozenset[UUID]
    """As they are known now."""
    categories: frozenset[Category] = frozenset()
    instruments: frozenset[Instrument] = frozenset()


@dataclass(frozen=True, slots=True)
class Ground:
    """What gives reason: a flag, an indicator or a statement that stands. `root` is its supplier as it is known now."""

    kind: ReasonKind
    id: UUID
    supplier: UUID
    root: UUID
    category: Category
    since: datetime
    severity: int | None = None
    serious: bool = False
    contact: CompanyContact | None = None
    instruments: frozenset[Instrument] = frozenset()

    @property
    def place(self) -> tuple[datetime, str, UUID]:
        """Its place among reasons, the oldest first."""
        return self.since, self.kind, self.id


@dataclass(frozen=True, slots=True)
class Engaged:
    """An engagement that a person opened; `closed_at` is None while it goes on.

    It is about its supplier and category, and about the reasons that were named when it was opened; once it is closed,
    about nothing that came later.
    """

    engagement: UUID
    workinggroup: str
    root: UUID
    category: Category
    closed_at: datetime | None = None
    reasons: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class Proposal:
    """A working group has reason to engage a supplier in a category. `reasons` are those that stand, the oldest first.

    `supplier` is the one that the first of them named; `root` the one as which it is known now.
    """

    engagement: UUID
    workinggroup: str
    supplier: UUID
    root: UUID
    category: Category
    reasons: tuple[Ground, ...]
    since: datetime
    """Since when there is reason for it: as long as its oldest reason and the group stand."""

    @property
    def moved(self) -> datetime:
        """When its newest reason came."""
        return max(self.since, self.reasons[-1].since)


def concerns(ground: Ground, group: WorkingGroup) -> bool:
    """Whether a reason concerns a group: the group names the supplier or, naming no supplier at all, the issue.

    The issue is a category or an instrument. A reason that names no instrument is of all those of its category.
    """
    if group.suppliers:
        return ground.root in group.suppliers
    if ground.category in group.categories or ground.instruments & group.instruments:
        return True
    of_category = {one for one in group.instruments if CATEGORY_OF_INSTRUMENT.get(one) is ground.category}
    return not ground.instruments and bool(of_category)


def proposes(ground: Ground, rules: Rules) -> bool:
    """Whether a reason proposes an engagement by itself.

    A flag by its severity; a statement only where the company may be approached on it; an indicator points at a list
    and is no flag, so that by default it is only told beside others.
    """
    if ground.kind not in rules.kinds:
        return False
    if ground.kind is ReasonKind.FLAG:
        return ground.serious or (ground.severity or 0) >= rules.severity
    return ground.kind is not ReasonKind.STATEMENT or may_be_named(ground)


def may_be_named(ground: Ground) -> bool:
    """Whether a reason may be told to a group: of statements only those on which the company may be approached."""
    return ground.kind is not ReasonKind.STATEMENT or ground.contact is CompanyContact.CLEARED


@dataclass(frozen=True, slots=True)
class Held:
    """The engagements of one group, found by what they are about."""

    by_issue: Mapping[Issue, Sequence[Engaged]]
    by_reason: Mapping[UUID, Sequence[Engaged]]

    @classmethod
    def of(cls, engaged: Iterable[Engaged]) -> Self:
        """Engagements, by supplier and category and by each reason that was named."""
        by_issue: dict[Issue, list[Engaged]] = {}
        by_reason: dict[UUID, list[Engaged]] = {}
        for one in engaged:
            by_issue.setdefault((one.root, one.category), []).append(one)
            for reason in one.reasons:
                by_reason.setdefault(reason, []).append(one)
        return cls(by_issue, by_reason)

    def goes_on(self, issue: Issue) -> bool:
        """Whether an engagement about this supplier and category goes on."""
        return any(one.closed_at is None for one in self.by_issue.get(issue, ()))

    def holds(self, ground: Ground) -> bool:
        """Whether an engagement is about a reason, which then proposes nothing else to the group."""
        about = *self.by_issue.get((ground.root, ground.category), ()), *self.by_reason.get(ground.id, ())
        return any(one.closed_at is None or ground.since <= one.closed_at for one in about)


def propose(
    groups: Iterable[WorkingGroup],
    grounds: Sequence[Ground],
    engaged: Sequence[Engaged],
    rules: Rules,
    taken: Collection[UUID] = (),
) -> list[Proposal]:
    """The proposals that stand: one for each group, supplier and category with a reason that nothing holds yet.

    `taken` are ids under which somebody opened anything else, also where that was taken back.
    """
    found = []
    opened = {*taken, *(one.engagement for one in engaged)}
    for group in groups:
        held = Held.of(one for one in engaged if one.workinggroup == group.slug)
        issues: dict[Issue, list[Ground]] = {}
        for ground in grounds:
            if may_be_named(ground) and concerns(ground, group) and not held.holds(ground):
                issues.setdefault((ground.root, ground.category), []).append(ground)
        for issue, reasons in issues.items():
            proposal = None if held.goes_on(issue) else proposal_for(group, issue, reasons, rules, opened)
            if proposal is not None:
                found.append(proposal)
    return found


def proposal_for(
    group: WorkingGroup, issue: Issue, grounds: Iterable[Ground], rules: Rules, opened: Collection[UUID]
) -> Proposal | None:
    """The proposal for one supplier and category, if one of these reasons proposes; `opened` are ids in use."""
    root, category = issue
    reasons = sorted(grounds, key=lambda ground: ground.place)
    first = next((ground for ground in reasons if proposes(ground, rules)), None)
    if first is None:
        return None
    engagement = next_id(group.slug, first.supplier, category, opened)
    since = max(group.since, first.since)
    return Proposal(engagement, group.slug, first.supplier, root, category, tuple(reasons), since)


def next_id(slug: str, supplier: UUID, category: Category, opened: Collection[UUID]) -> UUID:
    """The id under which this is proposed: of its rounds the first that nobody has opened."""
    number = 0
    while (one := engagement_id(slug, supplier, category, number)) in opened:
        number += 1
    return one


def engagement_id(slug: str, supplier: UUID, category: Category, number: int) -> UUID:
    """The id of a proposal; `number` counts the engagements that were opened by such an id before."""
    return uuid5(ENGAGEMENTS, f"{slug}/{supplier}/{category}/{number}")


def reason_for(category: Category, reasons: Sequence[Ground]) -> str:
    """Why an engagement is proposed, in words that accuse nobody and tell no source."""
    issue = category.value.replace("_", " ")
    kinds = {ground.kind for ground in reasons}
    what = "A flag" if ReasonKind.FLAG in kinds else "A statement" if ReasonKind.STATEMENT in kinds else "A public list"
    verb = "points at" if what == "A public list" else "names"
    return f"{what} on {issue} {verb} this supplier. Whether to engage it is for the working group to decide."
