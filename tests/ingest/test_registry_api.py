"""The registry by HTTP: pages of what a member may see; what is another's looks as if it were not there."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from shared.events import ingest
from tests.ingest.conftest import Doors
from tests.ingest.given import CONTRACT, DISCLOSURE, SITE, disclosure, event, flag, without_instance
from tests.ingest.speaking import FOUNDING

GROUP: dict[str, Any] = {
    "workinggroup": "batteries",
    "name": "Batteries",
    "purpose": "Cobalt in batteries.",
    "secretariat": "watch",
    "founding": FOUNDING,
    "instruments": ["C182"],
    "rightsholders": ["Example Miners' Union"],
    "suppliers": ["Example Mining"],
    "members": [{"member": "oslo", "role": "lead"}],
}
CONTRACT_OF_OSLO = CONTRACT | {"reference": "of-oslo", "level": "framework"}


async def get(doors: Doors, path: str, member: str = "oslo", **query: Any) -> httpx.Response:
    return await doors.client.get(f"/registry/{path}", params=query, headers=doors.as_member(member))


async def found(doors: Doors, path: str, **query: Any) -> list[str]:
    """The names of what is listed."""
    answer = await get(doors, path, **query)
    assert answer.status_code == 200, answer.text
    return [one["name"] for one in answer.json()["items"]]


async def with_suppliers(doors: Doors) -> None:
    """Three suppliers, each with a site."""
    named = [("Exámple Batteries", "NO"), ("Sample Cables GmbH", "DE"), ("Test Displays (Example Group)", "VN")]
    for name, country in named:
        supplier = {"name": name, "country": country, "identifiers": {"duns": "123456789"} if country == "DE" else {}}
        site = {"name": f"{name} Works", "address": f"1 {name} Road", "country": country}
        await doors.send(disclosure(supplier=supplier, site=site))


async def site_of(doors: Doors) -> str:
    """The id of the only site."""
    (row,) = await doors.schema.rows("SELECT id FROM site")
    return str(row["id"])


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({}, 3),
        ({"name": "example"}, 2),
        ({"name": "EXAM bat"}, 1),
        ({"name": "group"}, 1),
        ({"name": "ample"}, 0),
        ({"name": "!!"}, 0),
        ({"name": "'); --"}, 0),
        ({"country": "DE"}, 1),
        ({"country": "SE"}, 0),
        ({"name": "sample", "country": "DE"}, 1),
        ({"changed_since": "2020-01-01T00:00:00Z"}, 3),
        ({"changed_since": "2199-01-01T00:00:00Z"}, 0),
    ],
)
@pytest.mark.parametrize("path", ["suppliers", "sites"])
async def test_entries_are_found_by_name_country_and_time(
    doors: Doors, path: str, query: dict[str, str], names: int
) -> None:
    await with_suppliers(doors)

    assert len(await found(doors, path, **query)) == names


async def test_a_supplier_is_found_by_an_id_that_others_gave_it(doors: Doors) -> None:
    await with_suppliers(doors)

    assert await found(doors, "suppliers", identifier="duns:123456789") == ["Sample Cables GmbH"]
    assert await found(doors, "suppliers", identifier="duns:987654321") == []


async def test_sites_are_found_by_their_supplier(doors: Doors) -> None:
    await with_suppliers(doors)
    (supplier,) = (await get(doors, "suppliers", country="VN")).json()["items"]

    assert await found(doors, "sites", supplier=supplier["id"]) == ["Test Displays (Example Group) Works"]
    assert await found(doors, "sites", supplier=str(uuid4())) == []


@pytest.mark.parametrize("path", ["suppliers", "sites", "members"])
async def test_following_next_shows_everything_once(doors: Doors, path: str) -> None:
    await with_suppliers(doors)
    await doors.operate("POST", "/members", {"member": "dfo", "name": "Example DFO"})

    names, at = [], f"/registry/{path}?limit=2"
    while at:
        page = (await doors.client.get(at, headers=doors.as_member())).json()
        assert len(page["items"]) <= 2
        names += [one["name"] for one in page["items"]]
        at = page["next"]

    assert len(names) == len(set(names)) == 3


async def test_next_keeps_what_was_asked_for(doors: Doors) -> None:
    await with_suppliers(doors)

    page = (await get(doors, "suppliers", name="example", limit=1)).json()
    following = (await doors.client.get(page["next"], headers=doors.as_member())).json()

    assert [one["name"] for one in (*page["items"], *following["items"])] == [
        "Exámple Batteries",
        "Test Displays (Example Group)",
    ]
    assert following["next"] is None


@pytest.mark.parametrize(
    "query",
    [
        {"limit": 0},
        {"limit": 201},
        {"cursor": "none!"},
        {"cursor": "bm9uZQ"},
        {"country": "Norway"},
        {"name": "a\u0000b"},
        {"identifier": "x:1"},
        {"changed_since": "yesterday"},
        {"changed_since": "0001-01-01T00:00:00Z"},
        {"supplier": "me"},
    ],
)
async def test_a_question_that_does_not_fit_is_refused_without_repeating_it(
    doors: Doors, query: dict[str, Any]
) -> None:
    answer = await get(doors, "sites", **query)

    assert answer.status_code == 422
    (name,) = query
    assert answer.json()["errors"][0]["pointer"] == f"/{name}"
    assert str(query[name]) not in answer.json()["detail"]


async def test_a_merged_id_answers_with_the_entry_it_is_known_as_now(doors: Doors) -> None:
    await doors.send(disclosure(), disclosure(supplier={"name": "Sample"}, site=SITE | {"name": "Sample Works"}))
    kept, merged = [str(row["id"]) for row in await doors.schema.rows("SELECT id FROM site ORDER BY name")]
    await doors.schema.rows("UPDATE site SET root = $1::text::uuid WHERE id = $2::text::uuid", kept, merged)

    old, new = (await get(doors, f"sites/{merged}")).json(), (await get(doors, f"sites/{kept}")).json()

    assert (old["id"], old["known_as"], old["name"]) == (merged, kept, new["name"])
    assert (new["known_as"], new["former_ids"]) == (None, [merged])
    assert {one["name"] for one in new["spellings"]} == {"Example Works", "Sample Works"}
    assert len(new["disclosures"]) == 2
    assert await found(doors, "sites", name="sample") == ["Example Works"]


async def test_a_site_shows_its_spellings_by_kind_of_contributor_and_names_nobody(doors: Doors) -> None:
    await doors.send(disclosure())
    await doors.send(disclosure(), member="watch")

    answer = await get(doors, f"sites/{await site_of(doors)}", member="watch")

    (spelling,) = answer.json()["spellings"]
    assert (spelling["name"], spelling["address"]) == ("Example Works", "1 Example Road")
    assert spelling["contributors"] == ["buyer", "secretariat"]
    assert "oslo" not in answer.text


async def test_a_site_shows_only_the_disclosures_that_the_reader_may_read(doors: Doors) -> None:
    unpublished, published = disclosure(), disclosure(published=True, list={"source": "public", "edition": "2024"})
    await doors.send(unpublished, published)
    site = await site_of(doors)

    own = (await get(doors, f"sites/{site}")).json()["disclosures"]
    others = (await get(doors, f"sites/{site}", member="watch")).json()["disclosures"]

    assert sorted((one["list"], one["member"]) for one in own) == [("example-list", "oslo"), ("public", "oslo")]
    assert [(one["list"], one["contributor"], one["member"]) for one in others] == [("public", "buyer", "oslo")]


async def test_a_linked_member_reads_a_disclosure_without_the_name_of_its_sender(doors: Doors) -> None:
    framework = CONTRACT_OF_OSLO | {"end_users": ["watch"]}
    await doors.send(event("contract.registered.v1", framework), disclosure(contract="of-oslo"))

    answer = await get(doors, f"sites/{await site_of(doors)}", member="watch")

    (one,) = answer.json()["disclosures"]
    assert (one["contributor"], one["member"], one["published"]) == ("buyer", None, False)


async def test_a_site_shows_what_was_replied_to_reports_of_it(doors: Doors) -> None:
    await doors.send(flag())
    report = next(one.data.report for _, _, one in await doors.published() if isinstance(one.data, ingest.FlagReported))
    reply = {"report": str(report), "speaker": "site", "stance": "disputes", "said_on": "2026-01-20"}
    await doors.send(event("reply.given.v1", reply))

    (one,) = (await get(doors, f"sites/{await site_of(doors)}", member="watch")).json()["replies"]

    assert (one["report"], one["stance"], one["speaker"]) == (str(report), "disputes", "site")


async def test_a_contract_is_seen_by_its_owner_and_whoever_buys_under_it(doors: Doors) -> None:
    await doors.send(event("contract.registered.v1", CONTRACT_OF_OSLO))
    (own,) = (await get(doors, "contracts")).json()["items"]
    path = f"contracts/{own['contract']['contract']}"

    foreign = await get(doors, path, member="watch")
    missing = await get(doors, f"contracts/{uuid4()}", member="watch")

    assert (own["contract"]["reference"], own["closed"]) == ("of-oslo", False)
    assert (await get(doors, path)).json() == own
    assert (await get(doors, "contracts", member="watch")).json()["items"] == []
    assert (foreign.status_code, without_instance(foreign)) == (404, without_instance(missing))
    await doors.send(event("contract.registered.v1", CONTRACT_OF_OSLO | {"end_users": ["watch"]}))
    assert (await get(doors, path, member="watch")).status_code == 200


async def test_a_contract_that_is_only_named_is_not_there(doors: Doors) -> None:
    await doors.send(event("disclosure.submitted.v1", DISCLOSURE | {"contract": "named-only"}))

    assert (await get(doors, "contracts")).json()["items"] == []


async def test_members_and_working_groups_are_seen_by_members(doors: Doors) -> None:
    await doors.operate("POST", "/workinggroups", GROUP)

    groups = (await get(doors, "workinggroups")).json()["items"]

    assert await found(doors, "members") == ["Example oslo", "Example watch"]
    assert (await get(doors, "members/watch")).json()["kind"] == "secretariat"
    assert groups == [(await get(doors, "workinggroups/batteries")).json()]
    assert (groups[0]["members"], len(groups[0]["suppliers"])) == ({"oslo": "lead"}, 1)
    assert groups[0]["founding"] == FOUNDING | {"about": None}
    assert (groups[0]["instruments"], groups[0]["rightsholders"]) == (["C182"], ["Example Miners' Union"])


async def test_a_closed_working_group_is_still_seen_with_why_it_ended(doors: Doors) -> None:
    await doors.operate("POST", "/workinggroups", GROUP)
    await doors.operate("POST", "/workinggroups/batteries/closure", {"reason": "discontinued"})

    (group,) = (await get(doors, "workinggroups")).json()["items"]

    assert (group["closed"] is not None, group["reason"]) == (True, "discontinued")


@pytest.mark.parametrize(
    "path",
    [
        "suppliers/{id}",
        "sites/{id}",
        "contracts/{id}",
        "members/nobody",
        "workinggroups/nothing",
        "sites/nonsense",
        "members/a%00b",
        "members/%C3%B8",
    ],
)
async def test_whatever_is_missing_is_answered_alike(doors: Doors, path: str) -> None:
    answer = await get(doors, path.replace("{id}", str(uuid4())))

    assert answer.status_code == 404
    assert without_instance(answer) == without_instance(await get(doors, "members/nobody"))


@pytest.mark.parametrize("path", ["suppliers", "sites", "contracts", "members", "workinggroups"])
async def test_the_operator_sees_the_registry_and_a_stranger_does_not(doors: Doors, path: str) -> None:
    await with_suppliers(doors)
    await doors.send(event("contract.registered.v1", CONTRACT_OF_OSLO))
    await doors.operate("POST", "/workinggroups", GROUP)

    assert (await doors.operate("GET", f"/registry/{path}")).json()["items"]
    assert (await doors.client.get(f"/registry/{path}")).status_code == 401
