"""Who may ask what of `remedy`: every caller asks everything, of a real case, and is let in as the table says."""

import tomllib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from deploy.local.database import in_database, service_dsn
from deploy.local.postgres import Postgres
from deploy.local.servers import database_of
from services.remedy import trustee
from services.remedy.api import build
from services.remedy.domain.people import Role
from services.remedy.office import KEYS, READING, office_of
from services.remedy.receipts import draw_receipt
from shared import repair
from shared.events.envelope import Classification
from shared.events.ingest import KeyIssued, WorkingGroupJoined
from shared.events.vocabulary import GroupRole
from shared.http import digest
from shared.member_keys import PURPOSES, key_of
from shared.postgres import Pool, open_pool
from shared.service import Runtime
from tests.conftest import Schema, empty
from tests.matrix.bodies import bodies
from tests.remedy.given import (
    FOLLOW_KEYS,
    FOLLOW_REGISTRY,
    OPERATOR_KEY,
    SETTINGS,
    Keyed,
    assign,
    bearer,
    event,
    group,
    handle,
    sealed,
    somebody,
    taken_in_case,
)

TABLE = tomllib.loads((Path(__file__).parent / "http.toml").read_text())
CALLERS: list[str] = TABLE["callers"]
GRID = {
    (endpoint, caller): sign
    for endpoint, (_, row) in TABLE["endpoints"].items()
    for caller, sign in zip(CALLERS, row.split(), strict=True)
}
SAME_FOR_ALL = {"case_unknown", "receipt_unknown"}
OPEN_DOOR = {"door_each_per_minute": 1e9, "door_each_at_once": 1e9, "door_together_per_second": 1e9}
SPARE = "spare-handler"
MEMBER_KEY = key_of("0123456789ab", "m" * 43)
"""A key of a member of a working group, for every purpose that there is."""


@dataclass(frozen=True)
class World:
    """A running API over a case that one handler works on, and people of every kind."""

    app: FastAPI
    runtime: Runtime
    client: httpx.AsyncClient
    people: dict[str, Keyed]
    reference: str
    cases: tuple[Any, Any]
    receipt: str
    request: str
    bodies: dict[str, dict[str, Any] | None]

    async def restore(self) -> None:
        """Let everybody have their key and the handler their case again, whatever was done before."""
        async with self.runtime.pool.acquire() as connection:
            for one in self.people.values():
                await connection.execute(
                    "UPDATE person SET ended_at = NULL, key_sha256 = $2 WHERE person_id = $1",
                    one.person.id,
                    digest(one.key),
                )
            await connection.execute("DELETE FROM recusal")
            await connection.execute("DELETE FROM assignment")
            await connection.execute(
                "UPDATE identity_request SET decided_by = NULL, decided_at = NULL, granted = NULL, until = NULL"
            )
            for case in self.cases:
                await assign(connection, case, self.people["assigned"])

    async def ask(self, endpoint: str, caller: str, reference: str | None = None) -> httpx.Response:
        """What is answered to a caller."""
        method, path = endpoint.split(" ")
        step = {"reference": reference or self.reference, "name": SPARE, "request": self.request, "year": "2026"}
        step |= {"slug": "acme", "whose": "oslo"}
        for name in ("item", "engagement", "id", "entry", "condition"):
            step[name] = str(uuid4())
        body = self.bodies.get(endpoint)
        if body is not None and "receipt" in body:
            body = body | {"receipt": self.receipt if caller == "reporter" else draw_receipt()}
        return await self.client.request(method, path.format(**step), headers=self.headers(caller), json=body)

    def headers(self, caller: str) -> dict[str, str]:
        """What a caller's request carries."""
        match caller:
            case "nobody" | "reporter":
                return {}
            case "member":
                return bearer(MEMBER_KEY)
            case "operator":
                return bearer(OPERATOR_KEY)
            case name:
                return self.people[name].headers


async def open_schema(server: Postgres, passwords: dict[str, str], service: str) -> Schema:
    """A service's schema, emptied."""
    await empty(server, service)
    dsn = SecretStr(service_dsn(server.admin_dsn, service, passwords[service]))
    return Schema(service, dsn, await open_pool(dsn, 10), in_database(server.dsn, database_of(service)))


async def engage_people(pool: Pool) -> dict[str, Keyed]:
    """Somebody of each kind, and somebody more to whom things are done."""
    roles = {
        "coordinator": Role.COORDINATOR,
        "handler": Role.HANDLER,
        "assigned": Role.HANDLER,
        "custodian": Role.CUSTODIAN,
        "auditor": Role.AUDITOR,
        "spare": Role.HANDLER,
    }
    return {kind: await somebody(pool, role, name=SPARE if kind == "spare" else None) for kind, role in roles.items()}


