"""What is published of what members send: the same facts, with the registry's ids instead of the sender's names."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from services.ingest.domain.lists.cells import Entry
from services.ingest.domain.registry import Site, Supplier
from shared.events.ingest import (
    ContractRecorded,
    DisclosureAccepted,
    FlagReported,
    FollowUpRecorded,
    PracticeRecorded,
    RequestRecorded,
)
from shared.events.members import (
    ContractRegistered,
    DisclosureRequested,
    DisclosureSubmitted,
    FlagFollowedUp,
    FlagRaised,
    PracticeDescribed,
)
from shared.events.values import ListReference
from shared.events.vocabulary import MemberKind


def by(member: str, kind: MemberKind, left: bool = False) -> dict[str, Any]:
    """The contributor, by type; by name, too, unless it has left, or is a partner: that would point at who it heard."""
    return {"contributor": kind} | ({} if left or kind is MemberKind.PARTNER else {"member": member})


TOLD_ANEW = frozenset({"disclosure", "contributor", "member", "supplier", "site"})
"""What is not kept with what a disclosure says: ids and the sender are told as they are when it is told."""


def statement_of(data: DisclosureSubmitted) -> str:
    """What is told of a disclosure that was sent as an event, in its source's words, as JSON without TOLD_ANEW."""
    said = data.model_dump(exclude={"supplier", "site", "published", "contract", "request"})
    if data.site is not None:
        facts = data.site.model_dump(exclude={"name", "address", "country"})
        said |= {"site_name": data.site.name, "address": data.site.address}
        said |= {"country": data.site.country, "facts": facts}
    return kept(said | {"supplier_name": data.supplier.name})


def statement_listed(entry: Entry, list_name: str) -> str:
    """What is told of a disclosure that was read from a row of a list, as JSON without TOLD_ANEW."""
    said = entry.statement | {"supplier_name": entry.supplier}
    said["list"] = ListReference(source=list_name, edition=entry.edition, row=entry.row)
    if entry.has_site:
        said |= {"site_name": entry.name, "address": entry.address, "country": entry.country}
    return kept(said)


def kept(said: dict[str, Any]) -> str:
    """A statement as it is kept: of the form of DisclosureAccepted. `said` comes from checked models."""
    whole = DisclosureAccepted.model_validate(said | {"disclosure": NOBODY, "contributor": "other", "supplier": NOBODY})
    return whole.model_dump_json(exclude_none=True, exclude=set(TOLD_ANEW))


NOBODY = UUID(int=0)


def disclosure_accepted(said: str, ids: Mapping[str, UUID | None], contributor: dict[str, Any]) -> DisclosureAccepted:
    """A disclosure as it is told: its statement, its ids (disclosure, supplier, site) and its contributor (`by`)."""
    return DisclosureAccepted.model_validate(json.loads(said) | ids | contributor)


def flag_reported(
    data: FlagRaised, report: UUID, member: str, kind: MemberKind, supplier: Supplier, site: Site | None
) -> FlagReported:
    """A flag that somebody raised."""
    said = data.model_dump(exclude={"supplier", "site"})
    said |= by(member, kind) | {"report": report, "supplier": supplier.id, "supplier_name": data.supplier.name}
    if data.site is not None and site is not None:
        said |= {"site": site.id, "site_name": data.site.name, "country": data.site.country}
    return FlagReported.model_validate(said)


def follow_up_recorded(
    data: FlagFollowedUp, entry: UUID, member: str, kind: MemberKind, supplier: UUID, site: UUID | None
) -> FollowUpRecorded:
    """A step that a member took with the flag that holds a report, of the supplier and site of that report."""
    said = data.model_dump() | by(member, kind)
    return FollowUpRecorded.model_validate(said | {"entry": entry, "supplier": supplier, "site": site})


def contract_recorded(
    data: ContractRegistered, contract: UUID, member: str, supplier: Supplier | None, parent: UUID | None
) -> ContractRecorded:
    """A contract, under the registry's ids of it and of its parent."""
    said = data.model_dump(exclude={"supplier", "parent", "parent_member"})
    said |= {"contract": contract, "parent": parent, "member": member}
    if data.supplier is not None and supplier is not None:
        said |= {"supplier": supplier.id, "supplier_name": data.supplier.name}
    return ContractRecorded.model_validate(said)


SELF_REPORT = "DFØ: self-report within six weeks of the request; a benchmark that the operator can set otherwise"


def request_recorded(
    data: DisclosureRequested, request: UUID, member: str, supplier: Supplier, contract: UUID | None, within: timedelta
) -> RequestRecorded:
    """A request; without a due day of its own it is due `within` that time of the day on which it was made."""
    said = data.model_dump(include={"wanted", "asked_on", "template"})
    said |= {"request": request, "member": member, "contract": contract}
    said |= {"supplier": supplier.id, "supplier_name": data.supplier.name}
    clock = SELF_REPORT if data.due is None else "The day that the buyer has set"
    return RequestRecorded.model_validate(said | {"due": data.due or data.asked_on + within, "clock": clock})


def practice_recorded(data: PracticeDescribed, practice: UUID, member: str, supplier: UUID | None) -> PracticeRecorded:
    """A good practice, as its own group is told of it."""
    said = data.model_dump(exclude={"workinggroup"}) | {"practice": practice, "member": member, "supplier": supplier}
    return PracticeRecorded.model_validate(said)


TOLD_TO_OTHERS = frozenset({"title", "description", "category", "evidence"})
"""What another group is told of a practice: neither of whom, nor by whom, nor in which engagement."""
