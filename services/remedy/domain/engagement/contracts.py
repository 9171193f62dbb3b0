"""The follow-up of one contract: what its routine makes due, and what entries and the contract's own end change."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from uuid import UUID, uuid5

from services.remedy.domain.engagement import conditions
from services.remedy.domain.engagement.calendar import Contract, Due, RoutineTerms, routine
from services.remedy.domain.engagement.conditions import Condition, Step
from services.remedy.domain.engagement.standing import StepRefused
from shared.events.engagement_words import ConditionState, EntryRefusal
from shared.events.ingest import ConditionReported, ConditionRequested, FollowUpEntry, SelfReportRecorded
from shared.events.remedy.conditions import ConditionFact
from shared.events.vocabulary import ContractEnd

WANTED_BASIS = "As the member set it"
PROMPTLY_BASIS = "A no in the self-report is a breach, to be rectified promptly (DFØ); the days are ours"
NEVER_BOUND = frozenset({ContractEnd.SENT_BY_MISTAKE, ContractEnd.NOT_AWARDED})
"""Ends by which a contract is as if it had never been."""


@dataclass(frozen=True, slots=True)
class FollowUpTerms:
    """What of the settings the follow-up needs. `rectify_days`: within how many days "promptly" ends; ours."""

    routine: RoutineTerms
    rectify_days: int


@dataclass(slots=True)
class FollowUp:
    """A contract as its owner follows it up, with all conditions that ever were, by id; None: it is not known."""

    id: UUID
    contract: Contract | None = None
    conditions: dict[UUID, Condition] = field(default_factory=dict)
    touched: set[UUID] = field(default_factory=set)
    """Conditions that changed since they were read."""
    unheard: set[UUID] = field(default_factory=set)
    """Those of which nobody has asked yet what is due of them now."""

    def keep(self, condition: Condition) -> None:
        """The condition stands like this from now on."""
        self.conditions[condition.id] = condition
        self.touched.add(condition.id)
        self.unheard.add(condition.id)

    def changed(self) -> list[Condition]:
        """Conditions that changed since they were read."""
        return [one for one in self.conditions.values() if one.id in self.touched]

    def unsettled(self) -> list[Condition]:
        """Conditions that changed since this was asked last."""
        found = [one for one in self.conditions.values() if one.id in self.unheard]
        self.unheard.clear()
        return found

    def recorded(self, contract: Contract, told_on: date, terms: FollowUpTerms) -> list[ConditionFact]:
        """The contract is known, or modified: what no longer holds is lifted, what holds now is made.

        Lifted is only what is still to come and nobody took a step with. What comes once is not made again while an
        earlier one of its clause stands.
        """
        self.contract = contract
        wanted = {one.id: one for one in routine(contract, told_on, terms.routine)}
        gone = (one for one in self.coming() if one.made_by is None and one.due >= told_on and one.id not in wanted)
        found = self.lift(gone)
        for one in wanted.values():
            if not self.stands(one):
                found.append(self.make(one, contract.member, told_on))
        return found

    def stands(self, one: Due) -> bool:
        """Whether what the routine wants is there already, or, coming once, was wanted on another day."""
        known = self.conditions.get(one.id)
        if known is not None and not known.lifted:
            return True
        return one.once and any(
            (other.clause, other.basis) == (one.clause, one.basis) and other.made_by is None and not other.lifted
            for other in self.conditions.values()
        )

    def make(self, one: Due, member: str, told_on: date) -> ConditionFact:
        """Make a condition of the routine."""
        made = Condition(
            one.id,
            member,
            self.id,
            one.clause,
            one.wanted,
            one.due,
            one.basis,
            born_on=told_on,
            state=ConditionState.DUE,
            since=told_on,
        )
        self.keep(made)
        return conditions.told_due(made)

    def closed(self, ended_on: date, reason: ContractEnd) -> list[ConditionFact]:
        """The contract no longer binds: what was due only after its end is lifted; all, where it never bound."""
        if self.contract is not None:
            self.contract = replace(self.contract, ended_on=ended_on)
        if reason in NEVER_BOUND:
            return self.lift(one for one in self.conditions.values() if not one.lifted)
        return self.lift(one for one in self.coming() if one.due > ended_on)

    def coming(self) -> list[Condition]:
        """Conditions that stand and that nobody took a step with: as due as they began."""
        return [
            one
            for one in self.conditions.values()
            if not one.lifted and one.is_untouched and one.born is ConditionState.DUE
        ]

    def lift(self, gone: Iterable[Condition]) -> list[ConditionFact]:
        """Lift conditions."""
        found: list[ConditionFact] = []
        for one in list(gone):
            lifted, told = conditions.lift(one)
            self.keep(lifted)
            found.append(told)
        return found

    def decide(self, told: FollowUpEntry, today: date, terms: FollowUpTerms) -> list[ConditionFact]:
        """What follows from an entry that was accepted on this day.

        Raises StepRefused with every reason, where its subject stands, and what would be legal.
        """
        if self.contract is None:
            raise StepRefused((EntryRefusal.CONTRACT_UNKNOWN,), "not known")
        match told:
            case ConditionRequested():
                return self.request(told, today, terms)
            case ConditionReported():
                condition, facts = conditions.step(self.condition(told.condition), told, today)
                self.keep(condition)
                return list(facts)
            case SelfReportRecorded():
                return self.report(told, today, terms)
            case _:
                raise StepRefused((EntryRefusal.OTHER,), "not understood")

    def request(self, told: ConditionRequested, today: date, terms: FollowUpTerms) -> list[ConditionFact]:
        """A member wants something of a clause by a day, while the contract binds."""
        assert self.contract is not None
        clauses, ended = terms.routine.clauses, self.contract.ended_on
        why = [EntryRefusal.CLAUSE_UNKNOWN] if clauses.get(told.clause) is None else []
        why += [EntryRefusal.CONTRACT_ENDED] if ended is not None and told.due > ended else []
        if why:
            stood = f"ended on {ended}" if ended else "binding"
            raise StepRefused(tuple(why), stood, ("a clause of the library, due while the contract binds",))
        made = Condition(
            told.entry,
            told.member,
            self.id,
            told.clause,
            told.wanted,
            told.due,
            WANTED_BASIS,
            born_on=today,
            state=ConditionState.DUE,
            since=today,
            made_by=told.entry,
        )
        self.keep(made)
        return [conditions.told_due(made)]

    def report(self, told: SelfReportRecorded, today: date, terms: FollowUpTerms) -> list[ConditionFact]:
        """A self-report: the condition is submitted, and each no is a breach of the clause of its step (DFØ)."""
        submitted = ConditionReported(
            entry=told.entry,
            member=told.member,
            contract=told.contract,
            condition=told.condition,
            state=ConditionState.SUBMITTED,
            decided_on=told.received_on,
            evidence=told.evidence,
        )
        condition, facts = conditions.step(self.condition(told.condition), submitted, today)
        self.keep(condition)
        found: list[ConditionFact] = list(facts)
        for answer in told.answers:
            clause = terms.routine.clauses.of_step(answer.step)
            if not answer.yes and clause is not None:
                due = told.received_on + timedelta(days=terms.rectify_days)
                made = Condition(
                    uuid5(told.entry, answer.step),
                    told.member,
                    self.id,
                    clause.id,
                    clause.title,
                    due,
                    PROMPTLY_BASIS,
                    born_on=told.received_on,
                    state=ConditionState.BREACH,
                    since=told.received_on,
                    born=ConditionState.BREACH,
                    made_by=told.entry,
                )
                self.keep(made)
                found += breached(made)
        return found

    def condition(self, condition: UUID) -> Condition:
        """The condition with this id. Raises StepRefused CONDITION_UNKNOWN."""
        found = self.conditions.get(condition)
        if found is None:
            raise StepRefused((EntryRefusal.CONDITION_UNKNOWN,), "not known")
        return found

    def withdraw(self, told: FollowUpEntry, today: date) -> list[ConditionFact]:
        """Take back an entry that was applied: what it moved stands as before, what it made is lifted.

        Raises StepRefused RESTED_UPON where a later step rests on it.
        """
        made = [one for one in self.conditions.values() if one.made_by == told.entry and not one.lifted]
        for one in made:
            if not one.is_untouched:
                raise StepRefused(
                    (EntryRefusal.RESTED_UPON,), conditions.standing(one), (f"withdraw {one.steps[-1].entry}",)
                )
        found: list[ConditionFact] = []
        if isinstance(told, ConditionReported | SelfReportRecorded):
            condition, facts = conditions.take_back(self.condition(told.condition), told.entry, today)
            self.keep(condition)
            found += facts
        return found + self.lift(made)


def breached(made: Condition) -> list[ConditionFact]:
    """What is told of a condition that is in breach from the beginning: that it is, and by when it is to be met."""
    before = replace(made, state=ConditionState.DUE)
    return [conditions.told_due(made), conditions.moved(before, made, made.made_by)]


def steps_of(told: FollowUpEntry) -> tuple[UUID, Step] | None:
    """The step that an applied entry took, and with which condition; None where it took none."""
    match told:
        case ConditionReported():
            return told.condition, Step(told.entry, told.state, told.decided_on, told.cure_until)
        case SelfReportRecorded():
            return told.condition, Step(told.entry, ConditionState.SUBMITTED, told.received_on)
        case _:
            return None
