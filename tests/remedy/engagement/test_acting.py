"""What a person types to act on an engagement: sent through the door, and answered by what came of it."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.conftest import EmptySchema, Schema
from tests.remedy.engagement.carried import Shell, opened

URI = "https://example.org/letter.pdf"
SHOWN = ("--evidence", URI, "--sha256", "0" * 64)
OSLO, BERGEN = ("--member", "oslo"), ("--member", "bergen")


@pytest.fixture
async def shell(
    schema: Schema, keys: Schema, empty_schema: EmptySchema, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Shell]:
    async with opened(await empty_schema("ingest"), schema, keys, tmp_path, monkeypatch) as shell:
        yield shell


async def opened_by_oslo(shell: Shell) -> str:
    """An engagement that Oslo opened; the beginning of its id."""
    await shell.typed(
        *("engagement", "open", "--group", "phones", "--supplier", "example electronics"),
        *("--objective", "Recruitment fees are repaid", "--category", "forced-labour"),
        *("--because", "Two audits found fees", "--clause", "Example code", "4.1", "A1", *OSLO),
    )
    listed = json.loads((await shell.typed("engagement", "list", "--json", *OSLO)).output)
    return str(listed["items"][0]["engagement"])[:13]


async def shown(shell: Shell, engagement: str) -> dict[str, Any]:
    listed = json.loads((await shell.typed("engagement", "list", "--json", *OSLO)).output)["items"]
    whole = next(one["engagement"] for one in listed if one["engagement"].startswith(engagement))
    found: dict[str, Any] = json.loads((await shell.typed("engagement", "show", whole, "--json", *OSLO)).output)
    return found


def entry_in(output: str) -> str:
    """The entry that a command made."""
    return output.splitlines()[-1].removeprefix("entry ").split()[0]


async def test_an_engagement_goes_from_its_opening_to_its_conclusion(shell: Shell, tmp_path: Path) -> None:
    one = await opened_by_oslo(shell)
    file = tmp_path / "letter.pdf"
    file.write_bytes(b"an invented letter")

    raised = await shell.typed("engagement", "milestone", one, "m1", "--evidence", str(file), "--uri", URI, *OSLO)
    asked = await shell.typed("engagement", "ask", one, "Repay all fees", "--due", "2030-12-01", *BERGEN)
    same = await shell.typed("engagement", "ask", one, "Pay the fees back", "--instrument", "C029", *OSLO)
    ask, other = (entry_in(result.output) for result in (asked, same))
    await shell.typed("engagement", "join", one, other, "--into", ask[:13], *OSLO)
    made = await shell.typed(
        *("engagement", "commit", one, "All fees are repaid", "--test", "Bank records", "--ask", ask[:13], *BERGEN)
    )
    commitment = entry_in(made.output)
    await shell.typed("engagement", "milestone", one, "M2", *SHOWN, *OSLO)
    await shell.typed("engagement", "evidence", one, "--commitment", commitment, "--basis", "audit", *SHOWN, *BERGEN)
    await shell.typed("engagement", "assess", one, "met", "--commitment", commitment, "--basis", "audit", *OSLO)
    await shell.typed(
        *("engagement", "consult", one, "union", "--quarter", "2026-Q1", "--priority", "forced_labour"),
        *("--ask", ask, "--influence", "Interest is repaid too", *BERGEN),
    )
    step = await shell.typed("engagement", "escalate", one, "informal", "--because", "It takes long", *OSLO)
    await shell.typed("engagement", "effect", one, entry_in(step.output), "answered", *OSLO)
    await shell.typed("engagement", "milestone", one, "M3", *SHOWN, *OSLO)
    await shell.typed("engagement", "conclude", one, "partly-achieved", "--because", "The rest is law now", *OSLO)

    said, following, _ = raised.output.splitlines()
    assert said.startswith("Taken: it is open at M1 since ")
    assert "milestone M2" in following
    told = await shown(shell, one)
    assert (told["state"], told["milestone"], told["outcome"]) == ("closed", "M3", "partly_achieved")
    assert told["clause"] == {"conditions": "Example code", "edition": "4.1", "clause": "A1"}
    asks = {found["id"]: found for found in told["asks"]}
    assert (asks[other]["state"], asks[other]["into"]) == ("joined", ask)
    assert (asks[ask]["state"], sorted(asks[ask]["askers"])) == ("met", ["bergen", "oslo"])
    assert told["ladder"][0]["effect"] == "answered"
    assert told["consulted"][0]["influence"] == "Interest is repaid too"
    hashes = {each["sha256"] for found in told["evidence"] for each in found["files"]}
    assert hashlib.sha256(b"an invented letter").hexdigest() in hashes


async def test_a_step_that_is_not_taken_says_why_where_it_stands_and_what_is_possible(shell: Shell) -> None:
    one = await opened_by_oslo(shell)

    skipped = await shell.typed("engagement", "milestone", one, "M3", *OSLO, code=1)

    said = skipped.stderr
    assert "step skipped" in said
    assert "evidence missing" in said
    assert "Possible now: " in said
    assert "M1" in said
    refused = (await shown(shell, one))["refused"]
    again = await shell.typed("engagement", "entry", refused[0]["entry"], "--json", *OSLO, code=1)
    assert {"step_skipped", "evidence_missing"} <= set(json.loads(again.stdout)["refusals"])


async def test_a_dry_run_says_what_would_come_of_it_and_sends_nothing(shell: Shell) -> None:
    one = await opened_by_oslo(shell)

    would = await shell.typed("engagement", "milestone", one, "M1", *SHOWN, *OSLO, "--dry-run")
    not_taken = await shell.typed("engagement", "milestone", one, "M4", *OSLO, "--dry-run", code=1)

    assert "nothing was sent" in would.output
    assert "step skipped" in not_taken.stderr
    told = await shown(shell, one)
    assert (told["milestone"], told["refused"]) == ("M0", [])


async def test_what_the_door_refuses_is_said_with_its_place_and_remedy(shell: Shell) -> None:
    one = await opened_by_oslo(shell)

    result = await shell.typed("engagement", "ask", one, "Repay", "--site", str(uuid4()), *OSLO, code=1)

    assert "/data/sites/0: site_unknown" in str(result.exception)
    assert (await shown(shell, one))["asks"] == []


async def test_an_entry_is_taken_back_by_its_id_and_not_while_something_rests_on_it(shell: Shell) -> None:
    one = await opened_by_oslo(shell)
    ask = entry_in((await shell.typed("engagement", "ask", one, "Repay all fees", *OSLO)).output)
    promise = ("engagement", "commit", one, "Yes", "--test", "Seen", "--ask", ask, *OSLO)
    commitment = entry_in((await shell.typed(*promise)).output)

    kept = await shell.typed("engagement", "withdraw", ask, *OSLO, code=1)
    first = await shell.typed("engagement", "withdraw", commitment, *OSLO)
    foreign = await shell.typed("engagement", "withdraw", ask, *BERGEN, code=1)

    assert "Not taken" in kept.stderr
    assert "Taken back: it is open at M0" in first.output
    assert "receipt_unknown" in str(foreign.exception)
    told = await shown(shell, one)
    assert [found["state"] for found in told["commitments"]] == ["withdrawn"]


async def test_a_member_that_only_supports_does_not_move_the_engagement(shell: Shell) -> None:
    one = await opened_by_oslo(shell)

    result = await shell.typed("engagement", "milestone", one, "M1", *SHOWN, *BERGEN, code=1)

    assert "role may not" in result.stderr


async def test_an_engagement_is_named_by_a_beginning_that_only_it_has(shell: Shell) -> None:
    one = await opened_by_oslo(shell)

    short = await shell.typed("engagement", "ask", one[:3], "Repay", *OSLO, code=1)
    unknown = await shell.typed("engagement", "ask", "ffffffffffff", "Repay", *OSLO, code=1)

    assert "at least 4" in str(short.exception)
    assert "no engagement whose id begins so" in str(unknown.exception)


async def test_an_act_takes_a_supplier_by_its_whole_name_or_id_and_never_by_a_part_of_a_name(shell: Shell) -> None:
    about = ("--objective", "Fees are repaid", "--because", "Two audits", "--category", "forced_labour")
    opening = ("engagement", "open", "--group", "phones", *about, "--dry-run", *OSLO)

    several = await shell.typed(*opening, "--supplier", "Example", code=1)
    none = await shell.typed(*opening, "--supplier", "Nowhere", code=1)
    part = await shell.typed(*opening, "--supplier", "Metals", code=1)
    contact = await shell.typed("contact", "issue", "Metals", "--group", "phones", *OSLO, code=1)
    whole = await shell.typed(*opening, "--supplier", " example   METALS")
    known = await shell.typed(*opening, "--supplier", shell.suppliers["Example Metals"])

    assert set(shell.suppliers.values()) <= set(str(several.exception).split())
    assert "no supplier of this name" in str(none.exception)
    for refused in (part, contact):
        assert "no supplier of exactly this name" in str(refused.exception)
        assert f"{shell.suppliers['Example Metals']}  Example Metals" in str(refused.exception)
    assert all("Would be taken" in one.output for one in (whole, known))


async def test_evidence_without_its_hash_or_its_place_is_not_sent(shell: Shell, tmp_path: Path) -> None:
    one = await opened_by_oslo(shell)
    file = tmp_path / "letter.pdf"
    file.write_bytes(b"an invented letter")
    milestone = ("engagement", "milestone", one, "M1", *OSLO)

    said = [
        str((await shell.typed(*milestone, *more, code=1)).exception)
        for more in (
            ("--evidence", URI),
            ("--evidence", str(file)),
            ("--evidence", str(tmp_path / "missing.pdf"), "--uri", URI),
            ("--evidence", URI, "--sha256", "0" * 64, "--uri", URI),
        )
    ]

    assert [text.split(" ")[0] for text in said] == ["Evidence", "A", "Evidence", "There"]
    assert (await shown(shell, one))["milestone"] == "M0"


async def test_words_that_no_list_has_are_refused_with_the_list(shell: Shell) -> None:
    result = await shell.typed("engagement", "conclude", "abcd1234", "won", *OSLO, code=2)

    assert "partly_achieved" in result.stderr


async def test_an_ask_of_the_library_brings_its_wording_and_its_usual_day(shell: Shell) -> None:
    one = await opened_by_oslo(shell)
    library = json.loads((await shell.typed("asks", "--json", *OSLO)).output)

    await shell.typed("engagement", "ask", one, "--standard", library[0]["id"], *OSLO)

    (ask,) = (await shown(shell, one))["asks"]
    assert (ask["wording"], ask["standard"]) == (library[0]["wording"], library[0]["id"])
    assert ask["due"] is not None
    nobody = await shell.typed("engagement", "ask", one, "--standard", "no-such-ask", *OSLO, code=1)
    assert "engage asks" in str(nobody.exception)


async def test_a_practice_is_described_offered_listed_and_taken_back(shell: Shell) -> None:
    other = {"workinggroup": "batteries", "name": "Batteries", "purpose": "Cobalt", "secretariat": "watch"}
    founding = {"cause": "good_practice", "reason": "One mine is open to visitors"}
    await shell.operate("POST", "/workinggroups", other | {"founding": founding})
    one = await opened_by_oslo(shell)

    described = await shell.typed(
        *("practice", "describe", "Fees repaid through a trust", "--group", "phones", "--category", "forced_labour"),
        *("--description", "A trust repays", "--engagement", one, "--supplier", "Example Electronics", *SHOWN, *OSLO),
    )
    practice = described.output.split("practice ")[1].split(".")[0]
    await shell.typed("practice", "offer", practice, "--group", "phones", "--to", "batteries", *OSLO)

    async def seen(number: int) -> list[dict[str, Any]]:
        """The practices that the secretariat of both groups reads, once there are so many."""
        for _ in range(200):
            listed = await shell.typed("practice", "list", "--json", "--member", "watch")
            items: list[dict[str, Any]] = json.loads(listed.output)["items"]
            if len(items) == number:
                return items
            await asyncio.sleep(0.02)
        raise AssertionError(items)

    of_group = {item["workinggroup"]: item for item in await seen(2)}
    assert of_group["batteries"]["offered_by"] == "phones"
    assert (of_group["batteries"]["supplier"], of_group["batteries"]["engagement"]) == (None, None)
    assert of_group["phones"]["supplier"] == shell.suppliers["Example Electronics"]
    await shell.typed("practice", "withdraw", practice, *OSLO)
    assert await seen(0) == []


async def test_a_supplier_answers_an_ask_with_the_link_it_was_issued(shell: Shell) -> None:
    one = await opened_by_oslo(shell)
    ask = entry_in((await shell.typed("engagement", "ask", one, "Repay all fees", *OSLO)).output)
    issue = ("contact", "issue", "Example Electronics", "--group", "phones", "--ask", ask, "--label", "compliance desk")
    await asked_outside(shell, ask)

    made = json.loads((await shell.typed(*issue, "--json", *OSLO)).output)
    async with httpx.AsyncClient(base_url=shell.door, timeout=30) as client:
        headers = {"authorization": f"Bearer {made['link'].partition('#')[2]}"}
        promise = {"answer": "committed", "wording": "All fees are repaid", "measure": "Bank records"}
        answer = await client.post(f"/supplier/asks/{ask}/answers", json=promise, headers=headers)
    entry = answer.json()["entry"]
    await shell.typed("engagement", "entry", entry, *OSLO)

    told = await shown(shell, one)
    assert [(found["id"], found["by_supplier"], found["state"]) for found in told["commitments"]] == [
        (entry, True, "made")
    ]
    assert told["asks"][0]["state"] == "committed"
    word_alone = await shell.typed(
        "engagement", "assess", one, "met", "--commitment", entry, "--basis", "supplier", *OSLO, code=1
    )
    assert "supplier word alone" in word_alone.stderr
    listed = await shell.typed("contact", "list", *OSLO)
    assert made["kid"] in listed.output
    await shell.typed("contact", "revoke", made["kid"], *OSLO)
    assert made["key"] not in listed.output


async def asked_outside(shell: Shell, ask: str) -> None:
    """Wait until `ingest` has heard that the engagement took an ask."""
    for _ in range(200):
        if await shell.ingest.rows("SELECT FROM ask WHERE id = $1 AND state IS NOT NULL", ask):
            return
        await asyncio.sleep(0.02)
    raise AssertionError("the ask was never taken")


async def test_a_service_that_is_away_is_said_and_nothing_is_half_done(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENGAGE_REMEDY_URL", "http://127.0.0.1:9")

    result = await shell.typed("engagement", "ask", "5b0c2f1e", "Repay", *OSLO, code=1)

    assert "remedy at http://127.0.0.1:9 does not answer" in str(result.exception)
