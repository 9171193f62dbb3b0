"""Lists that operators load: editions with their facts, and the catalogue of the facts in force."""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from asyncpg import Record

from services.risk.domain.facts.catalogue import Catalogue, catalogue
from services.risk.domain.facts.editions import Edition
from services.risk.domain.facts.fact import Fact, FactAbout, Listed
from shared.postgres import Connection

COLUMNS = ("edition", "number", "about", "country", "name", "measure", "value", "word", "valid_from", "valid_to",
           "text")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where an edition comes from; `format` is how its file was read."""

    format: str
    source: str
    edition: str
    licence: str | None = None
    retrieved: date | None = None
    valid_from: date | None = None


# Editions


async def editions_of(tx: Connection, source: str) -> list[Edition]:
    """The editions of one list that were loaded."""
    rows = await tx.fetch("SELECT edition, digest, in_force FROM fact_edition WHERE source = $1", source)
    return [Edition(*row) for row in rows]


async def read_editions(tx: Connection) -> list[Record]:
    """All editions that were loaded, those of one list together, the newest first."""
    return await tx.fetch(
        """SELECT format, source, edition, licence, retrieved, valid_from, facts, in_force, loaded_at
           FROM fact_edition ORDER BY source, edition DESC"""
    )


async def retire_edition(tx: Connection, source: str) -> int | None:
    """Take the edition of a list out of force, to make room for the next; its id, or None where there was none."""
    former: int | None = await tx.fetchval(
        "UPDATE fact_edition SET in_force = false WHERE source = $1 AND in_force RETURNING id", source
    )
    return former


async def put_in_force(tx: Connection, of: Provenance, digest: str, facts: int) -> int:
    """Record an edition as the one in force of its list; its id."""
    row: int = await tx.fetchval(
        """INSERT INTO fact_edition (format, source, edition, licence, retrieved, valid_from, digest, facts, in_force)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, true) RETURNING id""",
        of.format,
        of.source,
        of.edition,
        of.licence,
        of.retrieved,
        of.valid_from,
        digest,
        facts,
    )
    return row


# Facts


async def add_facts(tx: Connection, edition: int, facts: Sequence[Fact]) -> None:
    """Add the facts of an edition."""
    await tx.copy_records_to_table(
        "fact",
        columns=COLUMNS,
        records=[
            (edition, number, one.about, one.country, one.name, one.measure, one.value, one.word, one.valid_from,
             one.valid_to, one.text)
            for number, one in enumerate(facts)
        ],
    )  # fmt: skip


async def facts_of(tx: Connection, edition: int) -> list[Fact]:
    """The facts of an edition, as they were loaded: their digest is that of the edition."""
    rows = await tx.fetch(
        """SELECT about, country, name, measure, text, value, word, valid_from, valid_to
           FROM fact WHERE edition = $1 ORDER BY number""",
        edition,
    )
    return [_fact(row) for row in rows]


async def sources_alike(tx: Connection, edition: int) -> list[str]:
    """The other lists in force in the format of an edition of which nine in ten facts are the same, in their order."""
    rows = await tx.fetch(
        """SELECT o.source
           FROM fact_edition e JOIN fact_edition o ON o.in_force AND o.format = e.format AND o.source <> e.source
           WHERE e.id = $1 AND 9 * greatest(e.facts, o.facts) <= 10 * (SELECT count(*) FROM (
               SELECT about, country, name, measure, value, word, valid_from, valid_to FROM fact WHERE edition = e.id
               INTERSECT
               SELECT about, country, name, measure, value, word, valid_from, valid_to FROM fact WHERE edition = o.id
           ) AS same)
           ORDER BY o.source""",
        edition,
    )
    return [row[0] for row in rows]


async def measures_in_force(tx: Connection) -> frozenset[tuple[FactAbout, str]]:
    """The measures that any list in force states."""
    rows = await tx.fetch(
        "SELECT DISTINCT f.about, f.measure FROM fact f JOIN fact_edition e ON e.id = f.edition AND e.in_force"
    )
    return frozenset((FactAbout(row["about"]), row["measure"]) for row in rows)


def _fact(row: Record) -> Fact:
    return Fact(FactAbout(row[0]), *row[1:9])


# The catalogue

_Head = tuple[int, datetime | None, int, int, datetime]
_catalogues: OrderedDict[_Head, Catalogue] = OrderedDict()
KEPT = 3
"""Catalogues that a process keeps: that of the facts in force, and those of dry runs and other schemas."""


async def read_catalogue(tx: Connection) -> Catalogue:
    """The facts in force, read anew only after an edition was loaded: else one small query, and the same object."""
    head = await _read_head(tx)
    while head not in _catalogues:
        found = await asyncio.to_thread(catalogue, await _read_listed(tx))
        if (again := await _read_head(tx)) == head:  # else an edition came into force while the facts were read
            _catalogues[head] = found
        head = again
    _catalogues.move_to_end(head)
    while len(_catalogues) > KEPT:
        _catalogues.popitem(last=False)
    return _catalogues[head]


async def _read_head(tx: Connection) -> _Head:
    """What tells the facts in force from all others: server, database, schema and the edition loaded last.

    The id alone would not do: a schema that was made anew counts from one again.
    """
    row = await tx.fetchrow(
        """SELECT coalesce(e.id, 0), e.loaded_at, n.oid::bigint, d.oid::bigint, pg_postmaster_start_time()
           FROM pg_database d JOIN pg_namespace n ON n.nspname = current_schema()
           LEFT JOIN (SELECT id, loaded_at FROM fact_edition ORDER BY id DESC LIMIT 1) e ON true
           WHERE d.datname = current_database()"""
    )
    assert row is not None
    return row[0], row[1], row[2], row[3], row[4]


async def _read_listed(tx: Connection) -> list[Listed]:
    """The facts in force with their editions."""
    rows = await tx.fetch(
        """SELECT f.about, f.country, f.name, f.measure, f.text, f.value, f.word, f.valid_from, f.valid_to,
                  e.source, e.edition, e.licence, e.retrieved
           FROM fact f JOIN fact_edition e ON e.id = f.edition AND e.in_force"""
    )
    return [Listed(_fact(row), *row[9:]) for row in rows]
