"""One engagement whole, as its readers see it, and the list by ids."""

import json
import re
from typing import Any
from uuid import uuid4

import httpx
import pytest

from services.remedy.domain.engagement.standing import REFUSED
from services.remedy.store.engagement import showing
from shared.events.engagement_words import EscalationStep, Milestone, ReasonKind, RightsholderKind
from shared.events.ingest import (
    AsksJoinedRecorded,
    CommitmentRecorded,
    ConsultationRecorded,
    EscalationRecorded,
    EvidenceRecorded,
)
from shared.events.vocabulary import Category, GroupRole, SourceClass
from tests.conftest import Schema
from tests.remedy.engagement.shown import EVIDENCE, World, asked, day, ids
from tests.remedy.engagement.test_board import typed_at, without_instance
from tests.remedy.given import flag
from tests.remedy.typing_in import engage, http_of


async def lively(world: World) -> dict[str, Any]:
    """An engagement with something of everything; the ids of its parts."""
    raised = flag(world.supplier)
    assert raised.data is not None
    await world.tell("follow_risk", raised.data, str(world.supplier))
    about = raised.data.model_dump()["flag"]
    engagement = await world.open(days_ago=90, flags=(about,))
    await world.move(engagement, Milestone.M1_CONCERN_RAISED, days_ago=60)
    first = await world.ask(engagement, due=day(-10), days_ago=50)
    second = await world.ask(engagement, days_ago=49, member="bergen", role=GroupRole.COLLABORATING)
    joined: dict[str, Any] = {"into": first, "asks": (second,)}
    await world.enter(AsksJoinedRecorded, "phones", engagement, days_ago=48, **joined)
    promised: dict[str, Any] = {
        "wording": "Elections are held.",
        "measure": "Minutes of the election.",
        "ask": first,
        "due": day(-30),
    }
    category: dict[str, Any] = {"category": Category.FREEDOM_OF_ASSOCIATION}
    made = await world.enter(CommitmentRecorded, "phones", engagement, days_ago=40, **promised, **category)
    sent: dict[str, Any] = {"commitment": made, "basis": SourceClass.SUPPLIER, "evidence": (EVIDENCE,)}
    await world.enter(EvidenceRecorded, "phones", engagement, days_ago=30, **sent)
    held: dict[str, Any] = {
        "rightsholders": RightsholderKind.UNION,
        "quarter": "2026-Q1",
        "influence": "Elections come first.",
    }
    await world.enter(ConsultationRecorded, "phones", engagement, days_ago=20, **held)
    step: dict[str, Any] = {"step": EscalationStep.INFORMAL, "taken_on": day(15), "reason": "No answer came."}
    await world.enter(EscalationRecorded, "phones", engagement, days_ago=15, **step)
    skipped = await world.move(engagement, Milestone.M4_PLAN_IMPLEMENTED, days_ago=5)
    return {"engagement": engagement, "flag": about, "first": first, "made": made, "skipped": skipped}


async def test_an_engagement_is_shown_whole(world: World, client: httpx.AsyncClient) -> None:
    told = await lively(world)

    one = await asked(client, f"/engagements/{told['engagement']}", world.as_member("bergen"))

    assert [(reason["kind"], reason["id"], reason["holds"]) for reason in one["reasons"]] == [
        (ReasonKind.FLAG, str(told["flag"]), True)
    ]
    assert [(stage["milestone"], stage["days"]) for stage in one["stages"]] == [("M0", 30), ("M1", 60)]
    [ask, joined] = one["asks"]
    assert (ask["state"], sorted(ask["askers"]), ask["due"]) == ("committed", ["bergen", "oslo"], day(-10).isoformat())
    assert (joined["state"], joined["into"]) == ("joined", str(told["first"]))
    assert [(made["id"], made["state"], made["by_supplier"]) for made in one["commitments"]] == [
        (str(told["made"]), "evidence_submitted", False)
    ]
    assert [(sent["milestone"], sent["commitment"]) for sent in one["evidence"]] == [
        ("M1", None),
        (None, str(told["made"])),
    ]
    assert [held["influence"] for held in one["consulted"]] == ["Elections come first."]
    assert [(step["step"], step["effect"]) for step in one["ladder"]] == [("informal", None)]
    assert {due["kind"] for due in one["due"]} >= {"commitment"}
    assert one["legal"]


