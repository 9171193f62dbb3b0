"""What the registry knows of suppliers and sites, and what more a new source adds to it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import ClassVar, TypeVar
from uuid import UUID

from shared.events.ingest import SiteRegistered, SupplierRegistered
from shared.events.values import Identifiers


class Kind(StrEnum):
    """What an entry of the registry is."""

    SUPPLIER = "supplier"
    SITE = "site"


@dataclass(frozen=True, slots=True)
class Supplier:
    """A supplier; `key` is what all spellings of a name have in common."""

    kind: ClassVar[Kind] = Kind.SUPPLIER
    address: ClassVar[str | None] = None
    native_name: ClassVar[str | None] = None

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
    """A site; `key` is what all spellings of a name, address and country have in common.

    `native_name` is the same name in its own script, as this spelling's source gives it.
    """

    kind: ClassVar[Kind] = Kind.SITE

    id: UUID
    key: bytes
    supplier: UUID
    name: str
    address: str
    country: str
    sector: str | None = None
    identifiers: dict[str, str] = field(default_factory=dict)
    native_name: str | None = None

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


Entry = TypeVar("Entry", Supplier, Site)


def joined(named: Iterable[Entry]) -> dict[bytes, Entry]:
    """One entry per key: the first that names it, with what the others add."""
    by_key: dict[bytes, Entry] = {}
    for one in named:
        before = by_key.get(one.key)
        by_key[one.key] = one if before is None else before.with_more(one)
    return by_key


def grown(known: Mapping[bytes, Entry], named: Mapping[bytes, Entry]) -> list[Entry]:
    """The known entries of which the named ones tell more than was known, with what they tell; each entry once."""
    before = {one.id: one for one in known.values()}
    after = dict(before)
    for key, one in named.items():
        if key in known:
            entry = known[key].id
            after[entry] = after[entry].with_more(one)
    return [one for entry, one in after.items() if one != before[entry]]


def identifiers_of(found: dict[str, str]) -> Identifiers | None:
    return Identifiers.model_validate(found) if found else None


def parted(
    known: Mapping[str, str], said: Iterable[tuple[bool, Mapping[str, str]]]
) -> tuple[dict[str, str], dict[str, str]]:
    """Of an entry's ids those that stay and those that leave with one of its names.

    `said` tells what each source gave, earliest first, and whether it spoke of the name that leaves. Each side has the
    first of each kind that its own sources gave; what nobody is known to have given stays.
    """
    stays: dict[str, str] = {}
    leaves: dict[str, str] = {}
    for is_leaving, identifiers in said:
        side = leaves if is_leaving else stays
        side |= {scheme: value for scheme, value in identifiers.items() if scheme not in side}
    ungiven = {scheme: value for scheme, value in known.items() if leaves.get(scheme) != value}
    return {**ungiven, **stays}, leaves
