"""What people type, and what they see."""

import json
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from services.notify import commands
from services.notify.letters import Template


@pytest.fixture
def engage() -> typer.Typer:
    app = typer.Typer()
    commands.register(app)
    return app


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, dict[str, Any]]]:
    """What the commands asked of the service; it answers with one of everything."""
    found: list[tuple[str, str, dict[str, Any]]] = []
    answers: dict[str, Any] = {
        "/recipients": [{"id": "1", "address": "a@b.example", "name": "A [b]", "role": "secretariat", "added_at": ""}],
        "/mails": [],
        "/mails/summary": {
            "counts": [{"template": "digest", "state": "sent", "mails": 1}],
            "delay_seconds": {"mails": 3, "p50": 0.02, "p99": 0.05},
        },
    }

    def call(service: str, method: str, path: str, key: str, **request: Any) -> Any:
        found.append((method, path, request))
        return {"name": "Anna", "role": "secretariat"} if method == "POST" else answers.get(path)

    monkeypatch.setattr(commands, "call", call)
    monkeypatch.setenv("ENGAGE_OPERATOR_KEY", "key")
    return found


@pytest.mark.parametrize("template", list(Template))
def test_every_mail_can_be_looked_at_without_a_service(engage: typer.Typer, template: Template) -> None:
    result = CliRunner().invoke(engage, ["mail", "preview", template.value])

    assert result.exit_code == 0
    assert result.output.startswith("Subject: Engage: ")
    assert "Why you" in result.output


def test_a_recipient_is_added(engage: typer.Typer, asked: list[tuple[str, str, dict[str, Any]]]) -> None:
    result = CliRunner().invoke(engage, ["recipient", "add", "anna@secretariat.example", "--name", "Anna"])

    assert result.exit_code == 0
    body = {"address": "anna@secretariat.example", "name": "Anna", "role": "secretariat"}
    assert asked == [("POST", "/recipients", {"json": body})]
    assert result.output == "Anna (secretariat) is written to from now on.\n"


def test_recipients_and_mails_are_shown(engage: typer.Typer, asked: list[tuple[str, str, dict[str, Any]]]) -> None:
    shown = {
        command: CliRunner().invoke(engage, command.split()).output
        for command in ("recipient list", "mail list --state retry", "mail summary")
    }

    assert "A [b]" in shown["recipient list"]
    assert shown["mail list --state retry"] == "No such mail.\n"
    assert "p50 0.020 s, p99 0.050 s (3 mails)" in shown["mail summary"]
    assert ("GET", "/mails", {"params": {"limit": 20, "state": "retry"}}) in asked


def test_machines_get_json(engage: typer.Typer, asked: list[tuple[str, str, dict[str, Any]]]) -> None:
    result = CliRunner().invoke(engage, ["mail", "summary", "--json"])

    assert json.loads(result.output)["delay_seconds"]["mails"] == 3


@pytest.mark.parametrize("command", ["recipient add", "recipient list", "mail list", "mail summary", "mail preview"])
def test_help_teaches_with_an_example(engage: typer.Typer, command: str) -> None:
    result = CliRunner().invoke(engage, [*command.split(), "--help"])

    assert "Example:" in result.output