async def test_what_was_refused_is_shown_with_every_reason_and_what_would_have_been_legal(
    world: World, client: httpx.AsyncClient
) -> None:
    told = await lively(world)

    [refused] = (await asked(client, f"/engagements/{told['engagement']}"))["refused"]

    assert refused["entry"] == str(told["skipped"]) and "step_skipped" in refused["refusals"]
    assert refused["stood"] and refused["legal"]


async def test_what_another_group_says_under_the_id_of_an_engagement_is_not_shown(
    world: World, client: httpx.AsyncClient
) -> None:
    engagement = await world.open()
    theirs = await world.ask(engagement, group="network")

    one = await asked(client, f"/engagements/{engagement}", world.as_member("bergen"))

    assert await world.runtime.pool.fetchval("SELECT standing FROM dialogue_entry WHERE entry = $1", theirs) == REFUSED
    assert one["refused"] == [] and str(theirs) not in json.dumps(one)


async def test_of_many_refused_entries_the_last_are_shown(
    world: World, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(showing, "MOST", 2)
    engagement = await world.open()
    skipped = [await world.move(engagement, Milestone.M4_PLAN_IMPLEMENTED, days_ago=5) for _ in range(3)]

    one = await asked(client, f"/engagements/{engagement}")

    assert [refused["entry"] for refused in one["refused"]] == [str(entry) for entry in skipped[1:]]


async def test_a_proposal_is_shown_with_its_reason_and_nothing_else(world: World, client: httpx.AsyncClient) -> None:
    await world.runtime.pool.execute("UPDATE working_group SET suppliers = ARRAY[$1::uuid]", world.supplier)
    raised = flag(world.supplier)
    assert raised.data is not None
    await world.tell("follow_risk", raised.data, str(world.supplier))
    [row] = (await asked(client, "/engagements", workinggroup="phones"))["items"]

    one = await asked(client, f"/engagements/{row['engagement']}")

    assert (one["state"], one["stages"], one["asks"], one["objective"]) == ("proposed", [], [], None)
    assert [reason["kind"] for reason in one["reasons"]] == ["flag"] and one["why"]


async def test_another_groups_engagement_looks_as_if_it_were_not_there(world: World, client: httpx.AsyncClient) -> None:
    others = await world.open(group="network")

    hidden = await client.get(f"/engagements/{others}", headers=world.as_member("bergen"))
    missing = await client.get(f"/engagements/{uuid4()}", headers=world.as_member("bergen"))

    assert hidden.status_code == missing.status_code == 404
    assert without_instance(hidden) == without_instance(missing)
    listed = await asked(client, "/engagements", world.as_member("bergen"), prefix=str(others)[:8])
    assert (listed["items"], listed["total"]) == ([], 0)


async def test_the_list_holds_engagements_in_every_state_and_finds_them_by_the_beginning_of_an_id(
    world: World, client: httpx.AsyncClient
) -> None:
    first, second = await world.open(days_ago=50), await world.open(days_ago=20)

    assert ids((await asked(client, "/engagements"))["items"]) == [first, second]
    assert ids((await asked(client, "/engagements", prefix=str(second)[:13]))["items"]) == [second]
    assert (await asked(client, "/engagements", state="closed"))["items"] == []


async def test_one_engagement_reads_well_when_typed(world: World, schema: Schema, keys: Schema) -> None:
    told = await lively(world)

    async with http_of(schema, keys) as url:
        shown = await typed_at(url, world, "engagement", "show", str(told["engagement"])[:8], "--member", "oslo")
        listed = await typed_at(url, world, "engagement", "list", "--group", "phones")
        machine = await typed_at(url, world, "engagement", "show", str(told["engagement"]), "--json")

    text = re.sub(r"\s+", " ", shown.output)
    assert f"engage risk flag {told['flag']}" in text
    for words in ("Stages:", "asked by", "no effect observed yet", "step skipped", "Open to it now:", "so: Elections"):
        assert words in text, words
    assert str(told["engagement"]) in listed.output
    assert json.loads(machine.output)["engagement"] == str(told["engagement"])


async def test_a_strangers_text_is_shown_as_text(world: World, schema: Schema, keys: Schema) -> None:
    engagement = await world.open(objective="Safe [bold red]words[/bold red] :skull:")

    async with http_of(schema, keys) as url:
        shown = await typed_at(url, world, "engagement", "show", str(engagement))
        board = await typed_at(url, world, "board")

    for output in (shown.output, board.output):
        assert "[bold red]words[/bold red]" in output and ":skull:" in output


@pytest.mark.parametrize("command", ["list", "show"])
def test_help_teaches_with_an_example(command: str) -> None:
    assert "Example: " in engage("engagement", command, "--help").output
