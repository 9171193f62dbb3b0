"""Information requests and annual accounts under the Transparency Act: until when, and what each step needs."""

import asyncio
from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.remedy import accounts
from services.remedy.accounts import Binding
from services.remedy.domain.calendar import later
from services.remedy.domain.engagement import requests
from services.remedy.domain.engagement.requests import NEXT, WAITING, Request
from services.remedy.domain.engagement.standing import StepRefused
from shared.events.engagement_words import EntryRefusal as Why
from shared.events.engagement_words import ObligationKind, RefusalGround
from shared.events.engagement_words import RequestState as S
from shared.events.ingest import InformationRequestRecorded
from shared.events.ingest.conditions import account_of, request_of
from shared.events.remedy.conditions import (
    FollowUpEntryRefused,
    InformationRequestMoved,
    MemberObligationApproaching,
    MemberObligationMissed,
)
from shared.postgres import Connection, borrow, transaction
from tests.conftest import Schema
from tests.ingest.waiting import until_one_waits
from tests.remedy.engagement.contracted import OSLO, Stream, clock, midnight, noon, take
from tests.remedy.given import SETTINGS, data_of, published

CAME = date(2026, 2, 2)
REQUEST = request_of(OSLO, "R-1")
TERMS = SETTINGS.due_terms


# The rules


def told(state: S, on: date = CAME, **fields: Any) -> InformationRequestRecorded:
    return InformationRequestRecorded(
        entry=uuid4(), member=OSLO, request=REQUEST, reference="R-1", state=state, on=on, **fields
    )


def extended(until: date, on: date = CAME + timedelta(days=10), reasons: str | None = "Six sites.") -> Any:
    return told(S.EXTENDED, on, until=until, reasons=reasons)


def received() -> Request:
    return requests.decide(None, told(S.RECEIVED))


def test_a_request_is_answered_within_three_weeks() -> None:
    (due,) = received().obligations()

    assert (due.due, due.basis) == (date(2026, 2, 23), "Transparency Act section 7: three weeks after receipt")


def test_a_request_may_be_answered_within_two_months_where_reasons_and_day_were_told() -> None:
    found = requests.decide(received(), extended(date(2026, 4, 2)))

    assert [one.due for one in found.obligations()] == [date(2026, 4, 2)]
    assert requests.decide(found, told(S.ANSWERED, date(2026, 4, 1))).obligations() == []


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        (extended(date(2026, 4, 3)), (Why.BEYOND_TWO_MONTHS,)),
        (extended(date(2026, 3, 20), on=date(2026, 2, 24)), (Why.TOLD_TOO_LATE,)),
        (extended(date(2026, 3, 20), reasons=None), (Why.REASON_MISSING,)),
        (extended(date(2026, 2, 23)), (Why.DAY_TOO_EARLY,)),
        (told(S.REFUSED, date(2026, 2, 10)), (Why.REASON_MISSING,)),
        (told(S.ANSWERED, date(2026, 2, 1)), (Why.DAY_TOO_EARLY,)),
        (told(S.RECEIVED), (Why.SAME_STEP,)),
        (
            extended(date(2026, 6, 1), on=date(2026, 5, 1), reasons=None),
            (Why.REASON_MISSING, Why.BEYOND_TWO_MONTHS, Why.TOLD_TOO_LATE),
        ),
    ],
)
def test_each_step_needs_what_the_act_names(entry: InformationRequestRecorded, why: tuple[Why, ...]) -> None:
    with pytest.raises(StepRefused) as refused:
        requests.decide(received(), entry)

    assert refused.value.why == why
    assert refused.value.standing == "received, due 2026-02-23"
    assert refused.value.legal[1] == "answered"


def test_a_request_is_refused_with_a_ground_of_the_act() -> None:
    found = requests.decide(received(), told(S.REFUSED, ground=RefusalGround.TRADE_SECRETS))

    assert (found.state, found.obligations()) == (S.REFUSED, [])


@pytest.mark.parametrize("state", [S.EXTENDED, S.ANSWERED, S.REFUSED, S.WITHDRAWN])
def test_nothing_is_known_of_a_request_before_it_came(state: S) -> None:
    with pytest.raises(StepRefused) as refused:
        requests.decide(None, told(state))

    assert (refused.value.why, refused.value.legal) == ((Why.REQUEST_UNKNOWN,), ("received",))


STATES = st.sampled_from([one for one in S if one is not S.OTHER])