async def engage_member(pool: Pool) -> None:
    """A member with its key, in a working group, as `ingest` tells of them."""
    issued = KeyIssued(kid="0123456789ab", member="oslo", digest=digest(MEMBER_KEY), purposes=PURPOSES)
    part = WorkingGroupJoined(workinggroup="acme", member="oslo", role=GroupRole.LEAD)
    async with pool.acquire() as tx, tx.transaction():
        await handle(FOLLOW_KEYS, tx, event(issued, issued.kid, Classification.MEMBER))
        await handle(FOLLOW_REGISTRY, tx, group("acme"), event(part, "acme", Classification.MEMBERS))


@pytest.fixture(scope="module")
async def world(provisioned: Postgres, passwords: dict[str, str]) -> AsyncIterator[World]:
    schema, keys = [await open_schema(provisioned, passwords, name) for name in ("remedy", "remedy_keys")]
    settings = SETTINGS.model_copy(update=OPEN_DOOR)
    runtime = schema.runtime(settings, {KEYS: keys.pool, READING: schema.pool})
    receipt = draw_receipt()
    case = await taken_in_case(runtime, receipt=receipt, identity="Invented Worker", filed_by="worker")
    other = await taken_in_case(runtime)
    everybody = await engage_people(schema.pool)
    await engage_member(schema.pool)
    app = build(runtime)
    public_key = (await trustee.current_key(office_of(runtime)))["public_key"]
    told = bodies(app.openapi()) | by_hand(other["reference"], sealed("Invented", public_key))
    app.router.routes.extend(repair.routes(runtime.pool, [], settings))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://remedy") as client:
        await assign(schema.pool, case["case_id"], everybody["assigned"])
        asked = await client.post(
            f"/cases/{case['reference']}/identity/requests",
            headers=everybody["assigned"].headers,
            json={"motivation": "Invented: to call the worker."},
        )
        request = asked.json().get("request", str(uuid4()))
        yield World(
            app,
            runtime,
            client,
            everybody,
            case["reference"],
            (case["case_id"], other["case_id"]),
            receipt,
            request,
            told,
        )
    for one in (schema, keys):
        await one.pool.close()


def by_hand(other_case: str, box: str) -> dict[str, dict[str, Any] | None]:
    """Bodies that need more than the least that their schema allows."""
    statement = {"motivation": "Invented: agreed.", "supplier": str(uuid4()), "category": "forced_labour"}
    return {
        "POST /cases/{reference}/link": {"motivation": "Invented: for that.", "to": other_case, "kind": "reprisal"},
        "POST /cases/{reference}/releases/preview": statement,
        "POST /cases/{reference}/releases": statement | {"seen": "0" * 64},
        "POST /door/messages": {"receipt": "", "sealed": box},
        "POST /door/erase": {"receipt": "", "what": "identity", "copied": "taken", "pressure": "no"},
        "POST /door/withdraw": {"receipt": "", "pressure": "no"},
        "POST /door/survey": {"receipt": "", "answers": {"predictable": 4}},
    }


def outcome(response: httpx.Response) -> str:
    """The sign for an answer."""
    if response.status_code in (401, 403):
        return "-"
    if response.status_code == 404 and response.json()["code"] in SAME_FOR_ALL:
        return "?"
    return "+"


@pytest.mark.parametrize(("endpoint", "caller"), GRID)
async def test_a_caller_is_let_in_where_the_table_says_and_nowhere_else(
    world: World, endpoint: str, caller: str
) -> None:
    await world.restore()

    response = await world.ask(endpoint, caller)

    assert outcome(response) == GRID[endpoint, caller], response.text
    assert response.status_code not in (405, 429, 500)
    assert response.status_code != 422 or caller not in ("handler", "assigned"), response.text


@pytest.mark.parametrize("endpoint", [one for one, caller in GRID if GRID[one, caller] == "?" and caller == "handler"])
async def test_anothers_case_is_answered_as_one_that_does_not_exist(world: World, endpoint: str) -> None:
    await world.restore()

    others, none = [await world.ask(endpoint, "handler", one) for one in (world.reference, "R-0000-0000-0000")]

    bodies = [{name: one.json()[name] for name in ("status", "code", "detail", "title")} for one in (others, none)]
    assert bodies[0] == bodies[1]
    assert {name: others.headers[name] for name in others.headers if name != "x-request-id"} == {
        name: none.headers[name] for name in none.headers if name != "x-request-id"
    }


def test_the_table_has_every_endpoint(world: World) -> None:
    documented = {
        f"{method.upper()} {path}" for path, methods in world.app.openapi()["paths"].items() for method in methods
    }
    repairs = {"GET /dead-letters", "POST /dead-letters/{id}/replay", "POST /dead-letters/{id}/discard"}

    known = documented | repairs | {"GET /openapi.json"}
    assert (known - set(TABLE["endpoints"]), set(TABLE["endpoints"]) - known) == (set(), set())
