"""Whether an entry is legal, and what follows from it: the one way in which an engagement changes.

Each member speaks for itself. Those who lead or collaborate open, move, join, assess, escalate and conclude; supporting
members ask, consult, and pass on commitments and evidence (roles of Climate Action 100+; what each may do is ours).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

from services.remedy.domain.engagement import asks, escalation, life
from services.remedy.domain.engagement.folding import apply, fold, step, unopened
from services.remedy.domain.engagement.known import Known
from services.remedy.domain.engagement.legal import legal, standing
from services.remedy.domain.engagement.standing import Engagement, Entry, StepRefused
from services.remedy.domain.engagement.telling import differences
from shared.events import ingest
from shared.events.engagement_words import EngagementState, EntryRefusal
from shared.events.remedy import EngagementFact
from shared.events.vocabulary import GroupRole

R = EntryRefusal
LEADING = frozenset({GroupRole.LEAD, GroupRole.COLLABORATING})
OF_LEADING = (
    ingest.OpeningRecorded,
    ingest.MilestoneRecorded,
    ingest.ConclusionRecorded,
    ingest.AsksJoinedRecorded,
    ingest.AssessmentRecorded,
    ingest.EscalationRecorded,
    ingest.EscalationEffectRecorded,
)
"""What only those do who lead or collaborate."""
Guard = Callable[[Engagement, Entry, Any, Known], Iterator[EntryRefusal]]


def refuse_conclusion(engagement: Engagement, _entry: Entry, told: Any, _known: Known) -> Iterator[EntryRefusal]:
    return life.refuse_conclusion(engagement, told)


GUARDS: Mapping[type[ingest.DialogueEntry], Guard] = {
    ingest.MilestoneRecorded: life.refuse_milestone,
    ingest.ConclusionRecorded: refuse_conclusion,
    ingest.AskRecorded: asks.refuse_ask,
    ingest.AsksJoinedRecorded: asks.refuse_joining,
    ingest.CommitmentRecorded: asks.refuse_commitment,
    ingest.EvidenceRecorded: asks.refuse_evidence,
    ingest.AssessmentRecorded: asks.refuse_assessment,
    ingest.SupplierAnswered: asks.refuse_answer,
    ingest.ConsultationRecorded: asks.refuse_consultation,
    ingest.EscalationRecorded: escalation.refuse_escalation,
    ingest.EscalationEffectRecorded: escalation.refuse_effect,
}


@dataclass(frozen=True, slots=True)
class Dialogue:
    """All entries of an engagement that were applied, in order, and what they come to; None where nobody opened it."""

    entries: tuple[Entry, ...] = ()
    engagement: Engagement | None = None

    @classmethod
    def of(cls, entries: Sequence[Entry], known: Known) -> Self:
        """The dialogue of these entries."""
        return cls(tuple(entries), marked(fold(entries), known) if entries else None)

    def with_entry(self, entry: Entry, known: Known) -> Self:
        """The dialogue with one further entry, which is legal."""
        entries = (*self.entries, entry)
        if isinstance(entry.told, ingest.DialogueWithdrawn):
            return replace(self, entries=entries, engagement=marked(fold(entries), known))
        before = self.engagement or unopened(entry)
        return replace(self, entries=entries, engagement=marked(apply(before, entry), known))


def marked(engagement: Engagement, known: Known) -> Engagement:
    """The engagement, held where it is."""
    return replace(engagement, held=known.held_since(engagement) is not None)


def decide(dialogue: Dialogue, entry: Entry, known: Known) -> tuple[Dialogue, list[EngagementFact]]:
    """The dialogue with an entry, and the facts that follow from it.

    Raises StepRefused with every reason, where the engagement stands, and what would be legal; then nothing changed.
    """
    if why := tuple(dict.fromkeys(refusals(dialogue, entry, known))):
        seen = dialogue.engagement if known.is_own(entry) else None
        raise StepRefused(why, standing(seen), legal(seen, entry, known))
    after = dialogue.with_entry(entry, known)
    return after, differences(dialogue.engagement, after.engagement, entry, known)


def refusals(dialogue: Dialogue, entry: Entry, known: Known) -> Iterator[EntryRefusal]:
    """Every reason for which an entry changes nothing."""
    told, engagement = entry.told, dialogue.engagement
    if not known.is_own(entry):
        yield R.ENGAGEMENT_UNKNOWN  # another group's: it looks as if it were not there
        return
    if isinstance(told, OF_LEADING) and told.role not in LEADING:
        yield R.ROLE_MAY_NOT
    if len(dialogue.entries) >= known.most_entries and not ends(engagement, told):
        yield R.TOO_MANY_ENTRIES
    if isinstance(told, ingest.DialogueWithdrawn):
        yield from refuse_withdrawal(dialogue, told, known)
    elif isinstance(told, ingest.OpeningRecorded):
        yield from life.refuse_opening(engagement, entry, told, known)
    elif engagement is None or engagement.state is EngagementState.PROPOSED:
        yield R.ENGAGEMENT_UNKNOWN
    else:
        if not engagement.is_open:
            yield R.ENGAGEMENT_NOT_OPEN
        guard = GUARDS.get(type(told))
        if guard is None:
            yield R.NOT_FROM_THIS_STATE
        else:
            yield from guard(engagement, entry, told, known)


def ends(engagement: Engagement | None, told: ingest.DialogueEntry) -> bool:
    """Whether an entry leads an engagement to its end: it concludes, takes back, or goes back to a milestone."""
    if isinstance(told, ingest.MilestoneRecorded) and engagement is not None and told.milestone in life.STEPS:
        reached = [one.milestone for one in engagement.stages][-1:]
        return bool(reached) and life.STEPS.index(told.milestone) < life.STEPS.index(reached[0])
    return isinstance(told, ingest.ConclusionRecorded | ingest.DialogueWithdrawn)


def refuse_withdrawal(dialogue: Dialogue, told: ingest.DialogueWithdrawn, known: Known) -> Iterator[EntryRefusal]:
    """An entry is taken back only while nothing rests on it: each that was applied later is legal without it as well.

    Thus an opening while nothing else stands, a milestone while it is the present one, an ask while nobody answered it.
    """
    gone = dialogue.engagement.withdrawn if dialogue.engagement else frozenset()
    stood = [
        one for one in dialogue.entries if one.id not in gone and not isinstance(one.told, ingest.DialogueWithdrawn)
    ]
    place = next((place for place, one in enumerate(stood) if one.id == told.entry), None)
    if place is None:
        yield R.NOT_FROM_THIS_STATE
        return
    without = fold(stood[:place]) if place else None
    for entry in stood[place + 1 :]:
        if any(refusals(Dialogue(engagement=without), entry, known)):
            yield R.RESTED_UPON
            return
        without = step(without or unopened(entry), entry)
