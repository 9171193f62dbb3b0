"""Requests for a disclosure: their clock, their answer, and what they are when taken back."""

import asyncio
from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from services.ingest.schedule import fire_overdue_requests
from services.ingest.store import requests
from shared.events.ingest import RequestAnswered, RequestOverdue, RequestRecorded, RequestWithdrawn
from tests.ingest.conftest import Doors
from tests.ingest.given import event, osh
from tests.ingest.seen import at_site, contract, join, knows, objections, of_kind, outcomes, withdrawn
from tests.ingest.test_contracts import days_from_now, runtime_of


def asked(**fields: Any) -> dict[str, Any]:
    data = {"supplier": {"name": "Example Electronics Ltd"}, "wanted": "sites", "asked_on": "2026-01-05"}
    return event("disclosure.requested.v1", data | fields)


async def ask(doors: Doors, **fields: Any) -> str:
    """Send a request; its receipt."""
    return str((await doors.send(asked(**fields))).json()["receipts"][0]["receipt"])


async def states(doors: Doors) -> list[str]:
    async with doors.schema.pool.acquire() as connection:
        return [row["state"] for row in await requests.read(connection, "oslo")]


async def test_a_request_is_due_six_weeks_after_the_day_on_which_it_was_made(doors: Doors) -> None:
    receipt = await ask(doors, contract="A", template="DFØ 2024")

    (reader, told), *others = await of_kind(doors, RequestRecorded)
    assert (reader, others, str(told.request)) == ("oslo", [], receipt)
    assert (told.asked_on, told.due) == (date(2026, 1, 5), date(2026, 2, 16))
    assert "DFØ" in told.clock
    await doors.send(contract("A"))
    assert told.contract == (await knows(doors, "oslo"))["A"].contract


async def test_a_request_with_a_day_of_its_own_is_due_on_that_day(doors: Doors) -> None:
    await ask(doors, due="2026-01-20")

    (_, told), *_ = await of_kind(doors, RequestRecorded)
    assert told.due == date(2026, 1, 20)
    assert "DFØ" not in told.clock


async def test_the_first_disclosure_that_answers_a_request_stops_its_clock(doors: Doors) -> None:
    today = await days_from_now(doors, 0)
    receipt = await ask(doors, asked_on=today)

    await doors.send(at_site(1, request=receipt), at_site(2, request=receipt))
    await doors.send(at_site(3, request=receipt))

    (reader, answered), *others = await of_kind(doors, RequestAnswered)
    assert (reader, others, str(answered.request), answered.late) == ("oslo", [], receipt, False)
    first = (await doors.schema.rows("SELECT id FROM disclosure ORDER BY id"))[0][0]
    assert answered.disclosure == first
    assert await states(doors) == ["accepted"]


@pytest.mark.parametrize(("days", "late"), [(-1, True), (0, False)])
async def test_an_answer_after_the_due_day_is_late_by_the_databases_clock(doors: Doors, days: int, late: bool) -> None:
    receipt = await ask(doors, asked_on="2026-01-05", due=await days_from_now(doors, days))

    await doors.send(at_site(1, request=receipt))

    assert [one.late for _, one in await of_kind(doors, RequestAnswered)] == [late]


async def test_a_list_answers_a_request(doors: Doors) -> None:
    receipt = await ask(doors)

    answer = await doors.import_csv(osh(("NO", "Example", "1 Road", "")), request=receipt)

    assert answer.status_code == 200
    assert [str(one.request) for _, one in await of_kind(doors, RequestAnswered)] == [receipt]


async def test_only_ones_own_request_is_answered(doors: Doors) -> None:
    receipt = await ask(doors)

    foreign = await doors.send(at_site(1, request=receipt), member="watch")
    unknown = await doors.send(at_site(1, request=str(uuid4())), at_site(2))

    assert objections(foreign) == objections(unknown) == [("request_unknown", "/data/request")]
    assert outcomes(unknown) == ["rejected", "accepted"]
    assert await of_kind(doors, RequestAnswered) == []


