"""Contracts: told to their owner, end users and chain, modified, ended, and taken back."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from services.ingest.schedule import close_contracts
from services.ingest.settings import IngestSettings
from shared.events.ingest import ContractClosed, ContractRecorded
from shared.events.values import Money
from shared.events.vocabulary import ContractEnd
from shared.service import Runtime
from tests.ingest.conftest import PEPPER, Doors
from tests.ingest.seen import (
    at_site,
    contract,
    ended,
    everybody_sees,
    join,
    knows,
    links,
    objections,
    of_kind,
    outcomes,
    sees,
    told,
    withdrawn,
)


def runtime_of(doors: Doors) -> Runtime:
    return doors.schema.runtime(
        IngestSettings(kafka_bootstrap="", database_dsn=doors.schema.dsn, receipt_pepper=PEPPER)
    )


async def days_from_now(doors: Doors, days: int) -> str:
    """A day by the database's clock."""
    return str((await doors.schema.rows("SELECT ((now() AT TIME ZONE 'UTC')::date + $1::int)::text", days))[0][0])


async def test_a_contract_is_told_to_its_owner_its_end_users_and_its_chain_each_on_their_own_topic(
    doors: Doors,
) -> None:
    await join(doors, "county", "school", "stranger")
    await doors.send(contract("F", level="framework", end_users=["oslo"]), member="county")

    await doors.send(contract("C", parent="F", parent_member="county", end_users=["school"]))

    known = {member: set(await knows(doors, member)) for member in ("county", "oslo", "school", "stranger")}
    assert known == {"county": {"F", "C"}, "oslo": {"F", "C"}, "school": {"F", "C"}, "stranger": set()}
    call_off = (await knows(doors, "school"))["C"]
    assert (call_off.member, call_off.end_users) == ("oslo", ("school",))
    assert call_off.parent == (await knows(doors, "school"))["F"].contract


async def test_registered_again_a_contract_is_modified_and_the_newest_holds(doors: Doors) -> None:
    await doors.send(contract("A", title="First"), contract("B"))
    await doors.send(contract("A", title="Second"))
    await doors.send(contract("A", title="Second"))

    recorded = [one for _, one in await of_kind(doors, ContractRecorded) if one.reference == "A"]
    assert [one.title for one in recorded] == ["First", "Second"]
    assert len({one.contract for one in recorded}) == 1


async def test_the_value_of_a_contract_is_told_to_its_readers_and_restated_as_it_changes(doors: Doors) -> None:
    first = contract("2024/17", end_users=["watch"], value={"amount": 4200000.5, "currency": "NOK"})
    changed = contract("2024/17", end_users=["watch"], value={"amount": "4500000.00", "currency": "NOK"})

    await doors.send(first)
    await doors.send(changed)
    assert (await knows(doors, "watch"))["2024/17"].value == Money(amount=Decimal(4500000), currency="NOK")

    await doors.send(withdrawn(changed))
    for reader in ("oslo", "watch"):
        assert (await knows(doors, reader))["2024/17"].value == Money(amount=Decimal("4200000.5"), currency="NOK")

    await doors.send(contract("2024/17", end_users=["watch"]))
    assert (await knows(doors, "watch"))["2024/17"].value is None


async def test_of_two_registrations_in_one_batch_the_later_holds(doors: Doors) -> None:
    await doors.send(contract("A", title="First"), contract("A", title="Second"))

    assert [one.title for _, one in await of_kind(doors, ContractRecorded)] == ["Second"]


async def test_a_parent_may_be_told_later_and_by_another_member(doors: Doors) -> None:
    await join(doors, "county")
    await doors.send(contract("C", parent="F", parent_member="county"))

    await doors.send(contract("F", level="framework", end_users=["oslo"]), member="county")

    known = await knows(doors, "oslo")
    assert known["C"].parent == known["F"].contract
    assert set(await knows(doors, "county")) == {"F", "C"}


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"end_users": ["watch", "nobody"]}, "/data/end_users/1"),
        ({"parent": "F", "parent_member": "nobody"}, "/data/parent_member"),
    ],
)
async def test_only_members_are_end_users_or_owners_of_a_framework(
    doors: Doors, fields: dict[str, Any], place: str
) -> None:
    answer = await doors.send(contract("A", **fields), contract("B"))

    assert outcomes(answer) == ["rejected", "accepted"]
    assert objections(answer) == [("member_unknown", place)]
    assert set(await knows(doors, "oslo")) == {"B"}


async def test_a_contract_that_ends_is_closed_for_all_who_knew_it(doors: Doors) -> None:
    await doors.send(contract("A", end_users=["watch"]))

    answer = await doors.send(ended("A", reason="terminated", ended_on="2026-01-10"))

    assert outcomes(answer) == ["accepted"]
    closed = await of_kind(doors, ContractClosed)
    assert sorted(to for to, _ in closed) == ["oslo", "watch"]
    assert {(one.reason, one.ended_on.isoformat(), one.member) for _, one in closed} == {
        (ContractEnd.TERMINATED, "2026-01-10", "oslo")
    }


@pytest.mark.parametrize("stub", [True, False])
async def test_the_end_of_what_was_never_registered_is_refused(doors: Doors, stub: bool) -> None:
    if stub:
        await doors.send(at_site(1, contract="A"))
    await doors.send(contract("A"), member="watch")

    answer = await doors.send(ended("A"))

    assert objections(answer) == [("contract_unknown", "/data/reference")]
    assert set(await knows(doors, "watch")) == {"A"}


