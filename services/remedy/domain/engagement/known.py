"""What is known beside an engagement's own entries, each with its times: the order of arrival decides nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from services.remedy.domain.engagement.standing import Engagement, Entry
from shared.events.engagement_words import ReasonKind


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement that a case handler released of testimony, or that workers found a remedy effective.

    `cleared`: the company may be approached on it. `ended_at`: since when it is no longer told.
    """

    id: UUID
    supplier: UUID
    cleared: bool
    since: datetime
    ended_at: datetime | None = None

    def stands(self, at: datetime) -> bool:
        """Whether it was told at a moment and had not been reversed."""
        return self.since <= at and (self.ended_at is None or at < self.ended_at)


@dataclass(frozen=True, slots=True)
class Leverage:
    """How many buyers and contracts a flag touches; contracts are not told where the buyers are few."""

    buyers: int
    contracts: int | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What the rules may go by: statements and verifications by id, names of suppliers, and which have become another.

    `owners` are the working groups to which ids of engagements belong. `most_entries` is how many of an engagement are
    applied before nothing but its end is. `leverage` is that of each flag.
    """

    statements: Mapping[UUID, Statement] = field(default_factory=dict)
    verifications: Mapping[UUID, Statement] = field(default_factory=dict)
    suppliers: Mapping[UUID, UUID] = field(default_factory=dict)
    names: Mapping[UUID, str] = field(default_factory=dict)
    owners: Mapping[UUID, str] = field(default_factory=dict)
    most_entries: int = 2_000
    leverage: Mapping[UUID, Leverage] = field(default_factory=dict)

    def is_own(self, entry: Entry) -> bool:
        """Whether the engagement that an entry names is its group's own, or nobody's yet."""
        return self.owners.get(entry.told.engagement, entry.workinggroup) == entry.workinggroup

    def leverage_of(self, flags: Iterable[UUID]) -> Leverage | None:
        """That of the flag which touches most buyers: a sum would count some of them twice. None where none is told."""
        told = [self.leverage[flag] for flag in flags if flag in self.leverage]
        return max(told, key=lambda one: (one.buyers, one.contracts or 0), default=None)

    def same_supplier(self, one: UUID, other: UUID) -> bool:
        """Whether two ids mean one supplier: the same, or merged since."""
        return self.suppliers.get(one, one) == self.suppliers.get(other, other)

    def cleared(self, statement: UUID, supplier: UUID, at: datetime) -> bool:
        """Whether this company may be approached on a statement at a moment: it is about it, cleared, and stands."""
        found = self.statements.get(statement)
        return found is not None and found.cleared and found.stands(at) and self.same_supplier(found.supplier, supplier)

    def held_since(self, engagement: Engagement) -> datetime | None:
        """Since when a statement on which an engagement was opened is no longer told; None while all are."""
        named = [self.statements.get(one.id) for one in engagement.reasons if one.kind is ReasonKind.STATEMENT]
        return min((one.ended_at for one in named if one and one.ended_at), default=None)

    def verifies(self, statement: UUID, supplier: UUID, at: datetime) -> bool:
        """Whether workers found a remedy by this supplier effective, as it was told by a moment."""
        found = self.verifications.get(statement)
        return found is not None and found.stands(at) and self.same_supplier(found.supplier, supplier)
