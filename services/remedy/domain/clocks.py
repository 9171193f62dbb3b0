"""Clocks: several regimes at once on one case, each a benchmark with source, edition, jurisdiction and a switch."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, TypedDict
from uuid import UUID

from services.remedy.domain.benchmarks import Benchmark, MetBy, Start
from services.remedy.domain.calendar import end_of
from services.remedy.domain.deadlines import Clocks, Deadline, DeadlineKey, key_of
from services.remedy.domain.refusals import require
from shared.events.remedy.cases import (
    CaseErased,
    CaseFact,
    CaseLinked,
    CaseMoved,
    CaseOpened,
    CaseTakenIn,
    DeadlineApproaching,
    DeadlineCancelled,
    DeadlineExtended,
    DeadlineMet,
    DeadlineMissed,
    DeadlineSet,
    EmployerContacted,
    ProtectionPlanned,
    RemedyItemMoved,
    RetaliationChecked,
    RetaliationFollowedUp,
    SafetyAssessed,
    WorkersConsulted,
)
from shared.events.remedy.words import (
    CaseRefusal,
    CaseState,
    DeadlineKind,
    Erased,
    ExtensionReason,
    FindingGrade,
    ItemState,
    LinkKind,
    Party,
)

if TYPE_CHECKING:
    from services.remedy.domain.dossier import Dossier, Moment
    from services.remedy.domain.terms import Terms

__all__ = ["Clocks", "Deadline", "DeadlineKey", "extend", "fire", "follow", "key_of"]

ENDED = frozenset({CaseState.WITHDRAWN, CaseState.CLOSED})
"""States in which what was still to be done no longer applies, but for the checks for retaliation."""
LEFT_UNDONE = ENDED | {CaseState.SUSPENDED_FOR_SAFETY}
"""Who goes to one of these states has not done what the state before was for."""
UNDER_WAY = frozenset(
    {
        ItemState.AGREED,
        ItemState.IN_PROGRESS,
        ItemState.EVIDENCE_SUBMITTED,
        ItemState.VERIFYING,
        ItemState.VERIFIED_INEFFECTIVE,
        ItemState.DISPUTED,
        ItemState.REOPENED,
    }
)
"""Items whose date counts: agreed with the workers, and not yet verified as effective."""
PROTECTIVE = frozenset({DeadlineKind.RESPOND_TO_REPRISAL, DeadlineKind.RETALIATION_CHECK})
"""Deadlines against danger to workers, which go on while the database's clock is not believed."""
RECORD = "retention-record"
IDENTITY = "retention-identity"


class Told(TypedDict):
    """A key as the fields of a fact."""

    deadline: DeadlineKind
    clock: str
    item: UUID | None
    number: int | None


def told(key: DeadlineKey) -> Told:
    """A key as the fields of a fact."""
    return Told(deadline=key.kind, clock=key.clock, item=key.item, number=key.number)


def follow(
    before: "Dossier", after: "Dossier", facts: Sequence[CaseFact], moment: "Moment", terms: "Terms"
) -> list[CaseFact]:
    """What the clocks do when these facts happen: deadlines set, met and cancelled; always in the same order.

    Checks for retaliation (after each contact), the dates of remedy items and retention are deadlines as well.
    Whatever ends a case leaves the checks for retaliation running; only an erased case cannot be checked on.
    """
    following = Following(before, after, moment, terms, after.clocks)
    for fact in facts:
        following.hear(fact)
    following.look_at_plan()
    return following.found


