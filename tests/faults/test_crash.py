"""SIGKILL everything in turn under load: what was accepted is applied by every service, once each, in order."""

import asyncio
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from tests.faults import judge
from tests.faults.load import Sender, count, events, is_disclosure, is_flag, is_testimony
from tests.live_stack import LiveStack, running, wait_until

TOTAL = 20_000
VICTIMS = ("ingest", "risk", "remedy", "notify", "kafka", "postgres")
CONNECTIONS = 8
"""Mails that `notify` has under way at once: so many may reach the mailbox twice, with one Message-ID, at a kill."""
SECRETARIAT = "secretariat@example.org"


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[LiveStack]:
    """A stack whose clocks and digests stay out of the way; it leaves consumed testimony in Kafka, to be counted."""
    with running(tmp_path / "engage", {"ENGAGE_DIGEST_EVERY": "P30D", "ENGAGE_FORGET_EVERY": "86400"}) as live:
        live.engage("member", "add", "crash-test", "--name", "Crash Test", "--country", "NO", "--kind", "buyer")
        live.engage("recipient", "add", SECRETARIAT, "--name", "Secretariat", "--role", "secretariat")
        yield live


@pytest.mark.timeout(900)
async def test_nothing_is_lost_or_doubled_when_every_part_is_killed_under_load(
    stack: LiveStack, capsys: pytest.CaptureFixture[str]
) -> None:
    status = stack.status()
    key = httpx.get(status["services"]["remedy"]["url"] + "/keys").json()
    sender = Sender(status["services"]["ingest"]["url"], stack.member_key("crash-test"))
    sending = asyncio.create_task(sender.send(events(TOTAL, key["public_key"], key["key"]), pause=0.4))

    await asyncio.to_thread(wait_until, lambda: len(sender.accepted) > 0, 60, lambda: "nothing was accepted")
    killed = [await asyncio.to_thread(kill, stack, victim, sender) for victim in VICTIMS]
    await sending
    await asyncio.to_thread(stack.settled, 180)
    wait_until(lambda: mails_to_send(stack) == 0, 60, lambda: f"{mails_to_send(stack)} mails were not sent")

    async with judge.databases(stack) as connections:
        log = await judge.in_kafka(status["kafka"]["bootstrap"])
        boxes = dict.fromkeys((stream for stream in log if stream[0] == judge.TESTIMONY), 1)
        streams = await judge.published(connections) | boxes
        behind = await judge.unapplied(connections, streams)
        counts = await effects(connections)
    messages = judge.message_ids(stack.folder / "mailbox")
    with capsys.disabled():
        report(sender, counts, log, messages, killed)

    assert len(sender.accepted) == TOTAL
    assert counts["receipts"] == TOTAL
    assert counts["disclosures applied by risk"] == count(TOTAL, is_disclosure)
    assert counts["disclosures noted by notify"] == count(TOTAL, is_disclosure)
    assert counts["flags in risk"] == counts["flags in remedy"] == count(TOTAL, is_flag)
    assert counts["cases"] == counts["cases taken in"] == counts["first deadlines"] == count(TOTAL, is_testimony)
    assert len(boxes) == count(TOTAL, is_testimony)
    assert counts["mail intents"] == count(TOTAL, is_flag) + count(TOTAL, is_testimony)
    assert counts["mails sent"] == counts["mail intents"] == len(messages)
    assert counts["dead letters"] == counts["parked"] == counts["events to publish"] == 0
    assert sum(messages.values()) - len(messages) <= CONNECTIONS * len(VICTIMS), "more than what was under way"
    assert behind == {}
    assert judge.broken_streams(log, streams) == []


def kill(stack: LiveStack, victim: str, sender: Sender) -> str:
    """SIGKILL a part while the load runs, and wait until the whole stack is ready again."""
    assert not sender.done, "the load ended before the faults did"
    identity = stack.state().children[victim]
    process = psutil.Process(identity.pid)
    started, accepted = time.monotonic(), len(sender.accepted)
    process.send_signal(signal.SIGKILL)
    wait_until(lambda: stack.state().children[victim].pid != identity.pid, 60, lambda: f"{victim} was not restarted")
    wait_until(lambda: bool(stack.status()["ready"]), 120, lambda: f"not ready after {victim}: {stack.status()}")
    return f"{victim} after {accepted} events, ready again in {time.monotonic() - started:.1f} s"


def mails_to_send(stack: LiveStack) -> int:
    """Mails that are neither sent nor given up."""
    rows = stack.json("mail", "summary")["counts"]
    return sum(row["mails"] for row in rows if row["state"] not in ("sent", "failed", "cancelled"))


async def effects(connections: judge.Connections) -> dict[str, int]:
    """What each service has made of the events, counted where it keeps it."""
    queries = {
        "receipts": "SELECT count(*) FROM ingest.receipt",
        "disclosures applied by risk": "SELECT count(*) FROM risk.disclosure WHERE NOT retired",
        "disclosures noted by notify": "SELECT count(*) FROM notify.digest_entry WHERE kind = 'added'",
        "flags in risk": "SELECT count(*) FROM risk.flag",
        "flags in remedy": "SELECT count(*) FROM remedy.reason WHERE kind = 'flag'",
        "cases": "SELECT count(*) FROM remedy.grievance_case",
        "cases taken in": "SELECT count(*) FROM remedy.grievance_case WHERE sealed IS NULL AND openable",
        "first deadlines": "SELECT count(*) FROM remedy.deadline WHERE kind = 'acknowledge'",
        "mail intents": "SELECT count(*) FROM notify.mail_intent",
        "mails sent": "SELECT count(*) FROM notify.mail_intent WHERE state = 'sent'",
    }
    everywhere = {"dead letters": "dead_letter", "parked": "inbox_parked", "events to publish": "outbox_todo"}
    counts = {name: await connections[owner_of(query)].fetchval(query) for name, query in queries.items()}
    for name, table in everywhere.items():
        each = [await one.fetchval(f"SELECT count(*) FROM {service}.{table}") for service, one in connections.items()]
        counts[name] = sum(each)
    return counts


def owner_of(query: str) -> str:
    """The service whose table a query reads."""
    return query.partition(" FROM ")[2].partition(".")[0]


def report(
    sender: Sender,
    counts: dict[str, int],
    log: dict[judge.Stream, list[int]],
    messages: dict[str, int],
    killed: list[str],
) -> None:
    """Print what was counted."""
    records = sum(len(sequences) for sequences in log.values())
    unique = sum(len(set(sequences)) for sequences in log.values())
    lines = {
        "events sent and accepted": f"{len(sender.accepted)} ({sender.answers['duplicate']} answered as repetitions)",
        "batches without an answer, sent again": sender.unanswered,
        **counts,
        "records in Kafka": f"{records}, of which {records - unique} repetitions that the inboxes drop",
        "streams (topic and key)": len(log),
        "mails in the mailbox": f"{sum(messages.values())}, {len(messages)} different",
    }
    print("\n\nCrash test: SIGKILL of", "; ".join(killed))
    for name, value in lines.items():
        print(f"  {name:<40}{value}")
