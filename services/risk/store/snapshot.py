"""What of this service is taken over by a rebuild, what is not compared afterwards, and why."""

from asyncpg import Record

from shared.comparing import Without, named
from shared.postgres import Connection

FACTS = ("fact_edition", "fact")
"""Tables of facts, in the order of their references: an operator's input, on no topic, so taken over as they are."""

READER = {
    "disclosure": "audience",
    "assessment": "audience",
    "grade": "audience",
    "indicator": "audience",
    "contract": "reader",
    "link": "reader",
    "exposure": "member",
    "contract_assessment": "member",
    "member_key": "member",
}
"""Which column says for whom alone a row is. When that member has left, no topic is there to tell of the row again."""

LEFT_OUT_ROWS = {
    "flag": ("merged_into IS NOT NULL", "a flag that was merged stays for those who were told of it before the merge"),
}
"""Rows that depend on the order in which events came, and why."""


async def read_editions(tx: Connection) -> list[Record]:
    """The editions of lists, each with its id and the digest of its facts."""
    return await tx.fetch("SELECT id, source, edition, digest FROM fact_edition ORDER BY id")


def without(table: str, gone: tuple[str, ...]) -> Without:
    """What is not compared of a table, where the topics of these members are gone."""
    conditions = [LEFT_OUT_ROWS[table][0]] if table in LEFT_OUT_ROWS else []
    conditions += [f"{named(READER[table])} = ANY($1)"] if table in READER else []
    return Without(" OR ".join(conditions) or "false", gone)
