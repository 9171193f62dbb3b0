"""What people have reported of a site or supplier, as far as risk may know it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.events.lifecycles import FlagState
from shared.events.values import Clause, SeverityParts
from shared.events.vocabulary import (
    Actuality,
    Category,
    Confidence,
    ForcedLabourIndicator,
    Instrument,
    ReplyStance,
    SourceClass,
    WorkersBand,
)


@dataclass(frozen=True, slots=True)
class ReportedRisk:
    """One report of a flag, in its words and codes."""

    report: UUID
    source_class: SourceClass
    parts: SeverityParts
    actuality: Actuality
    recorded_at: datetime
    instruments: tuple[Instrument, ...] = ()
    indicators: tuple[ForcedLabourIndicator, ...] = ()
    clause: Clause | None = None
    workers: WorkersBand = WorkersBand.BELOW_10_OR_UNKNOWN
    confidence: Confidence | None = None
    headline: str | None = None
    evidence: tuple[str, ...] = ()
    replies: tuple[ReplyStance, ...] = ()


@dataclass(frozen=True, slots=True)
class FlagKnown:
    """A flag as an assessment takes it: its state, and the reports that it holds, the oldest first."""

    flag: UUID
    category: Category
    state: FlagState
    reports: tuple[ReportedRisk, ...]


@dataclass(frozen=True, slots=True)
class StatementKnown:
    """What a case handler has released of testimony: no site, no day, no contributor; there is no more to know here."""

    statement: UUID
    category: Category
    quarter: str
    workers: WorkersBand


@dataclass(frozen=True, slots=True)
class Evidence:
    """What people have reported of a site, and of its suppliers where no site is named; flags in the order of ids."""

    flags: tuple[FlagKnown, ...] = ()
    statements: tuple[StatementKnown, ...] = ()
