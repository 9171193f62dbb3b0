"""Who is told of a disclosure and of a contract, by what should be: the readers as they ought to be now, against those
that were told so far.

A disclosure that its source has published goes to all members. Any other goes to its sender and to every member that is
linked to its site: that has, as owner, as end user, or further up or down its chain, an awarded contract that binds, to
which a disclosure of this very site belongs. What names no site goes to the chain of its own contract.
"""

import asyncio
from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime
from uuid import UUID

from asyncpg import Record

from services.ingest.domain.publication import by, disclosure_accepted
from services.ingest.news import news
from services.ingest.store import readers
from shared.events.envelope import Classification, Event, EventData
from shared.events.ingest import (
    ContractClosed,
    ContractRecorded,
    DisclosureLinked,
    DisclosureRetired,
    DisclosureUnlinked,
)
from shared.events.vocabulary import ContractEnd, MemberKind, Retirement
from shared.postgres import Connection


async def settle(
    tx: Connection,
    *,
    disclosures: Collection[UUID] = (),
    sites: Collection[UUID] = (),
    contracts: Collection[UUID] = (),
    at: datetime,
) -> list[Event]:
    """Tell each member what is now its to see, and end what no longer is; nothing twice.

    Give the disclosures, sites (any id of one) or contracts that have changed; all that this touches is found. Call it
    after the rows are written and before anything is published, in the same transaction: two that change links wait for
    each other until the end of theirs. The events are in the order of the disclosures given, what ended first.
    """
    if not (disclosures or sites or contracts):
        return []
    await lock(tx, list(disclosures), alone=bool(sites or contracts))
    today = at.astimezone(UTC).date()
    told = await readers.settle_contracts(tx, list(contracts), today) if contracts else []
    touched = {row["id"] for row in told} | set(contracts)
    rows = await readers.settle_disclosures(tx, list(disclosures), list(sites), list(touched), today)
    events = [contract_event(row, at) for row in told]
    return events + await asyncio.to_thread(disclosure_events, rows, at)


async def lock(tx: Connection, disclosures: Sequence[UUID] = (), *, alone: bool = True) -> None:
    """Take the turn that `settle` takes; before the first of several calls in one transaction take it `alone`."""
    await readers.take_turn(tx, list(disclosures), alone)


async def part_with(tx: Connection, member: str, at: datetime) -> list[Event]:
    """Tell a member that has left nothing more, and end the links that others had through its contracts.

    Call it after the member is marked as left and its contracts are closed.
    """
    await lock(tx)
    return await settle(tx, contracts=await readers.forget(tx, member), at=at)


def contract_event(row: Record, at: datetime) -> Event:
    """A contract as one reader is told of it, or its end for that reader."""
    if row["is_new"]:
        data: EventData = ContractRecorded.model_validate_json(row["said"])
        moment = row["said_at"]
    else:
        data, moment = ContractClosed.model_validate(end_of(row, at.astimezone(UTC).date()) | member_of(row)), at
    return news(data, row["id"], moment, Classification.MEMBER, member=row["reader"])


def member_of(row: Record) -> dict[str, object]:
    return {"contract": row["id"], "member": row["member"]}


def end_of(row: Record, today: date) -> dict[str, object]:
    """When and why a contract ended for a reader: it was taken back, it ended, or the reader left its chain."""
    if row["said"] is None:
        return {"ended_on": today, "reason": ContractEnd.SENT_BY_MISTAKE}
    if row["closed"]:
        return {"ended_on": row["ended_on"], "reason": row["end_reason"]}
    return {"ended_on": today, "reason": ContractEnd.OTHER}


def disclosure_events(rows: Sequence[Record], at: datetime) -> list[Event]:
    """What is told of disclosures, one event per row; what several readers are told is built once."""
    told: dict[tuple[UUID, UUID, bool], EventData] = {}
    events: list[Event] = []
    for row in rows:
        same = (row["id"], row["about"], row["is_new"])
        if same not in told:
            told[same] = data_of(row)
        reader, moment = row["reader"], row["said_at"] if row["is_new"] else at
        scope = Classification.MEMBER if reader else Classification.MEMBERS
        events.append(news(told[same], row["supplier"], moment, scope, member=reader or None))
    return events


def data_of(row: Record) -> EventData:
    """A disclosure or its link to a contract as it is told, or its end."""
    ids = {"disclosure": row["id"], "supplier": row["supplier"], "site": row["site"]}
    if row["about"] != row["id"]:
        link = DisclosureLinked if row["is_new"] else DisclosureUnlinked
        return link.model_validate(ids | {"contract": row["about"]})
    if row["is_new"]:
        contributor = by(row["member"], MemberKind(row["kind"]), row["left_at"] is not None)
        return disclosure_accepted(row["said"], ids, contributor)
    edition, reason = row["retired_edition"] or row["edition"], row["reason"] or Retirement.NO_LONGER_LINKED
    return DisclosureRetired.model_validate(ids | {"reason": reason, "edition": edition})
