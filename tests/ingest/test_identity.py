"""Merging, splitting and telling apart what the registry knows, and undoing each of it."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.ingest.conftest import Doors
from tests.ingest.given import disclosure, osh
from tests.ingest.test_resolution import invented_lei

WORKS = {"name": "Example Works", "address": "1 Example Road", "country": "NO"}
PLANT = {"name": "Invented Plant", "address": "22 Invented Street", "country": "NO"}
HALL = {"name": "Fictive Hall", "address": "333 Fictive Alley", "country": "NO"}


async def disclosed(doors: Doors, *places: dict[str, Any], member: str = "oslo", **fields: Any) -> list[UUID]:
    """The ids of sites after a member has named them, in the order given."""
    events = [disclosure(site=place, **fields) for place in places]
    answer = await doors.send(*events, member=member)
    assert answer.status_code == 202, answer.text
    found = await doors.schema.rows("SELECT name, entry FROM spelling WHERE kind = 'site'")
    by_name = {row["name"]: row["entry"] for row in found}
    return [by_name[place["name"]] for place in places]


async def decide(doors: Doors, what: str, **order: Any) -> dict[str, Any]:
    """A decision that is taken."""
    answer = await doors.operate("POST", f"/identity/{what}", {name: as_json(one) for name, one in order.items()})
    assert answer.status_code == 200, answer.text
    taken: dict[str, Any] = answer.json()
    return taken


def as_json(value: Any) -> Any:
    return str(value) if isinstance(value, UUID) else value


async def refused(doors: Doors, what: str, **order: Any) -> tuple[int, str]:
    """Status and code of a decision that is not taken."""
    answer = await doors.operate("POST", f"/identity/{what}", {name: as_json(one) for name, one in order.items()})
    return answer.status_code, answer.json()["code"]


async def root_of(doors: Doors, entry: UUID) -> UUID:
    """The id under which an entry is known now."""
    return UUID((await history(doors, entry))["known_as"])


async def history(doors: Doors, entry: UUID) -> dict[str, Any]:
    answer = await doors.operate("GET", f"/identity/history/{entry}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def told(doors: Doors, since: int = 0) -> list[str]:
    """The types of the events about who is who, in order."""
    return [
        event.type
        for _, _, event in (await doors.published())[since:]
        if event.type.rsplit(".", 2)[-2] in ("merged", "unmerged", "split", "aliased")
    ]


@pytest.fixture
async def three(doors: Doors) -> AsyncIterator[tuple[Doors, UUID, UUID, UUID]]:
    """Three sites that a member has named."""
    works, plant, hall = await disclosed(doors, WORKS, PLANT, HALL)
    yield doors, works, plant, hall


async def test_a_merged_id_is_known_as_the_other_and_goes_on_to_resolve(three: Any) -> None:
    doors, works, plant, _ = three

    taken = await decide(doors, "merges", entry=plant, into=works)

    assert (taken["action"], taken["told"]) == ("merge", {"site.merged.v1": 1})
    assert await root_of(doors, plant) == works
    found = await history(doors, works)
    assert {UUID(one) for one in found["same"]} == {works, plant}
    assert [one["action"] for one in found["decisions"]] == ["merge"]


async def test_an_undone_merge_leaves_everything_as_it_was(three: Any) -> None:
    doors, works, plant, _ = three
    taken = await decide(doors, "merges", entry=plant, into=works)

    await decide(doors, "undo", decision=taken["decision"])

    assert await root_of(doors, plant) == plant
    assert await told(doors) == ["site.merged.v1", "site.unmerged.v1"]
    assert await refused(doors, "undo", decision=taken["decision"]) == (409, "undone_already")


async def test_an_undone_merge_can_be_made_again_by_undoing_its_undoing(three: Any) -> None:
    doors, works, plant, _ = three
    merged = await decide(doors, "merges", entry=plant, into=works)
    unmerged = await decide(doors, "undo", decision=merged["decision"])

    again = await decide(doors, "undo", decision=unmerged["decision"])

    assert again["action"] == "merge"
    assert await root_of(doors, plant) == works


async def test_undoing_an_earlier_merge_keeps_the_later_ones(three: Any) -> None:
    doors, works, plant, hall = three
    earlier = await decide(doors, "merges", entry=hall, into=plant)
    await decide(doors, "merges", entry=plant, into=works)
    assert await root_of(doors, hall) == works

    await decide(doors, "undo", decision=earlier["decision"])

    assert await root_of(doors, hall) == hall
    assert await root_of(doors, plant) == works


async def test_undoing_a_later_merge_keeps_together_what_was_merged_before(three: Any) -> None:
    doors, works, plant, hall = three
    await decide(doors, "merges", entry=hall, into=plant)
    later = await decide(doors, "merges", entry=plant, into=works)

    await decide(doors, "undo", decision=later["decision"])

    assert await root_of(doors, hall) == plant


async def test_what_is_known_as_another_is_merged_no_further(three: Any) -> None:
    doors, works, plant, hall = three
    await decide(doors, "merges", entry=plant, into=works)

    assert await refused(doors, "merges", entry=plant, into=hall) == (409, "known_as_another")
    assert await refused(doors, "merges", entry=works, into=plant) == (409, "same_already")


async def test_only_two_entries_of_one_kind_are_merged(three: Any) -> None:
    doors, works, _, _ = three
    (supplier,) = await doors.schema.rows("SELECT id FROM supplier")

    assert await refused(doors, "merges", entry=works, into=supplier["id"]) == (422, "kinds_differ")
    assert await refused(doors, "merges", entry=works, into=works) == (409, "same_already")
    assert await refused(doors, "merges", entry=works, into=uuid4()) == (404, "entry_unknown")


async def test_a_dry_run_keeps_and_tells_nothing(three: Any) -> None:
    doors, works, plant, _ = three
    before = len(await doors.published())

    taken = await decide(doors, "merges", entry=plant, into=works, dry_run=True)

    assert taken["dry_run"] and taken["told"] == {"site.merged.v1": 1}
    assert await root_of(doors, plant) == plant
    assert len(await doors.published()) == before


async def test_only_the_operator_decides(three: Any) -> None:
    doors, works, plant, _ = three
    order = {"entry": str(plant), "into": str(works)}

    answer = await doors.client.post("/identity/merges", json=order, headers=doors.as_member())

    assert answer.status_code == 401
    assert await root_of(doors, plant) == plant


async def ask(doors: Doors, entry: UUID, other: UUID) -> UUID:
    """A question about two sites, as a comparison would leave it."""
    question = uuid4()
    await doors.schema.pool.execute(
        "INSERT INTO review (id, kind, entry, other, score, reasons) VALUES ($1, 'site', $2, $3, 0.9, '{name_alike}')",
        question,
        entry,
        other,
    )
    return question


async def questions(doors: Doors) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await doors.operate("GET", "/identity/reviews?kind=site")).json()["reviews"]
    return found


async def test_a_question_shows_both_sides_with_what_was_said_of_them(three: Any) -> None:
    doors, works, plant, _ = three
    question = await ask(doors, plant, works)

    (found,) = await questions(doors)

    assert (UUID(found["id"]), found["reasons"]) == (question, ["name_alike"])
    left, right = found["entries"]
    assert (left["name"], right["name"]) == ("Invented Plant", "Example Works")
    (name,) = left["names"]
    assert (name["address"], name["mentions"], name["members"]) == ("22 Invented Street", 1, ["oslo"])


async def test_a_confirmed_question_merges_the_younger_into_the_older(three: Any) -> None:
    doors, works, plant, _ = three
    await doors.schema.pool.execute("UPDATE site SET registered_at = now() - interval '1 day' WHERE id = $1", works)
    question = await ask(doors, works, plant)

    await decide(doors, f"reviews/{question}", same=True)

    assert await root_of(doors, plant) == works
    assert await questions(doors) == []
    assert await refused(doors, f"reviews/{question}", same=False) == (409, "review_answered")


async def test_a_rejected_question_is_never_asked_again_not_even_of_what_is_merged_later(three: Any) -> None:
    doors, works, plant, hall = three
    question = await ask(doors, works, plant)
    await decide(doors, f"reviews/{question}", same=False)
    await ask(doors, hall, plant)

    await decide(doors, "merges", entry=hall, into=works)

    assert await questions(doors) == []


async def test_a_rejection_that_is_undone_opens_the_question_again(three: Any) -> None:
    doors, works, plant, _ = three
    question = await ask(doors, works, plant)
    taken = await decide(doors, f"reviews/{question}", same=False)

    await decide(doors, "undo", decision=taken["decision"])

    assert [UUID(one["id"]) for one in await questions(doors)] == [question]


async def test_a_merge_of_a_question_that_is_undone_opens_it_again(three: Any) -> None:
    doors, works, plant, _ = three
    question = await ask(doors, works, plant)
    taken = await decide(doors, f"reviews/{question}", same=True)

    await decide(doors, "undo", decision=taken["decision"])

    assert [UUID(one["id"]) for one in await questions(doors)] == [question]


async def test_questions_come_page_by_page(three: Any) -> None:
    doors, works, plant, hall = three
    for entry, other in ((works, plant), (works, hall), (plant, hall)):
        await ask(doors, entry, other)
    seen: list[str] = []
    query = "kind=site&limit=2"

    while True:
        page = (await doors.operate("GET", f"/identity/reviews?{query}")).json()
        seen += [one["id"] for one in page["reviews"]]
        if page["next"] is None:
            break
        query = f"kind=site&limit=2&after={page['next']}"

    assert len(seen) == len(set(seen)) == 3


TWIN = {"name": "Pretend Yard", "address": "4444 Pretend Quay", "country": "NO"}


async def twins(doors: Doors) -> tuple[UUID, int]:
    """A site with two names that share a smelter id, and the number of the second."""
    same = {"identifiers": {"smelter_id": "CID999999"}}
    (works,) = await disclosed(doors, WORKS | same)
    (again,) = await disclosed(doors, TWIN | same, member="watch")
    assert again == works
    (row,) = await doors.schema.rows("SELECT number FROM spelling WHERE name = 'Pretend Yard'")
    return works, row["number"]


async def test_a_name_leaves_its_site_with_the_disclosures_that_rest_on_it(doors: Doors) -> None:
    works, number = await twins(doors)

    taken = await decide(doors, "splits", spelling=number)

    new = UUID(taken["other"])
    rows = await doors.schema.rows("SELECT member, site FROM disclosure ORDER BY member")
    assert [tuple(row) for row in rows] == [("oslo", works), ("watch", new)]
    assert await root_of(doors, new) == new
    assert [one["name"] for one in (await history(doors, new))["entry"]["names"]] == ["Pretend Yard"]
    assert [one["name"] for one in (await history(doors, works))["entry"]["names"]] == ["Example Works"]
    assert (await told(doors))[-1] == "site.split.v1"
    assert {"site.split.v1", "site.registered.v1"} <= taken["told"].keys()


async def test_after_a_split_the_name_stands_for_the_new_site(doors: Doors) -> None:
    _, number = await twins(doors)
    new = UUID((await decide(doors, "splits", spelling=number))["other"])

    assert await disclosed(doors, TWIN) == [new]
    assert await questions(doors) == []


async def test_an_undone_split_joins_both_again(doors: Doors) -> None:
    works, number = await twins(doors)
    taken = await decide(doors, "splits", spelling=number)

    undone = await decide(doors, "undo", decision=taken["decision"])

    assert await root_of(doors, UUID(taken["other"])) == works
    await decide(doors, "undo", decision=undone["decision"])
    assert await root_of(doors, UUID(taken["other"])) == UUID(taken["other"])


async def test_what_the_rules_decided_is_undone_like_any_other_decision(doors: Doors) -> None:
    works, _ = await twins(doors)
    (alias,) = [one for one in (await history(doors, works))["decisions"] if one["action"] == "alias"]

    taken = await decide(doors, "undo", decision=alias["id"])

    assert taken["action"] == "split"
    assert await root_of(doors, UUID(taken["other"])) == UUID(taken["other"])
    assert await refused(doors, "undo", decision=alias["id"]) == (409, "undone_already")


async def test_an_entry_keeps_the_name_it_was_registered_with(doors: Doors) -> None:
    _, number = await twins(doors)

    assert await refused(doors, "splits", spelling=number - 1) == (409, "first_name")
    assert await refused(doors, "splits", spelling=number + 1) == (404, "spelling_unknown")


async def test_ids_that_only_the_leaving_name_was_given_leave_with_it(doors: Doors) -> None:
    same = {"smelter_id": "CID999999"}
    (works,) = await disclosed(doors, WORKS | {"identifiers": same})
    await disclosed(doors, TWIN | {"identifiers": same | {"lei": invented_lei(7)}})
    (row,) = await doors.schema.rows("SELECT number FROM spelling WHERE name = 'Pretend Yard'")
    assert (await history(doors, works))["entry"]["identifiers"] == same | {"lei": invented_lei(7)}

    taken = await decide(doors, "splits", spelling=row["number"])

    assert (await history(doors, works))["entry"]["identifiers"] == same
    found = await history(doors, UUID(taken["other"]))
    assert found["entry"]["identifiers"] == same | {"lei": invented_lei(7)}


async def test_a_suppliers_name_leaves_with_its_disclosures_and_sites(doors: Doors) -> None:
    first = {"name": "Example Electronics Ltd", "identifiers": {"lei": invented_lei(1)}}
    second = {"name": "Invented Works GmbH", "identifiers": {"lei": invented_lei(1)}}
    await disclosed(doors, WORKS, supplier=first)
    (plant,) = await disclosed(doors, PLANT, supplier=second)
    (row,) = await doors.schema.rows("SELECT number, entry FROM spelling WHERE name = 'Invented Works GmbH'")

    taken = await decide(doors, "splits", spelling=row["number"])

    new = UUID(taken["other"])
    rows = await doors.schema.rows("SELECT supplier FROM disclosure WHERE site = $1", plant)
    assert [one["supplier"] for one in rows] == [new]
    (site,) = await doors.schema.rows("SELECT supplier FROM site WHERE id = $1", plant)
    assert site["supplier"] == new


async def test_a_merge_of_sites_shows_each_buyer_what_the_other_sites_disclosures_say(doors: Doors) -> None:
    contract = {"reference": "C-1", "level": "framework", "supplier": {"name": "Example Electronics Ltd"}}
    for member in ("oslo", "watch"):
        from_member = {"type": "contract.registered.v1", "data": contract}
        await doors.send(disclosure() | from_member, member=member)
    (works,) = await disclosed(doors, WORKS, contract="C-1")
    (plant,) = await disclosed(doors, PLANT, contract="C-1", member="watch")

    taken = await decide(doors, "merges", entry=plant, into=works)

    assert taken["told"] == {"site.merged.v1": 1, "disclosure.accepted.v1": 2}
    undone = await decide(doors, "undo", decision=taken["decision"])
    assert undone["told"] == {"site.unmerged.v1": 1, "disclosure.retired.v1": 2}


async def test_a_site_on_a_list_leaves_with_its_name_though_the_list_came_anew_in_another_order(doors: Doors) -> None:
    works, number = await twins(doors)
    mill = ["NO", "Fabled Mill", "55555 Fabled Lane", "Electronics"]
    yard = ["NO", TWIN["name"], TWIN["address"], "Electronics"]
    for rows in ((mill, yard), (yard, mill)):
        answer = await doors.import_csv(osh(*rows), edition="2024", list="Example list")
        assert answer.status_code == 200, answer.text

    new = UUID((await decide(doors, "splits", spelling=number))["other"])

    listed = await doors.schema.rows("SELECT site FROM disclosure WHERE list = 'Example list'")
    assert new in {row["site"] for row in listed} and works not in {row["site"] for row in listed}
