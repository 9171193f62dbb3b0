"""Taking back what was sent by mistake, whatever it became, at once or later, and only once."""

from typing import Any

import pytest

from shared.events.envelope import Event
from shared.events.ingest import (
    ContractRecorded,
    DisclosureAccepted,
    DisclosureRetired,
    FlagReported,
    FlagWithdrawn,
    ReplyRecorded,
    ReplyWithdrawn,
)
from shared.events.vocabulary import Retirement, WithdrawalReason
from tests.ingest.conftest import Doors
from tests.ingest.given import disclosure, flag, sealed_box
from tests.ingest.seen import at_site, contract, everybody_sees, join, objections, outcomes, withdrawn
from tests.ingest.test_replies import reply, report_of

UNKNOWN = [("submission_unknown", "/data/submission")]


async def last(doors: Doors) -> tuple[str, str, Event]:
    return (await doors.published())[-1]


async def test_a_disclosure_ends_for_whoever_was_told_of_it(doors: Doors) -> None:
    sent = disclosure(published=True)
    await doors.send(sent)

    answer = await doors.send(withdrawn(sent))

    topic, key, told = await last(doors)
    assert outcomes(answer) == ["accepted"]
    assert isinstance(told.data, DisclosureRetired)
    assert (topic, key) == ("members.disclosure", str(told.data.supplier))
    assert told.data.reason is Retirement.WITHDRAWN
    assert await everybody_sees(doors) == {}


async def test_a_flag_is_withdrawn_after_its_report_on_the_same_topic_and_key(doors: Doors) -> None:
    sent = flag()
    await doors.send(sent)
    topic, key, reported = await last(doors)

    await doors.send(withdrawn(sent, reason="no_longer_true"))

    assert isinstance(reported.data, FlagReported)
    ending = await last(doors)
    assert ending[:2] == (topic, key)
    assert ending[2].data == FlagWithdrawn(
        report=reported.data.report,
        supplier=reported.data.supplier,
        site=reported.data.site,
        reason=WithdrawalReason.NO_LONGER_TRUE,
    )


async def test_a_reply_is_withdrawn_after_it_on_the_same_topic_and_key(doors: Doors) -> None:
    sent = reply(await report_of(doors))
    await doors.send(sent)
    topic, key, recorded = await last(doors)

    await doors.send(withdrawn(sent))

    assert isinstance(recorded.data, ReplyRecorded)
    ending = await last(doors)
    assert ending[:2] == (topic, key)
    assert ending[2].data == ReplyWithdrawn(reply=recorded.data.reply, report=recorded.data.report)


async def test_testimony_is_not_taken_back_here(doors: Doors) -> None:
    sent = sealed_box()
    await doors.send(sent)
    before = await doors.published()

    answer = await doors.send(withdrawn(sent))

    assert objections(answer) == [("testimony_not_here", "/data/submission")]
    assert "case key" in answer.json()["receipts"][0]["errors"][0]["remedy"]
    assert await doors.published() == before


async def test_testimony_sent_and_taken_back_in_one_batch_stays(doors: Doors) -> None:
    sent = sealed_box()

    answer = await doors.send(sent, withdrawn(sent))

    assert outcomes(answer) == ["accepted", "rejected"]
    assert [topic for topic, _, _ in await doors.published()] == ["restricted.testimony"]


async def test_nothing_leads_from_a_member_to_what_its_testimony_became(doors: Doors) -> None:
    await doors.send(sealed_box(), flag())

    assert await doors.count("receipt") == 2
    assert await doors.count("consequence") == 1


@pytest.mark.parametrize("withdrawal_first", [True, False])
async def test_what_a_batch_sends_and_takes_back_was_never_there(doors: Doors, withdrawal_first: bool) -> None:
    sent = [at_site(1, contract="A"), contract("A", end_users=["watch"])]
    ends = [withdrawn(one) for one in sent]

    answer = await doors.send(*(ends + sent if withdrawal_first else sent + ends))

    assert outcomes(answer) == ["accepted"] * 4
    kinds = {type(one.data) for _, _, one in await doors.published()}
    assert kinds.isdisjoint({DisclosureAccepted, DisclosureRetired, ContractRecorded})


async def test_a_flag_sent_and_taken_back_in_one_batch_is_told_and_withdrawn(doors: Doors) -> None:
    sent = flag()

    await doors.send(withdrawn(sent), sent)

    assert [type(one.data) for _, _, one in (await doors.published())[-2:]] == [FlagReported, FlagWithdrawn]


async def test_only_its_sender_takes_a_submission_back(doors: Doors) -> None:
    sent = [flag(), disclosure(), contract("A")]
    await doors.send(*sent)

    answer = await doors.send(*[withdrawn(one) for one in sent], member="watch")

    assert objections(answer) == UNKNOWN * 3
    assert outcomes(await doors.send(*[withdrawn(one) for one in sent])) == ["accepted"] * 3


async def test_nothing_is_taken_back_twice(doors: Doors) -> None:
    sent = flag()
    await doors.send(sent)

    both = await doors.send(withdrawn(sent), withdrawn(sent))
    later = await doors.send(withdrawn(sent))

    assert outcomes(both) == ["accepted", "rejected"]
    assert objections(both) == objections(later) == UNKNOWN
    assert [type(one.data) for _, _, one in await doors.published()].count(FlagWithdrawn) == 1


async def test_a_withdrawal_itself_cannot_be_taken_back(doors: Doors) -> None:
    sent = flag()
    ending = withdrawn(sent)
    await doors.send(sent)
    await doors.send(ending)

    assert objections(await doors.send(withdrawn(ending))) == UNKNOWN
    in_one_batch = withdrawn({"id": "never sent"})
    assert objections(await doors.send(in_one_batch, withdrawn(in_one_batch))) == UNKNOWN * 2


@pytest.mark.parametrize("sent", [{"id": "never sent"}, {"id": "x" * 200}])
async def test_what_was_never_sent_is_unknown(doors: Doors, sent: dict[str, Any]) -> None:
    answer = await doors.send(withdrawn(sent))

    assert objections(answer) == UNKNOWN
    assert await doors.count("receipt") == 0


async def test_the_same_id_of_another_source_is_another_submission(doors: Doors) -> None:
    sent = flag()
    await doors.send(sent)

    assert objections(await doors.send(withdrawn(sent) | {"source": "urn:example:other"})) == UNKNOWN


async def test_a_refused_submission_cannot_be_taken_back(doors: Doors) -> None:
    await join(doors, "bergen")
    refused = contract("A", end_users=["nobody"])

    answer = await doors.send(refused, withdrawn(refused))

    assert objections(answer) == [("member_unknown", "/data/end_users/0"), *UNKNOWN]
