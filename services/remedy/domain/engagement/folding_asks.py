"""The part of the fold that is about asks, commitments and evidence. It changes the engagement that it is given."""

from collections import Counter
from dataclasses import replace
from uuid import UUID

from services.remedy.domain.engagement.standing import Ask, Commitment, Engagement, Entry, Given
from shared.events.engagement_words import AskState, Assessment, CommitmentState, SupplierAnswer
from shared.events.ingest import (
    AskRecorded,
    AsksJoinedRecorded,
    AssessmentRecorded,
    CommitmentRecorded,
    EvidenceRecorded,
    SupplierAnswered,
)
from shared.events.values import Evidence
from shared.events.vocabulary import SourceClass

RUNNING = (CommitmentState.MADE, CommitmentState.EVIDENCE_SUBMITTED)
"""A commitment of which no member has said yet whether it was kept."""
OF_COMMITMENTS = {
    CommitmentState.MET: AskState.MET,
    CommitmentState.PARTLY_MET: AskState.PARTLY_MET,
    CommitmentState.MISSED: AskState.MISSED,
}
"""What an ask is by the best of its settled commitments, the best first."""
FOUND = {
    Assessment.MET: (CommitmentState.MET, AskState.MET),
    Assessment.PARTLY_MET: (CommitmentState.PARTLY_MET, AskState.PARTLY_MET),
    Assessment.MISSED: (CommitmentState.MISSED, AskState.MISSED),
}


def asked(engagement: Engagement, entry: Entry, told: AskRecorded) -> Engagement:
    """The supplier was asked for something."""
    return with_ask(engagement, ask_of(entry, told))


def ask_of(entry: Entry, told: AskRecorded) -> Ask:
    """An ask as it was made."""
    return Ask(
        entry.id,
        told.wording,
        told.category,
        entry.at,
        AskState.OPEN,
        (told.member,) if told.member else (),
        told.instruments,
        told.clause,
        told.sites,
        told.due,
        told.standard,
    )


def joined(engagement: Engagement, _entry: Entry, told: AsksJoinedRecorded) -> Engagement:
    """Several asks are one need: of all who asked, due on the earliest day, as far as the furthest of them."""
    into = engagement.asks[told.into]
    others = [engagement.asks[one] for one in told.asks]
    for other in others:
        with_ask(engagement, replace(other, state=AskState.JOINED, into=into.id))
        promised_to(engagement, into.id).update(engagement.promised.pop(other.id, {}))
    every = [into, *others]
    acknowledged = any(one.state is not AskState.OPEN for one in every)
    united = replace(
        into,
        state=AskState.ACKNOWLEDGED if acknowledged and into.state is AskState.OPEN else into.state,
        askers=tuple(sorted({asker for one in every for asker in one.askers})),
        due=min((one.due for one in every if one.due), default=None),
        joined=(*into.joined, *(one.id for one in others), *(further for one in others for further in one.joined)),
    )
    return answered_by_commitments(with_ask(engagement, united), into.id)


def committed(engagement: Engagement, entry: Entry, told: CommitmentRecorded) -> Engagement:
    """The supplier committed itself, as a member passes it on."""
    return answered_by_commitments(with_commitment(engagement, commitment_of(entry, told)), told.ask)


def commitment_of(entry: Entry, told: CommitmentRecorded) -> Commitment:
    """A commitment as it was passed on."""
    return Commitment(
        entry.id,
        told.wording,
        told.category,
        told.measure,
        entry.at,
        CommitmentState.MADE,
        False,
        told.ask,
        told.responsible,
        told.due,
    )


def answered(engagement: Engagement, entry: Entry, told: SupplierAnswered) -> Engagement:
    """The supplier answers by itself: whatever it says, it has acknowledged the ask; its word settles nothing."""
    engagement.answers.append(entry.id)
    root = engagement.root(told.ask)
    if root is not None and root.state is AskState.OPEN:
        root = replace(root, state=AskState.ACKNOWLEDGED)
        with_ask(engagement, root)
    if told.answer is SupplierAnswer.COMMITTED and root is not None:
        commitment = Commitment(
            entry.id,
            told.wording or root.wording,
            root.category,
            told.measure or "",
            entry.at,
            CommitmentState.MADE,
            True,
            told.ask,
            told.responsible,
            told.due,
            told.evidence,
        )
        return answered_by_commitments(with_commitment(engagement, commitment), told.ask)
    if told.evidence:
        given = Given(entry.id, SourceClass.SUPPLIER, told.evidence, told.ask, told.commitment)
        return with_evidence(engagement, given)
    return engagement


