"""SQL on lists, their editions, and disclosures. Who is told of a disclosure is in `readers`."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from uuid import UUID

from services.ingest.domain.lists.editions import Place, Standing
from shared.postgres import Connection


@dataclass(frozen=True, slots=True)
class Disclosure:
    """A disclosure as it is kept. `said` is what is told of it, as of `domain.publication`.

    From a row of a list it has `content`, the digest of what the row says; sent as an event it has `source` and
    `submission`, by which its sender names it.
    """

    id: UUID
    list: str
    edition: str
    row: int | None
    supplier: UUID
    site: UUID | None
    published: bool
    said: str
    said_at: datetime
    contract: UUID | None = None
    request: UUID | None = None
    aspect: str = ""
    content: bytes | None = None
    source: str | None = None
    submission: str | None = None


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


async def read_standing(tx: Connection, member: str, name: str) -> dict[Place, Standing]:
    """The disclosures of an imported list that hold, by place."""
    rows = await tx.fetch(
        """SELECT id, supplier, site, edition, content, published, aspect FROM disclosure
           WHERE member = $1 AND list = $2 AND NOT retired AND submission IS NULL ORDER BY id""",
        member,
        name,
    )
    return {one.place: one for one in (Standing(*row) for row in rows)}


async def save(tx: Connection, member: str, disclosures: Sequence[Disclosure]) -> None:
    """Keep disclosures of a member; one that is known is said anew, and keeps its contract unless another is given."""
    await tx.execute(
        """INSERT INTO disclosure AS d (id, member, list, edition, row, supplier, site, published, said, said_at,
                                        contract, request, aspect, content, source, submission)
           SELECT id, $1, list, edition, row, supplier, site, published, said, said_at,
                  contract, request, aspect, content, source, submission
           FROM unnest($2::uuid[], $3::text[], $4::text[], $5::int[], $6::uuid[], $7::uuid[], $8::bool[], $9::text[],
                       $10::timestamptz[], $11::uuid[], $12::uuid[], $13::text[], $14::bytea[], $15::text[],
                       $16::text[])
               AS u (id, list, edition, row, supplier, site, published, said, said_at,
                     contract, request, aspect, content, source, submission)
           ON CONFLICT (id) DO UPDATE SET edition = EXCLUDED.edition, row = EXCLUDED.row, said = EXCLUDED.said,
               said_at = EXCLUDED.said_at, contract = coalesce(EXCLUDED.contract, d.contract),
               request = coalesce(EXCLUDED.request, d.request),
               content = EXCLUDED.content, revision = d.revision + 1""",
        member,
        *([getattr(one, column) for one in disclosures] for column in COLUMNS),
    )


COLUMNS = tuple(field.name for field in fields(Disclosure))


async def retire(tx: Connection, disclosures: Collection[UUID], reason: str, edition: str | None = None) -> None:
    """End disclosures that still hold; `edition` is the one that ended them, where it is not their own."""
    await tx.execute(
        """WITH ending AS (SELECT id FROM disclosure WHERE id = ANY($1::uuid[]) AND NOT retired
                           ORDER BY id FOR NO KEY UPDATE)
           UPDATE disclosure d SET retired = true, reason = $2, retired_edition = $3 FROM ending e WHERE d.id = e.id""",
        list(disclosures),
        reason,
        edition,
    )


async def join_contract(tx: Connection, member: str, name: str, places: Sequence[Place], contract: UUID) -> list[UUID]:
    """Let what a list says of these places belong to a contract; the disclosures that did not belong to it before."""
    rows = await tx.fetch(
        """WITH joining AS (
               SELECT d.id FROM disclosure d
               WHERE d.member = $1 AND d.list = $2 AND NOT d.retired AND d.submission IS NULL
                 AND d.contract IS DISTINCT FROM $5
                 AND (coalesce(d.site, d.supplier), d.aspect) IN (SELECT * FROM unnest($3::uuid[], $4::text[]))
               ORDER BY d.id FOR NO KEY UPDATE)
           UPDATE disclosure d SET contract = $5 FROM joining j WHERE d.id = j.id RETURNING d.id""",
        member,
        name,
        [place for place, _ in places],
        [aspect for _, aspect in places],
        contract,
    )
    return [row["id"] for row in rows]


async def first_listed(tx: Connection, member: str, name: str, request: UUID) -> UUID | None:
    """The first disclosure of a list that holds: one that answers the request, where there is one."""
    found: UUID | None = await tx.fetchval(
        """SELECT id FROM disclosure WHERE member = $1 AND list = $2 AND NOT retired AND submission IS NULL
           ORDER BY request IS DISTINCT FROM $3, id LIMIT 1""",
        member,
        name,
        request,
    )
    return found


async def move(tx: Connection, disclosures: Sequence[tuple[UUID, UUID, UUID | None]]) -> None:
    """Let disclosures (id, supplier, site) be about another supplier or site.

    They are told anew by `audience.settle`, which is to be given the sites before and after, too.
    """
    ordered = sorted(disclosures)
    await tx.execute(
        """UPDATE disclosure d SET supplier = u.supplier, site = u.site, revision = d.revision + 1
           FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS u (id, supplier, site)
           WHERE d.id = u.id AND (d.supplier, d.site) IS DISTINCT FROM (u.supplier, u.site)""",
        [disclosure for disclosure, _, _ in ordered],
        [supplier for _, supplier, _ in ordered],
        [site for _, _, site in ordered],
    )
