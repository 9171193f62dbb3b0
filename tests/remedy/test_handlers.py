"""What becomes of events, on a real database."""

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import permutations
from uuid import UUID, uuid4

from shared import sealing
from shared.events import lifecycles
from shared.events.envelope import Classification
from shared.events.lifecycles import DeadlineKind, MailKind
from shared.events.remedy import CaseOpened, DeadlineSet, EngagementProposed, MailRequested
from shared.events.vocabulary import Category
from shared.postgres import Connection, Pool
from tests.conftest import Schema
from tests.remedy.given import (
    OPEN_CASES,
    PROPOSE_FOR_FLAGS,
    PROPOSE_FOR_GROUPS,
    data_of,
    flag,
    further_report,
    group,
    handle,
    published,
    received,
    sealed,
)

ACME, OTHER = UUID(int=1), UUID(int=2)


# Testimony.


async def test_testimony_becomes_a_case_with_its_first_deadline_counted_from_its_arrival(tx: Connection) -> None:
    case, arrival = uuid4(), await tx.fetchval("SELECT now()")

    await handle(OPEN_CASES, tx, received(case=case, kind=lifecycles.TestimonyKind.FLAG))

    row = await tx.fetchrow("SELECT * FROM grievance_case JOIN deadline d USING (case_id)")
    assert row is not None
    assert (row["case_id"], row["state"], row["openable"]) == (case, "received", True)
    assert row["received_at"] == arrival
    assert row["due_at"] == arrival + timedelta(days=7)
    assert row["warn_at"] == arrival + timedelta(days=5)
    found = await published(tx)
    assert data_of(found, CaseOpened) == [CaseOpened(case=case, kind=lifecycles.TestimonyKind.FLAG)]
    (deadline,) = data_of(found, DeadlineSet)
    assert (deadline.case, deadline.deadline) == (case, DeadlineKind.ACKNOWLEDGE)
    assert deadline.due == arrival + timedelta(days=7)
    assert "2019/1937" in deadline.basis
    assert {topic for topic, event in found if event.subject == str(case)} == {"restricted.case"}


async def test_a_request_for_mail_holds_reference_kind_and_day_and_leads_back_to_nothing(tx: Connection) -> None:
    cause = received()

    await handle(OPEN_CASES, tx, cause)

    topic, mail = next(pair for pair in await published(tx) if isinstance(pair[1].data, MailRequested))
    reference = await tx.fetchval("SELECT reference FROM grievance_case")
    assert topic == "notify.request"
    assert mail.data == MailRequested(
        reference=reference, kind=MailKind.TESTIMONY_RECEIVED, due=datetime(2026, 11, 29, tzinfo=UTC)
    )
    assert (mail.subject, mail.classification) == (reference, Classification.OPERATORS)
    assert (mail.causationid, mail.correlationid) == (None, None)
    assert mail.id.version == 4
    assert mail.time == datetime(2026, 11, 22, tzinfo=UTC)


async def test_the_same_testimony_twice_is_one_case(tx: Connection) -> None:
    case = uuid4()
    once, again = received(case=case), received(case=case)

    await handle(OPEN_CASES, tx, once, again)
    await handle(OPEN_CASES, tx, again)

    assert await tx.fetchval("SELECT count(*) FROM grievance_case") == 1
    assert await tx.fetchval("SELECT count(*) FROM deadline") == 1
    assert len(await published(tx)) == 3


async def test_a_box_for_another_key_becomes_a_case_all_the_same(tx: Connection) -> None:
    stranger = sealing.generate_key()[1]
    boxes = [sealed(public_key=stranger), sealing.encode(bytes(4096 + 48)), sealing.encode(b"no box at all")]

    await handle(OPEN_CASES, tx, received(), *(received(box=box) for box in boxes))

    rows = await tx.fetch("SELECT sealed, openable, state FROM grievance_case")
    assert {row["sealed"] for row in rows if not row["openable"]} == set(boxes)
    assert {row["state"] for row in rows} == {"received"}
    assert len(data_of(await published(tx), MailRequested)) == 4


async def test_a_large_batch_gives_each_case_its_own_reference(tx: Connection) -> None:
    box = sealed()

    await handle(OPEN_CASES, tx, *(received(box=box) for _ in range(500)))

    assert await tx.fetchval("SELECT count(DISTINCT reference) FROM grievance_case") == 500
    assert len({mail.reference for mail in data_of(await published(tx), MailRequested)}) == 500


# Proposals.


async def engagements(connection: Connection | Pool) -> set[tuple[object, ...]]:
    rows = await connection.fetch(
        """SELECT engagement_id, workinggroup, supplier, category, flag_id
           FROM engagement JOIN engagement_flag USING (engagement_id)"""
    )
    return {tuple(row) for row in rows}


async def test_a_flag_is_proposed_to_each_group_that_it_concerns(tx: Connection) -> None:
    await handle(
        PROPOSE_FOR_GROUPS,
        tx,
        group("acme", suppliers=[ACME]),
        group("other", suppliers=[OTHER], categories=[Category.FORCED_LABOUR]),
        group("forced-labour", categories=[Category.FORCED_LABOUR]),
    )

    cause = flag(ACME)
    await handle(PROPOSE_FOR_FLAGS, tx, cause)

    found = await published(tx)
    assert {topic for topic, _ in found} == {"group.acme.engagement", "group.forced-labour.engagement"}
    proposed = data_of(found, EngagementProposed)
    assert {data.workinggroup for data in proposed} == {"acme", "forced-labour"}
    assert {data.supplier_name for data in proposed} == {"Example Electronics"}
    assert all(event.causationid == str(cause.id) for _, event in found)
    assert all(event.subject == str(event.data.engagement) for _, event in found if event.data in proposed)


