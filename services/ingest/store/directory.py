"""SQL that reads the registry for those who ask: pages of entries, and single ones as they are known now.

`reader` is the member that asks, None the operator. Entries that were merged into others are listed as those.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from asyncpg import Record

from services.ingest.domain.registry import Kind
from shared.postgres import Pool

WORDS = r"""to_tsvector('simple', translate(
    regexp_replace(normalize(lower(p.name), NFKD), '[\u0300-\u036f]', '', 'g'), './@:_+-', '       '))"""
"""As the index on spellings has it."""
# As arrays, which are found first: the planner takes `root = id` for rare and would look at each entry instead.
NAMED = """s.id = ANY(ARRAY(SELECT e.root FROM spelling p JOIN {table} e ON e.id = p.entry
    WHERE p.kind = '{table}' AND {words} @@ to_tsquery('simple', {value})))"""
IN_COUNTRY = "s.country = {value}"
IDENTIFIED = "s.id = ANY(ARRAY(SELECT root FROM {table} WHERE identifiers <> '{{}}' AND identifiers @> {value}))"
CHANGED = """s.id = ANY(ARRAY(
    SELECT e.root FROM spelling p JOIN {table} e ON e.id = p.entry WHERE p.kind = '{table}' AND p.known_since >= {value}
    UNION SELECT e.root FROM decision d JOIN {table} e ON e.id IN (d.entry, d.other)
    WHERE d.kind = '{table}' AND d.decided_at >= {value}))"""
OF_SUPPLIER = """s.id = ANY(ARRAY(SELECT x.root FROM supplier q JOIN supplier p ON p.root = q.root
    JOIN site x ON x.supplier = p.id WHERE q.id = {value}))"""
MOST_PARTS = 200
"""What belongs to one entry (names, disclosures, former ids) is cut off here; the newest come first."""


@dataclass(frozen=True, slots=True)
class Search:
    """What an entry must have to be listed; what is None is not asked for.

    `words` is a text search as of `domain.search`, `identifier` a JSON object with the scheme and the id.
    """

    words: str | None = None
    country: str | None = None
    identifier: str | None = None
    changed_since: datetime | None = None
    supplier: UUID | None = None


def conditions_of(search: Search, table: str) -> tuple[str, list[object]]:
    """The conditions of a search with their arguments, which begin at $3; only what is asked for costs anything."""
    asked: list[tuple[str, object]] = [
        (NAMED, search.words),
        (IN_COUNTRY, search.country),
        (IDENTIFIED, search.identifier),
        (CHANGED, search.changed_since),
        (OF_SUPPLIER, search.supplier),
    ]
    chosen = [(text, value) for text, value in asked if value is not None]
    texts = [text.format(table=table, words=WORDS, value=f"${place}") for place, (text, _) in enumerate(chosen, 3)]
    return " AND ".join(["s.root = s.id AND s.id > $1", *texts]), [value for _, value in chosen]


async def list_suppliers(pool: Pool, search: Search, after: UUID, most: int) -> list[Record]:
    """A page of suppliers, by id."""
    where, values = conditions_of(search, "supplier")
    return await pool.fetch(
        f"""SELECT s.id, s.root, s.name, s.country, s.identifiers, s.registered_at
            FROM supplier s WHERE {where} ORDER BY s.id LIMIT $2""",  # noqa: S608 - our own conditions
        after,
        most,
        *values,
    )


async def list_sites(pool: Pool, search: Search, after: UUID, most: int) -> list[Record]:
    """A page of sites, by id."""
    where, values = conditions_of(search, "site")
    return await pool.fetch(
        f"""SELECT s.id, s.root, u.root AS supplier, s.name, s.address, s.country, s.sector, s.identifiers,
                   s.registered_at
            FROM site s JOIN supplier u ON u.id = s.supplier
            WHERE {where} ORDER BY s.id LIMIT $2""",  # noqa: S608 - our own conditions
        after,
        most,
        *values,
    )


async def read_supplier(pool: Pool, id_: UUID) -> Record | None:
    """A supplier as it is known now, with the ids that were merged into it, by any of its ids."""
    return await pool.fetchrow(
        """SELECT s.*, ARRAY(SELECT id FROM supplier WHERE root = s.id AND id <> s.id ORDER BY id LIMIT $2) AS former
           FROM supplier asked JOIN supplier s ON s.id = asked.root WHERE asked.id = $1""",
        id_,
        MOST_PARTS,
    )


async def read_site(pool: Pool, id_: UUID) -> Record | None:
    """A site as it is known now, with the ids that were merged into it, by any of its ids."""
    return await pool.fetchrow(
        """SELECT s.id, s.root, u.root AS supplier, s.name, s.address, s.country, s.sector, s.identifiers,
                  s.registered_at,
                  ARRAY(SELECT id FROM site WHERE root = s.id AND id <> s.id ORDER BY id LIMIT $2) AS former
           FROM site asked JOIN site s ON s.id = asked.root JOIN supplier u ON u.id = s.supplier WHERE asked.id = $1""",
        id_,
        MOST_PARTS,
    )


async def read_names(pool: Pool, kind: Kind, root: UUID) -> list[Record]:
    """The ways of writing an entry's name, and a site's address, with the kinds of members that use them."""
    return await pool.fetch(
        """SELECT p.name, p.address, p.known_since,
                  ARRAY(SELECT DISTINCT m.kind FROM mention n JOIN member m ON m.slug = n.member
                        WHERE n.kind_of_entry = p.key ORDER BY 1) AS contributors
           FROM kind_of_entry e JOIN spelling p ON p.entry = e.id AND p.kind = 'kind_of_entry'
           WHERE e.root = $1 ORDER BY p.number DESC LIMIT $2""".replace("kind_of_entry", kind.value),
        root,
        MOST_PARTS,
    )


async def read_disclosures(pool: Pool, root: UUID, reader: str | None) -> list[Record]:
    """The disclosures of a site that hold and that this reader was told of."""
    return await pool.fetch(
        """SELECT d.id, u.root AS supplier, d.said, d.published, d.member, m.kind, m.left_at
           FROM site s JOIN disclosure d ON d.site = s.id AND NOT d.retired
           JOIN supplier u ON u.id = d.supplier JOIN member m ON m.slug = d.member
           WHERE s.root = $1 AND ($2::text IS NULL OR EXISTS (
               SELECT FROM disclosure_reader r WHERE r.disclosure = d.id AND r.reader IN ('', $2) AND r.about = d.id))
           ORDER BY d.id DESC LIMIT $3""",
        root,
        reader,
        MOST_PARTS,
    )


SAID = """CASE WHEN EXISTS (SELECT FROM member u WHERE u.slug = ANY(c.end_users) AND u.left_at IS NOT NULL)
    THEN jsonb_set(c.said::jsonb, '{end_users}', (
        SELECT coalesce(jsonb_agg(n.slug ORDER BY n.place), '[]')
        FROM unnest(c.end_users) WITH ORDINALITY n (slug, place)
        JOIN member u ON u.slug = n.slug AND u.left_at IS NULL))::text
    ELSE c.said END"""
"""What is told of a contract `c`: as its owner said it, but for end users that have left since."""
CONTRACTS = """SELECT c.id, {said} AS said, c.closed, c.ended_on, c.end_reason FROM contract c
    WHERE c.said IS NOT NULL
    AND ($1::text IS NULL OR c.member = $1
         OR EXISTS (SELECT FROM contract_reader r WHERE r.contract = c.id AND r.reader = $1))""".replace("{said}", SAID)


async def list_contracts(pool: Pool, reader: str | None, supplier: UUID | None, after: UUID, most: int) -> list[Record]:
    """A page of the contracts that a reader owns or was told of, by id."""
    return await pool.fetch(
        f"""{CONTRACTS} AND c.id > $2 AND ($4::uuid IS NULL OR c.supplier IN (
                SELECT p.id FROM supplier q JOIN supplier p ON p.root = q.root WHERE q.id = $4))
            ORDER BY c.id LIMIT $3""",  # noqa: S608 - our own condition
        reader,
        after,
        most,
        supplier,
    )


async def read_contract(pool: Pool, reader: str | None, id_: UUID) -> Record | None:
    """A contract, where the reader owns it or was told of it."""
    return await pool.fetchrow(f"{CONTRACTS} AND c.id = $2", reader, id_)


async def list_members(pool: Pool, slugs: Sequence[str] | None, after: str, most: int) -> list[Record]:
    """A page of the members that have not left, by slug; of these slugs only, where given."""
    return await pool.fetch(
        """SELECT slug, name, kind, country, organisation_number, registered_at FROM member
           WHERE left_at IS NULL AND slug > $1 AND ($3::text[] IS NULL OR slug = ANY($3)) ORDER BY slug LIMIT $2""",
        after,
        most,
        slugs,
    )


async def list_workinggroups(pool: Pool, slugs: Sequence[str] | None, after: str, most: int) -> list[Record]:
    """A page of the working groups, also closed ones, by slug; of these slugs only, where given.

    Suppliers by the ids of now.
    """
    return await pool.fetch(
        """SELECT g.slug, g.name, g.purpose, g.secretariat, g.categories, g.instruments, g.rightsholders,
                  g.cause, g.cause_reason, g.cause_about, g.established_at, g.closed_at, g.close_reason,
                  (SELECT coalesce(jsonb_object_agg(m.member, m.role), '{}')
                   FROM workinggroup_member m WHERE m.workinggroup = g.slug) AS members,
                  ARRAY(SELECT DISTINCT s.root FROM supplier s WHERE s.id = ANY(g.suppliers) ORDER BY 1) AS suppliers
           FROM workinggroup g
           WHERE g.slug > $1 AND ($3::text[] IS NULL OR g.slug = ANY($3)) ORDER BY g.slug LIMIT $2""",
        after,
        most,
        slugs,
    )