@given(st.lists(st.tuples(STATES, st.integers(0, 40), st.none() | st.integers(0, 90), st.booleans()), max_size=12))
def test_whatever_is_reported_an_answer_is_due_within_two_months_and_an_ended_request_stays_ended(
    reports: list[tuple[S, int, int | None, bool]],
) -> None:
    held: Request | None = None
    applied = []
    for state, on, until, reason in reports:
        entry = told(
            state,
            CAME + timedelta(days=on),
            until=None if until is None else CAME + timedelta(days=until),
            reasons="Because." if reason else None,
            ground=RefusalGround.UNREASONABLE if reason else None,
        )
        before = held
        try:
            held = requests.decide(held, entry)
        except StepRefused as refused:
            assert refused.why
            continue
        applied.append(entry)
        assert before is None or entry.state in NEXT[before.state]

    assert requests.fold(applied) == held
    if held is not None:
        assert bool(held.obligations()) is (held.state in WAITING)
        assert held.due <= later(held.received_on, requests.TWO_MONTHS)


# On a database


async def due(tx: Connection) -> list[date]:
    rows = await tx.fetch("SELECT due FROM obligation WHERE ended_at IS NULL ORDER BY due")
    return [row["due"] for row in rows]


async def test_a_request_is_followed_from_receipt_to_answer(tx: Connection) -> None:
    stream = Stream()

    first = await take(tx, stream.asked(CAME, S.RECEIVED))
    put_off = await take(
        tx, stream.asked(date(2026, 2, 20), S.EXTENDED, until=date(2026, 3, 30), reasons="Six sites abroad.")
    )
    days = await due(tx)
    answered = await take(tx, stream.asked(date(2026, 3, 27), S.ANSWERED))

    moved = [one for one in (*first, *put_off, *answered) if isinstance(one, InformationRequestMoved)]
    assert [(one.before, one.after, one.due) for one in moved] == [
        (None, S.RECEIVED, date(2026, 2, 23)),
        (S.RECEIVED, S.EXTENDED, date(2026, 3, 30)),
        (S.EXTENDED, S.ANSWERED, date(2026, 3, 30)),
    ]
    assert days == [date(2026, 3, 30)]
    assert await due(tx) == []


async def test_an_extension_warns_anew_of_the_later_day(tx: Connection) -> None:
    stream = Stream()
    await take(tx, stream.asked(CAME, S.RECEIVED))
    await clock(tx, midnight(date(2026, 2, 16)))
    await take(tx, stream.asked(date(2026, 2, 20), S.EXTENDED, until=date(2026, 3, 30), reasons="Six sites abroad."))

    await clock(tx, midnight(date(2026, 3, 23)))
    await clock(tx, midnight(date(2026, 3, 30)))

    found = await published(tx)
    assert [one.due for one in data_of(found, MemberObligationApproaching)] == [date(2026, 2, 23), date(2026, 3, 30)]
    assert [one.due for one in data_of(found, MemberObligationMissed)] == [date(2026, 3, 30)]


async def test_a_step_of_a_request_is_taken_back_and_at_last_the_request_itself(tx: Connection) -> None:
    stream = Stream()
    came, answered = stream.asked(CAME, S.RECEIVED), stream.asked(date(2026, 2, 9), S.ANSWERED)
    await take(tx, came, answered)

    refused = await take(tx, stream.taken_back(date(2026, 2, 10), came))
    back = await take(tx, stream.taken_back(date(2026, 2, 10), answered))
    days = await due(tx)
    gone = await take(tx, stream.taken_back(date(2026, 2, 10), came))

    assert [one.refusals for one in refused if isinstance(one, FollowUpEntryRefused)] == [(Why.RESTED_UPON,)]
    assert [one.after for one in back if isinstance(one, InformationRequestMoved)] == [S.RECEIVED]
    assert days == [date(2026, 2, 23)]
    assert [one.after for one in gone if isinstance(one, InformationRequestMoved)] == [S.WITHDRAWN]
    assert await due(tx) == []
    again = await take(tx, stream.asked(date(2026, 2, 11), S.RECEIVED))
    assert [one.after for one in again if isinstance(one, InformationRequestMoved)] == [S.RECEIVED]
    assert await due(tx) == [date(2026, 3, 4)]


async def owed(tx: Connection) -> list[tuple[date, bool]]:
    rows = await tx.fetch(
        "SELECT due, ended_at IS NULL AS stands FROM obligation WHERE kind = $1 ORDER BY due",
        ObligationKind.ANNUAL_ACCOUNT,
    )
    return [tuple(row) for row in rows]


