"""Whatever is reported of an engagement, by whom and in whichever order: no guard is passed by.

What must hold is looked up in the entries that were applied, apart from the fold and its guards.
"""

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from services.remedy.domain.engagement.due import due_of, possible
from services.remedy.domain.engagement.folding import fold
from services.remedy.domain.engagement.rules import decide
from services.remedy.domain.engagement.standing import Commitment, Engagement, StepRefused
from shared.events.engagement_words import (
    AskState,
    Assessment,
    CommitmentState,
    EngagementOutcome,
    EscalationEffect,
    EscalationStep,
    Milestone,
    RightsholderKind,
    SupplierAnswer,
)
from shared.events.ingest import (
    AskRecorded,
    AsksJoinedRecorded,
    AssessmentRecorded,
    CommitmentRecorded,
    ConclusionRecorded,
    ConsultationRecorded,
    DialogueEntry,
    DialogueWithdrawn,
    EscalationEffectRecorded,
    EscalationRecorded,
    EvidenceRecorded,
    MilestoneRecorded,
    OpeningRecorded,
    SupplierAnswered,
)
from shared.events.remedy import AskMoved, CommitmentMoved, EngagementMilestoneReached
from shared.events.vocabulary import GroupRole, SourceClass
from tests.remedy.engagement.dialogues import FILE, Told, day, implemented, opened, planned

STARTS: dict[str, Callable[[], Told]] = {
    "nobody opened it": Told,
    "open": opened,
    "planned": lambda: planned()[0],
    "implemented": implemented,
}
"""Dialogues that have come far already, so that the end is tried as often as the beginning."""
ORDER = list(Milestone)[:6]
LADDER = list(EscalationStep)[:7]
NOT_SUPPLIER = {SourceClass.AUDIT, SourceClass.MEDIA, SourceClass.PUBLIC}
days = st.integers(0, 400).map(day)
files = st.sampled_from([(), (FILE,)])
roles = st.sampled_from([GroupRole.LEAD, GroupRole.LEAD, GroupRole.COLLABORATING, GroupRole.SUPPORTING])
reasons = st.sampled_from([None, "A reason."])

Kind = TypeVar("Kind", bound=DialogueEntry)


def answering(engagement: Engagement, ask: UUID) -> list[Commitment]:
    """The commitments by which an ask is answered, with those to asks that were joined to it; none taken back."""
    standing = [one for one in engagement.commitments.values() if one.state is not CommitmentState.WITHDRAWN]
    return [one for one in standing if (root := engagement.root(one.ask)) and root.id == ask]


