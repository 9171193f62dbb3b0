"""What happens by the clock, on a real database: once, whoever looks and however often it is restarted."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID, uuid4

from services.remedy import handlers
from services.remedy.domain import day_of, key_id_of
from services.remedy.schedule import BATCH, announce_key, fire_deadlines
from services.remedy.settings import RemedySettings
from shared import sealing
from shared.events.envelope import Classification
from shared.events.lifecycles import MailKind
from shared.events.remedy import DeadlineApproaching, DeadlineMissed, MailRequested, TrusteeKeyPublished
from shared.postgres import open_pool
from shared.relay import Relay
from shared.service import Runtime
from tests.conftest import Schema
from tests.remedy.given import (
    OPEN_CASES,
    PRIVATE_KEY,
    PUBLIC_KEY,
    SETTINGS,
    data_of,
    handle,
    let_age,
    published,
    received,
    sealed,
)


async def receive(schema: Schema, *, ago: timedelta, count: int = 1) -> list[UUID]:
    """Testimony that came in some time ago."""
    box, cases = sealed(), [uuid4() for _ in range(count)]
    async with schema.pool.acquire() as connection, connection.transaction():
        await handle(OPEN_CASES, connection, *(received(case=case, box=box) for case in cases))
        await let_age(connection, cases, ago)
    return cases


async def pass_time(schema: Schema, days: float) -> None:
    """Let every deadline come nearer by so many days."""
    await schema.rows(
        "UPDATE deadline SET due_at = due_at - $1::interval, warn_at = warn_at - $1::interval", timedelta(days=days)
    )


async def told(schema: Schema) -> tuple[Sequence[UUID], Sequence[UUID]]:
    """The cases of which a deadline was told to be near, and to be missed."""
    found = await published(schema.pool)
    near, missed = data_of(found, DeadlineApproaching), data_of(found, DeadlineMissed)
    return [data.case for data in near], [data.case for data in missed]


async def restarted(schema: Schema) -> Runtime:
    """Another process of the same service: connections of its own, no memory."""
    pool = await open_pool(schema.dsn, size=2)
    return Runtime("remedy", SETTINGS, pool, Relay("remedy", pool, SETTINGS))


async def run_until_done(runtime: Runtime) -> None:
    while await fire_deadlines(runtime):
        pass


# Deadlines.


async def test_a_deadline_warns_and_then_is_missed_each_once(schema: Schema, runtime: Runtime) -> None:
    (case,) = await receive(schema, ago=timedelta(days=1))

    await fire_deadlines(runtime)
    assert await told(schema) == ([], [])

    await pass_time(schema, 4.5)
    await fire_deadlines(runtime)
    await fire_deadlines(runtime)
    assert await told(schema) == ([case], [])

    await pass_time(schema, 3)
    await fire_deadlines(runtime)
    await fire_deadlines(runtime)
    assert await told(schema) == ([case], [case])


async def test_a_warning_and_a_miss_tell_their_moment_and_ask_for_mail_by_day(schema: Schema, runtime: Runtime) -> None:
    await receive(schema, ago=timedelta(days=6))
    await fire_deadlines(runtime)
    near = (await schema.rows("SELECT * FROM deadline"))[0]
    await pass_time(schema, 2)
    await fire_deadlines(runtime)
    missed = (await schema.rows("SELECT * FROM deadline"))[0]

    found = await published(schema.pool)

    times = {type(event.data): event.time for _, event in found}
    assert times[DeadlineApproaching] == near["warn_at"]
    assert times[DeadlineMissed] == missed["due_at"]
    mails = [(topic, event) for topic, event in found if isinstance(event.data, MailRequested)]
    kinds = [mail.kind for mail in data_of(mails, MailRequested)]
    assert kinds == [MailKind.TESTIMONY_RECEIVED, MailKind.DEADLINE_APPROACHING, MailKind.DEADLINE_MISSED]
    assert [mail.due for mail in data_of(mails, MailRequested)][1:] == [
        day_of(near["due_at"]),
        day_of(missed["due_at"]),
    ]
    assert {topic for topic, _ in mails} == {"notify.request"}
    assert {event.id.version for _, event in mails} == {4}
    assert {event.causationid for _, event in mails} == {None}
    assert all(event.time == day_of(event.time) for _, event in mails)


async def test_a_deadline_that_was_met_neither_warns_nor_is_missed(schema: Schema, runtime: Runtime) -> None:
    await receive(schema, ago=timedelta(days=1))
    await schema.rows("UPDATE deadline SET met_at = now()")

    for _ in range(3):
        await pass_time(schema, 4)
        await fire_deadlines(runtime)

    assert await told(schema) == ([], [])


async def test_what_passed_while_no_process_ran_is_missed_at_once_and_not_warned_of(
    schema: Schema, runtime: Runtime
) -> None:
    (case,) = await receive(schema, ago=timedelta(days=30))

    await fire_deadlines(runtime)

    assert await told(schema) == ([], [case])


async def test_two_processes_fire_each_deadline_once(schema: Schema, runtime: Runtime) -> None:
    near = await receive(schema, ago=timedelta(days=6), count=BATCH + 30)
    missed = await receive(schema, ago=timedelta(days=8), count=3 * BATCH + 7)
    other = await restarted(schema)

    await asyncio.gather(*(run_until_done(process) for process in (runtime, other, runtime, other)))
    await other.pool.close()

    warned, fired = await told(schema)
    assert sorted(warned) == sorted(near)
    assert sorted(fired) == sorted(missed)


async def test_a_restart_neither_repeats_nor_forgets_a_deadline(schema: Schema) -> None:
    first = await receive(schema, ago=timedelta(days=8), count=5)
    before = await restarted(schema)
    await fire_deadlines(before)
    await before.pool.close()
    second = await receive(schema, ago=timedelta(days=8), count=5)

    after = await restarted(schema)
    await fire_deadlines(after)
    await after.pool.close()

    assert sorted((await told(schema))[1]) == sorted(first + second)


async def test_a_process_that_dies_before_it_commits_leaves_the_deadline_to_the_next(
    schema: Schema, runtime: Runtime
) -> None:
    (case,) = await receive(schema, ago=timedelta(days=8))
    dying = await restarted(schema)
    firing = asyncio.create_task(hold_after_firing(dying))
    await firing
    dying.pool.terminate()

    await asyncio.wait_for(until_missed(schema, runtime), 20)

    assert (await told(schema))[1] == [case]


async def hold_after_firing(runtime: Runtime) -> None:
    """Mark the deadlines as a process does that is killed before its commit."""
    connection = await runtime.pool.acquire()
    await connection.transaction().start()
    await connection.execute("UPDATE deadline SET fired_event = gen_random_uuid()")


async def until_missed(schema: Schema, runtime: Runtime) -> None:
    while not (await told(schema))[1]:
        await fire_deadlines(runtime)
        await asyncio.sleep(0.02)


async def test_there_is_more_to_do_while_a_full_batch_was_found(schema: Schema, runtime: Runtime) -> None:
    await receive(schema, ago=timedelta(days=8), count=BATCH + 1)

    assert [await fire_deadlines(runtime) for _ in range(3)] == [True, False, False]


# The trustee's key.


async def test_the_trustees_key_is_announced_once_by_however_many_processes(schema: Schema, runtime: Runtime) -> None:
    other = await restarted(schema)

    await asyncio.gather(*(announce_key(process) for process in (runtime, other, runtime, other)))
    await announce_key(runtime)
    await other.pool.close()

    ((topic, event),) = await published(schema.pool)
    assert topic == "public.keys"
    assert isinstance(event.data, TrusteeKeyPublished)
    assert event.data.key == event.subject == key_id_of(PUBLIC_KEY)
    assert event.data.public_key == PUBLIC_KEY == sealing.public_key_of(PRIVATE_KEY)
    assert event.data.valid_to - event.data.valid_from == timedelta(days=730)
    assert event.classification is Classification.PUBLIC


async def test_another_key_is_announced_beside_the_first(schema: Schema, runtime: Runtime) -> None:
    await announce_key(runtime)
    changed = SETTINGS.model_copy(update={"trustee_key": type(SETTINGS.trustee_key)(sealing.generate_key()[0])})

    await announce_key(schema.runtime(changed))

    assert len({event.subject for _, event in await published(schema.pool)}) == 2


def test_nothing_is_read_from_the_environment_before_the_first_batch() -> None:
    def unset() -> RemedySettings:
        raise AssertionError("the settings were asked for")

    assert len(handlers.build(unset)) == 3
