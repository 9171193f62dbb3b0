"""What case handlers, operators and senders are answered."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from services.remedy.domain import key_id_of
from services.remedy.schedule import fire_deadlines
from shared import sealing
from shared.events.lifecycles import CaseReason, CaseState
from shared.events.remedy import CaseMoved, DeadlineMissed, EngagementOpened, TrusteeKeyPublished
from shared.events.vocabulary import GroupRole
from shared.service import Runtime
from tests.conftest import Schema
from tests.remedy.given import (
    HANDLER_KEY,
    OPEN_CASES,
    OPERATOR_KEY,
    PROPOSE_FOR_FLAGS,
    PROPOSE_FOR_GROUPS,
    PUBLIC_KEY,
    data_of,
    flag,
    group,
    handle,
    let_age,
    published,
    received,
    sealed,
)

HANDLER = {"authorization": f"Bearer {HANDLER_KEY}"}
OPERATOR = {"authorization": f"Bearer {OPERATOR_KEY}"}
ACME = UUID(int=1)
MOTIVATION = {"motivation": "First reading, to acknowledge it"}


async def open_case(schema: Schema, *, ago: timedelta = timedelta(days=1), box: str | None = None) -> tuple[UUID, str]:
    """A case with its reference."""
    case = uuid4()
    async with schema.pool.acquire() as connection, connection.transaction():
        await handle(OPEN_CASES, connection, received(case=case, box=box))
        await let_age(connection, [case], ago)
    rows = await schema.rows("SELECT reference FROM grievance_case WHERE case_id = $1", case)
    return case, rows[0]["reference"]


async def list_cases(client: httpx.AsyncClient, **params: str) -> list[dict[str, Any]]:
    answer = await client.get("/cases", headers=HANDLER, params=params)
    assert answer.status_code == 200
    found: list[dict[str, Any]] = answer.json()
    return found


# The trustee's key.


async def test_anybody_may_ask_for_the_trustees_key_which_is_announced_by_then(
    client: httpx.AsyncClient, schema: Schema
) -> None:
    answers = [(await client.get("/keys")).json() for _ in range(2)]

    assert answers[0] == answers[1]
    assert answers[0]["public_key"] == PUBLIC_KEY
    assert answers[0]["key"] == key_id_of(PUBLIC_KEY)
    (announced,) = data_of(await published(schema.pool), TrusteeKeyPublished)
    assert announced.valid_to.isoformat() == answers[0]["valid_to"].replace("Z", "+00:00")


# Cases.


async def test_a_list_shows_references_and_deadlines_and_neither_case_nor_content(
    client: httpx.AsyncClient, schema: Schema
) -> None:
    case, reference = await open_case(schema)

    answer = await client.get("/cases", headers=HANDLER)

    (shown,) = answer.json()
    assert {name: shown[name] for name in ("reference", "kind", "state", "openable")} == {
        "reference": reference,
        "kind": "grievance",
        "state": "received",
        "openable": True,
    }
    assert [(deadline["kind"], deadline["state"]) for deadline in shown["deadlines"]] == [("acknowledge", "running")]
    assert str(case) not in answer.text
    assert answer.headers["cache-control"] == "no-store"


async def test_what_is_due_next_comes_first_and_what_needs_nothing_last(
    client: httpx.AsyncClient, schema: Schema
) -> None:
    ages = [3, 8, 1, 6]
    references = {age: (await open_case(schema, ago=timedelta(days=age)))[1] for age in ages}
    await client.post(f"/cases/{references[8]}/acknowledge", headers=HANDLER)

    shown = await list_cases(client)

    assert [case["reference"] for case in shown] == [references[age] for age in (6, 3, 1, 8)]
    assert [case["deadlines"][0]["state"] for case in shown] == ["near", "running", "running", "met_late"]
    assert [case["reference"] for case in await list_cases(client, state="acknowledged")] == [references[8]]
    assert len(await list_cases(client, limit="2")) == 2


async def test_an_acknowledged_case_has_met_its_deadline(
    client: httpx.AsyncClient, schema: Schema, runtime: Runtime
) -> None:
    case, reference = await open_case(schema, ago=timedelta(days=6))

    answer = await client.post(f"/cases/{reference.lower()}/acknowledge", headers=HANDLER)

    assert (answer.status_code, answer.json()) == (200, {"reference": reference, "state": "acknowledged"})
    (moved,) = [(topic, event) for topic, event in await published(schema.pool) if isinstance(event.data, CaseMoved)]
    assert moved[0] == "restricted.case"
    assert moved[1].data == CaseMoved(
        case=case, before=CaseState.RECEIVED, after=CaseState.ACKNOWLEDGED, reason=CaseReason.NEXT_STEP
    )
    assert moved[1].id.version == 4
    assert (await list_cases(client))[0]["deadlines"][0]["state"] == "met"
    await fire_deadlines(runtime)
    assert not data_of(await published(schema.pool), DeadlineMissed)


async def test_a_case_is_acknowledged_once(client: httpx.AsyncClient, schema: Schema) -> None:
    _, reference = await open_case(schema)

    answers = [await client.post(f"/cases/{reference}/acknowledge", headers=HANDLER) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 409]
    assert answers[1].json()["code"] == "already_acknowledged"
    assert len(data_of(await published(schema.pool), CaseMoved)) == 1


async def test_a_late_acknowledgement_is_taken_and_the_missed_deadline_stays_missed(
    client: httpx.AsyncClient, schema: Schema, runtime: Runtime
) -> None:
    _, reference = await open_case(schema, ago=timedelta(days=8))
    await fire_deadlines(runtime)
    fired = (await schema.rows("SELECT fired_event FROM deadline"))[0]["fired_event"]

    answer = await client.post(f"/cases/{reference}/acknowledge", headers=HANDLER)

    assert answer.status_code == 200
    assert (await list_cases(client))[0]["deadlines"][0]["state"] == "met_late"
    assert (await schema.rows("SELECT fired_event FROM deadline"))[0]["fired_event"] == fired
    assert len(data_of(await published(schema.pool), DeadlineMissed)) == 1


async def test_what_a_sender_sealed_a_handler_reads_and_the_motivation_is_recorded(
    client: httpx.AsyncClient, schema: Schema
) -> None:
    text = "Two months of wages are missing.\nLønn mangler. 欠薪。"
    case, reference = await open_case(schema, box=sealed(text))

    answer = await client.post(f"/cases/{reference}/open", headers=HANDLER, json=MOTIVATION)

    assert answer.json() == {"reference": reference, "kind": "grievance", "text": text, "base64": None}
    assert answer.headers["cache-control"] == "no-store"
    (opening,) = await schema.rows("SELECT case_id, motivation FROM opening WHERE at <= now()")
    assert tuple(opening) == (case, MOTIVATION["motivation"])
    assert len(await published(schema.pool)) == 3


async def test_testimony_that_is_no_text_is_given_as_it_is(client: httpx.AsyncClient, schema: Schema) -> None:
    raw = bytes(range(256))
    _, reference = await open_case(schema, box=sealing.seal(raw, PUBLIC_KEY, sealing.TESTIMONY))

    answer = (await client.post(f"/cases/{reference}/open", headers=HANDLER, json=MOTIVATION)).json()

    assert answer["text"] is None
    assert sealing.decode(answer["base64"]) == raw


async def test_a_box_for_another_key_is_listed_and_cannot_be_opened(client: httpx.AsyncClient, schema: Schema) -> None:
    _, reference = await open_case(schema, box=sealed(public_key=sealing.generate_key()[1]))

    answer = await client.post(f"/cases/{reference}/open", headers=HANDLER, json=MOTIVATION)

    assert (await list_cases(client))[0]["openable"] is False
    assert (answer.status_code, answer.json()["code"]) == (409, "cannot_open")
    assert not await schema.rows("SELECT 1 FROM opening")


@pytest.mark.parametrize("motivation", ["", "   ", "x" * 501, "two\nlines", "\x00", None])
async def test_no_box_is_opened_without_a_motivation(
    client: httpx.AsyncClient, schema: Schema, motivation: str | None
) -> None:
    _, reference = await open_case(schema)

    answer = await client.post(f"/cases/{reference}/open", headers=HANDLER, json={"motivation": motivation})

    assert answer.status_code == 422
    assert "xxx" not in answer.text
    assert not await schema.rows("SELECT 1 FROM opening")


@pytest.mark.parametrize("action", ["acknowledge", "open"])
async def test_an_unknown_a_mistyped_and_an_impossible_reference_are_answered_alike(
    client: httpx.AsyncClient, schema: Schema, action: str
) -> None:
    case, reference = await open_case(schema)
    wrong = reference[:-1] + ("0" if reference[-1] != "0" else "1")
    strangers = ["R-0000-0000-0000", wrong, "nonsense", str(case), "R-%00%00", "r-%F0%9F%92%A9"]

    answers = [await client.post(f"/cases/{it}/{action}", headers=HANDLER, json=MOTIVATION) for it in strangers]

    assert {answer.status_code for answer in answers} == {404}
    told = [{name: said for name, said in answer.json().items() if name != "instance"} for answer in answers]
    assert all(one == told[0] for one in told)
    assert {answer.headers["cache-control"] for answer in answers} == {"no-store"}
    headers = [{(name, said) for name, said in one.headers.items() if name != "x-request-id"} for one in answers]
    assert all(one == headers[0] for one in headers)


@pytest.mark.parametrize("headers", [{}, OPERATOR, {"authorization": "Bearer guess"}, {"authorization": "Basic x"}])
async def test_only_case_handlers_hear_anything_of_cases(
    client: httpx.AsyncClient, schema: Schema, headers: dict[str, str]
) -> None:
    _, reference = await open_case(schema)

    for known in (reference, "R-0000-0000-0000"):
        for action in ("acknowledge", "open"):
            answer = await client.post(f"/cases/{known}/{action}", headers=headers, json=MOTIVATION)
            assert answer.status_code == 401
    assert (await client.get("/cases", headers=headers)).status_code == 401
    assert not await schema.rows("SELECT 1 FROM opening")


async def test_there_is_no_count_of_testimony(client: httpx.AsyncClient) -> None:
    for headers in (OPERATOR, HANDLER):
        assert (await client.get("/cases/summary", headers=headers)).status_code == 404


# Engagements.


async def propose(schema: Schema) -> UUID:
    """An engagement that the group "acme" may open."""
    async with schema.pool.acquire() as connection, connection.transaction():
        await handle(PROPOSE_FOR_GROUPS, connection, group("acme", suppliers=[ACME]))
        await handle(PROPOSE_FOR_FLAGS, connection, flag(ACME), flag(ACME))
    engagement: UUID = (await schema.rows("SELECT engagement_id FROM engagement"))[0][0]
    return engagement


OPENING = {"objective": "Recruitment fees are repaid.", "role": "lead"}


async def test_a_person_opens_an_engagement_once(client: httpx.AsyncClient, schema: Schema) -> None:
    engagement = await propose(schema)

    answers = [await client.post(f"/engagements/{engagement}/open", headers=OPERATOR, json=OPENING) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 409]
    assert answers[0].json()["state"] == "opened"
    assert answers[1].json()["code"] == "already_open"
    found = await published(schema.pool)
    (opened,) = data_of(found, EngagementOpened)
    assert (opened.objective, opened.opened_by, opened.workinggroup) == (OPENING["objective"], GroupRole.LEAD, "acme")
    assert len(opened.flags) == 2
    assert [topic for topic, event in found if event.data is opened] == ["group.acme.engagement"]


async def test_a_flag_after_the_opening_is_added_and_changes_nothing_else(
    client: httpx.AsyncClient, schema: Schema
) -> None:
    engagement = await propose(schema)
    await client.post(f"/engagements/{engagement}/open", headers=OPERATOR, json=OPENING)
    before = await published(schema.pool)

    async with schema.pool.acquire() as connection, connection.transaction():
        await handle(PROPOSE_FOR_FLAGS, connection, flag(ACME))

    (shown,) = (await client.get("/engagements", headers=OPERATOR)).json()
    assert (shown["state"], len(shown["flags"])) == ("opened", 3)
    assert await published(schema.pool) == before


async def test_engagements_are_listed_by_working_group(client: httpx.AsyncClient, schema: Schema) -> None:
    engagement = await propose(schema)

    (shown,) = (await client.get("/engagements", headers=OPERATOR, params={"workinggroup": "acme"})).json()

    assert shown["engagement"] == str(engagement)
    assert (shown["state"], shown["supplier_name"], shown["objective"]) == ("proposed", "Example Electronics", None)
    assert (await client.get("/engagements", headers=OPERATOR, params={"workinggroup": "other"})).json() == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"objective": "Repaid.", "role": "other"},
        {"objective": "Repaid.", "role": "boss"},
        {"objective": "", "role": "lead"},
        {"objective": "Repaid.", "role": "lead", "case": "R-0000-0000-0000"},
    ],
)
async def test_an_opening_without_objective_and_role_is_refused(
    client: httpx.AsyncClient, schema: Schema, body: dict[str, str]
) -> None:
    engagement = await propose(schema)

    answer = await client.post(f"/engagements/{engagement}/open", headers=OPERATOR, json=body)

    assert answer.status_code == 422
    assert not data_of(await published(schema.pool), EngagementOpened)


async def test_an_unknown_engagement_is_not_found(client: httpx.AsyncClient) -> None:
    answer = await client.post(f"/engagements/{uuid4()}/open", headers=OPERATOR, json=OPENING)

    assert (answer.status_code, answer.json()["code"]) == (404, "engagement_unknown")


@pytest.mark.parametrize("headers", [{}, HANDLER])
async def test_only_operators_work_on_engagements(client: httpx.AsyncClient, headers: dict[str, str]) -> None:
    assert (await client.get("/engagements", headers=headers)).status_code == 401
    assert (await client.post(f"/engagements/{uuid4()}/open", headers=headers, json=OPENING)).status_code == 401
