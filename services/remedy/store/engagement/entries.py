"""SQL on the entries of the dialogue: they are the truth about engagements, all else is concluded from them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

import orjson
from asyncpg import Record

from services.remedy.domain.engagement.folding import fold
from services.remedy.domain.engagement.known import Known
from services.remedy.domain.engagement.rules import marked
from services.remedy.domain.engagement.standing import APPLIED, Engagement, Entry
from services.remedy.store.engagement.standing import read_statements
from shared.events import EVENT_TYPES
from shared.events.engagement_words import ReasonKind
from shared.events.ingest import DialogueEntry, DialogueWithdrawn
from shared.postgres import Connection


@dataclass(frozen=True, slots=True)
class Kept:
    """An entry as it is kept: whether it was applied and, where it was refused, why."""

    entry: Entry
    standing: str
    refusals: tuple[str, ...] = ()
    stood: str | None = None
    legal: tuple[str, ...] = ()


async def read_entries(connection: Connection, engagements: Collection[UUID]) -> dict[UUID, list[Entry]]:
    """The entries of these engagements that were applied, in order, with those that were taken back since."""
    rows = await connection.fetch(
        """SELECT entry, event, engagement, place, workinggroup, type, recorded_at, told FROM dialogue_entry
           WHERE engagement = ANY($1::uuid[]) AND standing <> 'refused' ORDER BY engagement, place""",
        list(engagements),
    )
    found: dict[UUID, list[Entry]] = {}
    for row in rows:
        found.setdefault(row["engagement"], []).append(entry_of(row))
    return found


async def read_engagements(connection: Connection, engagements: Collection[UUID]) -> dict[UUID, Engagement]:
    """These engagements as they stand, as far as anybody ever opened them; held, where a statement is not told now."""
    folded = {one: fold(entries) for one, entries in (await read_entries(connection, engagements)).items()}
    named = {reason.id for one in folded.values() for reason in one.reasons if reason.kind is ReasonKind.STATEMENT}
    known = Known(statements={one.id: one for _, one in await read_statements(connection, named)})
    return {id_: marked(one, known) for id_, one in folded.items()}


def entry_of(row: Record) -> Entry:
    """An entry from its row. Raises ValueError for a type that is no entry of a dialogue."""
    model = EVENT_TYPES.get(row["type"])
    if model is None or not issubclass(model, DialogueEntry):
        raise ValueError(f"{row['type']} is no entry of a dialogue")
    told = model.model_validate_json(row["told"])
    return Entry(row["entry"], row["event"], row["workinggroup"], row["recorded_at"], row["place"], told)


async def write_entries(tx: Connection, kept: Sequence[Kept]) -> None:
    """Keep these entries; of those that take others back, mark the others."""
    await tx.execute(
        """INSERT INTO dialogue_entry (entry, event, engagement, place, workinggroup, type, member, role, recorded_at,
                                       told, standing, refusals, stood, legal)
           SELECT entry, event, engagement, place, workinggroup, type, member, role, recorded_at, told::jsonb, standing,
                  ARRAY(SELECT jsonb_array_elements_text(refusals::jsonb)), stood,
                  ARRAY(SELECT jsonb_array_elements_text(legal::jsonb))
           FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::bigint[], $5::text[], $6::text[], $7::text[],
                       $8::text[], $9::timestamptz[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[])
                AS u (entry, event, engagement, place, workinggroup, type, member, role, recorded_at, told, standing,
                      refusals, stood, legal)""",
        [one.entry.id for one in kept],
        [one.entry.event for one in kept],
        [one.entry.told.engagement for one in kept],
        [one.entry.place for one in kept],
        [one.entry.workinggroup for one in kept],
        [one.entry.told.type for one in kept],
        [one.entry.told.member for one in kept],
        [one.entry.told.role for one in kept],
        [one.entry.at for one in kept],
        [one.entry.told.encoded.decode() for one in kept],
        [one.standing for one in kept],
        [orjson.dumps(one.refusals).decode() for one in kept],
        [one.stood for one in kept],
        [orjson.dumps(one.legal).decode() for one in kept],
    )
    taken_back = [
        one.entry.told.entry
        for one in kept
        if one.standing == APPLIED and isinstance(one.entry.told, DialogueWithdrawn)
    ]
    if taken_back:
        await tx.execute(
            "UPDATE dialogue_entry SET standing = 'withdrawn' WHERE entry = ANY($1::uuid[]) AND standing = 'applied'",
            taken_back,
        )


async def read_decision(connection: Connection, entry: UUID) -> Record | None:
    """What became of an entry, with the last that was tried to take it back, if anything was."""
    return await connection.fetchrow(
        """SELECT e.entry, e.type, e.engagement, e.workinggroup, e.member, e.recorded_at, e.standing, e.refusals,
                  e.stood, e.legal, b.standing AS back_standing, b.refusals AS back_refusals, b.stood AS back_stood,
                  b.legal AS back_legal
           FROM dialogue_entry e
           LEFT JOIN LATERAL (
               SELECT standing, refusals, stood, legal FROM dialogue_entry w
               WHERE w.engagement = e.engagement AND w.workinggroup = e.workinggroup
                   AND w.type = 'dialogue.withdrawn.v1' AND (w.told ->> 'entry')::uuid = e.entry
               ORDER BY w.place DESC LIMIT 1) b ON true
           WHERE e.entry = $1""",
        entry,
    )


async def read_part(connection: Connection, workinggroup: str, member: str) -> str | None:
    """The part of a member in a group now; that of a collaborating member for its secretariat. None for neither."""
    part: str | None = await connection.fetchval(
        """SELECT coalesce(
               (SELECT role FROM group_member WHERE workinggroup = $1 AND member = $2 AND left_at IS NULL),
               (SELECT 'collaborating' FROM working_group WHERE slug = $1 AND secretariat = $2))""",
        workinggroup,
        member,
    )
    return part
