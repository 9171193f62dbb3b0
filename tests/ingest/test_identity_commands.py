"""What an operator types about who is who, against the service's real HTTP."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import typer
from pydantic import SecretStr
from typer.testing import CliRunner, Result

from services.ingest import commands
from services.ingest.__main__ import SERVICE
from services.ingest.settings import IngestSettings
from shared.client import CommandError
from shared.http import digest
from shared.service import assemble, http_server
from tests.conftest import EmptySchema, Schema
from tests.ingest.conftest import OPERATOR, PEPPER
from tests.ingest.test_resolution import FIRST, SECOND, named, supplier

app = typer.Typer()
commands.register(app)
OTHER = supplier("Fictive Circuits [Oslo] AS")


@dataclass(frozen=True)
class Desk:
    """An operator's shell, and the service behind it, which knows two suppliers, one of them by two names."""

    schema: Schema

    async def typed(self, *arguments: str, answers: str | None = None) -> Result:
        """A command while the service runs."""
        return await asyncio.to_thread(CliRunner().invoke, app, ["identity", *arguments], answers)

    async def asked(self) -> UUID:
        """A question about the two suppliers."""
        question = uuid4()
        await self.schema.pool.execute(
            """INSERT INTO review (id, kind, entry, other, score, reasons)
               VALUES ($1, 'supplier', $2, $3, 0.8, '{name_alike}')""",
            question,
            OTHER.id,
            FIRST.id,
        )
        return question

    async def root_of(self, entry: UUID) -> UUID:
        root: UUID = await self.schema.pool.fetchval("SELECT root FROM supplier WHERE id = $1", entry)
        return root


@pytest.fixture
async def desk(empty_schema: EmptySchema, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    schema = await empty_schema("ingest")
    settings = IngestSettings(
        kafka_bootstrap="none",
        database_dsn=schema.dsn,
        operator_key_sha256=SecretStr(digest(OPERATOR)),
        receipt_pepper=PEPPER,
        http_port=0,
    )
    await named(schema.pool, FIRST, SECOND)
    await named(schema.pool, OTHER)
    async with http_server(SERVICE, assemble(SERVICE, settings, schema.pool, schema.pool)) as port:
        monkeypatch.setenv("ENGAGE_STATE", str(tmp_path))
        monkeypatch.setenv("ENGAGE_INGEST_URL", f"http://127.0.0.1:{port}")
        monkeypatch.setenv("ENGAGE_OPERATOR_KEY", OPERATOR)
        yield Desk(schema)


async def test_a_pair_is_shown_side_by_side_with_the_reasons_in_words(desk: Desk) -> None:
    question = await desk.asked()

    shown = await desk.typed("review", "--kind", "supplier")

    assert "Waiting for an answer: 1 supplier pair." in shown.output
    assert "Fictive Circuits [Oslo] AS" in shown.output and FIRST.name in shown.output
    assert "the names are alike" in shown.output and str(question) in shown.output
    assert SECOND.name in shown.output


@pytest.mark.parametrize(("option", "merged"), [("--same", True), ("--different", False)])
async def test_a_script_answers_by_the_id_of_the_question(desk: Desk, option: str, merged: bool) -> None:
    question = await desk.asked()

    answered = await desk.typed("review", option, str(question), "--json")

    (taken,) = json.loads(answered.output)
    assert taken["action"] == ("merge" if merged else "different")
    assert (await desk.root_of(OTHER.id) == FIRST.id) is merged
    assert json.loads((await desk.typed("review", "--kind", "supplier", "--json")).output)["waiting"] == 0


async def test_a_merge_is_rehearsed_taken_and_undone(desk: Desk) -> None:
    rehearsed = await desk.typed("merge", str(OTHER.id), str(FIRST.id), "--dry-run")
    assert "nothing was kept" in rehearsed.output
    assert f"{OTHER.name} ({OTHER.id})\n  goes into {FIRST.name} ({FIRST.id})" in rehearsed.output
    assert await desk.root_of(OTHER.id) == OTHER.id

    taken = json.loads((await desk.typed("merge", str(OTHER.id), str(FIRST.id), "--json")).output)
    assert await desk.root_of(OTHER.id) == FIRST.id

    undone = await desk.typed("undo", taken["decision"])
    assert "1 supplier.unmerged.v1" in undone.output
    assert await desk.root_of(OTHER.id) == OTHER.id


async def test_what_an_id_stands_for_is_shown_with_its_names_and_decisions(desk: Desk) -> None:
    await desk.typed("merge", str(OTHER.id), str(FIRST.id))

    shown = await desk.typed("show", str(OTHER.id))

    assert f"known as {FIRST.id}: {FIRST.name}" in shown.output
    assert "merge" in shown.output
    names = json.loads((await desk.typed("show", str(FIRST.id), "--json")).output)["entry"]["names"]
    assert [one["name"] for one in names] == [FIRST.name, SECOND.name]


async def test_a_name_is_split_off_by_its_number(desk: Desk) -> None:
    names = json.loads((await desk.typed("show", str(FIRST.id), "--json")).output)["entry"]["names"]

    taken = json.loads((await desk.typed("split", str(names[1]["spelling"]), "--json")).output)

    shown = json.loads((await desk.typed("show", taken["other"], "--json")).output)
    assert shown["entry"]["name"] == SECOND.name


async def test_an_answer_to_a_question_names_both(desk: Desk) -> None:
    answered = await desk.typed("review", "--different", str(await desk.asked()))

    assert f"{OTHER.name} ({OTHER.id})\n  and {FIRST.name} ({FIRST.id})\n  are two" in answered.output


async def test_a_rehearsed_split_has_no_name_for_what_is_not_made(desk: Desk) -> None:
    names = json.loads((await desk.typed("show", str(FIRST.id), "--json")).output)["entry"]["names"]

    rehearsed = await desk.typed("split", str(names[1]["spelling"]), "--dry-run")

    assert f"{FIRST.name} ({FIRST.id})\n  gives a name to a new entry" in rehearsed.output


@pytest.mark.parametrize(
    "words",
    [("show", "x"), ("merge", "x", str(FIRST.id)), ("undo", "x"), ("review", "--same", "x")],
)
async def test_what_is_no_id_is_refused_in_a_sentence(desk: Desk, words: tuple[str, ...]) -> None:
    refused = await desk.typed(*words)

    assert refused.exit_code == 2
    assert "Invalid value for" in refused.output and "UUID" in refused.output


async def test_what_is_refused_says_what_to_do(desk: Desk) -> None:
    await desk.typed("merge", str(OTHER.id), str(FIRST.id))

    refused = await desk.typed("merge", str(OTHER.id), str(FIRST.id))

    assert isinstance(refused.exception, CommandError)
    assert "409 same_already" in str(refused.exception)


async def test_at_a_terminal_each_pair_is_asked_about(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    await desk.asked()
    monkeypatch.setattr("services.ingest.commands.identity.is_terminal", lambda: True)

    shown = await desk.typed("review", "--kind", "supplier", answers="y\n")

    assert "One and the same?" in shown.output
    assert await desk.root_of(OTHER.id) == FIRST.id
