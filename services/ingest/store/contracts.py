"""SQL on contracts: what their members have said of them, one revision after the other, and what holds of that."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from asyncpg import Record
from uuid_utils.compat import uuid7

from shared.postgres import Connection

Reference = tuple[str, str]
"""The owner of a contract, and its own reference."""


@dataclass(frozen=True, slots=True)
class Revision:
    """What a member says of a contract: what it is (`said`, as it is told), or that it ended (`end_reason`)."""

    receipt: UUID
    contract: UUID
    said_at: datetime
    said: str | None = None
    supplier: UUID | None = None
    parent: UUID | None = None
    end_users: tuple[str, ...] = ()
    ended_on: date | None = None
    end_reason: str | None = None


async def ids_of(tx: Connection, references: Iterable[Reference]) -> dict[Reference, UUID]:
    """The ids of contracts, which never change; what is named for the first time is kept as a stub."""
    wanted = sorted(set(references))
    known = await read_ids(tx, wanted)
    missing = [one for one in wanted if one not in known]
    if missing:
        await insert_stubs(tx, missing)
        known |= await read_ids(tx, missing)
    return known


async def read_ids(tx: Connection, references: Sequence[Reference]) -> dict[Reference, UUID]:
    """The ids of those contracts that have a row."""
    rows = await tx.fetch(
        """SELECT c.member, c.reference, c.id FROM unnest($1::text[], $2::text[]) AS u (member, reference)
           JOIN contract c ON c.member = u.member AND c.reference = u.reference""",
        [member for member, _ in references],
        [reference for _, reference in references],
    )
    return {(row["member"], row["reference"]): row["id"] for row in rows}


async def insert_stubs(tx: Connection, references: Sequence[Reference]) -> None:
    """Make rows for contracts of which only the reference is known; another transaction may do so first."""
    await tx.execute(
        """INSERT INTO contract (id, member, reference)
           SELECT id, member, reference
           FROM unnest($1::uuid[], $2::text[], $3::text[]) WITH ORDINALITY AS u (id, member, reference, place)
           ORDER BY place ON CONFLICT (member, reference) DO NOTHING""",
        [uuid7() for _ in references],
        [member for member, _ in references],
        [reference for _, reference in references],
    )


async def read_registered(tx: Connection, ids: Collection[UUID]) -> set[UUID]:
    """Those of the contracts that are registered, whether they still bind or not."""
    rows = await tx.fetch("SELECT id FROM contract WHERE id = ANY($1::uuid[]) AND said IS NOT NULL", list(ids))
    return {row["id"] for row in rows}


async def read_named(tx: Connection, member: str, names: Mapping[str, UUID | None]) -> dict[str, tuple[UUID, ...]]:
    """The registered contracts that a member may mean by these names; one that names none is left out.

    A name is the reference of one of its own contracts or, where it has none such, of one that it was told of as buyer
    or end user. One that is written as an id is given with that id, and may be that of any of these contracts.
    """
    rows = await tx.fetch(
        """WITH named AS (SELECT * FROM unnest($2::text[], $3::uuid[]) AS u (name, id)),
           own AS (
               SELECT n.name, c.id FROM named n JOIN contract c ON c.member = $1 AND c.reference = n.name
               WHERE c.said IS NOT NULL
               UNION SELECT n.name, c.id FROM named n JOIN contract c ON c.id = n.id
                     WHERE c.member = $1 AND c.said IS NOT NULL),
           told AS (
               SELECT n.name, c.id FROM contract_reader r JOIN contract c ON c.id = r.contract
               JOIN named n ON n.name = c.reference OR n.id = c.id
               WHERE r.reader = $1 AND c.member <> $1 AND c.said IS NOT NULL)
           SELECT f.name, array_agg(f.id ORDER BY f.id) AS ids
           FROM (SELECT * FROM own UNION
                 SELECT * FROM told t WHERE NOT EXISTS (SELECT FROM own o WHERE o.name = t.name)) f
           GROUP BY f.name""",
        member,
        list(names),
        list(names.values()),
    )
    return {row["name"]: tuple(row["ids"]) for row in rows}


async def insert_revisions(tx: Connection, revisions: Sequence[Revision]) -> None:
    """Keep what members say of contracts, in this order."""
    await tx.execute(
        """INSERT INTO contract_revision
               (receipt, contract, said_at, said, supplier, parent, end_users, ended_on, end_reason)
           SELECT receipt, contract, said_at, said, supplier, parent, string_to_array(end_users, ' '),
                  ended_on, end_reason
           FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::text[], $5::uuid[], $6::uuid[], $7::text[],
                       $8::date[], $9::text[]) WITH ORDINALITY
               AS u (receipt, contract, said_at, said, supplier, parent, end_users, ended_on, end_reason, place)
           ORDER BY place""",
        [one.receipt for one in revisions],
        [one.contract for one in revisions],
        [one.said_at for one in revisions],
        [one.said for one in revisions],
        [one.supplier for one in revisions],
        [one.parent for one in revisions],
        [" ".join(one.end_users) for one in revisions],
        [one.ended_on for one in revisions],
        [one.end_reason for one in revisions],
    )


async def delete_revisions(tx: Connection, receipts: Collection[UUID]) -> set[UUID]:
    """Take back what was said of contracts under these receipts; the contracts."""
    rows = await tx.fetch(
        "DELETE FROM contract_revision WHERE receipt = ANY($1::uuid[]) RETURNING contract", list(receipts)
    )
    return {row["contract"] for row in rows}


async def restate(tx: Connection, contracts: Collection[UUID], today: date) -> list[Record]:
    """Make contracts what their revisions say: the newest registration, and an end that was told after it.

    Returns the id of each, and the parent that it had (`was_under`). One without a registration is a stub again.
    """
    return await tx.fetch(
        """WITH before AS (SELECT id, parent FROM contract WHERE id = ANY($1::uuid[]) ORDER BY id FOR NO KEY UPDATE),
           newest AS (
               SELECT DISTINCT ON (contract) * FROM contract_revision
               WHERE contract = ANY($1::uuid[]) AND said IS NOT NULL ORDER BY contract, number DESC),
           ended AS (
               SELECT DISTINCT ON (r.contract) r.* FROM contract_revision r JOIN newest n ON n.contract = r.contract
               WHERE r.said IS NULL AND r.number > n.number ORDER BY r.contract, r.number DESC),
           stated AS (
               SELECT b.id, b.parent AS was_under, n.*, coalesce(e.ended_on, n.ended_on) AS last_day,
                      coalesce(e.end_reason, 'expired') AS last_reason,
                      e.ended_on AS told_end, coalesce(e.ended_on, n.ended_on + 1) AS closing
               FROM before b LEFT JOIN newest n ON n.contract = b.id LEFT JOIN ended e ON e.contract = b.id)
           UPDATE contract c SET supplier = s.supplier, parent = s.parent, end_users = coalesce(s.end_users, '{}'),
               said = s.said, said_at = s.said_at, revision = c.revision + (c.said IS DISTINCT FROM s.said)::int,
               ended_on = s.last_day, end_reason = s.last_reason, closes_on = s.closing,
               closed = coalesce(s.told_end <= $2, false)
           FROM stated s WHERE c.id = s.id RETURNING c.id, s.was_under""",
        list(contracts),
        today,
    )


async def close_due(tx: Connection, today: date, most: int) -> list[UUID]:
    """Close contracts whose last day has passed, leaving alone those that somebody is changing; their ids."""
    rows = await tx.fetch(
        """WITH due AS (SELECT id FROM contract WHERE NOT closed AND closes_on <= $1
                        ORDER BY closes_on, id FOR NO KEY UPDATE SKIP LOCKED LIMIT $2)
           UPDATE contract c SET closed = true FROM due WHERE c.id = due.id RETURNING c.id""",
        today,
        most,
    )
    return [row["id"] for row in rows]
