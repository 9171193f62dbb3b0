"""Entries of a dialogue as the running service hears them, and all that it keeps of engagements."""

from collections.abc import Sequence
from uuid import UUID

from services.remedy.domain.engagement.standing import Entry
from shared.consumer import Handler
from shared.events.envelope import Event
from tests.conftest import Schema
from tests.remedy.engagement.dialogues import ENGAGEMENT, as_event
from tests.remedy.given import HANDLERS, handle

FOLLOW_DIALOGUE: Handler = HANDLERS["follow_dialogue"]
FOLLOW_REGISTRY: Handler = HANDLERS["follow_registry"]


async def hear(schema: Schema, *entries_: Entry) -> list[Event]:
    """What the runtime does with these entries, in one batch."""
    async with schema.pool.acquire() as connection, connection.transaction():
        return await handle(FOLLOW_DIALOGUE, connection, *map(as_event, entries_))


async def hear_one_by_one(schema: Schema, told: Sequence[Entry]) -> None:
    """The same, each in a batch of its own."""
    for entry in told:
        await hear(schema, entry)


async def board(schema: Schema, engagement: UUID = ENGAGEMENT) -> dict[str, object] | None:
    rows = await schema.rows("SELECT * FROM engagement WHERE engagement = $1", engagement)
    return dict(rows[0]) if rows else None


TABLES = ("engagement", "engagement_reason", "dialogue_entry", "obligation")


async def everything(schema: Schema) -> dict[str, list[str]]:
    """All that is kept of engagements."""
    return {table: sorted(str(dict(row)) for row in await schema.rows(f"SELECT * FROM {table}")) for table in TABLES}
