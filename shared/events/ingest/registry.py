"""The registry and the members' contracts. Subject: the id of what was registered."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from shared.events.engagement_words import GroupCause, GroupEnd, Regime
from shared.events.envelope import Classification, EventData
from shared.events.values import (
    Conditions,
    Country,
    Identifiers,
    Label,
    Money,
    Name,
    Sentence,
    Slug,
    Value,
)
from shared.events.vocabulary import (
    Category,
    ContractEnd,
    ContractLevel,
    GroupRole,
    Instrument,
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
    bound_by: tuple[Regime, ...] = ()


class MemberLeft(EventData):
    """A member has left. What it contributed stays, attributed from now on to a member of its kind, not by name."""

    type: ClassVar[str] = "member.left.v1"
    family: ClassVar[str] = "registry"
    classifications: ClassVar[frozenset[Classification]] = MEMBERS

    member: Slug
    kind: MemberKind


class GroupFounding(Value):
    """Why a working group was formed: a compliance concern or a good practice, and what it was about.

    `about` is the id of a flag, a supplier or a practice.
    """

    cause: GroupCause
    reason: Sentence
    about: UUID | None = None


class WorkingGroupEstablished(EventData):
    """A working group exists, or its purpose or scope has changed: the newest event holds. Subject: the group.

    Its scope is suppliers and issues (categories, instruments). Who belongs to it is told by WorkingGroupJoined and
    WorkingGroupLeft, under the same subject.
    """

    type: ClassVar[str] = "workinggroup.established.v1"
    family: ClassVar[str] = "registry"
    classifications: ClassVar[frozenset[Classification]] = MEMBERS

    workinggroup: Slug
    name: Name
    purpose: Sentence
    secretariat: Slug
    founding: GroupFounding | None = None
    categories: tuple[Category, ...] = ()
    instruments: tuple[Instrument, ...] = ()
    suppliers: tuple[UUID, ...] = ()
    rightsholders: tuple[Name, ...] = ()


class WorkingGroupJoined(EventData):
    """A member takes part in a working group, or in another part than before; each speaks only for itself."""

    type: ClassVar[str] = "workinggroup.joined.v1"
    family: ClassVar[str] = "registry"
    classifications: ClassVar[frozenset[Classification]] = MEMBERS

    workinggroup: Slug
    member: Slug
    role: GroupRole


class WorkingGroupLeft(EventData):
    """A member no longer takes part in a working group."""

    type: ClassVar[str] = "workinggroup.left.v1"
    family: ClassVar[str] = "registry"
    classifications: ClassVar[frozenset[Classification]] = MEMBERS

    workinggroup: Slug
    member: Slug


class WorkingGroupClosed(EventData):
    """A working group has ended; what it shared stays on its topics, and nothing more is taken for it."""

    type: ClassVar[str] = "workinggroup.closed.v1"
    family: ClassVar[str] = "registry"
    classifications: ClassVar[frozenset[Classification]] = MEMBERS

    workinggroup: Slug
    reason: GroupEnd


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
    """A contract, for the members that buy or use under it, each on its own topic; the newest event holds.

    `member` is its owner. Without a supplier it is not awarded yet. Subject: the contract.
    """

    type: ClassVar[str] = "contract.recorded.v1"
    family: ClassVar[str] = "contract"
    classifications: ClassVar[frozenset[Classification]] = MEMBER

    contract: UUID
    member: Slug
    reference: Label
    level: ContractLevel
    supplier: UUID | None = None
    supplier_name: Name | None = None
    parent: UUID | None = None
    end_users: tuple[Slug, ...] = ()
    ocid: Label | None = None
    notice: Label | None = None
    title: Name | None = None
    starts: date | None = None
    ends: date | None = None
    value_band: Label | None = None
    value: Money | None = None
    conditions: Conditions | None = None


class ContractClosed(EventData):
    """A contract no longer binds, or its reader no longer buys under it."""

    type: ClassVar[str] = "contract.closed.v1"
    family: ClassVar[str] = "contract"
    classifications: ClassVar[frozenset[Classification]] = MEMBER

    contract: UUID
    member: Slug
    ended_on: date
    reason: ContractEnd
