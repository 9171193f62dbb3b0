"""Engagements, and what they are concluded from: working groups and flags as last told."""

from collections.abc import Collection, Sequence
from uuid import UUID

from asyncpg import Record

from services.remedy.domain.engagements import Flag, Proposal, WorkingGroup, reason_for
from shared.events.vocabulary import Category, GroupRole
from shared.postgres import Connection


async def take_turn(tx: Connection) -> None:
    """Let one transaction at a time propose: of a flag and a group that arrive together, one must see the other."""
    await tx.execute("SELECT pg_advisory_xact_lock(hashtextextended('remedy/proposals', 0))")


async def save_groups(tx: Connection, groups: Sequence[WorkingGroup]) -> None:
    """Keep working groups as they now are."""
    await tx.execute(
        """INSERT INTO working_group (slug, suppliers, categories)
           SELECT slug, string_to_array(suppliers, ',')::uuid[], string_to_array(categories, ',')
           FROM unnest($1::text[], $2::text[], $3::text[]) AS u (slug, suppliers, categories)
           ON CONFLICT (slug) DO UPDATE SET suppliers = EXCLUDED.suppliers, categories = EXCLUDED.categories""",
        [group.slug for group in groups],
        [",".join(sorted(map(str, group.suppliers))) for group in groups],
        [",".join(sorted(group.categories)) for group in groups],
    )


async def read_groups(tx: Connection) -> list[WorkingGroup]:
    """All working groups."""
    rows = await tx.fetch("SELECT slug, suppliers, categories FROM working_group ORDER BY slug")
    return [
        WorkingGroup(row["slug"], frozenset(row["suppliers"]), frozenset(map(Category, row["categories"])))
        for row in rows
    ]


async def insert_flags(tx: Connection, flags: Sequence[Flag]) -> None:
    """Keep the flags that are not known yet, in this order."""
    await tx.execute(
        """INSERT INTO flag (flag_id, supplier, supplier_name, category, serious)
           SELECT flag_id, supplier, supplier_name, category, serious
           FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::boolean[])
               WITH ORDINALITY AS u (flag_id, supplier, supplier_name, category, serious, place)
           ORDER BY u.place
           ON CONFLICT DO NOTHING""",
        [flag.id for flag in flags],
        [flag.supplier for flag in flags],
        [flag.supplier_name for flag in flags],
        [flag.category for flag in flags],
        [flag.serious for flag in flags],
    )


async def read_flags(tx: Connection, suppliers: Collection[UUID], categories: Collection[Category]) -> list[Flag]:
    """The flags on these suppliers or in these categories, the oldest first."""
    rows = await tx.fetch(
        """SELECT flag_id, supplier, supplier_name, category, serious FROM flag
           WHERE supplier = ANY($1::uuid[]) OR category = ANY($2::text[]) ORDER BY place""",
        list(suppliers),
        list(categories),
    )
    return [Flag(row[0], row[1], row[2], Category(row[3]), row[4]) for row in rows]


async def insert_engagements(tx: Connection, proposals: Sequence[Proposal]) -> set[UUID]:
    """Keep the engagements that were not proposed before; their ids."""
    rows = await tx.fetch(
        """INSERT INTO engagement (engagement_id, workinggroup, supplier, supplier_name, category, reason)
           SELECT * FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::text[], $6::text[])
           ON CONFLICT DO NOTHING RETURNING engagement_id""",
        [proposal.engagement for proposal in proposals],
        [proposal.workinggroup for proposal in proposals],
        [proposal.supplier for proposal in proposals],
        [proposal.supplier_name for proposal in proposals],
        [proposal.category for proposal in proposals],
        [reason_for(proposal.category) for proposal in proposals],
    )
    return {row["engagement_id"] for row in rows}


async def add_reasons(tx: Connection, proposals: Sequence[Proposal]) -> None:
    """Add the flags to their engagements, each once."""
    pairs = [(proposal.engagement, flag) for proposal in proposals for flag in proposal.flags]
    await tx.execute(
        """INSERT INTO engagement_flag (engagement_id, flag_id)
           SELECT * FROM unnest($1::uuid[], $2::uuid[]) ON CONFLICT DO NOTHING""",
        [engagement for engagement, _ in pairs],
        [flag for _, flag in pairs],
    )


async def read_engagements(tx: Connection, workinggroup: str | None) -> list[Record]:
    """The engagements of a working group, or all, with their flags, the oldest first."""
    return await tx.fetch(
        """SELECT e.*, array_agg(f.flag_id ORDER BY f.place) AS flags
           FROM engagement e JOIN engagement_flag USING (engagement_id) JOIN flag f USING (flag_id)
           WHERE $1::text IS NULL OR e.workinggroup = $1
           GROUP BY e.engagement_id ORDER BY e.workinggroup, e.supplier_name, e.category""",
        workinggroup,
    )


async def open_engagement(tx: Connection, engagement: UUID, objective: str, role: GroupRole) -> bool:
    """Open an engagement that is proposed; False where there is none."""
    done = await tx.execute(
        """UPDATE engagement SET state = 'opened', objective = $2, opened_by = $3
           WHERE engagement_id = $1 AND state = 'proposed'""",
        engagement,
        objective,
        role,
    )
    return done == "UPDATE 1"


async def read_engagement(tx: Connection, engagement: UUID) -> Record | None:
    """An engagement with its flags, the oldest first."""
    return await tx.fetchrow(
        """SELECT e.*, array(SELECT f.flag_id FROM engagement_flag JOIN flag f USING (flag_id)
                             WHERE engagement_id = e.engagement_id ORDER BY f.place) AS flags
           FROM engagement e WHERE engagement_id = $1""",
        engagement,
    )
