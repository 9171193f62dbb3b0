"""What people type about working groups."""

import json

import pytest

from shared.client import CommandError
from shared.events.vocabulary import Category
from tests.risk.given import group, registered, released, reported
from tests.risk.groups.asking import key_for
from tests.risk.groups.conftest import Engage
from tests.risk.world import World


async def told(world: World) -> None:
    """A group with three issues, one of unknown severity."""
    await world.hears(
        registered(),
        *group("apple", "oslo", suppliers=("supplier 1",)),
        reported(),
        reported("child", category=Category.CHILD_LABOUR, scale=5, likelihood=None),
        released(category=Category.DISCRIMINATION),
    )


async def test_the_salient_issues_are_ranked_and_say_what_is_unknown(world: World, engage: Engage) -> None:
    await told(world)

    answer = await engage("risk", "salient", "apple")

    assert answer.exit_code == 0
    lines = answer.stdout.splitlines()
    ranked = [line for line in lines if line[:1].isdigit()]
    assert [line.split(". ")[0] for line in ranked] == ["1", "2", "3"]
    assert "child labour; severity 5, likelihood as reported ?" in ranked[0]
    assert "discrimination; severity ?, likelihood as reported ?" in ranked[2]
    assert "1 released statement;" in lines[lines.index(ranked[2]) + 1]
    assert "? is unknown and ordered as 3" in answer.stdout


async def test_a_program_gets_what_the_door_answers(world: World, engage: Engage) -> None:
    await told(world)

    salient = json.loads((await engage("risk", "salient", "apple", "--limit", "1", "--json")).stdout)
    groups = json.loads((await engage("risk", "groups", "--json")).stdout)

    assert (salient["total"], len(salient["issues"])) == (3, 1)
    assert [one["workinggroup"] for one in groups["items"]] == ["apple"]


async def test_a_member_asks_with_its_own_key(world: World, engage: Engage, monkeypatch: pytest.MonkeyPatch) -> None:
    await told(world)
    monkeypatch.setenv("ENGAGE_MEMBER_KEY", await key_for(world, "oslo"))

    assert (await engage("risk", "groups", "--member", "oslo")).stdout.splitlines()[1].startswith("apple")
    assert (await engage("risk", "salient", "apple", "--member", "oslo")).exit_code == 0


@pytest.mark.parametrize("name", ["no-such-group", "Not a slug", "../groups"])
async def test_a_group_that_is_not_there_is_refused_in_words(world: World, engage: Engage, name: str) -> None:
    answer = await engage("risk", "salient", name)

    assert isinstance(answer.exception, CommandError)
    assert "risk refused" in str(answer.exception)


async def test_before_there_is_any_group_the_way_to_one_is_told(world: World, engage: Engage) -> None:
    assert "engage group add" in (await engage("risk", "groups")).stdout
