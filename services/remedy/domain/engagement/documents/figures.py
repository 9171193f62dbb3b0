"""The figures of a period, each counted from events alone: what was told in it, by the day on which it was accepted.

A report of a past period therefore says the same whenever it is made, except for what was taken back since.
"""

from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from services.remedy.domain.engagement.documents.sheet import Cell, Table, columns, table
from services.remedy.domain.engagement.documents.told import Dialogue, Period, Told, count, of_kind
from services.remedy.domain.engagement.standing import APPLIED, REFUSED
from shared.events.engagement_words import AskState, CommitmentState
from shared.events.envelope import EventData
from shared.events.ingest import ConsultationRecorded, EvidenceRecorded, PracticeRecorded, SupplierAnswered
from shared.events.remedy import (
    AskMoved,
    CommitmentMoved,
    EngagementClosed,
    EngagementMilestoneReached,
    EngagementOpened,
    EngagementProposalLapsed,
    EngagementProposed,
    EscalationEffectTold,
    EscalationProposed,
    EscalationStepTaken,
    ObligationApproaching,
    ObligationMissed,
)

Reckoning = Callable[[Dialogue, Period], Cell]
Kind = TypeVar("Kind", bound=EventData)


def told(kind: type[Kind], where: Callable[[Kind], bool] = lambda _data: True) -> Reckoning:
    """Counts what `remedy` concluded in the period, of one type."""

    def reckon(dialogue: Dialogue, period: Period) -> Cell:
        return count(one for one in of_kind(dialogue.facts, kind) if period.holds(one) and where(one.data))

    return reckon


def entries(kind: type[Kind]) -> Reckoning:
    """Counts the entries of one type that were accepted in the period and stand."""

    def reckon(dialogue: Dialogue, period: Period) -> Cell:
        found = of_kind(dialogue.entries, kind)
        return count(one for one in found if period.holds(one) and one.standing == APPLIED)

    return reckon


def asks(after: AskState) -> Reckoning:
    """Counts the asks that came to a state."""
    return told(AskMoved, lambda data: data.after is after and data.before is not after)


def commitments(after: CommitmentState) -> Reckoning:
    """Counts the commitments that came to a state."""
    return told(CommitmentMoved, lambda data: data.after is after)


def went_on(data: EngagementMilestoneReached) -> bool:
    """Whether a later milestone was reached."""
    return data.milestone > data.before


def fell_back(data: EngagementMilestoneReached) -> bool:
    """Whether an engagement fell back to an earlier one."""
    return data.milestone < data.before


def openings(dialogue: Dialogue) -> list[Told[EngagementOpened]]:
    """That engagements were opened, each once: one goes on, and is told again, where its conclusion was taken back."""
    first: dict[UUID, Told[EngagementOpened]] = {}
    for one in of_kind(dialogue.facts, EngagementOpened):
        first.setdefault(one.subject, one)
    return list(first.values())


def opened(dialogue: Dialogue, period: Period) -> Cell:
    """How many engagements were opened in the period."""
    return count(one for one in openings(dialogue) if period.holds(one))


def open_at_end(dialogue: Dialogue, period: Period) -> list[Told[EngagementOpened]]:
    """The engagements that were opened by the end of the period and not closed by then."""
    closed = {one.subject for one in of_kind(dialogue.facts, EngagementClosed) if period.ended(one)}
    return [one for one in openings(dialogue) if period.ended(one) and one.subject not in closed]


def consulted(dialogue: Dialogue, period: Period) -> set[UUID]:
    """The engagements with a consultation of rightsholders by the end of the period."""
    found = of_kind(dialogue.entries, ConsultationRecorded)
    return {one.data.engagement for one in found if period.ended(one) and one.standing == APPLIED}


def without_consultation(dialogue: Dialogue, period: Period) -> Cell:
    """How many engagements are open at the end of the period without any rightsholder consulted."""
    heard = consulted(dialogue, period)
    return count(one for one in open_at_end(dialogue, period) if one.subject not in heard)


def refused(dialogue: Dialogue, period: Period) -> Cell:
    """How many entries of the period changed nothing."""
    return count(one for one in dialogue.entries if period.holds(one) and one.standing == REFUSED)


FIGURES: tuple[tuple[str, str, Reckoning], ...] = (
    ("engagements_proposed", "Engagements proposed by the system", told(EngagementProposed)),
    ("proposals_lapsed", "Proposals that lapsed with their reasons", told(EngagementProposalLapsed)),
    ("engagements_opened", "Engagements opened", opened),
    ("milestones_reached", "Milestones reached", told(EngagementMilestoneReached, went_on)),
    ("milestones_lost", "Milestones lost again", told(EngagementMilestoneReached, fell_back)),
    ("engagements_closed", "Engagements closed", told(EngagementClosed)),
    ("engagements_open", "Engagements open at the end", lambda d, p: count(open_at_end(d, p))),
    ("without_consultation", "Of these: no rightsholder consulted", without_consultation),
    ("asks_made", "Asks made", told(AskMoved, lambda data: data.before is None)),
    ("asks_joined", "Asks joined with another", asks(AskState.JOINED)),
    ("asks_met", "Asks met", asks(AskState.MET)),
    ("asks_partly_met", "Asks partly met", asks(AskState.PARTLY_MET)),
    ("asks_missed", "Asks assessed as missed", asks(AskState.MISSED)),
    ("commitments_made", "Commitments made", told(CommitmentMoved, lambda data: data.before is None)),
    ("commitments_met", "Commitments met", commitments(CommitmentState.MET)),
    ("commitments_partly_met", "Commitments partly met", commitments(CommitmentState.PARTLY_MET)),
    ("commitments_missed", "Commitments assessed as missed", commitments(CommitmentState.MISSED)),
    ("evidence_received", "Evidence that members passed on", entries(EvidenceRecorded)),
    ("supplier_answers", "Answers that suppliers gave themselves", entries(SupplierAnswered)),
    ("consultations", "Consultations of rightsholders", entries(ConsultationRecorded)),
    ("escalations_proposed", "Steps of escalation proposed by rule", told(EscalationProposed)),
    ("escalations_taken", "Steps of escalation taken", told(EscalationStepTaken)),
    ("effects_observed", "Effects of escalation observed", told(EscalationEffectTold)),
    ("obligations_approaching", "Warnings that something falls due", told(ObligationApproaching)),
    ("obligations_missed", "Obligations missed", told(ObligationMissed)),
    ("practices", "Good practices recorded", entries(PracticeRecorded)),
    ("entries_refused", "Entries refused by rule", refused),
)  # fmt: skip
"""Every figure of a period: its name, its label, and how it is reckoned."""


def figures_table(dialogue: Dialogue, period: Period, compared: Period | None = None) -> Table:
    """All figures of a period, beside those of the period that it is compared with, if it is."""
    heads = columns(figure="Figure", value=str(period))
    if compared is not None:
        heads += columns(before=str(compared))
    rows = (
        (label, reckon(dialogue, period), *(() if compared is None else (reckon(dialogue, compared),)))
        for _, label, reckon in FIGURES
    )
    return table("figures", "Figures", heads, rows, "No figures.")
