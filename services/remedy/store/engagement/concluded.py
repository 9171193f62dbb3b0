"""What of this service is concluded from topics alone, so that it can be concluded again; and what is not compared.

Cases and all that belongs to them are not: testimony is deleted from Kafka once it is safe, and no rebuild reads it.
"""

from collections.abc import Collection

from shared.comparing import Without, named
from shared.postgres import Connection

CONCLUDED = (
    "participant",
    "member_key",
    "working_group",
    "group_member",
    "supplier",
    "reason",
    "leverage",
    "engagement",
    "engagement_reason",
    "dialogue_entry",
    "practice",
    "contract",
    "condition",
    "information_request",
    "account",
    "follow_up_entry",
    "exposure",
    "obligation",
)
"""The tables of engagements and of the follow-up of contracts."""
READER = {
    "member_key": "member",
    "contract": "reader",
    "condition": "member",
    "information_request": "member",
    "account": "member",
    "follow_up_entry": "member",
    "exposure": "member",
    "obligation": "member",
}
"""Which column says whose a row is. When that member has left, no topic is there to tell of the row again."""


def without(table: str, gone: tuple[str, ...]) -> Without:
    """What is not compared of a table, where the topics of these members are gone."""
    return Without(f"{named(READER[table])} = ANY($1)", gone) if table in READER else Without("false", gone)


async def still_here(tx: Connection, members: Collection[str]) -> set[str]:
    """Those of these members that have not left."""
    rows = await tx.fetch(
        "SELECT unnest($1::text[]) AS member EXCEPT SELECT member FROM participant WHERE left_at IS NOT NULL",
        list(members),
    )
    return {row["member"] for row in rows}


async def count_unsent(tx: Connection, live: str, copies: str, topics: Collection[str]) -> int:
    """How many events of these topics, as far as the copied heads go, wait for the relay of the live service."""
    found: int = await tx.fetchval(
        f"""SELECT count(*) FROM {named(live)}.outbox_todo JOIN {named(live)}.outbox o USING (id)
                JOIN {named(copies)}.stream_head h USING (topic, key)
            WHERE o.sequence <= h.sequence AND topic = ANY($1::text[])""",  # noqa: S608 - names of schemas
        list(topics),
    )
    return found


async def read_told(tx: Connection, copies: str) -> set[str]:
    """The topics on which the service has told of engagements, of follow-ups, and what was released of testimony."""
    rows = await tx.fetch(
        f"""SELECT DISTINCT topic FROM {named(copies)}.stream_head
            WHERE topic ~ '^(group[.][a-z0-9-]+[.]engagement|member[.][a-z0-9-]+[.]condition|members[.]remedy)$'"""  # noqa: S608 - a schema's name
    )
    return {row["topic"] for row in rows}
