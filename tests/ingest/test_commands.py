"""What people type, against the service's real HTTP and a real Kafka."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import typer
from aiokafka.admin import AIOKafkaAdminClient
from pydantic import SecretStr
from typer.testing import CliRunner, Result

from services.ingest import commands
from services.ingest.__main__ import SERVICE
from services.ingest.settings import IngestSettings
from shared.client import CommandError
from shared.http import digest
from shared.service import assemble, http_server
from tests.conftest import EmptySchema, Schema
from tests.ingest.conftest import OPERATOR
from tests.ingest.given import event, flag, osh

app = typer.Typer()
commands.register(app)


@dataclass(frozen=True)
class Desk:
    """A person's shell: a state folder, and the service behind it."""

    state: Path
    schema: Schema

    async def typed(self, *arguments: str) -> Result:
        """A command while the service runs."""
        return await asyncio.to_thread(CliRunner().invoke, app, list(arguments))

    def file(self, name: str, content: str | bytes) -> str:
        """A file that the person has."""
        path = self.state / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return str(path)


@pytest.fixture
async def desk(
    empty_schema: EmptySchema, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kafka: str
) -> AsyncIterator[Desk]:
    schema = await empty_schema("ingest")
    settings = IngestSettings(
        kafka_bootstrap=kafka, database_dsn=schema.dsn, operator_key_sha256=SecretStr(digest(OPERATOR)), http_port=0
    )
    (tmp_path / "secrets").mkdir(mode=0o700)
    async with http_server(SERVICE, assemble(SERVICE, settings, schema.pool, schema.pool)) as port:
        monkeypatch.setenv("ENGAGE_STATE", str(tmp_path))
        monkeypatch.setenv("ENGAGE_INGEST_URL", f"http://127.0.0.1:{port}")
        monkeypatch.setenv("ENGAGE_KAFKA_BOOTSTRAP", kafka)
        monkeypatch.setenv("ENGAGE_OPERATOR_KEY", OPERATOR)
        yield Desk(tmp_path, schema)


async def with_member(desk: Desk) -> str:
    """A member whose key is kept; its slug."""
    slug = f"m-{uuid4().hex[:8]}"
    result = await desk.typed("member", "add", slug, "--name", "Example City", "--country", "NO")
    assert result.exit_code == 0, result.output
    return slug


async def topics_of(kafka: str) -> set[str]:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    try:
        return set(await admin.list_topics())
    finally:
        await admin.close()


async def test_a_member_gets_topics_an_entry_and_a_key_for_its_owner_only(desk: Desk, kafka: str) -> None:
    slug = await with_member(desk)

    kept = desk.state / "secrets" / "members" / f"{slug}.key"
    again = await desk.typed("member", "add", slug, "--name", "Example City", "--country", "NO")
    assert {f"intake.{slug}", f"member.{slug}.disclosure", f"member.{slug}.contract"} <= await topics_of(kafka)
    assert kept.stat().st_mode & 0o777 == 0o600
    assert kept.parent.stat().st_mode & 0o777 == 0o700
    assert again.exit_code == 0
    assert kept.read_text() not in again.output
    listed = await desk.typed("member", "list", "--json")
    assert [one["member"] for one in json.loads(listed.output)] == [slug]


async def test_a_further_key_is_kept_in_place_of_the_first(desk: Desk) -> None:
    slug = await with_member(desk)
    kept = desk.state / "secrets" / "members" / f"{slug}.key"
    before = kept.read_text()

    result = await desk.typed("member", "add", slug, "--name", "Example City", "--country", "NO", "--new-key")

    assert kept.read_text() != before
    assert kept.read_text() in result.output


async def test_an_id_that_is_no_slug_is_refused_before_anything_is_made(desk: Desk) -> None:
    result = await desk.typed("member", "add", "Example City", "--name", "Example City")

    assert isinstance(result.exception, CommandError)
    assert await desk.schema.rows("SELECT FROM member") == []


async def test_a_group_is_established_with_roles(desk: Desk, kafka: str) -> None:
    slug, group = await with_member(desk), f"g-{uuid4().hex[:8]}"
    words = ("group", "add", group, "--name", "Group", "--purpose", "Purpose", "--secretariat", slug)

    result = await desk.typed(
        *words, "--category", "forced_labour", "--member", f"{slug}:lead", "--supplier", "Example"
    )

    assert result.exit_code == 0, result.output
    assert f"group.{group}.dialogue" in await topics_of(kafka)
    rows = await desk.schema.rows("SELECT members ->> $1 FROM workinggroup", slug)
    assert rows[0][0] == "lead"


