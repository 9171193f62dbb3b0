"""SQL that reads what documents are computed from: entries, what was concluded of them, names, reasons, contracts."""

from asyncio import to_thread
from collections.abc import AsyncIterator, Collection, Iterable
from uuid import UUID

from asyncpg import Record

from services.remedy.domain.engagement.documents.told import Told
from shared.events import EVENT_TYPES, decode
from shared.events.envelope import EventData
from shared.packing import unpack
from shared.postgres import Connection

AT_ONCE = 500
"""Rows of an export that are held in memory at a time."""


async def read_ids(
    connection: Connection, groups: Collection[str] | None, suppliers: Collection[UUID] | None
) -> set[UUID]:
    """The engagements of these groups with these suppliers; None stands for all."""
    rows = await connection.fetch(
        """SELECT engagement FROM engagement
           WHERE ($1::text[] IS NULL OR workinggroup = ANY($1)) AND ($2::uuid[] IS NULL OR supplier = ANY($2))""",
        None if groups is None else sorted(groups),
        None if suppliers is None else list(suppliers),
    )
    return {row["engagement"] for row in rows}


async def read_entries(
    connection: Connection, groups: Collection[str] | None, engagements: Collection[UUID] | None
) -> list[Told[EventData]]:
    """The entries of these groups, of these engagements of theirs, in the order of their acceptance; None for all.

    Also those that were refused or taken back. What another group says under the id of an engagement is not of it.
    """
    rows = await connection.fetch(
        """SELECT d.event, d.engagement AS subject, d.recorded_at, d.type, d.told, d.standing
           FROM dialogue_entry d LEFT JOIN engagement e USING (engagement, workinggroup)
           WHERE ($1::text[] IS NULL OR d.workinggroup = ANY($1))
             AND ($2::uuid[] IS NULL OR e.engagement = ANY($2))
           ORDER BY d.recorded_at, d.engagement, d.place""",
        None if groups is None else sorted(groups),
        None if engagements is None else list(engagements),
    )
    return await to_thread(lambda: [one for row in rows if (one := told_of(row))])


async def read_practices(connection: Connection, groups: Collection[str] | None) -> list[Told[EventData]]:
    """The practices that these groups described themselves, the first first."""
    rows = await connection.fetch(
        """SELECT event, practice AS subject, recorded_at, 'practice.recorded.v1' AS type, told,
                  CASE WHEN withdrawn_at IS NULL THEN 'applied' ELSE 'withdrawn' END AS standing
           FROM practice WHERE offered_by IS NULL AND ($1::text[] IS NULL OR workinggroup = ANY($1))
           ORDER BY recorded_at, practice""",
        None if groups is None else sorted(groups),
    )
    return [one for row in rows if (one := told_of(row))]


async def read_accounts(connection: Connection, member: str) -> list[Told[EventData]]:
    """The accounts that a member told of as published, the last one last."""
    rows = await connection.fetch(
        """SELECT event, subject, recorded_at, type, told, standing FROM follow_up_entry
           WHERE member = $1 AND type = 'account.recorded.v1' AND standing = 'applied' ORDER BY recorded_at""",
        member,
    )
    return [one for row in rows if (one := told_of(row))]


async def read_taken_back(connection: Connection, member: str) -> set[UUID]:
    """The entries of the follow-up of a member's contracts, and of requests to it, that were taken back since."""
    rows = await connection.fetch(
        "SELECT entry FROM follow_up_entry WHERE member = $1 AND standing = 'withdrawn'", member
    )
    return {row["entry"] for row in rows}


def told_of(row: Record) -> Told[EventData] | None:
    """An entry as it was kept; None for a type that this release does not know."""
    model = EVENT_TYPES.get(row["type"])
    if model is None:
        return None
    return Told(
        row["event"], row["recorded_at"], row["subject"], model.model_validate_json(row["told"]), row["standing"]
    )


async def read_facts(
    connection: Connection, topics: Collection[str], keys: Collection[UUID] | None
) -> list[Told[EventData]]:
    """What `remedy` told on these topics, under these keys (None for all), in its order."""
    rows = await connection.fetch(
        """SELECT headers, value FROM outbox
           WHERE topic = ANY($1::text[]) AND ($2::text[] IS NULL OR key = ANY($2)) ORDER BY id""",
        sorted(topics),
        None if keys is None else [str(key) for key in keys],
    )
    return await to_thread(facts_of, rows)


def facts_of(rows: Iterable[Record]) -> list[Told[EventData]]:
    """The facts from their rows; without those of a type that this release does not know."""
    events = (decode(unpack(row["headers"]), row["value"]) for row in rows)
    return [Told(one.id, one.time, UUID(one.subject), one.data) for one in events if one.data is not None]


