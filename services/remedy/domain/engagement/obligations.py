"""What is due by a day, of an engagement or of a member: one kind of thing, so that one clock watches all of it."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from services.remedy.domain.calendar import end_of
from shared.events.engagement_words import ObligationKind

Key = tuple[UUID, ObligationKind]


@dataclass(frozen=True, slots=True)
class Obligation:
    """Something that is due by the end of a day. `subject` is the key under which it is told; `basis` names the rule.

    Of an engagement with its group and supplier, or of a member, perhaps with the contract. `ended_at`: it was met, or
    no longer stands.
    """

    about: UUID
    kind: ObligationKind
    subject: UUID
    due: date
    basis: str
    engagement: UUID | None = None
    workinggroup: str | None = None
    supplier: UUID | None = None
    member: str | None = None
    contract: UUID | None = None
    ended_at: datetime | None = None

    @property
    def key(self) -> Key:
        return self.about, self.kind


@dataclass(slots=True)
class Owed:
    """How obligations change by a batch of events, which are told in their order: of each, the last that was said."""

    standing: dict[Key, Obligation] = field(default_factory=dict)
    endings: dict[Key, datetime] = field(default_factory=dict)
    """Ends of obligations that this batch says nothing else of."""

    def stands(self, *obligations: Obligation) -> None:
        """These are due, by their day."""
        for one in obligations:
            self.standing[one.key] = one
            self.endings.pop(one.key, None)

    def ended(self, about: UUID, kind: ObligationKind, at: datetime) -> None:
        """This was met, or no longer stands, as was told at that moment; what ended before stays ended since then."""
        known = self.standing.get((about, kind))
        if known is None:
            self.endings.setdefault((about, kind), at)
        elif known.ended_at is None:
            self.standing[known.key] = replace(known, ended_at=at)

    def settle(self, possible: Iterable[Key], standing: Iterable[Obligation], at: datetime) -> None:
        """Of all that could be due of one subject, these stand now and no others."""
        stands = {one.key: one for one in standing}
        self.stands(*stands.values())
        for about, kind in possible:
            if (about, kind) not in stands:
                self.ended(about, kind, at)


@dataclass(frozen=True, slots=True)
class DueTerms:
    """When a day ends, and how many days before it is told that it comes near."""

    zone: ZoneInfo
    warn_days: int
    warn_account_days: int

    def due_at(self, one: Obligation) -> datetime:
        """The local midnight after the last day."""
        return end_of(one.due, self.zone)

    def warn_at(self, one: Obligation) -> datetime:
        """The end of the day that lies so many days before the last one."""
        days = self.warn_account_days if one.kind is ObligationKind.ANNUAL_ACCOUNT else self.warn_days
        return end_of(one.due - timedelta(days=days), self.zone)
