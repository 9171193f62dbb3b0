"""HTTP: one engagement whole, for members of its group and the operator."""

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from asyncpg import Record
from fastapi import APIRouter

from services.remedy.api.callers import AtOffice, Running
from services.remedy.api.engagement import parts
from services.remedy.api.engagement.entries_of_board import BoardRow, row_of
from services.remedy.api.readers import READERS, Reader, Reading, groups_of, reading_all
from services.remedy.domain.engagement.legal import legal_steps
from services.remedy.domain.engagement.standing import Engagement
from services.remedy.store.engagement import board, showing
from services.remedy.store.engagement.board import Order, Wanted
from services.remedy.store.engagement.entries import read_engagements
from services.remedy.store.engagement.threads import read_left
from shared.events.values import Clause
from shared.http import Problem
from shared.postgres import Connection, now

router = APIRouter(dependencies=[READERS])


class EngagementView(BoardRow):
    """One engagement whole: what the board shows of it, and all its parts. `legal` are the steps open to it now."""

    instruments: list[str]
    clause: Clause | None
    sites: list[UUID]
    reason: str | None
    outcome_reason: str | None
    reasons: list[parts.ReasonPart]
    stages: list[parts.StagePart]
    asks: list[parts.AskPart]
    commitments: list[parts.CommitmentPart]
    evidence: list[parts.EvidencePart]
    consulted: list[parts.ConsultationPart]
    ladder: list[parts.RungPart]
    due: list[parts.DuePart]
    refused: list[parts.RefusedPart]
    legal: list[str]


@router.get("/engagements/{engagement}")
async def show_engagement(runtime: Running, office: AtOffice, reader: Reading, engagement: UUID) -> EngagementView:
    """One engagement: objective, reasons, stages, asks, commitments, evidence, consultations, ladder, what is due.

    404 where there is none, or it is of a group that the reader does not belong to.
    """
    async with reading_all(runtime) as tx:
        at = await now(tx)
        today = office.terms.today(at)
        row = await found(tx, reader, engagement, today)
        head = row_of(row, office.terms, at)
        left = await read_left(tx)
        one = (await read_engagements(tx, [engagement])).get(engagement)
        beside = await told(tx, engagement, left, today)
        return EngagementView.model_validate(head.model_dump() | beside | folded(one, left, today))


async def found(tx: Connection, reader: Reader, engagement: UUID, today: date) -> Record:
    """The engagement's row. Raises Problem 404."""
    wanted = Wanted(groups=await groups_of(tx, reader), prefix=str(engagement))
    rows = await board.read_page(tx, wanted, Order.AGE, None, 1, today)
    if not rows:
        raise Problem(404, "engagement_unknown", "There is no such engagement, or it is not of one of your groups.")
    return rows[0]


async def told(tx: Connection, engagement: UUID, left: Collection[str], today: date) -> dict[str, Any]:
    """The parts that are read beside the fold."""
    return {
        "reasons": [parts.reason_of(row) for row in await showing.read_reasons(tx, engagement)],
        "evidence": [parts.evidence_of(row, left) for row in await showing.read_evidence(tx, engagement)],
        "refused": [parts.refused_of(row, left) for row in await showing.read_refused(tx, engagement)],
        "due": [parts.due_of(row, today) for row in await showing.read_due(tx, engagement)],
    }


def folded(one: Engagement | None, left: Collection[str], today: date) -> dict[str, Any]:
    """The parts that follow from the entries; nothing of an engagement that nobody has opened."""
    return {
        "instruments": list(one.instruments) if one else [],
        "clause": one.clause if one else None,
        "sites": list(one.sites) if one else [],
        "reason": one.reason if one else None,
        "outcome_reason": one.outcome_reason if one else None,
        "stages": parts.stages_of(one, today) if one else [],
        "asks": parts.asks_of(one, left) if one else [],
        "commitments": list(map(parts.CommitmentPart.model_validate, one.commitments.values())) if one else [],
        "consulted": parts.consultations_of(one, left) if one else [],
        "ladder": parts.ladder_of(one, left) if one else [],
        "legal": list(legal_steps(one)) if one else [],
    }
