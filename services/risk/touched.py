"""What follows has to be looked at for, and why."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from services.risk.news import Cause

Reader = str
"""A member's slug; '' stands for all members."""


@dataclass(slots=True)
class Touched:
    """What a transaction has changed, each with a cause of it. Sites and suppliers are given by any id of theirs.

    sites: what is disclosed of them, their flags, or what they are known as.
    suppliers: their names, their own flags, statements, or what they are known as.
    reports: reports, and what follows them up.
    flags: flags of which the state, place or grades changed.
    contracts: contracts with the reader, and what is linked to them.
    groups: members or scope of working groups.
    """

    sites: dict[UUID, Cause] = field(default_factory=dict)
    suppliers: dict[UUID, Cause] = field(default_factory=dict)
    reports: dict[UUID, Cause] = field(default_factory=dict)
    flags: dict[UUID, Cause] = field(default_factory=dict)
    contracts: dict[tuple[UUID, Reader], Cause] = field(default_factory=dict)
    groups: dict[str, Cause] = field(default_factory=dict)

    def touch(self, kind: dict[UUID, Cause], ids: Iterable[UUID | None], cause: Cause) -> None:
        """Note that these have changed, for those that are given."""
        for one in ids:
            if one is not None:
                note(kind, one, cause)


def note(causes: dict[UUID, Cause], one: UUID, cause: Cause) -> None:
    """Keep a cause as the last one; where all members may know the one that is kept, only by another such one."""
    if cause.reader is None or one not in causes or causes[one].reader is not None:
        causes[one] = cause
