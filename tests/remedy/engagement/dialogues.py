"""A dialogue as the rules carry it, without a database: what was reported, what came of it, and what it now is."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID, uuid5

from services.remedy.domain.engagement.known import Known, Statement
from services.remedy.domain.engagement.rules import Dialogue, decide
from services.remedy.domain.engagement.standing import Engagement, Entry, StepRefused
from shared.events.engagement_words import (
    Assessment,
    EntryRefusal,
    EscalationEffect,
    EscalationStep,
    Milestone,
    RightsholderKind,
    SupplierAnswer,
)
from shared.events.envelope import Classification, Event
from shared.events.ingest import (
    AskRecorded,
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
from shared.events.remedy import EngagementFact
from shared.events.values import Evidence
from shared.events.vocabulary import Category, GroupRole, SourceClass, WithdrawalReason

ENGAGEMENT, SUPPLIER = UUID(int=0xE1), UUID(int=0x51)
FLAG, STATEMENT, VERIFICATION = UUID(int=0xF1), UUID(int=0x57), UUID(int=0x77)
GROUP, MEMBER = "acme", "oslo"
DAY = date(2026, 1, 5)
START = datetime(2026, 1, 5, 9, tzinfo=UTC)
FILE = Evidence(uri="https://example.org/plan.pdf", sha256="a" * 64, media_type="application/pdf")
M = Milestone
STEPS = [M.M0_OBJECTIVE_SET, M.M1_CONCERN_RAISED, M.M2_ISSUE_ACKNOWLEDGED, M.M3_CREDIBLE_PLAN, M.M4_PLAN_IMPLEMENTED]

Fact = TypeVar("Fact", bound=EngagementFact)


def day(number: int) -> date:
    """The day so many days after the opening."""
    return DAY + timedelta(days=number)


def told(kind: type[DialogueEntry], entry: UUID, **said: Any) -> DialogueEntry:
    """An entry by the group's lead, of the one engagement, unless something else is said."""
    common = {"engagement": ENGAGEMENT, "supplier": SUPPLIER, "member": MEMBER, "role": GroupRole.LEAD}
    return kind.model_validate(common | {"entry": entry} | said)


DEFAULTS: dict[type[DialogueEntry], dict[str, Any]] = {
    OpeningRecorded: {
        "objective": "Recruitment fees are repaid.",
        "category": Category.FORCED_LABOUR,
        "decided_on": DAY,
        "flags": (FLAG,),
    },
    ConclusionRecorded: {"concluded_on": day(300), "reason": "The objective was met."},
    AskRecorded: {"wording": "Repay the fees.", "category": Category.FORCED_LABOUR},
    CommitmentRecorded: {
        "wording": "We repay.",
        "category": Category.FORCED_LABOUR,
        "measure": "Receipts of all workers.",
    },
    EvidenceRecorded: {"evidence": (FILE,), "basis": SourceClass.SUPPLIER},
    AssessmentRecorded: {"found": Assessment.MET, "basis": SourceClass.AUDIT, "assessed_on": day(100)},
    SupplierAnswered: {"answer": SupplierAnswer.ACKNOWLEDGED, "member": None, "role": None},
    ConsultationRecorded: {"rightsholders": RightsholderKind.UNION, "quarter": "2026-Q4"},
    EscalationRecorded: {"reason": "No answer.", "taken_on": DAY},
    EscalationEffectRecorded: {"effect": EscalationEffect.NO_ANSWER, "observed_on": day(30)},
    DialogueWithdrawn: {"reason": WithdrawalReason.SENT_BY_MISTAKE},
    MilestoneRecorded: {"evidence": (FILE,)},
}
"""What an entry says where a test says nothing else."""


