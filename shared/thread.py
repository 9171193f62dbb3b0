"""One thread of what happened to a subject, as one service published it: lines from its own outbox, for one reader.

Each service shows its own events only, and a reader only those on topics that it may read; what is restricted, or for
operators' mail, is on none of them. A service says by `Phrase` how each type reads; a type without one is not shown.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Protocol
from uuid import UUID

from asyncpg import Record
from fastapi import Query
from pydantic import BaseModel, StringConstraints

from shared.events import Event, decode
from shared.events.values import Moment
from shared.packing import unpack
from shared.postgres import Connection
from shared.topics import manifest

MOST_EVENTS = 2_000
"""Events of one service that a thread holds at most; a day from which to go on is given for more."""
MOST_FOLLOWED = 200
"""Ids that one question follows at most."""
NOT_SHOWN = frozenset({"key"})
"""Families of members' topics that no thread shows."""
ONE_FOLLOWED = r"^[a-z]{1,20}:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
Also = Annotated[
    list[Annotated[str, StringConstraints(pattern=ONE_FOLLOWED)]],
    Query(max_length=MOST_FOLLOWED, description="KIND:ID of what another service's part of the thread leads to."),
]
Since = Annotated[Moment | None, Query(alias="from", description="Recorded then or later.")]
Until = Annotated[Moment | None, Query(alias="to", description="Recorded before then.")]


@dataclass(frozen=True, slots=True)
class Found:
    """Something that a thread leads to, for whoever else knows of it: a flag, an engagement, a report ..."""

    kind: str
    id: UUID
    name: str | None = None


@dataclass(slots=True)
class Thread:
    """Which events belong to a thread: those under the keys in `whole`, and those under a key that name an id."""

    whole: set[UUID] = field(default_factory=set)
    naming: set[tuple[UUID, UUID]] = field(default_factory=set)
    found: dict[UUID, Found] = field(default_factory=dict)

    def name(self, keys: Iterable[UUID], *ids: UUID) -> None:
        """Of the events under each of these keys, take those that name one of the ids."""
        self.naming |= {(key, one) for key in keys for one in ids}

    def lead_to(self, kind: str, ids: Iterable[UUID], name: str | None = None) -> None:
        """Let the thread lead to these, too."""
        for one in ids:
            self.found.setdefault(one, Found(kind, one, name))


@dataclass(frozen=True, slots=True)
class Phrase:
    """How events of a type read: what happened, in plain words from coded fields, and who told it, if that is told."""

    says: Callable[[Any], str]
    by: Callable[[Any], str | None] = lambda _data: None


class Line(BaseModel):
    """What happened, when it was recorded, by whom as far as that is told, and the event that says so.

    `audience` is `members`, `group` or `member`: whose topic it is on; `whose` names the group or member.
    """

    at: datetime
    says: str
    by: str | None
    event: UUID
    type: str
    subject: str
    audience: str
    whose: str | None


class FoundPart(BaseModel):
    """Something that the thread leads to."""

    kind: str
    id: UUID
    name: str | None


class Timeline(BaseModel):
    """The lines of one service, the oldest first, and what they lead to; `subject` is the id of what was asked for.

    `more`: there are later lines; ask again from the last moment.
    """

    lines: list[Line]
    found: list[FoundPart]
    more: bool
    subject: UUID | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """From when until when (not included) events were recorded; None is open."""

    since: datetime | None = None
    until: datetime | None = None


def readable(member: str | None, groups: Collection[str] | None) -> list[str]:
    """The topics that a reader may read, as patterns of LIKE: all members', its own and its groups'; None reads all."""
    known = manifest()
    shared = [one.name for one in known.of(None) if one.name.startswith("members.")]
    own = [one.topic.name for one in known.templates if one.topic.name.startswith("member.{member}.")]
    group = [one.topic.name for one in known.templates if one.topic.name.startswith("group.{workinggroup}.")]
    members = ["%"] if member is None else [member]
    return [
        *shared,
        *(name.replace("{member}", one) for name in own if name.rpartition(".")[2] not in NOT_SHOWN for one in members),
        *(
            name.replace("{workinggroup}", one)
            for name in group
            for one in (["%"] if groups is None else sorted(groups))
        ),
    ]


