"""What a contact of a supplier is shown, and what it answers. Its word is told to the group, and verifies nothing."""

import hashlib
import json
from collections.abc import Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from asyncpg import Record
from pydantic import BaseModel, Field, model_validator
from uuid_utils.compat import uuid7

from services.ingest.news import news
from services.ingest.settings import IngestSettings
from services.ingest.store import asks, contacts
from services.ingest.store.asks import KeptAnswer
from shared.events.engagement_words import AskState, SupplierAnswer
from shared.events.envelope import Classification
from shared.events.ingest import SupplierAnswered
from shared.events.submitted import SubmittedEvidence
from shared.events.values import Clause, Day, Evidence, Label, Name, Paragraph, Sentence, at_field
from shared.events.vocabulary import Category, Instrument, Known
from shared.http import CLOSED, Fault, Problem, key_unknown
from shared.postgres import Connection, Pool, now
from shared.service import Runtime

SENT_TWICE = timedelta(minutes=1)
"""The same answer within this time, without an idempotency key, is one that was sent twice."""
NEEDED = {SupplierAnswer.COMMITTED: ("wording", "measure"), SupplierAnswer.EVIDENCE_SENT: ("evidence",)}
TAKEN = {
    SupplierAnswer.ACKNOWLEDGED: frozenset[str](),
    SupplierAnswer.COMMITTED: frozenset({"wording", "measure", "responsible", "due"}),
    SupplierAnswer.EVIDENCE_SENT: frozenset({"evidence", "commitment"}),
}
"""What each kind of answer cannot do without, and what it may say."""


class SupplierSays(BaseModel):
    """One answer to an ask: it is acknowledged; or something is committed, by when and with which test; or evidence of
    that is sent, as links with hashes."""

    model_config = CLOSED

    answer: Known[SupplierAnswer]
    wording: Paragraph | None = None
    measure: Annotated[Sentence | None, Field(description="How one can tell that it is done.")] = None
    responsible: Annotated[Label | None, Field(description="Which part of the company; no person's name.")] = None
    due: Day | None = None
    commitment: Annotated[UUID | None, Field(description="Which commitment of yours the evidence is for.")] = None
    evidence: Annotated[tuple[SubmittedEvidence, ...], Field(max_length=100)] = ()

    @model_validator(mode="after")
    def whole(self) -> Self:
        for name in NEEDED.get(self.answer, ()):
            if not getattr(self, name):
                raise at_field(name, code="missing")
        for name in type(self).model_fields.keys() - {"answer"} - TAKEN[self.answer]:
            if getattr(self, name):
                raise at_field(name, code="not_with_this_answer")
        return self


class AskStanding(StrEnum):
    """How an ask stands for those who are to answer it.

    Joined: it is answered with another, the same need. Closed: the group has ended the engagement.
    """

    OPEN = "open"
    JOINED = "joined"
    SETTLED = "settled"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"


class GivenAnswer(BaseModel):
    """What the supplier answered. `answered` is the day; `entry` is how a commitment is named later.

    The engagement may refuse it: then it was not `taken`, and counts for nothing.
    """

    entry: UUID
    taken: bool
    answered: date
    answer: SupplierAnswer
    wording: str | None = None
    measure: str | None = None
    responsible: str | None = None
    due: date | None = None
    commitment: UUID | None = None
    evidence: tuple[Evidence, ...] = ()


class ShownAsk(BaseModel):
    """What was asked, as the supplier is shown it, never by whom. `answered_with` is the ask that it is joined to.

    Of its answers the last are listed; there are `older_answers` before them.
    """

    ask: UUID
    asked: date
    wording: Paragraph
    category: Category
    standing: AskStanding
    instruments: tuple[Instrument, ...] = ()
    clause: Clause | None = None
    sites: tuple[Name, ...] = ()
    due: date | None = None
    answered_with: UUID | None = None
    answers: tuple[GivenAnswer, ...] = ()
    older_answers: int = 0


class Given(BaseModel):
    """An answer was taken; `repeated` says that it had been before, and nothing more was told."""

    entry: UUID
    repeated: bool = False


async def show_asks(pool: Pool, kid: str, before: UUID | None, limit: int, answers: int) -> list[ShownAsk]:
    """What is addressed to a contact, the newest ask first, from those before one on, at most `limit`.

    Each with the last that the supplier has answered by itself, at most so many `answers`.
    """
    found = await asks.read_addressed(pool, kid, before, limit)
    given: dict[UUID, list[Record]] = {row["id"]: [] for row in found}
    for row in await asks.read_answers(pool, list(given), answers):
        given[row["ask"]].append(row)
    return [shown(row, given[row["id"]]) for row in found]


