"""What people type, against the service's real HTTP."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, get_args
from uuid import UUID, uuid4

import pytest
import typer
from typer.testing import CliRunner, Result

from services.remedy import commands
from services.remedy.__main__ import SERVICE
from services.remedy.commands import harmless, sealed_event
from services.remedy.domain import key_id_of
from shared import sealing
from shared.client import CommandError
from shared.events import ingest, lifecycles, members
from shared.events.envelope import decode_data
from shared.service import assemble, http_server
from tests.conftest import Schema
from tests.remedy.given import (
    HANDLER_KEY,
    OPEN_CASES,
    OPERATOR_KEY,
    PRIVATE_KEY,
    PROPOSE_FOR_FLAGS,
    PROPOSE_FOR_GROUPS,
    PUBLIC_KEY,
    SETTINGS,
    flag,
    group,
    handle,
    let_age,
    received,
    sealed,
)

TEXT = "Passports are kept by the agency.\n"
app = typer.Typer()
commands.register(app)


def engage(*arguments: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(app, list(arguments), input=stdin)


@pytest.fixture
def testimony_file(tmp_path: Path) -> Path:
    file = tmp_path / "testimony.txt"
    file.write_text(TEXT)
    return file


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    file = tmp_path / "trustee.key"
    file.write_text(PUBLIC_KEY + "\n")
    return file


@pytest.fixture
async def service(schema: Schema, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Schema]:
    """The service's HTTP on a port of its own, and the keys of its people in the environment."""
    settings = SETTINGS.model_copy(update={"http_port": 0})
    async with http_server(SERVICE, assemble(SERVICE, settings, schema.pool, schema.pool)) as port:
        monkeypatch.setenv("ENGAGE_REMEDY_URL", f"http://127.0.0.1:{port}")
        monkeypatch.setenv("ENGAGE_HANDLER_KEY", HANDLER_KEY)
        monkeypatch.setenv("ENGAGE_OPERATOR_KEY", OPERATOR_KEY)
        yield schema


async def typed(*arguments: str) -> Result:
    """A command while the service runs."""
    return await asyncio.to_thread(engage, *arguments)


def submitted(event: dict[str, Any]) -> members.TestimonySubmitted:
    """What a door reads from a sealed event."""
    return decode_data(members.TestimonySubmitted, json.dumps(event["data"]).encode())


# Sealing.


