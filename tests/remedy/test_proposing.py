"""Flags become proposals of engagements to the working groups that they concern, on a real database."""

import asyncio
from itertools import permutations
from uuid import UUID, uuid4

import pytest

from services.remedy.domain import engagements as domain
from services.remedy.domain.engagements import Flag, WorkingGroup
from shared.events.remedy import EngagementProposed
from shared.events.vocabulary import Category
from shared.postgres import Connection, Pool
from tests.conftest import Schema
from tests.remedy.given import (
    PROPOSE_FOR_FLAGS,
    PROPOSE_FOR_GROUPS,
    data_of,
    flag,
    further_report,
    group,
    handle,
    published,
)

ACME, OTHER = UUID(int=1), UUID(int=2)


# The rules


@pytest.mark.parametrize(
    ("suppliers", "categories", "expected"),
    [
        ({ACME}, set(), True),
        ({ACME}, {Category.CHILD_LABOUR}, True),  # its suppliers are its choice, whatever the category
        ({OTHER}, {Category.FORCED_LABOUR}, False),
        (set(), {Category.FORCED_LABOUR}, True),
        (set(), {Category.CHILD_LABOUR}, False),
        (set(), set(), False),
    ],
)
def test_a_flag_concerns_the_groups_that_work_on_its_supplier_or_else_on_its_category(
    suppliers: set[UUID], categories: set[Category], expected: bool
) -> None:
    found = Flag(uuid4(), ACME, "Example Electronics", Category.FORCED_LABOUR, serious=False)

    assert domain.concerns(found, WorkingGroup("g", frozenset(suppliers), frozenset(categories))) is expected


def test_several_flags_of_one_supplier_and_category_are_one_proposal_that_names_them_all() -> None:
    flags = [Flag(uuid4(), ACME, "Example Electronics", Category.FORCED_LABOUR, serious=False) for _ in range(3)]
    other = Flag(uuid4(), ACME, "Example Electronics", Category.CHILD_LABOUR, serious=True)

    first, second = domain.propose([WorkingGroup("g", frozenset({ACME}), frozenset())], [*flags, other])

    assert first.flags == tuple(flag.id for flag in flags)
    assert (second.category, second.flags) == (Category.CHILD_LABOUR, (other.id,))


def test_an_engagement_has_the_same_id_whenever_it_is_proposed_and_another_for_another_group() -> None:
    first = Flag(uuid4(), ACME, "Example Electronics", Category.FORCED_LABOUR, serious=False)
    later = Flag(uuid4(), ACME, "Example Electronics Ltd", Category.FORCED_LABOUR, serious=True)
    g, h = (WorkingGroup(slug, frozenset({ACME}), frozenset()) for slug in "gh")

    ids = [proposal.engagement for proposal in domain.propose([g, h], [first]) + domain.propose([g, h], [later])]

    assert ids[:2] == ids[2:]
    assert ids[0] != ids[1]


# On a database


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
