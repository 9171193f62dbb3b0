"""SQL on what is due by a day, of engagements and members."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from uuid import UUID

from asyncpg import Record

from services.remedy.domain.engagement.obligations import DueTerms, Obligation, Owed
from shared.events.engagement_words import ObligationKind
from shared.postgres import Connection

COLUMNS = "about, kind, subject, due, basis, engagement, workinggroup, supplier, member, contract, ended_at"
CLOSED = "EXISTS (SELECT FROM working_group w WHERE w.slug = o.workinggroup AND w.closed_at <= {moment})"
MISSED = f"""missed_at IS NULL AND (ended_at IS NULL OR ended_at >= due_at) AND due_at <= $1
    AND NOT {CLOSED.format(moment="o.due_at")}"""
"""Its last day was over at a moment, while it stood and its group was not closed, and that was not told yet."""
NEAR = f"""warned_at IS NULL AND (ended_at IS NULL OR ended_at >= warn_at) AND warn_at <= $1
    AND NOT {CLOSED.format(moment="o.warn_at")}"""
"""It had come near at a moment, while it stood and its group was not closed, and that was not told yet."""


async def lock(tx: Connection, subjects: Collection[UUID]) -> None:
    """Lock the obligations of these subjects. Who does so before all else meets no deadlock: the clock does so too."""
    await tx.execute(
        "SELECT FROM obligation WHERE subject = ANY($1::uuid[]) ORDER BY about, kind FOR UPDATE", list(subjects)
    )


async def lock_accounts(tx: Connection, members: Collection[str]) -> None:
    """Lock members' annual accounts, also those that there are none of yet, and what is due of them.

    Who changes an account does so before it is read, and before all else that is due is locked.
    """
    await tx.execute(
        """SELECT pg_advisory_xact_lock(hashtextextended('remedy/accounts/' || member, 0))
           FROM (SELECT member FROM unnest($1::text[]) AS u (member) ORDER BY member) ordered""",
        sorted(members),
    )
    await tx.execute(
        """SELECT FROM obligation WHERE member = ANY($1::text[]) AND kind = 'annual_account'
           ORDER BY about, kind FOR UPDATE""",
        sorted(members),
    )


async def write(tx: Connection, owed: Owed, terms: DueTerms) -> None:
    """Keep how obligations changed. One with a later day than before comes near and is missed anew.

    What was told of one with an earlier day stays told, as of its new day; what ended stays ended since then.
    """
    if owed.standing:
        await upsert(tx, list(owed.standing.values()), terms)
    if owed.endings:
        await tx.execute(
            """UPDATE obligation o SET ended_at = least(o.ended_at, u.at)
               FROM unnest($1::uuid[], $2::text[], $3::timestamptz[]) AS u (about, kind, at)
               WHERE o.about = u.about AND o.kind = u.kind AND (o.ended_at IS NULL OR o.ended_at > u.at)""",
            [about for about, _ in owed.endings],
            [kind for _, kind in owed.endings],
            list(owed.endings.values()),
        )


async def upsert(tx: Connection, obligations: Sequence[Obligation], terms: DueTerms) -> None:
    """Keep obligations as they now are; an ended one keeps the moment at which it ended first."""
    await tx.execute(
        f"""INSERT INTO obligation AS o ({COLUMNS}, warn_at, due_at)
            SELECT * FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::date[], $5::text[], $6::uuid[], $7::text[],
                $8::uuid[], $9::text[], $10::uuid[], $11::timestamptz[], $12::timestamptz[], $13::timestamptz[])
            ON CONFLICT (about, kind) DO UPDATE SET subject = EXCLUDED.subject, due = EXCLUDED.due,
                basis = EXCLUDED.basis, engagement = EXCLUDED.engagement, workinggroup = EXCLUDED.workinggroup,
                supplier = EXCLUDED.supplier, member = EXCLUDED.member, contract = EXCLUDED.contract,
                warn_at = EXCLUDED.warn_at, due_at = EXCLUDED.due_at,
                warned_at = CASE WHEN o.warned_at IS NULL OR EXCLUDED.due > o.due THEN NULL ELSE EXCLUDED.warn_at END,
                missed_at = CASE WHEN o.missed_at IS NULL OR EXCLUDED.due > o.due THEN NULL ELSE EXCLUDED.due_at END,
                ended_at = CASE WHEN EXCLUDED.ended_at IS NOT NULL AND EXCLUDED.due = o.due
                    THEN least(o.ended_at, EXCLUDED.ended_at) ELSE EXCLUDED.ended_at END""",  # noqa: S608 -- columns
        [one.about for one in obligations],
        [one.kind for one in obligations],
        [one.subject for one in obligations],
        [one.due for one in obligations],
        [one.basis for one in obligations],
        [one.engagement for one in obligations],
        [one.workinggroup for one in obligations],
        [one.supplier for one in obligations],
        [one.member for one in obligations],
        [one.contract for one in obligations],
        [one.ended_at for one in obligations],
        [terms.warn_at(one) for one in obligations],
        [terms.due_at(one) for one in obligations],
    )


async def lock_missed(tx: Connection, at: datetime, limit: int) -> list[Obligation]:
    """Obligations whose last day was over at a moment, while they stood, and of which that was not told yet; locked.

    Those that others have are left to them. The longest overdue come first.
    """
    rows = await tx.fetch(
        f"""SELECT {COLUMNS} FROM obligation o WHERE {MISSED}
            ORDER BY due_at, about, kind LIMIT $2 FOR UPDATE SKIP LOCKED""",  # noqa: S608 -- names of columns alone
        at,
        limit,
    )
    return [obligation(row) for row in rows]


async def lock_near(tx: Connection, at: datetime, limit: int) -> list[Obligation]:
    """Obligations that had come near at a moment, while they stood, and of which that was not told yet; locked.

    Those that others have are left to them, those whose last day is over to `lock_missed`.
    """
    rows = await tx.fetch(
        f"""SELECT {COLUMNS} FROM obligation o
            WHERE {NEAR} AND (due_at > $1 OR ended_at < due_at OR {CLOSED.format(moment="o.due_at")})
            ORDER BY warn_at, about, kind LIMIT $2 FOR UPDATE SKIP LOCKED""",  # noqa: S608 -- names of columns alone
        at,
        limit,
    )
    return [obligation(row) for row in rows]


async def mark(tx: Connection, near: Sequence[Obligation], missed: Sequence[Obligation]) -> None:
    """These were told of. The moments are those of the obligations, whenever that was."""
    told = [*near, *missed]
    await tx.execute(
        """UPDATE obligation o SET warned_at = o.warn_at,
               missed_at = CASE WHEN u.missed THEN o.due_at ELSE o.missed_at END
           FROM unnest($1::uuid[], $2::text[], $3::boolean[]) AS u (about, kind, missed)
           WHERE o.about = u.about AND o.kind = u.kind""",
        [one.about for one in told],
        [one.kind for one in told],
        [False] * len(near) + [True] * len(missed),
    )


async def refresh_board(tx: Connection, engagements: Collection[UUID]) -> None:
    """Set what is overdue and due next of engagements, as their obligations have it; what was missed is not next.

    The time at a milestone is left out: the board shows it as days. The rows are locked in one order, as elsewhere.
    """
    await tx.execute(
        "SELECT FROM engagement WHERE engagement = ANY($1::uuid[]) ORDER BY engagement FOR UPDATE", sorted(engagements)
    )
    await tx.execute(
        """WITH standing AS (
               SELECT engagement, due, kind, about, missed_at FROM obligation
               WHERE engagement = ANY($1::uuid[]) AND ended_at IS NULL AND kind <> 'stage'),
           late AS (SELECT engagement, count(*) AS overdue FROM standing WHERE missed_at IS NOT NULL GROUP BY 1),
           coming AS (SELECT DISTINCT ON (engagement) * FROM standing WHERE missed_at IS NULL
                      ORDER BY engagement, due, kind, about)
           UPDATE engagement e
           SET overdue = coalesce(l.overdue, 0), next_due = c.due, next_due_kind = c.kind, next_due_about = c.about
           FROM unnest($1::uuid[]) AS u (engagement) LEFT JOIN late l USING (engagement)
               LEFT JOIN coming c USING (engagement)
           WHERE e.engagement = u.engagement""",
        sorted(engagements),
    )


async def read_due(
    connection: Connection, member: str | None, groups: Collection[str] | None, until: date, limit: int
) -> list[Record]:
    """What stands due until a day, the first due first: of a member and of these groups; None: of all.

    The time that an engagement stands at a milestone is not due of anybody, and left out. `wording` is what was asked,
    promised or written of it.
    """
    return await connection.fetch(
        """SELECT o.about, o.kind, o.due, o.basis, o.engagement, o.workinggroup, o.member, o.contract,
               o.missed_at IS NOT NULL AS missed, c.clause, coalesce(c.wanted, d.told ->> 'wording') AS wording,
               k.reference, s.supplier, s.name AS supplier_name
           FROM obligation o
           LEFT JOIN condition c ON c.condition = o.about
           LEFT JOIN dialogue_entry d ON d.entry = o.about
           LEFT JOIN contract k ON k.contract = o.contract AND k.reader = o.member
           LEFT JOIN supplier a ON a.supplier = coalesce(o.supplier, k.supplier)
           LEFT JOIN supplier s ON s.supplier = coalesce(a.alias_of, a.supplier)
           WHERE o.ended_at IS NULL AND o.due <= $3 AND o.kind <> 'stage'
             AND ($1::text IS NULL OR o.member = $1 OR o.workinggroup = ANY($2::text[]))
           ORDER BY o.due, o.kind, o.about LIMIT $4""",
        member,
        None if groups is None else sorted(groups),
        until,
        limit,
    )


async def count_untold(connection: Connection, at: datetime) -> int:
    """How many obligations had come near or were missed at a moment, and were not told of yet."""
    number: int = await connection.fetchval(
        f"SELECT count(*) FROM obligation o WHERE ({MISSED}) OR ({NEAR})",  # noqa: S608 -- our own conditions
        at,
    )
    return number


async def count_overdue(connection: Connection) -> dict[str, int]:
    """How many obligations of each kind were missed and still stand."""
    rows = await connection.fetch(
        "SELECT kind, count(*) AS number FROM obligation WHERE ended_at IS NULL AND missed_at IS NOT NULL GROUP BY kind"
    )
    return {row["kind"]: row["number"] for row in rows}


def obligation(row: Record) -> Obligation:
    """An obligation from its row."""
    return Obligation(**{**dict(row), "kind": ObligationKind(row["kind"])})
