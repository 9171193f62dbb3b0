"""What documents are computed from: events as they were kept, periods of days, and who is called what."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Generic, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from services.remedy.domain.engagement.documents.sheet import Cell, Source
from services.remedy.domain.engagement.standing import APPLIED, WITHDRAWN, Engagement
from shared.events.envelope import EventData
from shared.events.ingest import DialogueEntry
from shared.events.remedy import EscalationStepTaken

Data_co = TypeVar("Data_co", bound=EventData, covariant=True)
One = TypeVar("One", bound=EventData)


@dataclass(frozen=True, slots=True)
class Told(Generic[Data_co]):
    """An event as it was kept. `at` is when what it tells was accepted, or fell due.

    `subject` is what it is about, `standing` what became of an entry; a conclusion of `remedy` is always applied.
    """

    event: UUID
    at: datetime
    subject: UUID
    data: Data_co
    standing: str = APPLIED

    @property
    def source(self) -> Source:
        """The event as the source of a figure."""
        return Source(self.event, self.data.type, self.at)


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days of a time zone, the first and the last included."""

    first: date
    last: date
    zone: ZoneInfo

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1

    def before(self) -> "Period":
        """The period of as many days that ends on the day before it."""
        return Period(self.first - timedelta(days=self.days), self.first - timedelta(days=1), self.zone)

    def holds(self, one: Told[EventData]) -> bool:
        """Whether this was told in it."""
        return self.first <= self.day_of(one.at) <= self.last

    def ended(self, one: Told[EventData]) -> bool:
        """Whether this was told in it or earlier."""
        return self.day_of(one.at) <= self.last

    def day_of(self, at: datetime) -> date:
        """The local day of a moment."""
        return at.astimezone(self.zone).date()

    def __str__(self) -> str:
        return f"{self.first.isoformat()} to {self.last.isoformat()}"


@dataclass(frozen=True, slots=True)
class Names:
    """What suppliers, groups and members are called; an id without a name stands for itself, shortened.

    `roots` is what each id of a supplier means today, where suppliers turned out to be one.
    """

    suppliers: Mapping[UUID, str]
    groups: Mapping[str, str]
    members: Mapping[str, str]
    roots: Mapping[UUID, UUID] = field(default_factory=dict)

    def supplier(self, supplier: UUID) -> str:
        """The name of a supplier."""
        return self.suppliers.get(supplier) or f"supplier {str(supplier)[:8]}"

    def group(self, slug: str) -> str:
        """The name of a working group."""
        return self.groups.get(slug) or slug

    def member(self, slug: str | None) -> str:
        """The name of a member; of nobody, where the supplier spoke for itself."""
        return "the supplier itself" if slug is None else self.members.get(slug) or slug


@dataclass(frozen=True, slots=True)
class Dialogue:
    """What was told of engagements: as they stand, the entries of the dialogue, and what `remedy` concluded of them.

    What follows from an entry that was taken back is not among the facts (`standing`): it counts as never said.
    """

    engagements: Mapping[UUID, Engagement]
    entries: Sequence[Told[EventData]]
    facts: Sequence[Told[EventData]]

    def of(self, engagement: UUID) -> "Dialogue":
        """The same of one engagement alone."""
        kept = {engagement: self.engagements[engagement]} if engagement in self.engagements else {}
        entries = [one for one in self.entries if getattr(one.data, "engagement", None) == engagement]
        return Dialogue(kept, entries, [one for one in self.facts if one.subject == engagement])


def taken_back(entries: Iterable[Told[EventData]]) -> set[UUID]:
    """The entries of a dialogue that were taken back since."""
    return {one.data.entry for one in entries if one.standing == WITHDRAWN and isinstance(one.data, DialogueEntry)}


def still_true(facts: Iterable[Told[EventData]], gone: Collection[UUID]) -> list[Told[EventData]]:
    """The facts that do not follow from an entry that is gone, and those that tell of its going."""
    return [one for one in facts if cause_of(one.data) not in gone or getattr(one.data, "after", None) == WITHDRAWN]


def cause_of(fact: EventData) -> UUID | None:
    """The entry that a fact follows from; None for one that follows from the clock."""
    found: UUID | None = fact.escalation if isinstance(fact, EscalationStepTaken) else getattr(fact, "entry", None)
    return found


def of_kind(found: Iterable[Told[EventData]], kind: type[One]) -> list[Told[One]]:
    """Those of one type, in their order."""
    return [Told(one.event, one.at, one.subject, one.data, one.standing) for one in found if isinstance(one.data, kind)]


def count(found: Iterable[Told[EventData]]) -> Cell:
    """How many there are, with each of them as a source."""
    sources = tuple(dict.fromkeys(one.source for one in found))
    return Cell(len(sources), sources)


def newest(found: Iterable[Told[One]], subject: Callable[[One], UUID]) -> dict[UUID, Told[One]]:
    """Of each subject, what was told last."""
    return {subject(one.data): one for one in found}


def spaced(code: str) -> str:
    """A code as people read it."""
    return code.replace("_", " ")
