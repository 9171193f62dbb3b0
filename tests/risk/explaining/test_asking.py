"""Asking why over HTTP and by command: with the operator's key, or a member's own for what it may know."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import httpx
import pytest
import typer
from click.testing import Result
from pydantic import SecretStr
from typer.testing import CliRunner

from services.risk import commands
from services.risk.api import build, explanations
from services.risk.domain.assessment import canonical
from services.risk.settings import RiskSettings
from shared.client import CommandError
from shared.events.ingest import KeyIssued
from shared.events.vocabulary import KeyPurpose
from shared.http import digest
from shared.member_keys import key_of, kid_of
from shared.postgres import Connection
from tests.risk.explaining.asking import ACCUSING, BITLAND, explained, loads_goods, loads_orders
from tests.risk.given import contract, disclosed, event, joined, linked, named, registered, reported
from tests.risk.world import World
from tests.shared.listening import listening

KEY = "an-operator's-key-of-these-tests"
OF_MEMBERS = {"oslo": key_of("a" * 12, "A" * 43), "bergen": key_of("b" * 12, "B" * 43)}
Engage = Callable[..., Awaitable[Result]]


@pytest.fixture
def settings(world: World) -> RiskSettings:
    return RiskSettings(
        kafka_bootstrap="127.0.0.1:1", database_dsn=world.schema.dsn, operator_key_sha256=SecretStr(digest(KEY))
    )


@pytest.fixture
async def client(world: World, settings: RiskSettings) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(build(world.schema.runtime(settings)))
    async with httpx.AsyncClient(transport=transport, base_url="http://risk") as client:
        yield client


@pytest.fixture
async def engage(
    world: World, settings: RiskSettings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> AsyncIterator[Engage]:
    """Types a command of this service, against the real door on a real port."""
    async with listening(build(world.schema.runtime(settings))) as url:
        monkeypatch.setenv("ENGAGE_RISK_URL", url)
        monkeypatch.setenv("ENGAGE_OPERATOR_KEY", KEY)
        monkeypatch.setenv("ENGAGE_STATE", str(tmp_path))
        monkeypatch.setenv("COLUMNS", "100")
        app = typer.Typer()
        commands.register(app)
        yield lambda *words: asyncio.to_thread(CliRunner().invoke, app, words)


def bearer(member: str | None = None) -> dict[str, str]:
    """The key of a member, or the operator's."""
    return {"authorization": f"Bearer {KEY if member is None else OF_MEMBERS[member]}"}


async def two_members(world: World) -> None:
    """Two members with keys; a site is disclosed to one of them alone."""
    for member, key in OF_MEMBERS.items():
        issued = KeyIssued(kid=str(kid_of(key)), member=member, digest=digest(key), purposes=(KeyPurpose.READ,))
        await world.hears(joined(member), event(issued, issued.kid, member=member))
    await world.hears(registered(), disclosed(member="oslo"), contract(), linked())


async def test_without_a_key_nothing_is_explained(client: httpx.AsyncClient) -> None:
    answers = [
        await client.get(path, params={"subject": "Example"}, headers={"authorization": "Bearer wrong"})
        for path in ("/explanations", "/summary")
    ]

    assert [(one.status_code, one.json()["code"]) for one in answers] == [(401, "key_unknown")] * 2


async def test_a_member_is_shown_what_it_may_know_and_another_nothing_of_it(
    client: httpx.AsyncClient, world: World
) -> None:
    await two_members(world)
    unknown = await client.get("/explanations", params={"subject": str(named("nowhere"))}, headers=bearer("bergen"))

    for thing in ("site 1", "supplier 1", "contract 1"):
        query = {"subject": str(named(thing))}
        own = await client.get("/explanations", params=query, headers=bearer("oslo"))
        theirs = await client.get("/explanations", params=query, headers=bearer("bergen"))
        assert own.status_code == 200
        assert own.json()["audience"] == "oslo"
        assert theirs.status_code == 404
        assert theirs.json() | {"instance": ""} == unknown.json() | {"instance": ""}


async def test_only_an_operator_names_another_member(client: httpx.AsyncClient, world: World) -> None:
    await two_members(world)
    query = {"subject": str(named("site 1")), "member": "oslo"}

    by_operator = await client.get("/explanations", params=query, headers=bearer())
    by_other = await client.get("/explanations", params=query, headers=bearer("bergen"))

    assert by_operator.json()["audience"] == "oslo"
    assert (by_other.status_code, by_other.json()["code"]) == (403, "not_your_view")


