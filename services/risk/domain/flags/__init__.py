"""Flags: one for each concern that people raised, however many reports tell of it, and how it stands."""

from services.risk.domain.flags.clocks import Clock, Terms, clock_of
from services.risk.domain.flags.entries import Entry, FollowedUp, Replied, Reported, flag_of, parts_of
from services.risk.domain.flags.life import before, fold
from services.risk.domain.flags.ranking import Ranking
from services.risk.domain.flags.standing import FlagStanding, RefusedStep, Step, gravest

__all__ = [
    "Clock",
    "Entry",
    "FlagStanding",
    "FollowedUp",
    "Ranking",
    "RefusedStep",
    "Replied",
    "Reported",
    "Step",
    "Terms",
    "before",
    "clock_of",
    "flag_of",
    "fold",
    "gravest",
    "parts_of",
]
