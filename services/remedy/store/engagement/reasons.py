"""SQL on what gives reason for an engagement: flags, indicators and statements, and the leverage on flags."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from shared.events.risk import LeverageChanged
from shared.postgres import Connection

Kind = Literal["flag", "indicator", "statement", "verification"]
Key = tuple[Kind, UUID]


@dataclass(frozen=True, slots=True)
class Row:
    """A reason as it was last told, and whether it stands: since when, and until when it did."""

    kind: Kind
    id: UUID
    supplier: UUID
    category: str
    since: datetime
    event: UUID
    severity: int | None = None
    serious: bool = False
    contact: str | None = None
    quarter: str | None = None
    instruments: tuple[str, ...] = ()
    ended_at: datetime | None = None


async def read(tx: Connection, keys: Collection[Key]) -> dict[Key, Row]:
    """These reasons, as far as they were told."""
    rows = await tx.fetch(
        """SELECT kind, id, supplier, category, since, event, severity, serious, contact, quarter, instruments,
                  ended_at
           FROM reason JOIN unnest($1::text[], $2::uuid[]) AS u (kind, id) USING (kind, id)""",
        [kind for kind, _ in keys],
        [one for _, one in keys],
    )
    found = [Row(**{**dict(row), "instruments": tuple(row["instruments"])}) for row in rows]
    return {(row.kind, row.id): row for row in found}


async def write(tx: Connection, rows: Collection[Row]) -> None:
    """Keep reasons as they were last told, each once."""
    ordered = sorted(rows, key=lambda row: (row.kind, row.id))
    await tx.execute(
        """INSERT INTO reason (kind, id, supplier, category, since, event, severity, serious, contact, instruments,
                               ended_at, quarter)
           SELECT kind, id, supplier, category, since, event, severity, serious, contact,
                  string_to_array(instruments, ' '), ended_at, quarter
           FROM unnest($1::text[], $2::uuid[], $3::uuid[], $4::text[], $5::timestamptz[], $6::uuid[], $7::int[],
                       $8::boolean[], $9::text[], $10::text[], $11::timestamptz[], $12::text[])
               AS u (kind, id, supplier, category, since, event, severity, serious, contact, instruments, ended_at,
                     quarter)
           ON CONFLICT (kind, id) DO UPDATE SET since = EXCLUDED.since, event = EXCLUDED.event,
               severity = EXCLUDED.severity, serious = EXCLUDED.serious, contact = EXCLUDED.contact,
               instruments = EXCLUDED.instruments, ended_at = EXCLUDED.ended_at, quarter = EXCLUDED.quarter""",
        [row.kind for row in ordered],
        [row.id for row in ordered],
        [row.supplier for row in ordered],
        [row.category for row in ordered],
        [row.since for row in ordered],
        [row.event for row in ordered],
        [row.severity for row in ordered],
        [row.serious for row in ordered],
        [row.contact for row in ordered],
        [" ".join(row.instruments) for row in ordered],
        [row.ended_at for row in ordered],
        [row.quarter for row in ordered],
    )


async def end_statements(tx: Connection, statements: Sequence[UUID], at: datetime) -> None:
    """Statements and verifications that were taken back give reason for nothing from this moment on."""
    await tx.execute(
        """UPDATE reason SET ended_at = $2
           WHERE id = ANY($1::uuid[]) AND kind IN ('statement', 'verification') AND ended_at IS NULL""",
        list(statements),
        at,
    )


async def write_leverage(tx: Connection, told: Collection[tuple[LeverageChanged, datetime, UUID]]) -> None:
    """Keep how many buyers and contracts each flag touches, as last told, each flag once in a batch."""
    ordered = sorted(told, key=lambda one: one[0].flag)
    await tx.execute(
        """INSERT INTO leverage (flag, supplier, category, buyers, contracts, "values", told_at, event)
           SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::int[], $5::int[], $6::jsonb[],
                                $7::timestamptz[], $8::uuid[])
           ON CONFLICT (flag) DO UPDATE SET supplier = EXCLUDED.supplier, category = EXCLUDED.category,
               buyers = EXCLUDED.buyers, contracts = EXCLUDED.contracts, "values" = EXCLUDED."values",
               told_at = EXCLUDED.told_at, event = EXCLUDED.event""",
        [one.flag for one, _, _ in ordered],
        [one.supplier for one, _, _ in ordered],
        [one.category for one, _, _ in ordered],
        [one.buyers for one, _, _ in ordered],
        [one.contracts for one, _, _ in ordered],
        [json.dumps([money.model_dump(mode="json") for money in one.values]) for one, _, _ in ordered],
        [at for _, at, _ in ordered],
        [event for _, _, event in ordered],
    )