def test_what_is_sealed_without_a_network_fits_the_door_and_opens_for_the_trustee_alone(
    testimony_file: Path, key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENGAGE_REMEDY_URL", "http://127.0.0.1:1")

    result = engage("seal", str(testimony_file), "--kind", "grievance", "--key", str(key_file))

    event = json.loads(result.stdout)
    data = submitted(event)
    assert (event["type"], event["source"]) == ("testimony.submitted.v1", "urn:engage:sealed")
    assert UUID(event["id"]).version == 4
    assert datetime.fromisoformat(event["time"]).timetz() == datetime.min.replace(tzinfo=UTC).timetz()
    assert (data.kind, data.key) == (lifecycles.TestimonyKind.GRIEVANCE, key_id_of(PUBLIC_KEY))
    assert sealing.looks_sealed(data.sealed)
    assert sealing.open_box(data.sealed, PRIVATE_KEY, sealing.TESTIMONY).decode() == TEXT
    with pytest.raises(sealing.CannotOpen):
        sealing.open_box(data.sealed, sealing.generate_key()[0], sealing.TESTIMONY)
    assert "Passports" not in result.output


def test_every_kind_of_testimony_can_be_sealed() -> None:
    known = {kind.value for kind in lifecycles.TestimonyKind} - {"other"}

    assert set(get_args(commands.Kind)) == known


def test_a_text_from_standard_input_goes_to_a_file_that_only_its_owner_reads(tmp_path: Path, key_file: Path) -> None:
    out = tmp_path / "sealed.json"

    result = engage("seal", "-", "--kind", "flag", "--key", str(key_file), "--out", str(out), stdin=TEXT)

    assert (result.exit_code, result.output) == (0, "")
    assert out.stat().st_mode & 0o777 == 0o600
    box = submitted(json.loads(out.read_text())).sealed
    assert sealing.open_box(box, PRIVATE_KEY, sealing.TESTIMONY).decode() == TEXT


@pytest.mark.parametrize(
    ("text", "key", "says"),
    [
        (" \n", PUBLIC_KEY, "nothing to seal"),
        ("x" * 200_000, PUBLIC_KEY, "at most 131068 bytes"),
        (TEXT, "not a key", "holds no trustee's key"),
        (TEXT, PUBLIC_KEY[:-8] + "====", "holds no trustee's key"),
        (TEXT, '{"public_key": 5}', "holds no trustee's key"),
        (TEXT, f'{{"public_key": "{PUBLIC_KEY}", "valid_to": "2020-01-01T00:00:00Z"}}', "out of date"),
    ],
)
def test_what_cannot_be_sealed_is_refused_in_words_that_do_not_repeat_it(
    tmp_path: Path, text: str, key: str, says: str
) -> None:
    (tmp_path / "text").write_text(text)
    (tmp_path / "key").write_text(key)

    result = engage("seal", str(tmp_path / "text"), "--kind", "evidence", "--key", str(tmp_path / "key"))

    assert isinstance(result.exception, CommandError)
    assert says in str(result.exception)
    assert "xxxx" not in str(result.exception) and "Passports" not in str(result.exception)


def test_a_file_that_is_not_there_is_named(key_file: Path) -> None:
    result = engage("seal", "/nowhere/text", "--kind", "flag", "--key", str(key_file))

    assert isinstance(result.exception, CommandError)
    assert str(result.exception) == "Cannot read /nowhere/text: No such file or directory."


def test_texts_of_one_size_class_give_boxes_of_one_length() -> None:
    boxes = {sealed_event(b"x" * n, "flag", PUBLIC_KEY, datetime.now(UTC))["data"]["sealed"] for n in (1, 90, 4000)}

    assert len({len(box) for box in boxes}) == 1
    assert len(boxes) == 3


# From the sender to the handler.


async def test_testimony_sealed_by_its_sender_is_read_by_the_handler(service: Schema, testimony_file: Path) -> None:
    result = await typed("seal", str(testimony_file), "--kind", "remedy_report")
    sent = submitted(json.loads(result.stdout))
    cause = received(kind=sent.kind, box=sent.sealed)
    assert isinstance(cause.data, ingest.TestimonyReceived)
    async with service.pool.acquire() as connection, connection.transaction():
        await handle(OPEN_CASES, connection, cause)

    (case,) = json.loads((await typed("case", "list", "--json")).stdout)
    opened = await typed("case", "open", case["reference"], "--motivation", "First reading")
    acknowledged = await typed("case", "acknowledge", case["reference"])

    assert opened.stdout == TEXT
    assert acknowledged.stdout == f"{case['reference']} is acknowledged.\n"
    assert str(cause.data.case) not in opened.output + acknowledged.output


async def test_a_list_tells_a_handler_what_is_due_next(service: Schema) -> None:
    at = (await service.rows("SELECT now()"))[0][0]
    cases = [uuid4(), uuid4()]
    async with service.pool.acquire() as connection, connection.transaction():
        stranger = sealing.generate_key()[1]
        boxes = [sealed(public_key=stranger), sealed()]
        await handle(OPEN_CASES, connection, *(received(case=c, box=b) for c, b in zip(cases, boxes, strict=True)))
        await let_age(connection, cases, timedelta(days=6))

    result = await typed("case", "list", "--state", "received")

    head, *lines = result.stdout.splitlines()
    assert head.split() == ["Reference", "Kind", "State", "Deadline", "Due", "(UTC)"]
    assert len(lines) == 2
    due = (at + timedelta(days=1)).strftime("%Y-%m-%d")
    for line in lines:
        assert "acknowledge" in line and due in line and line.rstrip().endswith("near")
    assert sum("cannot be opened" in line for line in lines) == 1
    assert "\x1b" not in result.stdout


async def test_a_refusal_is_told_in_the_services_words(service: Schema) -> None:
    unknown = await typed("case", "acknowledge", "R-0000-0000-0000")
    nonsense = await typed("case", "acknowledge", "../keys")

    assert str(unknown.exception) == "remedy refused (404 case_unknown): There is no case with this reference."
    assert str(nonsense.exception) == "An id or reference has letters, digits and - only."


async def test_an_operator_lists_engagements_and_opens_one(service: Schema) -> None:
    empty = await typed("engagement", "list")
    async with service.pool.acquire() as connection, connection.transaction():
        await handle(PROPOSE_FOR_GROUPS, connection, group("acme", suppliers=[UUID(int=1)]))
        await handle(PROPOSE_FOR_FLAGS, connection, flag(UUID(int=1), name="[red]Example[/r"))

    (proposed,) = json.loads((await typed("engagement", "list", "--group", "acme", "--json")).stdout)
    opened = await typed("engagement", "open", proposed["engagement"], "--objective", "Fees are repaid.")
    listed = await typed("engagement", "list")

    assert empty.stdout == "No engagements.\n"
    assert opened.stdout == "Opened: acme engages [red]Example[/r.\n"
    assert "opened" in listed.stdout and "[red]Example[/r" in listed.stdout


def test_a_strangers_text_cannot_steer_the_terminal() -> None:
    assert harmless("a\x1b[2Jb\r\x07\n\tç欠") == "a\ufffd[2Jb\ufffd\ufffd\n\tç欠"


@pytest.mark.parametrize(
    "command", [["seal"], ["case", "list"], ["case", "acknowledge"], ["case", "open"], ["engagement", "open"]]
)
def test_help_teaches_with_an_example(command: list[str]) -> None:
    assert "Example: " in engage(*command, "--help").output
