"""What members are told of an entry: applied, refused with every reason, or not theirs; and what one would come to."""

from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID, uuid4

import httpx
import pytest

from shared.events.engagement_words import GroupEnd, Milestone
from shared.events.envelope import Classification
from shared.events.ingest import (
    DialogueWithdrawn,
    MilestoneRecorded,
    PracticeOffered,
    PracticeRecorded,
    WorkingGroupClosed,
)
from shared.events.vocabulary import Category, GroupRole, WithdrawalReason
from tests.conftest import Schema
from tests.remedy.engagement.shown import EVIDENCE, World, day, moment
from tests.remedy.given import OPERATOR_KEY, bearer, published


async def asked(client: httpx.AsyncClient, world: World, path: str, who: str = "oslo", **params: str) -> httpx.Response:
    """What a member is answered."""
    return await client.get(path, headers=bearer(world.keys[who]), params=params)


SKIPPED: dict[str, Any] = {"milestone": Milestone.M2_ISSUE_ACKNOWLEDGED, "reached_on": day(1)}


async def test_an_entry_that_was_applied_is_shown_to_its_group(client: httpx.AsyncClient, world: World) -> None:
    engagement = await world.open()
    ask = await world.ask(engagement)

    answer = await asked(client, world, f"/entries/{ask}", "bergen")

    assert answer.status_code == 200
    shown = answer.json()
    assert {name: shown[name] for name in ("entry", "subject", "standing", "withdrawal", "type")} == {
        "entry": str(ask),
        "subject": str(engagement),
        "standing": "applied",
        "withdrawal": None,
        "type": "ask.recorded.v1",
    }
    assert shown["stands"] == f"open at M0 since {day(30)}"
    assert shown["legal"][0] == "milestone M1 with evidence"


async def test_a_refused_entry_is_a_conflict_with_every_reason_where_it_stands_and_what_would_be_legal(
    client: httpx.AsyncClient, world: World
) -> None:
    engagement = await world.open()
    entry = await world.enter(MilestoneRecorded, "phones", engagement, **SKIPPED)

    answer = await asked(client, world, f"/entries/{entry}")

    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (problem["code"], set(problem["refusals"])) == ("state_conflict", {"step_skipped", "evidence_missing"})
    assert problem["standing"] == f"open at M0 since {day(30)}"
    assert problem["legal"][0] == "milestone M1 with evidence"
    assert {one["code"] for one in problem["errors"]} == set(problem["refusals"])
    assert all(one["remedy"] for one in problem["errors"])
    assert problem["standing"] in problem["detail"]


async def test_what_is_not_a_readers_or_not_decided_yet_looks_the_same(client: httpx.AsyncClient, world: World) -> None:
    ask = await world.ask(await world.open("network"), group="network")

    answers = [await asked(client, world, f"/entries/{entry}", "bergen") for entry in (ask, uuid4())]

    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.json()["code"] for answer in answers}) == 1
    assert answers[1].headers["retry-after"]
    operators = await client.get(f"/entries/{ask}", headers=bearer(OPERATOR_KEY))
    assert operators.status_code == 200


async def test_nobody_asks_without_a_key(client: httpx.AsyncClient, world: World) -> None:
    assert (await client.get(f"/entries/{uuid4()}")).status_code == 401
    assert (await client.post("/entries/check", json={"type": "ask.made.v1", "data": {}})).status_code == 401
    assert (await client.get("/practices")).status_code == 401


async def test_an_entry_shows_what_became_of_taking_it_back(client: httpx.AsyncClient, world: World) -> None:
    engagement = await world.open()
    ask = await world.ask(engagement)
    reached = await world.enter(
        MilestoneRecorded,
        "phones",
        engagement,
        milestone=Milestone.M1_CONCERN_RAISED,
        reached_on=day(2),
        evidence=(EVIDENCE,),
    )
    await world.move(engagement, Milestone.M2_ISSUE_ACKNOWLEDGED, days_ago=1)
    for entry in (ask, reached):
        said: dict[str, Any] = {"entry": entry, "reason": WithdrawalReason.SENT_BY_MISTAKE}
        await world.enter(DialogueWithdrawn, "phones", engagement, **said)

    gone, stands = [(await asked(client, world, f"/entries/{entry}")).json() for entry in (ask, reached)]

    assert (gone["standing"], gone["withdrawal"]["standing"]) == ("withdrawn", "applied")
    assert (stands["standing"], stands["withdrawal"]["refusals"]) == ("applied", ["rested_upon"])


def sent(world: World, engagement: UUID, **said: Any) -> dict[str, Any]:
    """An ask as a member would send it."""
    data = {
        "workinggroup": "phones",
        "engagement": str(engagement),
        "supplier": str(world.supplier),
        "ask": "Repay the fees.",
        "category": "forced_labour",
        "due": "2026-12-24",
    }
    return {"type": "ask.made.v1", "data": data | said}


async def check(
    client: httpx.AsyncClient, world: World, body: dict[str, Any], who: str = "oslo", **params: str
) -> httpx.Response:
    return await client.post("/entries/check", headers=bearer(world.keys[who]), json=body, params=params)


async def test_what_an_event_would_come_to_is_told_and_nothing_is_kept(
    client: httpx.AsyncClient, world: World, schema: Schema
) -> None:
    engagement = await world.open()
    before = len(await published(schema.pool))

    answer = await check(client, world, sent(world, engagement))

    assert answer.status_code == 200, answer.text
    (fact,) = answer.json()["would"]
    assert (fact["type"], fact["after"], fact["askers"]) == ("ask.moved.v1", "open", ["oslo"])
    assert len(await published(schema.pool)) == before
    assert len(await schema.rows("SELECT * FROM dialogue_entry")) == 1