async def test_a_further_flag_is_added_and_proposes_nothing_again(tx: Connection) -> None:
    await handle(PROPOSE_FOR_GROUPS, tx, group("acme", suppliers=[ACME]))
    first, second = flag(ACME), flag(ACME, name="Example Electronics Ltd")

    await handle(PROPOSE_FOR_FLAGS, tx, first)
    await handle(PROPOSE_FOR_FLAGS, tx, second, second)
    await handle(PROPOSE_FOR_FLAGS, tx, flag(ACME, Category.CHILD_LABOUR))

    assert len(data_of(await published(tx), EngagementProposed)) == 2
    assert len(await engagements(tx)) == 3


async def test_a_further_report_of_the_same_flag_adds_and_proposes_nothing(tx: Connection) -> None:
    await handle(PROPOSE_FOR_GROUPS, tx, group("acme", suppliers=[ACME]))
    first = flag(ACME)

    await handle(PROPOSE_FOR_FLAGS, tx, further_report(first))
    before = await engagements(tx)
    await handle(PROPOSE_FOR_FLAGS, tx, first, further_report(first))
    await handle(PROPOSE_FOR_FLAGS, tx, further_report(first))

    assert before == set()
    assert len(data_of(await published(tx), EngagementProposed)) == 1
    assert len(await engagements(tx)) == 1


async def test_flags_and_groups_give_the_same_proposals_in_whatever_order_they_come(tx: Connection) -> None:
    arrivals = [
        (PROPOSE_FOR_GROUPS, group("acme", suppliers=[ACME])),
        (PROPOSE_FOR_GROUPS, group("children", categories=[Category.CHILD_LABOUR])),
        (PROPOSE_FOR_FLAGS, flag(ACME)),
        (PROPOSE_FOR_FLAGS, flag(ACME, Category.CHILD_LABOUR)),
        (PROPOSE_FOR_FLAGS, flag(OTHER, Category.CHILD_LABOUR)),
    ]
    outcomes = set()
    for order in permutations(arrivals):
        attempt = tx.transaction()
        await attempt.start()
        for handler, event in order:
            await handle(handler, tx, event)
        proposed = [(data.engagement, data.workinggroup) for data in data_of(await published(tx), EngagementProposed)]
        outcomes.add((frozenset(await engagements(tx)), frozenset(proposed), len(proposed)))
        await attempt.rollback()

    assert len(outcomes) == 1
    assert len(outcomes.pop()[0]) == 4


async def test_a_group_that_takes_on_a_supplier_hears_of_flags_known_before(tx: Connection) -> None:
    await handle(PROPOSE_FOR_GROUPS, tx, group("acme", suppliers=[ACME]))
    await handle(PROPOSE_FOR_FLAGS, tx, flag(OTHER))

    await handle(PROPOSE_FOR_GROUPS, tx, group("acme", suppliers=[ACME, OTHER]))
    await handle(PROPOSE_FOR_GROUPS, tx, group("acme", suppliers=[ACME, OTHER]))

    assert [data.supplier for data in data_of(await published(tx), EngagementProposed)] == [OTHER]


async def test_a_proposal_accuses_nobody(tx: Connection) -> None:
    await handle(PROPOSE_FOR_GROUPS, tx, group("acme", suppliers=[ACME]))
    await handle(PROPOSE_FOR_FLAGS, tx, *(flag(ACME, category) for category in Category))

    reasons = {data.reason for data in data_of(await published(tx), EngagementProposed)}

    assert len(reasons) == len(Category)
    for reason in reasons:
        assert reason.endswith("is for the working group to decide.")
        assert not any(word in reason.lower() for word in ("guilty", "violat", "commit", "abus", "illegal", "offen"))


async def test_a_proposal_with_very_many_flags_still_fits_an_event(tx: Connection) -> None:
    await handle(PROPOSE_FOR_FLAGS, tx, *(flag(ACME) for _ in range(2000)))
    await handle(PROPOSE_FOR_FLAGS, tx, *(flag(ACME) for _ in range(6000)))

    await handle(PROPOSE_FOR_GROUPS, tx, group("acme", suppliers=[ACME]))

    (proposed,) = data_of(await published(tx), EngagementProposed)
    assert len(proposed.flags) == 100
    assert len(await engagements(tx)) == 8000


async def test_a_flag_and_its_group_that_arrive_at_the_same_time_are_not_missed(schema: Schema) -> None:
    async with schema.pool.acquire() as one, schema.pool.acquire() as two:
        flags, groups = one.transaction(), two.transaction()
        await flags.start()
        await groups.start()
        await handle(PROPOSE_FOR_FLAGS, one, flag(ACME))
        proposing = asyncio.create_task(handle(PROPOSE_FOR_GROUPS, two, group("acme", suppliers=[ACME])))

        await asyncio.wait_for(waits_or_is_done(schema, proposing), 10)
        await flags.commit()
        await proposing
        await groups.commit()

    assert len(await engagements(schema.pool)) == 1


async def waits_or_is_done(schema: Schema, task: "asyncio.Task[object]") -> None:
    """Return once the task has ended or its connection waits for a lock."""
    while not task.done() and not await schema.rows(
        "SELECT 1 FROM pg_locks WHERE NOT granted AND locktype = 'advisory'"
    ):
        await asyncio.sleep(0.01)
