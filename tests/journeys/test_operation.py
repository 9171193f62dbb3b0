"""Operating the stack: what it tells of itself, that it mends itself, and that each service keeps to its own."""

import contextlib
import io
import re
import signal
import time
from collections.abc import Iterator
from typing import Any

import asyncpg
import httpx
import psutil
import pytest
import typer.main
from prometheus_client.parser import text_string_to_metric_families

from deploy.local.servers import database_of
from services.__main__ import PARTS, build
from tests.journeys.door import Door, flag
from tests.live_stack import LiveStack, wait_until

SERVICES = ("ingest", "risk", "remedy", "notify")
SPINE = {
    "engage_events_consumed",
    "engage_batch_duration_seconds",
    "engage_events_published",
    "engage_batch_retries",
    "engage_offset_commits_refused",
    "engage_outbox_pending_events",
    "engage_outbox_oldest_age_seconds",
    "engage_outbox_blocked_keys",
    "engage_consumer_lag_events",
    "engage_parked_events",
    "engage_dead_letters",
    "engage_ready",
}
BACK_WITHIN = 30.0
"""Seconds from a kill until a service is ready again."""


def test_the_status_has_the_shape_that_programs_rely_on(stack: LiveStack) -> None:
    stack.settled()

    status = stack.json("status")

    assert list(status) == ["ready", "kafka", "postgres", "smtp", "services"]
    assert status["ready"] is True
    assert re.fullmatch(r"127\.0\.0\.1:\d+", status["kafka"].pop("bootstrap")) and status["kafka"] == {}
    assert status["postgres"].pop("dsn").startswith("postgresql://")
    apart = status["postgres"].pop("databases")
    assert sorted(apart) == ["remedy", "remedy_keys"] and status["postgres"] == {}
    assert all(dsn.startswith("postgresql://") and "password" not in dsn for dsn in apart.values())
    assert status["smtp"] == {
        "host": "127.0.0.1", "port": stack.state().ports["smtp"], "mailbox": str(stack.folder / "mailbox"),
    }  # fmt: skip
    assert sorted(status["services"]) == sorted(SERVICES)
    for service in status["services"].values():
        assert list(service) == ["url", "pid", "ready", "lag", "outbox", "dead_letters"]
        assert (service["ready"], service["lag"], service["outbox"]) == (True, 0, 0)
        assert psutil.pid_exists(service["pid"])
        assert httpx.get(f"{service['url']}/livez").status_code == 200


def test_a_second_up_says_that_it_is_running_and_changes_nothing(stack: LiveStack) -> None:
    before = stack.state()

    told = stack.engage("up", "--detach")

    assert "Already running" in told
    assert stack.state() == before


@pytest.mark.parametrize("service", SERVICES)
def test_a_killed_service_is_ready_again_in_half_a_minute(stack: LiveStack, service: str) -> None:
    pid, began = stack.state().children[service].pid, time.monotonic()

    psutil.Process(pid).send_signal(signal.SIGKILL)
    wait_until(lambda: stack.state().children[service].pid != pid, BACK_WITHIN)
    wait_until(lambda: bool(stack.status()["services"][service]["ready"]), BACK_WITHIN, lambda: f"{stack.status()}")

    assert time.monotonic() - began < BACK_WITHIN


@pytest.mark.parametrize("service", SERVICES)
def test_the_metrics_can_be_scraped_and_name_nobody(stack: LiveStack, member: Door, service: str) -> None:
    member.send(flag("Example Measured"))
    stack.settled()

    scraped = httpx.get(f"{stack.status()['services'][service]['url']}/metrics", timeout=30)

    families = list(text_string_to_metric_families(scraped.text))
    assert {family.name for family in families} >= SPINE
    values = {value for family in families for sample in family.samples for value in sample.labels.values()}
    assert [value for value in values if "@" in value or member.member in value or UUID.search(value)] == []
    assert not [value for value in values if re.match(r"(member|group|intake|outcome)\.[^{]", value)]


UUID = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}")


