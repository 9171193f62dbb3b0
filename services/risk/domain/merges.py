"""By which id an entry of the registry is known now, when some were merged into others."""

from collections.abc import Mapping
from uuid import UUID


def roots_of(into: Mapping[UUID, UUID | None]) -> dict[UUID, UUID]:
    """The end of the chain of merges that begins at each of these entries, which itself is merged into none.

    Give all entries of the chains. The words on two entries may come in either order, so that for a while each can be
    merged into the other: such a ring is known by the least of its ids, until the later word opens it.
    """
    return {entry: _end(entry, into) for entry in into}


def _end(entry: UUID, into: Mapping[UUID, UUID | None]) -> UUID:
    passed: list[UUID] = []
    here: UUID | None = entry
    while here is not None and here not in passed:
        passed.append(here)
        here = into.get(here)
    return passed[-1] if here is None else min(passed[passed.index(here) :])
