"""What `ingest` has told of a subject, line by line, as far as who asks may read it."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse
from pydantic import AfterValidator

from services.ingest.api.access import parts_of, reader_of
from services.ingest.phrases import PHRASES
from services.ingest.store import threads
from services.ingest.threads import Ambiguous, Finding, SubjectUnknown
from shared.events.reading import as_id, short_text
from shared.http import PROBLEM, Problem, instance_of
from shared.member_access import AsMember, view_of
from shared.postgres import borrow
from shared.thread import Also, Since, Span, Timeline, Until, read_timeline, readable

router = APIRouter()

Subject = Annotated[
    Annotated[str, AfterValidator(short_text)] | None,
    Query(
        min_length=1,
        max_length=400,
        description="An id, however old, of a supplier, site, contract, report or engagement; a contract's reference; "
        "or a name of the registry.",
    ),
]
SEVERAL = Problem(409, "subject_ambiguous", "Several bear this name: ask with the id of one.")


@router.get("/timeline", response_model=Timeline)
async def show_timeline(
    request: Request,
    subject: Subject = None,
    also: Also = [],  # noqa: B006 - the framework makes a new one
    since: Since = None,
    until: Until = None,
    member: AsMember = None,
) -> Timeline | JSONResponse:
    """What was told of a subject on topics that the reader may read, the oldest first, and what that leads to.

    An id of which nothing was told, or nothing to the reader, has no lines. A name or reference that means nothing is
    answered 404, one that means several 409 with `candidates`.
    """
    reader = view_of(await reader_of(request), member)
    async with borrow(parts_of(request)[0].pool) as tx, tx.transaction(isolation="repeatable_read", readonly=True):
        finding = Finding(tx, reader)
        try:
            one = None if subject is None else as_id(subject) or await finding.meant(subject.strip())
        except SubjectUnknown:
            raise Problem(404, "subject_unknown", "Nothing that you may know of bears this name.") from None
        except Ambiguous as several:
            return answer_several(request, several)
        topics = readable(reader, None if reader is None else await threads.groups_of(tx, reader))
        left = await threads.read_left(tx)
        return await read_timeline(tx, finding, one, also, topics, Span(since, until), PHRASES, left)


def answer_several(request: Request, several: Ambiguous) -> JSONResponse:
    """A problem that lists what the name may mean, so that one can be chosen."""
    candidates = [{"kind": one.kind, "id": str(one.id), "name": one.name} for one in several.candidates]
    body = SEVERAL.body(instance_of(request.scope)) | {"candidates": candidates}
    return JSONResponse(body, SEVERAL.status, media_type=PROBLEM)
