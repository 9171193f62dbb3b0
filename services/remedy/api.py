"""HTTP for senders (the trustee's key), case handlers and operators. No answer may be stored on the way."""

from datetime import datetime
from typing import Annotated
from uuid import UUID, uuid4

from asyncpg import Record
from fastapi import APIRouter, Depends, FastAPI, Query, Request
from pydantic import BaseModel
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uuid_utils.compat import uuid7

from services.remedy import domain, store
from services.remedy.domain import DeadlineState
from services.remedy.handlers import SOURCE
from services.remedy.schedule import current_key, settings_of
from shared import sealing
from shared.events.envelope import Classification, Event
from shared.events.lifecycles import CaseReason, CaseState, DeadlineKind, TestimonyKind
from shared.events.remedy import CaseMoved, EngagementOpened
from shared.events.values import Sentence, Slug
from shared.events.vocabulary import Category, GroupRole, Known
from shared.http import CLOSED, Problem, open_api, require_key
from shared.postgres import Connection, borrow, now
from shared.service import Runtime

MAXIMUM_BODY = 16 * 1024

for_senders, for_handlers, for_operators = APIRouter(), APIRouter(), APIRouter()


def build(runtime: Runtime) -> FastAPI:
    """The API of a running service."""
    api = open_api("Engage: remedy", "Cases, deadlines and engagements.", MAXIMUM_BODY)
    api.state.runtime = runtime
    api.add_middleware(NotStored)
    api.include_router(for_senders)
    api.include_router(for_handlers, dependencies=[Depends(require_handler)])
    api.include_router(for_operators, dependencies=[Depends(require_operator)])
    return api


class NotStored:
    """Tells every cache on the way to keep nothing, whatever is answered."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_unstored(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["cache-control"] = "no-store"
            await send(message)

        await self.app(scope, receive, send_unstored)


def runtime_of(request: Request) -> Runtime:
    runtime: Runtime = request.app.state.runtime
    return runtime


def require_handler(request: Request) -> None:
    require_key(request, settings_of(runtime_of(request).settings).handler_key_sha256)


def require_operator(request: Request) -> None:
    require_key(request, runtime_of(request).settings.operator_key_sha256)


Running = Annotated[Runtime, Depends(runtime_of)]


class Body(BaseModel):
    """What a request may say: these fields and no others."""

    model_config = CLOSED


# For everybody: the key to seal to.


class TrusteeKey(BaseModel):
    """The key to which testimony is sealed."""

    key: str
    algorithm: str
    public_key: str
    valid_to: datetime


@for_senders.get("/keys")
async def read_keys(runtime: Running) -> TrusteeKey:
    """The trustee's current key. Seal on your own device: what is sent in plain is refused."""
    row = await current_key(runtime)
    return TrusteeKey(
        key=row["key_id"], algorithm=sealing.ALGORITHM, public_key=row["public_key"], valid_to=row["valid_to"]
    )


# For case handlers: cases by their reference, never by their id.


class DeadlineView(BaseModel):
    """One deadline of a case, with the benchmark that it rests on."""

    kind: DeadlineKind
    due: datetime
    state: DeadlineState
    basis: str


class CaseView(BaseModel):
    """A case as lists show it. `openable` is false where its box was not sealed to the key of that time."""

    reference: str
    kind: TestimonyKind
    state: CaseState
    openable: bool
    deadlines: list[DeadlineView]


class Moved(BaseModel):
    """The state in which a case now is."""

    reference: str
    state: CaseState


class Testimony(BaseModel):
    """What a sender wrote; as base64 where it is not UTF-8."""

    reference: str
    kind: TestimonyKind
    text: str | None = None
    base64: str | None = None


class Motivation(Body):
    """Why a box is opened; recorded with the moment."""

    motivation: Sentence


