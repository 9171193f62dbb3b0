"""The parts of the demo that need no stack; the whole of it is run by `make demo`."""

import json
from pathlib import Path
from typing import Any

import pytest
import typer.main
from rich.console import Console

from deploy.demo import course as playing
from deploy.demo import story
from deploy.demo.command_line import CommandLine
from deploy.demo.screen import Progress, Screen
from deploy.demo.stage import clear_stage
from deploy.demo.summary import NEXT, subjects
from deploy.local.state import DEMO_MARK
from services.__main__ import build
from shared.client import CommandError
from shared.events.envelope import decode_data
from shared.events.members import ContractRegistered, DisclosureSubmitted, FlagRaised


class Rehearsal(CommandLine):
    """Notes the commands that the story types instead of running them."""

    def __init__(self, state: Path) -> None:
        super().__init__(state, {})
        self.typed: list[tuple[str, ...]] = []

    def run(self, *arguments: str) -> str:
        self.typed.append(arguments)
        return ""

    def shown(self, *arguments: str) -> int:
        self.typed.append(arguments)
        return 0


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Rehearsal:
    monkeypatch.setenv("ENGAGE_STATE", "")
    return Rehearsal(tmp_path / "state")


def unknown_words(typed: tuple[str, ...]) -> list[str]:
    """The words of a command line that the `engage` command does not know: commands and options."""
    command: Any = typer.main.get_command(build())
    words = list(typed)
    while (parts := getattr(command, "commands", None)) is not None:
        if not words or words[0] not in parts:
            return words[:1]
        command = parts[words.pop(0)]
    known = {option for parameter in command.params for option in parameter.opts}
    return [word for word in words if word.startswith("--") and word not in known]


def test_every_command_that_the_story_types_and_proposes_exists_with_its_options(line: Rehearsal) -> None:
    screen, course = Screen(Console(quiet=True)), playing.Course()

    for chapter in (story.start, story.gather, story.learn):
        chapter(screen, line, course)

    assert len(line.typed) == 11
    proposed = [tuple(command.split()[1:]) for command, _ in NEXT]
    assert {typed: unknown_words(typed) for typed in [*line.typed, *proposed] if unknown_words(typed)} == {}
    assert unknown_words(("import", "FILE", "--no-such")) == ["--no-such"]


def test_the_demo_clears_its_own_stage_and_nobody_elses(line: Rehearsal, tmp_path: Path) -> None:
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "state.json").write_text("{}")

    clear_stage(line.state, line)
    (line.state / "left-over").touch()
    clear_stage(line.state, line)
    with pytest.raises(CommandError, match="not a demo's"):
        clear_stage(foreign, line)

    assert [file.name for file in line.state.iterdir()] == [DEMO_MARK]
    assert (foreign / "state.json").exists()


def test_the_invented_events_fit_their_contracts_and_are_about_an_invented_site() -> None:
    sent = json.loads((story.HERE / "flag.json").read_text())
    models: tuple[type[Invented], ...] = (ContractRegistered, DisclosureSubmitted, FlagRaised)

    assert [event["type"] for event in sent] == [model.type for model in models]
    for event, model in zip(sent, models, strict=True):
        said = decode_data(model, json.dumps(event["data"]).encode())
        assert said.supplier is not None and said.supplier.name.startswith("Example Electronics")
        if not isinstance(said, ContractRegistered):
            assert said.site is not None and said.site.name.startswith("Example Electronics")


Invented = ContractRegistered | DisclosureSubmitted | FlagRaised


def test_the_events_are_through_when_every_service_is_ready_and_waits_for_nothing() -> None:
    idle = {"ready": True, "lag": 0, "outbox": 0, "dead_letters": 0}
    progress = Progress("the events")
    assert not progress.settled

    progress.update({"services": {"risk": idle, "notify": idle | {"lag": None, "ready": False}}})
    assert not progress.settled
    progress.update({"services": {"risk": idle, "notify": idle}})
    assert progress.settled

    progress.update({"services": {"risk": idle | {"dead_letters": 1}}})
    with pytest.raises(CommandError, match="risk set events aside"):
        progress.require_no_dead_letter()


def test_what_each_service_did_between_two_looks_is_told_and_nothing_of_the_idle() -> None:
    before = {"ingest": (0, 1000), "risk": (5, 5)}

    assert playing.moves(before, {"ingest": (0, 2777), "risk": (5, 5), "notify": (7, 0)}) == (
        "events: ingest published 1,777; notify applied 7"
    )
    assert playing.moves(before, before) == "events: none"


def test_the_mailbox_is_listed_by_subject_in_order_of_arrival(tmp_path: Path) -> None:
    for name, subject in (("2.eml", "Second"), ("1.eml", "First")):
        (tmp_path / name).write_text(f"Subject: {subject}\n\nText\n")

    assert list(subjects(tmp_path)) == [("1.eml", "First"), ("2.eml", "Second")]
