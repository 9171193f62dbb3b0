"""Contracts as their readers were told of them, and the end of what was told to a member that has left."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from shared.postgres import Connection


@dataclass(frozen=True, slots=True)
class ContractRow:
    """A contract as one reader was told of it last. `first_told` is the day on which it was told first."""

    contract: UUID
    reader: str
    owner: str
    reference: str
    title: str | None
    level: str
    supplier: UUID | None
    parent: UUID | None
    starts: date | None
    until: date | None
    first_told: date
    amount: Decimal | None
    currency: str | None


@dataclass(frozen=True, slots=True)
class ContractEnd:
    """A contract binds its reader no longer. `expired`: `ended_on` was its last day; `never`: it never did bind."""

    contract: UUID
    reader: str
    ended_on: date
    expired: bool
    never: bool


async def write_contracts(tx: Connection, told: Sequence[ContractRow]) -> None:
    """Keep contracts as they were told last: they bind, whatever was told before. Each once."""
    await tx.execute(
        """INSERT INTO contract AS c (contract, reader, owner, reference, title, level, supplier, parent,
               starts, until, first_told, amount, currency)
           SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::uuid[],
                                $8::uuid[], $9::date[], $10::date[], $11::date[], $12::numeric[], $13::text[])
           ON CONFLICT (contract, reader) DO UPDATE SET owner = EXCLUDED.owner, reference = EXCLUDED.reference,
               title = EXCLUDED.title, level = EXCLUDED.level, supplier = EXCLUDED.supplier, parent = EXCLUDED.parent,
               starts = EXCLUDED.starts, until = EXCLUDED.until, closed = false,
               first_told = least(c.first_told, EXCLUDED.first_told),
               amount = EXCLUDED.amount, currency = EXCLUDED.currency""",
        [one.contract for one in told],
        [one.reader for one in told],
        [one.owner for one in told],
        [one.reference for one in told],
        [one.title for one in told],
        [one.level for one in told],
        [one.supplier for one in told],
        [one.parent for one in told],
        [one.starts for one in told],
        [one.until for one in told],
        [one.first_told for one in told],
        [one.amount for one in told],
        [one.currency for one in told],
    )


async def close_contracts(tx: Connection, ends: Sequence[ContractEnd]) -> None:
    """From now on these contracts bind their readers no longer; each once. What was never told of is passed over."""
    await tx.execute(
        """UPDATE contract c SET closed = true,
               until = CASE WHEN u.never THEN c.since WHEN u.expired THEN u.ended_on + 1 ELSE u.ended_on END
           FROM unnest($1::uuid[], $2::text[], $3::date[], $4::bool[], $5::bool[])
               AS u (contract, reader, ended_on, expired, never)
           WHERE (c.contract, c.reader) = (u.contract, u.reader)""",
        [one.contract for one in ends],
        [one.reader for one in ends],
        [one.ended_on for one in ends],
        [one.expired for one in ends],
        [one.never for one in ends],
    )


async def forget_readers(tx: Connection, members: Collection[str]) -> list[tuple[UUID, str]]:
    """Forget what these members were told of contracts; the flags that touched theirs, each with the member."""
    rows = await tx.fetch(
        """WITH contracts AS (DELETE FROM contract WHERE reader = ANY($1::text[])),
                links AS (DELETE FROM link WHERE reader = ANY($1::text[])),
                assessments AS (DELETE FROM contract_assessment WHERE member = ANY($1::text[])),
                exposures AS (DELETE FROM exposure WHERE member = ANY($1::text[]) RETURNING flag, member)
           SELECT DISTINCT flag, member FROM exposures""",
        list(members),
    )
    return [(row["flag"], row["member"]) for row in rows]
