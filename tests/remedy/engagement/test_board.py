"""The board: where engagements stand, for whom, and what is due next."""

import json
import re
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from typer.testing import Result

from services.remedy import obligations
from services.remedy.commands.engagement.board import EMPTY
from services.remedy.commands.engagement.board import standing as standing_of
from services.remedy.commands.engagement.reading import GROUP_CLOSED
from shared.events.engagement_words import EscalationStep, GroupEnd, Milestone, RightsholderKind
from shared.events.ingest import (
    ConsultationRecorded,
    EscalationRecorded,
    MemberLeft,
    SupplierMerged,
    WorkingGroupClosed,
    WorkingGroupLeft,
)
from shared.events.risk import LeverageChanged
from shared.events.values import Money
from shared.events.vocabulary import Category, DecidedBy, GroupRole, MemberKind
from tests.conftest import Schema
from tests.remedy.engagement.shown import World, asked, day, ids, moment
from tests.remedy.given import OPERATOR_KEY, SETTINGS, bearer, flag
from tests.remedy.typing_in import engage, http_of, typed


async def test_an_engagement_stands_on_the_board_with_milestone_days_ask_owner_and_age(
    world: World, client: httpx.AsyncClient
) -> None:
    engagement = await world.open(days_ago=30)
    await world.move(engagement, Milestone.M1_CONCERN_RAISED, days_ago=10)
    ask = await world.ask(engagement, due=day(-20))

    [row] = (await asked(client, "/board", world.as_member("bergen")))["items"]

    assert (row["workinggroup"], row["supplier_name"], row["category"]) == (
        "phones",
        "Example Electronics",
        "freedom_of_association",
    )
    assert (row["state"], row["milestone"], row["days"], row["age"]) == ("open", "M1", 10, 30)
    assert row["next_due"] == {"day": day(-20).isoformat(), "kind": "ask", "about": str(ask), "overdue": False}
    assert (row["opened_by"], row["leads"], row["open_asks"]) == ("oslo", ["oslo"], 1)
    assert row["without_rightsholders"] is True and row["leverage"] is None


async def test_what_is_overdue_comes_first_then_what_is_due_next(world: World, client: httpx.AsyncClient) -> None:
    later, sooner, nothing, late = [await world.open(days_ago=40) for _ in range(4)]
    await world.ask(later, due=day(-30), days_ago=5)
    await world.ask(sooner, due=day(-3), days_ago=5)
    await world.ask(late, due=day(4), days_ago=20)

    for fired in (False, True):  # before the clock has told of what was missed, and after
        if fired:
            async with world.runtime.transaction() as tx:
                await obligations.fire_at(SETTINGS, tx, moment(0))
        board = (await asked(client, "/board"))["items"]

        assert ids(board) == [late, sooner, later, nothing]
        assert ids((await asked(client, "/board", overdue=True))["items"]) == [late]
        assert sooner in ids((await asked(client, "/board", due_within=7))["items"])
        shown = board[0]["overdue"], board[0]["next_due"] and board[0]["next_due"]["overdue"]
        assert shown == ((1, None) if fired else (0, True))


async def test_the_board_is_narrowed_by_group_supplier_state_milestone_and_days_at_it(
    world: World, client: httpx.AsyncClient
) -> None:
    other = uuid4()
    await world.name_supplier(other, "Sample Cables")
    young = await world.open(days_ago=5)
    old = await world.open(days_ago=200, group="network", supplier=other)
    reached = await world.open(days_ago=90)
    await world.move(reached, Milestone.M1_CONCERN_RAISED, days_ago=20)

    async def found(**query: Any) -> set[UUID]:
        return set(ids((await asked(client, "/board", **query))["items"]))

    assert await found(workinggroup="network") == {old}
    assert await found(supplier=str(other)) == await found(supplier="cables") == {old}
    assert await found(supplier="nobody of this name") == set()
    assert await found(milestone="M1") == {reached}
    assert await found(stalled=100) == {old}
    assert await found(state="closed") == set()
    assert await found(all=True) == {young, old, reached}


async def test_engagements_of_a_closed_group_are_shown_where_they_are_asked_for_and_say_so(
    world: World, client: httpx.AsyncClient
) -> None:
    goes_on = await world.open()
    over = await world.open(group="network")
    ended = WorkingGroupClosed(workinggroup="network", reason=GroupEnd.PURPOSE_ACHIEVED)
    await world.tell("follow_registry", ended, "network")

    async def found(**query: Any) -> dict[UUID, bool]:
        return {
            UUID(one["engagement"]): one["group_closed"] for one in (await asked(client, "/board", **query))["items"]
        }

    assert await found() == await found(state="open") == {goes_on: False}
    assert await found(all=True) == {goes_on: False, over: True}
    assert await found(workinggroup="network") == {over: True}
    assert GROUP_CLOSED in standing_of((await asked(client, "/board", workinggroup="network"))["items"][0])


