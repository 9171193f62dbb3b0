"""What a flag follows from: reports, what members did about them, and what the company replied."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from uuid import UUID, uuid5

from shared.events.ingest import FlagReported, FollowUpRecorded, ReplyRecorded
from shared.events.values import SeverityParts
from shared.events.vocabulary import Category, SourceClass

CONCERNS = UUID("6b8d1a52-4c0e-5f57-9d4e-2f6a1c7b3e90")
"""The namespace of flags."""


def flag_of(place: UUID, category: Category) -> UUID:
    """The flag of a concern: the same for a site (else a supplier) and a category, whoever reports it and when."""
    return uuid5(CONCERNS, f"{place}/{category}")


@cache
def parts_of(scale: int, scope: int, irremediability: int, likelihood: int | None = None) -> SeverityParts:
    """These parts; a flag of thousands of reports has no more than 750 kinds of them."""
    return SeverityParts(scale=scale, scope=scope, irremediability=irremediability, likelihood=likelihood)


@dataclass(frozen=True, slots=True)
class Reported:
    """A report: what the life of its flag takes of it, and the whole as `text`, which is read only where it is shown.

    `supplier` and `site` are those of today: two that were reported may have turned out to be one.
    """

    id: UUID
    source_class: SourceClass
    parts: SeverityParts
    text: str
    at: datetime
    supplier: UUID
    site: UUID | None = None
    withdrawn_at: datetime | None = None

    @property
    def said(self) -> FlagReported:
        """All that was reported; read anew each time, which costs more than all else here."""
        return FlagReported.model_validate_json(self.text)


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
