"""SQL on proposals of engagements, and on all that they follow from."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from asyncpg import Record

from services.remedy.domain.engagement.proposals import Engaged, Ground, Proposal, WorkingGroup, reason_for
from shared.events.engagement_words import CompanyContact, ReasonKind
from shared.events.vocabulary import CATEGORY_OF_INSTRUMENT, Category, Instrument
from shared.postgres import Connection


async def take_turn(tx: Connection) -> None:
    """Let one transaction at a time propose: of a flag and a group that arrive together, one must see the other.

    Also for openings and conclusions, which a proposal follows from. Taken before any row or subject is locked.
    """
    await tx.execute("SELECT pg_advisory_xact_lock(hashtextextended('remedy/proposals', 0))")


async def read_groups(tx: Connection) -> list[WorkingGroup]:
    """All open working groups, with their suppliers as they are known now."""
    rows = await tx.fetch(
        """SELECT w.slug, w.established_at, w.categories, w.instruments,
                  ARRAY(SELECT coalesce(s.alias_of, n.id)
                        FROM unnest(w.suppliers) AS n (id) LEFT JOIN supplier s ON s.supplier = n.id) AS suppliers
           FROM working_group w WHERE w.established_at IS NOT NULL AND w.closed_at IS NULL ORDER BY w.slug"""
    )
    return [
        WorkingGroup(
            row["slug"],
            row["established_at"],
            frozenset(row["suppliers"]),
            frozenset(map(Category, row["categories"])),
            frozenset(map(Instrument, row["instruments"])),
        )
        for row in rows
    ]


GROUNDS = """SELECT r.kind, r.id, r.supplier, coalesce(s.alias_of, r.supplier) AS root, r.category, r.since, r.severity,
       r.serious, r.contact, r.instruments, n.name
FROM reason r LEFT JOIN supplier s ON s.supplier = r.supplier
     JOIN supplier n ON n.supplier = coalesce(s.alias_of, r.supplier) AND n.name IS NOT NULL
