"""The life of the performance conditions of a contract: the rules, and the handler on a real database."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import settings as settings_of_hypothesis
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from services.remedy.domain.engagement import conditions
from services.remedy.domain.engagement.calendar import condition_of
from services.remedy.domain.engagement.conditions import NEXT, Condition
from services.remedy.domain.engagement.standing import StepRefused
from shared.events.engagement_words import ConditionState as S
from shared.events.engagement_words import EntryRefusal as Why
from shared.events.engagement_words import ObligationKind
from shared.events.ingest import ConditionReported
from shared.events.remedy.conditions import (
    ConditionDue,
    ConditionLifted,
    ConditionMoved,
    FollowUpEntryRefused,
)
from shared.events.values import Evidence
from shared.events.vocabulary import ContractEnd, DueDiligenceStep
from shared.postgres import Connection
from tests.remedy.engagement.contracted import (
    BERGEN,
    CONTRACT,
    DFO,
    EVIDENCE,
    OSLO,
    STARTS,
    Stream,
    take,
)
from tests.remedy.given import HANDLERS, data_of, handle, published

REPORT = condition_of(CONTRACT, "dfo-2", date(2026, 4, 13))
YEARLY = condition_of(CONTRACT, "dfo-2", date(2027, 3, 2))
DAY = date(2026, 4, 1)


# The rules


def condition(state: S = S.DUE, *, on: date = DAY, cure_until: date | None = None) -> Condition:
    """A condition that came to a state by one step on a day."""
    fresh = Condition(REPORT, OSLO, CONTRACT, "dfo-2", "The report", date(2026, 4, 13), "basis", STARTS, S.DUE, STARTS)
    if state is S.DUE:
        return fresh
    found, _ = conditions.add(fresh, conditions.Step(uuid4(), state, on, cure_until))
    return found


def reported(
    state: S,
    *,
    on: date = DAY,
    reason: str | None = "Because.",
    cure_until: date | None = None,
    evidence: tuple[Evidence, ...] = (EVIDENCE,),
) -> ConditionReported:
    return ConditionReported(
        entry=uuid4(),
        member=OSLO,
        contract=CONTRACT,
        condition=REPORT,
        state=state,
        decided_on=on,
        reason=reason,
        cure_until=cure_until or (on + timedelta(days=30) if state is S.CURE else None),
        evidence=evidence,
    )


STATES = tuple(state for state in S if state is not S.OTHER)


@pytest.mark.parametrize("before", STATES)
@pytest.mark.parametrize("after", STATES)
def test_a_condition_goes_only_where_its_life_leads(before: S, after: S) -> None:
    held = condition(before, cure_until=date(2026, 5, 1) if before is S.CURE else None)

    try:
        found, _ = conditions.step(held, reported(after), DAY)
    except StepRefused as refused:
        assert after not in NEXT[before]
        assert refused.standing.startswith(before.value)
        assert [one.split(" ")[0] for one in refused.legal] == [one.value for one in NEXT[before]]
    else:
        assert after in NEXT[before]
        assert found.state is after


@pytest.mark.parametrize(
    ("before", "told", "why"),
    [
        (S.SUBMITTED, reported(S.VERIFIED, evidence=()), Why.EVIDENCE_MISSING),  # the supplier's word verifies nothing
        (S.BREACH, reported(S.REMEDIED, evidence=()), Why.EVIDENCE_MISSING),
        (S.SUBMITTED, reported(S.DEFICIENT, reason=None), Why.REASON_MISSING),
        (S.BREACH, reported(S.SANCTIONED, reason=None), Why.REASON_MISSING),
        (S.DEFICIENT, reported(S.CURE).model_copy(update={"cure_until": None}), Why.CURE_PERIOD_MISSING),
        (S.DEFICIENT, reported(S.CURE, cure_until=DAY), Why.CURE_PERIOD_MISSING),
        (S.CURE, reported(S.BREACH), Why.CURE_PERIOD_RUNNING),
        (S.SUBMITTED, reported(S.VERIFIED, on=date(2026, 3, 31)), Why.DAY_TOO_EARLY),
        (S.SUBMITTED, reported(S.SUBMITTED), Why.SAME_STEP),
        (S.DUE, reported(S.VERIFIED), Why.NOT_FROM_THIS_STATE),
    ],
)
def test_each_step_needs_what_the_rules_name(before: S, told: ConditionReported, why: Why) -> None:
    held = condition(before, cure_until=date(2026, 5, 1) if before is S.CURE else None)

    with pytest.raises(StepRefused) as refused:
        conditions.step(held, told, DAY)

    assert refused.value.why == (why,)


def test_every_reason_is_told_at_once() -> None:
    told = reported(S.SANCTIONED, on=date(2026, 3, 1), reason=None)

    with pytest.raises(StepRefused) as refused:
        conditions.step(condition(S.SUBMITTED), told, DAY)

    assert refused.value.why == (Why.NOT_FROM_THIS_STATE, Why.REASON_MISSING, Why.DAY_TOO_EARLY)


def test_a_cure_period_is_over_with_its_last_day_and_not_before() -> None:
    held = condition(S.CURE, cure_until=date(2026, 5, 1))

    assert conditions.lapse(held, date(2026, 5, 1)) == (held, [])
    over, told = conditions.lapse(held, date(2026, 5, 2))
    assert (over.state, over.since) == (S.BREACH, date(2026, 5, 2))
    assert [(one.before, one.after, one.entry) for one in told] == [(S.CURE, S.BREACH, None)]


class Life(RuleBasedStateMachine):
    """A condition under any reports, withdrawals and any passing of time."""

    def __init__(self) -> None:
        super().__init__()
        self.today = DAY
        self.held = condition()
        self.evidenced: set[UUID] = set()
        self.states: list[S] = [S.DUE]

    @rule(
        state=st.sampled_from(STATES),
        evidence=st.booleans(),
        reason=st.booleans(),
        cure=st.none() | st.integers(-3, 40),
        back=st.integers(0, 5),
    )
    def report(self, state: S, evidence: bool, reason: bool, cure: int | None, back: int) -> None:
        told = ConditionReported(
            entry=uuid4(),
            member=OSLO,
            contract=CONTRACT,
            condition=REPORT,
            state=state,
            decided_on=self.today - timedelta(days=back),
            reason="Because." if reason else None,
            cure_until=None if cure is None else self.today + timedelta(days=cure),
            evidence=(EVIDENCE,) if evidence else (),
        )
        if evidence:
            self.evidenced.add(told.entry)
        try:
            after, _ = conditions.step(self.held, told, self.today)
        except StepRefused as refused:
            assert refused.why
            assert refused.standing
        else:
            assert after.state is state
            self.held = after

    @rule()
    def take_back_the_last(self) -> None:
        if self.held.steps:
            self.held, _ = conditions.take_back(self.held, self.held.steps[-1].entry, self.today)

    @rule()
    def take_back_an_earlier_one(self) -> None:
        if len(self.held.steps) > 1:
            before = self.held
            with pytest.raises(StepRefused):
                conditions.take_back(self.held, self.held.steps[0].entry, self.today)
            assert self.held == before

    @rule(days=st.integers(1, 45))
    def time_passes(self, days: int) -> None:
        self.today += timedelta(days=days)
        self.held, _ = conditions.lapse(self.held, self.today)

    @invariant()
    def nothing_is_verified_or_remedied_without_evidence(self) -> None:
        assert all(one.entry in self.evidenced for one in self.held.steps if one.state in (S.VERIFIED, S.REMEDIED))

    @invariant()
    def no_breach_before_a_cure_period_is_over(self) -> None:
        if self.held.state is S.BREACH:
            last = self.held.steps[-1]
            assert last.state is S.CURE
            assert last.cure_until is not None
            assert self.held.since == last.cure_until + timedelta(days=1) <= self.today

    @invariant()
    def it_is_the_sum_of_its_steps(self) -> None:
        folded, _ = conditions.lapse(conditions.as_folded(self.held, self.held.steps), self.today)
        assert conditions.lapse(self.held, self.today)[0] == folded

    @invariant()
    def what_is_due_is_the_report_or_the_cure_and_nothing_else(self) -> None:
        due = {
            S.DUE: ObligationKind.CONDITION,
            S.CURE: ObligationKind.CURE_PERIOD,
            S.BREACH: ObligationKind.CURE_PERIOD,
        }
        assert [one.kind for one in self.held.obligations()] == [due[one] for one in (self.held.state,) if one in due]


TestLife = Life.TestCase
TestLife.settings = settings_of_hypothesis(max_examples=60, stateful_step_count=25, deadline=None)


# On a database


async def rows(tx: Connection) -> dict[UUID, tuple[str, bool]]:
    found = await tx.fetch("SELECT condition, state, lifted FROM condition")
    return {row["condition"]: (row["state"], row["lifted"]) for row in found}


async def running(tx: Connection) -> dict[UUID, date]:
    """What stands due, by what it is about."""
    found = await tx.fetch("SELECT about, due FROM obligation WHERE ended_at IS NULL")
    return {row["about"]: row["due"] for row in found}


async def test_a_contract_makes_its_routine_due_once_and_tells_its_owner_alone(tx: Connection) -> None:
    stream = Stream()

    told = await take(tx, stream.contract(), stream.contract(reader=BERGEN, end_users=(BERGEN,)), stream.contract())

    assert {one.condition: one.due for one in told if isinstance(one, ConditionDue)} == {
        REPORT: date(2026, 4, 13),
        YEARLY: date(2027, 3, 2),
    }
    assert len(told) == 2
    assert await running(tx) == {REPORT: date(2026, 4, 13), YEARLY: date(2027, 3, 2)}
    assert {topic for topic, _ in await published(tx)} == {"member.oslo.condition"}


async def test_a_contract_that_starts_later_is_followed_up_later(tx: Connection) -> None:
    stream = Stream()
    await take(tx, stream.contract())

    told = await take(tx, stream.contract(date(2026, 3, 10), starts=date(2026, 6, 1)))

    moved = condition_of(CONTRACT, "dfo-2", date(2026, 7, 13))
    assert [one.condition for one in told if isinstance(one, ConditionLifted)] == [REPORT, YEARLY]
    assert moved in [one.condition for one in told if isinstance(one, ConditionDue)]
    assert await running(tx) == {
        moved: date(2026, 7, 13),
        condition_of(CONTRACT, "dfo-2", date(2027, 6, 1)): date(2027, 6, 1),
    }


async def test_a_report_that_came_is_not_asked_for_again_when_the_contract_is_modified(tx: Connection) -> None:
    stream = Stream()
    await take(tx, stream.contract(), stream.step(date(2026, 3, 20), REPORT, S.SUBMITTED))

    await take(tx, stream.contract(date(2026, 3, 25), starts=date(2026, 3, 9)))

    assert (await rows(tx))[REPORT] == ("submitted", False)
    assert await running(tx) == {condition_of(CONTRACT, "dfo-2", date(2027, 3, 9)): date(2027, 3, 9)}


async def test_what_was_lifted_is_due_again_when_the_contract_is_as_before(tx: Connection) -> None:
    stream = Stream()
    await take(tx, stream.contract(), stream.contract(date(2026, 3, 5), starts=date(2026, 3, 9)))

    await take(tx, stream.contract(date(2026, 3, 6)))

    assert await running(tx) == {REPORT: date(2026, 4, 13), YEARLY: date(2027, 3, 2)}


async def test_the_end_of_a_contract_lifts_what_was_due_after_it_and_leaves_what_was_due_before(
    tx: Connection,
) -> None:
    stream = Stream()
    await take(tx, stream.contract())

    told = await take(tx, stream.closed(date(2026, 5, 2), date(2026, 5, 1)))

    assert [one.condition for one in told if isinstance(one, ConditionLifted)] == [YEARLY]
    assert await running(tx) == {REPORT: date(2026, 4, 13)}


async def test_a_contract_sent_by_mistake_never_bound_anybody(tx: Connection) -> None:
    stream = Stream()
    await take(tx, stream.contract())

    await take(tx, stream.closed(date(2026, 5, 2), date(2026, 5, 1), ContractEnd.SENT_BY_MISTAKE))

    assert await running(tx) == {}
    assert all(lifted for _, lifted in (await rows(tx)).values())


async def test_an_entry_is_applied_and_told_to_the_member(tx: Connection) -> None:
    stream = Stream()
    submitted = stream.step(date(2026, 4, 10), REPORT, S.SUBMITTED)

    told = await take(tx, stream.contract(), submitted)

    (moved,) = [one for one in told if isinstance(one, ConditionMoved)]
    assert (moved.before, moved.after, moved.clause) == (S.DUE, S.SUBMITTED, "dfo-2")
    assert REPORT not in await running(tx)
    (event,) = [event for _, event in await published(tx) if isinstance(event.data, ConditionMoved)]
    assert (event.causationid, event.member) == (str(submitted.id), OSLO)


async def test_a_refused_entry_changes_nothing_and_the_member_is_told_why_and_what_would_be_legal(
    tx: Connection,
) -> None:
    stream = Stream()
    await take(tx, stream.contract())
    before = await rows(tx), await running(tx)

    wrong = stream.step(date(2026, 4, 10), REPORT, S.VERIFIED)
    told = await take(tx, wrong, stream.step(date(2026, 4, 11), REPORT, S.SUBMITTED))

    (refused,) = [one for one in told if isinstance(one, FollowUpEntryRefused)]
    assert refused.refusals == (Why.NOT_FROM_THIS_STATE, Why.EVIDENCE_MISSING)
    assert refused.standing == "due since 2026-03-02"
    assert refused.legal == ("submitted", "deficient with a reason")
    kept = await tx.fetchrow("SELECT * FROM follow_up_entry WHERE event = $1", wrong.id)
    assert kept is not None
    assert (kept["standing"], kept["refusals"]) == ("refused", ["not_from_this_state", "evidence_missing"])
    assert (await rows(tx))[REPORT] == ("submitted", False)  # nothing waits behind it
    assert before[0][REPORT] == ("due", False)


@pytest.mark.parametrize("owner", [OSLO, BERGEN])
async def test_only_the_owner_of_a_contract_follows_it_up(tx: Connection, owner: str) -> None:
    stream = Stream()
    told = await take(
        tx,
        stream.contract(reader=BERGEN),
        stream.contract(),
        stream.step(date(2026, 4, 10), REPORT, S.SUBMITTED, member=owner),
    )

    refused = [one.refusals for one in told if isinstance(one, FollowUpEntryRefused)]
    assert refused == ([] if owner == OSLO else [(Why.CONTRACT_UNKNOWN,)])


async def test_each_no_in_a_self_report_is_a_breach_of_the_clause_of_its_step(tx: Connection) -> None:
    stream = Stream()

    told = await take(
        tx,
        stream.contract(),
        stream.self_report(date(2026, 4, 10), REPORT, DueDiligenceStep.IDENTIFY, DueDiligenceStep.REMEDIATE),
    )

    moved = [(one.clause, one.after) for one in told if isinstance(one, ConditionMoved)]
    assert moved == [("dfo-2", S.SUBMITTED), ("dfo-2.2", S.BREACH), ("dfo-2.6", S.BREACH)]
    promptly = [one.due for one in told if isinstance(one, ConditionDue) and one.clause.startswith("dfo-2.")]
    assert promptly == [date(2026, 4, 24)] * 2
    breaches = [row["condition"] for row in await tx.fetch("SELECT condition FROM condition WHERE state = 'breach'")]
    more = await take(tx, stream.step(date(2026, 4, 20), breaches[0], S.REMEDIED, evidence=[EVIDENCE]))
    assert [one.after for one in more if isinstance(one, ConditionMoved)] == [S.REMEDIED]
    assert breaches[0] not in await running(tx)


async def test_a_self_report_that_is_taken_back_leaves_no_breach(tx: Connection) -> None:
    stream = Stream()
    report = stream.self_report(date(2026, 4, 10), REPORT, DueDiligenceStep.IDENTIFY)
    await take(tx, stream.contract(), report)

    await take(tx, stream.taken_back(date(2026, 4, 11), report))

    assert sorted((await rows(tx)).values()) == [("breach", True), ("due", False), ("due", False)]
    assert (await running(tx))[REPORT] == date(2026, 4, 13)


async def test_an_entry_on_which_a_later_one_rests_is_not_taken_back(tx: Connection) -> None:
    stream = Stream()
    first = stream.step(date(2026, 4, 10), REPORT, S.SUBMITTED)
    second = stream.step(date(2026, 4, 12), REPORT, S.VERIFIED, evidence=[EVIDENCE])
    await take(tx, stream.contract(), first, second)

    told = await take(tx, stream.taken_back(date(2026, 4, 13), first))

    (refused,) = [one for one in told if isinstance(one, FollowUpEntryRefused)]
    assert refused.refusals == (Why.RESTED_UPON,)
    assert (await rows(tx))[REPORT] == ("verified", False)
    again = await take(tx, stream.taken_back(date(2026, 4, 13), second), stream.taken_back(date(2026, 4, 13), first))
    assert [one.after for one in again if isinstance(one, ConditionMoved)] == [S.SUBMITTED, S.DUE]
    assert (await running(tx))[REPORT] == date(2026, 4, 13)


async def test_a_member_wants_something_of_a_clause_by_a_day_of_its_own(tx: Connection) -> None:
    stream = Stream()
    wanted = stream.wanted(date(2026, 4, 1), date(2026, 5, 4))
    unknown = stream.wanted(date(2026, 4, 1), date(2026, 5, 4), clause="no-such-clause")

    told = await take(tx, stream.contract(), wanted, unknown)

    assert [one.clause for one in told if isinstance(one, ConditionDue)] == ["dfo-2", "dfo-2", "ew-access"]
    assert [one.refusals for one in told if isinstance(one, FollowUpEntryRefused)] == [(Why.CLAUSE_UNKNOWN,)]
    await take(tx, stream.taken_back(date(2026, 4, 2), wanted))
    assert set(await running(tx)) == {REPORT, YEARLY}


async def test_nothing_more_is_wanted_after_the_end_of_a_contract(tx: Connection) -> None:
    stream = Stream()

    told = await take(
        tx,
        stream.contract(),
        stream.closed(date(2026, 4, 1), date(2026, 4, 1)),
        stream.wanted(date(2026, 4, 2), date(2026, 5, 4)),
    )

    assert [one.refusals for one in told if isinstance(one, FollowUpEntryRefused)] == [(Why.CONTRACT_ENDED,)]


async def test_a_batch_gives_the_same_rows_as_its_events_one_by_one(tx: Connection) -> None:
    stream = Stream()
    events = [
        stream.contract(),
        stream.self_report(date(2026, 4, 10), REPORT, DueDiligenceStep.TRACK),
        stream.step(date(2026, 4, 12), REPORT, S.DEFICIENT, reason="Half of it is missing."),
        stream.step(date(2026, 4, 13), REPORT, S.CURE, cure_until=date(2026, 5, 1)),
        stream.step(date(2026, 4, 14), REPORT, S.VERIFIED),
        stream.step(date(2026, 5, 20), REPORT, S.REMEDIED, evidence=[EVIDENCE]),
        stream.contract(date(2026, 5, 21), ends=date(2027, 1, 1)),
    ]
    outcomes = []
    for sizes in ([7], [1] * 7, [3, 4], [2, 5]):
        attempt = tx.transaction()
        await attempt.start()
        place, ids = 0, []
        for size in sizes:
            found = await handle(HANDLERS["follow_contracts"], tx, *events[place : place + size])
            ids += [one.id for one in found]
            place += size
        tables = [
            [tuple(row) for row in await tx.fetch(f"SELECT * FROM {table} ORDER BY 1, 2")]
            for table in ("contract", "condition", "obligation", "follow_up_entry")
        ]
        outcomes.append((ids, tables))
        await attempt.rollback()

    assert all(one == outcomes[0] for one in outcomes)
    assert len(outcomes[0][0]) == len(set(outcomes[0][0]))


async def test_a_cure_period_that_was_over_when_an_entry_came_is_a_breach_for_that_entry(tx: Connection) -> None:
    stream = Stream()
    await take(
        tx,
        stream.contract(),
        stream.step(date(2026, 4, 14), REPORT, S.DEFICIENT, reason="Nothing came."),
        stream.step(date(2026, 4, 14), REPORT, S.CURE, cure_until=date(2026, 5, 1)),
    )

    late = await take(tx, stream.step(date(2026, 5, 2), REPORT, S.SUBMITTED))
    told = await take(tx, stream.step(date(2026, 5, 3), REPORT, S.REMEDIED, evidence=[EVIDENCE]))

    assert [one.refusals for one in late if isinstance(one, FollowUpEntryRefused)] == [(Why.NOT_FROM_THIS_STATE,)]
    assert [(one.before, one.after) for one in told if isinstance(one, ConditionMoved)] == [
        (S.CURE, S.BREACH),
        (S.BREACH, S.REMEDIED),
    ]


async def test_conditions_of_a_contract_with_dfo_terms_name_their_rule(tx: Connection) -> None:
    told = await take(tx, Stream().contract(conditions=DFO))

    assert all("DFØ" in one.basis or "ours" in one.basis for one in told if isinstance(one, ConditionDue))
    assert replace(condition(), lifted=True).obligations() == []
    assert data_of(await published(tx), ConditionDue)
