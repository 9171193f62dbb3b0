"""Receipts and testimony: proof for the sender, and nothing that leads from a sender to a case."""

from uuid import UUID, uuid4

import httpx

from shared.events import ingest
from tests.ingest.conftest import Doors
from tests.ingest.given import flag, sealed_box


def outcomes(answer: httpx.Response) -> list[str]:
    return [one["outcome"] for one in answer.json()["receipts"]]


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
    assert others.content == unknown.content == nonsense.content


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


async def test_the_receipt_of_testimony_tells_the_day_and_its_digest_needs_the_senders_key(doors: Doors) -> None:
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
