"""The one clock over what is due by a day: each told once, whenever the clock looks, on a real database."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.remedy import obligations
from services.remedy.domain.engagement.obligations import Obligation, Owed
from services.remedy.store.engagement import obligations as store
from services.remedy.timing import Timer, Witness
from shared.events.engagement_words import ConditionState as S
from shared.events.engagement_words import ObligationKind
from shared.events.remedy.conditions import ConditionMoved, MemberObligationApproaching, MemberObligationMissed
from shared.events.remedy.engagements import ObligationApproaching, ObligationMissed
from shared.postgres import Connection, transaction
from shared.service import Runtime
from tests.conftest import Schema
from tests.remedy.engagement.contracted import (
    CONTRACT,
    OSLO,
    STARTS,
    Stream,
    clock,
    days,
    midnight,
    noon,
    take,
)
from tests.remedy.engagement.test_conditions import REPORT
from tests.remedy.given import SETTINGS, data_of, published

TERMS = SETTINGS.due_terms
DUE = date(2026, 4, 13)


def of_member(due: date = DUE, about: UUID | None = None) -> Obligation:
    return Obligation(
        about or uuid4(), ObligationKind.CONDITION, CONTRACT, due, "a rule", member=OSLO, contract=CONTRACT
    )


def of_group(due: date = DUE, engagement: UUID | None = None, kind: ObligationKind = ObligationKind.ASK) -> Obligation:
    engagement = engagement or uuid4()
    return Obligation(
        uuid4(), kind, engagement, due, "a rule", engagement=engagement, workinggroup="apple", supplier=UUID(int=1)
    )


async def keep(tx: Connection, *found: Obligation) -> None:
    owed = Owed()
    owed.stands(*found)
    await store.write(tx, owed, TERMS)


async def end(tx: Connection, one: Obligation, at: datetime) -> None:
    owed = Owed()
    owed.ended(one.about, one.kind, at)
    await store.write(tx, owed, TERMS)


async def told(tx: Connection) -> list[tuple[str, date]]:
    """What was told of members' obligations, in order: its kind and the day on which it was due."""
    found = [event.data for _, event in await published(tx)]
    kinds = MemberObligationApproaching | MemberObligationMissed | ObligationApproaching | ObligationMissed
    return [(one.type.split(".")[1], one.due) for one in found if isinstance(one, kinds)]


async def test_what_is_due_comes_near_once_and_is_missed_once(tx: Connection) -> None:
    await keep(tx, of_member())

    for day in days(date(2026, 4, 1), 20):
        await clock(tx, midnight(day))
        await clock(tx, midnight(day))

    assert await told(tx) == [("approaching", DUE), ("missed", DUE)]


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (datetime(2026, 4, 6, 21, 59, 59, tzinfo=UTC), []),  # the last second of 6 April in Oslo, in summer time
        (datetime(2026, 4, 6, 22, tzinfo=UTC), ["approaching"]),
        (datetime(2026, 4, 13, 21, 59, 59, tzinfo=UTC), ["approaching"]),
        (datetime(2026, 4, 13, 22, tzinfo=UTC), ["missed"]),  # nothing comes near that is over already
    ],
)
async def test_a_day_ends_with_its_local_midnight(tx: Connection, at: datetime, expected: list[str]) -> None:
    await keep(tx, of_member())

    await clock(tx, at)

    assert [what for what, _ in await told(tx)] == expected


async def test_what_was_met_before_its_day_is_never_told_of(tx: Connection) -> None:
    met = of_member()
    await keep(tx, met)
    await end(tx, met, noon(date(2026, 4, 2)))

    await clock(tx, midnight(date(2026, 5, 1)))

    assert await told(tx) == []


async def test_what_was_met_when_it_had_come_near_is_not_told_as_near_any_more(tx: Connection) -> None:
    met = of_member()
    await keep(tx, met)
    await end(tx, met, noon(date(2026, 4, 10)))  # the clock did not look in between

    await clock(tx, midnight(date(2026, 5, 1)))

    assert await told(tx) == []


