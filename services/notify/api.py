"""HTTP of `notify`, for operators: who is written to, and what became of the mails."""

from datetime import datetime
from typing import Annotated
from uuid import UUID, uuid4

from asyncpg import Record
from fastapi import APIRouter, Depends, FastAPI, Query, Request, Response
from pydantic import BaseModel, SecretStr

from services.notify import store
from services.notify.domain import MailState, Role, checked_address
from shared.events.values import Name
from shared.http import CLOSED, Fault, Problem, open_api, require_key
from shared.postgres import borrow
from shared.service import Runtime

MAXIMUM_BODY = 16 * 1024
SUMMARY = "Who is written to, and what became of each mail. Every call carries the operator's key."


class NewRecipient(BaseModel):
    """Somebody to be written to. The address is a secret here: no error, log or representation shows it."""

    model_config = CLOSED

    address: SecretStr
    name: Name
    role: Role = Role.SECRETARIAT


class RecipientAdded(BaseModel):
    """A recipient without the address."""

    id: UUID
    name: str
    role: Role


class Recipient(RecipientAdded):
    """A recipient, for the operator who keeps the list."""

    address: str
    added_at: datetime


class Mail(BaseModel):
    """What became of one mail. `reply` is the mail server's last reply code."""

    id: UUID
    recipient: UUID
    template: str
    state: MailState
    attempts: int
    reply: int | None
    created_at: datetime
    sent_at: datetime | None


class MailCount(BaseModel):
    """How many mails of a template are in a state."""

    template: str
    state: MailState
    mails: int


class Delay(BaseModel):
    """Seconds from the event to the server's acceptance, over all mails sent but digests; None while there is none."""

    mails: int
    p50: float | None
    p99: float | None


class Summary(BaseModel):
    """All mails in figures."""

    counts: list[MailCount]
    delay_seconds: Delay


def build(runtime: Runtime) -> FastAPI:
    """The application."""
    api = open_api("Engage notify", SUMMARY, MAXIMUM_BODY)

    def operator(request: Request) -> None:
        require_key(request, runtime.settings.operator_key_sha256)

    routes = APIRouter(dependencies=[Depends(operator)])
    add_recipients(routes, runtime)
    add_mails(routes, runtime)
    api.include_router(routes)
    return api


def add_recipients(routes: APIRouter, runtime: Runtime) -> None:
    """The list of recipients."""

    @routes.post("/recipients", status_code=201)
    async def add(new: NewRecipient, response: Response) -> RecipientAdded:
        """Write to somebody from now on; a known address gets the new name and role and is answered with 200."""
        address = readable_address(new.address)
        async with runtime.transaction() as tx:
            row = await store.put_recipient(tx, uuid4(), address, new.name, new.role)
            if new.role is Role.SECRETARIAT:
                await store.address_waiting_mails(tx, row["id"])
        if not row["new"]:
            response.status_code = 200
        return RecipientAdded(id=row["id"], name=row["name"], role=row["role"])

    @routes.get("/recipients")
    async def list_all(response: Response) -> list[Recipient]:
        """Everybody who is written to."""
        response.headers["cache-control"] = "no-store"
        async with borrow(runtime.pool) as connection:
            return [Recipient(**row) for row in await store.list_recipients(connection)]

    @routes.delete("/recipients/{recipient}", status_code=204)
    async def remove(recipient: UUID) -> None:
        """Forget somebody and the address; mails not sent yet are cancelled."""
        async with runtime.transaction() as tx:
            if not await store.remove_recipient(tx, recipient):
                raise Problem(404, "not_found", "There is no such recipient.")
            await store.hasten_mails_of(tx, recipient)


def readable_address(secret: SecretStr) -> str:
    """The address in lower case. Raises Problem 422, which does not show it."""
    try:
        return checked_address(secret.get_secret_value())
    except ValueError:
        remedy = "Give one plain address like name@example.org: ASCII, no display name, quotes or list."
        fault = Fault(pointer="/address", code="address_invalid", remedy=remedy)
        raise Problem(422, "schema_invalid", "The request does not fit the schema.", [fault]) from None


def add_mails(routes: APIRouter, runtime: Runtime) -> None:
    """What became of mails."""

    @routes.get("/mails")
    async def list_mails(
        state: MailState | None = None, limit: Annotated[int, Query(ge=1, le=1000)] = 100
    ) -> list[Mail]:
        """The newest mails, without addresses."""
        async with borrow(runtime.pool) as connection:
            return [Mail(**row) for row in await store.list_mails(connection, state, limit)]

    @routes.get("/mails/summary")
    async def summary() -> Summary:
        """All mails by template and state, and how long they took."""
        async with borrow(runtime.pool) as connection:
            counts: list[Record] = await store.count_mails(connection)
            delay = await store.delays(connection)
        return Summary(counts=[MailCount(**row) for row in counts], delay_seconds=Delay(**delay))
