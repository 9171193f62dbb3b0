"""One reading of a dialogue, as it stood at the end of a period, from which tables are made."""

from functools import cached_property
from uuid import UUID

from services.remedy.domain.engagement.documents.sheet import Cell, Source
from services.remedy.domain.engagement.documents.told import (
    Dialogue,
    Names,
    Period,
    Told,
    newest,
    of_kind,
    spaced,
)
from services.remedy.domain.engagement.standing import APPLIED, Engagement, Stage
from shared.events.engagement_words import Milestone
from shared.events.ingest import ConsultationRecorded, DialogueEntry, DialogueWithdrawn
from shared.events.remedy import EngagementClosed
from shared.events.vocabulary import Category

MILESTONES = {
    Milestone.M0_OBJECTIVE_SET: "M0 objective set",
    Milestone.M1_CONCERN_RAISED: "M1 concern raised",
    Milestone.M2_ISSUE_ACKNOWLEDGED: "M2 issue acknowledged",
    Milestone.M3_CREDIBLE_PLAN: "M3 credible plan",
    Milestone.M4_PLAN_IMPLEMENTED: "M4 plan implemented",
    Milestone.M5_VERIFIED_BY_RIGHTSHOLDERS: "M5 verified by rightsholders",
    Milestone.OTHER: "a later milestone",
}
"""The milestones in a few words, after the practice of investor stewardship (EOS)."""
NOBODY_CONSULTED = "no rightsholder consulted"


class Board:
    """One reading of a dialogue, at the end of a period, from which tables are made."""

    def __init__(self, dialogue: Dialogue, names: Names, period: Period) -> None:
        self.dialogue, self.names, self.period = dialogue, names, period
        self.by_entry: dict[UUID, Source] = {
            one.data.entry: one.source
            for one in dialogue.entries
            if isinstance(one.data, DialogueEntry) and not isinstance(one.data, DialogueWithdrawn)
        }

    def source(self, entry: UUID | None) -> tuple[Source, ...]:
        """The event of an entry as a source."""
        return (self.by_entry[entry],) if entry in self.by_entry else ()

    @cached_property
    def engagements(self) -> list[Engagement]:
        """The engagements that were opened by the end of the period, by supplier and category."""
        begun = [one for one in self.dialogue.engagements.values() if self.stages(one)]
        return sorted(begun, key=lambda one: (self.names.supplier(one.supplier), category_of(one), str(one.id)))

    def stages(self, engagement: Engagement) -> list[Stage]:
        """The stages that it had begun by the end of the period."""
        return [stage for stage in engagement.stages if stage.since <= self.period.last]

    def days(self, stage: Stage, following: Stage | None) -> Cell:
        """Days in a stage, up to the end of the period where it still stood there."""
        until = min(stage.until or self.period.last, self.period.last)
        sources = self.source(stage.entry) + (self.source(following.entry) if following else ())
        return Cell((until - stage.since).days, sources)

    @cached_property
    def closed(self) -> dict[UUID, Told[EngagementClosed]]:
        """The engagements that were closed by the end of the period."""
        found = of_kind(self.dialogue.facts, EngagementClosed)
        return newest([one for one in found if self.period.ended(one)], lambda data: data.engagement)

    @cached_property
    def consultations(self) -> dict[UUID, list[Told[ConsultationRecorded]]]:
        """The consultations that stood at the end of the period, by engagement."""
        found: dict[UUID, list[Told[ConsultationRecorded]]] = {}
        for one in of_kind(self.dialogue.entries, ConsultationRecorded):
            if self.period.ended(one) and one.standing == APPLIED:
                found.setdefault(one.data.engagement, []).append(one)
        return found


def all_consultations(board: Board) -> list[Told[ConsultationRecorded]]:
    """The consultations that stood at the end of the period, in the order in which they were told."""
    return sorted((one for found in board.consultations.values() for one in found), key=lambda one: one.at)


def category_of(engagement: Engagement) -> str:
    """The category of an engagement in words."""
    return spaced(engagement.category or Category.OTHER)
