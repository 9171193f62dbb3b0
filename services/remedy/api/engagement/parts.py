"""What is said of the parts of an engagement: stages, asks, commitments, consultations, ladder, refused entries."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from uuid import UUID

import orjson
from asyncpg import Record
from pydantic import BaseModel, ConfigDict

from services.remedy.domain.engagement.standing import Engagement
from shared.events.values import Clause, Evidence


class Part(BaseModel):
    """Read from the engagement as it stands. A member that has left is null: it is no longer named."""

    model_config = ConfigDict(from_attributes=True)


class ReasonPart(Part):
    """What gives reason for the engagement. `holds`: it still stands; `contact` is of a statement only."""

    kind: str
    id: UUID
    holds: bool | None
    contact: str | None


class StagePart(Part):
    """A milestone, from when until when it stood there, and how many days that makes."""

    milestone: str
    since: date
    until: date | None
    days: int
    reason: str | None
    entry: UUID


class AskPart(Part):
    """What the supplier was asked for, by whom, and where that stands."""

    id: UUID
    wording: str
    category: str
    asked_at: datetime
    state: str
    askers: list[str | None]
    instruments: list[str]
    clause: Clause | None
    sites: list[UUID]
    due: date | None
    standard: str | None
    into: UUID | None
    joined: list[UUID]


class CommitmentPart(Part):
    """What the supplier promised, and where that stands. `by_supplier`: it said so itself."""

    id: UUID
    wording: str
    category: str
    measure: str
    made_at: datetime
    state: str
    by_supplier: bool
    ask: UUID | None
    responsible: str | None
    due: date | None


class EvidencePart(Part):
    """Evidence, and what it is for. `member` is null where the supplier sent it, or the member has left."""

    entry: UUID
    told_by: str | None
    on: datetime
    basis: str | None
    milestone: str | None
    ask: UUID | None
    commitment: UUID | None
    files: list[Evidence]


class ConsultationPart(Part):
    """Whom the group consulted, by type, and what followed of it."""

    id: UUID
    rightsholders: str
    quarter: str
    member: str | None
    organisation: str | None
    participants: int | None
    priorities: list[str]
    asks: list[UUID]
    influence: str | None


class RungPart(Part):
    """A step of the escalation ladder that was taken, and what it brought about."""

    id: UUID
    step: str
    taken_on: date
    reason: str
    member: str | None
    cure_until: date | None
    effect: str | None
    effect_on: date | None


class DuePart(Part):
    """What is due by a day, and what that day rests on."""

    about: UUID
    kind: str
    due: date
    basis: str
    overdue: bool


class RefusedPart(Part):
    """An entry that changed nothing: why, where the engagement stood, and what would have been legal."""

    entry: UUID
    type: str
    member: str | None
    on: datetime
    refusals: list[str]
    stood: str | None
    legal: list[str]


def stages_of(one: Engagement, today: date) -> list[StagePart]:
    """The stages, from the first to the present one, with days up to today or the end."""
    until = one.closed_on or today
    return [
        StagePart(
            milestone=stage.milestone,
            since=stage.since,
            until=stage.until,
            days=max(stage.days(until), 0),
            reason=stage.reason,
            entry=stage.entry,
        )
        for stage in one.stages
    ]


def asks_of(one: Engagement, left: Collection[str]) -> list[AskPart]:
    """The asks, the oldest first."""
    found = [AskPart.model_validate(ask) for ask in one.asks.values()]
    return [ask.model_copy(update={"askers": [named(asker, left) for asker in ask.askers]}) for ask in found]


def consultations_of(one: Engagement, left: Collection[str]) -> list[ConsultationPart]:
    """The consultations, the oldest first."""
    found = [ConsultationPart.model_validate(held) for held in one.consultations.values()]
    return [held.model_copy(update={"member": named(held.member, left)}) for held in found]


def ladder_of(one: Engagement, left: Collection[str]) -> list[RungPart]:
    """The steps of the ladder, in the order in which they were taken."""
    found = [RungPart.model_validate(step) for step in one.escalations]
    return [step.model_copy(update={"member": named(step.member, left)}) for step in found]


def evidence_of(row: Record, left: Collection[str]) -> EvidencePart:
    """Evidence from its row."""
    parts: Mapping[str, str | None] = {name: row[name] for name in ("basis", "milestone", "ask", "commitment")}
    files = [Evidence.model_validate(one) for one in orjson.loads(row["evidence"])]
    return EvidencePart.model_validate(
        {
            **parts,
            "entry": row["entry"],
            "told_by": named(row["member"], left),
            "on": row["recorded_at"],
            "files": files,
        }
    )


def refused_of(row: Record, left: Collection[str]) -> RefusedPart:
    """A refused entry from its row."""
    return RefusedPart(
        entry=row["entry"],
        type=row["type"],
        member=named(row["member"], left),
        on=row["recorded_at"],
        refusals=row["refusals"],
        stood=row["stood"],
        legal=row["legal"],
    )


def due_of(row: Record, today: date) -> DuePart:
    """What is due, from its row."""
    overdue = row["missed_at"] is not None or row["due"] < today
    return DuePart(about=row["about"], kind=row["kind"], due=row["due"], basis=row["basis"], overdue=overdue)


def reason_of(row: Record) -> ReasonPart:
    """A reason from its row; whether it holds is not known where nothing was told of it."""
    holds = None if row["since"] is None else row["ended_at"] is None
    return ReasonPart(kind=row["kind"], id=row["id"], holds=holds, contact=row["contact"])


def named(member: str | None, left: Collection[str]) -> str | None:
    """A member by its name in topics, unless it has left."""
    return None if member in left else member