def shown(row: Record, given: Sequence[Record]) -> ShownAsk:
    told = json.loads(row["told"]) | {"ask": row["id"], "asked": row["asked_at"].date(), "sites": row["site_names"]}
    told |= {"standing": standing_of(row), "answered_with": row["joined_into"]}
    told |= {"answers": [answer_of(one) for one in given]}
    told |= {"older_answers": given[0]["of_all"] - len(given) if given else 0}
    return ShownAsk.model_validate(told)


def answer_of(row: Record) -> GivenAnswer:
    named = {"entry": row["id"], "answered": row["answered_at"].date(), "taken": not row["refused"]}
    return GivenAnswer.model_validate(json.loads(row["said"]) | named)


def standing_of(row: Record) -> AskStanding:
    """How an ask stands for its supplier, which is not told what the group found of it, nor of the engagement."""
    if row["answered_as"] in asks.OVER:
        return AskStanding.WITHDRAWN if row["answered_as"] == AskState.WITHDRAWN else AskStanding.SETTLED
    if row["closed"]:
        return AskStanding.CLOSED
    return AskStanding.JOINED if row["state"] == AskState.JOINED else AskStanding.OPEN


async def answer(
    runtime: Runtime, settings: IngestSettings, kid: str, ask: UUID, said: SupplierSays, idempotency_key: str | None
) -> Given:
    """Tell the working group what a supplier answers. What was sent before is not told again.

    When this returns, the answer is committed. Raises Problem 401 where the contact has ended, 404 for an ask that is
    not addressed to it, 409 for one that takes no answer any more, or none of this contact, which has answered it
    `answers_per_ask` times, or where the idempotency key was used for another answer, 422 for evidence of a commitment
    that the supplier has not made here.
    """
    content = digest_of(ask.hex, said.model_dump_json())
    token = None if idempotency_key is None else digest_of(idempotency_key)
    async with runtime.transaction() as tx:
        if not await contacts.lock_valid(tx, kid):
            raise key_unknown()
        addressed = await asks.read_one_addressed(tx, kid, ask)
        if addressed is None:
            raise Problem(404, "ask_unknown", "There is no such ask.")
        before = await sent_before(tx, kid, content, token)
        if before is not None:
            return Given(entry=before, repeated=True)
        await require_open(tx, addressed, said)
        await require_room(tx, kid, ask, settings.answers_per_ask)
        entry = uuid7()
        kept = said.model_dump_json(exclude_none=True, exclude_defaults=True)
        await asks.insert_answer(tx, KeptAnswer(entry, kid, ask, kept, content, token))
        told = told_of(entry, addressed, said)
        group = addressed["workinggroup"]
        fact = news(told, told.engagement, await now(tx), Classification.GROUP, workinggroup=group)
        await runtime.publish(tx, [fact])
    return Given(entry=entry)


def digest_of(*parts: str) -> bytes:
    return hashlib.sha256("\n".join(parts).encode()).digest()


async def sent_before(tx: Connection, kid: str, content: bytes, token: bytes | None) -> UUID | None:
    """The entry of this very answer, where the contact has sent it before. Raises Problem 409 for a key used anew."""
    if token is None:
        return await asks.answered_lately(tx, kid, content, SENT_TWICE)
    found = await asks.answered_with(tx, kid, token)
    if found is None:
        return None
    if found["content"] != content:
        raise Problem(
            409, "idempotency_key_reused", "This Idempotency-Key was sent with another answer: use a new one."
        )
    entry: UUID = found["id"]
    return entry


async def require_open(tx: Connection, addressed: Record, said: SupplierSays) -> None:
    """Raises Problem 409 for an ask that takes no answer any more, 422 for evidence of what was not committed."""
    standing = standing_of(addressed)
    if standing not in (AskStanding.OPEN, AskStanding.JOINED):
        raise Problem(409, f"ask_{standing}", f"This ask is {standing}: it takes no answer any more.")
    if said.commitment is not None and not await asks.has_committed(tx, addressed["id"], said.commitment):
        remedy = "Name the entry of a commitment among your answers to this ask, or leave it out."
        fault = Fault(pointer="/commitment", code="commitment_unknown", remedy=remedy)
        raise Problem(422, "commitment_unknown", "You have not made this commitment to this ask.", [fault])


async def require_room(tx: Connection, kid: str, ask: UUID, limit: int) -> None:
    """Raises Problem 409 where a contact has answered an ask as often as one may."""
    if await asks.count_answers(tx, kid, ask) >= limit:
        detail = f"You have answered this ask {limit} times, as often as one key may: speak with the working group."
        raise Problem(409, "too_many_answers", detail)


def told_of(entry: UUID, addressed: Record, said: SupplierSays) -> SupplierAnswered:
    """An answer as the working group is told it: by the supplier, of no member."""
    named = {"entry": entry, "engagement": addressed["engagement"], "supplier": addressed["supplier"]}
    return SupplierAnswered.model_validate(said.model_dump() | named | {"ask": addressed["id"]})
