"""What an operator looks at to decide who is who: the open questions side by side, and the history of an id."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from asyncpg import Record
from pydantic import BaseModel

from services.ingest.domain.registry import Kind
from services.ingest.store import decisions, splits
from shared.http import Problem
from shared.postgres import Pool


class NameShown(BaseModel):
    """A way of writing an entry's name: by its number it can be split off; `decision` gave it to the entry."""

    spelling: int
    name: str
    address: str | None
    country: str | None
    mentions: int
    members: list[str]
    decision: UUID | None


class EntryShown(BaseModel):
    """A supplier or site with all the ways in which its name was written."""

    id: UUID
    root: UUID
    name: str
    address: str | None
    country: str | None
    identifiers: dict[str, str]
    registered_at: datetime
    names: list[NameShown]


class Review(BaseModel):
    """Two entries that may be one: how alike they are, from 0 to 1, and the codes of what speaks for and against it."""

    id: UUID
    kind: Kind
    score: float
    reasons: list[str]
    asked_at: datetime
    entries: list[EntryShown]


class Reviews(BaseModel):
    """The first questions that wait, and how many there are from here on; `next` is where the following ones begin."""

    waiting: int
    reviews: list[Review]
    next: UUID | None = None


class DecisionShown(BaseModel):
    """A decision: `entry` was merged into `other`, got a name, lost one to `other`, or is not `other`."""

    id: UUID
    action: str
    entry: UUID
    other: UUID | None
    decided_by: str
    score: float | None
    reasons: list[str]
    decided_at: datetime
    undoes: UUID | None
    undone_by: UUID | None


class History(BaseModel):
    """An id that the registry gave: what it stands for now, all ids known as the same, and what was decided."""

    kind: Kind
    entry: EntryShown
    known_as: UUID
    name: str
    same: list[UUID]
    decisions: list[DecisionShown]


async def open_reviews(pool: Pool, kind: Kind, after: UUID | None, limit: int) -> Reviews:
    """The questions that wait for an answer, oldest first."""
    rows = await decisions.read_open_questions(pool, kind, after, limit)
    shown = await shown_entries(pool, kind, {row[side] for row in rows for side in ("entry", "other")})
    found = [
        Review(
            id=row["id"],
            kind=kind,
            score=round(row["score"], 3),
            reasons=row["reasons"],
            asked_at=row["asked_at"],
            entries=[shown[row["entry"]], shown[row["other"]]],
        )
        for row in rows
    ]
    waiting = rows[0]["waiting"] if rows else 0
    return Reviews(waiting=waiting, reviews=found, next=found[-1].id if waiting > len(found) else None)


async def history(pool: Pool, entry: UUID) -> History:
    """What became of an id. Raises Problem 404 where no supplier or site ever had it."""
    row = (await decisions.read_entries(pool, [entry])).get(entry)
    if row is None:
        raise Problem(404, "entry_unknown", "No supplier or site has this id.")
    kind = Kind(row["kind"])
    shown = await shown_entries(pool, kind, [entry])
    group = await decisions.read_group(pool, kind, row["root"])
    taken = await decisions.read_decisions_of(pool, entry)
    return History(
        kind=kind,
        entry=shown[entry],
        known_as=row["root"],
        name=row["name_of_root"],
        same=[one["id"] for one in group],
        decisions=[DecisionShown.model_validate(dict(one)) for one in taken],
    )


async def shown_entries(pool: Pool, kind: Kind, entries: Sequence[UUID] | set[UUID]) -> Mapping[UUID, EntryShown]:
    """Entries with their names, by id."""
    rows = await decisions.read_entries(pool, list(entries))
    names: dict[UUID, list[NameShown]] = defaultdict(list)
    for one in await splits.read_spellings_of(pool, kind, list(entries)):
        names[one["entry"]].append(name_in(one))
    return {
        row["id"]: EntryShown.model_validate(
            dict(row) | {"identifiers": json.loads(row["identifiers"]), "names": names[row["id"]]}
        )
        for row in rows.values()
    }


def name_in(row: Record) -> NameShown:
    return NameShown.model_validate(dict(row) | {"spelling": row["number"], "members": row["members"] or []})
