"""The parts by themselves: jars, broker settings, database roles, secrets, and the pace of starting again."""

import base64
import itertools
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
import typer
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from typer.testing import CliRunner

from deploy.local.commands import register
from deploy.local.database import provision, service_dsn, without_password
from deploy.local.errors import StackError
from deploy.local.jars import PINNED, VERSION, cache_folder, check_jars, ensure_jars, require_java
from deploy.local.keys import SecretFolder
from deploy.local.parts import NOT_FOR_SERVICES
from deploy.local.postgres import Postgres
from deploy.local.processes import Child, Identity
from deploy.local.state import SERVICES, State, StateFolder
from deploy.local.watch import FIRST_DELAY, LONGEST_DELAY, STEADY_AFTER, Watched
from tests.local.conftest import CALLER, RunningStack


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """A server of these tests' own, since they restart it."""
    with Postgres(tmp_path_factory.mktemp("own-postgres")) as postgres:
        provision(postgres.admin_dsn, ["apple", "pear"], {"apple": "a b/c@", "pear": "secret"})
        yield postgres


async def connect(server: Postgres, service: str, password: str) -> "asyncpg.Connection[asyncpg.Record]":
    return await asyncpg.connect(service_dsn(server.admin_dsn, service, password))


def test_without_java_the_error_names_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(StackError, match=r"java is not on the PATH. Install Java 17"):
        require_java()


def test_an_old_java_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    java = tmp_path / "java"
    java.write_text("#!/bin/sh\necho 'openjdk version \"11.0.2\" 2019-01-15' >&2\n")
    java.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(StackError, match="older than Java 17"):
        require_java()


def test_without_maven_the_error_names_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("ENGAGE_CACHE", str(tmp_path / "cache"))

    with pytest.raises(StackError, match=r"mvn is not on the PATH. Install Maven"):
        ensure_jars(print)


