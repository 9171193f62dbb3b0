"""Who is who in the registry: questions, decisions and their undoing. An operator's business."""

from collections import Counter
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from services.ingest.api.access import only_operator
from services.ingest.domain.registry import Kind
from services.ingest.identity import merging, reviewing
from services.ingest.identity.deciding import Taken
from services.ingest.identity.reviewing import History, Reviews
from services.ingest.store import decisions
from shared.http import CLOSED
from shared.service import Runtime

router = APIRouter(prefix="/identity")


class AnswerReview(BaseModel):
    """Whether both are one supplier or site."""

    model_config = CLOSED

    same: bool


class Merge(BaseModel):
    """`entry` is known as `into` from now on."""

    model_config = CLOSED

    entry: UUID
    into: UUID
    dry_run: bool = False


class Split(BaseModel):
    """The name with this number, from an entry's history, leaves its entry."""

    model_config = CLOSED

    spelling: Annotated[int, Field(ge=1, le=2**63 - 1)]
    dry_run: bool = False


class Undo(BaseModel):
    """A decision of the rules or of a person that is to be undone."""

    model_config = CLOSED

    decision: UUID
    dry_run: bool = False


class TakenDecision(BaseModel):
    """A decision that was taken, or would be; `told` counts the events about it by type.

    The names are those under which both are registered; an entry that only would be made has none yet.
    """

    decision: UUID
    action: str
    kind: Kind
    entry: UUID
    entry_name: str | None
    other: UUID | None
    other_name: str | None
    told: dict[str, int]
    dry_run: bool = False


@router.get("/reviews")
async def list_reviews(
    request: Request,
    kind: Kind = Kind.SITE,
    after: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 20,
) -> Reviews:
    """Pairs of entries that may be one and wait for an answer, oldest first."""
    return await reviewing.open_reviews(only_operator(request).pool, kind, after, limit)


@router.post("/reviews/{review}")
async def answer_review(request: Request, review: UUID, answer: AnswerReview) -> TakenDecision:
    """Merge the younger entry of a pair into the older one, or tell both apart: they are never asked about again."""
    runtime = only_operator(request)
    return await shown(runtime, await merging.answer(runtime, review, answer.same))


@router.post("/merges")
async def merge(request: Request, order: Merge) -> TakenDecision:
    """Let an entry be known as another one. Its id goes on to resolve."""
    runtime = only_operator(request)
    return await shown(runtime, await merging.merge(runtime, order.entry, order.into, order.dry_run), order.dry_run)


@router.post("/splits")
async def split(request: Request, order: Split) -> TakenDecision:
    """Let one name leave its entry, with the disclosures that rest on it, to be an entry of its own (`other`)."""
    runtime = only_operator(request)
    return await shown(runtime, await merging.split(runtime, order.spelling, order.dry_run), order.dry_run)


@router.post("/undo")
async def undo(request: Request, order: Undo) -> TakenDecision:
    """Undo a decision. 409 says which later decision stands in its way."""
    runtime = only_operator(request)
    return await shown(runtime, await merging.undo(runtime, order.decision, order.dry_run), order.dry_run)


@router.get("/history/{entry}")
async def show_history(request: Request, entry: UUID) -> History:
    """What an id stands for now, its names, and every decision about it. Old ids resolve for ever."""
    return await reviewing.history(only_operator(request).pool, entry)


async def shown(runtime: Runtime, taken: Taken, dry_run: bool = False) -> TakenDecision:
    """A decision with the names of what it is about."""
    told = Counter(event.type for event in taken.events)
    found = await decisions.read_entries(runtime.pool, [one for one in (taken.entry, taken.other) if one])
    names = {id_: row["name"] for id_, row in found.items()}
    return TakenDecision(
        decision=taken.decision,
        action=taken.action,
        kind=taken.kind,
        entry=taken.entry,
        entry_name=names.get(taken.entry),
        other=taken.other,
        other_name=names.get(taken.other) if taken.other else None,
        told=told,
        dry_run=dry_run,
    )
