"""Why something stands as it does, and counts over everything: for the operator, and for members by their own keys."""

import contextlib
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import AfterValidator

from services.risk.api.access import only_operator, reader_of, runtime_of
from services.risk.domain import explained
from services.risk.domain.assessment import canonical
from services.risk.explaining import explain_subject
from services.risk.finding import Ambiguous, Elsewhere, SubjectUnknown
from services.risk.settings import RiskSettings, current_model
from services.risk.store import views
from shared.countries import resolve
from shared.events.reading import short_text
from shared.http import PROBLEM, Problem, in_turn, instance_of
from shared.member_access import AsMember, view_of
from shared.postgres import Connection, borrow, bound_statements

router = APIRouter()

AT_ONCE = 2
"""Explanations that one process reckons at a time: a name is compared with all that are known."""
WAITING = 5.0
"""Seconds for which a question waits for its turn."""
READING = 20_000
"""Milliseconds that one statement of an explanation may take."""
MOST_CANDIDATES = 50
SEVERAL = Problem(409, "subject_ambiguous", "Several bear this name: ask with the id of one, or add a country.")
ELSEWHERE = Problem(
    409, "subject_elsewhere", "What bears this name is in another country: ask with its id, or without the country."
)
SEVERAL_DOCUMENTED = {
    "description": "Several bear this name, or it is elsewhere; `candidates` lists the first, `more` counts others.",
    "content": {PROBLEM: {"schema": {"type": "object"}}},
}
Subject = Annotated[
    str,
    AfterValidator(short_text),
    Query(
        min_length=1,
        max_length=400,
        description="An id of a site, supplier, contract or flag; a name; a contract's reference; or a product.",
    ),
]
Country = Annotated[
    str | None, AfterValidator(short_text), Query(description="Where the company is; narrows a name down.")
]
Sites = Annotated[int, Query(ge=1, le=50, description="How many sites are shown where there are several.")]


@router.get("/explanations", responses={409: SEVERAL_DOCUMENTED})
async def explanation(
    request: Request, subject: Subject, country: Country = None, member: AsMember = None, sites: Sites = 5
) -> Response:
    """What is known of a subject, and why: every number with its reasons and their sources, and what is not known.

    A member is shown what all members may know and what it alone may know; the operator what all members may know,
    unless they name a member. What the reader may not know answers as what does not exist. The same knowledge gives
    the same bytes.
    """
    reader = view_of(await reader_of(request), member)
    place = None if country is None else resolve(country)
    if country is not None and place is None:
        raise Problem(422, "country_unknown", "Name the country by its ISO 3166 code or its English name.")
    runtime = runtime_of(request)
    assert isinstance(runtime.settings, RiskSettings)
    try:
        async with reading_in_turn(request) as tx:
            found = await explain_subject(tx, subject, runtime.settings, reader=reader, country=place, sites=sites)
    except SubjectUnknown:
        raise Problem(404, "subject_unknown", "Nothing that you may know of has this id.") from None
    except Ambiguous as several:
        return answer_several(request, several)
    return Response(canonical(found), media_type="application/json")


@router.get("/summary")
async def summary(request: Request) -> dict[str, Any]:
    """Counts of sites, findings, indicators and flags, by what all members may know; for the operator."""
    async with borrow(only_operator(request).pool) as connection:
        return {
            "model": current_model().version,
            "sites": await views.count_sites(connection),
            "findings": await views.count_findings(connection),
            "indicators": await views.count_indicators(connection),
            "flags": await views.count_flags(connection),
        }


@contextlib.asynccontextmanager
async def reading_in_turn(request: Request) -> AsyncIterator[Connection]:
    """One snapshot to read from, for a few questions at a time.

    Raises Problem 503 where no turn comes in time, QueryCanceledError (answered likewise) where a statement takes long.
    """
    async with (
        in_turn(request.app.state.explaining, WAITING),
        borrow(runtime_of(request).pool) as tx,
        tx.transaction(isolation="repeatable_read", readonly=True),
    ):
        await bound_statements(tx, READING)
        yield tx


def answer_several(request: Request, several: Ambiguous) -> Response:
    """A problem that lists what the name may mean, the first of very many, so that one can be chosen."""
    shown = several.candidates[:MOST_CANDIDATES]
    problem = ELSEWHERE if isinstance(several, Elsewhere) else SEVERAL
    body = problem.body(instance_of(request.scope)) | {
        "candidates": list(map(explained.candidate, shown)),
        "more": len(several.candidates) - len(shown),
    }
    return Response(canonical(body), problem.status, media_type=PROBLEM)
