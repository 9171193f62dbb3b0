"""The life of one performance condition of a contract, and what each of its steps needs.

due -> submitted -> verified | deficient -> cure -> breach -> remedied | sanctioned, after the graduated enforcement of
Electronics Watch: its aim is performance, not exit, so that also what was sanctioned can be remedied. Evidence may come
anew while it is deficient or in its cure period. A cure period that is over is a breach by the clock, never before.
The supplier's word submits and no more: who verifies, or finds remedied, names evidence.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from services.remedy.domain.engagement.calendar import day_after
from services.remedy.domain.engagement.obligations import Key, Obligation
from services.remedy.domain.engagement.standing import StepRefused
from shared.events.engagement_words import ConditionState, EntryRefusal, ObligationKind
from shared.events.ingest import ConditionReported
from shared.events.remedy.conditions import ConditionDue, ConditionLifted, ConditionMoved

NEXT: dict[ConditionState, tuple[ConditionState, ...]] = {
    ConditionState.DUE: (ConditionState.SUBMITTED, ConditionState.DEFICIENT),
    ConditionState.SUBMITTED: (ConditionState.VERIFIED, ConditionState.DEFICIENT),
    ConditionState.DEFICIENT: (ConditionState.CURE, ConditionState.SUBMITTED),
    ConditionState.CURE: (ConditionState.SUBMITTED,),
    ConditionState.BREACH: (ConditionState.REMEDIED, ConditionState.SANCTIONED),
    ConditionState.SANCTIONED: (ConditionState.REMEDIED,),
    ConditionState.VERIFIED: (),
    ConditionState.REMEDIED: (),
}
"""Where a member may take a condition from each state. Nothing due that never came is deficient for that reason."""
NEEDS_REASON = frozenset({ConditionState.DEFICIENT, ConditionState.BREACH, ConditionState.SANCTIONED})
NEEDS_EVIDENCE = frozenset({ConditionState.VERIFIED, ConditionState.REMEDIED})
CURE_OVER = "The cure period is over."
"""Why a condition is in breach by the clock."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step that a member took with a condition; `entry` is what it reported."""

    entry: UUID
    state: ConditionState
    on: date
    cure_until: date | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition, for one day on which it is due. `state`, `since`, `cure_until` are as last told.

    It began as `born` on `born_on`: as due, or, after a "no" in a self-report, as a breach. `made_by` is the entry that
    made it; the routine has none. A condition that was lifted is to be met no more.
    """

    id: UUID
    member: str
    contract: UUID
    clause: str
    wanted: str
    due: date
    basis: str
    born_on: date
    state: ConditionState
    since: date
    born: ConditionState = ConditionState.DUE
    cure_until: date | None = None
    made_by: UUID | None = None
    lifted: bool = False
    steps: tuple[Step, ...] = ()

    @property
    def is_untouched(self) -> bool:
        """Whether nobody took a step with it yet."""
        return not self.steps

    def keys(self) -> tuple[Key, ...]:
        """All that can be due of it."""
        return (self.id, ObligationKind.CONDITION), (self.id, ObligationKind.CURE_PERIOD)

    def obligations(self) -> list[Obligation]:
        """What is due of it now: itself until a step is taken, then the end of a cure period until it is settled."""
        if self.lifted or (self.steps and self.steps[-1].state is not ConditionState.CURE):
            return []
        kind, due, basis = ObligationKind.CONDITION, self.due, self.basis
        if self.steps:
            assert self.steps[-1].cure_until is not None, "no step goes to a cure period without its end"
            kind, due, basis = ObligationKind.CURE_PERIOD, self.steps[-1].cure_until, "Cure period given by the member"
        return [Obligation(self.id, kind, self.contract, due, basis, member=self.member, contract=self.contract)]


Changed = tuple[Condition, list[ConditionMoved]]


def lapse(condition: Condition, today: date) -> Changed:
    """The condition as the clock has it: a cure period whose last day is over is a breach, from the day after."""
    if condition.state is not ConditionState.CURE or condition.cure_until is None or today <= condition.cure_until:
        return condition, []
    after = replace(condition, state=ConditionState.BREACH, since=day_after(condition.cure_until), cure_until=None)
    return after, [moved(condition, after, None, CURE_OVER)]


def step(condition: Condition, told: ConditionReported, today: date) -> Changed:
    """Take a step with a condition that a member reported.

    Raises StepRefused with every reason: not from this state, what the step needs and lacks, a day before the last
    step's. `today` is the day on which it was accepted.
    """
    condition, found = lapse(condition, today)
    why = refusals(condition, told)
    if why:
        raise StepRefused(tuple(why), standing(condition), legal(condition))
    taken = Step(told.entry, told.state, told.decided_on, told.cure_until)
    after, facts = add(condition, taken, told.reason)
    return after, found + facts


def refusals(condition: Condition, told: ConditionReported) -> list[EntryRefusal]:
    """Every reason for which a step may not be taken."""
    evidence_lacks = told.state in NEEDS_EVIDENCE and not told.evidence
    reason_lacks = told.state in NEEDS_REASON and told.reason is None
    last = condition.steps[-1].on if condition.steps else None
    cures = told.state is ConditionState.CURE
    checks = (
        (condition.state is told.state and not condition.lifted, EntryRefusal.SAME_STEP),
        (not may_follow(condition, told.state), refusal_of_state(condition, told.state)),
        (evidence_lacks, EntryRefusal.EVIDENCE_MISSING),
        (reason_lacks, EntryRefusal.REASON_MISSING),
        (cures and (told.cure_until is None or told.cure_until <= told.decided_on), EntryRefusal.CURE_PERIOD_MISSING),
        (last is not None and told.decided_on < last, EntryRefusal.DAY_TOO_EARLY),
    )
    return list(dict.fromkeys(why for applies, why in checks if applies))


def may_follow(condition: Condition, state: ConditionState) -> bool:
    """Whether a state may follow, or is the same, which is refused for that reason alone."""
    if condition.lifted:
        return False
    return state is condition.state or state in NEXT.get(condition.state, ())


def refusal_of_state(condition: Condition, state: ConditionState) -> EntryRefusal:
    """Why a state may not follow: a breach waits for the end of the cure period."""
    runs = condition.state is ConditionState.CURE and state is ConditionState.BREACH and not condition.lifted
    return EntryRefusal.CURE_PERIOD_RUNNING if runs else EntryRefusal.NOT_FROM_THIS_STATE


def add(condition: Condition, taken: Step, reason: str | None = None) -> Changed:
    """The condition after a step that is legal, and what is told of it."""
    after = replace(
        condition,
        state=taken.state,
        since=taken.on,
        cure_until=taken.cure_until if taken.state is ConditionState.CURE else None,
        steps=(*condition.steps, taken),
    )
    return after, [moved(condition, after, taken.entry, reason)]


def take_back(condition: Condition, entry: UUID, today: date) -> Changed:
    """Take back the last step of a condition: it stands as before, as the clock has it by now.

    Raises StepRefused RESTED_UPON for an earlier one.
    """
    if not condition.steps or condition.steps[-1].entry != entry:
        legal_now = (f"withdraw {condition.steps[-1].entry}",) if condition.steps else ()
        raise StepRefused((EntryRefusal.RESTED_UPON,), standing(condition), legal_now)
    found = as_folded(condition, condition.steps[:-1])
    found, _ = lapse(found, today)
    return found, [] if found.state is condition.state else [moved(condition, found, entry)]


def as_folded(condition: Condition, steps: Sequence[Step]) -> Condition:
    """The condition with these steps alone, before the clock is looked at."""
    fresh = replace(condition, state=condition.born, since=condition.born_on, cure_until=None, steps=())
    for taken in steps:
        fresh, _ = add(fresh, taken)
    return fresh


def moved(before: Condition, after: Condition, entry: UUID | None, reason: str | None = None) -> ConditionMoved:
    """What is told of a condition that went from one state to another."""
    return ConditionMoved(
        member=after.member,
        condition=after.id,
        contract=after.contract,
        clause=after.clause,
        before=before.state,
        after=after.state,
        entry=entry,
        cure_until=after.cure_until,
        reason=reason,
    )


def told_due(condition: Condition) -> ConditionDue:
    """What is told of a condition that is to come, or is in breach from the beginning."""
    return ConditionDue(
        member=condition.member,
        condition=condition.id,
        contract=condition.contract,
        clause=condition.clause,
        wanted=condition.wanted,
        due=condition.due,
        basis=condition.basis,
    )


def lift(condition: Condition) -> tuple[Condition, ConditionLifted]:
    """The condition that is to be met no more, and what is told of it."""
    told = ConditionLifted(member=condition.member, condition=condition.id, contract=condition.contract)
    return replace(condition, lifted=True), told


def standing(condition: Condition) -> str:
    """Where a condition stands, in words."""
    if condition.lifted:
        return "lifted"
    until = f" until {condition.cure_until}" if condition.cure_until else ""
    return f"{condition.state.value} since {condition.since}{until}"


def legal(condition: Condition) -> tuple[str, ...]:
    """What a member may do with a condition, in words, each with what it needs."""
    if condition.lifted:
        return ()
    needs = {ConditionState.CURE: " with an end of the cure period"}
    needs |= dict.fromkeys(NEEDS_EVIDENCE, " with evidence") | dict.fromkeys(NEEDS_REASON, " with a reason")
    return tuple(one.value + needs.get(one, "") for one in NEXT.get(condition.state, ()))
