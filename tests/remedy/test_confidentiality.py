"""Nothing of a case leaves `restricted.*` but its reference: a case with a mark in every field lives its whole life.

Logs are written at the most talkative level. After each step all that was answered, published, logged, measured and
kept is looked through; only the answers to those who may read something hold what they may read.
"""

import base64
import gzip
import io
import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from uuid import UUID, uuid4

import httpx
import pytest
from prometheus_client import generate_latest

from services.remedy import erasing, taking_in, timing, trustee
from services.remedy.domain.people import Role
from services.remedy.office import Office
from services.remedy.receipts import draw_receipt
from services.remedy.store import receiving as store
from services.remedy.trustee import current_key
from shared import sealing
from shared.consumer import Consumer
from shared.delivery import Delivery, deliver
from shared.events.envelope import Event, decode_attributes, encode_data, encode_headers
from shared.events.remedy import MailRequested
from shared.events.sealed import SealedTestimony
from shared.logs import configure
from shared.packing import unpack
from shared.service import Runtime
from tests.conftest import Schema
from tests.remedy.given import (
    OPEN_CASES,
    SETTINGS,
    Keyed,
    assign,
    data_of,
    published,
    received,
    sealed,
    somebody,
)
from tests.remedy.given import (
    testimony as box_of,
)
from tests.remedy.handling import let_days_pass

FILE = sealing.encode(b"CANARY-attachment-7d1e")
TOLD = {
    name: f"CANARY-{name}-4f1c at Example Electronics"
    for name in ("narrative", "identity", "contact", "contributor", "trusted_contact", "place", "unit", "address")
}
WRITTEN = {
    name: f"CANARY-{name}-9b2a" for name in ("note", "plan", "message_out", "message_in", "asked", "decided", "bad")
}
OF_IDENTITY = {"identity", "contact", "contributor"}
CONTENT = {*TOLD, *WRITTEN, "attachment"} - OF_IDENTITY - {"bad"}


def traces(mark: bytes) -> set[bytes]:
    """A mark as it may appear: raw, hex, UTF-16, escaped, and base64 at each of the three places where it can begin."""
    coded = {base64.b64encode(b"-" * shift + mark)[4:-4] for shift in range(3)}
    wide = mark.decode("latin-1").encode("utf-16-le")
    return {mark, mark.hex().encode(), mark.hex().upper().encode(), wide, *coded}