@dataclass(slots=True)
class Following:
    """The consequences of some facts, one after the other; `clocks` is how the deadlines stand with those found."""

    before: "Dossier"
    after: "Dossier"
    moment: "Moment"
    terms: "Terms"
    clocks: Clocks
    found: list[CaseFact] = field(default_factory=list)

    def hear(self, fact: CaseFact) -> None:
        """Conclude from one fact."""
        match fact:
            case CaseOpened():
                self.start(self.terms.benchmarks.started_by(Start.OPENED))
                self.enter(CaseState.RECEIVED)
            case CaseMoved():
                self.move(fact)
            case CaseTakenIn(reprisal=True):
                self.start(self.terms.benchmarks.started_by(Start.REPRISAL), at=self.after.life.opened_at)
            case CaseLinked(kind=LinkKind.REPRISAL):
                self.start(self.terms.benchmarks.started_by(Start.REPRISAL))
            case SafetyAssessed() | ProtectionPlanned() | RetaliationFollowedUp():
                self.meet(one for one in self.clocks.running() if self.is_met_by(one, MetBy.RESPONSE))
            case EmployerContacted():
                self.watch(fact.on)
            case RetaliationChecked():
                self.check(fact)
            case WorkersConsulted():
                self.consult(fact.on)
            case RemedyItemMoved():
                self.follow_item(fact)
            case CaseErased():
                self.erase(fact.what)
            case _:
                pass

    def move(self, fact: CaseMoved) -> None:
        """A state was left, another entered: what the new one meets, what it ends, and its own time."""
        stage = self.clocks.of_stage(fact.before)
        (self.cancel if fact.after in LEFT_UNDONE else self.meet)([stage] if stage else [])
        self.meet(one for one in self.clocks.running() if self.is_met_in(one, fact.after))
        if fact.before is CaseState.CLOSED:
            self.cancel(self.clocks.running(DeadlineKind.RETENTION))
        if fact.after in ENDED:
            self.cancel(one for one in self.clocks.running() if self.ends_with_case(one, fact.after))
        self.enter(fact.after)

    def enter(self, state: CaseState) -> None:
        """The clocks that a state starts."""
        self.start(self.terms.benchmarks.started_in(state))

    def ends_with_case(self, deadline: Deadline, state: CaseState) -> bool:
        """Whether a case that goes to this state needs the deadline no more. Danger does not end with a withdrawal."""
        if deadline.key.kind is DeadlineKind.RETALIATION_CHECK:
            return False
        benchmark = self.terms.benchmarks.get(deadline.key.clock)
        return state is CaseState.CLOSED or not (benchmark and benchmark.protective)

    def watch(self, on: date) -> None:
        """A contact starts a series of checks of its own, counted from its day; a day 0 is due at once."""
        for benchmark in self.terms.benchmarks.started_by(Start.CONTACTED):
            for days in self.terms.check_days:
                key = DeadlineKey(benchmark.kind, f"{benchmark.id} {on}", number=days)
                last = on + timedelta(days=days)
                due = end_of(last, self.terms.zone) if days else self.moment.at
                if key not in self.clocks.deadlines:
                    self.set(key, due, min(due, benchmark.warning(last, self.terms.zone)), benchmark.basis)

    def check(self, fact: RetaliationChecked) -> None:
        """A planned check is also the one that was missed before it, and the one of an earlier contact."""
        if fact.planned is not None:
            planned = fact.planned
            self.meet(one for one in self.clocks.running(DeadlineKind.RETALIATION_CHECK) if one.due <= planned)

    def consult(self, on: date) -> None:
        """The plan's clocks start when the workers have been consulted, never before."""
        if not self.after.plan.agreed:
            urgent = any(item.grade is FindingGrade.PRIORITY for item in self.after.plan.items.values())
            found = self.terms.benchmarks.started_by(Start.CONSULTED)
            self.start((one for one in found if urgent or not one.priority_only), day=on)

    def follow_item(self, fact: RemedyItemMoved) -> None:
        """The date of an item counts from its agreement; another date replaces it. A priority item hurries the plan."""
        known = self.before.plan.items.get(fact.item)
        urgent = fact.grade is FindingGrade.PRIORITY and not (known and known.grade is FindingGrade.PRIORITY)
        if urgent and self.after.plan.consulted_on and not self.after.plan.agreed:
            self.start(one for one in self.terms.benchmarks.started_by(Start.CONSULTED) if one.priority_only)
        for benchmark in self.terms.benchmarks.started_by(Start.ITEM_AGREED):
            self.date_item(benchmark, DeadlineKey(benchmark.kind, benchmark.id, item=fact.item), fact)

    def date_item(self, benchmark: Benchmark, key: DeadlineKey, fact: RemedyItemMoved) -> None:
        """Set, replace, meet or cancel the deadline of one item."""
        now = self.clocks.deadlines.get(key)
        if fact.after in UNDER_WAY and fact.due is not None:
            due = end_of(fact.due, self.terms.zone)
            if now is None or not now.is_running or now.due != due:
                self.set(key, due, benchmark.warning(fact.due, self.terms.zone), benchmark.basis)
        elif now is not None and now.is_running:
            verified = fact.after in (ItemState.VERIFIED_EFFECTIVE, ItemState.CLOSED)
            (self.meet if verified else self.cancel)([now])

    def look_at_plan(self) -> None:
        """A plan that is agreed meets what waits for it."""
        waiting = [one for one in self.clocks.running() if self.is_met_by(one, MetBy.PLAN_AGREED)]
        if waiting and self.after.plan.agreed:
            self.meet(waiting)

    def erase(self, what: Erased) -> None:
        """Keys were destroyed. Without its content nobody knows whom to check on: only the record still has a clock.

        Without the identity alone the place, the plan and the receipt are left, and the checks stay due.
        """
        running = self.clocks.running(DeadlineKind.RETENTION)
        all_words = what is Erased.CONTENT
        self.meet(one for one in running if one.key.clock == IDENTITY or (all_words and one.key.clock != RECORD))
        if all_words:
            self.cancel(one for one in self.clocks.running() if one.key.clock != RECORD)
            self.start(one for one in self.terms.benchmarks.started_in(CaseState.CLOSED) if one.id == RECORD)

    def start(self, benchmarks: Iterable[Benchmark], day: date | None = None, at: datetime | None = None) -> None:
        """Set the deadlines of benchmarks whose clock does not run, from a day or a moment, else from now."""
        for benchmark in benchmarks:
            key, since = DeadlineKey(benchmark.kind, benchmark.id), at or self.moment.at
            if not self.clocks.runs(key):
                due, warn = benchmark.due(day or self.terms.today(since), since, self.terms.zone)
                self.set(key, due, warn, benchmark.basis)

    def set(self, key: DeadlineKey, due: datetime, warn: datetime, basis: str) -> None:
        self.conclude(DeadlineSet(case=self.after.case, **told(key), due=due, warn=warn, basis=basis))

    def meet(self, deadlines: Iterable[Deadline]) -> None:
        for one in list(deadlines):
            in_time = self.moment.at <= one.due
            self.conclude(DeadlineMet(case=self.after.case, **told(one.key), in_time=in_time))

    def cancel(self, deadlines: Iterable[Deadline]) -> None:
        for one in list(deadlines):
            self.conclude(DeadlineCancelled(case=self.after.case, **told(one.key)))

    def conclude(self, fact: CaseFact) -> None:
        self.found.append(fact)
        self.clocks = self.clocks.after(self.moment.at, Party.CLOCK, fact)

    def is_met_by(self, deadline: Deadline, what: MetBy) -> bool:
        benchmark = self.terms.benchmarks.get(deadline.key.clock)
        return benchmark is not None and benchmark.met_by is what

    def is_met_in(self, deadline: Deadline, state: CaseState) -> bool:
        benchmark = self.terms.benchmarks.get(deadline.key.clock)
        return benchmark is not None and state in benchmark.met_in


