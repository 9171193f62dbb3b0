"""What is awaited of a flag, and by which day."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from services.risk.domain.flags.standing import FlagStanding
from shared.events.lifecycles import FlagClock, FlagState

AWAITING_TRIAGE = frozenset({FlagState.RAISED, FlagState.REOPENED})
AWAITING_RESPONSE = frozenset({FlagState.CONFIRMED, FlagState.ENGAGED})


OURS = "a rule of this project"
"""What a clock rests on where no benchmark is given for it."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How many days each clock gives, 0 where it is switched off, and what the second rests on; settings."""

    triage_days: int
    response_days: int
    response_basis: str = OURS


@dataclass(frozen=True, slots=True)
class Clock:
    """What is awaited; it is overdue from the day after `due`."""

    awaits: FlagClock
    due: date


def clock_of(flag: FlagStanding, terms: Terms) -> Clock | None:
    """What is awaited of a flag; None where nothing is, or its clock is switched off.

    Triage: from its opening or reopening until a member takes the first step. Response: from the step by which it was
    confirmed (or engaged anew) until the company replies or mitigates; a reply to what was not confirmed yet is shown,
    and does not stop it.
    """
    if flag.state in AWAITING_TRIAGE and terms.triage_days:
        return Clock(FlagClock.TRIAGE, day_after(flag.moved_at, terms.triage_days))
    if flag.state not in AWAITING_RESPONSE or not terms.response_days:
        return None
    since = asked_since(flag)
    if any(reply.at >= since for reply in flag.replies):
        return None
    return Clock(FlagClock.RESPONSE, day_after(since, terms.response_days))


def asked_since(flag: FlagStanding) -> datetime:
    """Since when the company is to answer: the first of the last steps that all ask it to."""
    since = flag.moved_at
    for step in reversed(flag.steps):
        if step.after not in AWAITING_RESPONSE:
            break
        since = step.at
    return since


def day_after(moment: datetime, days: int) -> date:
    """The day (UTC) so many days after a moment's."""
    return moment.astimezone(UTC).date() + timedelta(days=days)


def basis_of(awaits: FlagClock, terms: Terms) -> str:
    """What a clock rests on, with its days: a benchmark, not a duty of the company."""
    if awaits is FlagClock.RESPONSE:
        return f"{terms.response_days} days to respond; {terms.response_basis}"
    return f"{terms.triage_days} days to the first step; {OURS}"
