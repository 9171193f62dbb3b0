"""Who is told of a disclosure: those linked to its site by a contract and its chain, and nobody else."""

import asyncio
from typing import Any

from shared.events.ingest import DisclosureAccepted, DisclosureRetired
from shared.events.vocabulary import Retirement
from tests.ingest.conftest import Doors
from tests.ingest.given import DISCLOSURE, event, osh
from tests.ingest.seen import (
    EVERYONE,
    at_site,
    contract,
    ended,
    everybody_sees,
    join,
    knows,
    links,
    of_kind,
    outcomes,
    sees,
    withdrawn,
)

REQUEST = {"asked_on": "2026-01-02", "asked_company": "Example Upstream", "answer": "refused"}
NOT_DISCLOSED = {"missing": "smelter", "reason": "supplier_refuses", "requests": [REQUEST]}


def not_disclosed(**fields: Any) -> dict[str, Any]:
    return event("disclosure.submitted.v1", DISCLOSURE | {"site": None, "not_disclosed": NOT_DISCLOSED} | fields)


async def chain(doors: Doors) -> None:
    """A framework of `county` with the end users `oslo` and `bergen`, and a call-off of each under it."""
    await join(doors, "county", "bergen")
    await doors.send(contract("F", level="framework", end_users=["oslo", "bergen"]), member="county")
    for buyer in ("oslo", "bergen"):
        await doors.send(contract("C", parent="F", parent_member="county"), member=buyer)


async def test_a_member_without_a_link_is_never_told(doors: Doors) -> None:
    await join(doors, "bergen")
    await doors.send(contract("B"), at_site(2, contract="B"), member="bergen")

    await doors.send(contract("A"), at_site(1, contract="A"))

    seen = await everybody_sees(doors)
    assert {reader: len(found) for reader, found in seen.items()} == {"oslo": 1, "bergen": 1}
    assert seen["oslo"].isdisjoint(seen["bergen"])


async def test_two_members_whose_contracts_reach_one_site_see_what_the_other_was_told(doors: Doors) -> None:
    await join(doors, "bergen")
    await doors.send(contract("A"), at_site(1, contract="A"))
    await doors.send(at_site(1))

    await doors.send(contract("B"), at_site(1, contract="B"), member="bergen")

    seen = await everybody_sees(doors)
    assert len(seen["oslo"]) == 3
    assert seen["oslo"] == seen["bergen"]
    assert len(await links(doors, "bergen")) == 1


async def test_no_contract_is_named_in_what_others_read(doors: Doors) -> None:
    await join(doors, "bergen")
    await doors.send(contract("A-2024"), at_site(1, contract="A-2024"))
    await doors.send(contract("B"), at_site(1, contract="B"), member="bergen")

    read = [data.model_dump_json() for to, data in await of_kind(doors, DisclosureAccepted) if to == "bergen"]
    assert len(read) == 2
    assert not any("contract" in one or "A-2024" in one for one in read)
    assert set(await knows(doors, "bergen")) == {"B"}


async def test_a_member_that_only_discloses_without_a_contract_learns_nothing_of_the_site(doors: Doors) -> None:
    await join(doors, "bergen")
    await doors.send(contract("A"), at_site(1, contract="A"))

    await doors.send(at_site(1), at_site(1, contract="never-registered"), member="bergen")

    assert len(await sees(doors, "bergen")) == 2
    assert len(await sees(doors, "oslo")) == 3


async def test_what_is_announced_but_not_awarded_links_nobody(doors: Doors) -> None:
    await join(doors, "bergen")
    await doors.send(contract("A"), at_site(1, contract="A"))
    await doors.send(contract("B", supplier=None), at_site(1, contract="B"), member="bergen")
    assert len(await sees(doors, "bergen")) == 1

    await doors.send(contract("B"), member="bergen")

    assert len(await sees(doors, "bergen")) == 2


async def test_what_its_source_has_published_is_told_once_to_all_and_the_link_to_its_buyers_alone(doors: Doors) -> None:
    await chain(doors)

    await doors.send(at_site(1, contract="C", published=True))

    assert {reader: len(found) for reader, found in (await everybody_sees(doors)).items()} == {EVERYONE: 1}
    assert [len(await links(doors, member)) for member in ("oslo", "county", "bergen")] == [1, 1, 0]


