"""The audit chain: each entry is bound to all before it, so that what was changed later shows.

The chain alone shows a change, an entry taken from its midst and an exchange. Against its heads, which are published
each day where nobody can take them back, a cut tail and a chain written anew from some entry on show as well. What was
cut off since the last published head shows by nothing: that is a day at most. That no head is published any more shows
as well, after two days.
"""

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from uuid import UUID

BEGINNING = bytes(32)
"""The head before the first entry."""
FORMAT = b"engage audit 1"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
RECENT = timedelta(days=2)
"""A day of which the head may still be on its way, or not be due, lies not further back."""
MICROSECOND = timedelta(microseconds=1)
DAY_ENDED = "day_ended"
"""The action of the entry whose head is published; its detail is the day."""


@dataclass(frozen=True, slots=True)
class Content:
    """Words that an entry names: by their id, and the SHA-256 of their ciphertext, which outlives an erasure."""

    id: UUID
    sha256: bytes


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. `case` is the SHA-256 of the case's id, so that who verifies need not learn it."""

    position: int
    at: datetime
    action: str
    person: UUID | None = None
    case: bytes | None = None
    about: UUID | None = None
    detail: str = ""
    contents: tuple[Content, ...] = ()
    head: bytes = b""

    @property
    def day(self) -> date | None:
        """The day that this entry ends, if it ends one."""
        try:
            return date.fromisoformat(self.detail) if self.action == DAY_ENDED else None
        except ValueError:  # somebody has changed it, which its head shows
            return None


def digest_of_case(case: UUID) -> bytes:
    """By what an entry names a case. The id is random, so that nobody finds it from this."""
    return hashlib.sha256(case.bytes).digest()


def head_after(before: bytes, entry: Entry) -> bytes:
    """The head after an entry: SHA-256 of the head before and of each field, the field's length in front of it."""
    fields = [
        FORMAT,
        before,
        str(entry.position).encode(),
        str((entry.at - EPOCH) // MICROSECOND).encode(),
        entry.action.encode(),
        entry.person.bytes if entry.person else b"",
        entry.case or b"",
        entry.about.bytes if entry.about else b"",
        entry.detail.encode(),
        b"".join(one.id.bytes + one.sha256 for one in entry.contents),
    ]
    return hashlib.sha256(b"".join(len(one).to_bytes(4, "big") + one for one in fields)).digest()


class Fault(StrEnum):
    """How a chain is not what it was."""

    CHANGED = "changed"
    """What the entry tells, or its place, does not lead to its head."""
    MISSING = "missing"
    """There is no entry at this place."""
    HEAD_DIFFERS = "head_differs"
    """The head of this day is another than the one published: entries up to it were written anew."""
    DAY_MISSING = "day_missing"
    """The head of this day was published, but no entry ends the day: the tail was cut off."""
    NOT_PUBLISHED = "not_published"
    """An entry ends this day, but its head was never published."""
    DAY_TO_COME = "day_to_come"
    """An entry ends this day, which is still to come."""
    DAY_OUT_OF_ORDER = "day_out_of_order"
    """An entry ends this day after a later one, or a second time."""
    SILENT = "silent"
    """The head of this day is the newest that was published, more than two days ago."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault, at a position of the chain or on a day."""

    fault: Fault
    position: int | None = None
    day: date | None = None


@dataclass(slots=True)
class Verification:
    """A chain as far as it was followed: how many entries, the last head, and what is wrong with it."""

    entries: int = 0
    position: int = 0
    head: bytes = BEGINNING
    ended: list[tuple[date, bytes]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def follow(self, entries: Iterable[Entry]) -> None:
        """Go on along the chain, by position; after a fault from what the entry says, so that the next shows too."""
        for entry in entries:
            if entry.position != self.position + 1:
                self.findings.append(Finding(Fault.MISSING, self.position + 1))
            elif head_after(self.head, entry) != entry.head:
                self.findings.append(Finding(Fault.CHANGED, entry.position))
            self.entries += 1
            self.position, self.head = entry.position, entry.head
            if (day := entry.day) is not None:
                self.ended.append((day, entry.head))

    def compare(self, published: Collection[tuple[date, bytes]], today: date) -> None:
        """Hold the heads against all that were published. That of the newest day that is over may be on its way.

        `today` is a day by UTC: the mechanism's own may be the next one already.
        """
        days, known = {day for day, _ in self.ended}, set(self.ended)
        for day, _ in sorted(set(published) - known):
            self.findings.append(Finding(Fault.HEAD_DIFFERS if day in days else Fault.DAY_MISSING, day=day))
        told = {day for day, _ in published}
        on_its_way = max((day for day in days if today - RECENT <= day < today), default=None)
        for day in sorted(days - told - {on_its_way}):
            self.findings.append(Finding(Fault.NOT_PUBLISHED, day=day))
        self.findings += [Finding(Fault.DAY_TO_COME, day=day) for day in sorted(days) if day > today]
        in_order = [day for day, _ in self.ended]
        self.findings += [Finding(Fault.DAY_OUT_OF_ORDER, day=day) for last, day in pairwise(in_order) if day <= last]
        if told and max(told) < today - RECENT:
            self.findings.append(Finding(Fault.SILENT, day=max(told)))


def verify(entries: Iterable[Entry], published: Collection[tuple[date, bytes]], today: date) -> Verification:
    """Recompute a chain and hold it against the published heads. `today` is a day by UTC."""
    verification = Verification()
    verification.follow(entries)
    verification.compare(published, today)
    return verification


def days_to_end(local: datetime, hour: int, last: date | None) -> list[date]:
    """The days whose head is due at this moment of the mechanism's own time: each ends at `hour` of the next.

    After a downtime these are several; the first time it is one.
    """
    due = local.date() - timedelta(days=1 if local.hour >= hour else 2)
    if last is None:
        return [due]
    return [last + timedelta(days=days) for days in range(1, (due - last).days + 1)]
