"""Which working groups a flag concerns, and the engagement that each is proposed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID, uuid5

from shared.events.vocabulary import Category

ENGAGEMENTS = UUID("68d0e051-8208-43f9-897d-afa5ed3920bc")
"""Names an engagement by group, supplier and category, so that the same is never proposed twice."""
FLAGS_NAMED = 100
"""An event names at most so many flags of an engagement, the oldest first: events are small."""


@dataclass(frozen=True, slots=True)
class WorkingGroup:
    """A working group: the suppliers it works on, or, where it names none, the categories."""

    slug: str
    suppliers: frozenset[UUID]
    categories: frozenset[Category]


@dataclass(frozen=True, slots=True)
class Flag:
    """A flag that `risk` follows up."""

    id: UUID
    supplier: UUID
    supplier_name: str
    category: Category
    serious: bool


@dataclass(frozen=True, slots=True)
class Proposal:
    """A working group has reason to engage a supplier in a category. `flags` are the reasons, the oldest first."""

    engagement: UUID
    workinggroup: str
    supplier: UUID
    supplier_name: str
    category: Category
    flags: tuple[UUID, ...]


def concerns(flag: Flag, group: WorkingGroup) -> bool:
    """Whether a flag concerns a group: it names the supplier or, naming no supplier at all, the category."""
    return flag.supplier in group.suppliers if group.suppliers else flag.category in group.categories


def propose(groups: Iterable[WorkingGroup], flags: Sequence[Flag]) -> list[Proposal]:
    """One proposal for each group, supplier and category that the flags concern."""
    found: dict[tuple[str, UUID, Category], list[Flag]] = {}
    for group in groups:
        for flag in flags:
            if concerns(flag, group):
                found.setdefault((group.slug, flag.supplier, flag.category), []).append(flag)
    return [
        Proposal(
            engagement=uuid5(ENGAGEMENTS, f"{slug}/{supplier}/{category}"),
            workinggroup=slug,
            supplier=supplier,
            supplier_name=reasons[-1].supplier_name,
            category=category,
            flags=tuple(dict.fromkeys(flag.id for flag in reasons)),
        )
        for (slug, supplier, category), reasons in found.items()
    ]


def reason_for(category: Category) -> str:
    """Why an engagement is proposed, in words that accuse nobody."""
    words = category.value.replace("_", " ")
    return f"A flag on {words} names this supplier. Whether to engage it is for the working group to decide."