async def test_what_was_met_after_its_day_was_missed_also_where_the_clock_looks_only_later(tx: Connection) -> None:
    late = of_member()
    await keep(tx, late)
    await end(tx, late, noon(date(2026, 4, 14)))

    await clock(tx, midnight(date(2026, 5, 1)))

    assert await told(tx) == [("missed", DUE)]


async def test_a_later_day_comes_near_and_is_missed_anew(tx: Connection) -> None:
    one = of_member()
    await keep(tx, one)
    await clock(tx, midnight(DUE))
    await keep(tx, replace(one, due=date(2026, 6, 1)))

    await clock(tx, midnight(date(2026, 5, 25)))
    await clock(tx, midnight(date(2026, 6, 1)))

    assert await told(tx) == [("missed", DUE), ("approaching", date(2026, 6, 1)), ("missed", date(2026, 6, 1))]


async def test_an_earlier_day_is_not_told_again(tx: Connection) -> None:
    one = of_member()
    await keep(tx, one)
    await clock(tx, midnight(DUE))
    await keep(tx, replace(one, due=date(2026, 4, 9)))

    await clock(tx, midnight(date(2026, 6, 1)))

    assert await told(tx) == [("missed", DUE)]


async def test_what_stands_again_after_it_had_ended_is_told_of(tx: Connection) -> None:
    one = of_member()
    await keep(tx, one)
    await end(tx, one, noon(date(2026, 4, 2)))
    await keep(tx, one)

    await clock(tx, midnight(DUE))

    assert await told(tx) == [("missed", DUE)]


async def test_members_and_groups_are_told_on_their_own_topics_alone(tx: Connection) -> None:
    await keep(tx, of_member(), of_group())

    await clock(tx, midnight(DUE))

    found = await published(tx)
    assert {topic for topic, _ in found} == {"member.oslo.condition", "group.apple.engagement"}
    assert len(data_of(found, ObligationMissed)) == len(data_of(found, MemberObligationMissed)) == 1
    assert all(event.time == TERMS.due_at(of_member()) for _, event in found)


@pytest.mark.parametrize(
    ("closed", "expected"),
    [(DUE - timedelta(days=30), []), (DUE - timedelta(days=1), ["approaching"]), (DUE + timedelta(days=2), ["missed"])],
)
async def test_what_was_due_of_a_group_is_told_of_only_until_it_is_closed_whenever_the_clock_looks(
    tx: Connection, closed: date, expected: list[str]
) -> None:
    one = of_group()
    await keep(tx, one)
    await tx.execute("INSERT INTO working_group (slug, closed_at) VALUES ('apple', $1)", noon(closed))

    await clock(tx, noon(DUE + timedelta(days=10)))

    assert [what for what, _ in await told(tx)] == expected
    assert await store.count_untold(tx, noon(DUE + timedelta(days=10))) == 0


async def test_the_end_of_a_cure_period_is_a_breach(tx: Connection) -> None:
    stream = Stream()
    await take(
        tx,
        stream.contract(),
        stream.step(date(2026, 4, 14), REPORT, S.DEFICIENT, reason="Nothing came."),
        stream.step(date(2026, 4, 15), REPORT, S.CURE, cure_until=date(2026, 5, 15)),
    )

    for day in days(date(2026, 4, 15), 40):
        await clock(tx, midnight(day))

    (moved,) = [one for one in data_of(await published(tx), ConditionMoved) if one.entry is None]
    assert (moved.before, moved.after, moved.condition) == (S.CURE, S.BREACH, REPORT)
    row = await tx.fetchrow("SELECT state, since, cure_until FROM condition WHERE condition = $1", REPORT)
    assert row is not None
    assert tuple(row) == ("breach", date(2026, 5, 16), None)
    assert await told(tx) == [("missed", DUE), ("approaching", date(2026, 5, 15)), ("missed", date(2026, 5, 15))]


