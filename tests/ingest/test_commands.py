"""What people type, against the service's real HTTP and a real Kafka."""

import asyncio
import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import typer
from aiokafka.admin import AIOKafkaAdminClient
from pydantic import SecretStr
from rich.console import Console
from typer.testing import CliRunner, Result

from services.ingest import commands
from services.ingest.__main__ import SERVICE
from services.ingest.settings import IngestSettings
from services.ingest.tables import of_keys
from shared.client import CommandError
from shared.http import digest
from shared.service import assemble, http_server
from tests.conftest import EmptySchema, Schema
from tests.ingest.conftest import OPERATOR, PEPPER
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
        kafka_bootstrap=kafka,
        database_dsn=schema.dsn,
        operator_key_sha256=SecretStr(digest(OPERATOR)),
        receipt_pepper=PEPPER,
        http_port=0,
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


@asynccontextmanager
async def delivering(desk: Desk) -> AsyncIterator[None]:
    """What is queued goes, as a relay would see to."""

    async def deliver() -> None:
        while True:
            await desk.schema.rows("DELETE FROM outbox_todo")
            await asyncio.sleep(0.02)

    relay = asyncio.create_task(deliver())
    try:
        yield
    finally:
        relay.cancel()


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

    result = await desk.typed("member", "key", "add", slug, "--keep")

    assert kept.read_text() != before
    assert kept.read_text() in result.output


async def test_a_key_is_made_listed_rotated_and_revoked(desk: Desk) -> None:
    slug = await with_member(desk)
    made = await desk.typed("member", "key", "add", slug, "--purpose", "read", "--label", "[/board]")
    (kid,) = [one["kid"] for one in await keys_of(desk, slug) if one["purposes"] == ["read"]]

    rotated = await desk.typed("member", "key", "rotate", slug, kid)
    revoked = await desk.typed("member", "key", "revoke", slug, kid)
    listed = await desk.typed("member", "key", "list", slug)

    assert [result.exit_code for result in (made, rotated, revoked, listed)] == [0] * 4
    assert sum(f"eng_{kid}_" in result.output for result in (made, rotated, revoked, listed)) == 1
    assert listed.output.count("[/board]") == 2
    assert [one["kid"] for one in await keys_of(desk, slug) if one["revoked"]] == [kid]