def leaves(command: Any, words: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The words of every command below this one."""
    if not (parts := getattr(command, "commands", {})):
        yield words
    for name, part in parts.items():
        yield from leaves(part, (*words, name))


COMMAND = typer.main.get_command(build())
"""Built once: it takes a second."""
LEAVES = list(leaves(COMMAND))


def typed(*words: str) -> tuple[object, str]:
    """The exit code of a command, and what it wrote."""
    written = io.StringIO()
    with contextlib.redirect_stdout(written), pytest.raises(SystemExit) as end:
        COMMAND([*words])
    return end.value.code, written.getvalue()


def test_the_help_of_the_command_names_every_part_and_how_to_begin(stack: LiveStack) -> None:
    told = stack.engage("--help")

    assert "engage up --detach" in told and "engage demo" in told
    assert [name for names in PARTS.values() for name in names if not re.search(rf"\b{name}\b", told)] == []


@pytest.mark.parametrize("words", LEAVES, ids=" ".join)
def test_the_help_of_each_command_has_an_example(words: tuple[str, ...]) -> None:
    code, told = typed(*words, "--help")

    assert code == 0
    assert re.search(rf"Example.*engage {' '.join(words)}", " ".join(re.sub(r"[│╭╰─╮╯]", " ", told).split()))


def test_each_part_of_the_command_line_has_the_commands_that_are_looked_for_in_it() -> None:
    for part, names in PARTS.items():
        assert sorted({words[0] for words in leaves(typer.main.get_command(build([part])))}) == sorted(names), part


@pytest.mark.parametrize("words", [("no-such",), ("member", "no-such"), ("import",), ("facts", "load", "--no-such")])
def test_a_command_typed_wrong_is_answered_with_how_to_get_help(stack: LiveStack, words: tuple[str, ...]) -> None:
    assert "--help" in stack.engage(*words, code=2)


# Least privilege


@pytest.mark.parametrize("service", SERVICES)
async def test_a_services_database_role_reads_no_other_schema(stack: LiveStack, service: str) -> None:
    operator = await asyncpg.connect(stack.dsn(service))
    tables = await operator.fetch("SELECT schemaname, tablename FROM pg_tables WHERE schemaname = ANY($1)", SERVICES)
    await operator.close()
    role = await connect_as(stack, service)
    try:
        assert {row["schemaname"] for row in tables} == beside(service)
        for schema, table in tables:
            if schema == service:
                await role.fetch(f'SELECT FROM "{schema}"."{table}" LIMIT 1')
                continue
            for statement in ("SELECT FROM {}", "DELETE FROM {}", "TRUNCATE {}"):
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await role.execute(statement.format(f'"{schema}"."{table}"'))
    finally:
        await role.close()


@pytest.mark.parametrize("service", SERVICES)
async def test_a_services_database_role_makes_and_changes_no_table_and_becomes_nobody_else(
    stack: LiveStack, service: str
) -> None:
    role = await connect_as(stack, service)
    forbidden = [
        *(f"CREATE TABLE {schema}.own (n int)" for schema in (*beside(service), "public")),
        "CREATE TEMP TABLE own (n int)",
        "CREATE SCHEMA own",
        "DROP TABLE outbox",
        "ALTER TABLE outbox ADD COLUMN own int",
        "TRUNCATE outbox",
        *(f"SET ROLE {other}_owner" for other in SERVICES),
        *(f"SET ROLE {other}" for other in SERVICES if other != service),
        "SELECT pg_read_file('/etc/passwd')",
        "COPY outbox TO PROGRAM 'cat'",
    ]
    try:
        for statement in forbidden:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await role.execute(statement)
    finally:
        await role.close()


def beside(service: str) -> set[str]:
    """The services whose schemas are in the same database, itself among them."""
    return {other for other in SERVICES if database_of(other) == database_of(service)}


async def connect_as(stack: LiveStack, service: str) -> "asyncpg.Connection[asyncpg.Record]":
    """A connection as the service itself makes it."""
    return await asyncpg.connect((stack.folder / "secrets" / service / "engage_database_dsn").read_text())