async def test_the_answer_is_canonical_json(client: httpx.AsyncClient, world: World) -> None:
    await loads_goods(world)
    await world.hears(registered(), disclosed(), reported())

    answers = [
        (await client.get("/explanations", params={"subject": "Example Electronics"}, headers=bearer())).content
        for _ in range(2)
    ]

    assert answers[0] == answers[1] == canonical(await explained(world, "Example Electronics")).encode()


async def test_a_name_of_several_is_a_problem_that_lists_them(client: httpx.AsyncClient, world: World) -> None:
    await world.hears(disclosed("d1"), disclosed("d2", site="site 2", country="MY"))

    answer = await client.get("/explanations", params={"subject": "Example Plant"}, headers=bearer())

    assert (answer.status_code, answer.json()["code"]) == (409, "subject_ambiguous")
    assert answer.headers["content-type"] == "application/problem+json"
    assert {(one["id"], one["country"]) for one in answer.json()["candidates"]} == {
        (str(named("site 1")), "CN"),
        (str(named("site 2")), "MY"),
    }


async def test_of_very_many_of_one_name_the_first_are_listed_and_the_others_counted(
    client: httpx.AsyncClient, engage: Engage, world: World
) -> None:
    await world.hears_at_once(*(disclosed(f"d{one}", site=f"site {one}") for one in range(53)))

    answer = await client.get("/explanations", params={"subject": "Example Plant"}, headers=bearer())
    printed = await engage("risk", "explain", "Example Plant")

    assert (len(answer.json()["candidates"]), answer.json()["more"]) == (50, 3)
    assert "and 3 more: name more of its words." in printed.output


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"subject": "Example", "country": "Atlantis"}, "country_unknown"),
        ({"subject": ""}, "schema_invalid"),
        ({"subject": "a\x00b"}, "schema_invalid"),
        ({"subject": "Example", "sites": "0"}, "schema_invalid"),
    ],
)
async def test_what_cannot_be_asked_is_refused_without_an_echo(
    client: httpx.AsyncClient, query: dict[str, str], code: str
) -> None:
    answer = await client.get("/explanations", params=query, headers=bearer())

    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert "Atlantis" not in answer.text


async def test_a_country_may_be_named_in_words(client: httpx.AsyncClient, world: World) -> None:
    await loads_orders(world)

    answer = await client.get("/explanations", params={"subject": BITLAND, "country": "China"}, headers=bearer())

    assert [one["confidence"] for one in answer.json()["names"]] == ["high"]


async def test_the_command_prints_the_tree_and_the_same_json(engage: Engage, world: World) -> None:
    await loads_goods(world)
    await world.hears(registered(), disclosed(), reported())

    printed = await engage("risk", "explain", "Example Electronics")
    told = await engage("risk", "explain", str(named("supplier 1")), "--json")

    assert printed.exit_code == told.exit_code == 0
    assert printed.output.startswith("Example Electronics\n")
    assert "Forced labour: indicated; severity 5" in printed.output
    assert "\x1b" not in printed.output
    assert max(map(len, printed.output.splitlines())) <= 100
    assert not ACCUSING.search(printed.output)
    assert json.loads(told.output) == json.loads(canonical(await explained(world, "Example Electronics")))


async def test_the_command_shows_everything_on_demand(engage: Engage, world: World) -> None:
    await loads_goods(world)
    weaker = reported("report 2", likelihood=1, scale=1, scope=1, irremediability=1)
    await world.hears(registered(), disclosed(), reported(), weaker)

    short = await engage("risk", "explain", str(named("site 1")))
    every = await engage("risk", "explain", str(named("site 1")), "--all")

    assert "and 1 more reason without effect on the grades; --all shows every one." in short.output
    assert "--all shows every one" not in every.output
    assert "[decides nothing]" in every.output


async def test_the_command_ends_with_two_where_a_name_means_several(engage: Engage, world: World) -> None:
    await world.hears(disclosed("d1"), disclosed("d2", site="site 2", country="MY"))

    several = await engage("risk", "explain", "Example Plant")
    chosen = await engage("risk", "explain", "Example Plant", "--country", "Malaysia")

    assert several.exit_code == 2
    assert str(named("site 2")) in several.output
    assert "Choose one by its id" in several.output
    assert chosen.exit_code == 0