def test_an_interrupted_download_leaves_nothing_that_looks_whole(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    maven = tmp_path / "mvn"
    maven.write_text("#!/bin/sh\necho 'connection reset'\nexit 1\n")
    maven.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("ENGAGE_CACHE", str(tmp_path / "cache"))

    with pytest.raises(StackError, match="connection reset"):
        ensure_jars(print)

    assert [path.name for path in (tmp_path / "cache").iterdir()] == [f"kafka-{VERSION}.lock"]


@pytest.mark.parametrize("harm", ["altered", "missing", "added"])
def test_a_jar_that_is_not_the_pinned_one_is_refused_by_name(harm: str, tmp_path: Path) -> None:
    ensure_jars(print)
    jars = tmp_path / "jars"
    shutil.copytree(cache_folder() / f"kafka-{VERSION}", jars)
    victim = jars / ("extra.jar" if harm == "added" else f"kafka-clients-{VERSION}.jar")

    victim.unlink() if harm == "missing" else victim.write_bytes(b"not a jar")

    with pytest.raises(StackError, match=re.escape(victim.name)):
        check_jars(jars, "Delete it.")


def test_the_pinned_version_is_the_one_that_maven_is_asked_for() -> None:
    assert f"<version>{VERSION}</version>" in (PINNED / "pom.xml").read_text()


async def test_a_service_reads_and_writes_rows_of_its_own_schema_and_nothing_else(server: Postgres) -> None:
    admin = await asyncpg.connect(server.dsn)
    await admin.execute("SET ROLE apple_owner")
    await admin.execute("CREATE TABLE IF NOT EXISTS apple.rows (id bigint GENERATED ALWAYS AS IDENTITY, n int)")
    await admin.close()

    own, other = await connect(server, "apple", "a b/c@"), await connect(server, "pear", "secret")

    await own.execute("INSERT INTO rows (n) VALUES (1)")
    refused = "CREATE TABLE more ()", "CREATE TABLE public.more ()", "CREATE TEMP TABLE more ()", "TRUNCATE rows"
    for statement in (*refused, "DROP TABLE rows"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await own.execute(statement)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await other.execute("SELECT * FROM apple.rows")
    await own.close()
    await other.close()


async def test_a_service_session_has_its_fixed_path_and_its_limits(server: Postgres) -> None:
    session = await connect(server, "apple", "a b/c@")

    names = ("search_path", "statement_timeout", "idle_in_transaction_session_timeout")
    shown = [await session.fetchval("SELECT current_setting($1)", name) for name in names]
    await session.close()

    assert shown == ["apple, pg_catalog, pg_temp", "1min", "15s"]


async def test_provisioning_again_keeps_the_rows_and_sets_the_passwords(server: Postgres) -> None:
    provision(server.admin_dsn, ["plum"], {"plum": "before"})

    provision(server.admin_dsn, ["plum"], {"plum": "after"})

    with pytest.raises(asyncpg.InvalidPasswordError):
        await connect(server, "plum", "before")
    await (await connect(server, "plum", "after")).close()


async def test_the_server_never_trades_durability_and_never_logs_parameters(server: Postgres) -> None:
    session = await asyncpg.connect(server.dsn)

    names = ("fsync", "synchronous_commit", "full_page_writes", "log_parameter_max_length", "unix_socket_directories")
    shown = [await session.fetchval("SELECT current_setting($1)", name) for name in names]
    methods = await session.fetch("SELECT DISTINCT auth_method FROM pg_hba_file_rules")
    await session.close()

    assert shown == ["on", "on", "on", "0", ""]
    assert [row["auth_method"] for row in methods] == ["scram-sha-256"]


def test_a_lock_file_that_names_a_stranger_does_not_stop_the_server(server: Postgres) -> None:
    server.kill()
    stranger = subprocess.Popen(["/bin/sleep", "60"], user=server.child.owner[0] if server.child.owner else None)
    lock = server.data / "postmaster.pid"
    lock.write_text(re.sub(r"^\d+", str(stranger.pid), lock.read_text()))

    server.start()

    assert server.answers()
    stranger.kill()
    stranger.wait()


def test_a_shown_dsn_has_no_password() -> None:
    dsn = "postgresql://admin:hush@db.example/engage?sslmode=require&password=hush"

    assert without_password(dsn) == "postgresql://admin@db.example/engage?sslmode=require"


def test_secrets_are_drawn_once_and_no_service_has_anothers(tmp_path: Path) -> None:
    keys = SecretFolder(tmp_path)
    for service in ("risk", "remedy", "ingest"):
        keys.give(service, "postgresql://one", "postgresql://keys")
    before = {path: path.read_text() for path in tmp_path.rglob("*") if path.is_file()}

    for service in ("risk", "remedy", "ingest"):
        keys.give(service, "postgresql://one", "postgresql://keys")

    assert {path: path.read_text() for path in tmp_path.rglob("*") if path.is_file()} == before
    shared = {"engage_database_dsn", "engage_dead_letter_key", "engage_operator_key_sha256"}
    only_remedy = {"engage_keys_dsn", "engage_case_key", "engage_receipt_pepper"}
    assert {path.name for path in keys.of_service("risk").iterdir()} == shared
    assert {path.name for path in keys.of_service("remedy").iterdir()} == shared | only_remedy
    assert {path.name for path in keys.of_service("ingest").iterdir()} == shared | {"engage_receipt_pepper"}
    for name in ("engage_case_key", "engage_receipt_pepper"):
        assert len(base64.b64decode((keys.of_service("remedy") / name).read_text())) == 32


def test_dead_letters_are_sealed_to_the_key_whose_private_half_no_service_has(tmp_path: Path) -> None:
    keys = SecretFolder(tmp_path)

    keys.give("ingest", "postgresql://one")

    private = X25519PrivateKey.from_private_bytes(base64.b64decode((tmp_path / "dead-letter.key").read_text()))
    public = base64.b64decode((keys.of_service("ingest") / "engage_dead_letter_key").read_text())
    assert private.public_key().public_bytes_raw() == public


def test_a_child_that_keeps_ending_is_started_ever_more_slowly_until_it_was_steady(tmp_path: Path) -> None:
    now = [0.0]
    launches: list[float] = []
    child = Child("gone", [], tmp_path / "gone.log")  # never launched for real, so it always looks ended
    watched = Watched(child, lambda: launches.append(now[0]), clock=lambda: now[0])
    watched.launch()

    for _ in range(400):
        watched.look()
        now[0] += 0.1
    pauses = [later - earlier for earlier, later in itertools.pairwise(launches)]
    assert pauses[0] <= FIRST_DELAY + 0.25
    assert all(later >= earlier - 0.15 for earlier, later in itertools.pairwise(pauses))
    assert LONGEST_DELAY <= pauses[-1] <= LONGEST_DELAY + 0.25

    now[0] = launches[-1] + STEADY_AFTER
    ended = now[0]
    launches.clear()
    while not launches:
        watched.look()
        now[0] += 0.1
    assert launches[0] - ended <= FIRST_DELAY + 0.25


def test_what_a_killed_supervisor_left_is_ended_and_a_stranger_with_its_id_is_not(tmp_path: Path) -> None:
    folder = StateFolder(tmp_path)
    left, stranger = (subprocess.Popen(["/bin/sleep", "60"]) for _ in range(2))
    reused = Identity.of(stranger.pid).model_copy(update={"created": 1.0})
    folder.write(State(children={"left": Identity.of(left.pid), "gone": reused}))

    ended = folder.end_leftovers()

    assert ended == ["left"] and left.poll() is not None
    assert stranger.poll() is None and not folder.read().children
    stranger.kill()
    stranger.wait()


def test_a_service_gets_its_own_secrets_and_the_callers_settings_but_no_keys(running: RunningStack) -> None:
    environment = Path(f"/proc/{running.state.children['first'].pid}/environ").read_text().split("\0")

    assert f"ENGAGE_SECRETS_DIR={running.folder.secrets / 'first'}" in environment
    assert f"ENGAGE_LOG_LEVEL={CALLER['ENGAGE_LOG_LEVEL']}" in environment
    assert not [item for item in environment if item.partition("=")[0] in NOT_FOR_SERVICES]


def test_status_and_down_where_nothing_ever_ran_say_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ENGAGE_STATE", str(tmp_path / "none"))
    app = typer.Typer()
    register(app)

    status, down = (CliRunner().invoke(app, command) for command in (["status", "--json"], ["down"]))

    told = json.loads(status.stdout)
    assert status.exit_code == 1 and told["ready"] is False and told["kafka"] == {"bootstrap": None}
    assert list(told["services"]) == list(SERVICES)
    assert down.exit_code == 0 and "Nothing runs here" in down.stdout
    assert not (tmp_path / "none").exists()
