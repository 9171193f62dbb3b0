"""A site as its current disclosures describe it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.risk.domain.model import sectors_in
from shared.company_names import normalise_name


@dataclass(frozen=True, slots=True)
class Told:
    """What one or more current disclosures say alike of a site, since when, and how many they are."""

    site: UUID
    supplier: UUID
    supplier_name: str
    site_name: str | None
    country: str | None
    sector: str | None
    since: datetime
    disclosures: int


@dataclass(frozen=True, slots=True)
class Site:
    """A disclosed site. `supplier` is the first that named it; `suppliers` are all that name it now.

    `name_keys` are the normalised names of the site and of its suppliers.
    """

    site: UUID
    supplier: UUID
    supplier_name: str
    site_name: str | None
    country: str | None
    sectors: frozenset[str]
    name_keys: frozenset[str]
    suppliers: frozenset[UUID]
    disclosures: int


def site_of(told: Sequence[Told]) -> Site:
    """The site that these disclosures describe, whatever the order in which they came. Needs at least one of them."""
    ordered = sorted(told, key=lambda one: (one.since, one.supplier, one.site_name or "", one.sector or ""))
    first = ordered[0]
    return Site(
        site=first.site,
        supplier=first.supplier,
        supplier_name=first.supplier_name,
        site_name=next((one.site_name for one in ordered if one.site_name), None),
        country=next((one.country for one in ordered if one.country), None),
        sectors=frozenset().union(*(sectors_in(one.sector) for one in ordered)),
        name_keys=frozenset(
            normalise_name(name) for one in ordered for name in (one.supplier_name, one.site_name) if name
        ),
        suppliers=frozenset(one.supplier for one in ordered),
        disclosures=sum(one.disclosures for one in ordered),
    )
