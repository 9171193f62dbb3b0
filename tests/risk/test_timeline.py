"""What `risk` has told of a subject, for whom it is: flags by their site, exposure by member, older ids."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import httpx
import pytest
from pydantic import SecretStr

from services.risk.api import build
from services.risk.settings import RiskSettings
from shared.events.ingest import KeyIssued
from shared.events.lifecycles import FlagState
from shared.events.risk import FlagOpened
from shared.events.vocabulary import Category, KeyPurpose
from shared.http import digest
from shared.member_keys import kid_of
from tests.risk.given import (
    contract,
    disclosed,
    event,
    followed_up,
    joined,
    left,
    linked,
    named,
    registered,
    reported,
    site_registered,
)
from tests.risk.world import KEYS, OPERATOR, World


@pytest.fixture
async def client(world: World) -> AsyncIterator[httpx.AsyncClient]:
    """A door to `risk`, with keys of two members and a site that both know of."""
    settings = RiskSettings.model_construct(operator_key_sha256=SecretStr(digest(OPERATOR)))
    for member, key in KEYS.items():
        kid = kid_of(key) or ""
        issued = KeyIssued(kid=kid, member=member, digest=digest(key), purposes=(KeyPurpose.READ,))
        await world.hears(joined(member), event(issued, kid, member=member))
    await world.hears(registered(), site_registered(), disclosed())
    transport = httpx.ASGITransport(app=build(world.schema.runtime(settings)))
    async with httpx.AsyncClient(transport=transport, base_url="http://risk") as opened:
        yield opened


async def asked(client: httpx.AsyncClient, member: str | None = None, /, **query: Any) -> Any:
    """What a member is answered, or the operator."""
    headers = {"authorization": f"Bearer {KEYS[member] if member else OPERATOR}"}
    answer = await client.get("/timeline", params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def flag_of(world: World) -> UUID:
    """The flag that was opened first."""
    return next(one.data.flag for one in world.concluded if isinstance(one.data, FlagOpened))


def types(found: Any) -> list[str]:
    return [line["type"] for line in found["lines"]]


async def test_the_thread_of_a_flag_holds_its_steps_and_not_those_of_others_at_the_site(
    world: World, client: httpx.AsyncClient
) -> None:
    await world.hears(reported(), followed_up(FlagState.TRIAGED, at=60))
    await world.hears(reported("report 2", category=Category.CHILD_LABOUR, at=90))

    found = await asked(client, "bergen", subject=str(flag_of(world)))

    assert [line["says"] for line in found["lines"]] == [
        "Flag opened at Example Plant: forced labour, severity 4, serious",
        "Flag went from raised to triaged",
    ]
    assert {line["audience"] for line in found["lines"]} == {"members"}
    assert {"kind": "report", "id": str(named("report 1")), "name": None} in found["found"]
    assert str(named("report 2")) not in str(found)


async def test_a_contract_leads_to_the_flags_that_touch_it_for_its_reader_alone(
    world: World, client: httpx.AsyncClient
) -> None:
    await world.hears(contract(), linked(), reported())
    flag = str(flag_of(world))

    mine = await asked(client, "oslo", subject=str(named("contract 1")))
    others = await asked(client, "bergen", subject=str(named("contract 1")))

    assert "exposure.changed.v1" in types(mine) and "contract.assessed.v1" in types(mine)
    assert flag in {part["id"] for part in mine["found"]}
    assert others["lines"] == others["found"] == []


async def test_whose_contracts_a_flag_touches_is_told_to_each_about_itself_only(
    world: World, client: httpx.AsyncClient
) -> None:
    await world.hears(contract(), linked(), contract("contract 2", reader="bergen"), reported())
    flag = str(flag_of(world))

    for member, contract_id, another in (("oslo", "contract 1", "contract 2"), ("bergen", "contract 2", "contract 1")):
        for query in ({"subject": flag}, {"also": f"flag:{flag}"}):
            found = await asked(client, member, **query)
            assert str(named(contract_id)) in str(found) and str(named(another)) not in str(found)
    by_operator = str(await asked(client, subject=flag))
    assert str(named("contract 1")) in by_operator and str(named("contract 2")) in by_operator
    as_bergen = str(await asked(client, member="bergen", subject=flag))
    assert str(named("contract 1")) not in as_bergen


async def test_a_site_and_its_supplier_lead_to_its_flags(world: World, client: httpx.AsyncClient) -> None:
    await world.hears(reported())
    flag = str(flag_of(world))

    for subject in ("site 1", "supplier 1"):
        found = await asked(client, "bergen", subject=str(named(subject)))
        assert "flag.opened.v1" in types(found)
        assert flag in {part["id"] for part in found["found"]}


async def test_what_is_told_to_a_member_alone_is_in_no_other_thread(world: World, client: httpx.AsyncClient) -> None:
    await world.hears(disclosed("private", site="site 2", member="oslo"), contract(), linked(site="site 2"))

    for subject in ("site 2", "contract 1", "supplier 1"):
        found = await asked(client, "bergen", subject=str(named(subject)))
        assert not [line for line in found["lines"] if line["audience"] == "member"]


async def test_a_member_is_shown_its_own_view_only(client: httpx.AsyncClient) -> None:
    headers = {"authorization": f"Bearer {KEYS['bergen']}"}

    refused = await client.get("/timeline", params={"member": "oslo"}, headers=headers)

    assert (refused.status_code, refused.json()["code"]) == (403, "not_your_view")
    assert (await client.get("/timeline")).status_code == 401


async def test_what_is_unheard_of_has_no_lines(world: World, client: httpx.AsyncClient) -> None:
    await world.hears(reported(), left("oslo", at=9))

    found = await asked(client, "bergen", subject=str(named("nothing")))

    assert (found["lines"], found["found"], found["more"]) == ([], [], False)