async def keys_of(desk: Desk, slug: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((await desk.typed("member", "key", "list", slug, "--json")).output)
    return found


async def test_the_kept_key_follows_its_rotation(desk: Desk) -> None:
    slug = await with_member(desk)
    kept = desk.state / "secrets" / "members" / f"{slug}.key"
    (only,) = await keys_of(desk, slug)

    result = await desk.typed("member", "key", "rotate", slug, only["kid"])

    assert kept.read_text() in result.output
    assert only["kid"] not in kept.read_text()


async def test_a_member_leaves_with_its_export_and_without_its_topics(desk: Desk, kafka: str) -> None:
    slug = await with_member(desk)
    await desk.typed("publish", desk.file("flag.json", json.dumps(flag())), "--member", slug)
    export = desk.state / "export.jsonl"

    tried = await desk.typed("member", "leave", slug, "--dry-run")
    before = await topics_of(kafka)
    async with delivering(desk):
        left = await desk.typed("member", "leave", slug, "--export", str(export), "--yes")
    again = await desk.typed("member", "leave", slug, "--yes", "--json")

    assert "nothing was changed" in tried.output and f"intake.{slug}" in before
    assert (left.exit_code, again.exit_code) == (0, 0), left.output + again.output
    assert {json.loads(line)["kind"] for line in export.read_text().splitlines()} >= {"member", "key", "receipt"}
    assert export.stat().st_mode & 0o077 == 0
    assert not [topic for topic in await topics_of(kafka) if slug in topic]
    assert json.loads(again.output)["topics_deleted"] == []
    assert not (desk.state / "secrets" / "members" / f"{slug}.key").exists()
    refused = await desk.typed("member", "add", slug, "--name", "Example City")
    assert refused.exit_code == 1 and "member_left" in str(refused.exception)
    assert not [topic for topic in await topics_of(kafka) if slug in topic]


async def test_leaving_says_what_ends_where_the_export_went_and_that_it_was_done_already(desk: Desk) -> None:
    slug, export = await with_member(desk), desk.state / "left.jsonl"

    async with delivering(desk):
        left = await desk.typed("member", "leave", slug, "--export", str(export), "--yes")
    export.unlink()
    again = await desk.typed("member", "leave", slug, "--export", str(export))

    assert "this ends: 1 key, 0 contracts, 0 working groups, 0 open requests." in left.output
    assert f"Its export is in {export}" in left.output
    assert again.exit_code == 0, again.output
    assert f"Member {slug} left on " in again.output and "keys" not in again.output
    assert not export.exists()


@pytest.mark.parametrize("option", [("--purpose", "eat"), ("--valid-days", "-3"), ("--valid-days", "0")])
async def test_an_option_of_a_key_that_cannot_be_is_refused_in_a_sentence(option: tuple[str, str]) -> None:
    refused = CliRunner().invoke(app, ["member", "key", "add", "oslo", *option])

    assert refused.exit_code == 2
    assert f"Invalid value for '{option[0]}'" in refused.output


@pytest.mark.parametrize("width", [80, 60])
def test_the_id_of_a_key_is_never_cut(width: int) -> None:
    day = "2026-01-15T09:00:00Z"
    row: dict[str, Any] = {
        "kid": "5f2a90c1d3e4",
        "purposes": ["publish", "read", "import"],
        "label": "board of the city",
    }
    written = io.StringIO()

    Console(width=width, file=written).print(
        of_keys([row | {"made": day, "used_on": day, "expires": day, "revoked": day}])
    )

    assert row["kid"] in written.getvalue()


async def test_an_export_is_written_without_leaving(desk: Desk) -> None:
    slug = await with_member(desk)
    to = desk.state / "out.jsonl"

    result = await desk.typed("member", "export", slug, "--to", str(to))

    assert result.exit_code == 0
    assert f"{len(to.read_text().splitlines())} records" in result.output


async def test_an_id_that_is_no_slug_is_refused_before_anything_is_made(desk: Desk) -> None:
    result = await desk.typed("member", "add", "Example City", "--name", "Example City")

    assert isinstance(result.exception, CommandError)
    assert await desk.schema.rows("SELECT FROM member") == []


async def test_a_group_is_established_with_roles(desk: Desk, kafka: str) -> None:
    slug, group = await with_member(desk), f"g-{uuid4().hex[:8]}"
    scope = ("--category", "forced_labour", "--instrument", "C029", "--supplier", "Example")
    cause = ("--cause", "compliance-concern", "--why", "Fees were taken.", "--rightsholders", "Example Union")

    result = await desk.typed(*group_words(group, slug), *scope, *cause, "--member", f"{slug}:lead")

    assert result.exit_code == 0, result.output
    assert f"group.{group}.dialogue" in await topics_of(kafka)
    found = json.loads((await desk.typed("group", "show", group, "--json")).output)
    assert found["members"] == {slug: "lead"}
    assert (found["founding"]["cause"], found["founding"]["reason"]) == ("compliance_concern", "Fees were taken.")
    assert (found["instruments"], found["rightsholders"]) == (["C029"], ["Example Union"])
    shown = (await desk.typed("group", "show", group)).output
    assert f"{slug} (lead)" in shown
    assert "Fees were taken." in shown
    assert group in (await desk.typed("group", "list")).output


def group_words(group: str, secretariat: str) -> tuple[str, ...]:
    return ("group", "add", group, "--name", "Group", "--purpose", "Purpose", "--secretariat", secretariat)


async def test_a_new_group_says_why_it_is_formed(desk: Desk) -> None:
    slug, group = await with_member(desk), f"g-{uuid4().hex[:8]}"

    without = await desk.typed(*group_words(group, slug))
    half = await desk.typed(*group_words(group, slug), "--cause", "good-practice")

    assert isinstance(without.exception, CommandError)
    assert "--cause compliance-concern --why" in str(without.exception)
    assert "--cause and --why together" in str(half.exception)
    assert await desk.schema.rows("SELECT FROM workinggroup") == []


async def test_members_join_and_leave_a_group_that_is_then_closed_each_after_a_dry_run(desk: Desk) -> None:
    slug, group = await with_member(desk), f"g-{uuid4().hex[:8]}"
    await desk.typed(*group_words(group, slug), "--cause", "good-practice", "--why", "A list of sites was published.")
    closing = ("group", "close", group, "--reason", "purpose-achieved")

    joined = await desk.typed("group", "join", group, f"{slug}:supporting")
    tried = await desk.typed("group", "leave", group, slug, "--dry-run")
    unsure = await desk.typed("group", "leave", group, slug)
    left = await desk.typed("group", "leave", group, slug, "--yes")
    again = await desk.typed("group", "leave", group, slug, "--yes")
    would = json.loads((await desk.typed(*closing, "--dry-run", "--json")).output)
    closed = await desk.typed(*closing, "--yes")
    repeated = json.loads((await desk.typed(*closing, "--yes", "--json")).output)

    assert f"{slug} takes part in {group}: supporting." in joined.output
    assert "(dry run: nothing was changed): the part of 1 member ends" in " ".join(tried.output.split())
    assert unsure.exit_code == 1
    assert f"{slug} has left {group}." in left.output
    assert "engage group show" in str(again.exception)
    assert (would["ended"], would["members"]) == (None, 0)
    assert f"Working group {group} is closed." in closed.output
    assert repeated["ended"] is not None
    assert (await desk.schema.rows("SELECT close_reason FROM workinggroup"))[0][0] == "purpose_achieved"


async def test_which_laws_bind_a_member_is_set_and_shown(desk: Desk) -> None:
    slug = f"m-{uuid4().hex[:8]}"
    await desk.typed("member", "add", slug, "--name", "Example City", "--bound-by", "transparency-act")

    before = json.loads((await desk.typed("member", "list", "--json")).output)[0]["bound_by"]
    freed = await desk.typed("member", "bind", slug, "--nothing")
    bound = await desk.typed("member", "bind", slug, "--bound-by", "transparency-act", "--json")
    neither = await desk.typed("member", "bind", slug)

    assert before == ["transparency_act"]
    assert "no law of its own" in freed.output
    assert json.loads(bound.output) == {"member": slug, "bound_by": ["transparency_act"]}
    assert "--bound-by transparency-act, or --nothing" in str(neither.exception)


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

    result = await desk.typed("import", file, "--member", slug, "--encoding", "utf-8", *(["--json"] if as_json else []))

    assert result.exit_code == 1
    if as_json:
        report = json.loads(result.output)
        assert (report["rows"], report["errors"][0]["row"], report["errors"][0]["column"]) == (0, 2, "C")
    else:
        assert "list.csv is refused" in result.output
        assert "row 2, line 2, column C: this byte" in result.output
        assert "Name another, or leave it out." in result.output


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


async def test_contracts_are_imported_from_rows_listed_and_shown_by_their_reference(desk: Desk) -> None:
    slug = await with_member(desk)
    header = "reference,supplier_name,level,starts,ended_on,end_reason\n"
    rows = "2024/17,Example Electronics,call_off,2024-01-01,,\n9,Example Displays,framework,,2025-01-31,terminated\n"
    file = desk.file("contracts.csv", header + rows)

    done = await desk.typed("import", file, "--member", slug)
    listed = await desk.typed("contract", "list", "--member", slug)
    shown = await desk.typed("contract", "show", "2024/17", "--member", slug, "--json")
    again = await desk.typed("contract", "show", json.loads(shown.output)["contract"]["contract"], "--member", slug)
    missing = await desk.typed("contract", "show", "2024/18", "--member", slug)

    assert (done.exit_code, listed.exit_code, shown.exit_code, again.exit_code) == (0, 0, 0, 0), done.output
    assert "contracts registered" in done.output
    assert "2024/17" in listed.output
    assert "(terminated)" in listed.output
    assert json.loads(shown.output)["contract"]["supplier_name"] == "Example Electronics"
    assert "binds" in again.output
    assert isinstance(missing.exception, CommandError)
