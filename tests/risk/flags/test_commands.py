"""`engage risk flags` and `engage risk flag`: what they ask for, with whose key, and what they print."""

import json
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from services.risk.commands import flags
from tests.risk.given import named

FLAG = str(named("flag 1"))


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What the commands ask the service for; it knows of no flag."""
    calls: list[tuple[Any, ...]] = []

    def answer(service: str, method: str, path: str, key: str, *, params: Any = None) -> dict[str, Any]:
        calls.append((service, method, path, key, params))
        return {"items": [], "next": None}

    monkeypatch.setattr(flags, "call", answer)
    monkeypatch.setenv("ENGAGE_OPERATOR_KEY", "the operator's")
    monkeypatch.setenv("ENGAGE_MEMBER_KEY", "the member's")
    return calls


def run(*words: str) -> str:
    app = typer.Typer()
    flags.register(app)
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_open_flags_are_asked_for_with_the_operators_key(asked: list[tuple[Any, ...]]) -> None:
    assert "No flag is known that fits." in run("flags", "--open", "--category", "forced_labour")

    query = {"open": True, "category": "forced_labour", "limit": 50}
    assert asked == [("risk", "GET", "/flags", "the operator's", query)]


def test_a_member_asks_with_its_own_key(asked: list[tuple[Any, ...]]) -> None:
    run("flags", "--member", "oslo", "--ended")

    assert asked == [("risk", "GET", "/flags", "the member's", {"open": False, "limit": 50})]


def test_the_id_of_a_flag_stands_whole_on_a_line_of_its_own(
    asked: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    place = {"site": "s", "site_name": "Example Plant " * 5, "supplier_name": "Example Electronics", "country": "CN"}
    told = {"priority": 54, "category": "forced_labour", "state": "raised", "reports": 1, "buyers": 2, "age_days": 3}
    answer = {"items": [{"flag": FLAG, "clock": None} | place | told], "next": None}
    monkeypatch.setattr(flags, "call", lambda *_, **__: answer)
    monkeypatch.setenv("COLUMNS", "80")

    lines = run("flags").splitlines()

    assert f"    {FLAG}  1 report, 2 buyers, 3 days" in lines
    assert "Ordered by priority: severity (1-5), then likelihood (1-5) as reported." in lines


@pytest.mark.parametrize(("option", "word"), [("--state", "confirmed"), ("--category", "child_labour")])
def test_a_wrong_word_is_refused_with_the_words_that_there_are(option: str, word: str) -> None:
    app = typer.Typer()
    flags.register(app)

    result = CliRunner().invoke(app, ["flags", option, "wrong"], env={"COLUMNS": "300"})

    assert result.exit_code == 2
    assert word in result.output
    assert "other" not in result.output


def test_programs_get_json(asked: list[tuple[Any, ...]]) -> None:
    assert json.loads(run("flag", FLAG, "--json")) == {"items": [], "next": None}
    assert asked[0][2] == f"/flags/{FLAG}"