async def test_a_list_that_answers_no_request_of_its_sender_is_refused_as_a_whole(doors: Doors) -> None:
    answer = await doors.import_csv(osh(("NO", "Example", "1 Road", "")), request=str(uuid4()))

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "request_unknown")
    assert await doors.count("disclosure") == 0


async def test_a_request_is_overdue_once_when_its_day_has_passed(doors: Doors) -> None:
    yesterday, today = await days_from_now(doors, -1), await days_from_now(doors, 0)
    late = await ask(doors, due=yesterday)
    await ask(doors, asked_on=yesterday, due=today)
    answered = await ask(doors, due=yesterday)
    await doors.send(at_site(1, request=answered))

    for _ in range(3):
        await fire_overdue_requests(runtime_of(doors))

    assert [(to, str(one.request)) for to, one in await of_kind(doors, RequestOverdue)] == [("oslo", late)]
    assert sorted(await states(doors)) == ["accepted", "overdue", "requested"]


async def test_several_processes_fire_each_timer_once(doors: Doors) -> None:
    answer = await doors.send(*[asked(due="2026-01-06") for _ in range(450)])
    assert set(outcomes(answer)) == {"accepted"}

    more = True
    while more:
        more = any(await asyncio.gather(*(fire_overdue_requests(runtime_of(doors)) for _ in range(3))))

    fired = [one.request for _, one in await of_kind(doors, RequestOverdue)]
    assert len(fired) == len(set(fired)) == 450


async def test_an_overdue_request_is_still_answered_but_late(doors: Doors) -> None:
    receipt = await ask(doors, due="2026-01-06")
    await fire_overdue_requests(runtime_of(doors))

    await doors.send(at_site(1, request=receipt))

    assert [one.late for _, one in await of_kind(doors, RequestAnswered)] == [True]


async def test_a_request_that_is_taken_back_has_no_clock_and_no_answer(doors: Doors) -> None:
    sent = asked(due="2026-01-06")
    receipt = (await doors.send(sent)).json()["receipts"][0]["receipt"]

    await doors.send(withdrawn(sent))
    await fire_overdue_requests(runtime_of(doors))

    told = await of_kind(doors, RequestWithdrawn)
    assert [(to, str(one.request)) for to, one in told] == [("oslo", receipt)]
    assert await of_kind(doors, RequestOverdue) == []
    assert objections(await doors.send(at_site(1, request=receipt))) == [("request_unknown", "/data/request")]
    assert await states(doors) == ["withdrawn"]


async def test_a_disclosure_that_was_taken_back_at_once_answers_nothing(doors: Doors) -> None:
    receipt = await ask(doors)
    sent = at_site(1, request=receipt)

    await doors.send(sent, withdrawn(sent))

    assert await of_kind(doors, RequestAnswered) == []
    assert await states(doors) == ["requested"]


async def test_an_answer_is_superseded_by_a_newer_edition_that_does_not_hold_it(doors: Doors) -> None:
    receipt = await ask(doors)
    await doors.import_csv(osh(("NO", "Example", "1 Road", "")), request=receipt, edition="2024", list="form")
    assert await states(doors) == ["accepted"]

    await doors.import_csv(osh(("NO", "Other", "2 Road", "")), edition="2025", list="form")

    assert await states(doors) == ["superseded"]


async def test_two_members_requests_are_apart(doors: Doors) -> None:
    await join(doors, "bergen")
    await ask(doors)

    await doors.send(asked(), member="bergen")

    assert sorted(to for to, _ in await of_kind(doors, RequestRecorded)) == ["bergen", "oslo"]
    assert await states(doors) == ["requested"]


async def test_an_answer_that_is_taken_back_at_once_leaves_the_request_to_the_next_one(doors: Doors) -> None:
    receipt = await ask(doors)
    first, second = at_site(1, request=receipt), at_site(2, request=receipt)

    await doors.send(first, second, withdrawn(first))

    ((_, told),) = await of_kind(doors, RequestAnswered)
    rows = await doors.schema.rows("SELECT id FROM disclosure WHERE submission = $1", second["id"])
    assert [row["id"] for row in rows] == [told.disclosure]
    assert await states(doors) == ["accepted"]
