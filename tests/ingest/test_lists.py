"""A member's lists as a whole: shown, and taken back."""

from typing import Any

from httpx import Response

from shared.events.ingest import DisclosureRetired
from shared.events.vocabulary import Retirement
from tests.ingest.conftest import Doors
from tests.ingest.given import apple, osh

NORTH = ("Example North Ltd", "Norway", "North Road")
SOUTH = ("Example South Ltd", "Norway", "South Road")


async def withdraw(doors: Doors, name: str, member: str = "oslo", **order: Any) -> Response:
    return await doors.client.post("/lists/withdrawals", json={"list": name} | order, headers=doors.as_member(member))


async def shown(doors: Doors, member: str = "oslo") -> Any:
    return (await doors.client.get("/lists", headers=doors.as_member(member))).json()


async def retired(doors: Doors) -> list[tuple[str, Retirement]]:
    found = [(topic, event.data) for topic, _, event in await doors.published()]
    return [(topic, data.reason) for topic, data in found if isinstance(data, DisclosureRetired)]


async def test_a_member_sees_its_own_lists_with_their_editions(doors: Doors) -> None:
    await doors.import_csv(apple(("2021", *NORTH), ("2022", *NORTH), ("2022", *SOUTH)))

    assert await shown(doors) == [
        {"name": "apple-supplier-list", "edition": "2022", "editions": ["2021", "2022"], "disclosures": 2}
    ]
    assert await shown(doors, "watch") == []


async def test_what_a_list_said_is_withdrawn_for_everyone_who_was_told(doors: Doors) -> None:
    await doors.import_csv(osh(("NO", "Example", "1 Road", "")), list="private")
    await doors.import_csv(apple(("2022", *NORTH), ("2022", *SOUTH)))

    answer = await withdraw(doors, "apple-supplier-list")
    own = await withdraw(doors, "private")

    assert (answer.json()["disclosures"], answer.json()["sites"], own.json()["disclosures"]) == (2, 2, 1)
    withdrawn = Retirement.WITHDRAWN
    assert await retired(doors) == [
        ("members.disclosure", withdrawn),
        ("members.disclosure", withdrawn),
        ("member.oslo.disclosure", withdrawn),
    ]
    assert {one["disclosures"] for one in await shown(doors)} == {0}


async def test_a_withdrawn_list_can_be_imported_again(doors: Doors) -> None:
    content = apple(("2022", *NORTH))
    await doors.import_csv(content)
    await withdraw(doors, "apple-supplier-list")

    again = await doors.import_csv(content)

    assert (again.json()["accepted"], again.json()["sites_new"]) == (1, 0)


async def test_one_edition_is_withdrawn_with_what_it_brought_and_the_one_before_is_in_force(doors: Doors) -> None:
    await doors.import_csv(apple(("2021", *NORTH)))
    await doors.import_csv(apple(("2022", *NORTH), ("2022", *SOUTH)))

    answer = await withdraw(doors, "apple-supplier-list", edition="2022")

    assert (answer.json()["disclosures"], answer.json()["edition"]) == (1, "2022")
    assert (await shown(doors))[0] | {"name": ""} == {
        "name": "",
        "edition": "2021",
        "editions": ["2021"],
        "disclosures": 1,
    }
    assert (await doors.import_csv(apple(("2022", *SOUTH)))).json()["accepted"] == 1


async def test_a_dry_run_tells_and_keeps_everything(doors: Doors) -> None:
    await doors.import_csv(apple(("2022", *NORTH)))
    before = await shown(doors)

    answer = await withdraw(doors, "apple-supplier-list", dry_run=True)

    assert (answer.json()["disclosures"], answer.json()["dry_run"]) == (1, True)
    assert (await shown(doors), await retired(doors)) == (before, [])


async def test_another_members_list_and_none_are_the_same_404(doors: Doors) -> None:
    await doors.import_csv(apple(("2022", *NORTH)))

    foreign, missing = await withdraw(doors, "apple-supplier-list", "watch"), await withdraw(doors, "none", "watch")
    edition = await withdraw(doors, "apple-supplier-list", edition="2019")

    said = [answer.json() | {"instance": ""} for answer in (foreign, missing, edition)]
    assert said[0] == said[1] == said[2]
    assert said[0]["status"] == foreign.status_code == 404
    assert await retired(doors) == []


async def test_withdrawing_twice_withdraws_once(doors: Doors) -> None:
    await doors.import_csv(apple(("2022", *NORTH)))
    await withdraw(doors, "apple-supplier-list")

    again = await withdraw(doors, "apple-supplier-list")

    assert (again.status_code, again.json()["disclosures"]) == (200, 0)
    assert len(await retired(doors)) == 1
