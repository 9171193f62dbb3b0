"""A site as the disclosures that an audience may read describe it."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from services.risk.domain.facts.catalogue import word_key
from shared.events.vocabulary import Representation, SourceClass

NOBODY = UUID(int=0)
"""Stands where no site or supplier is known."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What a source says of how workers are represented and heard. `source` is whose word it is."""

    source: SourceClass
    representation: Representation = Representation.UNKNOWN
    collective_agreement: bool | None = None
    grievance_mechanisms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MineralUse:
    """A mineral that a site smelts, mines or uses, as declared (CMRT, EMRT). None is unknown."""

    mineral: str
    from_conflict_affected_area: bool | None = None
    recycled_only: bool | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What one current disclosure says of a site to an audience, since it was first told or last came back."""

    disclosure: UUID
    audience: str
    site: UUID
    supplier: UUID
    supplier_name: str
    since: datetime
    site_name: str | None = None
    country: str | None = None
    sectors: tuple[str, ...] = ()
    claim: Claim | None = None
    mineral: MineralUse | None = None


@dataclass(frozen=True, slots=True)
class Described:
    """A site. `supplier` is the first that named it; all else is the union of what is told, in a fixed order.

    `names` are the names of the site and of its suppliers, for entity lists.
    """

    site: UUID
    supplier: UUID
    supplier_name: str
    suppliers: frozenset[UUID]
    disclosures: int
    site_name: str | None = None
    country: str | None = None
    sectors: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    claims: tuple[Claim, ...] = ()
    minerals: tuple[MineralUse, ...] = ()


def product_key(product: str) -> str:
    """A product (maker and model) without what makes no difference, by which it is found."""
    return word_key(product)


def described(told: Sequence[Told]) -> Described:
    """The site that these disclosures describe, whatever the order in which they came. Needs at least one of them."""
    ordered = sorted(told, key=_first_told) if len(told) > 1 else told
    first = ordered[0]
    return Described(
        site=first.site,
        supplier=first.supplier,
        supplier_name=first.supplier_name,
        suppliers=frozenset(one.supplier for one in ordered),
        disclosures=len({one.disclosure for one in ordered}),
        site_name=next((one.site_name for one in ordered if one.site_name), None),
        country=next((one.country for one in ordered if one.country), None),
        sectors=_each_once((sector for one in ordered for sector in one.sectors), word_key),
        names=tuple(sorted({name for one in ordered for name in (one.supplier_name, one.site_name) if name})),
        claims=_each_once((one.claim for one in ordered if one.claim), repr),
        minerals=_each_once((one.mineral for one in ordered if one.mineral), repr),
    )


def without_site(name: str, country: str | None, supplier: UUID, names: tuple[str, ...] = ()) -> Described:
    """A company of which no site is known, as an assessment takes it; its `names` are compared with entity lists."""
    return Described(
        site=NOBODY,
        supplier=supplier,
        supplier_name=name,
        suppliers=frozenset((supplier,)),
        disclosures=0,
        country=country,
        names=names,
    )


def _first_told(told: Told) -> tuple[datetime, UUID, UUID, str]:
    """What was told first comes first; of the same moment the order of ids decides."""
    return told.since, told.supplier, told.disclosure, told.audience


Item = TypeVar("Item", bound=Hashable)


def _each_once(items: Iterable[Item], sameness: Callable[[Item], str]) -> tuple[Item, ...]:
    """The items in a fixed order; of those that are the same the one that sorts first."""
    several = set(items)
    if len(several) < 2:
        return tuple(several)
    found: dict[str, Item] = {}
    for one in sorted(several, key=lambda item: (sameness(item), str(item))):
        found.setdefault(sameness(one), one)
    return tuple(found.values())
