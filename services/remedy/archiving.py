"""The events of a working group as an archive takes them: one a line, those of the dialogue and what was concluded."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from asyncpg import Record

from services.remedy.domain.engagement.documents.record import line_of
from services.remedy.store.engagement import documents as store
from shared.events.envelope import PREFIX, Classification
from shared.packing import unpack
from shared.postgres import Connection


async def archived_events(connection: Connection, group: str, engagement: UUID | None) -> AsyncIterator[bytes]:
    """Every event of a group, or of one of its engagements, as a line of JSON. Needs a transaction.

    Of the dialogue `remedy` keeps the attributes that it needs; what it told itself comes with all of them.
    """
    async for row in store.stream_entries(connection, group, engagement):
        yield written(line_of(entry_attributes(row, group), orjson.loads(row["told"]), row["standing"]))
    topic = f"group.{group}.engagement"
    async for row in store.stream_facts(connection, topic, engagement):
        yield written(line_of(fact_attributes(row, topic), orjson.loads(row["value"])))


def written(line: dict[str, Any]) -> bytes:
    """A line of JSON."""
    return orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)


def entry_attributes(row: Record, group: str) -> dict[str, Any]:
    """The attributes that are kept of an entry."""
    recorded: datetime = row["recorded_at"]
    return {
        "id": str(row["event"]),
        "type": row["type"],
        "topic": f"group.{group}.dialogue",
        "subject": row["key"],
        "recordedtime": recorded.isoformat(),
        "sequence": row["sequence"],
        "classification": Classification.GROUP.value,
        "workinggroup": group,
    }


def fact_attributes(row: Record, topic: str) -> dict[str, Any]:
    """All attributes of an event that `remedy` published."""
    headers = {name: value.decode() for name, value in unpack(row["headers"]) if value is not None}
    told = {name.removeprefix(PREFIX): text for name, text in headers.items() if name.startswith(PREFIX)}
    return told | {"topic": topic, "sequence": int(told["sequence"])}