async def test_a_contract_ends_in_the_batch_that_registers_it(doors: Doors) -> None:
    answer = await doors.send(contract("A"), ended("A"))

    assert outcomes(answer) == ["accepted", "accepted"]
    assert await of_kind(doors, ContractRecorded) == []


async def test_an_ended_contract_that_is_registered_again_binds_again(doors: Doors) -> None:
    await doors.send(contract("A"), at_site(1, contract="A"))
    await doors.send(ended("A"))
    assert await links(doors, "oslo") == set()

    await doors.send(contract("A"))

    assert set(await knows(doors, "oslo")) == {"A"}
    assert len(await links(doors, "oslo")) == 1


async def test_an_announced_end_closes_the_contract_on_its_day_and_not_before(doors: Doors) -> None:
    await doors.send(contract("A"))
    await doors.send(ended("A", ended_on=await days_from_now(doors, 1)))

    await close_contracts(runtime_of(doors))

    assert set(await knows(doors, "oslo")) == {"A"}


@pytest.mark.parametrize(("days", "is_closed"), [(-1, True), (0, False), (1, False)])
async def test_a_contract_binds_through_its_last_day_by_the_databases_clock(
    doors: Doors, days: int, is_closed: bool
) -> None:
    last = await days_from_now(doors, days)
    await doors.send(contract("A", ends=last, end_users=["watch"]))

    await close_contracts(runtime_of(doors))
    await close_contracts(runtime_of(doors))

    closed = await of_kind(doors, ContractClosed)
    assert sorted(to for to, _ in closed) == (["oslo", "watch"] if is_closed else [])
    assert all((one.reason, one.ended_on.isoformat()) == (ContractEnd.EXPIRED, last) for _, one in closed)


async def test_a_contract_whose_last_day_has_passed_links_nobody_even_before_it_is_closed(doors: Doors) -> None:
    await doors.send(at_site(1), member="watch")
    await doors.send(at_site(2, contract="W"), contract("W"), member="watch")
    past = await days_from_now(doors, -1)

    await doors.send(contract("A", ends=past, end_users=["watch"]), at_site(1, contract="A"))
    assert {one: len(found) for one, found in (await everybody_sees(doors)).items()} == {"oslo": 1, "watch": 2}
    await close_contracts(runtime_of(doors))

    assert {one: len(found) for one, found in (await everybody_sees(doors)).items()} == {"oslo": 1, "watch": 2}
    assert await links(doors, "oslo") == set()


async def test_links_end_with_the_contract_that_expires(doors: Doors) -> None:
    await doors.send(at_site(1), member="watch")
    await doors.send(contract("A"), at_site(1, contract="A"))
    assert len(await sees(doors, "oslo")) == 2
    await doors.schema.rows("UPDATE contract SET closes_on = '2026-01-01', ended_on = '2025-12-31'")

    await close_contracts(runtime_of(doors))

    assert len(await sees(doors, "oslo")) == 1


async def test_two_processes_close_each_contract_once(doors: Doors) -> None:
    past = await days_from_now(doors, -3)
    await doors.send(*[contract(f"A-{number}", ends=past) for number in range(300)])

    more = True
    while more:
        more = any(await asyncio.gather(*(close_contracts(runtime_of(doors)) for _ in range(3))))

    closed = [one.contract for _, one in await of_kind(doors, ContractClosed)]
    assert len(closed) == len(set(closed)) == 300


async def test_a_modification_that_is_taken_back_lets_the_one_before_hold_again(doors: Doors) -> None:
    await join(doors, "bergen")
    second = contract("A", title="Second", end_users=["bergen"])
    await doors.send(contract("A", title="First"), at_site(1, contract="A"))
    await doors.send(second)
    assert len(await sees(doors, "bergen")) == 1

    answer = await doors.send(withdrawn(second))

    assert outcomes(answer) == ["accepted"]
    assert (await knows(doors, "oslo"))["A"].title == "First"
    assert await knows(doors, "bergen") == {}
    assert await sees(doors, "bergen") == set()


async def test_a_contract_that_is_taken_back_altogether_is_closed_as_sent_by_mistake(doors: Doors) -> None:
    sent = contract("A", end_users=["watch"])
    await doors.send(sent, at_site(1, contract="A"))

    await doors.send(withdrawn(sent))

    closed = await of_kind(doors, ContractClosed)
    assert sorted(to for to, _ in closed) == ["oslo", "watch"]
    assert {one.reason for _, one in closed} == {ContractEnd.SENT_BY_MISTAKE}
    assert {one: len(found) for one, found in (await everybody_sees(doors)).items()} == {"oslo": 1}


async def test_an_end_that_was_told_by_mistake_is_taken_back(doors: Doors) -> None:
    end = ended("A")
    await doors.send(contract("A"), at_site(1, contract="A"))
    await doors.send(end)

    await doors.send(withdrawn(end))

    assert set(await knows(doors, "oslo")) == {"A"}
    assert len(await links(doors, "oslo")) == 1


async def test_contracts_under_each_other_in_a_circle_end_nowhere_and_harm_nobody(doors: Doors) -> None:
    answer = await doors.send(contract("A", parent="B"), contract("B", parent="A"), contract("C", parent="C"))

    assert outcomes(answer) == ["accepted"] * 3
    assert set(await knows(doors, "oslo")) == {"A", "B", "C"}
    assert {to for to, data in await told(doors) if isinstance(data, ContractRecorded)} == {"oslo"}
