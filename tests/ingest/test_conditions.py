"""The follow-up of contracts, and what the Transparency Act asks of a member itself: its own topic, in order."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from shared.events.ingest import (
    AccountRecorded,
    ConditionReported,
    ConditionRequested,
    ContractRecorded,
    FollowUpEntry,
    FollowUpEntryWithdrawn,
    InformationRequestRecorded,
    MemberRegistered,
    SelfReportRecorded,
)
from shared.events.ingest.conditions import account_of, request_of
from tests.ingest.conftest import Doors
from tests.ingest.given import event
from tests.ingest.seen import contract, join, objections, outcomes, withdrawn
from tests.ingest.speaking import EVIDENCE

CONDITION = str(uuid4())
STEPS: dict[str, dict[str, Any]] = {
    "condition.scheduled.v1": {"clause": "dfo-2.1", "wanted": "A list of all sites.", "due": "2026-06-01"},
    "condition.followed-up.v1": {
        "condition": CONDITION,
        "state": "deficient",
        "decided_on": "2026-01-10",
        "reason": "Half of the sites are missing.",
    },
    "self-report.received.v1": {
        "condition": CONDITION,
        "received_on": "2026-01-10",
        "answers": [{"step": "embed", "yes": True}],
    },
}
"""What is sent of a condition of a contract."""
TOLD_AS = {
    "condition.scheduled.v1": ConditionRequested,
    "condition.followed-up.v1": ConditionReported,
    "self-report.received.v1": SelfReportRecorded,
}
DUTIES: dict[str, dict[str, Any]] = {
    "information-request.handled.v1": {"reference": "2026/4", "state": "received", "on": "2026-01-10"},
    "account.published.v1": {"year": 2025, "published_on": "2026-01-10", "account": EVIDENCE},
}
"""What a member sends that the Transparency Act binds."""


def step(kind: str, reference: str = "2024/17", **fields: Any) -> dict[str, Any]:
    return event(kind, STEPS[kind] | {"contract": reference} | fields)


async def bind(doors: Doors, member: str = "oslo") -> None:
    """Let the Transparency Act bind a member."""
    await doors.operate("PATCH", f"/members/{member}", {"bound_by": ["transparency_act"]})


async def followed(doors: Doors) -> list[tuple[str, str, Any]]:
    """What members are told of the follow-up: topic, key and what."""
    return [one for one in await everything(doors) if isinstance(one[2], FollowUpEntry)]


async def everything(doors: Doors) -> list[tuple[str, str, Any]]:
    return [(topic, key, one.data) for topic, key, one in await doors.published()]


async def contract_id(doors: Doors, reference: str = "2024/17") -> UUID:
    """The id of a contract that was told."""
    told = [data for _, _, data in await everything(doors) if isinstance(data, ContractRecorded)]
    return next(one.contract for one in told if one.reference == reference)


@pytest.mark.parametrize("kind", STEPS)
async def test_a_step_is_told_to_its_member_alone_in_the_order_of_its_contract(doors: Doors, kind: str) -> None:
    await doors.send(contract("2024/17"))

    answer = await doors.send(step(kind))

    ((topic, key, data),) = await followed(doors)
    assert outcomes(answer) == ["accepted"]
    assert (topic, key) == ("member.oslo.contract", str(await contract_id(doors)))
    assert isinstance(data, TOLD_AS[kind])
    assert (data.member, data.contract) == ("oslo", await contract_id(doors))
    assert answer.json()["receipts"][0]["entry"] == str(data.entry)


async def test_a_step_of_the_batch_that_registers_its_contract_comes_after_it(doors: Doors) -> None:
    sent = step("condition.scheduled.v1")

    await doors.send(sent, withdrawn(sent), contract("2024/17"))

    of_contract = [type(data) for topic, _, data in await everything(doors) if topic == "member.oslo.contract"]
    assert of_contract == [ContractRecorded, ConditionRequested, FollowUpEntryWithdrawn]


@pytest.mark.parametrize("kind", STEPS)
async def test_a_step_is_of_a_contract_that_is_registered(doors: Doors, kind: str) -> None:
    registered = contract("taken-back")
    await doors.send(registered, contract("of-another"), event("contract.ended.v1", ENDED), member="watch")
    await doors.send(registered := contract("taken-back"))
    await doors.send(withdrawn(registered))

    answer = await doors.send(*(step(kind, one) for one in ("nothing", "taken-back", "of-another", str(uuid4()))))

    assert objections(answer) == [("contract_unknown", "/data/contract")] * 4


ENDED = {"reference": "of-another", "ended_on": "2026-01-10", "reason": "terminated"}


async def test_an_end_user_follows_up_the_contract_that_it_uses_on_its_own_topic(doors: Doors) -> None:
    await join(doors, "school")
    await doors.send(contract("2024/17", end_users=["school"]))

    answer = await doors.send(step("condition.scheduled.v1"), member="school")

    ((topic, key, data),) = await followed(doors)
    assert outcomes(answer) == ["accepted"]
    assert (topic, key, data.member) == ("member.school.contract", str(await contract_id(doors)), "school")


async def test_a_member_means_its_own_contract_first_and_tells_others_of_one_reference_apart(doors: Doors) -> None:
    await join(doors, "school")
    await doors.send(contract("F", end_users=["school"]))
    await doors.send(contract("F", end_users=["school"]), member="watch")
    ids = [one.contract for _, _, one in await everything(doors) if isinstance(one, ContractRecorded)]

    ambiguous = await doors.send(step("condition.scheduled.v1", "F"), member="school")
    by_id = await doors.send(step("condition.scheduled.v1", str(ids[0]).upper()), member="school")
    await doors.send(contract("F"), member="school")
    own = await doors.send(step("condition.scheduled.v1", "F"), member="school")

    told = [data.contract for _, _, data in await followed(doors)]
    assert objections(ambiguous) == [("contract_ambiguous", "/data/contract")]
    assert outcomes(by_id) + outcomes(own) == ["accepted", "accepted"]
    assert told[0] == ids[0]
    assert told[1] not in ids


@pytest.mark.parametrize("kind", DUTIES)
async def test_a_duty_of_the_transparency_act_is_taken_of_whom_it_binds(doors: Doors, kind: str) -> None:
    sent = event(kind, DUTIES[kind])

    before = await doors.send(sent)
    await bind(doors)
    after = await doors.send(sent)

    assert objections(before) == [("member_not_bound", "/type")]
    assert outcomes(after) == ["accepted"]


async def test_all_that_became_of_an_information_request_has_one_order(doors: Doors) -> None:
    await bind(doors)
    await doors.send(contract("2024/17"))
    extended = {"state": "extended", "reasons": "Three suppliers must be asked.", "until": "2026-03-01"}
    handled = [
        event("information-request.handled.v1", DUTIES["information-request.handled.v1"] | fields)
        for fields in ({}, extended | {"contract": "2024/17"}, {"state": "answered"}, {"reference": "2026/5"})
    ]

    assert outcomes(await doors.send(*handled)) == ["accepted"] * 4

    told = [(key, data) for _, key, data in await followed(doors)]
    assert all(isinstance(data, InformationRequestRecorded) and key == str(data.request) for key, data in told)
    first, other = request_of("oslo", "2026/4"), request_of("oslo", "2026/5")
    assert [data.request for _, data in told] == [first, first, first, other]
    assert [data.contract for _, data in told] == [None, await contract_id(doors), None, None]
    assert len({data.entry for _, data in told}) == len(handled)


async def test_an_information_request_is_of_a_contract_that_is_known_or_of_none(doors: Doors) -> None:
    await bind(doors)

    answer = await doors.send(
        event("information-request.handled.v1", DUTIES["information-request.handled.v1"] | {"contract": "nothing"})
    )

    assert objections(answer) == [("contract_unknown", "/data/contract")]


async def test_there_is_one_account_for_a_year(doors: Doors) -> None:
    await bind(doors)
    sent = [event("account.published.v1", DUTIES["account.published.v1"] | {"year": y}) for y in (2024, 2025, 2025)]

    await doors.send(*sent)

    told = [(topic, key, data) for topic, key, data in await followed(doors) if isinstance(data, AccountRecorded)]
    assert {topic for topic, _, _ in told} == {"member.oslo.contract"}
    assert [key for _, key, _ in told] == [str(account_of("oslo", year)) for year in (2024, 2025, 2025)]
    assert told[0][2].evidence.uri == EVIDENCE["uri"]


@pytest.mark.parametrize("kind", [*STEPS, *DUTIES])
async def test_an_entry_is_taken_back_in_its_own_order(doors: Doors, kind: str) -> None:
    await bind(doors)
    await doors.send(contract("2024/17"))
    sent = step(kind) if kind in STEPS else event(kind, DUTIES[kind])
    became = (await doors.send(sent)).json()["receipts"][0]["entry"]

    assert outcomes(await doors.send(withdrawn(sent))) == ["accepted"]

    (_, key, _), (topic, key_after, gone) = await followed(doors)
    assert (topic, key_after) == ("member.oslo.contract", key)
    assert isinstance(gone, FollowUpEntryWithdrawn)
    assert (str(gone.entry), gone.member) == (became, "oslo")
    abouts = {"contract": gone.contract, "request": gone.request}
    expected = {"information-request.handled.v1": "request", "account.published.v1": None}.get(kind, "contract")
    assert {name for name, about in abouts.items() if about is not None} == ({expected} if expected else set())


async def test_whom_the_law_binds_is_told_to_all(doors: Doors) -> None:
    await bind(doors)
    await bind(doors)
    await doors.operate("PATCH", "/members/oslo", {"bound_by": []})

    told = [one.data for _, _, one in await doors.outbox() if isinstance(one.data, MemberRegistered)]
    assert [one.bound_by for one in told if one.member == "oslo"] == [(), ("transparency_act",), ()]


@pytest.mark.parametrize(
    ("kind", "fields", "objection"),
    [
        ("condition.followed-up.v1", {"decided_on": "2199-01-01"}, ("day_in_future", "/data/decided_on")),
        ("self-report.received.v1", {"received_on": "2199-01-01"}, ("day_in_future", "/data/received_on")),
        (
            "self-report.received.v1",
            {"answers": [{"step": "embed", "yes": True}, {"step": "embed", "yes": False}]},
            ("step_twice", "/data/answers"),
        ),
    ],
)
async def test_a_step_that_contradicts_itself_is_refused_with_its_remedy(
    doors: Doors, kind: str, fields: dict[str, Any], objection: tuple[str, str]
) -> None:
    await doors.send(contract("2024/17"))

    answer = await doors.send(step(kind, **fields))

    (error,) = answer.json()["receipts"][0]["errors"]
    assert (error["code"], error["pointer"]) == objection
    assert error["remedy"] != "Compare the event with the schema of its type."


@pytest.mark.parametrize(
    ("kind", "fields", "objection"),
    [
        ("information-request.handled.v1", {"on": "2199-01-01"}, ("day_in_future", "/data/on")),
        ("information-request.handled.v1", {"state": "extended"}, ("reason_required", "/data/until")),
        ("information-request.handled.v1", {"state": "refused"}, ("reason_required", "/data/ground")),
        ("account.published.v1", {"published_on": "2199-01-01"}, ("day_in_future", "/data/published_on")),
        ("account.published.v1", {"year": 2021}, ("greater_than_equal", "/data/year")),
    ],
)
async def test_a_duty_is_told_whole(
    doors: Doors, kind: str, fields: dict[str, Any], objection: tuple[str, str]
) -> None:
    await bind(doors)

    assert objections(await doors.send(event(kind, DUTIES[kind] | fields))) == [objection]
