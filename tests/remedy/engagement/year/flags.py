"""Flags as `risk` tells of them: they give reason for proposals."""

from datetime import datetime
from uuid import UUID, uuid5

from shared.events.envelope import Classification, Event, EventData
from shared.events.lifecycles import FlagState
from shared.events.risk import FlagMoved, FlagOpened
from shared.events.values import SeverityParts
from shared.events.vocabulary import Category, SourceClass
from tests.remedy.engagement.year.generating import Flag

NAMES = UUID("0d9a2f4e-8a56-4f5c-9d5a-1f2e3d4c5b6a")
"""Names what the year names by itself: flags, engagements and events."""


def opened(flag: Flag, supplier: UUID, moment: datetime) -> Event:
    """A flag, as `risk` tells of it."""
    id_ = uuid5(NAMES, flag.name)
    data = FlagOpened(
        flag=id_,
        report=uuid5(id_, "report"),
        supplier=supplier,
        supplier_name=flag.supplier,
        category=Category(flag.category),
        source_class=SourceClass.MEDIA,
        parts=SeverityParts(scale=4, scope=3, irremediability=3),
        severity=4,
        priority=40,
        serious=False,
    )
    return by_risk(data, id_, moment, 1)


def dismissed(flag: Flag, supplier: UUID, moment: datetime) -> Event:
    """A flag is dismissed, as `risk` tells of it."""
    id_ = uuid5(NAMES, flag.name)
    data = FlagMoved(flag=id_, supplier=supplier, before=FlagState.RAISED, after=FlagState.DISMISSED)
    return by_risk(data, id_, moment, 2)


def by_risk(data: EventData, flag: UUID, moment: datetime, sequence: int) -> Event:
    """An event of `risk`, at its place."""
    kind = Classification.MEMBERS
    name = uuid5(flag, data.type)
    event = Event(name, "/engage/risk", data.type, str(flag), moment, kind, data)
    return event.recorded(moment, sequence)
