"""What `remedy` decides: references, deadlines, the next state of a case, and whom a flag concerns."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from uuid import UUID, uuid5

from shared import sealing
from shared.events.lifecycles import CaseState, DeadlineKind, TestimonyKind
from shared.events.vocabulary import Category

# References: what mails and lists show instead of a case.

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O or U, which are misread or make words."""
REFERENCE_BITS = 55
SYMBOLS = re.compile(f"[{CROCKFORD}]{{4}}(?:-[{CROCKFORD}]{{4}}){{2}}")
TYPED_AS = str.maketrans("ILO", "110")


def reference_of(number: int) -> str | None:
    """The reference for a random number of 55 bits: eleven symbols and Crockford's check symbol (modulo 37).

    None where the check symbol is one of the five that are no letter or digit: draw again.
    A wrong symbol or two exchanged ones never give another valid reference.
    """
    check = number % 37
    if check >= len(CROCKFORD):
        return None
    symbols = "".join(CROCKFORD[number >> shift & 31] for shift in range(REFERENCE_BITS - 5, -1, -5)) + CROCKFORD[check]
    return f"R-{symbols[:4]}-{symbols[4:8]}-{symbols[8:]}"


def as_written(typed: str) -> str | None:
    """A reference as it is kept, from what a person typed: case does not matter, nor O for 0, I or L for 1.

    None where it cannot be a reference.
    """
    symbols = typed.strip().upper().removeprefix("R-").translate(TYPED_AS)
    return f"R-{symbols}" if SYMBOLS.fullmatch(symbols) else None


def key_id_of(public_key: str) -> str:
    """The id of a public key (base64): the first 16 hex digits of the SHA-256 of its bytes."""
    return hashlib.sha256(sealing.decode(public_key)).hexdigest()[:16]


# Cases and their deadlines.


@dataclass(frozen=True, slots=True)
class Clock:
    """How long something may take, when to warn before that, and the benchmark that this rests on."""

    kind: DeadlineKind
    within: timedelta
    warn_before: timedelta
    basis: str


@dataclass(frozen=True, slots=True)
class Case:
    """Testimony that came in. `openable` says whether its box opens with the trustee's key of that moment."""

    id: UUID
    kind: TestimonyKind
    reference: str
    key_id: str
    sealed: str
    openable: bool
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Deadline:
    """Something must be done for a case by `due_at`."""

    case: UUID
    kind: DeadlineKind
    due_at: datetime
    warn_at: datetime
    basis: str


def start(clock: Clock, case: Case) -> Deadline:
    """The deadline that a clock sets for a case, counted from its receipt in days of 24 hours."""
    due = case.received_at + clock.within
    return Deadline(case.id, clock.kind, due, due - clock.warn_before, clock.basis)


class DeadlineState(StrEnum):
    """How a deadline stands."""

    RUNNING = "running"
    NEAR = "near"
    MISSED = "missed"
    MET = "met"
    MET_LATE = "met_late"


def standing(due_at: datetime, warn_at: datetime, met_at: datetime | None, now: datetime) -> DeadlineState:
    """How a deadline stands at a moment. Meeting it late does not undo that it was missed."""
    if met_at is not None:
        return DeadlineState.MET if met_at < due_at else DeadlineState.MET_LATE
    if now >= due_at:
        return DeadlineState.MISSED
    return DeadlineState.NEAR if now >= warn_at else DeadlineState.RUNNING


def day_of(moment: datetime) -> datetime:
    """The day (UTC) of a moment, by its beginning: all that a mail tells of a case's times."""
    return moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


NEXT_STATES: dict[CaseState, frozenset[CaseState]] = {
    CaseState.RECEIVED: frozenset({CaseState.ACKNOWLEDGED}),
}
"""Where a case may go from a state, as far as this release carries cases."""


def may_move(before: CaseState, after: CaseState) -> bool:
    """Whether a case may go from one state to another."""
    return after in NEXT_STATES.get(before, frozenset())


# Engagements.

ENGAGEMENTS = UUID("68d0e051-8208-43f9-897d-afa5ed3920bc")
"""Names an engagement by group, supplier and category, so that the same is never proposed twice."""
FLAGS_NAMED = 100
"""An event names at most so many flags of an engagement, the oldest first: events are small."""


@dataclass(frozen=True, slots=True)
class WorkingGroup:
    """A working group: the suppliers it works on, or, where it names none, the categories."""

    slug: str
    suppliers: frozenset[UUID]
    categories: frozenset[Category]


@dataclass(frozen=True, slots=True)
class Flag:
    """A flag that `risk` follows up."""

    id: UUID
    supplier: UUID
    supplier_name: str
    category: Category
    serious: bool


@dataclass(frozen=True, slots=True)
class Proposal:
    """A working group has reason to engage a supplier in a category. `flags` are the reasons, the oldest first."""

    engagement: UUID
    workinggroup: str
    supplier: UUID
    supplier_name: str
    category: Category
    flags: tuple[UUID, ...]


def concerns(flag: Flag, group: WorkingGroup) -> bool:
    """Whether a flag concerns a group: it names the supplier or, naming no supplier at all, the category."""
    return flag.supplier in group.suppliers if group.suppliers else flag.category in group.categories


def propose(groups: Iterable[WorkingGroup], flags: Sequence[Flag]) -> list[Proposal]:
    """One proposal for each group, supplier and category that the flags concern."""
    found: dict[tuple[str, UUID, Category], list[Flag]] = {}
    for group in groups:
        for flag in flags:
            if concerns(flag, group):
                found.setdefault((group.slug, flag.supplier, flag.category), []).append(flag)
    return [
        Proposal(
            engagement=uuid5(ENGAGEMENTS, f"{slug}/{supplier}/{category}"),
            workinggroup=slug,
            supplier=supplier,
            supplier_name=reasons[-1].supplier_name,
            category=category,
            flags=tuple(dict.fromkeys(flag.id for flag in reasons)),
        )
        for (slug, supplier, category), reasons in found.items()
    ]


def reason_for(category: Category) -> str:
    """Why an engagement is proposed, in words that accuse nobody."""
    words = category.value.replace("_", " ")
    return f"A flag on {words} names this supplier. Whether to engage it is for the working group to decide."