WHERE r.ended_at IS NULL AND (r.kind IN ('flag', 'indicator') OR (r.kind = 'statement' AND r.contact = 'cleared'))
    AND (r.supplier = ANY($1::uuid[]) OR r.category = ANY($2::text[]) OR r.instruments && $3::text[])"""
"""Reasons that stand and may be told, of suppliers that have a name by now."""


async def read_grounds(
    tx: Connection, suppliers: Collection[UUID], groups: Sequence[WorkingGroup]
) -> tuple[list[Ground], dict[UUID, str]]:
    """The reasons about these suppliers (by any of their ids) or in the issues of these groups; the suppliers' names.

    Left out are statements on which the company may not be approached: they are told nowhere.
    """
    by_issue = [group for group in groups if not group.suppliers]
    instruments = {one for group in by_issue for one in group.instruments}
    categories = {one for group in by_issue for one in group.categories}
    categories |= {CATEGORY_OF_INSTRUMENT[one] for one in instruments if one in CATEGORY_OF_INSTRUMENT}
    rows = await tx.fetch(GROUNDS, list(suppliers), sorted(categories), sorted(instruments))
    return [ground_of(row) for row in rows], {row["root"]: row["name"] for row in rows}


def ground_of(row: Record) -> Ground:
    """A reason from its row."""
    return Ground(
        ReasonKind(row["kind"]),
        row["id"],
        row["supplier"],
        row["root"],
        Category(row["category"]),
        row["since"],
        row["severity"],
        row["serious"],
        None if row["contact"] is None else CompanyContact(row["contact"]),
        frozenset(map(Instrument, row["instruments"])),
    )


async def read_engaged(tx: Connection, suppliers: Collection[UUID], reasons: Collection[UUID]) -> list[Engaged]:
    """The engagements that people opened: with these suppliers (all their ids), or on these reasons."""
    rows = await tx.fetch(
        """SELECT e.engagement, e.workinggroup, coalesce(s.alias_of, e.supplier) AS root, e.category, e.closed_at,
                  ARRAY(SELECT id FROM engagement_reason r WHERE r.engagement = e.engagement) AS reasons
           FROM engagement e LEFT JOIN supplier s USING (supplier)
           WHERE e.state IN ('open', 'closed')
             AND (e.supplier = ANY($1::uuid[])
                  OR e.engagement IN (SELECT engagement FROM engagement_reason WHERE id = ANY($2::uuid[])))""",
        list(suppliers),
        list(reasons),
    )
    return [
        Engaged(row[0], row[1], row[2], Category(row["category"]), row["closed_at"], frozenset(row["reasons"]))
        for row in rows
    ]


async def read_taken(tx: Connection, ids: Collection[UUID]) -> set[UUID]:
    """Those of these ids under which somebody opened an engagement, also where the opening was taken back since."""
    rows = await tx.fetch(
        """SELECT engagement FROM engagement WHERE engagement = ANY($1::uuid[]) AND state IN ('open', 'closed')
           UNION SELECT engagement FROM dialogue_entry WHERE engagement = ANY($1::uuid[]) AND standing <> 'refused'""",
        list(ids),
    )
    return {row["engagement"] for row in rows}


@dataclass(frozen=True, slots=True)
class Standing:
    """A proposal as it stands until now."""

    engagement: UUID
    workinggroup: str
    supplier: UUID
    root: UUID
    category: Category
    reasons: frozenset[UUID]


async def read_standing(tx: Connection, groups: Collection[str], suppliers: Collection[UUID]) -> list[Standing]:
    """The proposals to these groups, and about these suppliers (all their ids)."""
    rows = await tx.fetch(
        """SELECT e.engagement, e.workinggroup, e.supplier, coalesce(s.alias_of, e.supplier) AS root, e.category,
                  ARRAY(SELECT id FROM engagement_reason r WHERE r.engagement = e.engagement) AS reasons
           FROM engagement e LEFT JOIN supplier s USING (supplier)
           WHERE e.state = 'proposed' AND (e.workinggroup = ANY($1::text[]) OR e.supplier = ANY($2::uuid[]))
           ORDER BY e.engagement""",
        list(groups),
        list(suppliers),
    )
    return [
        Standing(row[0], row[1], row[2], row[3], Category(row["category"]), frozenset(row["reasons"])) for row in rows
    ]


async def write(tx: Connection, proposals: Sequence[Proposal]) -> None:
    """Keep proposals with the reasons that stand; an engagement that was opened is left as it is."""
    rows: list[tuple[Any, ...]] = [
        (
            one.engagement,
            one.workinggroup,
            one.supplier,
            one.category,
            reason_for(one.category, one.reasons),
            one.since,
            one.moved,
        )
        for one in sorted(proposals, key=lambda one: one.engagement)
    ]
    kept = await tx.fetch(
        """INSERT INTO engagement AS e (engagement, workinggroup, supplier, category, state, why, proposed_at, moved_at)
           SELECT engagement, workinggroup, supplier, category, 'proposed', why, since, moved
           FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::text[], $6::timestamptz[], $7::timestamptz[])
               AS u (engagement, workinggroup, supplier, category, why, since, moved)
           ON CONFLICT (engagement) DO UPDATE SET state = 'proposed', supplier = EXCLUDED.supplier,
               category = EXCLUDED.category, why = EXCLUDED.why, proposed_at = EXCLUDED.proposed_at,
               moved_at = EXCLUDED.moved_at
           WHERE e.state NOT IN ('open', 'closed') AND e.workinggroup = EXCLUDED.workinggroup
           RETURNING engagement""",
        *(list(column) for column in zip(*rows, strict=True)),
    )
    await write_reasons(tx, {row["engagement"] for row in kept}, proposals)


async def write_reasons(tx: Connection, kept: Collection[UUID], proposals: Sequence[Proposal]) -> None:
    """Let proposals have these reasons and no others."""
    named = [
        (one.engagement, ground.kind, ground.id)
        for one in proposals
        if one.engagement in kept
        for ground in one.reasons
    ]
    engagements, kinds, ids = ([row[at] for row in named] for at in range(3))
    await tx.execute(
        """DELETE FROM engagement_reason r WHERE engagement = ANY($1::uuid[])
           AND NOT EXISTS (SELECT FROM unnest($2::uuid[], $3::text[], $4::uuid[]) AS u (engagement, kind, id)
                           WHERE (u.engagement, u.kind, u.id) = (r.engagement, r.kind, r.id))""",
        list(kept),
        engagements,
        kinds,
        ids,
    )
    await tx.execute(
        """INSERT INTO engagement_reason (engagement, kind, id)
           SELECT * FROM unnest($1::uuid[], $2::text[], $3::uuid[]) ON CONFLICT DO NOTHING""",
        engagements,
        kinds,
        ids,
    )


async def forget(tx: Connection, engagements: Collection[UUID]) -> None:
    """Forget proposals for which nothing gives reason any longer, with their reasons."""
    await tx.execute(
        """WITH gone AS (DELETE FROM engagement WHERE engagement = ANY($1::uuid[]) AND state = 'proposed'
                         RETURNING engagement)
           DELETE FROM engagement_reason r USING gone WHERE r.engagement = gone.engagement""",
        list(engagements),
    )
