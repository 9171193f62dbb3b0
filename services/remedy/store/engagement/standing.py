"""SQL on what the board shows of engagements, concluded from their entries; and on what is known beside them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from asyncpg import Record

from services.remedy.domain.engagement.known import Known, Leverage, Statement
from services.remedy.domain.engagement.standing import Engagement
from shared.events.engagement_words import AskState, CompanyContact, EngagementState, ObligationKind
from shared.postgres import Connection

OPEN_ASKS = frozenset({AskState.OPEN, AskState.ACKNOWLEDGED, AskState.COMMITTED})


async def read_owners(tx: Connection, engagements: Collection[UUID]) -> dict[UUID, str]:
    """The working groups to which these ids belong: who was proposed an engagement, or opened it first.

    Who took its opening back still has the id: what it wrote under it is no other group's.
    """
    rows = await tx.fetch(
        """SELECT engagement, workinggroup, 1 AS last FROM dialogue_entry
               WHERE engagement = ANY($1::uuid[]) AND standing <> 'refused'
           UNION SELECT engagement, workinggroup, 2 FROM engagement WHERE engagement = ANY($1::uuid[])
           ORDER BY last""",
        list(engagements),
    )
    return {row["engagement"]: row["workinggroup"] for row in rows}


async def read_closed_groups(tx: Connection, groups: Collection[str]) -> dict[str, datetime]:
    """Which of these groups were closed, and when."""
    rows = await tx.fetch(
        "SELECT slug, closed_at FROM working_group WHERE slug = ANY($1::text[]) AND closed_at IS NOT NULL",
        sorted(groups),
    )
    return {row["slug"]: row["closed_at"] for row in rows}


async def read_resting(tx: Connection, statement: UUID) -> list[Record]:
    """The open engagements that were opened on a statement; not those that are held already."""
    return await tx.fetch(
        """SELECT e.engagement, e.workinggroup, e.supplier
           FROM engagement e JOIN engagement_reason x USING (engagement)
           WHERE x.kind = 'statement' AND x.id = $1 AND e.state = 'open' AND NOT EXISTS (
               SELECT FROM engagement_reason y JOIN reason r ON r.kind = y.kind AND r.id = y.id
               WHERE y.engagement = e.engagement AND y.kind = 'statement' AND r.ended_at IS NOT NULL)
           ORDER BY e.engagement""",
        statement,
    )


async def read_proposed_steps(tx: Connection, engagements: Collection[UUID]) -> dict[UUID, str | None]:
    """The step of the ladder that is proposed of each of these engagements until now, if any is; their rows locked."""
    rows = await tx.fetch(
        """SELECT engagement, escalation_proposed FROM engagement WHERE engagement = ANY($1::uuid[])
           ORDER BY engagement FOR UPDATE""",
        list(engagements),
    )
    return {row["engagement"]: row["escalation_proposed"] for row in rows}


async def read_missed(tx: Connection, engagements: Collection[UUID]) -> set[tuple[UUID, ObligationKind, date]]:
    """What of these engagements was told as missed: what, of which kind, due on which day."""
    rows = await tx.fetch(
        "SELECT about, kind, due FROM obligation WHERE subject = ANY($1::uuid[]) AND missed_at IS NOT NULL",
        list(engagements),
    )
    return {(row["about"], ObligationKind(row["kind"]), row["due"]) for row in rows}


async def read_known(
    tx: Connection,
    statements: Collection[UUID],
    suppliers: Collection[UUID],
    flags: Collection[UUID],
    owners: Mapping[UUID, str],
) -> Known:
    """What the rules may go by, of these statements, suppliers and flags."""
    told = await read_statements(tx, statements)
    rows = await tx.fetch(
        """SELECT n.id, coalesce(s.alias_of, n.id) AS root, coalesce(r.name, s.name) AS name
           FROM unnest($1::uuid[]) AS n (id) LEFT JOIN supplier s ON s.supplier = n.id
               LEFT JOIN supplier r ON r.supplier = s.alias_of""",
        list({*suppliers, *(one.supplier for _, one in told)}),
    )
    return Known(
        statements={one.id: one for kind, one in told if kind == "statement"},
        verifications={one.id: one for kind, one in told if kind == "verification"},
        suppliers={row["id"]: row["root"] for row in rows},
        names={row["id"]: row["name"] for row in rows if row["name"]},
        owners=owners,
        leverage=await read_leverage(tx, flags),
    )


async def read_statements(tx: Connection, ids: Collection[UUID]) -> list[tuple[str, Statement]]:
    """Statements and verifications, with the times between which they stand."""
    if not ids:
        return []
    rows = await tx.fetch(
        """SELECT kind, id, supplier, contact, since, ended_at FROM reason
           WHERE kind IN ('statement', 'verification') AND id = ANY($1::uuid[])""",
        list(ids),
    )
    return [
        (
            row["kind"],
            Statement(
                row["id"], row["supplier"], row["contact"] == CompanyContact.CLEARED, row["since"], row["ended_at"]
            ),
        )
        for row in rows
    ]


async def read_leverage(tx: Connection, flags: Collection[UUID]) -> dict[UUID, Leverage]:
    """How many buyers and contracts these flags touch, as far as that was told."""
    if not flags:
        return {}
    rows = await tx.fetch("SELECT flag, buyers, contracts FROM leverage WHERE flag = ANY($1::uuid[])", list(flags))
    return {row["flag"]: Leverage(row["buyers"], row["contracts"]) for row in rows}


async def write_standing(tx: Connection, engagements: Sequence[Engagement]) -> None:
    """Let the board show engagements as they stand; one whose opening was taken back is shown no more."""
    gone = [one.id for one in engagements if one.state is EngagementState.PROPOSED]
    ordered = sorted((one for one in engagements if one.state is not EngagementState.PROPOSED), key=lambda one: one.id)
    if gone:
        await tx.execute("DELETE FROM engagement WHERE engagement = ANY($1::uuid[])", gone)
    if ordered:
        await upsert(tx, ordered)
    await write_reasons(tx, [*gone, *(one.id for one in ordered)], ordered)


async def upsert(tx: Connection, engagements: Sequence[Engagement]) -> None:
    """Keep what the board shows; when it was proposed, and what is due next, stays as it is."""
    await tx.execute(
        """INSERT INTO engagement AS e (engagement, workinggroup, supplier, category, state, objective, opened_by,
               opened_at, milestone, milestone_since, escalation, open_asks, consultations, outcome, closed_at,
               moved_at)
           SELECT * FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[],
               $8::timestamptz[], $9::text[], $10::date[], $11::text[], $12::int[], $13::int[], $14::text[],
               $15::timestamptz[], $16::timestamptz[])
           ON CONFLICT (engagement) DO UPDATE SET workinggroup = EXCLUDED.workinggroup, supplier = EXCLUDED.supplier,
               category = EXCLUDED.category, state = EXCLUDED.state, why = NULL, objective = EXCLUDED.objective,
               opened_by = EXCLUDED.opened_by, opened_at = EXCLUDED.opened_at, milestone = EXCLUDED.milestone,
               milestone_since = EXCLUDED.milestone_since, escalation = EXCLUDED.escalation,
               open_asks = EXCLUDED.open_asks, consultations = EXCLUDED.consultations, outcome = EXCLUDED.outcome,
               closed_at = EXCLUDED.closed_at, moved_at = EXCLUDED.moved_at""",
        [one.id for one in engagements],
        [one.workinggroup for one in engagements],
        [one.supplier for one in engagements],
        [one.category for one in engagements],
        [one.state for one in engagements],
        [one.objective for one in engagements],
        [one.opened_by for one in engagements],
        [one.opened_at for one in engagements],
        [one.milestone for one in engagements],
        [one.stages[-1].since for one in engagements],
        [one.escalations[-1].step if one.escalations else None for one in engagements],
        [sum(ask.state in OPEN_ASKS for ask in one.asks.values()) for one in engagements],
        [len(one.consultations) for one in engagements],
        [one.outcome for one in engagements],
        [one.closed_at for one in engagements],
        [one.moved_at for one in engagements],
    )


async def write_reasons(tx: Connection, touched: Collection[UUID], engagements: Sequence[Engagement]) -> None:
    """Let engagements have the reasons for which they were opened, and no others."""
    await tx.execute("DELETE FROM engagement_reason WHERE engagement = ANY($1::uuid[])", list(touched))
    named = [(one.id, reason.kind, reason.id) for one in engagements for reason in dict.fromkeys(one.reasons)]
    await tx.execute(
        """INSERT INTO engagement_reason (engagement, kind, id)
           SELECT * FROM unnest($1::uuid[], $2::text[], $3::uuid[]) ON CONFLICT DO NOTHING""",
        [engagement for engagement, _, _ in named],
        [kind for _, kind, _ in named],
        [reason for _, _, reason in named],
    )


async def write_proposed_steps(tx: Connection, steps: Mapping[UUID, str | None]) -> None:
    """Keep which step of the ladder is proposed of each of these engagements."""
    ordered = sorted(steps.items())
    await tx.execute(
        """UPDATE engagement e SET escalation_proposed = u.step
           FROM unnest($1::uuid[], $2::text[]) AS u (engagement, step)
           WHERE e.engagement = u.engagement AND e.escalation_proposed IS DISTINCT FROM u.step""",
        [engagement for engagement, _ in ordered],
        [step for _, step in ordered],
    )
