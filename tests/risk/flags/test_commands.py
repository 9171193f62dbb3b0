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


def test_programs_get_json(asked: list[tuple[Any, ...]]) -> None:
    assert json.loads(run("flag", FLAG, "--json")) == {"items": [], "next": None}
    assert asked[0][2] == f"/flags/{FLAG}"
