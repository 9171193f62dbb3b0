"""SQL on the contacts of suppliers: who may answer for which supplier, to which working group, and until when."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from asyncpg import Record

from shared.postgres import Connection, Pool

SHOWN = """c.kid, c.workinggroup, s.root AS supplier, now.name AS supplier_name, c.ask, c.label, c.issued_by,
    c.issued_at, c.used_on, c.expires_at, c.revoked_at"""
"""What a member sees of a contact: everything but the digest of its secret."""
NAMED = "JOIN supplier s ON s.id = c.supplier JOIN supplier now ON now.id = s.root"
OF_READER = """($1::text IS NULL OR c.workinggroup IN (
    SELECT slug FROM workinggroup WHERE secretariat = $1
    UNION ALL SELECT workinggroup FROM workinggroup_member WHERE member = $1))"""
"""Those of the groups that a member belongs to; of every group for the operator."""
IN_FORCE = "c.revoked_at IS NULL AND c.expires_at > now()"


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact as it is kept."""

    kid: str
    digest: str
    workinggroup: str
    supplier: UUID
    ask: UUID | None
    label: str
    issued_by: str | None
    expires_at: datetime


async def speaks_for(tx: Connection, workinggroup: str, member: str | None) -> bool:
    """Whether a working group is open and a member is of it, or its secretariat; None is the operator.

    Where it is, that does not change before `tx` ends.
    """
    # Locked first: a statement that waits for a lock still reads other tables as they were when it began.
    await tx.execute("SELECT FROM workinggroup WHERE slug = $1 FOR SHARE", workinggroup)
    found = await tx.fetchval(
        """SELECT g.secretariat = $2 OR $2::text IS NULL OR EXISTS (
               SELECT FROM workinggroup_member m WHERE m.workinggroup = g.slug AND m.member = $2)
           FROM workinggroup g WHERE g.slug = $1 AND g.closed_at IS NULL""",
        workinggroup,
        member,
    )
    return bool(found)


async def root_of(tx: Connection, supplier: UUID) -> UUID | None:
    """The id that a supplier has now, by any of its ids; None where there is no such supplier."""
    root: UUID | None = await tx.fetchval("SELECT root FROM supplier WHERE id = $1", supplier)
    return root


async def insert_contact(tx: Connection, contact: Contact) -> str:
    """Let the holder of a secret answer for a supplier; the supplier's name."""
    name: str = await tx.fetchval(
        """INSERT INTO supplier_contact (kid, digest, workinggroup, supplier, ask, label, issued_by, expires_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING (SELECT name FROM supplier WHERE id = $4)""",
        contact.kid,
        contact.digest,
        contact.workinggroup,
        contact.supplier,
        contact.ask,
        contact.label,
        contact.issued_by,
        contact.expires_at,
    )
    return name


async def read_valid(pool: Pool, kid: str) -> Record | None:
    """A contact in force, with the names of its group and supplier, and whether it was used today (UTC) before."""
    return await pool.fetchrow(
        f"""SELECT c.kid, c.digest, c.ask, c.label, c.expires_at, now.name AS supplier_name, g.name AS group_name,
                   c.used_on IS NOT DISTINCT FROM (now() AT TIME ZONE 'UTC')::date AS used_today
            FROM supplier_contact c {NAMED} JOIN workinggroup g ON g.slug = c.workinggroup
            WHERE c.kid = $1 AND {IN_FORCE}""",  # noqa: S608 - our own condition
        kid,
    )


async def lock_valid(tx: Connection, kid: str) -> bool:
    """Whether a contact is in force; it then does not end, and sends nothing else, before `tx` ends."""
    query = f"SELECT FROM supplier_contact c WHERE c.kid = $1 AND {IN_FORCE} FOR NO KEY UPDATE"
    return await tx.fetchrow(query, kid) is not None


async def note_use(pool: Pool, kid: str) -> None:
    """Remember that a contact was used today (UTC)."""
    await pool.execute("UPDATE supplier_contact SET used_on = (now() AT TIME ZONE 'UTC')::date WHERE kid = $1", kid)


async def list_contacts(
    pool: Pool, member: str | None, workinggroup: str | None, after: str, limit: int
) -> list[Record]:
    """The contacts that a member may know of, those that are over included, the oldest first, from one on."""
    return await pool.fetch(
        f"""SELECT {SHOWN} FROM supplier_contact c {NAMED}
            WHERE {OF_READER} AND ($2::text IS NULL OR c.workinggroup = $2)
              AND ($3 = '' OR (c.issued_at, c.kid) > (SELECT issued_at, kid FROM supplier_contact WHERE kid = $3))
            ORDER BY c.issued_at, c.kid LIMIT $4""",  # noqa: S608 - our own condition
        member,
        workinggroup,
        after,
        limit,
    )


async def revoke(tx: Connection, member: str | None, kid: str) -> Record | None:
    """End a contact that a member may know of, at once; None where there is none. A revoked one stays as it is."""
    ended = await tx.fetchval(
        f"""UPDATE supplier_contact c SET revoked_at = coalesce(c.revoked_at, now())
            WHERE c.kid = $2 AND {OF_READER} RETURNING c.kid""",  # noqa: S608 - our own condition
        member,
        kid,
    )
    if ended is None:
        return None
    return await tx.fetchrow(f"SELECT {SHOWN} FROM supplier_contact c {NAMED} WHERE c.kid = $1", kid)  # noqa: S608


async def end_contacts(tx: Connection, *, workinggroup: str | None = None, member: str | None = None) -> int:
    """End the contacts of a working group that is closed, or those that a member issued, there or everywhere.

    One of the two is given; how many ended.
    """
    assert workinggroup is not None or member is not None, "all contacts of all groups never end at once"
    rows = await tx.fetch(
        """UPDATE supplier_contact SET revoked_at = now()
           WHERE revoked_at IS NULL AND ($1::text IS NULL OR workinggroup = $1)
             AND ($2::text IS NULL OR issued_by = $2) RETURNING kid""",
        workinggroup,
        member,
    )
    return len(rows)
