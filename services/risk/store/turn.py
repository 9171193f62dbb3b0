"""Who may write: one transaction at a time decides what follows from what was told."""

from shared.postgres import Connection


async def take(tx: Connection) -> None:
    """Wait until no other transaction of this service decides; until `tx` ends, none other does.

    Two that each change one end of a path (a contract, and a site that it reaches) must see each other's rows.
    """
    await tx.execute("SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || '/risk/turn', 0))")
