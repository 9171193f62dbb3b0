"""SQL on contracts, and on the performance conditions that their owners follow up."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from asyncpg import Record

from services.remedy.domain.engagement.calendar import Contract, day_after
from services.remedy.domain.engagement.conditions import CURE_OVER, Condition
from shared.events.engagement_words import ConditionState
from shared.events.ingest import ContractRecorded
from shared.events.remedy.conditions import ConditionMoved
from shared.events.values import Conditions
from shared.postgres import Connection

Reading = tuple[str, UUID]
"""A contract, and the member on whose topic it was told."""


@dataclass(frozen=True, slots=True)
class Told:
    """A contract as it was told last to a reader, by which event and when; `ended_on` where it no longer binds."""

    reader: str
    event: UUID
    at: datetime
    data: ContractRecorded
    ended_on: date | None = None


async def read_contracts(tx: Connection, readings: Collection[Reading]) -> dict[Reading, Contract]:
    """Contracts as their owners follow them up; those that others own are left out."""
    rows = await tx.fetch(
        """SELECT c.* FROM contract c
           JOIN unnest($1::text[], $2::uuid[]) AS u (reader, contract)
               ON c.reader = u.reader AND c.contract = u.contract AND c.member = u.reader""",
        [reader for reader, _ in readings],
        [contract for _, contract in readings],
    )
    return {(row["reader"], row["contract"]): contract_of(row) for row in rows}


def contract_of(row: Record) -> Contract:
    """A contract from its row."""
    said = row["conditions"]
    return Contract(
        row["contract"],
        row["member"],
        awarded=row["supplier"] is not None,
        starts=row["starts"],
        ends=row["ends"],
        conditions=Conditions.model_validate_json(said) if said else None,
        ended_on=row["ended_on"],
    )


async def write_contracts(tx: Connection, told: Collection[Told]) -> None:
    """Keep contracts as they were told last, each once in a batch."""
    ordered = sorted(told, key=lambda one: (one.reader, one.data.contract))
    await tx.execute(
        """INSERT INTO contract (reader, contract, member, reference, title, supplier, starts, ends, conditions,
                                 ended_on, recorded_at, event)
           SELECT * FROM unnest($1::text[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::uuid[], $7::date[],
                                $8::date[], $9::jsonb[], $10::date[], $11::timestamptz[], $12::uuid[])
           ON CONFLICT (reader, contract) DO UPDATE SET member = EXCLUDED.member, reference = EXCLUDED.reference,
               title = EXCLUDED.title, supplier = EXCLUDED.supplier, starts = EXCLUDED.starts, ends = EXCLUDED.ends,
               conditions = EXCLUDED.conditions, ended_on = EXCLUDED.ended_on, recorded_at = EXCLUDED.recorded_at,
               event = EXCLUDED.event""",
        [one.reader for one in ordered],
        [one.data.contract for one in ordered],
        [one.data.member for one in ordered],
        [one.data.reference for one in ordered],
        [one.data.title for one in ordered],
        [one.data.supplier for one in ordered],
        [one.data.starts for one in ordered],
        [one.data.ends for one in ordered],
        [one.data.conditions and one.data.conditions.model_dump_json() for one in ordered],
        [one.ended_on for one in ordered],
        [one.at for one in ordered],
        [one.event for one in ordered],
    )


async def end_contracts(tx: Connection, ends: Mapping[Reading, date]) -> None:
    """Keep since when contracts no longer bind, for their readers."""
    await tx.execute(
        """UPDATE contract c SET ended_on = u.ended_on
           FROM unnest($1::text[], $2::uuid[], $3::date[]) AS u (reader, contract, ended_on)
           WHERE c.reader = u.reader AND c.contract = u.contract""",
        [reader for reader, _ in ends],
        [contract for _, contract in ends],
        list(ends.values()),
    )


async def find_contract(connection: Connection, member: str, named: str) -> UUID | None:
    """A member's own contract, by its reference or id; None where it has none."""
    found: UUID | None = await connection.fetchval(
        """SELECT contract FROM contract WHERE reader = $1 AND member = $1 AND (reference = $2 OR contract::text = $2)
           ORDER BY reference = $2 DESC LIMIT 1""",
        member,
        named,
    )
    return found


async def read_conditions(tx: Connection, contracts: Collection[UUID], *, lock: bool = True) -> list[Condition]:
    """All conditions of these contracts that ever were, without the steps taken with them; in the order of their days.

    Locked, so that the clock moves none of them meanwhile, unless they are only looked at.
    """
    rows = await tx.fetch(
        f"SELECT * FROM condition WHERE contract = ANY($1::uuid[]) ORDER BY due, condition {'FOR UPDATE' * lock}",  # noqa: S608
        list(contracts),
    )
    return [condition_of(row) for row in rows]


def condition_of(row: Record) -> Condition:
    """A condition from its row."""
    return Condition(
        row["condition"],
        row["member"],
        row["contract"],
        row["clause"],
        row["wanted"],
        row["due"],
        row["basis"],
        born_on=row["born_on"],
        born=ConditionState(row["born"]),
        state=ConditionState(row["state"]),
        since=row["since"],
        cure_until=row["cure_until"],
        made_by=row["made_by"],
        lifted=row["lifted"],
    )


async def write_conditions(tx: Connection, conditions: Sequence[Condition]) -> None:
    """Keep conditions as they now stand."""
    await tx.execute(
        """INSERT INTO condition (condition, member, contract, clause, wanted, due, basis, state, since, cure_until,
                                  born, born_on, made_by, lifted)
           SELECT * FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::text[], $6::date[], $7::text[],
               $8::text[], $9::date[], $10::date[], $11::text[], $12::date[], $13::uuid[], $14::boolean[])
           ON CONFLICT (condition) DO UPDATE SET clause = EXCLUDED.clause, wanted = EXCLUDED.wanted,
               due = EXCLUDED.due, basis = EXCLUDED.basis, state = EXCLUDED.state, since = EXCLUDED.since,
               cure_until = EXCLUDED.cure_until, born = EXCLUDED.born, born_on = EXCLUDED.born_on,
               made_by = EXCLUDED.made_by, lifted = EXCLUDED.lifted""",
        [one.id for one in conditions],
        [one.member for one in conditions],
        [one.contract for one in conditions],
        [one.clause for one in conditions],
        [one.wanted for one in conditions],
        [one.due for one in conditions],
        [one.basis for one in conditions],
        [one.state for one in conditions],
        [one.since for one in conditions],
        [one.cure_until for one in conditions],
        [one.born for one in conditions],
        [one.born_on for one in conditions],
        [one.made_by for one in conditions],
        [one.lifted for one in conditions],
    )


async def breach(tx: Connection, conditions: Collection[UUID]) -> list[ConditionMoved]:
    """Let these conditions, whose cure period is over, be in breach; what is told of those that were not yet."""
    rows = await tx.fetch(
        """UPDATE condition c SET state = 'breach', since = before.cure_until + 1, cure_until = NULL
           FROM (SELECT condition, cure_until FROM condition
                 WHERE condition = ANY($1::uuid[]) AND state = 'cure' AND NOT lifted
                 ORDER BY condition FOR UPDATE) before
           WHERE c.condition = before.condition RETURNING c.*, before.cure_until AS cured_until""",
        list(conditions),
    )
    return [breached(row) for row in sorted(rows, key=lambda row: str(row["condition"]))]


def breached(row: Record) -> ConditionMoved:
    """What is told of a condition whose cure period is over."""
    after = condition_of(row)
    before = replace(after, state=ConditionState.CURE)
    assert after.since == day_after(row["cured_until"])
    return ConditionMoved(
        member=after.member,
        condition=after.id,
        contract=after.contract,
        clause=after.clause,
        before=before.state,
        after=after.state,
        reason=CURE_OVER,
    )


SHOWN = """SELECT c.*, k.reference, k.title AS contract_title, s.supplier, s.name AS supplier_name,
               coalesce(o.missed_at IS NOT NULL, false) AS missed, o.due AS next_due
           FROM condition c
           LEFT JOIN contract k ON k.contract = c.contract AND k.reader = c.member
           LEFT JOIN supplier a ON a.supplier = k.supplier
           LEFT JOIN supplier s ON s.supplier = coalesce(a.alias_of, a.supplier)
           LEFT JOIN LATERAL (SELECT due, missed_at FROM obligation
                              WHERE about = c.condition AND ended_at IS NULL ORDER BY due LIMIT 1) o ON true"""


async def list_conditions(
    connection: Connection, member: str | None, contract: str | None, state: str | None, limit: int
) -> list[Record]:
    """Conditions that were not lifted, of a member (None: of all), the first due first.

    Of a contract by its id or the member's own reference, in a state, where these are given.
    """
    return await connection.fetch(
        f"""{SHOWN} WHERE NOT c.lifted AND ($1::text IS NULL OR c.member = $1)
              AND ($2::text IS NULL OR c.contract::text = $2 OR k.reference = $2)
              AND ($3::text IS NULL OR c.state = $3)
            ORDER BY c.due, c.condition LIMIT $4""",
        member,
        contract,
        state,
        limit,
    )


async def show_condition(connection: Connection, condition: UUID) -> Record | None:
    """A condition with its contract and what is due of it."""
    return await connection.fetchrow(f"{SHOWN} WHERE c.condition = $1", condition)


async def read_history(connection: Connection, contract: UUID, condition: UUID) -> list[dict[str, Any]]:
    """What was reported of a condition and applied, the oldest first: type, event, when accepted, and what was told."""
    rows = await connection.fetch(
        """SELECT entry, event, type, recorded_at, told, standing FROM follow_up_entry
           WHERE subject = $1 AND standing <> 'refused'
             AND (told ->> 'condition' = $2::text OR entry = $2::uuid) ORDER BY place""",
        contract,
        str(condition),
    )
    return [{**dict(row), "told": json.loads(row["told"])} for row in rows]