def shown(engagement: Engagement, entry: Entry, told: EvidenceRecorded) -> Engagement:
    """Evidence was given."""
    return with_evidence(engagement, Given(entry.id, told.basis, told.evidence, told.ask, told.commitment))


def assessed(engagement: Engagement, entry: Entry, told: AssessmentRecorded) -> Engagement:
    """A member found whether a commitment was kept, or an ask met."""
    of_commitment, of_ask = FOUND[told.found]
    if told.evidence:
        with_evidence(engagement, Given(entry.id, told.basis, told.evidence, told.ask, told.commitment), submits=False)
    if told.commitment is not None:
        commitment = replace(
            engagement.commitments[told.commitment],
            state=of_commitment,
            settled_by=entry.id,
            settled_on=told.assessed_on,
        )
        return answered_by_commitments(with_commitment(engagement, commitment), commitment.ask)
    root = engagement.root(told.ask)
    return engagement if root is None else with_ask(engagement, replace(root, state=of_ask, settled_by=entry.id))


def taken_back(engagement: Engagement, entry: Entry) -> Engagement:
    """An ask or commitment that was taken back is still shown, as withdrawn; of other entries nothing is left."""
    told = entry.told
    if isinstance(told, AskRecorded):
        return with_ask(engagement, replace(ask_of(entry, told), state=AskState.WITHDRAWN))
    if isinstance(told, CommitmentRecorded):
        return with_commitment(engagement, replace(commitment_of(entry, told), state=CommitmentState.WITHDRAWN))
    return engagement


def with_evidence(engagement: Engagement, given: Given, submits: bool = True) -> Engagement:
    """The engagement with further evidence, which its commitment then has."""
    engagement.evidence.append(given)
    commitment = engagement.commitments.get(given.commitment) if given.commitment else None
    if commitment is None:
        return engagement
    state = CommitmentState.EVIDENCE_SUBMITTED if submits and commitment.state in RUNNING else commitment.state
    files: tuple[Evidence, ...] = (*commitment.evidence, *given.files)
    return with_commitment(engagement, replace(commitment, evidence=files, state=state))


def answered_by_commitments(engagement: Engagement, ask: UUID | None) -> Engagement:
    """The engagement with an ask as its commitments leave it: committed while one runs, else as the best of them."""
    root = engagement.root(ask)
    if root is None or root.settled_by is not None:
        return engagement
    states = engagement.states_of(root.id)
    if states & set(RUNNING):
        return with_ask(engagement, replace(root, state=AskState.COMMITTED))
    best = next((after for state, after in OF_COMMITMENTS.items() if state in states), root.state)
    return with_ask(engagement, replace(root, state=best))


def with_ask(engagement: Engagement, ask: Ask) -> Engagement:
    """The engagement with an ask as it now is."""
    engagement.asks[ask.id] = ask
    return engagement


def with_commitment(engagement: Engagement, commitment: Commitment) -> Engagement:
    """The engagement with a commitment as it now is, counted for the ask that it answers; none that was taken back."""
    before = engagement.commitments.get(commitment.id)
    engagement.commitments[commitment.id] = commitment
    root = engagement.root(commitment.ask)
    if root is not None:
        states = promised_to(engagement, root.id)
        if before is not None:
            states[before.state] -= 1
        if commitment.state is not CommitmentState.WITHDRAWN:
            states[commitment.state] += 1
    return engagement


def promised_to(engagement: Engagement, ask: UUID) -> Counter[CommitmentState]:
    """How many commitments in which state answer an ask, to be counted on."""
    return engagement.promised.setdefault(ask, Counter())
