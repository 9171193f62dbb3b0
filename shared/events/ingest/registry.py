"""The registry and the members' contracts. Subject: the id of what was registered."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from shared.events.envelope import Classification, EventData
from shared.events.values import (
    Conditions,
    Country,
    Identifiers,
    Label,
    Name,
    Sentence,
    Slug,
    Value,
)
from shared.events.vocabulary import (
    Category,
    ContractLevel,
    GroupRole,
    MemberKind,
)

MEMBERS = frozenset({Classification.MEMBERS})
MEMBER = frozenset({Classification.MEMBER})


class MemberRegistered(EventData):
    """A public body, the secretariat or a partner has joined, or its entry has changed: the newest event holds."""

    type: ClassVar[str] = "member.registered.v1"
    family: ClassVar[str] = "registry"
    classifications: ClassVar[frozenset[Classification]] = MEMBERS

    member: Slug
    name: Name
    kind: MemberKind
    country: Country | None = None


class GroupMember(Value):
    """A member of a working group and its part in it."""

    member: Slug
    role: GroupRole


class WorkingGroupEstablished(EventData):
    """A working group exists, or its entry has changed: the newest event holds."""

    type: ClassVar[str] = "workinggroup.established.v1"
    family: ClassVar[str] = "registry"
    classifications: ClassVar[frozenset[Classification]] = MEMBERS

    workinggroup: Slug
    name: Name
    purpose: Sentence
    secretariat: Slug
    categories: tuple[Category, ...] = ()
    suppliers: tuple[UUID, ...] = ()
    members: tuple[GroupMember, ...] = ()


class SupplierRegistered(EventData):
    """A supplier is known for the first time, or more of it is known."""

    type: ClassVar[str] = "supplier.registered.v1"
    family: ClassVar[str] = "registry"
    classifications: ClassVar[frozenset[Classification]] = MEMBERS

    supplier: UUID
    name: Name
    country: Country | None = None
    identifiers: Identifiers | None = None


class SiteRegistered(EventData):
    """A site is known for the first time, or more of it is known. `supplier` is the first that named it."""

    type: ClassVar[str] = "site.registered.v1"
    family: ClassVar[str] = "registry"
    classifications: ClassVar[frozenset[Classification]] = MEMBERS

    site: UUID
    supplier: UUID
    name: Name
    address: Name
    country: Country
    sector: Label | None = None
    identifiers: Identifiers | None = None


class ContractRecorded(EventData):
    """A member's contract with a supplier, for that member alone. Subject: the contract."""

    type: ClassVar[str] = "contract.recorded.v1"
    family: ClassVar[str] = "contract"
    classifications: ClassVar[frozenset[Classification]] = MEMBER

    contract: UUID
    member: Slug
    reference: Label
    supplier: UUID
    supplier_name: Name
    level: ContractLevel
    parent: UUID | None = None
    ocid: Label | None = None
    title: Name | None = None
    starts: date | None = None
    ends: date | None = None
    value_band: Label | None = None
    conditions: Conditions | None = None
