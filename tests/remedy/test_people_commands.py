"""What people type about keys, assignment, identity and the audit, against the service's real HTTP."""

import asyncio
import json
import re
import stat
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import asyncpg
import pytest
import typer
from asyncpg import Record
from typer.testing import CliRunner, Result

from services.remedy import commands, heads
from services.remedy.__main__ import SERVICE
from services.remedy.commands import audit as audit_commands
from services.remedy.office import KEYS, READING, Office
from services.remedy.store import audit as audit_store
from services.remedy.store import contents, deadlines
from services.remedy.vault import Part, Writing
from shared.client import CommandError
from shared.events.remedy.words import Party
from shared.service import assemble, http_server
from tests.conftest import Schema
from tests.remedy.given import OPERATOR_KEY, SETTINGS, kept_case

app = typer.Typer()
commands.register(app)


async def engage(*arguments: str) -> Result:
    """A command while the service runs."""
    return await asyncio.to_thread(CliRunner().invoke, app, list(arguments))


async def said(*arguments: str) -> str:
    """What a command prints that succeeds."""
    result = await engage(*arguments)
    assert result.exit_code == 0, f"{result.output} {result.exception}"
    return result.output


@pytest.fixture
async def stack(schema: Schema, keys: Schema, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Path]:
    """The service's HTTP on a port of its own, and the folder of a local stack's state."""
    (tmp_path / "secrets").mkdir()
    settings = SETTINGS.model_copy(update={"http_port": 0})
    parts = assemble(SERVICE, settings, schema.pool, schema.pool, {KEYS: keys.pool, READING: schema.pool})
    async with http_server(SERVICE, parts) as port:
        monkeypatch.setenv("ENGAGE_STATE", str(tmp_path))
        monkeypatch.setenv("ENGAGE_REMEDY_URL", f"http://127.0.0.1:{port}")
        monkeypatch.setenv("ENGAGE_OPERATOR_KEY", OPERATOR_KEY)
        for variable in ("ENGAGE_HANDLER_KEY", "ENGAGE_AS"):
            monkeypatch.delenv(variable, raising=False)
        yield tmp_path


@pytest.fixture
async def case(office: Office) -> Record:
    """A case whose reporter told who they are."""
    async with office.runtime.transaction() as tx:
        row = await kept_case(tx)
        await office.vault.make_keys([row["case_id"]])
        told = [Writing(Part.IDENTITY, b"Invented Worker\x1b[2J")]
        await contents.insert(tx, await office.vault.seal(row["case_id"], told), Party.REPORTER)
    return row


@pytest.fixture
def topic(schema: Schema, monkeypatch: pytest.MonkeyPatch) -> set[tuple[date, bytes]]:
    """The heads on the topic, which the test fills: the topic itself is read in the tests of the audit."""
    told: set[tuple[date, bytes]] = set()
    monkeypatch.setattr(audit_commands, "published_heads", lambda: told)
    return told


async def test_a_key_is_printed_once_and_kept_for_its_owner_only(stack: Path) -> None:
    printed = await said("handler", "add", "amina", "--role", "handler", "--role", "custodian")

    kept = stack / "secrets" / "people" / "amina.key"
    assert kept.read_text() in printed.splitlines()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert "amina" in await said("handler", "list")
    assert kept.read_text() not in await said("handler", "list", "--json")
    assert "No entries." in await said("audit", "own", "--as", "amina")


async def test_a_rotated_key_takes_the_place_of_the_kept_one(stack: Path) -> None:
    await said("handler", "add", "amina", "--role", "handler")
    kept = stack / "secrets" / "people" / "amina.key"
    old = kept.read_text()

    await said("handler", "rotate", "amina")

    assert kept.read_text() != old
    await said("audit", "own", "--as", "amina")


async def test_an_ended_persons_key_is_not_kept(stack: Path) -> None:
    await said("handler", "add", "amina", "--role", "handler")

    await said("handler", "end", "amina")

    assert not (stack / "secrets" / "people" / "amina.key").exists()
    result = await engage("audit", "own", "--as", "amina")
    assert isinstance(result.exception, CommandError)


