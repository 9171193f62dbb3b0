"""SQL on who is told of which contract and disclosure: what each member should know, and what it was told so far."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from asyncpg import Record

from services.ingest.store.directory import SAID
from shared.postgres import Connection

LINKS = 4_701_001
"""The advisory lock on the links between disclosures and contracts."""


async def take_turn(tx: Connection, disclosures: Sequence[UUID], alone: bool) -> None:
    """Wait until no other transaction changes links; what has no contract changes none and waits only for those."""
    await tx.execute(
        """SELECT CASE WHEN $2 OR EXISTS (SELECT FROM disclosure WHERE id = ANY($1::uuid[]) AND contract IS NOT NULL)
                       THEN pg_advisory_xact_lock($3) ELSE pg_advisory_xact_lock_shared($3) END""",
        disclosures,
        alone,
        LINKS,
    )


SETTLE_CONTRACTS = """WITH RECURSIVE family (id) AS (
    SELECT unnest($1::uuid[])
    UNION
    SELECT e.id FROM family f CROSS JOIN LATERAL (
        SELECT c.parent AS id FROM contract c WHERE c.id = f.id AND c.parent IS NOT NULL
        UNION ALL SELECT c.id FROM contract c WHERE c.parent = f.id) e),
binding AS (
    SELECT c.* FROM family JOIN contract c USING (id) WHERE c.said IS NOT NULL AND NOT c.closed),
edge AS (
    SELECT below.id AS below, above.id AS above
    FROM binding below JOIN binding above ON above.id = below.parent
    WHERE (below.member = above.member OR below.member = ANY(above.end_users))
      AND (least(below.closes_on, above.closes_on) > $2) IS NOT FALSE),
chain (below, above) AS (
    SELECT * FROM edge UNION SELECT c.below, e.above FROM chain c JOIN edge e ON e.below = c.above),
party (contract, reader) AS (
    SELECT id, member FROM binding
    UNION SELECT id, unnest(end_users) FROM binding
    UNION SELECT c.below, b.member FROM chain c JOIN binding b ON b.id = c.above
    UNION SELECT c.above, b.member FROM chain c JOIN binding b ON b.id = c.below
    UNION SELECT c.above, unnest(b.end_users) FROM chain c JOIN binding b ON b.id = c.below),
due AS (
    SELECT b.id AS contract, p.reader, b.revision FROM party p
    JOIN binding b ON b.id = p.contract JOIN member m ON m.slug = p.reader AND m.left_at IS NULL),
lost AS (
    DELETE FROM contract_reader r USING family f
    WHERE r.contract = f.id
      AND NOT EXISTS (SELECT FROM due d WHERE (d.contract, d.reader) = (r.contract, r.reader))
    RETURNING r.contract, r.reader),
won AS (
    INSERT INTO contract_reader AS r (contract, reader, revision) SELECT * FROM due ORDER BY 1, 2
    ON CONFLICT (contract, reader) DO UPDATE SET revision = EXCLUDED.revision
        WHERE r.revision <> EXCLUDED.revision
    RETURNING contract, reader)
SELECT c.id, c.member, c.said_at, c.closed, c.ended_on, c.end_reason, {said} AS said, told.reader, told.is_new
FROM (SELECT *, false AS is_new FROM lost UNION ALL SELECT *, true FROM won) told
JOIN contract c ON c.id = told.contract JOIN member r ON r.slug = told.reader AND r.left_at IS NULL
ORDER BY told.is_new, c.id, told.reader""".replace("{said}", SAID)


async def settle_contracts(tx: Connection, contracts: Sequence[UUID], today: date) -> list[Record]:
    """Bring up to date who is told of these contracts and of all in one chain with them; what is new and what ended.

    A chain runs along contracts that bind; under another member's framework a call-off counts only if that names its
    buyer among its end users.
    """
    return await tx.fetch(
        SETTLE_CONTRACTS,
        contracts,
        today,
    )


SETTLE_DISCLOSURES = """WITH given AS (
    SELECT id, min(place) AS place
    FROM (SELECT id, place FROM unnest($1::uuid[]) WITH ORDINALITY AS u (id, place)
          UNION ALL SELECT id, NULL FROM disclosure WHERE contract = ANY($3::uuid[])) u GROUP BY id),
reach AS (
    SELECT s.root FROM given JOIN disclosure d USING (id) JOIN site s ON s.id = d.site
    WHERE d.contract IS NOT NULL
    UNION SELECT root FROM site WHERE id = ANY($2::uuid[])),