def extend(
    dossier: "Dossier", moment: "Moment", terms: "Terms", key: DeadlineKey, reason: ExtensionReason
) -> list[CaseFact]:
    """The fact of a deadline put off for a reason, counted from the day on which it was set.

    Raises Refused NOT_EXTENDABLE where its benchmark does not allow it, it was extended before, it does not run, or
    it is past: what was missed stays missed.
    """
    deadline, benchmark = dossier.clocks.deadlines.get(key), terms.benchmarks.get(key.clock)
    allowed = deadline is not None and deadline.is_running and not deadline.extended and moment.at < deadline.due
    until = benchmark.extendable_to if benchmark else None
    require((allowed and until is not None, CaseRefusal.NOT_EXTENDABLE))
    assert deadline is not None
    assert benchmark is not None
    due, warn = benchmark.due(terms.today(deadline.set_at), deadline.set_at, terms.zone, until)
    return [DeadlineExtended(case=dossier.case, **told(key), due=due, warn=warn, reason=reason)]


def fire(dossier: "Dossier", moment: "Moment", kinds: Collection[DeadlineKind] = tuple(DeadlineKind)) -> list[CaseFact]:
    """What is to be told of the deadlines at this moment: each that is near, once, and each that has passed, once.

    Retention is told of before, so that a hold can still be placed; when it has passed, erasing follows elsewhere.
    """
    found: list[CaseFact] = []
    for one in dossier.clocks.running():
        if one.key.kind not in kinds:
            continue
        passed = one.due <= moment.at and one.key.kind is not DeadlineKind.RETENTION
        if passed and not one.missed:
            found.append(DeadlineMissed(case=dossier.case, **told(one.key), due=one.due))
        elif one.warn <= moment.at and not (one.warned or one.missed):
            found.append(DeadlineApproaching(case=dossier.case, **told(one.key), due=one.due))
    return found
