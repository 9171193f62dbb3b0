"""What is published of what members send: the same facts, with the registry's ids instead of the sender's names."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from services.ingest.domain.editions import Accepted, Standing
from services.ingest.domain.registry import Site, Supplier
from shared.events.ingest import (
    AskRecorded,
    CommitmentRecorded,
    ConsultationRecorded,
    ContractRecorded,
    DisclosureAccepted,
    DisclosureRetired,
    EvidenceRecorded,
    FlagReported,
)
from shared.events.members import (
    AskMade,
    CommitmentMade,
    ConsultationHeld,
    ContractRegistered,
    DisclosureSubmitted,
    EvidenceSubmitted,
    FlagRaised,
)
from shared.events.values import ListReference, SiteFacts
from shared.events.vocabulary import MemberKind, Retirement

Dialogue = AskMade | CommitmentMade | EvidenceSubmitted | ConsultationHeld
DialogueRecorded = AskRecorded | CommitmentRecorded | EvidenceRecorded | ConsultationRecorded


def by(member: str, kind: MemberKind) -> dict[str, Any]:
    """The contributor, by type; by name, too, unless it is a partner: that would point at who it spoke with."""
    return {"contributor": kind} | ({} if kind is MemberKind.PARTNER else {"member": member})


def disclosure_accepted(
    data: DisclosureSubmitted, disclosure: UUID, member: str, kind: MemberKind, supplier: Supplier, site: Site | None
) -> DisclosureAccepted:
    """A disclosure that was sent as an event, in its source's words."""
    said = data.model_dump(exclude={"supplier", "site", "published", "contract", "request"})
    if data.site is not None and site is not None:
        facts = data.site.model_dump(exclude={"name", "address", "country"})
        said |= {"site": site.id, "site_name": data.site.name, "address": data.site.address}
        said |= {"country": data.site.country, "facts": facts}
    said |= {"supplier": supplier.id, "supplier_name": data.supplier.name}
    return DisclosureAccepted.model_validate(said | {"disclosure": disclosure} | by(member, kind))


def disclosure_listed(accepted: Accepted, member: str, kind: MemberKind, list_name: str) -> DisclosureAccepted:
    """A disclosure that was read from a row of a list."""
    entry, standing = accepted.listed.entry, accepted.standing
    return DisclosureAccepted(
        disclosure=standing.disclosure,
        **by(member, kind),
        supplier=standing.supplier,
        supplier_name=entry.name,
        list=ListReference(source=list_name, edition=entry.edition, row=entry.row),
        site=standing.site,
        site_name=entry.name,
        address=entry.address,
        country=entry.country,
        facts=None if entry.facts == SiteFacts() else entry.facts,
    )


def disclosure_gone(standing: Standing, edition: str) -> DisclosureRetired:
    """The end of a disclosure that a newer edition of its list does not hold."""
    return DisclosureRetired(
        disclosure=standing.disclosure,
        supplier=standing.supplier,
        site=standing.site,
        reason=Retirement.NOT_IN_NEWER_EDITION,
        edition=edition,
    )


def flag_reported(
    data: FlagRaised, report: UUID, member: str, kind: MemberKind, supplier: Supplier, site: Site | None
) -> FlagReported:
    """A flag that somebody raised."""
    said = data.model_dump(exclude={"supplier", "site"})
    said |= by(member, kind) | {"report": report, "supplier": supplier.id, "supplier_name": data.supplier.name}
    if data.site is not None and site is not None:
        said |= {"site": site.id, "site_name": data.site.name, "country": data.site.country}
    return FlagReported.model_validate(said)


def contract_recorded(
    data: ContractRegistered, member: str, supplier: Supplier | None, ids: Mapping[str, UUID]
) -> ContractRecorded:
    """A contract; `ids` gives those of its reference and its parent's."""
    said = data.model_dump(exclude={"supplier", "parent", "parent_member"})
    said |= {"contract": ids[data.reference], "parent": None if data.parent is None else ids[data.parent]}
    said |= {"member": member}
    if data.supplier is not None and supplier is not None:
        said |= {"supplier": supplier.id, "supplier_name": data.supplier.name}
    return ContractRecorded.model_validate(said)


def dialogue_recorded(data: Dialogue, entry: UUID, member: str) -> DialogueRecorded:
    """What a member tells its working group; `entry` is the id that an ask or commitment takes."""
    said = data.model_dump(exclude={"workinggroup"}) | {"member": member}
    match data:
        case AskMade():
            return AskRecorded.model_validate(said | {"ask": entry, "wording": data.ask})
        case CommitmentMade():
            wording = {"commitment": entry, "wording": data.commitment}
            return CommitmentRecorded.model_validate(said | wording)
        case EvidenceSubmitted():
            return EvidenceRecorded.model_validate(said | {"entry": entry})
        case ConsultationHeld():
            return ConsultationRecorded.model_validate(said | {"entry": entry})