async def test_up_the_chain_the_frameworks_owner_sees_what_its_call_offs_were_told_and_siblings_do_not(
    doors: Doors,
) -> None:
    await chain(doors)

    await doors.send(at_site(1, contract="C"))

    seen = await everybody_sees(doors)
    assert seen.keys() == {"oslo", "county"}
    assert seen["oslo"] == seen["county"]


async def test_down_the_chain_all_end_users_see_what_the_framework_was_told(doors: Doors) -> None:
    await chain(doors)

    await doors.send(at_site(1, contract="F"), member="county")

    assert (await everybody_sees(doors)).keys() == {"county", "oslo", "bergen"}


async def test_the_end_user_of_a_call_off_sees_through_two_steps_what_the_framework_was_told(doors: Doors) -> None:
    await chain(doors)
    await join(doors, "school")
    await doors.send(contract("C", parent="F", parent_member="county", end_users=["school"]))

    await doors.send(at_site(1, contract="F"), member="county")

    assert len(await sees(doors, "school")) == 1
    assert set(await knows(doors, "school")) == {"F", "C"}


async def test_a_call_off_that_the_framework_does_not_name_counts_neither_down_nor_up(doors: Doors) -> None:
    await join(doors, "county", "stranger")
    await doors.send(contract("F", level="framework"), at_site(1, contract="F"), member="county")

    await doors.send(contract("S", parent="F", parent_member="county"), at_site(2, contract="S"), member="stranger")

    assert len(await sees(doors, "stranger")) == 1
    assert len(await sees(doors, "county")) == 1
    assert set(await knows(doors, "county")) == {"F"}

    await doors.send(contract("F", level="framework", end_users=["stranger"]), member="county")

    assert len(await sees(doors, "stranger")) == 2
    assert len(await sees(doors, "county")) == 2


async def test_ones_own_call_off_under_ones_own_framework_needs_no_naming(doors: Doors) -> None:
    await join(doors, "school")
    await doors.send(contract("F", level="framework"), at_site(1, contract="F"))

    await doors.send(contract("C", parent="F", end_users=["school"]))

    assert len(await sees(doors, "school")) == 1


async def test_what_was_not_disclosed_goes_to_its_sender_and_the_chain_of_its_own_contract(doors: Doors) -> None:
    await chain(doors)

    await doors.send(not_disclosed(contract="C"), not_disclosed())

    assert {reader: len(found) for reader, found in (await everybody_sees(doors)).items()} == {"oslo": 2, "county": 1}


async def test_a_link_that_appears_later_brings_what_is_now_theirs_to_see(doors: Doors) -> None:
    await join(doors, "bergen")
    await doors.send(at_site(1), at_site(2), at_site(1, contract="A"))
    await doors.send(at_site(1, contract="B"), member="bergen")
    assert len(await sees(doors, "bergen")) == 1

    await doors.send(contract("B"), member="bergen")

    assert len(await sees(doors, "bergen")) == 3


async def test_a_link_that_ends_stops_it_and_says_why(doors: Doors) -> None:
    await chain(doors)
    await doors.send(at_site(1, contract="F"), at_site(2), member="county")
    await doors.send(at_site(1))

    await doors.send(ended("F"), member="county")

    assert {one: len(found) for one, found in (await everybody_sees(doors)).items()} == {"county": 2, "oslo": 1}
    retired = await of_kind(doors, DisclosureRetired)
    assert {to for to, _ in retired} == {"oslo", "bergen", "county"}
    assert {data.reason for _, data in retired} == {Retirement.NO_LONGER_LINKED}


async def test_a_buyer_that_is_no_longer_an_end_user_sees_no_more_while_the_others_do(doors: Doors) -> None:
    await chain(doors)
    await doors.send(at_site(1, contract="F"), member="county")

    await doors.send(contract("F", level="framework", end_users=["bergen"]), member="county")

    assert (await everybody_sees(doors)).keys() == {"county", "bergen"}
    assert set(await knows(doors, "oslo")) == {"C"}


async def test_a_call_off_that_moves_to_another_framework_leaves_the_first(doors: Doors) -> None:
    await chain(doors)
    await join(doors, "state")
    await doors.send(contract("S", level="framework", end_users=["oslo"]), member="state")
    await doors.send(at_site(1, contract="C"))

    await doors.send(contract("C", parent="S", parent_member="state"))

    assert (await everybody_sees(doors)).keys() == {"oslo", "state"}


