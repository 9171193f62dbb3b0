"""Who a reporter is: a handler asks, somebody else decides, and only who asked may see it, for a time."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from asyncpg import Record

from services.remedy.domain.people import Role
from services.remedy.office import Office
from services.remedy.store import contents
from services.remedy.vault import Part, Writing
from shared.events.remedy import CaseErased, MailRequested
from shared.events.remedy.words import Erased, ErasureBasis, MailKind, Party
from tests.conftest import Schema
from tests.remedy.given import Keyed, assign, data_of, kept_case, published, somebody

NAME, PHONE = "Invented Worker", "+000 000"
WHY = {"motivation": "The back pay is paid out by name."}


@pytest.fixture
async def case(schema: Schema, office: Office) -> Record:
    """A case whose reporter told who they are."""
    async with office.runtime.transaction() as tx:
        row = await kept_case(tx)
        await office.vault.make_keys([row["case_id"]])
        told = [Writing(Part.IDENTITY, NAME.encode()), Writing(Part.CONTACT, PHONE.encode())]
        told.append(Writing(Part.NARRATIVE, b"The wages of two months are missing."))
        await contents.insert(tx, await office.vault.seal(row["case_id"], told), Party.REPORTER)
    return row


@pytest.fixture
async def handler(schema: Schema, case: Record) -> Keyed:
    """A handler of the case, who is a custodian as well."""
    keyed = await somebody(schema.pool, Role.HANDLER, Role.CUSTODIAN, name="amina")
    await assign(schema.pool, case["case_id"], keyed)
    return keyed


@pytest.fixture
async def custodian(schema: Schema) -> Keyed:
    return await somebody(schema.pool, Role.CUSTODIAN, name="bela")


class Desk:
    """What people do about the identity of one case."""

    def __init__(self, client: httpx.AsyncClient, case: Record) -> None:
        self.client = client
        self.path = f"/cases/{case['reference']}/identity"

    async def ask(self, who: Keyed) -> httpx.Response:
        return await self.client.post(f"{self.path}/requests", json=WHY, headers=who.headers)

    async def waiting(self, who: Keyed) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.client.get("/identity/requests", headers=who.headers)).json()
        return found

    async def decide(self, who: Keyed, request: str, granted: bool) -> httpx.Response:
        body = {"granted": granted, "motivation": "There is no other way to pay."}
        return await self.client.post(f"/identity/requests/{request}/decision", json=body, headers=who.headers)

    async def read(self, who: Keyed) -> httpx.Response:
        return await self.client.post(f"{self.path}/readings", headers=who.headers)

    async def standing(self, who: Keyed) -> dict[str, Any]:
        found: dict[str, Any] = (await self.client.get(f"{self.path}/standing", headers=who.headers)).json()
        return found

    async def asked(self, who: Keyed, custodian: Keyed) -> str:
        """A request that waits; its id."""
        assert (await self.ask(who)).status_code == 201
        request: str = (await self.waiting(custodian))[-1]["request"]
        return request

    async def granted(self, who: Keyed, custodian: Keyed) -> str:
        """A request that was granted; its id."""
        request = await self.asked(who, custodian)
        answer = await self.decide(custodian, request, True)
        assert answer.status_code == 200, answer.text
        return request


@pytest.fixture
def desk(client: httpx.AsyncClient, case: Record) -> Desk:
    return Desk(client, case)


async def actions(schema: Schema) -> list[tuple[str, str | None]]:
    """What the audit holds: actions, and by whom."""
    rows = await schema.rows(
        """SELECT action, name FROM audit_entry LEFT JOIN person USING (person_id) ORDER BY position"""
    )
    return [(row["action"], row["name"]) for row in rows]


# From request to reading


async def test_a_custodian_who_handles_the_case_decides_on_no_request_of_it(
    schema: Schema, desk: Desk, case: Record, handler: Keyed, custodian: Keyed
) -> None:
    request = await desk.asked(handler, custodian)
    colleague = await somebody(schema.pool, Role.HANDLER, Role.CUSTODIAN, name="dora")
    await assign(schema.pool, case["case_id"], colleague)

    answer = await desk.decide(colleague, request, True)

    assert (answer.status_code, answer.json()["code"]) == (403, "own_request")
    assert await desk.waiting(colleague) == []
    assert (await desk.standing(handler))["waiting"] is True


async def test_identity_opens_after_another_persons_decision(
    schema: Schema, desk: Desk, handler: Keyed, custodian: Keyed
) -> None:
    await desk.granted(handler, custodian)

    answer = await desk.read(handler)

    assert [(one["part"], one["text"]) for one in answer.json()] == [("identity", NAME), ("contact", PHONE)]
    assert answer.headers["cache-control"] == "no-store"
    assert await actions(schema) == [
        ("identity_asked", "amina"),
        ("identity_granted", "bela"),
        ("identity_read", "amina"),
    ]


async def test_each_reading_is_audited_with_the_reasons_of_the_grant(
    schema: Schema, desk: Desk, handler: Keyed, custodian: Keyed
) -> None:
    await desk.granted(handler, custodian)
    (request,) = await schema.rows("SELECT * FROM identity_request")

    await desk.read(handler)
    await desk.read(handler)

    rows = await schema.rows("SELECT contents FROM audit_entry WHERE action = 'identity_read'")
    assert [row["contents"] for row in rows] == [[request["motivation"], request["decision"]]] * 2


async def test_custodians_are_told_by_mail_which_names_nobody(
    schema: Schema, desk: Desk, case: Record, handler: Keyed
) -> None:
    await desk.ask(handler)

    (mail,) = data_of(await published(schema.pool), MailRequested)
    assert (mail.reference, mail.kind) == (case["reference"], MailKind.DECISION_AWAITED)


async def test_who_decides_reads_why_and_nothing_else_of_the_case(
    schema: Schema, desk: Desk, case: Record, handler: Keyed, custodian: Keyed
) -> None:
    request = await desk.asked(handler, custodian)

    answer = await desk.client.post(f"/identity/requests/{request}/readings", headers=custodian.headers)

    (listed,) = await desk.waiting(custodian)
    assert listed["asked_by"] == "amina"
    assert answer.json() == listed | WHY
    assert str(case["case_id"]) not in answer.text
    assert (await actions(schema))[-1] == ("read", "bela")


async def test_motivations_are_kept_sealed(schema: Schema, desk: Desk, handler: Keyed, custodian: Keyed) -> None:
    await desk.granted(handler, custodian)

    rows = await schema.rows("SELECT ciphertext FROM content WHERE part = 'note'")

    assert len(rows) == 2
    assert not any(b"pay" in row["ciphertext"] for row in rows)


# What keeps it closed


def closed(answer: httpx.Response) -> dict[str, Any]:
    """The answer to whoever has no grant, without the name of the request."""
    assert answer.status_code == 403
    return {name: value for name, value in answer.json().items() if name != "instance"}


async def test_denied_ended_anothers_and_no_grant_are_answered_alike(
    schema: Schema, desk: Desk, case: Record, handler: Keyed, custodian: Keyed
) -> None:
    colleague = await somebody(schema.pool, Role.HANDLER, name="dora")
    await assign(schema.pool, case["case_id"], colleague)
    never = closed(await desk.read(handler))

    waits = await desk.asked(handler, custodian)
    waiting = closed(await desk.read(handler))
    await desk.decide(custodian, waits, False)
    denied = closed(await desk.read(handler))
    standing = await desk.standing(handler)
    await desk.granted(handler, custodian)
    anothers = closed(await desk.read(colleague))
    await let_grants_end(schema)
    ended = closed(await desk.read(handler))

    assert never["code"] == "identity_closed"
    assert waiting == denied == anothers == ended == never
    assert standing == await desk.standing(handler) == {"waiting": False, "until": None}


async def let_grants_end(schema: Schema) -> None:
    await schema.pool.execute("UPDATE identity_request SET until = now() - interval '1 second' WHERE granted")


async def test_a_grant_holds_for_the_hours_that_are_set(desk: Desk, handler: Keyed, custodian: Keyed) -> None:
    request = await desk.asked(handler, custodian)

    answer = await desk.decide(custodian, request, True)

    until = datetime.fromisoformat(answer.json()["until"])
    assert timedelta(hours=23, minutes=59) < until - datetime.now(until.tzinfo) <= timedelta(hours=24, minutes=1)
    assert (await desk.standing(handler))["until"] == answer.json()["until"]


async def test_nobody_decides_on_a_request_of_their_own(
    schema: Schema, desk: Desk, handler: Keyed, custodian: Keyed
) -> None:
    request = await desk.asked(handler, custodian)

    answers = [await desk.decide(handler, request, granted) for granted in (True, False)]
    answers.append(await desk.client.post(f"/identity/requests/{request}/readings", headers=handler.headers))

    assert [(one.status_code, one.json()["code"]) for one in answers] == [(403, "own_request")] * 3
    assert await desk.waiting(handler) == []
    assert len(await desk.waiting(custodian)) == 1


async def test_the_database_itself_refuses_who_decides_for_themselves(
    schema: Schema, desk: Desk, handler: Keyed
) -> None:
    await desk.ask(handler)

    with pytest.raises(Exception, match="identity_request_check"):
        await schema.pool.execute("UPDATE identity_request SET decided_by = asked_by")


async def test_a_decision_is_made_once(desk: Desk, handler: Keyed, custodian: Keyed) -> None:
    request = await desk.asked(handler, custodian)

    answers = await asyncio.gather(*(desk.decide(custodian, request, granted) for granted in (False, True, False)))

    assert sorted(one.status_code for one in answers) == [200, 409, 409]
    assert {one.json().get("code") for one in answers if one.status_code == 409} == {"already_decided"}


async def test_one_request_of_a_handler_waits_at_a_time(schema: Schema, desk: Desk, handler: Keyed) -> None:
    answers = await asyncio.gather(*(desk.ask(handler) for _ in range(3)))

    assert sorted(one.status_code for one in answers) == [201, 409, 409]
    assert len(await schema.rows("SELECT FROM identity_request")) == 1


async def test_a_handler_asks_for_assigned_cases_only(schema: Schema, desk: Desk) -> None:
    other = await somebody(schema.pool, Role.HANDLER)

    answers = [await desk.ask(other), await desk.read(other)]

    assert [(one.status_code, one.json()["code"]) for one in answers] == [(404, "case_unknown")] * 2


async def test_a_grant_ends_with_the_assignment_and_does_not_come_back_with_it(
    schema: Schema, desk: Desk, case: Record, handler: Keyed, custodian: Keyed
) -> None:
    coordinator = await somebody(schema.pool, Role.COORDINATOR)
    path = f"/cases/{case['reference']}/handlers"
    await desk.granted(handler, custodian)

    await desk.client.delete(f"{path}/amina", headers=coordinator.headers)
    away = await desk.read(handler)
    await desk.client.post(path, json={"name": "amina"}, headers=coordinator.headers)

    assert away.status_code == 404
    assert closed(await desk.read(handler))["code"] == "identity_closed"


async def test_a_request_ends_with_the_assignment(
    schema: Schema, desk: Desk, case: Record, handler: Keyed, custodian: Keyed
) -> None:
    coordinator = await somebody(schema.pool, Role.COORDINATOR)
    path = f"/cases/{case['reference']}/handlers"
    request = await desk.asked(handler, custodian)

    await desk.client.delete(f"{path}/amina", headers=coordinator.headers)
    await desk.client.post(path, json={"name": "amina"}, headers=coordinator.headers)

    assert await desk.waiting(custodian) == []
    assert (await desk.decide(custodian, request, True)).json()["code"] == "request_unknown"


async def test_only_custodians_decide(schema: Schema, desk: Desk, handler: Keyed, custodian: Keyed) -> None:
    request = await desk.asked(handler, custodian)
    others = [await somebody(schema.pool, role) for role in (Role.HANDLER, Role.COORDINATOR, Role.AUDITOR)]

    answers = [await desk.decide(other, request, True) for other in others]

    assert {(one.status_code, one.json()["code"]) for one in answers} == {(403, "role_missing")}


@pytest.mark.parametrize("what", [Erased.IDENTITY, Erased.CONTENT])
async def test_what_was_erased_can_neither_be_asked_for_nor_read(
    schema: Schema, office: Office, desk: Desk, case: Record, handler: Keyed, custodian: Keyed, what: Erased
) -> None:
    await desk.granted(handler, custodian)
    erased = CaseErased(case=case["case_id"], basis=ErasureBasis.TWO_PERSONS, what=what)
    await office.vault.destroy(case["case_id"], what)
    await schema.pool.execute(
        """INSERT INTO case_fact SELECT $1, max(position) + 1, now(), 'handler', $2, $3 FROM case_fact""",
        case["case_id"],
        erased.type,
        erased.encoded.decode(),
    )

    asked, opened = await desk.ask(handler), await desk.read(handler)

    assert (asked.status_code, asked.json()["errors"][0]["code"]) == (409, "erased")
    assert (opened.status_code, opened.json()["code"]) == (409, "key_gone")


async def test_a_grant_that_nobody_decided_shows_in_the_audit(
    schema: Schema, desk: Desk, case: Record, handler: Keyed, custodian: Keyed
) -> None:
    auditor = await somebody(schema.pool, Role.AUDITOR)
    await desk.granted(handler, custodian)
    whole = (await desk.client.get("/audit/chain", headers=auditor.headers)).json()["unaccounted"]

    await schema.pool.execute(
        """INSERT INTO identity_request (request_id, case_id, asked_by, motivation, decided_by, decided_at, granted,
                                         decision, until)
           SELECT gen_random_uuid(), case_id, asked_by, motivation, decided_by, now(), true,
                  gen_random_uuid(), 'infinity'
           FROM identity_request"""
    )

    found = (await desk.client.get("/audit/chain", headers=auditor.headers)).json()["unaccounted"]
    assert not [one for one in whole if one["reference"]]
    assert [one for one in found if one["reference"]] == [{"name": "amina", "reference": case["reference"]}]


@pytest.mark.parametrize("body", [{}, {"motivation": ""}, {"motivation": "  "}, {"motivation": "x" * 2001}])
async def test_nobody_asks_without_a_motivation(desk: Desk, handler: Keyed, body: dict[str, str]) -> None:
    answer = await desk.client.post(f"{desk.path}/requests", json=body, headers=handler.headers)

    assert answer.status_code == 422


async def test_an_unknown_request_is_not_found(desk: Desk, custodian: Keyed) -> None:
    answer = await desk.decide(custodian, "5b0c8a52-1a0e-4e36-9d3e-2c9b5dd0a001", True)

    assert (answer.status_code, answer.json()["code"]) == (404, "request_unknown")
