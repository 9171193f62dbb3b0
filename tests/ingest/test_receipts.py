"""Receipts and testimony: proof for the sender, and nothing that leads from a sender to a case."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from services.ingest.domain.events.submission import Reader
from shared.events import ingest
from shared.logs import log
from tests.ingest.conftest import Doors
from tests.ingest.given import FLAG, flag, sealed_box, without_instance
from tests.ingest.seen import outcomes


async def test_a_receipt_is_shown_to_its_owner_alone(doors: Doors) -> None:
    sent = flag()
    receipt = (await doors.send(sent)).json()["receipts"][0]["receipt"]

    own = await doors.client.get(f"/receipts/{receipt}", headers=doors.as_member("oslo"))
    others = await doors.client.get(f"/receipts/{receipt}", headers=doors.as_member("watch"))
    unknown = await doors.client.get(f"/receipts/{uuid4()}", headers=doors.as_member("watch"))
    nonsense = await doors.client.get("/receipts/nonsense", headers=doors.as_member("watch"))

    assert own.status_code == 200
    assert (own.json()["id"], own.json()["outcome"]) == (sent["id"], "accepted")
    assert others.status_code == unknown.status_code == nonsense.status_code == 404
    assert without_instance(others) == without_instance(unknown) == without_instance(nonsense)


async def test_testimony_goes_out_under_a_random_case_and_leaves_no_trace_of_its_sender(doors: Doors) -> None:
    sent = sealed_box()

    receipt = (await doors.send(sent)).json()["receipts"][0]["receipt"]

    ((topic, key, told),) = await doors.published()
    assert isinstance(told.data, ingest.TestimonyReceived)
    assert (topic, key) == ("restricted.testimony", str(told.data.case))
    assert (told.id.version, UUID(key).version) == (4, 4)
    assert told.time == told.time.replace(hour=0, minute=0, second=0, microsecond=0)
    assert (told.member, told.correlationid, told.causationid) == (None, None, None)
    ((headers, value),) = await doors.schema.rows(
        "SELECT headers, value FROM outbox WHERE topic = 'restricted.testimony'"
    )
    assert not any(word.encode() in headers + value for word in ("oslo", sent["id"], sent["source"], receipt))
    ((row,),) = (await doors.schema.rows("SELECT r::text FROM receipt r"),)
    assert str(told.data.case) not in row[0]
    assert str(told.id) not in row[0]


async def test_the_receipt_of_testimony_tells_the_day_and_its_digest_is_no_other_members(doors: Doors) -> None:
    sent = sealed_box()
    await doors.send(sent)
    await doors.send(sent, member="watch")

    rows = await doors.schema.rows("SELECT content, received_at FROM receipt ORDER BY member")

    assert rows[0]["content"] != rows[1]["content"]
    assert all(
        row["received_at"] == row["received_at"].replace(hour=0, minute=0, second=0, microsecond=0) for row in rows
    )


async def test_the_same_testimony_again_is_one_case(doors: Doors) -> None:
    sent = sealed_box()

    answers = [await doors.send(sent), await doors.send(sent)]

    assert [outcomes(answer) for answer in answers] == [["accepted"], ["duplicate"]]
    assert len(await doors.published()) == 1


def test_the_digest_of_testimony_cannot_be_made_without_the_pepper() -> None:
    sent, at = sealed_box(), datetime(2026, 11, 22, tzinfo=UTC)
    readers = [Reader("oslo", at, timedelta(minutes=5), pepper) for pepper in (b"one", b"one", b"other")]

    one, again, other = (reader.read_event(sent).content for reader in readers)

    assert one == again != other
    assert len({reader.read_event(flag(id="same")).content for reader in readers}) == 1


async def test_what_may_be_testimony_in_plain_is_counted_and_told_to_operators_without_a_word_of_it(
    doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines: list[tuple[str, dict[str, int]]] = []
    monkeypatch.setattr(log, "error", lambda event, **fields: lines.append((event, fields)))
    plain = sealed_box()["data"] | {"narrative": "an invented testimony"}

    await doors.send(
        flag(), sealed_box() | {"data": plain}, flag(data=FLAG | {"source_class": "worker"}), flag(type="x")
    )
    await doors.send(sealed_box(id="same"))
    await doors.send(sealed_box(id="same"))

    assert lines == [("unsealed testimony refused", {"count": 2})]
