"""SQL on the spellings of suppliers and sites, the words by which they are found, and what sources have said."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from asyncpg import Record

from services.ingest.domain.identity.matching import FREQUENT, Token
from services.ingest.domain.registry import Kind
from shared.postgres import Connection


@dataclass(frozen=True, slots=True)
class Spelling:
    """A way of writing an entry's name, and the decision by which it is that entry's, unless it is its first."""

    key: bytes
    entry: UUID
    name: str
    address: str | None
    country: str | None
    native_name: str | None = None
    decision: UUID | None = None


@dataclass(frozen=True, slots=True)
class Mention:
    """What a source said in one place: `item` is a row of a list's edition, or the id of an event without edition."""

    source: str
    edition: str
    item: str
    supplier: bytes
    supplier_said: str
    site: bytes | None = None
    site_said: str | None = None


async def insert_spellings(tx: Connection, kind: Kind, spellings: Sequence[Spelling]) -> None:
    """Keep new spellings."""
    await tx.execute(
        """INSERT INTO spelling (kind, key, entry, name, address, country, native_name, decision)
           SELECT $1, *
           FROM unnest($2::bytea[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::uuid[])""",
        kind.value,
        [one.key for one in spellings],
        [one.entry for one in spellings],
        [one.name for one in spellings],
        [one.address for one in spellings],
        [one.country for one in spellings],
        [one.native_name for one in spellings],
        [one.decision for one in spellings],
    )


async def insert_tokens(tx: Connection, kind: Kind, tokens: Mapping[bytes, Iterable[Token]]) -> None:
    """Let the spellings with these keys be found by these words."""
    rows = [(key, word, country) for key, found in tokens.items() for word, country in sorted(found)]
    await tx.execute(
        """INSERT INTO token (kind, token, country, spelling)
           SELECT $1, u.token, u.country, p.number
           FROM unnest($2::bytea[], $3::text[], $4::text[]) AS u (key, token, country) JOIN spelling p USING (key)
           ON CONFLICT DO NOTHING""",
        kind.value,
        [key for key, _, _ in rows],
        [word for _, word, _ in rows],
        [country for _, _, country in rows],
    )


POSTINGS = """
    SELECT u.place, few.spellings
    FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS u (token, country, place)
    CROSS JOIN LATERAL (
        SELECT array_agg(spelling) AS spellings
        FROM (SELECT t.spelling FROM token t WHERE t.kind = $1 AND t.token = u.token AND t.country = u.country
              ORDER BY t.spelling LIMIT $4) one) few
    WHERE cardinality(few.spellings) < $4"""


async def read_postings(tx: Connection, kind: Kind, tokens: Sequence[Token]) -> dict[Token, list[int]]:
    """The numbers of the spellings that have each of these words; words that are too frequent are left out.

    Of a frequent word no more is read than shows that it is one: the time does not depend on the registry's size.
    """
    rows = await tx.fetch(
        POSTINGS, kind.value, [word for word, _ in tokens], [country for _, country in tokens], FREQUENT + 1
    )
    return {tokens[row["place"] - 1]: row["spellings"] for row in rows}


async def read_spelled(tx: Connection, kind: Kind, numbers: Iterable[int]) -> list[Record]:
    """The spellings with these numbers, with entry, root and all ids that others gave to the entry."""
    return await tx.fetch(
        """SELECT p.number, p.entry, e.root, p.name, p.address, coalesce(p.country, e.country) AS country,
                  p.native_name, e.identifiers::text
           FROM spelling p JOIN kind_of_entry e ON e.id = p.entry
           WHERE p.number = ANY($1::bigint[])""".replace("kind_of_entry", kind.value),
        list(numbers),
    )


async def keep_mentions(tx: Connection, member: str, mentions: Sequence[Mention]) -> None:
    """Keep what a member's sources said; what the same place said before is replaced."""
    ordered = sorted(mentions, key=lambda one: (one.source, one.edition, one.item))
    await tx.execute(
        """INSERT INTO mention AS m (member, source, edition, item, supplier, site, supplier_said, site_said)
           SELECT $1, source, edition, item, supplier, site, supplier_said::jsonb, site_said::jsonb
           FROM unnest($2::text[], $3::text[], $4::text[], $5::bytea[], $6::bytea[], $7::text[], $8::text[])
               AS u (source, edition, item, supplier, site, supplier_said, site_said)
           ON CONFLICT (member, source, edition, item) DO UPDATE
               SET supplier = EXCLUDED.supplier, site = EXCLUDED.site,
                   supplier_said = EXCLUDED.supplier_said, site_said = EXCLUDED.site_said
               WHERE (m.supplier, m.site, m.supplier_said, m.site_said) IS DISTINCT FROM
                     (EXCLUDED.supplier, EXCLUDED.site, EXCLUDED.supplier_said, EXCLUDED.site_said)""",
        member,
        [one.source for one in ordered],
        [one.edition for one in ordered],
        [one.item for one in ordered],
        [one.supplier for one in ordered],
        [one.site for one in ordered],
        [one.supplier_said for one in ordered],
        [one.site_said for one in ordered],
    )
