"""Every SQL statement on the tables of `remedy`. Each works on a whole batch; the first argument is the connection."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from asyncpg import Record

from services.remedy.domain import Case, Deadline, Flag, Proposal, WorkingGroup, reason_for
from shared.events.lifecycles import CaseState, DeadlineKind
from shared.events.vocabulary import Category, GroupRole
from shared.postgres import Connection

# The trustee's key.


async def insert_key(tx: Connection, key_id: str, public_key: str, days: int) -> Record | None:
    """Keep a key, valid from now on; its row, or None where it is known already."""
    return await tx.fetchrow(
        """INSERT INTO trustee_key (key_id, public_key, valid_from, valid_to)
           VALUES ($1, $2, now(), now() + make_interval(hours => 24 * $3))
           ON CONFLICT DO NOTHING RETURNING *""",
        key_id,
        public_key,
        days,
    )


async def read_key(tx: Connection, key_id: str) -> Record | None:
    """A key with its validity."""
    return await tx.fetchrow("SELECT * FROM trustee_key WHERE key_id = $1", key_id)


# Cases and their deadlines.


async def insert_cases(tx: Connection, cases: Sequence[Case]) -> set[UUID]:
    """Keep the cases that are not known yet; their ids."""
    rows = await tx.fetch(
        """INSERT INTO grievance_case (case_id, reference, kind, state, key_id, sealed, openable, received_at)
           SELECT id, reference, kind, $8, key_id, sealed, openable, received_at
           FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::boolean[], $7::timestamptz[])
               AS u (id, reference, kind, key_id, sealed, openable, received_at)
           ON CONFLICT (case_id) DO NOTHING RETURNING case_id""",
        [case.id for case in cases],
        [case.reference for case in cases],
        [case.kind for case in cases],
        [case.key_id for case in cases],
        [case.sealed for case in cases],
        [case.openable for case in cases],
        [case.received_at for case in cases],
        CaseState.RECEIVED,
    )
    return {row["case_id"] for row in rows}


async def insert_deadlines(tx: Connection, deadlines: Sequence[Deadline]) -> None:
    """Keep deadlines of cases that have none of their kind."""
    await tx.execute(
        """INSERT INTO deadline (case_id, kind, due_at, warn_at, basis)
           SELECT * FROM unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::timestamptz[], $5::text[])""",
        [deadline.case for deadline in deadlines],
        [deadline.kind for deadline in deadlines],
        [deadline.due_at for deadline in deadlines],
        [deadline.warn_at for deadline in deadlines],
        [deadline.basis for deadline in deadlines],
    )


@dataclass(frozen=True, slots=True)
class Taken:
    """A deadline whose moment has come, marked with the id of the event that tells so."""

    event: UUID
    reference: str
    deadline: Deadline


async def take_near(tx: Connection, limit: int) -> list[Taken]:
    """Mark deadlines as warned of whose time to warn has come, that are neither met nor past and were not marked."""
    rows = await tx.fetch(
        """WITH near AS (
               SELECT case_id, kind FROM deadline
               WHERE warn_at <= now() AND due_at > now()
                 AND warned_event IS NULL AND fired_event IS NULL AND met_at IS NULL
               ORDER BY warn_at FOR UPDATE SKIP LOCKED LIMIT $1)
           UPDATE deadline d SET warned_event = gen_random_uuid()
           FROM near JOIN grievance_case c USING (case_id)
           WHERE d.case_id = near.case_id AND d.kind = near.kind
           RETURNING d.*, d.warned_event AS event, c.reference""",
        limit,
    )
    return [taken(row) for row in rows]


async def take_missed(tx: Connection, limit: int) -> list[Taken]:
    """Mark deadlines as missed that have passed, are not met and were not marked."""
    rows = await tx.fetch(
        """WITH missed AS (
               SELECT case_id, kind FROM deadline
               WHERE due_at <= now() AND fired_event IS NULL AND met_at IS NULL
               ORDER BY due_at FOR UPDATE SKIP LOCKED LIMIT $1)
           UPDATE deadline d SET fired_event = gen_random_uuid()
           FROM missed JOIN grievance_case c USING (case_id)
           WHERE d.case_id = missed.case_id AND d.kind = missed.kind
           RETURNING d.*, d.fired_event AS event, c.reference""",
        limit,
    )
    return [taken(row) for row in rows]


def taken(row: Record) -> Taken:
    """A marked deadline from its row."""
    kind = DeadlineKind(row["kind"])
    deadline = Deadline(row["case_id"], kind, row["due_at"], row["warn_at"], row["basis"])
    return Taken(row["event"], row["reference"], deadline)


async def lock_case(tx: Connection, reference: str) -> Record | None:
    """A case by its reference, locked until the transaction ends."""
    return await tx.fetchrow("SELECT * FROM grievance_case WHERE reference = $1 FOR UPDATE", reference)


async def move_case(tx: Connection, case: UUID, state: CaseState) -> None:
    """Put a case into a state."""
    await tx.execute("UPDATE grievance_case SET state = $2 WHERE case_id = $1", case, state)


async def meet_deadline(tx: Connection, case: UUID, kind: DeadlineKind) -> None:
    """Mark a deadline as met now, where it is not yet; what was warned of or missed stays so."""
    await tx.execute(
        "UPDATE deadline SET met_at = now() WHERE case_id = $1 AND kind = $2 AND met_at IS NULL", case, kind
    )


async def record_opening(tx: Connection, case: UUID, motivation: str) -> None:
    """Record that the box of a case is opened, and why."""
    await tx.execute("INSERT INTO opening (case_id, motivation) VALUES ($1, $2)", case, motivation)


async def read_cases(tx: Connection, state: CaseState | None, limit: int) -> list[Record]:
    """Cases, one row per deadline: those with a deadline not met first, by its moment, then the newest."""
    return await tx.fetch(
        """SELECT c.*, d.kind AS deadline, d.due_at, d.warn_at, d.met_at, d.basis, now() AS now
           FROM (SELECT reference, case_id, kind, state, openable, received_at, open.due_at AS next_due
                 FROM grievance_case
                 LEFT JOIN (SELECT case_id, min(due_at) AS due_at FROM deadline WHERE met_at IS NULL GROUP BY case_id)
                     AS open USING (case_id)
                 WHERE $1::text IS NULL OR state = $1
                 ORDER BY next_due NULLS LAST, received_at DESC, reference LIMIT $2) c
           LEFT JOIN deadline d USING (case_id)
           ORDER BY c.next_due NULLS LAST, c.received_at DESC, c.reference, d.due_at""",
        state,
        limit,
    )


# Engagements, and what they are concluded from.


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
