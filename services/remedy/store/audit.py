"""The audit chain as it is kept. Entries are added and read; the service has no right to change or delete one."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import zip_longest
from uuid import UUID

from asyncpg import Record

from services.remedy.domain.audit import BEGINNING, DAY_ENDED, Content, Entry, digest_of_case
from shared.postgres import Connection, Pool

TURN = 0x6175646974  # "audit": one transaction at a time adds to the chain
NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Last:
    """The end of the chain, and the moment, by the database's clock."""

    position: int
    head: bytes
    at: datetime


async def take_turn(tx: Connection) -> Last:
    """Be the only one to add entries until the transaction ends; the end of the chain as it then stands."""
    await tx.execute("SELECT pg_advisory_xact_lock($1)", TURN)
    row = await tx.fetchrow(
        """SELECT clock_timestamp() AS at, e.position, e.head
           FROM (SELECT) AS one LEFT JOIN LATERAL
                (SELECT position, head FROM audit_entry ORDER BY position DESC LIMIT 1) AS e ON true"""
    )
    assert row is not None
    return Last(row["position"] or 0, row["head"] or BEGINNING, row["at"])


async def read_digests(tx: Connection, contents: Collection[UUID]) -> dict[UUID, bytes]:
    """The SHA-256 of the ciphertexts of these words."""
    rows = await tx.fetch(
        "SELECT content_id, sha256(ciphertext) AS digest FROM content WHERE content_id = ANY($1::uuid[])",
        list(contents),
    )
    return {row["content_id"]: row["digest"] for row in rows}


async def insert(tx: Connection, entries: Sequence[Entry], cases: Sequence[UUID | None]) -> None:
    """Add entries to the chain, each with the id of the case that it is about."""
    named = [(entry.position, content) for entry in entries for content in entry.contents]
    await tx.execute(
        """WITH named AS (
               SELECT position, array_agg(content ORDER BY place) AS contents,
                      array_agg(digest ORDER BY place) AS digests
               FROM unnest($9::bigint[], $10::uuid[], $11::bytea[]) WITH ORDINALITY
                   AS u (position, content, digest, place) GROUP BY position)
           INSERT INTO audit_entry (position, at, action, person_id, case_id, about, detail, head, contents, digests)
           SELECT u.*, coalesce(n.contents, '{}'), coalesce(n.digests, '{}')
           FROM unnest($1::bigint[], $2::timestamptz[], $3::text[], $4::uuid[], $5::uuid[], $6::uuid[], $7::text[],
                       $8::bytea[]) AS u (position, at, action, person_id, case_id, about, detail, head)
           LEFT JOIN named n USING (position)""",
        [one.position for one in entries],
        [one.at for one in entries],
        [one.action for one in entries],
        [one.person for one in entries],
        list(cases),
        [one.about for one in entries],
        [one.detail for one in entries],
        [one.head for one in entries],
        [position for position, _ in named],
        [content.id for _, content in named],
        [content.sha256 for _, content in named],
    )


async def read_believed(tx: Connection) -> datetime | None:
    """The latest moment of the database's clock that was believed, so that no jump is followed; None before any."""
    moment: datetime | None = await tx.fetchval("SELECT high_water FROM clock_watch")
    return moment


async def read_last_day(tx: Connection, before: date) -> date | None:
    """The last day before this one that an entry ends; an entry that somebody put in for a day to come ends none."""
    detail: str | None = await tx.fetchval(
        "SELECT max(detail) FROM audit_entry WHERE action = $1 AND detail < $2", DAY_ENDED, before.isoformat()
    )
    return None if detail is None else date.fromisoformat(detail)


async def read_days(tx: Connection, days: Collection[date]) -> list[tuple[date, bytes]]:
    """These days with the head that ends each, in order."""
    rows = await tx.fetch(
        "SELECT detail, head FROM audit_entry WHERE action = $1 AND detail = ANY($2::text[]) ORDER BY position",
        DAY_ENDED,
        [day.isoformat() for day in days],
    )
    return [(date.fromisoformat(row["detail"]), row["head"]) for row in rows]