async def test_a_supplier_is_found_and_named_by_what_it_turned_out_to_be(
    world: World, client: httpx.AsyncClient
) -> None:
    into = uuid4()
    await world.name_supplier(into, "Example Electronics Holding")
    engagement = await world.open()
    merged = SupplierMerged(supplier=world.supplier, into=into, decision=uuid4(), decided_by=DecidedBy.PERSON)
    await world.tell("follow_registry", merged, str(world.supplier))

    [row] = (await asked(client, "/board", supplier=str(into)))["items"]

    assert (row["engagement"], row["supplier"]) == (str(engagement), str(into))
    assert row["supplier_name"] == "Example Electronics Holding"
    assert ids((await asked(client, "/board", supplier="holding"))["items"]) == [engagement]
    assert ids((await asked(client, "/board", supplier=str(world.supplier)))["items"]) == [engagement]


async def test_a_member_sees_the_engagements_of_its_groups_and_no_others(
    world: World, client: httpx.AsyncClient
) -> None:
    shared, others = await world.open(), await world.open(group="network")

    assert ids((await asked(client, "/board", world.as_member("bergen")))["items"]) == [shared]
    assert set(ids((await asked(client, "/board", world.as_member("watch")))["items"])) == {shared, others}
    assert set(ids((await asked(client, "/board"))["items"])) == {shared, others}
    assert ids((await asked(client, "/board", member="bergen"))["items"]) == [shared]
    assert (await asked(client, "/board", world.as_member("bergen")))["total"] == 1
    hidden = await client.get("/board", params={"workinggroup": "network"}, headers=world.as_member("bergen"))
    missing = await client.get("/board", params={"workinggroup": "unheard-of"}, headers=world.as_member("bergen"))
    assert hidden.status_code == missing.status_code == 404
    assert without_instance(hidden) == without_instance(missing)


async def test_a_member_that_left_the_group_reads_it_no_more_and_one_that_left_engage_is_not_named(
    world: World, client: httpx.AsyncClient
) -> None:
    await world.open()
    await world.tell("follow_registry", WorkingGroupLeft(workinggroup="phones", member="bergen"), "phones")
    assert (await asked(client, "/board", world.as_member("bergen")))["items"] == []

    await world.tell("follow_registry", MemberLeft(member="oslo", kind=MemberKind.BUYER), "oslo")
    [row] = (await asked(client, "/board", world.as_member("watch")))["items"]

    assert row["opened_by"] is None and "oslo" not in json.dumps(row)
    assert (await client.get("/board", headers=world.as_member("oslo"))).status_code == 401


async def test_without_a_key_or_as_another_member_nothing_is_shown(world: World, client: httpx.AsyncClient) -> None:
    await world.open()

    assert (await client.get("/board")).status_code == 401
    as_another = await client.get("/board", params={"member": "oslo"}, headers=world.as_member("bergen"))
    assert (as_another.status_code, as_another.json()["code"]) == (403, "not_your_view")


@pytest.mark.parametrize("sort", ["due", "age", "milestone"])
async def test_pages_hold_each_engagement_once_in_order(world: World, client: httpx.AsyncClient, sort: str) -> None:
    opened = [await world.open(days_ago=40 - number) for number in range(5)]
    await world.ask(opened[3], due=day(-9))
    await world.move(opened[1], Milestone.M1_CONCERN_RAISED, days_ago=3)
    whole = (await asked(client, "/board", sort=sort))["items"]

    paged: list[Any] = []
    path: str | None = f"/board?sort={sort}&limit=2"
    while path is not None:
        page = (await client.get(path, headers=bearer(OPERATOR_KEY))).json()
        paged, path = paged + page["items"], page["next"]

    assert page["total"] == 5
    assert [row["engagement"] for row in paged] == [row["engagement"] for row in whole]
    assert set(ids(paged)) == set(opened)
    first = {"due": opened[3], "age": opened[0], "milestone": opened[0]}[sort]
    assert ids(paged)[0] == first