def marks_of(case: UUID, receipt: str) -> dict[str, set[bytes]]:
    """What must not be found, by name."""
    words = {name: traces(text.encode()) for name, text in {**TOLD, **WRITTEN}.items()}
    bare = receipt.replace("-", "")
    return words | {
        "attachment": traces(b"CANARY-attachment-7d1e"),
        "receipt": traces(receipt.encode()) | traces(bare.encode()),
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


async def consume(schema: Schema, event: Event) -> None:
    await Consumer("remedy", OPEN_CASES, schema.pool, SETTINGS, lambda: None).apply([delivery(event)])


async def leaving(schema: Schema, *, restricted: bool = False) -> list[tuple[str, bytes]]:
    """All that is published, on `restricted.*` or elsewhere: topic and the whole of the record."""
    rows = await schema.rows("SELECT topic, key, event_id, headers, value FROM outbox")
    return [
        (
            row["topic"],
            b"\n".join((row["key"].encode(), row["event_id"].bytes, headers_of(row["headers"]), row["value"])),
        )
        for row in rows
        if row["topic"].startswith("restricted.") is restricted
    ]


def headers_of(packed: bytes) -> bytes:
    return b"\n".join(name.encode() + b"=" + value for name, value in unpack(packed))


async def kept(schema: Schema) -> dict[str, bytes]:
    """Every table of a database, as its rows are written out."""
    names = await schema.rows("SELECT tablename FROM pg_tables WHERE schemaname = $1", schema.service)
    found = {}
    for (name,) in names:
        rows = await schema.rows(f'SELECT t.*::text AS line FROM "{name}" t')
        found[name] = "\n".join(row["line"] for row in rows).encode()
    return found


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


async def test_the_scan_finds_what_was_planted() -> None:
    case, receipt, mark = uuid4(), draw_receipt(), TOLD["narrative"].encode()
    marks = marks_of(case, receipt)

    for planted in (mark, b"ab" + mark, b"a" + mark):
        assert found_in(base64.b64encode(planted), marks) == {"narrative"}
    assert found_in(mark.decode().encode("utf-16-le"), marks) == {"narrative"}
    assert found_in(f'{{"key": "{case}"}}'.encode(), marks) == {"case"}
    assert found_in(b"xx" + case.bytes, marks) == {"case"}
    assert found_in(case.hex.encode(), marks) == {"case"}
    assert found_in(receipt.encode(), marks) == {"receipt"}
    assert found_in(b"R-0000-0000-0000" + gzip.compress(b"nothing"), marks) == set()


# A whole life


@dataclass
class Walk:
    """A case on its way, and what every caller was answered."""

    client: httpx.AsyncClient
    reference: str
    receipt: str
    marks: dict[str, set[bytes]]

    async def ask(
        self, who: Keyed | None, method: str, path: str, *may_see: str, body: object = None
    ) -> httpx.Response:
        """The answer to somebody, in which nothing is that they may not see."""
        headers = who.headers if who else {}
        path = path.replace("{ref}", self.reference)
        answer = await self.client.request(method, path, headers=headers, json=body)
        seen = found_in(answer.content + repr(answer.headers).encode(), self.marks)
        assert seen <= set(may_see), (path, answer.status_code, seen - set(may_see))
        return answer

    async def done(self, who: Keyed | None, path: str, *may_see: str, **body: object) -> httpx.Response:
        """The same, of something that is not refused."""
        answer = await self.ask(who, "POST", path, *may_see, body=body)
        assert answer.is_success, (path, answer.text)
        return answer


def marked(receipt: str) -> SealedTestimony:
    """What a box holds that has a mark in every field."""
    return box_of(
        receipt=receipt,
        place={"name": TOLD["place"], "unit": TOLD["unit"], "address": TOLD["address"]},
        consents={"employer": True},
        attachments=[{"media_type": "image/png", "content": FILE}],
        **{name: TOLD[name] for name in ("narrative", "identity", "contact", "contributor", "trusted_contact")},
    )


async def test_through_the_whole_life_of_a_case_only_its_reference_leaves(
    schema: Schema, keys: Schema, runtime: Runtime, office: Office, client: httpx.AsyncClient
) -> None:
    case, receipt = uuid4(), draw_receipt()
    marks = marks_of(case, receipt)
    handler, coordinator, custodian = [
        await somebody(schema.pool, role) for role in (Role.HANDLER, Role.COORDINATOR, Role.CUSTODIAN)
    ]
    with outputs_read() as output:
        key = (await current_key(office))["public_key"]
        cause = received(case=case, box=sealed(marked(receipt), key), key=key)
        await consume(schema, cause)
        await trustee.rotate(runtime)
        await taking_in.take_in(runtime)
        await assign(schema.pool, case, handler)
        (row,) = await schema.rows("SELECT reference FROM grievance_case")
        walk = Walk(client, row[0], receipt, marks)
        await handled(walk, handler, coordinator, custodian)
        await told_by_its_reporter(walk, key)
        await misused(walk, handler, coordinator)
        await let_days_pass(runtime, case, 200)
        await timing.Timer().fire(runtime)
        await nothing_left(schema, keys, marks, cause)
        await walk.done(None, "/door/copy", *CONTENT, *OF_IDENTITY, receipt=receipt)
        await walk.done(None, "/door/erase", receipt=receipt, copied="taken", pressure="no")
        await erasing.erase(runtime, timing.Timer())

    await nothing_left(schema, keys, marks, cause)
    assert await keys.rows("SELECT * FROM case_key") == []
    assert len(data_of(await published(schema.pool), MailRequested)) >= 4
    assert found_in(generate_latest(), marks) == set()
    assert found_in(output.getvalue().encode(), marks) == set()


async def handled(walk: Walk, handler: Keyed, coordinator: Keyed, custodian: Keyed) -> None:
    """What the people do who work on the case, and who may read what of it."""
    note, of_case = {"motivation": WRITTEN["note"]}, "/cases/{ref}"
    await walk.done(handler, f"{of_case}/acknowledge")
    await walk.done(handler, f"{of_case}/safety", level="high", assessment=WRITTEN["note"])
    await walk.done(handler, f"{of_case}/protection", plan=WRITTEN["plan"])
    await walk.done(handler, f"{of_case}/message", text=WRITTEN["message_out"])
    await walk.done(handler, f"{of_case}/contact", **note)
    read = await walk.done(handler, f"{of_case}/read", *CONTENT, **note)
    assert {"narrative", "place", "trusted_contact", "note", "plan"} <= found_in(read.content, walk.marks)
    await walk.done(handler, f"{of_case}/identity/requests", motivation=WRITTEN["asked"])
    assert (await walk.ask(handler, "POST", f"{of_case}/identity/readings")).status_code >= 400
    waiting = (await walk.ask(custodian, "GET", "/identity/requests")).json()[0]["request"]
    await walk.done(custodian, f"/identity/requests/{waiting}/readings", "asked")
    await walk.done(custodian, f"/identity/requests/{waiting}/decision", granted=True, motivation=WRITTEN["decided"])
    shown = await walk.done(handler, f"{of_case}/identity/readings", *OF_IDENTITY)
    assert found_in(shown.content, walk.marks) == OF_IDENTITY
    for who in (handler, coordinator):
        for path in ("/cases", of_case, f"{of_case}/deadlines", f"{of_case}/plan", f"{of_case}/watch", "/audit/own"):
            await walk.ask(who, "GET", path)


async def told_by_its_reporter(walk: Walk, key: str) -> None:
    """What the reporter does at the door."""
    added = sealed(WRITTEN["message_in"], key)
    await walk.done(None, "/door/messages", receipt=walk.receipt, sealed=added)
    shown = await walk.done(None, "/door/case", "message_in", "message_out", *CONTENT, receipt=walk.receipt)
    assert "message_out" in found_in(shown.content, walk.marks)
    await walk.done(None, "/door/consents", receipt=walk.receipt, rung="brand", given=True)


async def misused(walk: Walk, handler: Keyed, coordinator: Keyed) -> None:
    """Bad input, and callers who may not: no answer repeats what was said or tells more than another."""
    bad, of_case = WRITTEN["bad"], "/cases/{ref}"
    for body in (
        {"motivation": ""},
        {bad: bad},
        {"motivation": [bad]},
        [bad],
        bad,
        {"motivation": bad, "parts": [bad]},
    ):
        assert (await walk.ask(handler, "POST", f"{of_case}/read", body=body)).status_code == 422
    for body in ({bad: bad}, [bad]):
        assert (await walk.ask(None, "POST", "/door/messages", body=body)).status_code == 422
    for receipt, path in ((draw_receipt(), "/door/case"), (bad, "/door/copy"), (walk.receipt[:-1], "/door/appeal")):
        assert (await walk.ask(None, "POST", path, body={"receipt": receipt})).status_code == 404
    unsealed = {"receipt": walk.receipt, "sealed": base64.b64encode(bad.encode()).decode()}
    assert (await walk.ask(None, "POST", "/door/messages", body=unsealed)).status_code == 422
    stranger = {"motivation": bad}
    assert (await walk.ask(coordinator, "POST", f"{of_case}/read", body=stranger)).status_code == 403
    assert (await walk.ask(None, "POST", f"{of_case}/read", body=stranger)).status_code == 401
    assert (await walk.ask(handler, "POST", f"/cases/{bad}/read", body=stranger)).status_code in (404, 422)


async def nothing_left(schema: Schema, keys: Schema, marks: dict[str, set[bytes]], cause: Event) -> None:
    """Nothing of the case is published but on `restricted.case`, where its id is alone; no table holds a word."""
    words = {name: shapes for name, shapes in marks.items() if name != "case"}
    records = await leaving(schema)
    assert {topic for topic, _ in records} <= {"notify.request", "public.keys", "public.audit"}
    for topic, record in records:
        assert found_in(record, marks) == set(), topic
        assert found_in(record, {"box": {cause.id.bytes, str(cause.id).encode()}}) == set()
    for topic, record in await leaving(schema, restricted=True):
        assert found_in(record, words) == set(), topic
    for name, rows in {**await kept(schema), **await kept(keys)}.items():
        assert found_in(rows, words) == set(), name


# Failures


def failing(text: str) -> Callable[..., Awaitable[None]]:
    async def fail(*_arguments: object) -> None:
        raise RuntimeError(text)

    return fail


async def test_a_handler_that_fails_on_testimony_tells_nothing_of_it(
    schema: Schema, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = uuid4()
    marks = marks_of(case, draw_receipt())
    monkeypatch.setattr(store, "insert_first_facts", failing(f"{TOLD['narrative']} {case}"))

    with outputs_read() as output:
        await consume(schema, received(case=case, box=sealed(TOLD["narrative"])))

    ((topic, record),) = await leaving(schema)
    assert topic == "dead-letter.remedy"
    assert found_in(record, marks) == set()
    assert "event isolated" in output.getvalue()
    assert found_in(output.getvalue().encode(), marks) == set()


@pytest.mark.parametrize("place", ["casework.happen", "taking_in.writings_of", "vault.Vault.seal"])
async def test_a_failure_while_a_box_is_open_tells_nothing_of_what_it_holds(
    schema: Schema, runtime: Runtime, office: Office, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    case, receipt = uuid4(), draw_receipt()
    marks = marks_of(case, receipt)
    key = (await current_key(office))["public_key"]
    await consume(schema, received(case=case, box=sealed(marked(receipt), key), key=key))
    monkeypatch.setattr(f"services.remedy.{place}", failing_at_once(f"{TOLD['identity']} {case}"))

    with outputs_read() as output:
        await taking_in.take_in(runtime)

    assert "set aside" in output.getvalue()
    assert "RuntimeError" in output.getvalue()
    assert found_in(output.getvalue().encode(), marks) == set()
    assert (await schema.rows("SELECT sealed IS NULL AS gone FROM grievance_case"))[0]["gone"] is False


def failing_at_once(text: str) -> Callable[..., None]:
    def fail(*_arguments: object, **_named: object) -> None:
        raise RuntimeError(text)

    return fail


async def test_no_mail_request_can_be_told_apart_by_its_size(schema: Schema) -> None:
    for text in ("short", TOLD["narrative"] * 1000):
        await consume(schema, received(box=sealed(text)))

    assert len({len(record) for topic, record in await leaving(schema) if topic == "notify.request"}) == 1