async def test_without_a_local_stack_a_key_is_only_printed(
    stack: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ENGAGE_STATE", str(tmp_path / "none"))

    printed = await said("handler", "add", "amina", "--role", "handler", "--json")

    assert len(json.loads(printed)["key"]) == 43
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("name", ["../operator", "a/b", "a b", ""])
async def test_a_name_cannot_lead_out_of_its_folder(stack: Path, name: str) -> None:
    result = await engage("handler", "end", name)

    assert "letters, digits" in str(result.exception)


async def test_a_case_is_assigned_its_identity_asked_for_granted_and_read(stack: Path, case: Record) -> None:
    reference = case["reference"]
    for name, role in (("amina", "handler"), ("bela", "custodian"), ("cora", "coordinator")):
        await said("handler", "add", name, "--role", role)
    assert await said("case", "assign", reference, "amina", "--as", "cora") == f"{reference}: amina\n"
    await said("case", "identity", "ask", reference, "--why", "The back pay is paid by name.", "--as", "amina")
    assert "waits" in await said("case", "identity", "standing", reference, "--as", "amina")
    (waiting,) = json.loads(await said("case", "identity", "requests", "--as", "bela", "--json"))
    assert "paid by name" in await said("case", "identity", "motivation", waiting["request"], "--as", "bela")

    await said("case", "identity", "grant", waiting["request"], "--why", "No other way.", "--as", "bela")

    assert await said("case", "identity", "read", reference, "--as", "amina") == "identity: Invented Worker\ufffd[2J\n"
    assert "Open to you until" in await said("case", "identity", "standing", reference, "--as", "amina")
    assert await said("case", "unassign", reference, "amina", "--as", "cora") == f"{reference}: nobody\n"


async def test_a_denied_request_stays_closed(stack: Path, case: Record) -> None:
    for name, role in (("amina", "handler"), ("bela", "custodian"), ("cora", "coordinator")):
        await said("handler", "add", name, "--role", role)
    await said("case", "assign", case["reference"], "amina", "--as", "cora")
    await said("case", "identity", "ask", case["reference"], "--why", "To pay.", "--as", "amina")
    (waiting,) = json.loads(await said("case", "identity", "requests", "--as", "bela", "--json"))

    await said("case", "identity", "deny", waiting["request"], "--why", "The union pays.", "--as", "bela")

    assert "Closed to you" in await said("case", "identity", "standing", case["reference"], "--as", "amina")
    assert (await said("case", "identity", "requests", "--as", "bela")).strip() == "No request waits for your decision."


async def test_who_is_named_acts_whatever_key_the_environment_holds(
    stack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, role in (("amina", "handler"), ("cora", "coordinator")):
        await said("handler", "add", name, "--role", role)
    assert "Say who you are" in str((await engage("case", "list")).exception)
    monkeypatch.setenv("ENGAGE_HANDLER_KEY", (stack / "secrets" / "people" / "cora.key").read_text())

    assert "role_missing" in str((await engage("case", "due", "--as", "amina")).exception)
    await said("case", "due")
    assert "keeps no key of dora" in str((await engage("case", "due", "--as", "dora")).exception)


async def test_a_motivation_is_never_the_name_of_a_file(stack: Path, case: Record) -> None:
    await said("handler", "add", "amina", "--role", "handler")
    (stack / "why.txt").write_text("The back pay is paid by name.")
    ask = ("case", "identity", "ask", case["reference"], "--as", "amina")

    assert "not the name of a file" in str((await engage(*ask, "--why", str(stack / "why.txt"))).exception)
    assert "Nothing was written" in str((await engage(*ask)).exception)


async def test_a_handler_steps_back(stack: Path, case: Record) -> None:
    for name, role in (("amina", "handler"), ("cora", "coordinator")):
        await said("handler", "add", name, "--role", role)
    await said("case", "assign", case["reference"], "amina", "--as", "cora")

    await said("case", "recuse", case["reference"], "--why", "I worked there.", "--as", "amina")

    result = await engage("case", "assign", case["reference"], "amina", "--as", "cora")
    assert "recused" in str(result.exception)


async def test_a_whole_chain_is_verified(
    stack: Path, schema: Schema, office: Office, topic: set[tuple[date, bytes]]
) -> None:
    await said("handler", "add", "dora", "--role", "auditor")
    await end_days(office)
    topic.update(await ended(schema))

    printed = await said("audit", "verify", "--as", "dora")

    assert printed == "2 entries followed, 1 published heads compared.\nThe audit chain is whole.\n"
    assert "person_added" in await said("audit", "list", "--as", "dora")


async def test_a_chain_written_anew_is_told_by_its_day(
    stack: Path, schema: Schema, office: Office, topic: set[tuple[date, bytes]]
) -> None:
    await said("handler", "add", "dora", "--role", "auditor")
    await end_days(office)
    ((day, _),) = await ended(schema)
    topic.add((day, bytes(32)))

    result = await engage("audit", "verify", "--as", "dora")

    assert result.exit_code == 1
    assert f"the head of {day} differs from the one published" in result.output
    report = json.loads((await engage("audit", "verify", "--as", "dora", "--json")).output)
    assert report["findings"] == [{"fault": "head_differs", "position": None, "day": day.isoformat()}]


async def test_a_changed_entry_is_told_by_its_number(
    stack: Path, schema: Schema, topic: set[tuple[date, bytes]]
) -> None:
    await said("handler", "add", "dora", "--role", "auditor")
    connection = await asyncpg.connect(schema.operator_dsn)
    await connection.execute("UPDATE remedy.audit_entry SET detail = 'auditor,custodian'")
    await connection.close()

    result = await engage("audit", "verify", "--as", "dora")

    assert result.exit_code == 1
    assert re.search(r"NOT AS IT WAS: entry 1 is not what it was\.", result.output)


async def end_days(office: Office) -> None:
    """End the days that are over, at a clock that is believed."""
    async with office.runtime.transaction() as tx:
        await deadlines.watch_clock(tx)
    await heads.end_days(office.runtime)


async def test_somebody_let_in_past_the_service_is_told(
    stack: Path, schema: Schema, topic: set[tuple[date, bytes]]
) -> None:
    await said("handler", "add", "dora", "--role", "auditor")
    await schema.pool.execute("UPDATE person SET roles = roles || 'custodian'::text")

    result = await engage("audit", "verify", "--as", "dora")

    assert result.exit_code == 1
    assert "NOT AS IT WAS: dora has a key or roles that are in no entry." in result.output


async def ended(schema: Schema) -> list[tuple[date, bytes]]:
    async with schema.pool.acquire() as connection:
        rows = await connection.fetch("SELECT detail FROM audit_entry WHERE action = 'day_ended'")
        return await audit_store.read_days(connection, [date.fromisoformat(row["detail"]) for row in rows])
