"""Which names are one supplier or site, and which are not. Subject: the id that a reader may have kept.

An id never changes its meaning silently and never stops resolving: readers follow `into`, and take it back when the
merge is undone.
"""

from typing import ClassVar
from uuid import UUID

from shared.events.envelope import Classification, EventData
from shared.events.values import Country, Label, Name
from shared.events.vocabulary import DecidedBy

MEMBERS = frozenset({Classification.MEMBERS})


class Decision(EventData):
    """Why: `decision` names it for whoever wants to undo it, `reasons` are codes of the comparison."""

    family: ClassVar[str] = "registry"
    classifications: ClassVar[frozenset[Classification]] = MEMBERS

    decision: UUID
    decided_by: DecidedBy
    reasons: tuple[Label, ...] = ()


class SupplierAliased(Decision):
    """A further name of a known supplier."""

    type: ClassVar[str] = "supplier.aliased.v1"

    supplier: UUID
    name: Name


class SiteAliased(Decision):
    """A further name or spelling of the address of a known site."""

    type: ClassVar[str] = "site.aliased.v1"

    site: UUID
    name: Name
    address: Name
    country: Country


class SupplierMerged(Decision):
    """Two entries are one supplier: `supplier` is from now on known as `into`."""

    type: ClassVar[str] = "supplier.merged.v1"

    supplier: UUID
    into: UUID


class SiteMerged(Decision):
    """Two entries are one site: `site` is from now on known as `into`."""

    type: ClassVar[str] = "site.merged.v1"

    site: UUID
    into: UUID


class SupplierUnmerged(Decision):
    """A merge was undone: `supplier` stands for itself again."""

    type: ClassVar[str] = "supplier.unmerged.v1"

    supplier: UUID
    was_into: UUID


class SiteUnmerged(Decision):
    """A merge was undone: `site` stands for itself again."""

    type: ClassVar[str] = "site.unmerged.v1"

    site: UUID
    was_into: UUID


class SupplierSplit(Decision):
    """A name that was known as `supplier` is another one's: `new`, which is registered before this."""

    type: ClassVar[str] = "supplier.split.v1"

    supplier: UUID
    new: UUID
    name: Name


class SiteSplit(Decision):
    """A name and address that were known as `site` are another one's: `new`, which is registered before this."""

    type: ClassVar[str] = "site.split.v1"

    site: UUID
    new: UUID
    name: Name
    address: Name