async def test_the_board_shows_what_is_due_next_and_how_much_is_overdue(tx: Connection) -> None:
    engagement = uuid4()
    await tx.execute(
        """INSERT INTO engagement (engagement, workinggroup, supplier, category, state, moved_at)
           VALUES ($1, 'apple', $2, 'forced_labour', 'open', now())""",
        engagement,
        UUID(int=1),
    )
    first, second = of_group(DUE, engagement), of_group(date(2026, 6, 1), engagement, ObligationKind.COMMITMENT)
    await keep(tx, first, second, of_group(date(2026, 4, 12), engagement, ObligationKind.STAGE))

    await clock(tx, midnight(DUE))

    row = await tx.fetchrow("SELECT overdue, next_due, next_due_kind, next_due_about FROM engagement")
    assert row is not None
    assert tuple(row) == (1, date(2026, 6, 1), "commitment", second.about)
    await end(tx, second, noon(date(2026, 4, 20)))
    await end(tx, first, noon(date(2026, 4, 20)))
    await store.refresh_board(tx, [engagement])
    row = await tx.fetchrow("SELECT overdue, next_due FROM engagement")
    assert row is not None
    assert tuple(row) == (0, None)


async def test_the_board_is_locked_in_one_order_so_that_who_writes_it_at_once_waits_and_nobody_is_thrown_out(
    schema: Schema,
) -> None:
    first, second = sorted((uuid4(), uuid4()))
    for engagement in (second, first):
        await schema.pool.execute(
            """INSERT INTO engagement (engagement, workinggroup, supplier, category, state, moved_at)
               VALUES ($1, 'apple', $2, 'forced_labour', 'open', now())""",
            engagement,
            UUID(int=1),
        )
    lock = "SELECT FROM engagement WHERE engagement = $1 FOR UPDATE NOWAIT"

    async with transaction(schema.pool) as one:
        await one.execute(lock, first)
        refreshing = asyncio.create_task(refresh(schema, [second, first]))
        while not await schema.pool.fetchval("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"):
            await asyncio.sleep(0)
        await one.execute(lock, second)
    await refreshing


async def refresh(schema: Schema, engagements: Sequence[UUID]) -> None:
    async with transaction(schema.pool) as tx:
        await store.refresh_board(tx, engagements)


Change = tuple[int, int, str]


