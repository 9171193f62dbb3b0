"""The events of ingest as they leave it: nothing inside caused them, so each has a new id."""

from datetime import datetime
from uuid import UUID, uuid4

from uuid_utils.compat import uuid7

from shared.events.envelope import Classification, Event, EventData, day_of
from shared.events.ingest import TestimonyReceived

SOURCE = "/engage/ingest"


def news(
    data: EventData,
    subject: UUID | str,
    at: datetime,
    classification: Classification = Classification.MEMBERS,
    *,
    member: str | None = None,
    workinggroup: str | None = None,
) -> Event:
    """An event for an audience: all members, one member, or one working group."""
    return Event(
        id=uuid7(),
        source=SOURCE,
        type=data.type,
        subject=str(subject),
        time=at,
        classification=classification,
        data=data,
        member=member,
        workinggroup=workinggroup,
    )


def sealed_news(data: TestimonyReceived, at: datetime) -> Event:
    """An event about testimony: its id is random, and its time tells the day only."""
    return Event(
        id=uuid4(),
        source=SOURCE,
        type=data.type,
        subject=str(data.case),
        time=day_of(at),
        classification=Classification.RESTRICTED,
        data=data,
    )
