"""Who is who in the registry: questions, decisions and their undoing. An operator's business."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from services.ingest.api.access import only_operator
from services.ingest.domain.registry import Kind
from services.ingest.identity import merging, reviewing
from services.ingest.identity.deciding import Taken
from services.ingest.identity.reviewing import History, Reviews
from shared.http import CLOSED

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
    """A decision that was taken, or would be; `told` counts the events about it by type."""

    decision: UUID
    action: str
    kind: Kind
    entry: UUID
    other: UUID | None
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
    return shown(await merging.answer(only_operator(request), review, answer.same))


@router.post("/merges")
async def merge(request: Request, order: Merge) -> TakenDecision:
    """Let an entry be known as another one. Its id goes on to resolve."""
    runtime = only_operator(request)
    return shown(await merging.merge(runtime, order.entry, order.into, order.dry_run), order.dry_run)


@router.post("/splits")
async def split(request: Request, order: Split) -> TakenDecision:
    """Let one name leave its entry, with the disclosures that rest on it, to be an entry of its own (`other`)."""
    return shown(await merging.split(only_operator(request), order.spelling, order.dry_run), order.dry_run)


@router.post("/undo")
async def undo(request: Request, order: Undo) -> TakenDecision:
    """Undo a decision. 409 says which later decision stands in its way."""
    return shown(await merging.undo(only_operator(request), order.decision, order.dry_run), order.dry_run)


@router.get("/history/{entry}")
async def show_history(request: Request, entry: UUID) -> History:
    """What an id stands for now, its names, and every decision about it. Old ids resolve for ever."""
    return await reviewing.history(only_operator(request).pool, entry)


def shown(taken: Taken, dry_run: bool = False) -> TakenDecision:
    told: dict[str, int] = {}
    for event in taken.events:
        told[event.type] = told.get(event.type, 0) + 1
    return TakenDecision(
        decision=taken.decision,
        action=taken.action,
        kind=taken.kind,
        entry=taken.entry,
        other=taken.other,
        told=told,
        dry_run=dry_run,
    )
