"""What members did about flags: told to all under the report's key, in codes, and taken back like anything else."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from shared.events import Event
from shared.events.ingest import FlagReported, FollowUpRecorded, FollowUpWithdrawn
from shared.events.lifecycles import FlagReason, FlagState
from shared.events.vocabulary import MemberKind, SourceClass
from tests.conftest import EmptySchema
from tests.ingest.conftest import Doors
from tests.ingest.given import FLAG, event, flag
from tests.ingest.kafka_door import KafkaDoor, binary, open_door, structured
from tests.ingest.seen import join, objections, outcomes, withdrawn
from tests.ingest.test_replies import report_of
from tests.shared.chain import eventually

MINUTES = {"uri": "https://example.org/minutes.pdf", "sha256": "0" * 64, "media_type": "application/pdf"}
STEP = {"state": "confirmed", "basis": "audit", "decided_on": "2026-01-14"}
UNKNOWN = [("report_unknown", "/data/report")]


def follow_up(report: UUID | str, **fields: Any) -> dict[str, Any]:
    return event("flag.followed-up.v1", STEP | {"report": str(report)} | fields)


async def steps(doors: Doors) -> list[FollowUpRecorded]:
    """The steps that all members were told of."""
    return [one.data for _, _, one in await doors.published() if isinstance(one.data, FollowUpRecorded)]


async def test_a_step_is_told_to_all_after_the_report_and_under_its_key(doors: Doors) -> None:
    report = await report_of(doors)
    topic, key, reported = (await doors.published())[-1]

    answer = await doors.send(follow_up(report, state="dismissed", reason="not_this_site", evidence=[MINUTES]))

    told = (await doors.published())[-1]
    assert outcomes(answer) == ["accepted"]
    assert told[:2] == (topic, key) == ("members.report", key)
    assert isinstance(told[2].data, FollowUpRecorded)
    assert (told[2].data.report, str(told[2].data.site)) == (report, key)
    assert (told[2].data.state, told[2].data.reason) == (FlagState.DISMISSED, FlagReason.NOT_THIS_SITE)
    assert (told[2].data.basis, str(told[2].data.decided_on)) == (SourceClass.AUDIT, "2026-01-14")
    assert [one.uri for one in told[2].data.evidence] == [MINUTES["uri"]]
    assert (told[2].sequence or 0) > (reported.sequence or 0)


async def test_a_step_with_a_report_that_names_no_site_is_told_under_its_supplier(doors: Doors) -> None:
    report = await report_of(doors, event("flag.raised.v1", {k: v for k, v in FLAG.items() if k != "site"}))

    await doors.send(follow_up(report))

    _, key, _ = (await doors.published())[-1]
    (told,) = await steps(doors)
    assert (key, told.site) == (str(told.supplier), None)


async def test_any_member_may_report_a_step_and_each_is_told_of_as_its_own(doors: Doors) -> None:
    report = await report_of(doors)

    await doors.send(follow_up(report), follow_up(report, state="engaged"))
    await doors.send(follow_up(report, state="engaged"), member="watch")

    told = await steps(doors)
    assert [(one.member, one.contributor) for one in told] == [
        ("oslo", MemberKind.BUYER),
        ("oslo", MemberKind.BUYER),
        ("watch", MemberKind.SECRETARIAT),
    ]
    assert len({one.entry for one in told}) == 3


async def test_a_partner_is_told_of_by_its_kind_alone(doors: Doors) -> None:
    report = await report_of(doors)
    await join(doors, "partner", kind="partner")

    await doors.send(follow_up(report), member="partner")

    (told,) = await steps(doors)
    assert (told.contributor, told.member) == (MemberKind.PARTNER, None)


@pytest.mark.parametrize("report", [uuid4(), UUID(int=0)])
async def test_a_step_with_what_was_not_reported_is_refused_with_how_to_mend_it(doors: Doors, report: UUID) -> None:
    await report_of(doors)

    answer = await doors.send(follow_up(report))

    assert objections(answer) == UNKNOWN
    assert "members.report" in answer.json()["receipts"][0]["errors"][0]["remedy"]
    assert await steps(doors) == []


async def test_a_step_with_a_report_that_was_taken_back_is_refused(doors: Doors) -> None:
    sent = flag()
    report = await report_of(doors, sent)
    await doors.send(withdrawn(sent))

    assert objections(await doors.send(follow_up(report))) == UNKNOWN


async def test_one_wrong_step_of_a_batch_leaves_the_others_alone(doors: Doors) -> None:
    report = await report_of(doors)

    answer = await doors.send(follow_up(uuid4()), follow_up(report), follow_up(uuid4()))

    assert outcomes(answer) == ["rejected", "accepted", "rejected"]
    assert [one.report for one in await steps(doors)] == [report]
    assert await doors.count("receipt") == 2


async def test_the_same_step_sent_again_is_told_once(doors: Doors) -> None:
    sent = follow_up(await report_of(doors))

    answers = [await doors.send(sent), await doors.send(sent)]

    assert [outcomes(answer) for answer in answers] == [["accepted"], ["duplicate"]]
    assert len(await steps(doors)) == 1


async def test_a_step_is_withdrawn_after_it_on_the_same_topic_and_key_and_once(doors: Doors) -> None:
    sent = follow_up(await report_of(doors))
    await doors.send(sent)
    topic, key, _ = (await doors.published())[-1]
    (recorded,) = await steps(doors)

    answers = [await doors.send(withdrawn(sent)), await doors.send(withdrawn(sent))]

    ending = (await doors.published())[-1]
    assert ending[:2] == (topic, key)
    assert ending[2].data == FollowUpWithdrawn(
        entry=recorded.entry, report=recorded.report, supplier=recorded.supplier, site=recorded.site
    )
    assert outcomes(answers[0]) == ["accepted"]
    assert objections(answers[1]) == [("submission_unknown", "/data/submission")]


async def test_a_step_sent_and_taken_back_in_one_batch_is_told_in_that_order(doors: Doors) -> None:
    sent = follow_up(await report_of(doors))

    assert outcomes(await doors.send(sent, withdrawn(sent))) == ["accepted", "accepted"]

    assert [one.type for _, _, one in (await doors.published())[-2:]] == [
        "follow-up.recorded.v1",
        "follow-up.withdrawn.v1",
    ]


async def test_only_its_own_member_takes_a_step_back(doors: Doors) -> None:
    sent = follow_up(await report_of(doors))
    await doors.send(sent)

    answer = await doors.send(withdrawn(sent), member="watch")

    assert objections(answer) == [("submission_unknown", "/data/submission")]


@pytest.mark.parametrize("source", ["worker", "union", "monitoring_partner"])
async def test_the_word_of_the_workers_side_is_no_basis_in_the_open(doors: Doors, source: str) -> None:
    report = await report_of(doors)

    answer = await doors.send(follow_up(report, basis=source))

    assert objections(answer) == [("unsealed", "/data/basis")]
    assert await steps(doors) == []


@pytest.mark.parametrize(
    ("fields", "objection"),
    [
        ({"state": "raised"}, ("state_not_reportable", "/data/state")),
        ({"state": "other"}, ("value_error", "/data/state")),
        ({"state": "dismissed"}, ("reason_required", "/data/reason")),
        ({"state": "reopened"}, ("reason_required", "/data/reason")),
        ({"state": "dismissed", "reason": "because"}, ("value_error", "/data/reason")),
        ({"comment": "free text"}, ("extra_forbidden", "/data")),
        ({"decided_on": "14.01.2026"}, ("day_invalid", "/data/decided_on")),
        ({"decided_on": "2199-12-31"}, ("day_in_future", "/data/decided_on")),
    ],
)
async def test_a_step_that_cannot_be_is_refused(
    doors: Doors, fields: dict[str, Any], objection: tuple[str, str]
) -> None:
    report = await report_of(doors)

    assert objections(await doors.send(follow_up(report, **fields))) == [objection]


async def test_a_step_comes_by_kafka_in_both_modes_and_by_http_and_is_known_again_at_each(
    kafka: str, empty_schema: EmptySchema
) -> None:
    async with open_door(kafka, await empty_schema("ingest")) as door:
        member = await door.new_member()
        await door.post(member, flag())
        reported = await first_report(door, member)
        assert isinstance(reported.data, FlagReported)
        steps = [follow_up(reported.data.report, state=state) for state in ("confirmed", "engaged", "mitigating")]
        await door.post(member, steps[0])

        await door.publish(member, structured(steps[1]), binary(steps[2]), structured(steps[0]), binary(steps[1]))

        answers = await door.answers(member, 4)
        assert [one.outcome.value for one in answers] == ["accepted", "accepted", "duplicate", "duplicate"]

        async def all_told() -> bool:
            return len(await told_by(door, reported.subject)) >= 3

        await eventually(all_told, within=40)
        assert await told_by(door, reported.subject) == [FlagState.CONFIRMED, FlagState.ENGAGED, FlagState.MITIGATING]


async def told_by(door: KafkaDoor, subject: str) -> list[FlagState]:
    """The steps that all members were told of under a key."""
    heard = [one.data for one in await door.events_on("members.report") if one.subject == subject]
    return [one.state for one in heard if isinstance(one, FollowUpRecorded)]


async def first_report(door: KafkaDoor, member: str) -> Event:
    """The report of the member's flag, once the relay has published it."""

    async def is_there() -> bool:
        return bool(await door.told_of(member))

    await eventually(is_there, within=40)
    return (await door.told_of(member))[0]
