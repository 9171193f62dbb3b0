"""A member asks by its own key about its own contracts; an operator names whose."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from shared.events.vocabulary import Category
from shared.member_keys import key_of
from tests.risk.flags.told import site_merged
from tests.risk.given import contract, disclosed, named, reported, site_registered
from tests.risk.world import KEYS, OPERATOR, World


@pytest.fixture
def world(two_members: World) -> World:
    return two_members


@pytest.fixture
async def client(door: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(door), base_url="http://risk") as client:
        yield client


async def ask(client: httpx.AsyncClient, key: str, path: str = "/exposure", **params: Any) -> httpx.Response:
    return await client.get(path, params=params, headers={"authorization": f"Bearer {key}"})


async def test_a_member_is_shown_which_of_its_contracts_touch_a_site(client: httpx.AsyncClient) -> None:
    answer = (await ask(client, KEYS["oslo"], site=named("site 1"), on="2026-03-02")).json()

    assert (answer["member"], answer["on"], answer["more"]) == ("oslo", "2026-03-02", False)
    (path,) = answer["paths"]
    assert (path["reference"], path["title"], path["reach"]) == ("ours", "Laptops", "disclosed_for_contract")
    assert (path["site"], path["valid_from"], path["valid_to"]) == (str(named("site 1")), "2026-03-02", None)


async def test_another_member_is_shown_nothing_of_it(client: httpx.AsyncClient) -> None:
    site = await ask(client, KEYS["bergen"], site=named("site 1"))
    flags = await ask(client, KEYS["bergen"], "/exposure/flags")

    assert (site.status_code, site.json()["paths"]) == (200, [])
    assert (flags.status_code, flags.json()["flags"]) == (200, [])


@pytest.mark.parametrize("path", ["/exposure", "/exposure/flags"])
async def test_a_member_may_not_name_another(client: httpx.AsyncClient, path: str) -> None:
    params = {"site": named("site 1")} if path == "/exposure" else {}
    answer = await ask(client, KEYS["bergen"], path, member="oslo", **params)

    assert (answer.status_code, answer.json()["code"]) == (403, "not_your_view")
    assert "oslo" not in answer.text


async def test_a_member_is_shown_the_open_flags_that_touch_its_contracts_and_the_leverage_of_all(
    client: httpx.AsyncClient,
) -> None:
    (flag,) = (await ask(client, KEYS["oslo"], "/exposure/flags")).json()["flags"]

    assert (flag["category"], flag["site"], flag["severity"]) == ("forced_labour", str(named("site 1")), 4)
    (mine,) = flag["mine"]
    assert (mine["reference"], mine["reach"], mine["workinggroups"]) == (
        "ours",
        "disclosed_for_contract",
        ["example-group"],
    )
    assert flag["together"] == {"buyers": 1, "contracts": None, "workinggroups": ["example-group"], "sums": {}}


async def test_an_operator_names_the_member(client: httpx.AsyncClient) -> None:
    nobody = await ask(client, OPERATOR, site=named("site 1"))
    oslo = await ask(client, OPERATOR, site=named("site 1"), member="oslo")

    assert (nobody.status_code, nobody.json()["code"]) == (422, "member_missing")
    assert [path["reference"] for path in oslo.json()["paths"]] == ["ours"]


@pytest.mark.parametrize("path", ["/exposure", "/exposure/flags"])
async def test_a_key_that_was_never_given_is_shown_nothing(client: httpx.AsyncClient, path: str) -> None:
    assert (await ask(client, key_of("00000000000f", "c" * 43), path)).status_code == 401


@pytest.mark.parametrize(
    ("params", "status", "code"),
    [
        ({}, 422, "subject_invalid"),
        ({"mineral": "cobalt", "product": "Example Maker"}, 422, "subject_invalid"),
        ({"site": "8d9c1c5e-0000-4000-8000-0000000000ff"}, 404, "site_unknown"),
        ({"mineral": "unobtainium"}, 422, "schema_invalid"),
        ({"mineral": "cobalt", "on": "20260302"}, 422, "schema_invalid"),
        ({"product": "Example\u0000Maker"}, 422, "schema_invalid"),
        ({"mineral": "cobalt", "limit": "0"}, 422, "schema_invalid"),
    ],
)
async def test_a_question_that_cannot_be_answered_is_refused_with_what_to_do(
    client: httpx.AsyncClient, params: dict[str, str], status: int, code: str
) -> None:
    answer = await ask(client, KEYS["oslo"], **params)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not [said for said in params.values() if len(said) > 3 and said in answer.json()["detail"]]


async def test_a_site_that_only_another_member_was_told_of_answers_as_one_that_nothing_has_named(
    client: httpx.AsyncClient, world: World
) -> None:
    await world.hears(disclosed("disclosure 2", site="site 2", member="oslo"))

    told, untold, operator, nowhere = [
        await ask(client, key, site=named(site), **more)
        for key, site, more in (
            (KEYS["oslo"], "site 2", {}),
            (KEYS["bergen"], "site 2", {}),
            (OPERATOR, "site 2", {"member": "bergen"}),
            (KEYS["bergen"], "site of nobody", {}),
        )
    ]

    assert (told.status_code, operator.status_code) == (200, 200)
    assert (untold.status_code, nowhere.status_code) == (404, 404)
    assert untold.json() | {"instance": ""} == nowhere.json() | {"instance": ""}


@pytest.mark.parametrize("by", ["registry", "report", "disclosure", "merge"])
async def test_a_site_that_all_members_are_told_of_is_known_to_each(
    client: httpx.AsyncClient, world: World, by: str
) -> None:
    await world.hears(disclosed("disclosure 2", site="site 2", member="oslo"))
    await world.hears(
        {
            "registry": site_registered("site 2"),
            "report": reported("report 2", site="site 2"),
            "disclosure": disclosed("disclosure 3", site="site 2", supplier="supplier 9"),
            "merge": site_merged("site 2", "site 1"),
        }[by]
    )

    answer = await ask(client, KEYS["bergen"], site=named("site 2"))

    assert (answer.status_code, answer.json()["paths"]) == (200, [])


async def test_a_limit_says_that_there_is_more(client: httpx.AsyncClient, world: World) -> None:
    await world.hears(contract("another"), disclosed(), reported("report 2", category=Category.CHILD_LABOUR))

    paths = (await ask(client, KEYS["oslo"], site=named("site 1"), limit=1)).json()
    flags = (await ask(client, KEYS["oslo"], "/exposure/flags", limit=1)).json()

    assert (len(paths["paths"]), paths["more"]) == (1, True)
    assert (len(flags["flags"]), flags["more"]) == (1, True)
