"""SQL on what submissions became, by which their senders take them back."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from uuid import UUID

from asyncpg import Record

from shared.postgres import Connection, Pool

Name = tuple[str, str]
"""The source and id under which a member has sent an event."""


class Became(StrEnum):
    """What a submission became."""

    DISCLOSURE = "disclosure"
    REQUEST = "request"
    CONTRACT = "contract"
    FLAG = "flag"
    REPLY = "reply"
    FOLLOW_UP = "follow_up"
    DIALOGUE = "dialogue"
    PRACTICE = "practice"
    PRACTICE_OFFER = "practice_offer"
    CONDITION = "condition"
    INFORMATION_REQUEST = "information_request"
    ACCOUNT = "account"
    WITHDRAWAL = "withdrawal"


@dataclass(frozen=True, slots=True)
class Consequence:
    """What a submission became: the id of what was told, of which supplier, site and engagement, to which group.

    `about` is whose order it stands in where that is no engagement: a contract, a request, an account, a practice.
    """

    receipt: UUID
    kind: Became
    id: UUID
    supplier: UUID | None = None
    site: UUID | None = None
    workinggroup: str | None = None
    engagement: UUID | None = None
    report: UUID | None = None
    about: UUID | None = None


COLUMNS = tuple(field.name for field in fields(Consequence))


async def insert(tx: Connection, consequences: Sequence[Consequence]) -> None:
    """Keep what submissions became."""
    await tx.execute(
        """INSERT INTO consequence (receipt, kind, id, supplier, site, workinggroup, engagement, report, about)
           SELECT * FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::uuid[],
                                $8::uuid[], $9::uuid[])""",
        *([getattr(one, column) for one in consequences] for column in COLUMNS),
    )


async def withdraw(tx: Connection, member: str, names: Collection[Name]) -> dict[Name, Record]:
    """Mark what a member sent under these names as taken back; what it had become, where it was not taken back yet."""
    ordered = sorted(names)
    rows = await tx.fetch(
        """WITH own AS (
               SELECT r.source, r.event_id, c.receipt
               FROM unnest($2::text[], $3::text[]) AS u (source, event_id)
               JOIN receipt r ON r.member = $1 AND r.source = u.source AND r.event_id = u.event_id
               JOIN consequence c ON c.receipt = r.id
               WHERE NOT c.withdrawn AND c.kind <> $4 ORDER BY c.receipt FOR NO KEY UPDATE OF c)
           UPDATE consequence c SET withdrawn = true FROM own WHERE c.receipt = own.receipt AND NOT c.withdrawn
           RETURNING own.source, own.event_id, c.*""",
        member,
        [source for source, _ in ordered],
        [name for _, name in ordered],
        Became.WITHDRAWAL,
    )
    return {(row["source"], row["event_id"]): row for row in rows}


async def read_entries(tx: Connection | Pool, receipts: Collection[UUID]) -> dict[UUID, UUID]:
    """What submissions became, by receipt: the id by which each is known. Of testimony nothing is here."""
    rows = await tx.fetch("SELECT receipt, id FROM consequence WHERE receipt = ANY($1::uuid[])", list(receipts))
    return {row["receipt"]: row["id"] for row in rows}


async def without_consequence(tx: Connection, member: str, names: Collection[Name]) -> set[Name]:
    """Those of the names under which a member has sent what left nothing here: testimony."""
    rows = await tx.fetch(
        """SELECT r.source, r.event_id FROM unnest($2::text[], $3::text[]) AS u (source, event_id)
           JOIN receipt r ON r.member = $1 AND r.source = u.source AND r.event_id = u.event_id
           WHERE NOT EXISTS (SELECT FROM consequence c WHERE c.receipt = r.id)""",
        member,
        [source for source, _ in names],
        [name for _, name in names],
    )
    return {(row["source"], row["event_id"]) for row in rows}


async def read_reports(tx: Connection, reports: Collection[UUID]) -> dict[UUID, Record]:
    """The supplier and site of flags that were reported and hold."""
    rows = await tx.fetch(
        """SELECT id, supplier, site FROM consequence
           WHERE kind = 'flag' AND id = ANY($1::uuid[]) AND NOT withdrawn ORDER BY receipt FOR SHARE""",
        list(reports),
    )
    return {row["id"]: row for row in rows}
