"""The work that every peer does to the same events: one state row per key, and one consequence per event.

An event is a disclosure of an invented supplier, its consequence an assessment. Reading and writing the two contracts
and the statement on the state are the same for all, so that a ratio says what surrounds the work costs, not the work.
"""

import asyncio
import gc
import os
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self
from uuid import UUID

from pydantic import SecretStr

from shared.events.ingest import DisclosureAccepted
from shared.events.lifecycles import CauseKind, Finding
from shared.events.risk import AssessmentCause, AssessmentMade, CategoryGrades
from shared.events.vocabulary import Category
from shared.postgres import Connection
from shared.service import GARBAGE_COLLECTION
from shared.settings import Settings

SOURCE = "/engage/benchmark"
FIRST_BATCH = "first-batch"
STATE = "CREATE TABLE benchmark_state (supplier uuid PRIMARY KEY, events bigint NOT NULL, newest uuid NOT NULL)"
POOL_SIZE = int(Settings.model_fields["pool_size"].default)
BATCH_SIZE = int(Settings.model_fields["batch_size"].default)
BATCH_TIMEOUT_MS = int(Settings.model_fields["batch_timeout_ms"].default)


@dataclass(frozen=True, slots=True)
class Task:
    """What a peer's process is told: where the engines are, what to read, where to publish, and which run this is."""

    bootstrap: str
    dsn: SecretStr
    input: str
    output: str
    run: str

    @classmethod
    def given(cls) -> Self:
        """The task in the environment. Raises KeyError where the process was not started by the benchmark.

        The process collects garbage as seldom as a service does: that advantage is no peer's own.
        """
        gc.set_threshold(*GARBAGE_COLLECTION)
        environment = os.environ
        return cls(
            environment["ENGAGE_KAFKA_BOOTSTRAP"],
            SecretStr(environment["ENGAGE_DATABASE_DSN"]),
            environment["BENCHMARK_INPUT"],
            environment["BENCHMARK_OUTPUT"],
            environment["BENCHMARK_RUN"],
        )


class Stopwatch:
    """Says on standard output, once, when the first batch was in hand, and what processor time had gone before it."""

    def __init__(self) -> None:
        self.started = False

    def start(self) -> None:
        if not self.started:
            self.started = True
            print(FIRST_BATCH, time.time(), time.process_time(), flush=True)


def assessment_of(disclosure: DisclosureAccepted) -> AssessmentMade:
    """The consequence of a disclosure; the decision itself is trivial."""
    finding = Finding.NOT_LISTED if disclosure.country else Finding.UNKNOWN
    return AssessmentMade(
        supplier=disclosure.supplier,
        site=disclosure.site,
        model="1",
        cause=DISCLOSED,
        categories={category: CategoryGrades(finding=finding, priority=33) for category in COVERED},
        instruments={},
    )


DISCLOSED = AssessmentCause(kind=CauseKind.DISCLOSURE)
COVERED = (Category.CHILD_LABOUR, Category.FORCED_LABOUR)


async def write_state(tx: Connection, disclosures: Sequence[DisclosureAccepted]) -> None:
    """Count the disclosures of each supplier and remember its newest."""
    counts: dict[UUID, int] = {}
    newest: dict[UUID, UUID] = {}
    for disclosure in disclosures:
        counts[disclosure.supplier] = counts.get(disclosure.supplier, 0) + 1
        newest[disclosure.supplier] = disclosure.disclosure
    await tx.execute(
        """INSERT INTO benchmark_state AS s (supplier, events, newest)
           SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::uuid[])
           ON CONFLICT (supplier) DO UPDATE SET events = s.events + EXCLUDED.events, newest = EXCLUDED.newest""",
        list(counts),
        list(counts.values()),
        list(newest.values()),
    )


def stopped_by_signal() -> asyncio.Event:
    """An event that SIGTERM sets."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    return stop
