"""HTTP: what became of an entry, or would; for members of the group, or of the contract's owner, and operators."""

from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from asyncpg import Record
from fastapi import APIRouter
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError

from services.remedy import checking, looking_up
from services.remedy.api.callers import Body, Running
from services.remedy.api.readers import READERS, Reader, Reading, groups_of, owns, reading_all, require_group
from services.remedy.domain.engagement.legal import legal_steps, standing
from services.remedy.domain.engagement.refusals import REMEDIES
from services.remedy.domain.engagement.rules import decide
from services.remedy.domain.engagement.standing import REFUSED, Entry, StepRefused
from services.remedy.office import settings_of
from services.remedy.store.engagement import entries, follow_up, groups
from shared.events.engagement_words import EntryRefusal
from shared.events.envelope import EventData
from shared.events.members import GroupEntry
from shared.events.members.door import DoorData
from shared.events.values import Label
from shared.events.vocabulary import GroupRole
from shared.http import TRY_AGAIN, Fault, Problem
from shared.postgres import Connection, now
from shared.service import Runtime

router = APIRouter(dependencies=[READERS])


class Withdrawal(BaseModel):
    """What became of the last that was tried to take an entry back."""

    standing: str
    refusals: list[str]
    stood: str | None
    legal: list[str]


class EntryView(BaseModel):
    """An entry that was applied, or applied and taken back since. `subject` is its engagement, contract or request.

    Of an entry of a dialogue `stands` says where the engagement stands by now, `legal` what could be done next.
    """

    entry: UUID
    type: str
    subject: UUID
    workinggroup: str | None
    member: str | None
    recorded_at: datetime
    standing: str
    withdrawal: Withdrawal | None = None
    stands: str | None = None
    legal: list[str] = []


class Asked(Body):
    """An event as it would be sent: its type, and its data."""

    type: Label
    data: dict[str, Any]


class Would(BaseModel):
    """What an event would come to if it were sent now: the types of the facts that follow, with their data."""

    would: list[dict[str, Any]]


class StateConflict(Problem):
    """409 `state_conflict`: every reason with what to do about it, where the subject stands, what would be legal."""

    def __init__(self, refused: StepRefused) -> None:
        faults = [Fault(pointer="", code=why, remedy=REMEDIES.get(EntryRefusal(why))) for why in refused.why]
        instead = f" Possible is: {'; '.join(refused.legal)}." if refused.legal else ""
        super().__init__(409, "state_conflict", f"Nothing changed: it is {refused.standing}.{instead}", faults)
        self.refused = refused

    def body(self, instance: str) -> dict[str, Any]:
        """The document, with what a machine needs of the refusal."""
        refused = self.refused
        told = {"refusals": refused.why, "standing": refused.standing, "legal": refused.legal}
        return super().body(instance) | told


@router.get("/entries/{entry}")
async def show_entry(entry: UUID, reader: Reading, runtime: Running) -> EntryView:
    """What became of an entry. Of one that changed nothing: 409, with every reason and what would be legal.

    404 also for one that has not been decided yet: a moment later it is there.
    """
    async with reading_all(runtime) as connection:
        row = await read_dialogue(connection, reader, entry) or await read_follow_up(connection, reader, entry)
        engagement = row and row.get("engagement")
        found = (await entries.read_engagements(connection, [engagement])).get(engagement) if engagement else None
    if row is None:
        detail = "There is no such entry for you, or it has not been decided yet: ask again in a moment."
        raise Problem(404, "entry_unknown", detail, headers=TRY_AGAIN)
    if row["standing"] == REFUSED:
        raise StateConflict(StepRefused(tuple(row["refusals"]), row["stood"] or "", tuple(row["legal"])))
    view = view_of(row)
    if found is not None:
        view.stands, view.legal = standing(found), list(legal_steps(found))
    return view


