"""What people wrote about cases: ciphertexts, each under a key of its case."""

from collections.abc import Collection, Sequence
from uuid import UUID

from asyncpg import Record

from services.remedy.vault import Part, Sealed
from shared.events.remedy.words import Party
from shared.postgres import Connection


async def insert(tx: Connection, sealed: Sequence[Sealed], by: Party) -> None:
    """Keep sealed words, in this order."""
    await tx.execute(
        """INSERT INTO content (content_id, case_id, part, item, ciphertext, by)
           SELECT content_id, case_id, part, item, ciphertext, $6
           FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::uuid[], $5::bytea[])
               WITH ORDINALITY AS u (content_id, case_id, part, item, ciphertext, place) ORDER BY place""",
        [one.id for one in sealed],
        [one.case for one in sealed],
        [one.part for one in sealed],
        [one.item for one in sealed],
        [one.ciphertext for one in sealed],
        by,
    )


async def read(tx: Connection, case: UUID, parts: Collection[Part]) -> list[tuple[Record, Sealed]]:
    """The sealed words of a case of these parts, the oldest first; the row tells by whom and when."""
    rows = await tx.fetch(
        "SELECT * FROM content WHERE case_id = $1 AND part = ANY($2::text[]) ORDER BY place", case, list(parts)
    )
    return [(row, sealed_of(row)) for row in rows]


async def read_by_id(connection: Connection, content: UUID) -> list[Sealed]:
    """Sealed words by their id; none where they were erased."""
    return [sealed_of(row) for row in await connection.fetch("SELECT * FROM content WHERE content_id = $1", content)]


def sealed_of(row: Record) -> Sealed:
    """The sealed words of a row."""
    return Sealed(row["content_id"], row["case_id"], Part(row["part"]), row["ciphertext"], row["item"])