async def test_two_contracts_hold_a_link_until_the_last_of_them_ends(doors: Doors) -> None:
    await join(doors, "bergen")
    await doors.send(at_site(1))
    await doors.send(contract("B"), contract("C"), at_site(1, contract="B"), at_site(1, contract="C"), member="bergen")

    await doors.send(ended("B"), member="bergen")
    assert len(await sees(doors, "bergen")) == 3
    await doors.send(ended("C"), member="bergen")

    assert len(await sees(doors, "bergen")) == 2


async def test_a_disclosure_that_is_withdrawn_ends_for_all_and_takes_the_links_with_it(doors: Doors) -> None:
    await join(doors, "bergen")
    linking = at_site(1, contract="B")
    await doors.send(at_site(1))
    await doors.send(contract("B"), linking, member="bergen")
    assert len(await sees(doors, "bergen")) == 2

    await doors.send(withdrawn(linking), member="bergen")

    assert {one: len(found) for one, found in (await everybody_sees(doors)).items()} == {"oslo": 1}
    assert await links(doors, "bergen") == set()


async def test_lists_reach_the_chain_of_their_contract_and_leave_it_with_their_edition(doors: Doors) -> None:
    await chain(doors)
    rows = [("NO", f"Example Works {number}", f"{number} Example Road", "") for number in (1, 2)]
    await doors.send(at_site(1), member="watch")

    await doors.import_csv(osh(*rows), contract="C", edition="2024")
    assert {one: len(found) for one, found in (await everybody_sees(doors)).items()} == {
        "oslo": 3,
        "county": 3,
        "watch": 1,
    }
    await doors.import_csv(osh(rows[1]), contract="C", edition="2025")

    assert {one: len(found) for one, found in (await everybody_sees(doors)).items()} == {
        "oslo": 1,
        "county": 1,
        "watch": 1,
    }


async def test_a_list_that_was_there_already_reaches_the_chain_when_it_is_said_to_belong_to_it(doors: Doors) -> None:
    await chain(doors)
    content = osh(("NO", "Example Works 1", "1 Example Road", ""))
    await doors.import_csv(content)
    assert (await everybody_sees(doors)).keys() == {"oslo"}

    report = (await doors.import_csv(content, contract="C")).json()

    assert (report["accepted"], report["duplicate"]) == (0, 1)
    assert (await everybody_sees(doors)).keys() == {"oslo", "county"}


async def test_a_partner_is_named_by_its_kind_alone(doors: Doors) -> None:
    await join(doors, "partner", kind="partner")
    await doors.send(contract("A"), at_site(1, contract="A"))

    await doors.send(at_site(1), member="partner")

    read = [data for to, data in await of_kind(doors, DisclosureAccepted) if to == "oslo"]
    assert [(one.contributor, one.member) for one in read] == [("buyer", "oslo"), ("partner", None)]


async def test_what_is_told_anew_after_its_member_has_left_names_it_by_its_kind_alone(doors: Doors) -> None:
    await join(doors, "bergen")
    await doors.send(at_site(1), member="bergen")
    await doors.schema.rows("UPDATE member SET left_at = now() WHERE slug = 'bergen'")

    await doors.send(contract("A"), at_site(1, contract="A"))

    read = [data for to, data in await of_kind(doors, DisclosureAccepted) if to == "oslo"]
    assert {(one.contributor.value, one.member) for one in read} == {("buyer", None), ("buyer", "oslo")}
    assert len(await sees(doors, "bergen")) == 1


async def test_links_made_at_the_same_moment_are_all_seen(doors: Doors) -> None:
    await join(doors, "bergen")
    await doors.send(contract("A"))
    await doors.send(contract("B"), member="bergen")

    answers = await asyncio.gather(
        *(doors.send(at_site(number, contract="A")) for number in range(5)),
        *(doors.send(at_site(number, contract="B"), member="bergen") for number in range(5)),
        *(doors.send(at_site(number), member="watch") for number in range(5)),
    )

    assert {one for answer in answers for one in outcomes(answer)} == {"accepted"}
    seen = await everybody_sees(doors)
    assert len(seen["oslo"]) == 15
    assert seen["oslo"] == seen["bergen"]
    assert len(seen["watch"]) == 5


async def test_whom_to_tell_is_settled_in_two_statements_however_many_disclosures(
    doors: Doors, statements: list[str]
) -> None:
    await doors.send(*[at_site(number, contract="A", published=number % 2 == 0) for number in range(200)])

    assert len(await sees(doors, "oslo")) == 100
    settling = [one for one in statements if "disclosure_reader" in one or "pg_advisory_xact_lock($3)" in one]
    assert len(settling) == 2
