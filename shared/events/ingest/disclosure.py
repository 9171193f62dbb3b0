"""Disclosures, resolved to known suppliers and sites. Subject: the supplier."""

from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field

from shared.events.envelope import Classification, EventData
from shared.events.values import (
    Country,
    Evidence,
    Label,
    ListReference,
    MineralDeclaration,
    Name,
    Percent,
    Product,
    SiteFacts,
    Slug,
    SupplyLink,
    Value,
)
from shared.events.vocabulary import (
    Answer,
    Confidence,
    DisclosureScope,
    MemberKind,
    NotDisclosedReason,
    Retirement,
    Tier,
    WithdrawalReason,
)

MEMBERS = frozenset({Classification.MEMBERS})
MEMBER = frozenset({Classification.MEMBER})


class UpstreamRequest(Value):
    """The formal request that proves due diligence, as the source gave it."""

    asked_on: date
    asked_company: Name
    answer: Answer
    answered_on: date | None = None
    evidence: tuple[Evidence, ...] = ()


class NotDisclosed(Value):
    """What was not disclosed, why, and the proof that it was asked for."""

    missing: Label
    reason: NotDisclosedReason
    requests: tuple[UpstreamRequest, ...] = ()


class DisclosureAccepted(EventData):
    """A source says that a supplier works at a site, or that it would not say. It names no contract.

    To all members only what the source has published itself, otherwise to the members that are linked to the site by a
    contract, each on its own topic. `member` is left out where the contributor is told by type only (`contributor`).
    The same `disclosure` again replaces what was said before.
    `site` and its name, address and country are given together, or `not_disclosed` is.
    """

    type: ClassVar[str] = "disclosure.accepted.v1"
    family: ClassVar[str] = "disclosure"
    classifications: ClassVar[frozenset[Classification]] = MEMBERS | MEMBER

    disclosure: UUID
    contributor: MemberKind
    member: Slug | None = None
    supplier: UUID
    supplier_name: Name
    list: ListReference
    site: UUID | None = None
    site_name: Name | None = None
    address: Name | None = None
    country: Country | None = None
    facts: SiteFacts | None = None
    not_disclosed: NotDisclosed | None = None
    scope: DisclosureScope = DisclosureScope.COMPANY
    period_start: date | None = None
    period_end: date | None = None
    effective: date | None = None
    completeness_percent: Percent | None = None
    product: Product | None = None
    tier: Tier = Tier.UNKNOWN
    component: Label | None = None
    mineral: MineralDeclaration | None = None
    link: SupplyLink | None = None
    confidence: Confidence | None = None
    evidence: tuple[Evidence, ...] = ()


class DisclosureLinked(EventData):
    """A disclosure belongs to a member's contract; for that member alone, wherever the disclosure went."""

    type: ClassVar[str] = "disclosure.linked.v1"
    family: ClassVar[str] = "disclosure"
    classifications: ClassVar[frozenset[Classification]] = MEMBER

    disclosure: UUID
    contract: UUID
    supplier: UUID
    site: UUID | None = None


class DisclosureUnlinked(EventData):
    """A disclosure no longer belongs to a member's contract: the contract ended, or the disclosure did."""

    type: ClassVar[str] = "disclosure.unlinked.v1"
    family: ClassVar[str] = "disclosure"
    classifications: ClassVar[frozenset[Classification]] = MEMBER

    disclosure: UUID
    contract: UUID
    supplier: UUID
    site: UUID | None = None


class DisclosureRetired(EventData):
    """A disclosure no longer holds for its reader.

    It is not in a newer edition of its list, its sender took it back, or the reader is no longer linked to the site.
    """

    type: ClassVar[str] = "disclosure.retired.v1"
    family: ClassVar[str] = "disclosure"
    classifications: ClassVar[frozenset[Classification]] = MEMBERS | MEMBER

    disclosure: UUID
    supplier: UUID
    reason: Retirement
    site: UUID | None = None
    edition: Label | None = None


class RequestRecorded(EventData):
    """A buyer asked a supplier for a disclosure; for that buyer alone. The clock runs from `asked_on` to `due`."""

    type: ClassVar[str] = "request.recorded.v1"
    family: ClassVar[str] = "disclosure"
    classifications: ClassVar[frozenset[Classification]] = MEMBER

    request: UUID
    member: Slug
    supplier: UUID
    supplier_name: Name
    wanted: Label
    asked_on: date
    due: date
    clock: Annotated[Name, Field(description="What the deadline rests on, with its source.")]
    contract: UUID | None = None
    template: Label | None = None


class RequestAnswered(EventData):
    """The first disclosure that answers a request came in: its clock has stopped."""

    type: ClassVar[str] = "request.answered.v1"
    family: ClassVar[str] = "disclosure"
    classifications: ClassVar[frozenset[Classification]] = MEMBER

    request: UUID
    supplier: UUID
    disclosure: UUID
    late: bool


class RequestOverdue(EventData):
    """A request was not answered by its due day."""

    type: ClassVar[str] = "request.overdue.v1"
    family: ClassVar[str] = "disclosure"
    classifications: ClassVar[frozenset[Classification]] = MEMBER

    request: UUID
    supplier: UUID
    due: date
    contract: UUID | None = None


class RequestWithdrawn(EventData):
    """A request was recorded by mistake."""

    type: ClassVar[str] = "request.withdrawn.v1"
    family: ClassVar[str] = "disclosure"
    classifications: ClassVar[frozenset[Classification]] = MEMBER

    request: UUID
    supplier: UUID
    reason: WithdrawalReason
