"""Why something changes, and the events that tell of it."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID, uuid4

from uuid_utils.compat import uuid7

from shared.events.envelope import Classification, Event, EventData, day_of
from shared.events.lifecycles import CauseKind
from shared.events.risk import AssessmentCause

SOURCE = "/engage/risk"


@dataclass(frozen=True, slots=True)
class Cause:
    """Why something changes, and when: by an event of another service or, without one, by an operator or a clock.

    `reader` is the member that alone may know of it; None: all members may.
    """

    kind: CauseKind
    at: datetime
    event: Event | None = None
    source: str | None = None
    edition: str | None = None
    reader: str | None = None

    @classmethod
    def of(cls, kind: CauseKind, event: Event) -> "Cause":
        """The cause that an event is, at the moment when Engage accepted it."""
        return cls(kind, event.told_at, event, reader=event.member)

    @property
    def day(self) -> date:
        """The day (UTC)."""
        return self.at.date()

    @property
    def told(self) -> AssessmentCause:
        """What is published of it."""
        return AssessmentCause(kind=self.kind, source=self.source, edition=self.edition)

    def kept_to(self, reader: str) -> "Cause":
        """The same cause where only this member may know that it is one: without its event, by its day (UTC)."""
        return replace(self, event=None, at=day_of(self.at), reader=reader)

    def news(self, data: EventData, subject: UUID, member: str | None = None) -> Event:
        """The event that tells of a consequence: to all members, or to one.

        Where not all who read it may know the cause, nothing leads to that: the id is random and the time is the day.
        """
        scope = Classification.MEMBERS if member is None else Classification.MEMBER
        is_known = self.reader in (None, member)
        if is_known and self.event is not None:
            return Event.caused_by(
                self.event, data, source=SOURCE, subject=str(subject), classification=scope, member=member
            )
        return Event(
            id=uuid7() if is_known else uuid4(),
            source=SOURCE,
            type=data.type,
            subject=str(subject),
            time=self.at if is_known else day_of(self.at),
            classification=scope,
            data=data,
            member=member,
        )