async def read_dialogue(connection: Connection, reader: Reader, entry: UUID) -> Record | None:
    """What became of an entry of a dialogue; None where there is none, or its group is not one of the reader's."""
    row = await entries.read_decision(connection, entry)
    mine = await groups_of(connection, reader)
    return row if row is not None and (mine is None or row["workinggroup"] in mine) else None


async def read_follow_up(connection: Connection, reader: Reader, entry: UUID) -> Record | None:
    """What became of an entry of a contract's follow-up; None where there is none, or it is not the reader's."""
    row = await follow_up.read_decision(connection, entry)
    return row if row is not None and owns(reader, row["member"]) else None


def view_of(row: Record) -> EntryView:
    """An entry from its row."""
    back = row["back_standing"] and Withdrawal(
        standing=row["back_standing"],
        refusals=row["back_refusals"],
        stood=row["back_stood"],
        legal=row["back_legal"],
    )
    return EntryView(
        entry=row["entry"],
        type=row["type"],
        subject=row.get("engagement") or row.get("subject"),
        workinggroup=row.get("workinggroup"),
        member=row["member"],
        recorded_at=row["recorded_at"],
        standing=row["standing"],
        withdrawal=back or None,
    )


@router.post("/entries/check")
async def check_entry(body: Asked, reader: Reading, runtime: Running) -> Would:
    """What an event would come to if the member sent it now; nothing is kept. 409 as for an entry that was refused.

    For events of a group's dialogue, and of the follow-up of contracts. An operator names the member (`?member=`).
    """
    sent = read_sent(body)
    if not isinstance(sent, GroupEntry):
        return await check_follow_up(sent, reader, runtime)
    async with reading_all(runtime) as connection:
        await require_group(connection, reader, sent.workinggroup)
        if await groups.is_closed(connection, sent.workinggroup):
            raise Problem(409, "group_closed", "This working group has ended: nothing more is taken for it.")
        entry = await as_sent(connection, reader, sent)
        dialogue, known = await looking_up.look_up(connection, entry, settings_of(runtime.settings).most_entries)
    try:
        _, facts = decide(dialogue, entry, known)
    except StepRefused as refused:
        raise StateConflict(refused) from None
    return Would(would=[shown(fact) for fact in facts])


async def check_follow_up(sent: DoorData, reader: Reader, runtime: Runtime) -> Would:
    """The same for an event of the follow-up of a contract; nothing is written in its transaction."""
    member, settings = sender_of(reader), settings_of(runtime.settings)
    try:
        async with reading_all(runtime) as tx:
            facts = await checking.follow_up(tx, settings, sent, member, await now(tx))
    except StepRefused as refused:
        raise StateConflict(refused) from None
    return Would(would=[shown(fact) for fact in facts])


def read_sent(body: Asked) -> DoorData:
    """The event that is asked about. Raises Problem 422 for a type that cannot be, or data that do not fit it."""
    model = checking.CHECKED.get(body.type)
    if model is None:
        raise Problem(422, "type_not_checked", f"These events can be checked: {', '.join(sorted(checking.CHECKED))}.")
    try:
        return model.model_validate_json(orjson.dumps(body.data))
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False)
        raise RequestValidationError([{**one, "loc": ("body", "data", *one["loc"])} for one in found]) from None


async def as_sent(connection: Connection, reader: Reader, sent: GroupEntry) -> Entry:
    """The entry that an event would be of the reader's. Raises Problem 422 where an operator names no member."""
    member = sender_of(reader)
    role = await entries.read_part(connection, sent.workinggroup, member)
    return checking.as_entry(sent, member, GroupRole(role or ""), await now(connection))


def sender_of(reader: Reader) -> str:
    """The member that would send an event. Raises Problem 422 where an operator names none."""
    if reader.member is None:
        raise Problem(422, "member_missing", "Name the member that would send it: `?member=`.")
    return reader.member


def shown(fact: EventData) -> dict[str, Any]:
    """A fact as JSON, with its type; without the id of an entry that was not sent."""
    said: dict[str, Any] = fact.model_dump(mode="json", exclude_none=True, exclude={"entry"})
    return {"type": fact.type} | said
