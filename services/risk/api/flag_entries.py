"""What the flags' interface answers."""

from collections.abc import Collection
from datetime import UTC, date, datetime
from uuid import UUID

import orjson
from asyncpg import Record
from pydantic import BaseModel

from services.risk.domain.explained import NEWEST
from services.risk.domain.flags import Entry, FlagStanding, FollowedUp, RefusedStep, Replied, Reported, Step
from shared.events.values import Evidence, SeverityParts


class FlagClockShown(BaseModel):
    """What is awaited of a flag, by which day, and whether that day has passed."""

    awaits: str
    due: date
    overdue: bool


class FlagEntry(BaseModel):
    """A flag. `reports` counts those that nobody took back, `sources` are the kinds of who told them.

    `buyers` and `contracts` are the combined leverage, the latter null where of too few buyers to be told. `age_days`
    is how long ago it was opened, `days_in_state` how long it has been as it is.
    """

    flag: UUID
    supplier: UUID
    supplier_name: str
    site: UUID | None
    site_name: str | None
    country: str | None
    category: str
    state: str
    open: bool
    parts: SeverityParts
    severity: int
    likelihood: int | None
    priority: int
    serious: bool
    reports: int
    sources: list[str]
    buyers: int
    contracts: int | None
    opened_at: datetime
    moved_at: datetime
    age_days: int
    days_in_state: int
    clock: FlagClockShown | None
    merged_into: UUID | None


class FlagPage(BaseModel):
    """One page of flags; `next` is where the following one is, null after the last."""

    items: list[FlagEntry]
    next: str | None


class ReportShown(BaseModel):
    """A report that a flag holds; `withdrawn_at` where its sender took it back.

    Of one that was taken back, what it said in words, its clause and its evidence are no longer shown.
    """

    report: UUID
    recorded_at: datetime
    withdrawn_at: datetime | None
    contributor: str
    member: str | None
    source_class: str
    actuality: str
    parts: SeverityParts
    headline: str | None
    instruments: list[str]
    indicators: list[str]
    clause: str | None
    workers_affected: str
    evidence: list[Evidence]


class StepShown(BaseModel):
    """A step in the life of a flag. Without `entry` it was not a member's: new evidence, or a report taken back.

    `refusal`: the flag did not take it, and why. `withdrawn_at`: its sender took it back.
    """

    at: datetime
    before: str | None
    after: str
    report: UUID
    entry: UUID | None = None
    contributor: str | None = None
    member: str | None = None
    basis: str | None = None
    reason: str | None = None
    decided_on: date | None = None
    evidence: list[Evidence] = []
    refusal: str | None = None
    withdrawn_at: datetime | None = None


class ReplyShown(BaseModel):
    """What the company said to a report; its statement is no longer shown where the report was taken back."""

    reply: UUID
    report: UUID
    recorded_at: datetime
    speaker: str
    stance: str
    said_on: date
    statement: Evidence | None


class FlagDetail(FlagEntry):
    """A flag with its evidence and its history, the oldest first. One that was merged has them under `merged_into`.

    `following` are the states that it may be moved to now; whose word suffices for each is decided when one is sent.
    Of each the newest 200 are shown; `more_evidence`, `more_history` and `more_replies` count the older ones.
    """

    following: list[str]
    evidence: list[ReportShown]
    more_evidence: int
    history: list[StepShown]
    more_history: int
    replies: list[ReplyShown]
    more_replies: int


def entry_of(row: Record) -> FlagEntry:
    """A flag as a list shows it."""
    return FlagEntry.model_validate(entry_fields(row))


def entry_fields(row: Record) -> dict[str, object]:
    """The fields of a row, under the names that are shown."""
    told, today = orjson.loads(row["standing"]), day_of(row["asked_at"])
    fields = {name: value for name, value in row.items() if name in FlagEntry.model_fields}
    return fields | {
        "supplier_name": row["supplier_name"] or told["supplier_name"],
        "site_name": row["site_name"] or told["site_name"],
        "country": row["country"] or told["country"],
        "open": row["is_open"],
        "parts": told["parts"],
        "age_days": (today - day_of(row["opened_at"])).days,
        "days_in_state": (today - day_of(row["moved_at"])).days,
        "clock": row["clock"] and {"awaits": row["clock"], "due": row["due"], "overdue": row["due"] < today},
    }