async def test_what_would_be_refused_is_answered_as_if_it_had_been(client: httpx.AsyncClient, world: World) -> None:
    unknown = await check(client, world, sent(world, uuid4()))
    await world.add_group("small", oslo=GroupRole.SUPPORTING)
    opening = sent(world, uuid4(), workinggroup="small") | {"type": "opening.decided.v1"}
    for name in ("ask", "due"):
        del opening["data"][name]
    opening["data"] |= {"objective": "Fees are repaid.", "reason": "A report.", "decided_on": "2026-11-01"}
    by_role = await check(client, world, opening)

    assert (unknown.status_code, unknown.json()["refusals"]) == (409, ["engagement_unknown"])
    assert unknown.json()["legal"] == ["open it, with an objective and a reason"]
    assert (by_role.status_code, by_role.json()["refusals"]) == (409, ["role_may_not"])


async def test_only_a_member_of_the_group_asks_what_an_event_would_come_to(
    client: httpx.AsyncClient, world: World
) -> None:
    engagement = await world.open("network")
    body = sent(world, engagement, workinggroup="network")

    assert (await check(client, world, body, "bergen")).status_code == 404
    operators = await client.post("/entries/check", headers=bearer(OPERATOR_KEY), json=body)
    assert (operators.status_code, operators.json()["code"]) == (422, "member_missing")
    as_oslo = await client.post("/entries/check", headers=bearer(OPERATOR_KEY), json=body, params={"member": "oslo"})
    assert as_oslo.status_code == 200


async def test_nothing_more_would_be_taken_for_a_group_that_has_ended(client: httpx.AsyncClient, world: World) -> None:
    engagement = await world.open()
    closed = WorkingGroupClosed(workinggroup="phones", reason=GroupEnd.PURPOSE_ACHIEVED)
    await world.tell("follow_registry", closed, "phones")

    answer = await check(client, world, sent(world, engagement))

    assert (answer.status_code, answer.json()["code"]) == (409, "group_closed")


@pytest.mark.parametrize(
    ("change", "code", "pointer"),
    [
        ({"data": {"ask": ""}}, "string_too_short", "/data/ask"),
        ({"data": {"hostile": "<script>"}}, "extra_forbidden", "/data"),
        ({"data": {"due": "2026-13-40"}}, "day_invalid", "/data/due"),
    ],
)
async def test_bad_data_is_told_by_place_and_never_echoed(
    client: httpx.AsyncClient, world: World, change: dict[str, Any], code: str, pointer: str
) -> None:
    body = sent(world, uuid4())
    body["data"] |= change["data"]

    answer = await check(client, world, body)

    assert answer.status_code == 422
    assert [(one["code"], one["pointer"]) for one in answer.json()["errors"]] == [(code, pointer)]
    assert "script" not in answer.text


async def test_a_type_that_cannot_be_checked_is_refused_with_those_that_can(
    client: httpx.AsyncClient, world: World
) -> None:
    answer = await check(client, world, {"type": "testimony.submitted.v1", "data": {}})

    assert (answer.status_code, answer.json()["code"]) == (422, "type_not_checked")
    assert "ask.made.v1" in answer.json()["detail"]
    assert "testimony" not in answer.text


async def test_a_group_reads_its_own_practices_and_those_offered_to_it(client: httpx.AsyncClient, world: World) -> None:
    said: dict[str, Any] = {"title": "Notice boards", "description": "In all languages.", "evidence": (EVIDENCE,)}
    said |= {"category": Category.FORCED_LABOUR}
    own = PracticeRecorded(practice=uuid4(), member="oslo", supplier=world.supplier, **said)
    offer = PracticeOffered(practice=own.practice, offered_by="network", **said)
    for told, group in ((own, "network"), (offer, "phones")):
        await world.tell("follow_dialogue", told, str(own.practice), Classification.GROUP, workinggroup=group)

    both = (await asked(client, world, "/practices")).json()["items"]
    (offered,) = (await asked(client, world, "/practices", "bergen")).json()["items"]

    assert {one["workinggroup"] for one in both} == {"network", "phones"}
    assert (offered["offered_by"], offered["supplier"], offered["title"]) == ("network", None, "Notice boards")
    assert (await asked(client, world, "/practices", "bergen", workinggroup="network")).status_code == 404


async def test_practices_are_read_page_by_page_each_once_the_newest_first(
    client: httpx.AsyncClient, world: World
) -> None:
    for place in range(5):
        said: dict[str, Any] = {"title": f"Notice board {place}", "description": "In all languages."}
        told = PracticeRecorded(
            practice=uuid4(), member="oslo", category=Category.FORCED_LABOUR, evidence=(EVIDENCE,), **said
        )
        at = moment(100 - place // 2)
        about = str(told.practice)
        await world.tell("follow_dialogue", told, about, Classification.GROUP, workinggroup="network", at=at)

    following, titles = "/practices?limit=2", []
    while following:
        path, _, query = following.partition("?")
        page = (await asked(client, world, path, **dict(parse_qsl(query)))).json()
        assert len(page["items"]) <= 2
        titles += [one["title"][-1] for one in page["items"]]
        following = page["next"]

    assert sorted(titles) == list("01234") and titles[0] == "4"
