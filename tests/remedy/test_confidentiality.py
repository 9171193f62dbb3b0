"""Nothing of a case leaves `restricted.*` but its reference: marked testimony is sent through, and all is scanned.

The marks stand for what testimony holds (narrative, site, supplier) and for the case itself.
"""

import base64
import io
import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from uuid import UUID, uuid4

import httpx
import pytest
from prometheus_client import generate_latest

from services.remedy import store
from services.remedy.schedule import announce_key, fire_deadlines
from shared.consumer import Consumer
from shared.delivery import Delivery, deliver
from shared.events.envelope import Event, decode_attributes, encode_data, encode_headers
from shared.events.remedy import MailRequested
from shared.logs import configure
from shared.service import Runtime
from tests.conftest import Schema
from tests.remedy.given import HANDLER_KEY, OPEN_CASES, SETTINGS, data_of, published, received, sealed

MARK = "CANARY-narrative-4f1c at Example Electronics, Hall 7"
HANDLER = {"authorization": f"Bearer {HANDLER_KEY}"}


def traces(mark: bytes) -> set[bytes]:
    """A mark as it may appear: raw, hex, and base64 at each of the three places where it can begin."""
    coded = {base64.b64encode(b"-" * shift + mark)[4:-4] for shift in range(3)}
    return {mark, mark.hex().encode(), mark.hex().upper().encode(), *coded}


def marks_of(case: UUID) -> dict[str, set[bytes]]:
    """What must not be found, by name."""
    return {
        "narrative": traces(MARK.encode()) | traces(MARK.encode("utf-16-le")),
        "case": traces(str(case).encode()) | traces(case.bytes) | {case.hex.encode(), case.urn.encode()},
    }


def found_in(place: bytes, marks: dict[str, set[bytes]]) -> set[str]:
    """The names of the marks that a place holds."""
    return {name for name, shapes in marks.items() if any(shape in place for shape in shapes)}


def delivery(event: Event) -> Delivery:
    """An event as Kafka delivers it."""
    assert event.data is not None and event.recordedtime is not None
    headers, value = encode_headers(event.recorded(event.recordedtime, 1)), encode_data(event.data)
    return deliver(decode_attributes(headers), "restricted.testimony", 0, 1, headers, value)


async def leaving(schema: Schema) -> list[tuple[str, bytes]]:
    """All that is published elsewhere than on `restricted.*`: topic and the whole of the record."""
    rows = await schema.rows("SELECT topic, key, event_id, headers, value FROM outbox")
    return [
        (row["topic"], b"\n".join((row["key"].encode(), row["event_id"].bytes, row["headers"], row["value"])))
        for row in rows
        if not row["topic"].startswith("restricted.")
    ]


@contextmanager
def outputs_read() -> Iterator[io.StringIO]:
    """What the service writes to its log, at the most talkative level, and on its outputs."""
    written = io.StringIO()
    before = logging.root.handlers[:], logging.root.level
    with redirect_stdout(written), redirect_stderr(written):
        configure("remedy", "DEBUG")
        yield written
    logging.root.handlers[:] = before[0]
    logging.root.setLevel(before[1])


async def consume(schema: Schema, event: Event) -> None:
    await Consumer("remedy", OPEN_CASES, schema.pool, SETTINGS, lambda: None).apply([delivery(event)])


async def test_the_scan_finds_what_was_planted() -> None:
    case = uuid4()
    marks = marks_of(case)

    for planted in (MARK.encode(), b"ab" + MARK.encode(), b"a" + MARK.encode()):
        assert found_in(base64.b64encode(planted), marks) == {"narrative"}
    assert found_in(f'{{"key": "{case}"}}'.encode(), marks) == {"case"}
    assert found_in(b"xx" + case.bytes, marks) == {"case"}
    assert found_in(case.hex.encode(), marks) == {"case"}
    assert found_in(b"R-0000-0000-0000", marks) == set()


async def test_through_the_whole_life_of_a_case_only_its_reference_leaves(
    schema: Schema, runtime: Runtime, client: httpx.AsyncClient
) -> None:
    case = uuid4()
    cause = received(case=case, box=sealed(MARK))
    marks = marks_of(case)

    with outputs_read() as output:
        await consume(schema, cause)
        await announce_key(runtime)
        await schema.rows("UPDATE deadline SET warn_at = now()")
        await fire_deadlines(runtime)
        await schema.rows("UPDATE deadline SET due_at = now(), warn_at = now()")
        await fire_deadlines(runtime)
        reference = (await schema.rows("SELECT reference FROM grievance_case"))[0][0]
        answers = [
            await client.get("/cases", headers=HANDLER),
            await client.post(f"/cases/{reference}/acknowledge", headers=HANDLER),
            await client.post(f"/cases/{reference}/acknowledge", headers=HANDLER),
            await client.post(f"/cases/{reference}/open", headers=HANDLER, json={"motivation": ""}),
        ]
        opened = await client.post(f"/cases/{reference}/open", headers=HANDLER, json={"motivation": "First reading"})

    records = await leaving(schema)
    assert len(data_of(await published(schema.pool), MailRequested)) == 3
    assert {topic for topic, _ in records} == {"notify.request", "public.keys"}
    for _, record in records:
        assert found_in(record, marks) == set()
        assert found_in(record, {"box": {cause.id.bytes, str(cause.id).encode()}}) == set()
    for answer in answers:
        assert found_in(answer.content + repr(answer.headers).encode(), marks) == set()
    assert found_in(opened.content, marks) == {"narrative"}  # to its handler, and to nobody else
    assert found_in(generate_latest(), marks) == set()
    assert found_in(output.getvalue().encode(), marks) == set()


def failing(text: str) -> Callable[..., Awaitable[None]]:
    async def fail(*_arguments: object) -> None:
        raise RuntimeError(text)

    return fail


async def test_a_handler_that_fails_on_testimony_tells_nothing_of_it(
    schema: Schema, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = uuid4()
    marks = marks_of(case)
    monkeypatch.setattr(store, "insert_deadlines", failing(f"{MARK} {case}"))

    with outputs_read() as output:
        await consume(schema, received(case=case, box=sealed(MARK)))

    ((topic, record),) = await leaving(schema)
    assert topic == "dead-letter.remedy"
    assert found_in(record, marks) == set()
    assert "event isolated" in output.getvalue()
    assert found_in(output.getvalue().encode(), marks) == set()


async def test_no_mail_request_can_be_told_apart_by_its_size(schema: Schema) -> None:
    for text in ("short", MARK * 1000):
        await consume(schema, received(box=sealed(text)))

    assert len({len(record) for topic, record in await leaving(schema) if topic == "notify.request"}) == 1
