"""How several sites stand together: the gravest grades among them, and which comes first."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from services.risk.domain.assessment.result import Grades, gravest
from shared.events.vocabulary import Category


@dataclass(frozen=True, slots=True)
class Standing:
    """A site as it was last assessed for a reader; `supplier` (a root) is the one that was told of it first."""

    site: UUID
    name: str | None
    supplier: UUID
    supplier_name: str
    country: str | None
    address: str | None
    gaps: tuple[str, ...]
    grades: Mapping[Category, Grades]


def ranked(standings: Collection[Standing], unknown: int) -> list[Standing]:
    """The sites in the order in which they deserve attention: by the gravest category, then the next, then the name."""

    def place(one: Standing) -> tuple[list[int], str, str]:
        priorities = sorted((grades.priority(unknown) for grades in one.grades.values()), reverse=True)
        return [-priority for priority in priorities], (one.name or one.supplier_name).casefold(), str(one.site)

    return sorted(standings, key=place)


def together(standings: Collection[Standing], unknown: int) -> list[tuple[Category, Grades]]:
    """The gravest grades of each category among the sites, the category of the highest priority first."""
    found: dict[Category, list[Grades]] = {}
    for one in standings:
        for category, grades in one.grades.items():
            found.setdefault(category, []).append(grades)
    graded = [(category, gravest(ones)) for category, ones in found.items()]
    return sorted(graded, key=lambda one: (-one[1].priority(unknown), one[0].value))


def leading(order: Sequence[Standing], category: Category, unknown: int) -> Standing:
    """The site that is gravest in a category; of several the first in the order. Needs at least one."""
    return max(order, key=lambda one: one.grades[category].priority(unknown) if category in one.grades else 0)
