"""Asks, commitments and their evidence: asked once, answered once, settled by a member and never by the supplier.

Whose word counts: a supplier's evidence alone verifies nothing, as for remedies. What counts as settled is ours.
Each guard yields every reason for which an entry is refused.
"""

from collections.abc import Iterator
from uuid import UUID

from services.remedy.domain.engagement.folding_asks import RUNNING
from services.remedy.domain.engagement.known import Known
from services.remedy.domain.engagement.life import INDEPENDENT, is_held
from services.remedy.domain.engagement.standing import Ask, Engagement, Entry
from shared.events.engagement_words import AskState, Assessment, EntryRefusal, SupplierAnswer
from shared.events.ingest import (
    AskRecorded,
    AsksJoinedRecorded,
    AssessmentRecorded,
    CommitmentRecorded,
    ConsultationRecorded,
    EvidenceRecorded,
    SupplierAnswered,
)

R = EntryRefusal
SETTLED = frozenset({AskState.MET, AskState.PARTLY_MET, AskState.WITHDRAWN})
POSITIVE = frozenset({Assessment.MET, Assessment.PARTLY_MET})
"""What only another's word than the supplier's alone can show."""


def is_settled(ask: Ask) -> bool:
    """Whether an ask takes no more. One whose commitments were all missed may be committed to anew."""
    return ask.state in SETTLED or ask.settled_by is not None


def refuse_ask(engagement: Engagement, entry: Entry, _told: AskRecorded, known: Known) -> Iterator[EntryRefusal]:
    """An ask approaches the company: not on a statement that is no longer told."""
    if is_held(engagement, entry, known):
        yield R.NOTHING_LEFT_TO_GO_ON


def refuse_about(engagement: Engagement, ask: UUID | None, commitment: UUID | None = None) -> Iterator[EntryRefusal]:
    """What an entry names is known and not settled yet; an ask that was joined is answered where it was joined to."""
    if ask is not None:
        root = engagement.root(ask)
        if root is None:
            yield R.ASK_UNKNOWN
        elif is_settled(root):
            yield R.ASK_SETTLED
    if commitment is not None:
        found = engagement.commitments.get(commitment)
        if found is None:
            yield R.COMMITMENT_UNKNOWN
        elif found.state not in RUNNING:
            yield R.COMMITMENT_SETTLED


def refuse_joining(
    engagement: Engagement, _entry: Entry, told: AsksJoinedRecorded, _known: Known
) -> Iterator[EntryRefusal]:
    """All of them are asks that stand for themselves; what was joined before is named by what it was joined to."""
    named = [engagement.asks.get(one) for one in (told.into, *told.asks)]
    if None in named or told.into in told.asks:
        yield R.ASK_UNKNOWN
    if any(one and (is_settled(one) or one.state is AskState.JOINED) for one in named):
        yield R.ASK_SETTLED


def refuse_commitment(
    engagement: Engagement, entry: Entry, told: CommitmentRecorded, known: Known
) -> Iterator[EntryRefusal]:
    """A commitment is to an ask that still stands, or to none; it comes of approaching the company."""
    if is_held(engagement, entry, known):
        yield R.NOTHING_LEFT_TO_GO_ON
    yield from refuse_about(engagement, told.ask)


def refuse_evidence(
    engagement: Engagement, _entry: Entry, told: EvidenceRecorded, _known: Known
) -> Iterator[EntryRefusal]:
    """Evidence is for what still stands, or for the engagement at large."""
    return refuse_about(engagement, told.ask, told.commitment)


def refuse_answer(engagement: Engagement, entry: Entry, told: SupplierAnswered, known: Known) -> Iterator[EntryRefusal]:
    """The supplier answers an ask that still stands; evidence needs a file. Whatever it says verifies nothing."""
    if is_held(engagement, entry, known):
        yield R.NOTHING_LEFT_TO_GO_ON
    yield from refuse_about(engagement, told.ask, told.commitment)
    if told.answer is SupplierAnswer.EVIDENCE_SENT and not told.evidence:
        yield R.EVIDENCE_MISSING


def refuse_assessment(
    engagement: Engagement, _entry: Entry, told: AssessmentRecorded, _known: Known
) -> Iterator[EntryRefusal]:
    """What is found met, even in part, is shown by evidence and rests on another's word than the supplier's alone.

    An ask that has commitments is settled through them.
    """
    if told.found is Assessment.OTHER or (told.commitment is None) == (told.ask is None):
        yield R.NOT_FROM_THIS_STATE
    yield from refuse_about(engagement, told.ask, told.commitment)
    root = engagement.root(told.ask)
    if root is not None and engagement.states_of(root.id):
        yield R.COMMITMENT_OPEN
    if told.found in POSITIVE:
        if told.basis not in INDEPENDENT:
            yield R.SUPPLIER_WORD_ALONE
        if not told.evidence and not was_shown(engagement, told):
            yield R.EVIDENCE_MISSING


def was_shown(engagement: Engagement, told: AssessmentRecorded) -> bool:
    """Whether there is evidence already for the commitment, or the ask, that is assessed."""
    commitment = engagement.commitments.get(told.commitment) if told.commitment else None
    if commitment is not None:
        return bool(commitment.evidence)
    root = engagement.root(told.ask)
    return root is not None and any(
        given.ask is not None and engagement.root(given.ask) == root for given in engagement.evidence
    )


def refuse_consultation(
    engagement: Engagement, _entry: Entry, told: ConsultationRecorded, _known: Known
) -> Iterator[EntryRefusal]:
    """The asks that it changed are asks of this engagement."""
    if any(one not in engagement.asks for one in told.asks):
        yield R.ASK_UNKNOWN