async def read_entries(
    connection: Connection | Pool, after: int, limit: int, person: UUID | None = None
) -> list[Record]:
    """Entries after a position, in order: all, or those of one person; with names and the reference of the case."""
    return await connection.fetch(
        """SELECT e.*, p.name AS person_name, q.name AS about_name, c.reference
           FROM audit_entry e LEFT JOIN person p ON p.person_id = e.person_id
               LEFT JOIN person q ON q.person_id = e.about LEFT JOIN grievance_case c ON c.case_id = e.case_id
           WHERE e.position > $1 AND ($3::uuid IS NULL OR e.person_id = $3) ORDER BY e.position LIMIT $2""",
        after,
        limit,
        person,
    )


def entry_of(row: Record) -> Entry:
    """The entry in a row, whatever somebody has made of it: what has no counterpart is kept, and its head shows it."""
    contents = zip_longest(row["contents"], row["digests"])
    return Entry(
        position=row["position"],
        at=row["at"],
        action=row["action"],
        person=row["person_id"],
        case=digest_of_case(row["case_id"]) if row["case_id"] else None,
        about=row["about"],
        detail=row["detail"],
        contents=tuple(Content(one or NOBODY, digest or b"") for one, digest in contents),
        head=row["head"],
    )


async def read_altered(connection: Connection) -> list[int]:
    """The positions of entries that name words of which another ciphertext is kept now, or none.

    What was erased is not one: the entry of an erasure names what went with it. Neither is a statement that is gone,
    since it is forgotten when it is taken back, on a day that no entry may tell: words of the entry of a release are
    asked for only as long as they are there.
    """
    rows = await connection.fetch(
        """WITH named AS (
               SELECT e.position, e.action, u.* FROM audit_entry e
               CROSS JOIN unnest(e.contents, e.digests) AS u (content_id, digest))
           SELECT DISTINCT n.position FROM named n LEFT JOIN content c USING (content_id)
           WHERE sha256(c.ciphertext) <> n.digest
               OR (c.content_id IS NULL AND n.action <> 'released'
                   AND NOT EXISTS (SELECT FROM named e WHERE e.action = 'erased' AND e.content_id = n.content_id))
           ORDER BY n.position"""
    )
    return [row["position"] for row in rows]


async def read_unaccounted(connection: Connection) -> list[Record]:
    """People, and grants of an identity, that are in the tables as no entry of the chain tells of them.

    Such is who was given a role or another key, or was let back in, past the service; `reference` is a grant's case.
    """
    return await connection.fetch(
        """SELECT p.name, NULL AS reference FROM person p
           LEFT JOIN LATERAL (
               SELECT detail FROM audit_entry WHERE about = p.person_id AND action = 'person_added') AS added ON true
           LEFT JOIN LATERAL (
               SELECT detail FROM audit_entry
               WHERE about = p.person_id AND action IN ('person_added', 'person_rekeyed')
               ORDER BY position DESC LIMIT 1) AS keyed ON true
           WHERE split_part(added.detail, ' ', 1)
                   IS DISTINCT FROM array_to_string(ARRAY(SELECT unnest(p.roles) ORDER BY 1), ',')
               OR split_part(keyed.detail, ' ', 2) IS DISTINCT FROM left(p.key_sha256, 16)
               OR (p.ended_at IS NULL AND EXISTS (
                   SELECT FROM audit_entry WHERE about = p.person_id AND action = 'person_ended'))
           UNION ALL
           SELECT p.name, c.reference FROM identity_request r JOIN grievance_case c USING (case_id)
               JOIN person p ON p.person_id = r.asked_by
           WHERE r.granted AND NOT EXISTS (
               SELECT FROM audit_entry e
               WHERE e.action = 'identity_granted' AND e.case_id = r.case_id AND e.person_id = r.decided_by
                   AND e.about = r.asked_by AND r.decision = ANY(e.contents))
           ORDER BY name, reference"""
    )
