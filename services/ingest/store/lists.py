"""SQL on the lists of a member as such."""

from asyncpg import Record

from shared.postgres import Connection, Pool


async def read_lists(connection: Pool | Connection, member: str) -> list[Record]:
    """The lists of a member: edition in force, editions that were imported, and disclosures that hold."""
    return await connection.fetch(
        """SELECT l.name, l.edition,
                  coalesce((SELECT array_agg(e.edition ORDER BY e.edition) FROM list_edition e
                            WHERE (e.member, e.list) = (l.member, l.name)), '{}') AS editions,
                  (SELECT count(*) FROM disclosure d
                   WHERE (d.member, d.list) = (l.member, l.name) AND NOT d.retired AND d.submission IS NULL) AS holding
           FROM supplier_list l WHERE l.member = $1 ORDER BY l.name""",
        member,
    )


async def lock_known(tx: Connection, member: str, name: str) -> bool:
    """Keep imports of a list out until the transaction ends; false if the member has no such list."""
    return bool(
        await tx.fetchval("SELECT true FROM supplier_list WHERE member = $1 AND name = $2 FOR UPDATE", member, name)
    )


async def forget_editions(tx: Connection, member: str, name: str, edition: str | None) -> None:
    """Forget one edition of a list, or all; the newest that is left is in force."""
    await tx.execute(
        """WITH gone AS (DELETE FROM list_edition
                         WHERE member = $1 AND list = $2 AND ($3::text IS NULL OR edition = $3) RETURNING edition)
           UPDATE supplier_list SET edition = (
               SELECT max(e.edition) FROM list_edition e
               WHERE e.member = $1 AND e.list = $2 AND e.edition NOT IN (SELECT edition FROM gone))
           WHERE member = $1 AND name = $2""",
        member,
        name,
        edition,
    )
