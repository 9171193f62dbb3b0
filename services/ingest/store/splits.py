"""SQL on what leaves an entry with one of its names: the name itself, and what rests on it."""

from collections.abc import Collection, Sequence
from uuid import UUID

from asyncpg import Record

from services.ingest.domain.registry import Kind
from shared.postgres import Connection, Pool


async def read_spelling(tx: Connection, number: int) -> Record | None:
    """A spelling, and whether it is the one under which its entry was registered."""
    return await tx.fetchrow(
        """SELECT p.*, NOT EXISTS (SELECT FROM spelling o WHERE o.entry = p.entry AND o.number < p.number) AS is_first
           FROM spelling p WHERE p.number = $1""",
        number,
    )


async def find_spelling(tx: Connection, entry: UUID, decision: UUID) -> int | None:
    """The spelling that an entry has by a decision; None where a later one gave it to another entry."""
    number: int | None = await tx.fetchval(
        "SELECT number FROM spelling WHERE entry = $1 AND decision = $2", entry, decision
    )
    return number


async def read_spellings_of(pool: Pool, kind: Kind, entries: Collection[UUID]) -> list[Record]:
    """The spellings of entries with how often and by whom each was said, in the order in which they became known."""
    return await pool.fetch(
        """SELECT p.number, p.entry, p.name, p.address, p.country, p.known_since, p.decision,
                  said.mentions, said.members
           FROM spelling p CROSS JOIN LATERAL (
               SELECT count(*) AS mentions, array_agg(DISTINCT m.member) FILTER (WHERE m.member IS NOT NULL) AS members
               FROM mention m WHERE m.kind_of_entry = p.key) said
           WHERE p.entry = ANY($1::uuid[]) ORDER BY p.number""".replace("kind_of_entry", kind.value),
        list(entries),
    )


async def give_spelling(tx: Connection, number: int, entry: UUID, decision: UUID) -> None:
    """Let a spelling be another entry's."""
    await tx.execute("UPDATE spelling SET entry = $2, decision = $3 WHERE number = $1", number, entry, decision)


async def read_said_identifiers(tx: Connection, kind: Kind, entry: UUID) -> list[Record]:
    """The ids that sources gave with each spelling of an entry, earliest first."""
    return await tx.fetch(
        """SELECT p.number, (m.said->'identifiers')::text AS identifiers
           FROM spelling p
           JOIN LATERAL (SELECT DISTINCT ON (kind_of_entry_said->'identifiers') kind_of_entry_said AS said, heard_at
                         FROM mention WHERE kind_of_entry = p.key AND kind_of_entry_said ? 'identifiers'
                         ORDER BY kind_of_entry_said->'identifiers', heard_at) m ON true
           WHERE p.entry = $1 ORDER BY m.heard_at""".replace("kind_of_entry", kind.value),
        entry,
    )


async def set_identifiers(tx: Connection, kind: Kind, entry: UUID, identifiers: str) -> None:
    """Let an entry have these ids of others, as JSON, and no more."""
    await tx.execute(
        "UPDATE kind_of_entry SET identifiers = $2::jsonb WHERE id = $1".replace("kind_of_entry", kind.value),
        entry,
        identifiers,
    )


async def read_resting(tx: Connection, kind: Kind, entry: UUID, key: bytes) -> list[Record]:
    """The disclosures about an entry, in their own words, and whether their source is kept as naming it by a key.

    A list that was imported anew may have other rows now: of those its own words tell.
    """
    return await tx.fetch(
        """SELECT d.id, d.supplier, d.site, d.said, d.submission IS NULL AS is_listed, EXISTS (
               SELECT FROM mention m
               WHERE m.member = d.member AND m.source = coalesce(d.source, d.list)
                 AND m.edition = CASE WHEN d.submission IS NULL THEN d.edition ELSE '' END
                 AND m.item = coalesce(d.submission, d.row::text) AND m.kind_of_entry = $2) AS is_named
           FROM disclosure d WHERE d.kind_of_entry = $1 ORDER BY d.id""".replace("kind_of_entry", kind.value),
        entry,
        key,
    )


async def move_sites(tx: Connection, supplier: UUID, new: UUID, key: bytes) -> Sequence[Record]:
    """Give a new supplier the sites that were only ever named together with the spelling it took; those sites."""
    return await tx.fetch(
        """UPDATE site s SET supplier = $2 WHERE s.supplier = $1
           AND EXISTS (SELECT FROM spelling p JOIN mention m ON m.site = p.key WHERE p.entry = s.id AND m.supplier = $3)
           AND NOT EXISTS (SELECT FROM spelling p JOIN mention m ON m.site = p.key JOIN spelling o ON o.key = m.supplier
                           WHERE p.entry = s.id AND o.entry = $1)
           RETURNING s.id, NULL::bytea AS key, s.supplier, s.name, s.address, s.country, s.sector,
                     s.identifiers::text""",
        supplier,
        new,
        key,
    )
