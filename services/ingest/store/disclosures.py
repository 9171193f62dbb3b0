"""SQL on lists, their editions, and disclosures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from asyncpg import Record

from services.ingest.domain.editions import Standing
from shared.postgres import Connection


@dataclass(frozen=True, slots=True)
class SentDisclosure:
    """A disclosure that was sent as an event of its own; `source` and `submission` are how its sender names it."""

    id: UUID
    list: str
    edition: str
    supplier: UUID
    site: UUID | None
    published: bool
    source: str
    submission: str


async def lock_list(tx: Connection, member: str, name: str) -> str | None:
    """Keep other imports of a list out until the transaction ends; its edition in force, None for a new list."""
    edition: str | None = await tx.fetchval(
        """INSERT INTO supplier_list AS l (member, name) VALUES ($1, $2)
           ON CONFLICT (member, name) DO UPDATE SET edition = l.edition RETURNING edition""",
        member,
        name,
    )
    return edition


async def read_editions(tx: Connection, member: str, name: str) -> dict[str, bytes]:
    """The editions of a list that were imported, with the digest of what each said."""
    rows = await tx.fetch("SELECT edition, content FROM list_edition WHERE member = $1 AND list = $2", member, name)
    return {row["edition"]: row["content"] for row in rows}


async def save_editions(tx: Connection, member: str, name: str, digests: Mapping[str, bytes], current: str) -> None:
    """Remember what the editions of a list said, and which of them is in force now."""
    await tx.execute(
        """WITH said AS (
               INSERT INTO list_edition (member, list, edition, content)
               SELECT $1, $2, edition, content FROM unnest($3::text[], $4::bytea[]) AS u (edition, content)
               ON CONFLICT (member, list, edition) DO UPDATE SET content = EXCLUDED.content)
           UPDATE supplier_list SET edition = $5 WHERE member = $1 AND name = $2""",
        member,
        name,
        list(digests),
        list(digests.values()),
        current,
    )


async def read_standing(tx: Connection, member: str, name: str) -> dict[UUID, Standing]:
    """The disclosures of an imported list that hold, by site."""
    rows = await tx.fetch(
        """SELECT id, supplier, site, edition, content, published FROM disclosure
           WHERE member = $1 AND list = $2 AND NOT retired AND submission IS NULL ORDER BY id""",
        member,
        name,
    )
    return {row["site"]: Standing(*row) for row in rows}


async def retire(tx: Connection, disclosures: Sequence[UUID]) -> None:
    """Mark disclosures as no longer holding."""
    await tx.execute("UPDATE disclosure SET retired = true WHERE id = ANY($1::uuid[])", list(disclosures))


async def save_listed(tx: Connection, member: str, name: str, standing: Sequence[Standing], retired: set[UUID]) -> None:
    """Keep disclosures of an imported list, new or with newer facts; `retired` are those that no longer hold."""
    await tx.execute(
        """INSERT INTO disclosure (id, member, list, supplier, site, edition, content, published, retired)
           SELECT id, $1, $2, supplier, site, edition, content, published, id = ANY($9::uuid[])
           FROM unnest($3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::bytea[], $8::bool[])
               AS u (id, supplier, site, edition, content, published)
           ON CONFLICT (id) DO UPDATE SET edition = EXCLUDED.edition, content = EXCLUDED.content""",
        member,
        name,
        [one.disclosure for one in standing],
        [one.supplier for one in standing],
        [one.site for one in standing],
        [one.edition for one in standing],
        [one.content for one in standing],
        [one.published for one in standing],
        list(retired),
    )


async def insert_sent(tx: Connection, member: str, disclosures: Sequence[SentDisclosure]) -> None:
    """Keep disclosures that a member sent as events."""
    await tx.execute(
        """INSERT INTO disclosure (id, member, list, edition, supplier, site, published, source, submission)
           SELECT id, $1, list, edition, supplier, site, published, source, submission
           FROM unnest($2::uuid[], $3::text[], $4::text[], $5::uuid[], $6::uuid[], $7::bool[], $8::text[], $9::text[])
               AS u (id, list, edition, supplier, site, published, source, submission)""",
        member,
        [one.id for one in disclosures],
        [one.list for one in disclosures],
        [one.edition for one in disclosures],
        [one.supplier for one in disclosures],
        [one.site for one in disclosures],
        [one.published for one in disclosures],
        [one.source for one in disclosures],
        [one.submission for one in disclosures],
    )


async def withdraw_sent(tx: Connection, member: str, names: Sequence[tuple[str, str]]) -> list[Record]:
    """Mark what a member sent under these (source, submission) as withdrawn; those that still held."""
    return await tx.fetch(
        """UPDATE disclosure d SET retired = true
           FROM unnest($2::text[], $3::text[]) AS u (source, submission)
           WHERE d.member = $1 AND d.source = u.source AND d.submission = u.submission AND NOT d.retired
           RETURNING d.id, d.supplier, d.site, d.published, d.edition, d.source, d.submission""",
        member,
        [source for source, _ in names],
        [submission for _, submission in names],
    )
