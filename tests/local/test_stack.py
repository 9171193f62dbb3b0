"""The supervisor: what it starts, what it keeps alive, and that nothing acknowledged is lost when parts are killed."""

import asyncio
import signal
import socket
import stat
import subprocess
import sys
import uuid
from pathlib import Path

import asyncpg
import psutil
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError, MessageSizeTooLargeError

from deploy.local.ports import free_port
from deploy.local.state import State, StateFolder
from tests.local.conftest import ROOT, RunningStack, StartStack
from tests.local.run_stack import TOPIC


async def publish(stack: RunningStack, value: bytes) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=stack.status().kafka.bootstrap, acks="all")
    await producer.start()
    await producer.send_and_wait(TOPIC, value)
    await producer.stop()


async def published(stack: RunningStack) -> list[bytes]:
    consumer = AIOKafkaConsumer(bootstrap_servers=stack.status().kafka.bootstrap)
    await consumer.start()
    partition = TopicPartition(TOPIC, 0)
    consumer.assign([partition])
    end = (await consumer.end_offsets([partition]))[partition]
    consumer.seek(partition, 0)
    values: list[bytes] = []
    while await consumer.position(partition) < end:
        records = await consumer.getmany(partition, timeout_ms=500)
        values += [record.value or b"" for batch in records.values() for record in batch]
    await consumer.stop()
    return values


async def query(stack: RunningStack, sql: str) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(stack.status().postgres.dsn)
    try:
        return list(await connection.fetch(sql))
    finally:
        await connection.close()


async def test_the_status_of_a_running_stack_says_where_everything_is(running: RunningStack) -> None:
    status = running.status().model_dump()

    assert list(status) == ["ready", "kafka", "postgres", "smtp", "services"]
    assert status["ready"] is True
    assert "operator@127.0.0.1" in status["postgres"]["dsn"] and "passfile=" in status["postgres"]["dsn"]
    assert status["smtp"]["mailbox"] == str(running.folder.mailbox)
    first = status["services"]["first"]
    assert {key: first[key] for key in ("ready", "lag", "outbox", "dead_letters")} == {
        "ready": True, "lag": 0, "outbox": 1, "dead_letters": 2,
    }  # fmt: skip
    assert first["pid"] == running.state.children["first"].pid


async def test_the_shown_dsn_opens_the_database_without_a_password_in_it(running: RunningStack) -> None:
    rows = await query(running, "SELECT current_user, current_database()")

    assert tuple(rows[0]) == ("operator", "engage")


async def test_a_killed_service_is_started_again_and_the_others_go_on(running: RunningStack) -> None:
    second = running.state.children["second"]

    running.kill_child("first")

    assert running.state.children["second"] == second


async def test_what_the_broker_acknowledged_survives_its_kill(running: RunningStack) -> None:
    value = uuid.uuid4().bytes
    await publish(running, value)

    running.kill_child("kafka")

    assert value in await published(running)


async def test_the_broker_refuses_a_record_larger_than_256_kib_and_a_topic_nobody_made(running: RunningStack) -> None:
    producer = AIOKafkaProducer(
        bootstrap_servers=running.status().kafka.bootstrap, max_request_size=1_000_000, request_timeout_ms=3000
    )
    await producer.start()

    with pytest.raises(MessageSizeTooLargeError):
        await producer.send_and_wait(TOPIC, b"x" * 262_144)
    await producer.send_and_wait(TOPIC, b"x" * 262_000)
    with pytest.raises(KafkaError):
        await producer.send_and_wait("never-made", b"x")
    await producer.stop()


async def test_what_the_database_committed_survives_its_kill(running: RunningStack) -> None:
    table = f"kept_{uuid.uuid4().hex}"
    await query(running, f"CREATE TABLE first.{table} AS SELECT 7 AS n")

    running.kill_child("postgres")

    assert [row["n"] for row in await query(running, f"SELECT n FROM first.{table}")] == [7]


async def test_after_a_kill_of_the_supervisor_the_next_one_goes_on_with_ports_and_data(running: RunningStack) -> None:
    value = uuid.uuid4().bytes
    await publish(running, value)
    before = running.state

    running.stop(signal.SIGKILL)
    running.start()

    assert running.state.ports == before.ports
    assert not any(child.running() for child in before.children.values())
    assert value in await published(running)


async def test_two_stacks_run_side_by_side_and_a_stopped_one_leaves_nothing(
    running: RunningStack, start_stack: StartStack
) -> None:
    other = start_stack("other")
    children = other.state.children
    assert running.status().ready and not set(other.state.ports.values()) & set(running.state.ports.values())

    code = other.stop()

    assert code == 0
    assert not any(child.running() for child in children.values())
    assert other.state.phase == "stopped" and not other.status().ready
    assert running.status().ready


async def test_a_second_supervisor_on_the_same_folder_leaves_the_first_alone(running: RunningStack) -> None:
    before = running.state

    second = await run_supervisor(running.folder.path)

    assert second.returncode == 3
    assert running.state == before


async def test_secrets_are_readable_by_their_owner_alone(running: RunningStack) -> None:
    paths = [running.folder.secrets, *running.folder.secrets.rglob("*")]

    assert {stat.S_IMODE(path.stat().st_mode) for path in paths if path.is_dir()} == {0o700}
    assert {stat.S_IMODE(path.stat().st_mode) for path in paths if path.is_file()} == {0o600}


async def test_no_secret_is_in_a_log_the_state_or_a_command_line(running: RunningStack) -> None:
    secrets = [path.read_text() for path in running.folder.secrets.rglob("*") if path.is_file()]
    secrets.append((running.folder.path / "postgres" / "pgpass").read_text().strip().rpartition(":")[2])

    told = "".join(log.read_text() for log in running.folder.logs.glob("*.log")) + running.folder.file.read_text()

    assert not [secret for secret in secrets if secret in told]


async def test_a_kept_port_that_a_stranger_took_is_named_with_its_holder_and_the_remedy(tmp_path: Path) -> None:
    port = free_port()
    folder = StateFolder(tmp_path)
    folder.write(State(ports={"smtp": port}))

    with socket.create_server(("127.0.0.1", port)):
        supervisor = await run_supervisor(tmp_path)

    assert supervisor.returncode == 1
    holder = psutil.Process().name()
    assert f"port {port}" in supervisor.stderr and holder in supervisor.stderr and "delete" in supervisor.stderr
    assert folder.read().failed_part == "smtp"


async def run_supervisor(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.local.run_stack", str(folder)]
    return await asyncio.to_thread(subprocess.run, command, cwd=ROOT, capture_output=True, text=True, timeout=60)