async def test_a_proposal_shows_its_reason_and_the_leverage_of_its_flag(
    world: World, client: httpx.AsyncClient
) -> None:
    await world.add_group("boards", oslo=GroupRole.LEAD)
    told = flag(world.supplier)
    async with world.runtime.transaction() as tx:
        await tx.execute("UPDATE working_group SET suppliers = ARRAY[$1::uuid] WHERE slug = 'boards'", world.supplier)
    assert told.data is not None
    await world.tell("follow_risk", told.data, str(world.supplier), at=moment(12))
    leverage = LeverageChanged(
        flag=told.data.model_dump()["flag"],
        supplier=world.supplier,
        category=Category.FORCED_LABOUR,
        buyers=4,
        contracts=7,
        values=(Money(amount="2000000", currency="EUR"),),
    )
    await world.tell("follow_risk", leverage, str(world.supplier))

    board = (await asked(client, "/board", world.as_member("oslo"), workinggroup="boards"))["items"]

    assert [(row["state"], row["milestone"], row["days"], row["age"]) for row in board] == [
        ("proposed", None, None, 12)
    ]
    assert board[0]["why"]
    assert board[0]["leverage"] == {"buyers": 4, "contracts": 7, "sums": [{"amount": "2000000", "currency": "EUR"}]}


async def test_consultations_and_the_ladder_are_on_the_board(world: World, client: httpx.AsyncClient) -> None:
    engagement = await world.open(days_ago=60)
    held: dict[str, Any] = {"rightsholders": RightsholderKind.UNION, "quarter": "2026-Q1"}
    await world.enter(ConsultationRecorded, "phones", engagement, **held)
    step: dict[str, Any] = {"step": EscalationStep.INFORMAL, "taken_on": day(2), "reason": "No answer came."}
    await world.enter(EscalationRecorded, "phones", engagement, **step)

    [row] = (await asked(client, "/board"))["items"]

    assert (row["consultations"], row["without_rightsholders"], row["escalation"]) == (1, False, "informal")


async def test_nothing_of_a_question_is_repeated_in_what_is_refused(client: httpx.AsyncClient) -> None:
    refused = await client.get(
        "/board", params={"cursor": "@@", "milestone": "marked-word"}, headers=bearer(OPERATOR_KEY)
    )

    assert refused.status_code == 422 and "marked-word" not in refused.text


# As people type it


async def test_the_board_reads_well_at_a_hundred_columns(world: World, schema: Schema, keys: Schema) -> None:
    engagement = await world.open(days_ago=30)
    await world.ask(engagement, due=day(3), days_ago=10)

    async with http_of(schema, keys) as url:
        shown = await typed_at(url, world, "board", "--member", "oslo")

    assert shown.exit_code == 0, shown.output
    assert max(map(len, shown.output.splitlines())) <= 100
    for told in ("Example Electronics", str(engagement), "M0 objective", "for 30 days", "overdue", "oslo"):
        assert told in shown.output, told
    assert "no rightsholder" in shown.output
    assert "\x1b" not in shown.output
    assert "1 of 1 engagement." in shown.output


async def test_an_empty_board_says_what_to_do(world: World, schema: Schema, keys: Schema) -> None:
    async with http_of(schema, keys) as url:
        shown = await typed_at(url, world, "board", "--overdue")

    assert shown.output == EMPTY


async def test_the_next_page_is_named_for_typing(world: World, schema: Schema, keys: Schema) -> None:
    for number in range(3):
        await world.open(days_ago=20 - number)

    async with http_of(schema, keys) as url:
        first = await typed_at(url, world, "board", "--limit", "2", "--sort", "age")
        cursor = first.output.rpartition("--page ")[2].strip()
        second = await typed_at(url, world, "board", "--limit", "2", "--sort", "age", "--page", cursor, "--json")

    assert "2 of 3 engagements." in first.output
    assert len(json.loads(second.output)["items"]) == 1


def test_help_teaches_with_examples() -> None:
    shown = engage("board", "--help").output

    assert "engage board --member oslo" in re.sub(r"\s+", " ", shown)


async def typed_at(url: str, world: World, *arguments: str) -> Result:
    """A command against this address, with the operator's key and that of the member it names."""
    environment = {"ENGAGE_REMEDY_URL": url, "ENGAGE_OPERATOR_KEY": OPERATOR_KEY}
    if "--member" in arguments:
        environment["ENGAGE_MEMBER_KEY"] = world.keys[arguments[arguments.index("--member") + 1]]
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        return await typed(*arguments)


def without_instance(answer: httpx.Response) -> dict[str, Any]:
    """A problem without the name of its request."""
    return {name: told for name, told in answer.json().items() if name != "instance"}
