"""The corpus of bad input at the real doors: each case has one right answer, and nothing of it comes back."""

import gc
import io
import logging
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import psutil
import pytest

from tests.conftest import EmptySchema
from tests.corpus.cases import CANARY, Case, kinds, read_cases
from tests.corpus.doors import Answer, Lab
from tests.corpus.make import KINDS, made
from tests.ingest.kafka_door import open_door

LEAST = 600
UNLIMITED: dict[str, Any] = {"requests_at_once": 10**6, "events_at_once": 10**7, "events_per_second": 10**6}
MEBIBYTE = 1024 * 1024
MEMORY = 200 * MEBIBYTE
"""What one kind may add to this process: service, database client, broker client and the inputs themselves."""


@pytest.fixture
async def lab(kafka: str, empty_schema: EmptySchema) -> AsyncIterator[Lab]:
    schema = await empty_schema("ingest")
    async with (
        open_door(kafka, schema, **UNLIMITED) as door,
        httpx.AsyncClient(base_url=door.url, timeout=60) as client,
    ):
        lab = Lab(door, client)
        await lab.furnish()
        yield lab


@pytest.fixture
def written_log() -> Iterator[io.StringIO]:
    """What the service writes to its log."""
    output = io.StringIO()
    handler = logging.StreamHandler(output)
    handler.setFormatter(next(one.formatter for one in logging.getLogger().handlers if one.formatter))
    logging.getLogger().addHandler(handler)
    yield output
    logging.getLogger().removeHandler(handler)


def test_the_files_are_what_the_script_writes_and_hold_enough() -> None:
    counts = {kind: len(read_cases(kind)) for kind in kinds()}
    print("\n" + "\n".join(f"{kind:<12} {count:>5}" for kind, count in counts.items()), f"\n{sum(counts.values()):>18}")

    assert set(counts) == set(KINDS)
    assert sum(counts.values()) >= LEAST
    for kind in counts:
        assert "".join(f"{case.line()}\n" for case in read_cases(kind)) == made(kind), kind


@pytest.mark.parametrize("kind", sorted(KINDS))
async def test_every_case_has_its_one_answer_and_nothing_is_echoed(
    kind: str, lab: Lab, written_log: io.StringIO
) -> None:
    cases = read_cases(kind)
    before = psutil.Process().memory_info().rss

    by_http = [case for case in cases if "http" in case.doors]
    by_kafka = [case for case in cases if "kafka" in case.doors]
    answers = [(case, "http", await answered(lab, case)) for case in by_http]
    if by_kafka:
        found = await lab.by_kafka(by_kafka)
        answers += [(case, "kafka", answer) for case, answer in zip(by_kafka, found, strict=True)]

    wrong = [f"{case.id} {door}: {answer} is not {expected(case, door)}" for case, door, answer in answers
             if answer != expected(case, door)]  # fmt: skip
    assert not wrong, "\n".join(wrong)
    assert [case.id for case, _, answer in answers if answer.get("status", 0) >= 500] == []
    assert [place for place, content in lab.said if CANARY.encode() in content] == []
    assert CANARY not in written_log.getvalue()
    gc.collect()  # the test's own client keeps each request in a cycle with its answer
    assert psutil.Process().memory_info().rss - before < MEMORY


async def answered(lab: Lab, case: Case) -> Answer:
    """What the HTTP door answers to a case."""
    if "event" in case.input:
        return await lab.by_http(case)
    if "sends" in case.input:
        return await lab.send_all(case)
    if "file" in case.input:
        return await lab.import_file(case)
    return await lab.request(case)


def expected(case: Case, door: str) -> Answer:
    """The right answer; by Kafka there is no status."""
    return case.expected if door == "http" else {k: v for k, v in case.expected.items() if k != "status"}
