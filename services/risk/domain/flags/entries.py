"""What a flag follows from: reports, what members did about them, and what the company replied."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from shared.events.ingest import FlagReported, FollowUpRecorded, ReplyRecorded
from shared.events.vocabulary import Category

CONCERNS = UUID("6b8d1a52-4c0e-5f57-9d4e-2f6a1c7b3e90")
"""The namespace of flags."""


def flag_of(place: UUID, category: Category) -> UUID:
    """The flag of a concern: the same for a site (else a supplier) and a category, whoever reports it and when."""
    return uuid5(CONCERNS, f"{place}/{category}")


@dataclass(frozen=True, slots=True)
class Reported:
    """A report. `supplier` and `site` are those of today: two that were reported may have turned out to be one."""

    said: FlagReported
    at: datetime
    supplier: UUID
    site: UUID | None = None
    withdrawn_at: datetime | None = None

    @property
    def id(self) -> UUID:
        """The report's id."""
        return self.said.report


@dataclass(frozen=True, slots=True)
class FollowedUp:
    """A step that a member reported. One that was taken back counts as if it had never been told."""

    said: FollowUpRecorded
    at: datetime
    withdrawn_at: datetime | None = None

    @property
    def id(self) -> UUID:
        """The entry's id."""
        return self.said.entry


@dataclass(frozen=True, slots=True)
class Replied:
    """What the company said to a report. One that was passed on by mistake counts as if it had never been told."""

    said: ReplyRecorded
    at: datetime
    withdrawn_at: datetime | None = None

    @property
    def id(self) -> UUID:
        """The reply's id."""
        return self.said.reply


Entry = Reported | FollowedUp | Replied