async def test_the_command_asks_by_the_key_of_a_member_where_it_is_at_hand(
    engage: Engage, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await two_members(world)

    by_operator = await engage("risk", "explain", "contract 1", "--member", "oslo")
    monkeypatch.setenv("ENGAGE_MEMBER_KEY", OF_MEMBERS["bergen"])
    by_other = await engage("risk", "explain", str(named("contract 1")), "--member", "bergen")

    assert "contract 1" in by_operator.output
    assert isinstance(by_other.exception, CommandError)
    assert "subject_unknown" in str(by_other.exception)


async def test_the_summary_counts_what_all_members_may_know(engage: Engage, world: World) -> None:
    await loads_goods(world)
    await world.hears(
        disclosed("d1"),
        disclosed("d2", site="site 2", country="NO"),
        disclosed("d3", site="site 3", member="oslo"),
        reported(),
    )

    printed = await engage("risk", "summary")
    told = json.loads((await engage("risk", "summary", "--json")).output)

    assert told["sites"] == {"assessed": 2, "indicated": 1}
    assert told["flags"] == [{"state": "raised", "category": "forced_labour", "count": 1, "serious": 1}]
    assert told["findings"]["discrimination"] == {"unknown": 2}
    assert "Sites assessed: 2; something points at 1 of them." in printed.output


async def test_a_question_for_which_no_turn_comes_is_told_to_come_again(
    world: World, settings: RiskSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(explanations, "WAITING", 0.01)
    app = build(world.schema.runtime(settings))
    headers = {"authorization": f"Bearer {KEY}"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://risk", headers=headers) as client:
        for _ in range(explanations.AT_ONCE):
            await app.state.explaining.acquire()
        busy = await client.get("/explanations", params={"subject": "Example Electronics"})
        app.state.explaining.release()
        answered = [await client.get("/explanations", params={"subject": "Example Electronics"}) for _ in range(3)]

    assert (busy.status_code, busy.json()["code"], busy.headers["retry-after"]) == (503, "busy", "5")
    assert {one.status_code for one in answered} == {200}


async def test_an_explanation_that_takes_long_to_read_is_ended(
    world: World, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def long(tx: Connection, *_: object, **__: object) -> None:
        await tx.execute("SELECT pg_sleep(30)")

    monkeypatch.setattr(explanations, "READING", 50)
    monkeypatch.setattr(explanations, "explain_subject", long)

    answer = await client.get("/explanations", params={"subject": "x"}, headers={"authorization": f"Bearer {KEY}"})

    assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (503, "unavailable", "2")


async def test_what_is_in_another_country_is_not_taken_for_what_was_asked(engage: Engage, world: World) -> None:
    await world.hears(registered(), disclosed())

    elsewhere = await engage("risk", "explain", "Example Electronics", "--country", "MY")
    there = await engage("risk", "explain", "Example Electronics", "--country", "CN")

    assert (elsewhere.exit_code, there.exit_code) == (2, 0)
    assert "Nothing of this name is known in that country. There is:" in elsewhere.output
    assert str(named("supplier 1")) in elsewhere.output


async def test_a_name_that_no_list_has_is_not_no_risk_and_near_entries_are_offered(
    engage: Engage, world: World
) -> None:
    await loads_orders(world)

    near = await engage("risk", "explain", "Bitland Hefei")
    unlisted = await engage("risk", "explain", "Nowhere Works")

    for one in (near, unlisted):
        assert "that is not 'no risk'" in " ".join(one.output.split())
        assert "A contract's reference needs --member." in " ".join(one.output.split())
    assert BITLAND in near.output
    assert "Did you mean" not in unlisted.output


async def test_what_was_found_under_another_name_than_asked_is_said_first(engage: Engage, world: World) -> None:
    await world.hears(registered(), disclosed())

    other = await engage("risk", "explain", "Electronics")
    same = await engage("risk", "explain", "example electronics")

    assert other.output.splitlines()[0] == "Asked: Electronics; found: Example Electronics"
    assert "Asked:" not in same.output


async def test_the_ids_of_several_stand_whole_on_a_narrow_terminal(
    engage: Engage, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    await world.hears(disclosed("d1"), disclosed("d2", site="site 2", country="MY"))

    several = await engage("risk", "explain", "Example Plant")

    assert {f"    {named(one)}" for one in ("site 1", "site 2")} <= set(several.output.splitlines())
