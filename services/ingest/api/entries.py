"""What the registry answers, entry by entry."""

import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from asyncpg import Record
from pydantic import BaseModel

from services.ingest.domain.publication import by
from shared.events.engagement_words import GroupEnd
from shared.events.ingest import ContractRecorded, GroupFounding
from shared.events.vocabulary import (
    Category,
    ContractEnd,
    GroupRole,
    Instrument,
    MemberKind,
    ReplySpeaker,
    ReplyStance,
    Tier,
)

Entry = TypeVar("Entry")


class Page(BaseModel, Generic[Entry]):
    """One page of a list; `next` is where the following one is, null after the last."""

    items: list[Entry]
    next: str | None


class SupplierEntry(BaseModel):
    """A supplier. Where the id asked for was merged into another entry, `known_as` is that one, and what is told is of
    it."""

    id: UUID
    known_as: UUID | None
    name: str
    country: str | None
    identifiers: dict[str, str]
    registered: datetime


class SiteEntry(BaseModel):
    """A site; `supplier` is the first that named it. `known_as` as for suppliers."""

    id: UUID
    known_as: UUID | None
    supplier: UUID
    name: str
    address: str
    country: str
    sector: str | None
    identifiers: dict[str, str]
    registered: datetime


class Spelling(BaseModel):
    """A way of writing a name, and the kinds of members that use it, never which members."""

    name: str
    address: str | None = None
    known_since: datetime
    contributors: list[MemberKind]


class SiteDisclosure(BaseModel):
    """A disclosure of a site that the reader was told of. `member` only where it has published it, or is the reader."""

    disclosure: UUID
    supplier: UUID
    supplier_name: str
    contributor: MemberKind
    member: str | None
    published: bool
    list: str
    edition: str
    tier: Tier
    component: str | None
    effective: date | None


class SiteReply(BaseModel):
    """What the site or its supplier replied to a report (`report` is that of flag.reported.v1)."""

    reply: UUID
    report: UUID
    speaker: ReplySpeaker
    stance: ReplyStance
    said_on: date
    statement: dict[str, str] | None


class SupplierDetail(SupplierEntry):
    """A supplier with its names, and the ids that were merged into it."""

    names: list[Spelling]
    former_ids: list[UUID]


class SiteDetail(SiteEntry):
    """A site with its spellings, the disclosures that the reader may see, and the replies to reports of it."""

    spellings: list[Spelling]
    former_ids: list[UUID]
    disclosures: list[SiteDisclosure]
    replies: list[SiteReply]


class ContractEntry(BaseModel):
    """A contract that the reader owns or buys under, as it was told last. `closed`: it no longer binds."""

    contract: ContractRecorded
    closed: bool
    ended_on: date | None
    reason: ContractEnd | None


class MemberEntry(BaseModel):
    """A member that takes part."""

    member: str
    name: str
    kind: MemberKind
    country: str | None
    organisation_number: str | None
    registered: datetime


class GroupEntry(BaseModel):
    """A working group: why it was formed, its scope (suppliers by the ids of now), and its members with their roles."""

    workinggroup: str
    name: str
    purpose: str
    secretariat: str
    founding: GroupFounding
    categories: list[Category]
    instruments: list[Instrument]
    suppliers: list[UUID]
    rightsholders: list[str]
    members: dict[str, GroupRole]
    established: datetime
    closed: datetime | None
    reason: GroupEnd | None


class Summary(BaseModel):
    """How much the registry knows."""

    members: int
    groups: int
    suppliers: int
    sites: int
    disclosures: int
    contracts: int


def facts_of(row: Record, asked: UUID) -> dict[str, Any]:
    """What suppliers and sites have in common, as asked for by this id."""
    known_as = row["root"] if row["root"] != asked else None
    told = {"identifiers": json.loads(row["identifiers"]), "registered": row["registered_at"]}
    return dict(row) | told | {"id": asked, "known_as": known_as}


def supplier_of(row: Record) -> SupplierEntry:
    return SupplierEntry.model_validate(facts_of(row, row["id"]))


def site_of(row: Record) -> SiteEntry:
    return SiteEntry.model_validate(facts_of(row, row["id"]))


def supplier_detail(row: Record, asked: UUID, names: Sequence[Record]) -> SupplierDetail:
    more = {"names": [dict(one) for one in names], "former_ids": row["former"]}
    return SupplierDetail.model_validate(facts_of(row, asked) | more)


def site_detail(
    row: Record, asked: UUID, names: Sequence[Record], disclosures: list[SiteDisclosure], replies: Sequence[Record]
) -> SiteDetail:
    more = {
        "spellings": [dict(one) for one in names],
        "former_ids": row["former"],
        "disclosures": disclosures,
        "replies": [dict(one) | {"statement": read_json(one["statement"])} for one in replies],
    }
    return SiteDetail.model_validate(facts_of(row, asked) | more)


def read_json(text: str | None) -> Any:
    return None if text is None else json.loads(text)


def disclosure_of(row: Record, reader: str | None) -> SiteDisclosure:
    """A disclosure as this reader may see it."""
    said = json.loads(row["said"])
    contributor = by(row["member"], MemberKind(row["kind"]), row["left_at"] is not None)
    named = row["published"] or row["member"] == reader
    told = {"disclosure": row["id"], "supplier": row["supplier"], "published": row["published"]}
    told |= {name: said.get(name) for name in ("supplier_name", "component", "effective")}
    told |= {"list": said["list"]["source"], "edition": said["list"]["edition"], "tier": said.get("tier", Tier.UNKNOWN)}
    told |= {"contributor": contributor["contributor"], "member": contributor.get("member") if named else None}
    return SiteDisclosure.model_validate(told)


def contract_of(row: Record) -> ContractEntry:
    over = {"ended_on": row["ended_on"], "reason": row["end_reason"]} if row["closed"] else {}
    said = ContractRecorded.model_validate_json(row["said"])
    return ContractEntry(contract=said, closed=row["closed"], **({"ended_on": None, "reason": None} | over))


def member_of(row: Record) -> MemberEntry:
    return MemberEntry.model_validate(dict(row) | {"member": row["slug"], "registered": row["registered_at"]})


def founding_of(row: Record) -> GroupFounding:
    said = {"cause": row["cause"], "reason": row["cause_reason"], "about": row["cause_about"]}
    return GroupFounding.model_validate(said)


def group_of(row: Record) -> GroupEntry:
    told = {"workinggroup": row["slug"], "members": json.loads(row["members"]), "established": row["established_at"]}
    told |= {"closed": row["closed_at"], "reason": row["close_reason"], "founding": founding_of(row)}
    return GroupEntry.model_validate(dict(row) | told)