TAKEN = """SELECT o.id, o.topic, o.key, o.headers, o.value, o.recorded_at FROM outbox o
    WHERE {part} AND o.key = ANY($1::text[]) AND o.topic LIKE ANY($2::text[])
      AND ($6::timestamptz IS NULL OR o.recorded_at >= $6) AND ($7::timestamptz IS NULL OR o.recorded_at < $7)
      AND (o.key = ANY($3::text[]) OR EXISTS (
          SELECT FROM unnest($4::text[], $5::bytea[]) AS n (key, id)
          WHERE n.key = o.key AND position(n.id IN o.value) > 0))"""
PARTS = (
    "starts_with(o.topic, 'group.')",
    "NOT starts_with(o.topic, 'group.') AND NOT starts_with(o.topic, 'restricted.')",
)
THREAD = f"{' UNION ALL '.join(TAKEN.format(part=part) for part in PARTS)} ORDER BY recorded_at, id LIMIT $8"


async def read_thread(
    connection: Connection, thread: Thread, topics: Sequence[str], span: Span, most: int = MOST_EVENTS
) -> list[Record]:
    """The events of a thread on these topics, as they were published, the oldest first; one more than `most` if any.

    Found by two indexes, of what groups are told and of the rest, which leaves restricted topics out: so does this.
    """
    keys = {str(one) for one in thread.whole} | {str(key) for key, _ in thread.naming}
    return await connection.fetch(
        THREAD,
        sorted(keys),
        topics,
        sorted(map(str, thread.whole)),
        [str(key) for key, _ in thread.naming],
        [str(one).encode() for _, one in thread.naming],
        span.since,
        span.until,
        most + 1,
    )


def timeline_of(
    rows: Sequence[Record], thread: Thread, phrases: Mapping[str, Phrase], left: Mapping[str, str]
) -> Timeline:
    """The lines of what was read. `left` are the members that have left, by kind: they are no longer named."""
    seen: set[tuple[object, ...]] = set()
    lines: list[Line] = []
    for row in rows[:MOST_EVENTS]:
        same = (row["key"], row["value"], row["recorded_at"])
        event = decode(unpack(row["headers"]), row["value"])
        phrase = phrases.get(event.type)
        if phrase is None or event.data is None or same in seen:  # told to several readers, an operator sees it once
            continue
        seen.add(same)
        lines.append(line_of(event, row["recorded_at"], phrase, left))
    found = [FoundPart(kind=one.kind, id=one.id, name=one.name) for one in thread.found.values()]
    return Timeline(lines=lines, found=found, more=len(rows) > MOST_EVENTS)


def line_of(event: Event, at: datetime, phrase: Phrase, left: Mapping[str, str]) -> Line:
    """One line."""
    by = phrase.by(event.data)
    return Line(
        at=at,
        says=phrase.says(event.data),
        by=f"a {left[by]} that has left" if by is not None and by in left else by,
        event=event.id,
        type=event.type,
        subject=event.subject,
        audience=event.classification,
        whose=event.workinggroup or event.member,
    )


class Finding(Protocol):
    """What a service knows of a thread, for one reader."""

    async def begin(self, thread: Thread, subject: UUID) -> None:
        """Take in what was told of a subject, and lead to what belongs to it."""

    async def follow(self, thread: Thread, one: Found) -> None:
        """Take in what was told of something that a thread led to; of kinds that are another's nothing."""


async def read_timeline(
    tx: Connection,
    finding: Finding,
    subject: UUID | None,
    also: Iterable[str],
    topics: Sequence[str],
    span: Span,
    phrases: Mapping[str, Phrase],
    left: Mapping[str, str],
) -> Timeline:
    """One service's part of the thread of a subject, if of one, and of what another's part of it leads to (`also`)."""
    thread = Thread()
    if subject is not None:
        await finding.begin(thread, subject)
    for kind, _, one in (text.partition(":") for text in also):
        await finding.follow(thread, Found(kind, UUID(one)))
    rows = await read_thread(tx, thread, topics, span)
    return timeline_of(rows, thread, phrases, left).model_copy(update={"subject": subject})


def told_by(data: Any) -> str | None:
    """The member that told it, else its kind where only that is told."""
    if data.member is not None:
        return str(data.member)
    contributor = getattr(data, "contributor", None)
    return None if contributor is None else f"a {contributor}"


def spaced(code: object) -> str:
    """A code as people read it."""
    return str(code).replace("_", " ")


def count(number: int, one: str) -> str:
    """A number with its word."""
    return f"{number:,} {one if number == 1 else one + 's'}"