@dataclass
class Told:
    """A dialogue from its beginning on: entries that were applied, the facts that followed, and refusals."""

    known: Known = field(default_factory=Known)
    dialogue: Dialogue = field(default_factory=Dialogue)
    facts: list[EngagementFact] = field(default_factory=list)
    count: int = 0
    every: list[Entry] = field(default_factory=list)

    @property
    def engagement(self) -> Engagement:
        assert self.dialogue.engagement is not None
        return self.dialogue.engagement

    def entry(self, kind: type[DialogueEntry], **said: Any) -> Entry:
        """The next entry of this kind; an hour after the one before."""
        self.count += 1
        at = said.pop("at", START + timedelta(hours=self.count))
        group = said.pop("group", GROUP)
        id_ = uuid5(ENGAGEMENT, str(self.count))
        data = told(kind, said.pop("entry", id_), **(DEFAULTS.get(kind, {}) | said))
        event = uuid5(id_, "event")
        return Entry(event if kind is DialogueWithdrawn else id_, event, group, at, self.count, data)

    def say(self, kind: type[DialogueEntry], **said: Any) -> UUID:
        """Let an entry be applied; its id. Raises StepRefused where it is not legal."""
        entry = self.entry(kind, **said)
        self.every.append(entry)
        self.dialogue, facts = decide(self.dialogue, entry, self.known)
        self.facts += facts
        return entry.id

    def refusal(self, kind: type[DialogueEntry], **said: Any) -> StepRefused:
        """Let an entry be refused: it changes nothing."""
        entry, before = self.entry(kind, **said), self.dialogue
        self.every.append(entry)
        try:
            self.dialogue, _ = decide(before, entry, self.known)
        except StepRefused as refused:
            assert self.dialogue is before
            return refused
        raise AssertionError("the entry was applied")

    def why(self, kind: type[DialogueEntry], **said: Any) -> set[EntryRefusal]:
        """Why an entry is refused."""
        return set(self.refusal(kind, **said).why)

    def open(self, **said: Any) -> "Told":
        self.say(OpeningRecorded, **said)
        return self

    def reach(self, milestone: Milestone, number: int, **said: Any) -> UUID:
        """Report a milestone, so many days after the opening."""
        return self.say(MilestoneRecorded, milestone=milestone, reached_on=day(number), **said)

    def told_of(self, kind: type[Fact]) -> list[Fact]:
        """The facts of one type."""
        return [fact for fact in self.facts if isinstance(fact, kind)]


def opened(known: Known | None = None, **said: Any) -> Told:
    """An open engagement."""
    return Told(known or Known()).open(**said)


def planned() -> tuple[Told, UUID, UUID]:
    """An engagement at M3, with one ask that was committed to by day 100; ids of ask and commitment."""
    course = opened()
    course.reach(M.M1_CONCERN_RAISED, 10)
    ask = course.say(AskRecorded, due=day(60))
    course.reach(M.M2_ISSUE_ACKNOWLEDGED, 20)
    promise = course.say(CommitmentRecorded, ask=ask, due=day(100))
    course.reach(M.M3_CREDIBLE_PLAN, 30)
    return course, ask, promise


def implemented() -> Told:
    """An engagement at M4: its commitment was found met by an audit."""
    course, _, promise = planned()
    course.say(AssessmentRecorded, commitment=promise, evidence=(FILE,))
    course.reach(M.M4_PLAN_IMPLEMENTED, 110)
    return course


def statement(
    *, cleared: bool = True, since: datetime = START - timedelta(days=30), ended_at: datetime | None = None
) -> Statement:
    """A statement that a case handler released of testimony about the supplier."""
    return Statement(STATEMENT, SUPPLIER, cleared, since, ended_at)


def knowing(one: Statement) -> Known:
    """What is known where that statement was released."""
    return Known(statements={one.id: one})


def as_event(entry: Entry) -> Event:
    """The event by which `ingest` passed an entry on."""
    return Event(
        id=entry.event,
        source="/engage/ingest",
        type=entry.told.type,
        subject=str(entry.told.engagement),
        time=entry.at,
        classification=Classification.GROUP,
        data=entry.told,
        recordedtime=entry.at,
        sequence=entry.place,
        workinggroup=entry.workinggroup,
    )


def of_engagement(entries: Sequence[Entry], engagement: UUID) -> list[Entry]:
    """The same entries, of another engagement: every id that they name becomes another."""
    return [transposed(entry, engagement) for entry in entries]


def transposed(entry: Entry, engagement: UUID) -> Entry:
    """An entry with ids of its own for another engagement."""

    def other(one: Any) -> Any:
        if isinstance(one, UUID):
            return one if one in (SUPPLIER, FLAG, STATEMENT, VERIFICATION) else uuid5(engagement, str(one))
        return tuple(map(other, one)) if isinstance(one, tuple) else one

    said = {name: other(getattr(entry.told, name)) for name in type(entry.told).model_fields}
    data = type(entry.told).model_validate(said | {"engagement": engagement})
    return replace(entry, id=other(entry.id), event=other(entry.event), told=data)


UP_TO_NOTICE = [
    EscalationStep.INFORMAL,
    EscalationStep.FORMAL_LETTER,
    EscalationStep.JOINT_LETTER,
    EscalationStep.CONTRACT_MEETING,
]
"""The steps of the ladder before a notice."""