class Dialogues(RuleBasedStateMachine):
    """One engagement; each rule reports something that may be legal or not."""

    def __init__(self) -> None:
        super().__init__()
        self.course = Told()

    @initialize(start=st.sampled_from(sorted(STARTS)))
    def begin(self, start: str) -> None:
        self.course = STARTS[start]()

    def report(self, kind: type[DialogueEntry], **said: Any) -> None:
        """Report something. What is refused changes nothing, and says where it stands and what would be legal."""
        entry, before = self.course.entry(kind, **said), self.course.dialogue
        try:
            after, facts = decide(before, entry, self.course.known)
        except StepRefused as refused:
            assert refused.why
            assert refused.standing
            assert refused.legal
            assert all(len(one) <= 100 for one in (refused.standing, *refused.legal))
            return
        self.course.dialogue = after
        self.course.facts += facts
        assert after.entries == (*before.entries, entry)
        assert all(fact.days >= 0 for fact in facts if isinstance(fact, EngagementMilestoneReached))

    def asks(self) -> list[Any]:
        return list(self.course.dialogue.engagement.asks) if self.course.dialogue.engagement else []

    def commitments(self) -> list[Any]:
        return list(self.course.dialogue.engagement.commitments) if self.course.dialogue.engagement else []

    # What may be reported

    @rule(role=roles)
    def open(self, role: GroupRole) -> None:
        self.report(OpeningRecorded, role=role)

    @rule(
        milestone=st.sampled_from(ORDER),
        reached_on=days,
        evidence=files,
        reason=reasons,
        role=roles,
        verified_by=st.sampled_from([None, RightsholderKind.UNION, RightsholderKind.COMMUNITY]),
        data=st.data(),
    )
    def move(self, data: st.DataObject, **said: Any) -> None:
        engagement = self.course.dialogue.engagement
        held: list[Any] = list(engagement.consultations) if engagement else []
        if held and said["evidence"] == ():
            said["consultations"] = (data.draw(st.sampled_from(held)),)
        self.report(MilestoneRecorded, **said)

    @rule()
    def move_on(self) -> None:
        """The next milestone, as a group that goes by the rules would report it."""
        engagement = self.course.dialogue.engagement
        if engagement is None or not engagement.stages or engagement.milestone is ORDER[-1]:
            return
        present = engagement.stages[-1]
        following = ORDER[ORDER.index(present.milestone) + 1]
        said: dict[str, Any] = {"milestone": following, "reached_on": present.since, "evidence": (FILE,)}
        if following is ORDER[-1]:
            held = tuple(engagement.consultations)
            said |= {"evidence": (), "verified_by": RightsholderKind.UNION, "consultations": held}
        self.report(MilestoneRecorded, **said)

    @rule(role=roles, due=st.none() | days)
    def ask(self, **said: Any) -> None:
        self.report(AskRecorded, **said)

    @rule(data=st.data())
    def join(self, data: st.DataObject) -> None:
        if len(asks := self.asks()) > 1:
            into, *others = data.draw(st.lists(st.sampled_from(asks), min_size=2, max_size=3, unique=True))
            self.report(AsksJoinedRecorded, into=into, asks=tuple(others))

    @rule(data=st.data(), due=st.none() | days)
    def commit(self, data: st.DataObject, **said: Any) -> None:
        self.report(CommitmentRecorded, ask=data.draw(st.sampled_from([None, *self.asks()])), **said)

    @rule(data=st.data(), answer=st.sampled_from(list(SupplierAnswer)[:3]), evidence=files)
    def answer(self, data: st.DataObject, **said: Any) -> None:
        if asks := self.asks():
            self.report(SupplierAnswered, ask=data.draw(st.sampled_from(asks)), **said)

    @rule(data=st.data(), basis=st.sampled_from([SourceClass.SUPPLIER, SourceClass.AUDIT]))
    def show(self, data: st.DataObject, **said: Any) -> None:
        self.report(EvidenceRecorded, commitment=data.draw(st.sampled_from([None, *self.commitments()])), **said)

    @rule(
        data=st.data(),
        found=st.sampled_from(list(Assessment)[:3]),
        basis=st.sampled_from([SourceClass.SUPPLIER, SourceClass.AUDIT, SourceClass.OTHER]),
        evidence=files,
        role=roles,
    )
    def assess(self, data: st.DataObject, **said: Any) -> None:
        of_ask = data.draw(st.booleans())
        if named := self.asks() if of_ask else self.commitments():
            about = {"ask" if of_ask else "commitment": data.draw(st.sampled_from(named))}
            self.report(AssessmentRecorded, **about, **said)

    @rule(quarter=st.sampled_from(["2026-Q1", "2026-Q4", "2027-Q2"]), by=st.sampled_from(list(RightsholderKind)[:2]))
    def consult(self, quarter: str, by: RightsholderKind) -> None:
        self.report(ConsultationRecorded, quarter=quarter, rightsholders=by)

    @rule(step=st.sampled_from(LADDER), taken_on=days, cure_until=st.none() | days, role=roles)
    def escalate(self, **said: Any) -> None:
        self.report(EscalationRecorded, **said)

    @rule(data=st.data(), effect=st.sampled_from(list(EscalationEffect)[:5]), observed_on=days)
    def observe(self, data: st.DataObject, **said: Any) -> None:
        engagement = self.course.dialogue.engagement
        if engagement and engagement.escalations:
            step = data.draw(st.sampled_from(engagement.escalations))
            self.report(EscalationEffectRecorded, escalation=step.id, **said)

    @rule(outcome=st.sampled_from(list(EngagementOutcome)[:4]), concluded_on=days, reason=reasons, role=roles)
    def conclude(self, **said: Any) -> None:
        self.report(ConclusionRecorded, **said)

    @rule(data=st.data(), role=roles)
    def take_back(self, data: st.DataObject, role: GroupRole) -> None:
        if entries := self.course.dialogue.entries:
            self.report(DialogueWithdrawn, entry=data.draw(st.sampled_from(entries)).told.entry, role=role)

    # What must hold of the entries that stand

    def standing(self, kind: type[Kind]) -> list[tuple[int, Kind]]:
        """The entries of a kind that were applied and not taken back, with their places."""
        gone = {one.told.entry for one in self.course.dialogue.entries if isinstance(one.told, DialogueWithdrawn)}
        return [
            (place, one.told)
            for place, one in enumerate(self.course.dialogue.entries)
            if isinstance(one.told, kind) and one.told.entry not in gone
        ]

    @invariant()
    def the_fold_of_the_entries_is_the_engagement(self) -> None:
        if self.course.dialogue.entries:
            assert fold(self.course.dialogue.entries) == self.course.dialogue.engagement

    @invariant()
    def no_milestone_without_evidence_and_none_skipped(self) -> None:
        present = 0
        answered = [place for place, _ in self.standing(SupplierAnswered)]
        for place, told in self.standing(MilestoneRecorded):
            number = ORDER.index(told.milestone)
            assert told.role in (GroupRole.LEAD, GroupRole.COLLABORATING)
            assert number <= present + 1
            if number > present:
                by_word = number == 2 and any(one < place for one in answered)
                assert told.evidence or by_word or (number == 5 and told.verified_by and told.consultations)
            else:
                assert number < present
                assert told.reason
            present = number
        engagement = self.course.dialogue.engagement
        if engagement and engagement.stages:
            assert engagement.milestone is ORDER[present]
            assert all(stage.days(day(1000)) >= 0 for stage in engagement.stages)

    @invariant()
    def the_suppliers_word_verifies_nothing(self) -> None:
        engagement = self.course.dialogue.engagement
        if engagement is None:
            return
        found = {told.entry: told for _, told in self.standing(AssessmentRecorded)}
        for promise in engagement.commitments.values():
            if promise.state in (CommitmentState.MET, CommitmentState.PARTLY_MET):
                assert promise.settled_by
                assert found[promise.settled_by].basis in NOT_SUPPLIER
        for ask in engagement.asks.values():
            if ask.state in (AskState.MET, AskState.PARTLY_MET):
                settled = [found[one.settled_by] for one in answering(engagement, ask.id) if one.settled_by]
                settled += [found[ask.settled_by]] if ask.settled_by else []
                assert any(one.basis in NOT_SUPPLIER for one in settled)

    @invariant()
    def what_answers_an_ask_is_counted_as_it_is(self) -> None:
        engagement = self.course.dialogue.engagement
        if engagement is None:
            return
        for ask in engagement.asks:
            assert engagement.states_of(ask) == {one.state for one in answering(engagement, ask)}

    @invariant()
    def no_sanction_before_the_end_of_a_cure_period(self) -> None:
        highest, notice = -1, None
        for _, told in self.standing(EscalationRecorded):
            number = LADDER.index(told.step)
            assert number <= highest + 1
            if number == 4:
                assert told.cure_until
                notice = told
            if number > 4:
                assert notice and notice.cure_until and told.taken_on > notice.cure_until
            highest = max(highest, number)

    @invariant()
    def facts_of_asks_and_commitments_follow_on_each_other(self) -> None:
        last: dict[Any, Any] = {}
        for fact in self.course.facts:
            if isinstance(fact, AskMoved | CommitmentMoved):
                key = fact.ask if isinstance(fact, AskMoved) else fact.commitment
                assert fact.before == last.get(key)
                last[key] = fact.after
        engagement = self.course.dialogue.engagement
        if engagement:
            assert {ask.id: ask.state for ask in engagement.asks.values()}.items() <= last.items()
            assert {one.id: one.state for one in engagement.commitments.values()}.items() <= last.items()

    @invariant()
    def what_is_due_is_of_an_open_engagement_and_could_be_told_to_end(self) -> None:
        engagement = self.course.dialogue.engagement
        if engagement:
            due = list(due_of(engagement, 180))
            assert engagement.is_open or not due
            assert len({one.key for one in due}) == len(due)
            assert {one.key for one in due} <= set(possible(engagement))


TestDialogues = Dialogues.TestCase
TestDialogues.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