async def test_a_member_that_becomes_bound_owes_its_first_account_on_30_june_of_the_year_after(tx: Connection) -> None:
    bound = Binding(OSLO, True, noon(date(2026, 2, 2)))

    await accounts.bind(tx, [bound, Binding("bergen", False, bound.at), bound], TERMS)
    await accounts.bind(tx, [Binding(OSLO, True, noon(date(2027, 1, 5)))], TERMS)  # told again: nothing new

    assert await owed(tx) == [(date(2027, 6, 30), True)]


async def test_a_published_account_is_no_longer_due_in_whatever_order_that_is_told(tx: Connection) -> None:
    outcomes = []
    for binds_first in (True, False):
        attempt = tx.transaction()
        await attempt.start()
        bound, stream = [Binding(OSLO, True, noon(date(2026, 2, 2)))], Stream()
        account = stream.published(date(2027, 5, 3), 2026)
        if binds_first:
            await accounts.bind(tx, bound, TERMS)
        await take(tx, account)
        if not binds_first:
            await accounts.bind(tx, bound, TERMS)
        rows = [tuple(row) for row in await tx.fetch("SELECT * FROM obligation")]
        rows += [tuple(row) for row in await tx.fetch("SELECT * FROM account")]
        assert await owed(tx) == [(date(2027, 6, 30), False)]
        outcomes.append(rows)
        await attempt.rollback()

    assert outcomes[0] == outcomes[1]


@pytest.mark.parametrize("binds_first", [True, False])
async def test_that_a_member_is_bound_and_that_it_published_may_be_told_at_the_same_time(
    schema: Schema, binds_first: bool
) -> None:
    bound, account = [Binding(OSLO, True, noon(date(2026, 2, 2)))], Stream().published(date(2027, 5, 3), 2026)
    bind = partial(accounts.bind, changes=bound, terms=TERMS)

    async def publish(tx: Connection) -> None:
        await take(tx, account)

    async def other() -> None:
        async with transaction(schema.pool) as tx:
            await (publish(tx) if binds_first else bind(tx))

    async with transaction(schema.pool) as tx:
        await (bind(tx) if binds_first else publish(tx))
        second = asyncio.create_task(other())
        async with borrow(schema.pool) as watcher:
            await until_one_waits(watcher)
    await second

    async with borrow(schema.pool) as connection:
        assert await owed(connection) == [(date(2027, 6, 30), False)]
        (kept,) = await connection.fetch("SELECT owed, published_on FROM account")
    assert tuple(kept) == (True, date(2027, 5, 3))


async def test_an_account_that_is_taken_back_is_due_again(tx: Connection) -> None:
    stream = Stream()
    await accounts.bind(tx, [Binding(OSLO, True, noon(date(2026, 2, 2)))], TERMS)
    account = stream.published(date(2027, 5, 3), 2026)

    await take(tx, account, stream.taken_back(date(2027, 5, 4), account))

    assert await owed(tx) == [(date(2027, 6, 30), True)]


async def test_each_year_has_its_account_while_the_member_is_bound(tx: Connection) -> None:
    await tx.execute(
        "INSERT INTO participant (member, name, kind, bound_by) VALUES ($1, 'Oslo', 'buyer', '{transparency_act}')",
        OSLO,
    )
    await accounts.bind(tx, [Binding(OSLO, True, noon(date(2026, 2, 2)))], TERMS)

    for day in (date(2027, 6, 1), date(2027, 6, 30), date(2028, 5, 31), date(2028, 6, 30)):
        await clock(tx, midnight(day))
    await tx.execute("UPDATE participant SET bound_by = '{}' WHERE member = $1", OSLO)
    await accounts.bind(tx, [Binding(OSLO, False, noon(date(2028, 7, 5)))], TERMS)
    await clock(tx, midnight(date(2028, 8, 1)))  # no further one is made

    found = await published(tx)
    about = [account_of(OSLO, year) for year in (2026, 2027)]
    assert [(one.due, one.about) for one in data_of(found, MemberObligationMissed)] == [
        (date(2027, 6, 30), about[0]),
        (date(2028, 6, 30), about[1]),
    ]
    assert [one.due for one in data_of(found, MemberObligationApproaching)] == [date(2027, 6, 30), date(2028, 6, 30)]
    assert await owed(tx) == [(date(2027, 6, 30), True), (date(2028, 6, 30), True), (date(2029, 6, 30), False)]
