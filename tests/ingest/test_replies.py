"""The right of reply of suppliers and sites, shown with what it replies to."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from services.ingest.store.replies import read_replies
from shared.events.ingest import FlagReported, ReplyRecorded
from tests.ingest.conftest import Doors
from tests.ingest.given import FLAG, event, flag
from tests.ingest.seen import objections, outcomes, withdrawn

STATEMENT = {"uri": "https://example.org/statement.pdf", "sha256": "0" * 64, "media_type": "application/pdf"}


def reply(report: UUID | str, **fields: Any) -> dict[str, Any]:
    data = {"report": str(report), "speaker": "supplier", "stance": "disputes", "said_on": "2026-01-12"}
    return event("reply.given.v1", data | fields)


async def report_of(doors: Doors, sent: dict[str, Any] | None = None, member: str = "oslo") -> UUID:
    """Send a flag; the id of its report."""
    await doors.send(sent or flag(), member=member)
    data = (await doors.published())[-1][2].data
    assert isinstance(data, FlagReported)
    return data.report


async def shown(doors: Doors) -> list[tuple[UUID, str]]:
    """The replies that are shown with all sites."""
    sites = [row["id"] for row in await doors.schema.rows("SELECT id FROM site")]
    return [(row["report"], row["stance"]) for row in await read_replies(doors.schema.pool, sites)]


async def test_a_reply_is_told_to_all_after_the_report_and_under_its_key(doors: Doors) -> None:
    report = await report_of(doors)
    topic, key, reported = (await doors.published())[-1]

    answer = await doors.send(reply(report, statement=STATEMENT), member="watch")

    told = (await doors.published())[-1]
    assert outcomes(answer) == ["accepted"]
    assert told[:2] == (topic, key) == ("members.report", key)
    assert isinstance(told[2].data, ReplyRecorded)
    assert isinstance(reported.data, FlagReported)
    assert (told[2].data.report, told[2].data.site) == (report, reported.data.site)
    assert told[2].data.statement is not None
    assert told[2].data.statement.uri == STATEMENT["uri"]
    assert (told[2].sequence or 0) > (reported.sequence or 0)


async def test_a_report_without_a_site_is_replied_to_under_its_supplier(doors: Doors) -> None:
    report = await report_of(doors, event("flag.raised.v1", {k: v for k, v in FLAG.items() if k != "site"}))

    await doors.send(reply(report))

    _, key, told = (await doors.published())[-1]
    assert isinstance(told.data, ReplyRecorded)
    assert (key, told.data.site) == (str(told.data.supplier), None)


@pytest.mark.parametrize("report", [uuid4(), UUID(int=0)])
async def test_a_reply_to_what_was_not_reported_is_refused(doors: Doors, report: UUID) -> None:
    await report_of(doors)

    assert objections(await doors.send(reply(report))) == [("report_unknown", "/data/report")]
    assert await doors.count("reply") == 0


async def test_a_reply_to_a_report_that_was_taken_back_is_refused(doors: Doors) -> None:
    sent = flag()
    report = await report_of(doors, sent)
    await doors.send(withdrawn(sent))

    assert objections(await doors.send(reply(report))) == [("report_unknown", "/data/report")]


async def test_replies_are_shown_with_their_site_until_they_are_taken_back(doors: Doors) -> None:
    report, other = await report_of(doors, flag(1)), await report_of(doors, flag(2))
    mistaken = reply(other, stance="accepts")
    await doors.send(reply(report), mistaken, reply(report, stance="remedying", said_on="2026-01-13"))
    assert sorted(await shown(doors)) == sorted([(report, "disputes"), (report, "remedying"), (other, "accepts")])

    await doors.send(withdrawn(mistaken))

    assert await shown(doors) == [(report, "disputes"), (report, "remedying")]


async def test_replies_are_shown_with_the_entry_as_which_their_site_is_known_now(doors: Doors) -> None:
    report = await report_of(doors, flag(1))
    await report_of(doors, flag(2))
    await doors.send(reply(report))
    first, second = [row["id"] for row in await doors.schema.rows("SELECT id FROM site ORDER BY name")]
    await doors.schema.rows("UPDATE site SET root = $2 WHERE id = $1", first, second)

    for site in (first, second):
        found = await read_replies(doors.schema.pool, [site])
        assert [(row["root"], row["report"]) for row in found] == [(second, report)]
