"""What operators are answered who open engagements of working groups with suppliers."""

from uuid import UUID, uuid4

import httpx
import pytest

from shared.events.remedy import EngagementOpened
from shared.events.vocabulary import GroupRole
from tests.conftest import Schema
from tests.remedy.given import (
    OPERATOR_KEY,
    PROPOSE_FOR_FLAGS,
    PROPOSE_FOR_GROUPS,
    data_of,
    flag,
    group,
    handle,
    published,
)

OPERATOR = {"authorization": f"Bearer {OPERATOR_KEY}"}
ACME = UUID(int=1)


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


@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer the-key-of-nobody"}])
async def test_only_operators_work_on_engagements(client: httpx.AsyncClient, headers: dict[str, str]) -> None:
    assert (await client.get("/engagements", headers=headers)).status_code == 401
    assert (await client.post(f"/engagements/{uuid4()}/open", headers=headers, json=OPENING)).status_code == 401
