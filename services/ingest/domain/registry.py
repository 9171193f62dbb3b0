"""What the registry knows of suppliers and sites, and what more a new source adds to it."""

from dataclasses import dataclass, field, replace
from typing import TypeVar
from uuid import UUID

from shared.events.ingest import SiteRegistered, SupplierRegistered
from shared.events.values import Identifiers


@dataclass(frozen=True, slots=True)
class Supplier:
    """A supplier; `key` is what all spellings of its name have in common."""

    id: UUID
    key: bytes
    name: str
    country: str | None = None
    identifiers: dict[str, str] = field(default_factory=dict)

    def with_more(self, other: "Supplier") -> "Supplier":
        """This supplier with what the other adds to it; what is known already stays."""
        return replace(
            self, country=self.country or other.country, identifiers={**other.identifiers, **self.identifiers}
        )

    def event(self) -> SupplierRegistered:
        return SupplierRegistered(
            supplier=self.id, name=self.name, country=self.country, identifiers=identifiers_of(self.identifiers)
        )


@dataclass(frozen=True, slots=True)
class Site:
    """A site; `key` is what all spellings of its name, address and country have in common."""

    id: UUID
    key: bytes
    supplier: UUID
    name: str
    address: str
    country: str
    sector: str | None = None
    identifiers: dict[str, str] = field(default_factory=dict)

    def with_more(self, other: "Site") -> "Site":
        """This site with what the other adds to it; what is known already stays."""
        return replace(self, sector=self.sector or other.sector, identifiers={**other.identifiers, **self.identifiers})

    def event(self) -> SiteRegistered:
        return SiteRegistered(
            site=self.id,
            supplier=self.supplier,
            name=self.name,
            address=self.address,
            country=self.country,
            sector=self.sector,
            identifiers=identifiers_of(self.identifiers),
        )


Known = TypeVar("Known", Supplier, Site)


def joined(found: list[Known]) -> dict[bytes, Known]:
    """One entry per key: the first that names it, with what the others add."""
    by_key: dict[bytes, Known] = {}
    for one in found:
        before = by_key.get(one.key)
        by_key[one.key] = one if before is None else before.with_more(one)
    return by_key


def grown(known: dict[bytes, Known], named: dict[bytes, Known]) -> list[Known]:
    """The known entries of which the named ones tell more than was known, with what they tell."""
    pairs = ((known[key], known[key].with_more(one)) for key, one in named.items())
    return [after for before, after in pairs if after != before]


def identifiers_of(found: dict[str, str]) -> Identifiers | None:
    return Identifiers.model_validate(found) if found else None