async def read_supplier_names(connection: Connection) -> list[Record]:
    """What each supplier id means today, and what that supplier is called."""
    return await connection.fetch(
        """SELECT s.supplier, coalesce(s.alias_of, s.supplier) AS now, coalesce(r.name, s.name) AS name,
                  coalesce(r.country, s.country) AS country
           FROM supplier s LEFT JOIN supplier r ON r.supplier = s.alias_of"""
    )


async def find_suppliers(connection: Connection, one: UUID | None, words: str) -> list[Record]:
    """The suppliers that an id of theirs means, or whose name has these words; the same name first."""
    if one is not None:
        return await connection.fetch(
            """SELECT r.supplier, r.name, r.country, false AS exact
               FROM supplier s JOIN supplier r ON r.supplier = coalesce(s.alias_of, s.supplier)
               WHERE s.supplier = $1""",
            one,
        )
    return await connection.fetch(
        """SELECT supplier, name, country, lower(name) = lower($1) AS exact FROM supplier
           WHERE alias_of IS NULL AND strpos(lower(name), lower($1)) > 0
           ORDER BY exact DESC, name, supplier LIMIT 11""",
        words,
    )


async def read_participants(connection: Connection) -> list[Record]:
    """Every member, with whether it has left."""
    return await connection.fetch(
        "SELECT member, name, kind, bound_by, left_at IS NOT NULL AS has_left FROM participant ORDER BY member"
    )


async def read_groups(connection: Connection) -> list[Record]:
    """Every working group."""
    return await connection.fetch("SELECT slug, name, purpose, secretariat FROM working_group ORDER BY slug")


async def read_roles(connection: Connection, group: str) -> list[Record]:
    """Who takes part in a group, and in which part."""
    return await connection.fetch(
        "SELECT member, role FROM group_member WHERE workinggroup = $1 AND left_at IS NULL ORDER BY member", group
    )


async def read_reasons(connection: Connection, suppliers: Collection[UUID]) -> list[Record]:
    """What is known of risks at a supplier, the oldest first; no statement on which it may not be approached."""
    return await connection.fetch(
        """SELECT kind, id, category, since, contact, quarter, ended_at, event FROM reason
           WHERE supplier = ANY($1::uuid[]) AND (kind <> 'statement' OR contact = 'cleared')
           ORDER BY since, kind, id""",
        list(suppliers),
    )


async def read_leverage(connection: Connection, suppliers: Collection[UUID]) -> list[Record]:
    """The leverage on the flags at a supplier, the greatest first."""
    return await connection.fetch(
        """SELECT flag, category, buyers, contracts, "values", told_at, event FROM leverage
           WHERE supplier = ANY($1::uuid[]) ORDER BY buyers DESC, flag""",
        list(suppliers),
    )


async def read_contracts(connection: Connection, reader: str, suppliers: Collection[UUID] | None) -> list[Record]:
    """The contracts that a member was told of on its own topic, with these suppliers (None for all)."""
    return await connection.fetch(
        """SELECT contract, member, reference, title, supplier, starts, ends, ended_on, conditions, recorded_at, event
           FROM contract WHERE reader = $1 AND ($2::uuid[] IS NULL OR supplier = ANY($2))
           ORDER BY reference, contract""",
        reader,
        None if suppliers is None else list(suppliers),
    )


async def stream_entries(connection: Connection, group: str, engagement: UUID | None) -> AsyncIterator[Record]:
    """Every entry of a group's dialogue, or of one of its engagements, in order. Needs a transaction."""
    query = """SELECT event, engagement::text AS key, place AS sequence, type, recorded_at, told, standing
               FROM dialogue_entry WHERE workinggroup = $1 AND ($2::uuid IS NULL OR engagement = $2)
               UNION ALL
               SELECT event, practice::text, NULL, 'practice.recorded.v1', recorded_at, told,
                      CASE WHEN withdrawn_at IS NULL THEN 'applied' ELSE 'withdrawn' END
               FROM practice WHERE workinggroup = $1 AND offered_by IS NULL
                    AND ($2::uuid IS NULL OR told ->> 'engagement' = $2::text)
               ORDER BY recorded_at, key, sequence"""
    async for row in connection.cursor(query, group, engagement, prefetch=AT_ONCE):
        yield row


async def stream_facts(connection: Connection, topic: str, engagement: UUID | None) -> AsyncIterator[Record]:
    """What `remedy` told on a topic, or of one engagement there, in order. Needs a transaction."""
    query = "SELECT headers, value FROM outbox WHERE topic = $1 AND ($2::text IS NULL OR key = $2) ORDER BY id"
    async for row in connection.cursor(query, topic, engagement and str(engagement), prefetch=AT_ONCE):
        yield row
