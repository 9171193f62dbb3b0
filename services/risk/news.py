"""Why something changes, and the events that tell of it."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from uuid import UUID

from uuid_utils.compat import uuid7

from shared.events.envelope import Classification, Event, EventData
from shared.events.lifecycles import CauseKind
from shared.events.risk import AssessmentCause

SOURCE = "/engage/risk"


@dataclass(frozen=True, slots=True)
class Cause:
    """Why something changes, and when: by an event of another service or, without one, by an operator or a clock."""

    kind: CauseKind
    at: datetime
    event: Event | None = None
    source: str | None = None
    edition: str | None = None

    @classmethod
    def of(cls, kind: CauseKind, event: Event) -> "Cause":
        """The cause that an event is, at the moment when Engage accepted it."""
        return cls(kind, event.recordedtime or event.time, event)

    @property
    def day(self) -> date:
        """The day (UTC)."""
        return self.at.date()

    @property
    def told(self) -> AssessmentCause:
        """What is published of it."""
        return AssessmentCause(kind=self.kind, source=self.source, edition=self.edition)

    def as_told_to(self, reader: str) -> "Cause":
        """The same cause for a member's news: of what another member alone was told no more than the day (UTC)."""
        if self.event is None or self.event.member in (None, reader):
            return self
        return replace(self, event=None, at=self.at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0))

    def news(self, data: EventData, subject: UUID, member: str | None = None) -> Event:
        """The event that tells of a consequence: to all members, or to one."""
        scope = Classification.MEMBERS if member is None else Classification.MEMBER
        if self.event is not None:
            return Event.caused_by(
                self.event, data, source=SOURCE, subject=str(subject), classification=scope, member=member
            )
        return Event(
            id=uuid7(),
            source=SOURCE,
            type=data.type,
            subject=str(subject),
            time=self.at,
            classification=scope,
            data=data,
            member=member,
        )
