"""HTTP: what `remedy` has told of a subject, line by line: engagements, conditions, statements. Of cases nothing."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from services.remedy.api.callers import Running
from services.remedy.api.readers import READERS, Reading, groups_of, reading_all
from services.remedy.phrases import PHRASES
from services.remedy.store.engagement import threads
from services.remedy.threads import Finding
from shared.thread import Also, Since, Span, Timeline, Until, read_timeline, readable

router = APIRouter(dependencies=[READERS])


@router.get("/timeline")
async def show_timeline(
    runtime: Running,
    reader: Reading,
    subject: Annotated[
        UUID | None,
        Query(description="Any id, however old, of an engagement, supplier, contract, flag, indicator or statement."),
    ] = None,
    also: Also = [],  # noqa: B006 - the framework makes a new one
    since: Since = None,
    until: Until = None,
) -> Timeline:
    """What was told of a subject on topics that the reader may read, the oldest first, and what that leads to.

    An id of which nothing was told, or nothing to the reader, has no lines. Names are resolved by `ingest`.
    """
    async with reading_all(runtime) as tx:
        groups = await groups_of(tx, reader)
        topics, left = readable(reader.member, groups), await threads.read_left(tx)
        return await read_timeline(tx, Finding(tx, groups), subject, also, topics, Span(since, until), PHRASES, left)