@for_handlers.get("/cases")
async def list_cases(
    runtime: Running,
    state: Annotated[Known[CaseState] | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 500,
) -> list[CaseView]:
    """Cases: what is due next comes first, then the newest."""
    found: dict[str, CaseView] = {}
    async with borrow(runtime.pool) as connection:
        rows = await store.read_cases(connection, state, limit)
    for row in rows:
        case = found.setdefault(row["reference"], CaseView(**dict(row), deadlines=[]))
        if row["deadline"] is not None:
            standing = domain.standing(row["due_at"], row["warn_at"], row["met_at"], row["now"])
            case.deadlines.append(
                DeadlineView(kind=row["deadline"], due=row["due_at"], state=standing, basis=row["basis"])
            )
    return list(found.values())


@for_handlers.post("/cases/{reference}/acknowledge")
async def acknowledge(runtime: Running, reference: str) -> Moved:
    """Tell that the sender has been told of the receipt. Late is better than never: a missed deadline stays missed."""
    async with runtime.transaction() as tx:
        case = await lock(tx, reference)
        before, after = CaseState(case["state"]), CaseState.ACKNOWLEDGED
        if not domain.may_move(before, after):
            raise Problem(409, "already_acknowledged", "This case has been acknowledged before.")
        await store.move_case(tx, case["case_id"], after)
        await store.meet_deadline(tx, case["case_id"], DeadlineKind.ACKNOWLEDGE)
        data = CaseMoved(case=case["case_id"], before=before, after=after, reason=CaseReason.NEXT_STEP)
        moved = Event(
            id=uuid4(),  # not v7: that tells the time
            source=SOURCE,
            type=data.type,
            subject=str(data.case),
            time=await now(tx),
            classification=Classification.RESTRICTED,
            data=data,
        )
        await runtime.publish(tx, [moved])
    return Moved(reference=case["reference"], state=after)


@for_handlers.post("/cases/{reference}/open")
async def open_testimony(runtime: Running, reference: str, body: Motivation) -> Testimony:
    """Open the box of a case. That it was opened, and why, is recorded before anything is shown."""
    settings = settings_of(runtime.settings)
    async with runtime.transaction() as tx:
        case = await lock(tx, reference)
        try:
            plain = sealing.open_box(case["sealed"], settings.trustee_key.get_secret_value(), sealing.TESTIMONY)
        except sealing.CannotOpen:
            raise Problem(409, "cannot_open", "This box was not sealed to the trustee's present key.") from None
        await store.record_opening(tx, case["case_id"], body.motivation)
    shown = Testimony(reference=case["reference"], kind=case["kind"])
    try:
        shown.text = plain.decode()
    except UnicodeDecodeError:
        shown.base64 = sealing.encode(plain)
    return shown


async def lock(tx: Connection, reference: str) -> Record:
    """A case, locked. Raises Problem 404, the same whether the reference is mistyped or there is no such case."""
    written = domain.as_written(reference)
    case = await store.lock_case(tx, written) if written else None
    if case is None:
        raise Problem(404, "case_unknown", "There is no case with this reference.")
    return case


# For operators: engagements.


class EngagementView(BaseModel):
    """An engagement that was proposed, and who opened it with which objective."""

    engagement: UUID
    workinggroup: str
    supplier: UUID
    supplier_name: str
    category: Category
    state: str
    reason: str
    flags: list[UUID]
    objective: str | None = None
    opened_by: GroupRole | None = None


class Opening(Body):
    """With which objective an engagement is opened, and in which role in the working group."""

    objective: Sentence
    role: Known[GroupRole]


@for_operators.get("/engagements")
async def list_engagements(runtime: Running, workinggroup: Slug | None = None) -> list[EngagementView]:
    """The engagements of a working group, or of all."""
    async with borrow(runtime.pool) as connection:
        return [view(row) for row in await store.read_engagements(connection, workinggroup)]


@for_operators.post("/engagements/{engagement}/open")
async def open_engagement(runtime: Running, engagement: UUID, body: Opening) -> EngagementView:
    """A person opens an engagement that was proposed."""
    async with runtime.transaction() as tx:
        opened = await store.open_engagement(tx, engagement, body.objective, body.role)
        row = await store.read_engagement(tx, engagement)
        if row is None:
            raise Problem(404, "engagement_unknown", "There is no such engagement.")
        if not opened:
            raise Problem(409, "already_open", "This engagement has been opened before.")
        shown = view(row)
        await runtime.publish(tx, [engagement_opened(shown, await now(tx), body)])
    return shown


def view(row: Record) -> EngagementView:
    """An engagement from its row."""
    return EngagementView(**dict(row), engagement=row["engagement_id"])


def engagement_opened(shown: EngagementView, at: datetime, body: Opening) -> Event:
    """What the working group is told."""
    data = EngagementOpened(
        engagement=shown.engagement,
        workinggroup=shown.workinggroup,
        supplier=shown.supplier,
        supplier_name=shown.supplier_name,
        category=shown.category,
        objective=body.objective,
        opened_by=body.role,
        flags=tuple(shown.flags[: domain.FLAGS_NAMED]),
    )
    return Event(
        id=uuid7(),
        source=SOURCE,
        type=data.type,
        subject=str(shown.engagement),
        time=at,
        classification=Classification.GROUP,
        workinggroup=shown.workinggroup,
        data=data,
    )
