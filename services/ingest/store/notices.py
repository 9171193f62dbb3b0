"""SQL on what notices are compared with: what a member has said of its contracts, and which buyers are members."""

from collections.abc import Sequence

from asyncpg import Record

from shared.postgres import Connection


async def read_standing(tx: Connection, member: str, references: Sequence[str]) -> list[Record]:
    """What the member said last of each contract that it has said anything of, by the ids of the events."""
    return await tx.fetch(
        """SELECT c.reference, newest.event_id AS newest, newest.said_at, registered.event_id AS registered,
                  c.supplier IS NULL AND c.said IS NOT NULL AND NOT c.closed AS is_announced
           FROM unnest($2::text[]) AS u (reference)
           JOIN contract c ON c.member = $1 AND c.reference = u.reference
           CROSS JOIN LATERAL (
               SELECT r.event_id, v.said_at FROM contract_revision v JOIN receipt r ON r.id = v.receipt
               WHERE v.contract = c.id ORDER BY v.number DESC LIMIT 1) AS newest
           LEFT JOIN LATERAL (
               SELECT r.event_id FROM contract_revision v JOIN receipt r ON r.id = v.receipt
               WHERE v.contract = c.id AND v.said IS NOT NULL ORDER BY v.number DESC LIMIT 1) AS registered ON true""",
        member,
        list(references),
    )


async def read_frameworks(tx: Connection, member: str, keys: Sequence[str]) -> list[Record]:
    """The member's own framework agreements that are known by one of these notices or processes."""
    return await tx.fetch(
        """SELECT reference, said::jsonb ->> 'notice' AS notice, said::jsonb ->> 'ocid' AS ocid,
                  said::jsonb ->> 'level' AS level, said::jsonb ->> 'supplier_name' AS supplier
           FROM contract
           WHERE member = $1 AND said IS NOT NULL
             AND (said::jsonb ->> 'notice' = ANY($2::text[]) OR said::jsonb ->> 'ocid' = ANY($2::text[]))
           ORDER BY reference""",
        member,
        list(keys),
    )


async def read_buyers(tx: Connection, member: str, numbers: Sequence[str]) -> list[Record]:
    """The members that have one of these organisation numbers, and the member itself."""
    return await tx.fetch(
        """SELECT slug, regexp_replace(organisation_number, '\\s', '', 'g') AS number FROM member
           WHERE slug = $1
              OR left_at IS NULL AND regexp_replace(organisation_number, '\\s', '', 'g') = ANY($2::text[])
           ORDER BY slug""",
        member,
        list(numbers),
    )