@given(
    changes=st.lists(
        st.tuples(st.integers(0, 60), st.integers(-20, 40), st.sampled_from(["stands", "ends"])), min_size=1, max_size=6
    ),
    looks=st.lists(st.integers(0, 110), max_size=6),
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_where_days_do_not_change_what_was_missed_does_not_depend_on_when_the_clock_looks(
    tx: Connection, changes: Sequence[Change], looks: Sequence[int]
) -> None:
    """A plain reference: what stood when its last day was over was missed; each change is told at noon of its day."""
    about, due = uuid4(), DUE
    happened = sorted(
        (date(2026, 3, 15) + timedelta(days=day), place, what) for place, (day, _, what) in enumerate(changes)
    )
    attempt = tx.transaction()
    await attempt.start()
    moments = [(noon(day), what) for day, _, what in happened]
    moments += [(midnight(date(2026, 3, 15) + timedelta(days=one)), "look") for one in looks]
    standing = missed = False
    boundary = TERMS.due_at(of_member(due))
    for at, what in sorted(moments):
        if what == "look":
            missed |= standing and at >= boundary
            await clock(tx, at)
        elif what == "stands":
            standing = True
            await keep(tx, of_member(due, about))
        elif standing:
            missed |= at >= boundary
            standing = False
            await end(tx, of_member(due, about), at)
    await clock(tx, midnight(date(2026, 12, 31)))
    missed |= standing

    found = [what for what, _ in await told(tx)]

    assert found.count("missed") == missed
    assert found.count("approaching") <= 1
    await attempt.rollback()


async def test_two_processes_tell_each_obligation_once(schema: Schema, runtime: Runtime) -> None:
    async with transaction(schema.pool) as tx:
        await keep(tx, *(of_member() for _ in range(40)))

    async def look() -> None:
        async with runtime.transaction() as tx:
            await obligations.fire_at(SETTINGS, tx, midnight(DUE))

    await asyncio.gather(*(look() for _ in range(4)))

    assert len(data_of(await published(schema.pool), MemberObligationMissed)) == 40


async def test_nothing_happens_while_the_clock_is_wrong_and_all_once_it_is_right(
    schema: Schema, runtime: Runtime
) -> None:
    async with transaction(schema.pool) as tx:
        await keep(tx, of_member(STARTS))
    own = [0.0]
    timer = Timer(Witness(clock=lambda: own[0]))
    timer.witness.at, timer.witness.own = datetime(2020, 1, 1, tzinfo=UTC), 0.0  # since then no time has passed here

    assert not await obligations.fire(runtime, timer)
    before = await published(schema.pool)
    timer.witness.at = None
    await schema.rows("UPDATE clock_watch SET held = NULL")
    await obligations.fire(runtime, timer)

    assert before == []
    assert len(data_of(await published(schema.pool), MemberObligationMissed)) == 1


async def test_the_clock_leaves_alone_what_is_just_being_changed_and_comes_back_to_it(
    schema: Schema, runtime: Runtime
) -> None:
    stream = Stream()
    async with transaction(schema.pool) as tx:
        await take(
            tx,
            stream.contract(),
            stream.step(date(2026, 3, 14), REPORT, S.DEFICIENT, reason="Nothing came."),
            stream.step(date(2026, 3, 15), REPORT, S.CURE, cure_until=date(2026, 4, 1)),
        )

    async with transaction(schema.pool) as handling:
        await take(handling, stream.step(date(2026, 3, 30), REPORT, S.SUBMITTED))
        async with runtime.transaction() as tx:
            told_meanwhile = await asyncio.wait_for(clock(tx, midnight(date(2026, 4, 1))), 10)
    async with runtime.transaction() as tx:
        told_afterwards = await clock(tx, midnight(date(2026, 4, 1)))

    assert (told_meanwhile, told_afterwards) == (0, 1)  # that it had come near before it was met, told to nobody
    assert data_of(await published(schema.pool), MemberObligationMissed) == []
    assert await schema.pool.fetchval("SELECT state FROM condition WHERE condition = $1", REPORT) == "submitted"


async def test_an_entry_waits_for_the_clock_that_has_its_condition_and_is_judged_after_it(
    schema: Schema, runtime: Runtime
) -> None:
    stream = Stream()
    async with transaction(schema.pool) as tx:
        await take(
            tx,
            stream.contract(),
            stream.step(date(2026, 3, 14), REPORT, S.DEFICIENT, reason="Nothing came."),
            stream.step(date(2026, 3, 15), REPORT, S.CURE, cure_until=date(2026, 4, 1)),
        )

    async def report() -> None:
        async with transaction(schema.pool) as handling:
            await take(handling, stream.step(date(2026, 4, 2), REPORT, S.SANCTIONED, reason="It was not cured."))

    async with runtime.transaction() as tx:
        await clock(tx, midnight(date(2026, 4, 1)))
        reporting = asyncio.create_task(report())
        while not reporting.done() and not await schema.rows(
            "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND usename = current_user"
        ):
            await asyncio.sleep(0.01)
        waited = not reporting.done()
    await reporting

    moved = [one.after for one in data_of(await published(schema.pool), ConditionMoved)]
    assert waited
    assert moved == [S.DEFICIENT, S.CURE, S.BREACH, S.SANCTIONED]
