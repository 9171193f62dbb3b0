"""Since when a disclosure has been told, and whether it still is, whatever the order in which its words arrive.

A disclosure that moved to another supplier comes under two keys, so that an older word can come after a newer one.
"""

from dataclasses import dataclass, replace
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Span:
    """A disclosure in time, for one audience.

    `recorded_at` is the moment of the newest word. `since` is when it was first told or, where it was retired before
    and came back, first told again; `returned_after` is when it was retired then.
    """

    recorded_at: datetime
    since: datetime
    returned_after: datetime | None = None
    retired: bool = False


def told(span: Span | None, at: datetime) -> Span:
    """The span after the disclosure was told at this moment. What it says holds if `at` is the new `recorded_at`."""
    if span is None:
        return Span(at, at)
    if at >= span.recorded_at and span.retired:
        return Span(at, at, returned_after=span.recorded_at)
    if span.returned_after is not None and at <= span.returned_after:
        return span
    return replace(span, recorded_at=max(at, span.recorded_at), since=min(at, span.since))


def ended(span: Span | None, at: datetime) -> Span | None:
    """The span after the disclosure was retired at this moment; none for one that was never told."""
    if span is None or span.retired or at < span.recorded_at:
        return span
    return replace(span, recorded_at=at, retired=True)
