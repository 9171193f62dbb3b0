"""Testimony as it comes in: what a batch of it becomes, and the boxes that are still to be opened."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from asyncpg import Record

from services.remedy.domain.clocks import Deadline
from shared.events.remedy.cases import CaseFact
from shared.events.remedy.words import Party
from shared.postgres import Connection


async def insert_first_facts(tx: Connection, at: datetime, facts: Sequence[tuple[Party, CaseFact]]) -> None:
    """Write down what happened first to new cases, in order; of the whole batch at once."""
    await tx.execute(
        """INSERT INTO case_fact (case_id, position, at, by, type, data)
           SELECT case_id, row_number() OVER (PARTITION BY case_id ORDER BY place), $1, by, type, data
           FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[])
               WITH ORDINALITY AS u (case_id, by, type, data, place)""",
        at,
        [fact.case for _, fact in facts],
        [by for by, _ in facts],
        [fact.type for _, fact in facts],
        [fact.encoded.decode() for _, fact in facts],
    )


async def insert_first_deadlines(tx: Connection, deadlines: Sequence[tuple[UUID, Deadline]]) -> None:
    """Write down the first deadlines of new cases; of the whole batch at once."""
    await tx.execute(
        """INSERT INTO deadline (case_id, kind, clock, item, number, due_at, warn_at, basis)
           SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::int[], $6::timestamptz[],
                                $7::timestamptz[], $8::text[])""",
        [case for case, _ in deadlines],
        [one.key.kind for _, one in deadlines],
        [one.key.clock for _, one in deadlines],
        [one.key.item for _, one in deadlines],
        [one.key.number for _, one in deadlines],
        [one.due for _, one in deadlines],
        [one.warn for _, one in deadlines],
        [one.basis for _, one in deadlines],
    )


async def read_waiting(tx: Connection, limit: int) -> list[Record]:
    """Boxes that are still to be opened, the oldest first; not those set aside."""
    return await tx.fetch(
        """SELECT case_id, key_id, sealed, received_at FROM grievance_case
           WHERE sealed IS NOT NULL AND openable IS NOT FALSE ORDER BY received_at, case_id LIMIT $1""",
        limit,
    )


async def lock_waiting(tx: Connection, case: UUID) -> Record | None:
    """A case whose box is still there, locked until the transaction ends; None where another process has it."""
    return await tx.fetchrow(
        "SELECT * FROM grievance_case WHERE case_id = $1 AND sealed IS NOT NULL FOR UPDATE SKIP LOCKED", case
    )


async def set_aside(tx: Connection, cases: Sequence[UUID]) -> None:
    """Mark boxes that do not open, or that cannot be taken in: they are tried again later."""
    await tx.execute("UPDATE grievance_case SET openable = false WHERE case_id = ANY($1) AND sealed IS NOT NULL", cases)


async def retry_set_aside(tx: Connection) -> None:
    """Have every box tried again that was set aside."""
    await tx.execute("UPDATE grievance_case SET openable = NULL WHERE sealed IS NOT NULL AND openable = false")


async def empty_box(tx: Connection, case: UUID, receipt_hash: bytes | None) -> None:
    """Remove the box of a case that was taken in, and keep what leads from the reporter's receipt to the case."""
    await tx.execute(
        "UPDATE grievance_case SET sealed = NULL, openable = true, receipt_hash = $2 WHERE case_id = $1",
        case,
        receipt_hash,
    )


async def find_by_receipt(tx: Connection, receipt_hash: bytes) -> UUID | None:
    """The case to which a receipt leads."""
    found: UUID | None = await tx.fetchval("SELECT case_id FROM grievance_case WHERE receipt_hash = $1", receipt_hash)
    return found


async def hold_the_door(connection: Connection) -> bool:
    """Whether this process now takes in boxes, alone, until `leave_the_door` or until its connection ends."""
    return bool(await connection.fetchval("SELECT pg_try_advisory_lock(hashtextextended('remedy/take-in', 0))"))


async def leave_the_door(connection: Connection) -> None:
    """Let another process take in boxes."""
    await connection.execute("SELECT pg_advisory_unlock(hashtextextended('remedy/take-in', 0))")


# The trustee's keys, as far as the data knows of them


async def note_announced(tx: Connection, keys: Sequence[str]) -> set[str]:
    """Note that these keys are announced; those that were not before."""
    rows = await tx.fetch(
        "INSERT INTO announced_key SELECT unnest($1::text[]) ON CONFLICT DO NOTHING RETURNING key_id", keys
    )
    return {row["key_id"] for row in rows}


async def read_keys_needed(connection: Connection, keys: Collection[str]) -> set[str]:
    """Those of the keys with which a box is said to be sealed that is still to be opened, also one set aside.

    A record of testimony that waits in the inbox, or as a dead letter for its repair, may need any of them.
    """
    rows = await connection.fetch(
        """SELECT key_id FROM unnest($1::text[]) AS u (key_id)
           WHERE EXISTS (SELECT FROM grievance_case c WHERE c.key_id = u.key_id AND c.sealed IS NOT NULL)
              OR EXISTS (SELECT FROM inbox_parked WHERE topic = 'restricted.testimony')
              OR EXISTS (SELECT FROM dead_letter WHERE topic = 'restricted.testimony' AND value IS NOT NULL)""",
        list(keys),
    )
    return {row["key_id"] for row in rows}


async def read_kept(connection: Connection, records: Sequence[tuple[UUID | None, int, int]]) -> list[bool]:
    """Of each record of testimony (its case, partition and offset) whether what it holds is here.

    It is where its case is, and where it waits in the inbox or as a dead letter that was kept with what it holds.
    """
    rows = await connection.fetch(
        """SELECT EXISTS (SELECT FROM grievance_case c WHERE c.case_id = u.case_id)
               OR EXISTS (SELECT FROM inbox_parked p WHERE p.topic = 'restricted.testimony' AND p.value IS NOT NULL
                              AND (p."partition", p."offset") = (u.partition, u.at))
               OR EXISTS (SELECT FROM dead_letter d WHERE d.topic = 'restricted.testimony' AND d.value IS NOT NULL
                              AND (d."partition", d."offset") = (u.partition, u.at)) AS kept
           FROM unnest($1::uuid[], $2::int[], $3::bigint[]) WITH ORDINALITY AS u (case_id, partition, at, place)
           ORDER BY place""",
        [case for case, _, _ in records],
        [partition for _, partition, _ in records],
        [offset for _, _, offset in records],
    )
    return [row["kept"] for row in rows]
