"""What `risk` has told of a subject, line by line, as far as who asks may read it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request

from services.risk.api.access import reader_of, runtime_of
from services.risk.phrases import PHRASES
from services.risk.store import threads
from services.risk.threads import Finding
from shared.member_access import AsMember, view_of
from shared.postgres import borrow
from shared.thread import Also, Since, Span, Timeline, Until, read_timeline, readable

router = APIRouter()


@router.get("/timeline")
async def show_timeline(
    request: Request,
    subject: Annotated[
        UUID | None, Query(description="Any id, however old, of a flag, indicator, site, supplier or contract.")
    ] = None,
    also: Also = [],  # noqa: B006 - the framework makes a new one
    since: Since = None,
    until: Until = None,
    member: AsMember = None,
) -> Timeline:
    """What was told of a subject on topics that the reader may read, the oldest first, and what that leads to.

    An id of which nothing was told, or nothing to the reader, has no lines. Names are resolved by `ingest`.
    """
    reader = view_of(await reader_of(request), member)
    async with (
        borrow(runtime_of(request).pool) as tx,
        tx.transaction(isolation="repeatable_read", readonly=True),
    ):
        topics, left = readable(reader, None if reader is None else ()), await threads.read_left(tx)
        return await read_timeline(tx, Finding(tx, reader), subject, also, topics, Span(since, until), PHRASES, left)
