"""What each member has been told so far, from what is published: the readers of disclosures and contracts."""

from typing import Any
from uuid import UUID

import httpx

from shared.events.ingest import (
    ContractClosed,
    ContractRecorded,
    DisclosureAccepted,
    DisclosureLinked,
    DisclosureRetired,
    DisclosureUnlinked,
)
from tests.ingest.conftest import Doors
from tests.ingest.given import CONTRACT, SITE, disclosure, event

EVERYONE = ""


def outcomes(answer: httpx.Response) -> list[str]:
    return [one["outcome"] for one in answer.json()["receipts"]]


def objections(answer: httpx.Response) -> list[tuple[str, str]]:
    """The code and place of each objection, in the order of the events."""
    return [(error["code"], error["pointer"]) for one in answer.json()["receipts"] for error in one["errors"]]


async def join(doors: Doors, *members: str, kind: str = "buyer") -> None:
    """Register further members."""
    for member in members:
        order = {"member": member, "name": f"Example {member}", "kind": kind, "country": "NO"}
        doors.keys[member] = (await doors.operate("POST", "/members", order)).json()["key"]


def contract(reference: str, **fields: Any) -> dict[str, Any]:
    return event("contract.registered.v1", CONTRACT | {"reference": reference} | fields)


def ended(reference: str, **fields: Any) -> dict[str, Any]:
    data = {"reference": reference, "ended_on": "2026-01-10", "reason": "terminated"}
    return event("contract.ended.v1", data | fields)


def withdrawn(sent: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return event("submission.withdrawn.v1", {"submission": sent["id"], "reason": "sent_by_mistake"} | fields)


def at_site(number: int, **fields: Any) -> dict[str, Any]:
    """A disclosure of an invented site, another for each number."""
    site = SITE | {"name": f"Example Works {number}", "address": f"{number} Example Road"}
    return disclosure(**{"site": site} | fields)


async def told(doors: Doors) -> list[tuple[str, Any]]:
    """What is published on members' own topics and on the one of all, with the reader, in order."""
    found = []
    for topic, _, one in await doors.published():
        audience, _, rest = topic.partition(".")
        if audience in ("member", "members"):
            found.append((rest.split(".")[0] if audience == "member" else EVERYONE, one.data))
    return found


async def sees(doors: Doors, reader: str) -> set[UUID]:
    """The disclosures that a member was told of itself and that were not ended for it. Fails on a repeated word."""
    seen: dict[UUID, DisclosureAccepted] = {}
    for to, data in await told(doors):
        if to == reader and isinstance(data, DisclosureAccepted):
            assert seen.get(data.disclosure) != data, "told twice"
            seen[data.disclosure] = data
        if to == reader and isinstance(data, DisclosureRetired):
            del seen[data.disclosure]
    return set(seen)


async def everybody_sees(doors: Doors) -> dict[str, set[UUID]]:
    """The disclosures that each member sees; those of all under the reader ''."""
    readers = {to for to, _ in await told(doors)}
    return {reader: seen for reader in readers if (seen := await sees(doors, reader))}


async def links(doors: Doors, reader: str) -> set[tuple[UUID, UUID]]:
    """The disclosures and contracts whose link a member was told of and that still stands."""
    standing: set[tuple[UUID, UUID]] = set()
    for to, data in await told(doors):
        if to == reader and isinstance(data, DisclosureLinked):
            assert (data.disclosure, data.contract) not in standing
            standing.add((data.disclosure, data.contract))
        if to == reader and isinstance(data, DisclosureUnlinked):
            standing.remove((data.disclosure, data.contract))
    return standing


async def knows(doors: Doors, reader: str) -> dict[str, ContractRecorded]:
    """The contracts that a member was told of and that are not closed for it, by reference."""
    known: dict[UUID, ContractRecorded] = {}
    for to, data in await told(doors):
        if to == reader and isinstance(data, ContractRecorded):
            assert known.get(data.contract) != data, "told twice"
            known[data.contract] = data
        if to == reader and isinstance(data, ContractClosed):
            del known[data.contract]
    return {one.reference: one for one in known.values()}


async def of_kind(doors: Doors, kind: type[Any]) -> list[tuple[str, Any]]:
    """What was told of one kind, with its reader."""
    return [(to, data) for to, data in await told(doors) if isinstance(data, kind)]
