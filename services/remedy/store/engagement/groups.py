"""SQL on working groups as the registry tells of them: their scope, and who takes part."""

from shared.postgres import Connection


async def read_groups_of(connection: Connection, member: str) -> set[str]:
    """The groups that a member reads: it takes part and has not left, or is their secretariat."""
    rows = await connection.fetch(
        """SELECT found.slug FROM (
               SELECT workinggroup AS slug FROM group_member WHERE member = $1 AND left_at IS NULL
               UNION SELECT slug FROM working_group WHERE secretariat = $1
           ) found
           WHERE NOT EXISTS (SELECT FROM participant p WHERE p.member = $1 AND p.left_at IS NOT NULL)""",
        member,
    )
    return {row["slug"] for row in rows}


async def is_known(connection: Connection, slug: str) -> bool:
    """Whether the registry has told of a group; it may have been closed since."""
    found: bool = await connection.fetchval("SELECT EXISTS (SELECT FROM working_group WHERE slug = $1)", slug)
    return found


async def is_closed(connection: Connection, slug: str) -> bool:
    """Whether a group was closed."""
    query = "SELECT EXISTS (SELECT FROM working_group WHERE slug = $1 AND closed_at IS NOT NULL)"
    found: bool = await connection.fetchval(query, slug)
    return found
