"""Engagements, on `group.<id>.engagement`: what a working group asks of a supplier. Subject: the engagement."""

from typing import ClassVar
from uuid import UUID

from shared.events.envelope import Classification, EventData
from shared.events.lifecycles import EngagementOutcome, Milestone
from shared.events.values import Name, Sentence, Slug
from shared.events.vocabulary import Category, GroupRole

GROUP = frozenset({Classification.GROUP})


class EngagementProposed(EventData):
    """A flag gives a working group reason to engage a supplier; a person decides whether it does."""

    type: ClassVar[str] = "engagement.proposed.v1"
    family: ClassVar[str] = "engagement"
    classifications: ClassVar[frozenset[Classification]] = GROUP

    engagement: UUID
    workinggroup: Slug
    supplier: UUID
    supplier_name: Name
    category: Category
    reason: Sentence
    flags: tuple[UUID, ...] = ()


class EngagementOpened(EventData):
    """A person has opened an engagement: milestone M0, the objective is set."""

    type: ClassVar[str] = "engagement.opened.v1"
    family: ClassVar[str] = "engagement"
    classifications: ClassVar[frozenset[Classification]] = GROUP

    engagement: UUID
    workinggroup: Slug
    supplier: UUID
    supplier_name: Name
    category: Category
    objective: Sentence
    opened_by: GroupRole
    flags: tuple[UUID, ...] = ()


class EngagementMilestoneReached(EventData):
    """An engagement reached a milestone, or fell back to one; then `reason` says why."""

    type: ClassVar[str] = "engagement.milestone-reached.v1"
    family: ClassVar[str] = "engagement"
    classifications: ClassVar[frozenset[Classification]] = GROUP

    engagement: UUID
    workinggroup: Slug
    supplier: UUID
    milestone: Milestone
    reason: Sentence | None = None


class EngagementClosed(EventData):
    """An engagement has ended: with which outcome, and why."""

    type: ClassVar[str] = "engagement.closed.v1"
    family: ClassVar[str] = "engagement"
    classifications: ClassVar[frozenset[Classification]] = GROUP

    engagement: UUID
    workinggroup: Slug
    supplier: UUID
    outcome: EngagementOutcome
    reason: Sentence | None = None