touched AS (
    SELECT id, min(place) AS place
    FROM (SELECT id, place FROM given
          UNION ALL SELECT d.id, NULL FROM reach JOIN site s USING (root) JOIN disclosure d ON d.site = s.id
          WHERE NOT d.published AND NOT d.retired) u GROUP BY id),
one AS (
    SELECT d.id, d.member, d.site, s.root, d.published, d.contract, d.revision
    FROM touched JOIN disclosure d USING (id) LEFT JOIN site s ON s.id = d.site WHERE NOT d.retired),
linked AS (
    SELECT DISTINCT s.root, r.reader
    FROM (SELECT DISTINCT root FROM one WHERE NOT published) o JOIN site s USING (root)
    JOIN disclosure d ON d.site = s.id AND NOT d.retired
    JOIN contract c ON c.id = d.contract AND c.supplier IS NOT NULL AND (c.closes_on > $4) IS NOT FALSE
    JOIN contract_reader r ON r.contract = c.id),
due AS (
    SELECT id AS disclosure, '' AS reader, id AS about, revision FROM one WHERE published
    UNION SELECT id, member, id, revision FROM one WHERE NOT published
    UNION SELECT id, l.reader, id, revision FROM one JOIN linked l USING (root) WHERE NOT published
    UNION SELECT o.id, r.reader, o.id, o.revision
          FROM one o JOIN contract c ON c.id = o.contract
          AND c.supplier IS NOT NULL AND (c.closes_on > $4) IS NOT FALSE
          JOIN contract_reader r ON r.contract = c.id WHERE NOT o.published AND o.site IS NULL
    UNION SELECT o.id, r.reader, o.contract, 0
          FROM one o JOIN contract c ON c.id = o.contract JOIN contract_reader r ON r.contract = c.id
          WHERE c.supplier IS NOT NULL AND (c.closes_on > $4) IS NOT FALSE OR r.reader = c.member
    UNION SELECT o.id, o.member, o.contract, 0
          FROM one o JOIN contract c ON c.id = o.contract AND c.said IS NULL),
present AS (
    SELECT due.* FROM due LEFT JOIN member m ON m.slug = due.reader WHERE m.left_at IS NULL),
lost AS (
    DELETE FROM disclosure_reader r USING touched t
    WHERE r.disclosure = t.id AND NOT EXISTS (
        SELECT FROM present d
        WHERE (d.disclosure, d.reader, d.about) = (r.disclosure, r.reader, r.about))
    RETURNING r.disclosure, r.reader, r.about),
won AS (
    INSERT INTO disclosure_reader AS r (disclosure, reader, about, revision)
    SELECT * FROM present ORDER BY 1, 2, 3
    ON CONFLICT (disclosure, reader, about) DO UPDATE SET revision = EXCLUDED.revision
        WHERE r.revision <> EXCLUDED.revision
    RETURNING disclosure, reader, about)
SELECT d.*, m.kind, m.left_at, told.reader, told.about, told.is_new
FROM (SELECT *, false AS is_new FROM lost UNION ALL SELECT *, true FROM won) told
JOIN touched t ON t.id = told.disclosure JOIN disclosure d ON d.id = told.disclosure
JOIN member m ON m.slug = d.member LEFT JOIN member r ON r.slug = told.reader
WHERE r.left_at IS NULL
ORDER BY told.is_new, t.place NULLS LAST, d.id, told.reader, told.about = d.id DESC"""


async def settle_disclosures(
    tx: Connection, disclosures: Sequence[UUID], sites: Sequence[UUID], contracts: Sequence[UUID], today: date
) -> list[Record]:
    """Bring up to date who is told of disclosures; what is new to whom, and what ended, in the order given.

    Touched are those given, those of the contracts, and all that name a site at which the given ones change links.
    """
    return await tx.fetch(
        SETTLE_DISCLOSURES,
        disclosures,
        sites,
        contracts,
        today,
    )


async def forget(tx: Connection, member: str) -> list[UUID]:
    """Forget what a member was told, without telling it anything; the contracts of which it knew."""
    rows = await tx.fetch(
        """WITH disclosures AS (DELETE FROM disclosure_reader WHERE reader = $1),
                contracts AS (DELETE FROM contract_reader WHERE reader = $1 RETURNING contract)
           SELECT contract FROM contracts UNION SELECT id FROM contract WHERE member = $1""",
        member,
    )
    return [row["contract"] for row in rows]