def detail_of(
    row: Record, entries: Collection[Entry], standing: FlagStanding | None, left: Collection[str]
) -> FlagDetail:
    """A flag with all that it follows from. Members that have `left` are not named."""
    told = {one.id: one for one in entries if isinstance(one, FollowedUp)}
    reports = standing.reports if standing else ()
    replies = standing.replies if standing else ()
    taken_back = {one.id for one in reports if one.withdrawn_at is not None}
    history = history_of(standing, told, left) if standing else []
    return FlagDetail.model_validate(
        entry_fields(row)
        | {
            "following": list(standing.following) if standing else [],
            "evidence": [report_of(one, left) for one in reports[-NEWEST:]],
            "more_evidence": max(0, len(reports) - NEWEST),
            "history": history[-NEWEST:],
            "more_history": max(0, len(history) - NEWEST),
            "replies": [reply_of(one, taken_back) for one in replies[-NEWEST:]],
            "more_replies": max(0, len(replies) - NEWEST),
        }
    )


def report_of(one: Reported, left: Collection[str]) -> ReportShown:
    """A report; its clause by name, edition and number. What was taken back is not repeated."""
    said, stands = one.said, one.withdrawn_at is None
    clause = said.clause if stands else None
    return ReportShown(
        report=said.report,
        recorded_at=one.at,
        withdrawn_at=one.withdrawn_at,
        contributor=said.contributor,
        member=named(said.member, left),
        source_class=said.source_class,
        actuality=said.actuality,
        parts=said.severity,
        headline=said.headline if stands else None,
        instruments=list(said.instruments),
        indicators=list(said.indicators),
        clause=clause and f"{clause.conditions}, {clause.edition}, {clause.clause}",
        workers_affected=said.workers_affected,
        evidence=list(said.evidence) if stands else [],
    )


def history_of(standing: FlagStanding, told: dict[UUID, FollowedUp], left: Collection[str]) -> list[StepShown]:
    """The steps of a flag, those that it refused, and those that were taken back."""
    steps: list[Step | RefusedStep] = [*standing.steps, *standing.refused]
    shown = [step_of(one, told, left) for one in steps]
    for entry in told.values():
        if entry.withdrawn_at is not None:
            fields = {"at": entry.at, "before": None, "after": entry.said.state, "withdrawn_at": entry.withdrawn_at}
            shown.append(StepShown.model_validate(fields | said_of(entry, left)))
    return sorted(shown, key=lambda step: step.at)


def step_of(one: Step | RefusedStep, told: dict[UUID, FollowedUp], left: Collection[str]) -> StepShown:
    """A step, taken or refused, with what its sender said of it."""
    said = said_of(told[one.entry], left) if one.entry is not None else {"report": one.report}
    if isinstance(one, RefusedStep):
        fields = {"at": one.at, "before": one.standing, "after": one.wanted, "refusal": one.refusal}
    else:
        fields = {"at": one.at, "before": one.before, "after": one.after, "reason": one.reason, "basis": one.basis}
    return StepShown.model_validate(fields | said)


def said_of(one: FollowedUp, left: Collection[str]) -> dict[str, object]:
    """What a member said of a step."""
    said = one.said
    return {
        "report": said.report,
        "entry": said.entry,
        "contributor": said.contributor,
        "member": named(said.member, left),
        "basis": said.basis,
        "reason": said.reason,
        "decided_on": said.decided_on,
        "evidence": said.evidence,
    }


def reply_of(one: Replied, taken_back: Collection[UUID]) -> ReplyShown:
    """A reply, without its statement where it is to a report that was taken back."""
    said = one.said
    return ReplyShown(
        reply=said.reply,
        report=said.report,
        recorded_at=one.at,
        speaker=said.speaker,
        stance=said.stance,
        said_on=said.said_on,
        statement=None if said.report in taken_back else said.statement,
    )


def named(member: str | None, left: Collection[str]) -> str | None:
    """Who contributed; a member that has left is a member of its kind from then on."""
    return None if member in left else member


def day_of(moment: datetime) -> date:
    """The day (UTC)."""
    return moment.astimezone(UTC).date()