async def test_an_import_reports_counts_for_people_and_for_programs(desk: Desk) -> None:
    slug = await with_member(desk)
    file = desk.file("list.csv", osh(("NO", "Example", "1 Road", "Electronics")))

    tried = await desk.typed("import", file, "--member", slug, "--dry-run")
    done = await desk.typed("import", file, "--member", slug, "--json")

    assert (tried.exit_code, done.exit_code) == (0, 0)
    assert "dry run" in tried.output
    report = json.loads(done.output)
    assert {name: report[name] for name in ("rows", "accepted", "duplicate", "rejected", "errors")} == {
        "rows": 1,
        "accepted": 1,
        "duplicate": 0,
        "rejected": 0,
        "errors": [],
    }


async def test_a_rejected_row_makes_the_exit_code_one_and_is_shown_with_place_and_remedy(desk: Desk) -> None:
    slug = await with_member(desk)
    file = desk.file("list.csv", osh(("NO", "Example", "1 Road", ""), ("Atlantis", "Example", "1 Road", "")))

    result = await desk.typed("import", file, "--member", slug)

    assert result.exit_code == 1
    assert "row 3, column country" in result.output
    assert "ISO 3166" in result.output
    assert len(await desk.schema.rows("SELECT FROM site")) == 1


@pytest.mark.parametrize("as_json", [True, False])
async def test_a_refused_file_makes_the_exit_code_one_and_names_file_row_column_and_remedy(
    desk: Desk, as_json: bool
) -> None:
    slug = await with_member(desk)
    file = desk.file("list.csv", osh(("DE", "Example", "Straße", "")).encode("cp1252"))

    result = await desk.typed("import", file, "--member", slug, *(["--json"] if as_json else []))

    assert result.exit_code == 1
    if as_json:
        report = json.loads(result.output)
        assert (report["rows"], report["errors"][0]["row"], report["errors"][0]["column"]) == (0, 2, "address")
    else:
        assert "list.csv, row 2, column address" in result.output
        assert "UTF-8" in result.output


FORMS: list[tuple[str, Any]] = [
    ("one.json", lambda events: json.dumps(events[0])),
    ("all.json", lambda events: json.dumps(events, indent=2)),
    ("all.jsonl", lambda events: "\n".join(json.dumps(one) for one in events) + "\n"),
]


@pytest.mark.parametrize(("name", "written"), FORMS)
async def test_events_are_published_from_one_an_array_or_lines(desk: Desk, name: str, written: Any) -> None:
    slug = await with_member(desk)
    file = desk.file(name, written([flag(number) for number in range(3)]))

    first = await desk.typed("publish", file, "--member", slug, "--json")
    again = await desk.typed("publish", file, "--member", slug)

    assert {one["outcome"] for one in json.loads(first.output)["receipts"]} == {"accepted"}
    assert (again.exit_code, "duplicate" in again.output) == (0, True)


async def test_more_events_than_one_request_takes_are_sent_in_batches(desk: Desk) -> None:
    slug = await with_member(desk)
    file = desk.file("many.jsonl", "\n".join(json.dumps(flag(number)) for number in range(1100)))

    result = await desk.typed("publish", file, "--member", slug)

    assert result.exit_code == 0
    assert "1100 accepted" in result.output


async def test_a_rejected_event_makes_the_exit_code_one_and_says_why(desk: Desk) -> None:
    slug = await with_member(desk)
    file = desk.file("events.json", json.dumps([flag(), event("no.such.type", {})]))

    result = await desk.typed("publish", file, "--member", slug)

    assert result.exit_code == 1
    assert "event 2 at /type: type_unknown" in result.output


@pytest.mark.parametrize("content", ["no json", '{"a": 1}\n{"a": 1, "a": 2}', "[NaN]", b"\xff"])
async def test_a_file_that_holds_no_events_is_not_sent(desk: Desk, content: str | bytes) -> None:
    slug = await with_member(desk)

    result = await desk.typed("publish", desk.file("events.json", content), "--member", slug)

    assert isinstance(result.exception, CommandError)
    assert await desk.schema.rows("SELECT FROM receipt") == []


async def test_a_receipt_is_shown(desk: Desk) -> None:
    slug = await with_member(desk)
    sent = await desk.typed("publish", desk.file("one.json", json.dumps(flag())), "--member", slug, "--json")
    receipt = json.loads(sent.output)["receipts"][0]["receipt"]

    shown = await desk.typed("receipt", receipt, "--member", slug, "--json")
    unknown = await desk.typed("receipt", str(uuid4()), "--member", slug)

    assert json.loads(shown.output)["receipt"] == receipt
    assert isinstance(unknown.exception, CommandError)
