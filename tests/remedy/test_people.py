"""People who work on cases: their keys, their roles, and which case is theirs, over the real HTTP and Postgres."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest
from asyncpg import Record

from services.remedy.api.callers import PersonWith
from services.remedy.domain.people import RIGHTS, Right, Role
from services.remedy.office import Office
from shared.http import digest
from tests.conftest import Schema
from tests.remedy.given import OPERATOR_KEY, Keyed, assign, bearer, kept_case, somebody

OPERATOR = bearer(OPERATOR_KEY)
UNKNOWN = "R-0000-0000-0000"


@pytest.fixture
async def case(schema: Schema, office: Office) -> Record:
    """A case with its keys."""
    async with office.runtime.transaction() as tx:
        row = await kept_case(tx)
    await office.vault.make_keys([row["case_id"]])
    return row


async def add(client: httpx.AsyncClient, name: str, *roles: Role) -> str:
    """The key of somebody new."""
    answer = await client.post("/people", json={"name": name, "roles": list(roles)}, headers=OPERATOR)
    assert answer.status_code == 201, answer.text
    key: str = answer.json()["key"]
    return key


async def audited(schema: Schema) -> list[tuple[Any, ...]]:
    """What the audit holds, in order: action, who by name, whom it was done to by name, detail."""
    rows = await schema.rows(
        """SELECT action, p.name AS by, q.name AS about, detail FROM audit_entry e
           LEFT JOIN person p ON p.person_id = e.person_id LEFT JOIN person q ON q.person_id = e.about
           ORDER BY e.position"""
    )
    return [tuple(row) for row in rows]


# Keys


async def test_an_operator_gives_somebody_a_key_which_is_kept_as_its_digest(
    schema: Schema, client: httpx.AsyncClient
) -> None:
    key = await add(client, "amina", Role.HANDLER, Role.CUSTODIAN)

    answer = await client.get("/colleagues", headers=bearer(key))

    assert answer.json() == [{"name": "amina", "roles": ["custodian", "handler"]}]
    (row,) = await schema.rows("SELECT * FROM person")
    assert len(key) == 43, "256 bits in base64"
    assert row["key_sha256"] == digest(key)
    assert key not in str(dict(row))
    assert await audited(schema) == [("person_added", None, "amina", f"custodian,handler {digest(key)[:16]}")]


async def test_two_people_who_work_here_never_have_one_name(client: httpx.AsyncClient) -> None:
    await add(client, "amina", Role.HANDLER)

    answer = await client.post("/people", json={"name": "amina", "roles": ["auditor"]}, headers=OPERATOR)

    assert (answer.status_code, answer.json()["code"]) == (409, "name_taken")


async def test_an_ended_key_opens_nothing_and_answers_as_one_that_never_was(
    schema: Schema, client: httpx.AsyncClient, case: Record
) -> None:
    key = await add(client, "amina", Role.HANDLER)
    await schema.pool.execute("INSERT INTO assignment SELECT $1, person_id FROM person", case["case_id"])

    ended = await client.delete("/people/amina", headers=OPERATOR)

    assert ended.status_code == 204
    known, unknown = [await client.get("/colleagues", headers=bearer(one)) for one in (key, "never-given")]
    assert (known.status_code, known.json()["code"]) == (401, "key_unknown")
    assert without_instance(known) == without_instance(unknown)
    assert not await schema.rows("SELECT FROM assignment")
    assert (await audited(schema))[-1] == ("person_ended", None, "amina", "")
    assert (await client.get("/people", headers=OPERATOR)).json()[0]["ended"] is not None


async def test_a_rotated_key_ends_at_once(schema: Schema, client: httpx.AsyncClient) -> None:
    old = await add(client, "amina", Role.HANDLER)

    answer = await client.post("/people/amina/key", headers=OPERATOR)

    assert (await client.get("/colleagues", headers=bearer(old))).status_code == 401
    assert (await client.get("/colleagues", headers=bearer(answer.json()["key"]))).status_code == 200
    mark = digest(answer.json()["key"])[:16]
    assert (await audited(schema))[-1] == ("person_rekeyed", None, "amina", f"key {mark}")


async def test_with_a_rotated_key_what_was_granted_and_asked_for_ends(
    schema: Schema, client: httpx.AsyncClient, case: Record
) -> None:
    amina = await somebody(schema.pool, Role.HANDLER, name="amina")
    await assign(schema.pool, case["case_id"], amina)
    await schema.pool.execute(
        """INSERT INTO identity_request (request_id, case_id, asked_by, motivation, granted, decided_at, until)
           VALUES (gen_random_uuid(), $1, $2, gen_random_uuid(), true, now(), now() + interval '1 day')""",
        case["case_id"],
        amina.person.id,
    )

    rotated = await client.post("/people/amina/key", headers=bearer(OPERATOR_KEY))

    reading = f"/cases/{case['reference']}/identity/readings"
    answer = await client.post(reading, headers=bearer(rotated.json()["key"]))
    assert (answer.status_code, answer.json()["code"]) == (403, "identity_closed")


async def test_the_name_of_somebody_who_ended_can_be_given_again(client: httpx.AsyncClient) -> None:
    old = await add(client, "amina", Role.HANDLER)
    await client.delete("/people/amina", headers=OPERATOR)

    new = await add(client, "amina", Role.HANDLER)

    assert (await client.get("/colleagues", headers=bearer(old))).status_code == 401
    assert (await client.get("/colleagues", headers=bearer(new))).status_code == 200


@pytest.mark.parametrize("method, path", [("POST", "/people/nobody/key"), ("DELETE", "/people/nobody")])
async def test_nobody_is_not_found(client: httpx.AsyncClient, method: str, path: str) -> None:
    answer = await client.request(method, path, headers=OPERATOR)

    assert (answer.status_code, answer.json()["code"]) == (404, "person_unknown")


@pytest.mark.parametrize(
    "order",
    [
        {"name": "Amina", "roles": ["handler"]},
        {"name": "../amina", "roles": ["handler"]},
        {"name": "amina", "roles": []},
        {"name": "amina", "roles": ["king"]},
        {"name": "amina"},
        {"name": "amina", "roles": ["handler"], "key": "chosen"},
    ],
)
async def test_a_person_needs_a_short_name_and_known_roles(
    schema: Schema, client: httpx.AsyncClient, order: dict[str, object]
) -> None:
    answer = await client.post("/people", json=order, headers=OPERATOR)

    assert answer.status_code == 422
    assert not await schema.rows("SELECT FROM person")


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize(
    "method, path", [("POST", "/people"), ("GET", "/people"), ("POST", "/people/a/key"), ("DELETE", "/people/a")]
)
async def test_only_the_operator_says_who_works_here(
    schema: Schema, client: httpx.AsyncClient, role: Role, method: str, path: str
) -> None:
    keyed = await somebody(schema.pool, role, name="a")

    answer = await client.request(method, path, json={"name": "b", "roles": ["handler"]}, headers=keyed.headers)

    assert answer.status_code == 401
    assert [row["name"] for row in await schema.rows("SELECT name FROM person WHERE ended_at IS NULL")] == ["a"]


async def test_the_operator_is_nobody_who_works_on_cases(client: httpx.AsyncClient) -> None:
    assert (await client.get("/colleagues", headers=OPERATOR)).status_code == 401


# Rights


@pytest.mark.parametrize("right", list(Right))
@pytest.mark.parametrize("role", list(Role))
async def test_a_right_is_had_by_the_roles_that_are_named_for_it(
    schema: Schema, client: httpx.AsyncClient, case: Record, right: Right, role: Role
) -> None:
    keyed = await somebody(schema.pool, role)
    method, path = {
        Right.KNOW_COLLEAGUES: ("GET", "/colleagues"),
        Right.ASSIGN: ("GET", f"/cases/{case['reference']}/handlers"),
        Right.WORK_ON_CASE: ("GET", f"/cases/{UNKNOWN}/identity/standing"),
        Right.DECIDE: ("GET", "/identity/requests"),
        Right.READ_AUDIT: ("GET", "/audit/entries"),
    }[right]

    answer = await client.request(method, path, headers=keyed.headers)

    assert (answer.status_code == 403) is (role not in RIGHTS[right])
    if role not in RIGHTS[right]:
        assert answer.json()["code"] == "role_missing"


def test_a_dependency_tells_the_roles_that_it_asks_for() -> None:
    assert PersonWith(RIGHTS[Right.DECIDE]).roles == {Role.CUSTODIAN}


# Which case is whose


async def work(client: httpx.AsyncClient, keyed: Keyed, reference: str) -> httpx.Response:
    """Something that needs an assigned case."""
    return await client.get(f"/cases/{reference}/identity/standing", headers=keyed.headers)


def without_instance(answer: httpx.Response) -> dict[str, Any]:
    """A problem without the name of its request."""
    return {name: value for name, value in answer.json().items() if name != "instance"}


async def test_a_coordinator_assigns_a_case_and_takes_it_back(
    schema: Schema, client: httpx.AsyncClient, case: Record
) -> None:
    coordinator = await somebody(schema.pool, Role.COORDINATOR, name="bela")
    handler = await somebody(schema.pool, Role.HANDLER, name="amina")
    path = f"/cases/{case['reference']}/handlers"

    for _ in range(2):
        answer = await client.post(path, json={"name": "amina"}, headers=coordinator.headers)
        assert answer.json() == {"reference": case["reference"], "handlers": ["amina"]}
    assert (await work(client, handler, case["reference"])).status_code == 200
    for _ in range(2):
        answer = await client.delete(f"{path}/amina", headers=coordinator.headers)
        assert answer.json()["handlers"] == []

    assert (await work(client, handler, case["reference"])).status_code == 404
    assert await audited(schema) == [("assigned", "bela", "amina", ""), ("unassigned", "bela", "amina", "")]


async def test_a_case_of_another_answers_as_one_that_is_not_there(
    schema: Schema, client: httpx.AsyncClient, case: Record
) -> None:
    mine, other = await somebody(schema.pool, Role.HANDLER), await somebody(schema.pool, Role.HANDLER)
    await assign(schema.pool, case["case_id"], mine)

    answers = [await work(client, other, one) for one in (case["reference"], UNKNOWN, "mistyped", "%00")]

    assert {answer.status_code for answer in answers} == {404}
    assert all(without_instance(answer) == without_instance(answers[0]) for answer in answers)
    assert answers[0].json()["code"] == "case_unknown"


async def test_a_case_of_another_is_not_waited_for(schema: Schema, client: httpx.AsyncClient, case: Record) -> None:
    """Who waits while somebody works on a case would learn that there is one."""
    mine, other = await somebody(schema.pool, Role.HANDLER), await somebody(schema.pool, Role.HANDLER)
    await assign(schema.pool, case["case_id"], mine)

    async with schema.pool.acquire() as connection, connection.transaction():
        await connection.execute("SELECT FROM grievance_case FOR UPDATE")
        answer = await asyncio.wait_for(work(client, other, case["reference"]), timedelta(seconds=10).total_seconds())

    assert answer.status_code == 404


async def test_no_coordinator_assigns_a_case_to_themselves(
    schema: Schema, client: httpx.AsyncClient, case: Record
) -> None:
    both = await somebody(schema.pool, Role.COORDINATOR, Role.HANDLER, name="bela")

    answer = await client.post(f"/cases/{case['reference']}/handlers", json={"name": "bela"}, headers=both.headers)

    assert (answer.status_code, answer.json()["code"]) == (403, "own_assignment")
    assert not await schema.rows("SELECT FROM assignment")


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.CUSTODIAN, Role.AUDITOR])
async def test_only_handlers_are_assigned(schema: Schema, client: httpx.AsyncClient, case: Record, role: Role) -> None:
    coordinator = await somebody(schema.pool, Role.COORDINATOR)
    await somebody(schema.pool, role, name="cora")

    answer = await client.post(
        f"/cases/{case['reference']}/handlers", json={"name": "cora"}, headers=coordinator.headers
    )

    assert (answer.status_code, answer.json()["code"]) == (409, "no_handler")


async def test_a_handler_who_stepped_back_is_not_assigned_again(
    schema: Schema, client: httpx.AsyncClient, case: Record
) -> None:
    coordinator = await somebody(schema.pool, Role.COORDINATOR, name="bela")
    handler = await somebody(schema.pool, Role.HANDLER, name="amina")
    await assign(schema.pool, case["case_id"], handler)

    body = {"motivation": "I worked for this company."}
    answer = await client.post(f"/cases/{case['reference']}/recusal", json=body, headers=handler.headers)

    assert answer.status_code == 204
    assert (await work(client, handler, case["reference"])).status_code == 404
    again = await client.post(
        f"/cases/{case['reference']}/handlers", json={"name": "amina"}, headers=coordinator.headers
    )
    assert (again.status_code, again.json()["code"]) == (409, "recused")
    (entry,) = await schema.rows("SELECT * FROM audit_entry")
    (words,) = await schema.rows("SELECT * FROM content")
    assert (entry["action"], entry["contents"]) == ("recused", [words["content_id"]])
    assert b"company" not in words["ciphertext"]


async def test_a_handler_steps_back_without_a_word(schema: Schema, client: httpx.AsyncClient, case: Record) -> None:
    handler = await somebody(schema.pool, Role.HANDLER, name="amina")
    await assign(schema.pool, case["case_id"], handler)

    answer = await client.post(f"/cases/{case['reference']}/recusal", json={}, headers=handler.headers)

    assert answer.status_code == 204
    assert await audited(schema) == [("recused", "amina", None, "")]


async def test_somebody_whose_assignment_ends_meanwhile_does_not_act_any_more(
    schema: Schema, client: httpx.AsyncClient, case: Record
) -> None:
    handler = await somebody(schema.pool, Role.HANDLER)
    await assign(schema.pool, case["case_id"], handler)

    async with schema.pool.acquire() as connection, connection.transaction():
        await connection.execute("SELECT FROM grievance_case FOR UPDATE")
        await connection.execute("DELETE FROM assignment")
        waiting = asyncio.create_task(work(client, handler, case["reference"]))
        while not await schema.pool.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
            await asyncio.sleep(0)

    assert (await waiting).status_code == 404
