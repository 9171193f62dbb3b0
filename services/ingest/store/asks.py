"""SQL on what suppliers were asked for, and what they answered by themselves."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from asyncpg import Record

from shared.events.engagement_words import AskState
from shared.events.ingest import AskRecorded
from shared.postgres import Connection, Pool

NOT_SHOWN = {"entry", "engagement", "supplier", "member", "role"}
"""What of an ask is not kept with its wording: who asked is nobody's business outside of the group."""
OVER = (AskState.MET, AskState.PARTLY_MET, AskState.WITHDRAWN)
"""An ask in one of these states takes no answer any more; what was missed may be committed to anew."""
STATE = """coalesce((WITH RECURSIVE up AS (
        SELECT a.state, a.joined_into
        UNION SELECT i.state, i.joined_into FROM up JOIN ask i ON i.id = up.joined_into WHERE up.state = 'joined')
    SELECT up.state FROM up WHERE up.state <> 'joined'), a.state)"""
"""The state of an ask, or of the one by which it is answered if it was joined to another."""
SITES = """ARRAY(SELECT DISTINCT now.name FROM site t JOIN site now ON now.id = t.root
    WHERE t.id IN (SELECT x::uuid FROM jsonb_array_elements_text(coalesce(a.told -> 'sites', '[]')) x)
      AND EXISTS (SELECT FROM disclosure d JOIN supplier ds ON ds.id = d.supplier JOIN site dt ON dt.id = d.site
                  WHERE dt.root = t.root AND ds.root = own.root AND NOT d.retired)
    ORDER BY now.name)"""
"""Names of the sites of an ask that are disclosed as the supplier's own: others it would learn of from its buyers."""


@dataclass(frozen=True, slots=True)
class Move:
    """What `remedy` told of an ask: the state that it came to, and the ask that it was joined to, if it was."""

    ask: UUID
    state: AskState
    into: UUID | None


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """An answer as it is kept: what was said, its digest, and the digest of the sender's idempotency key."""

    id: UUID
    contact: str
    ask: UUID
    said: str
    content: bytes
    idempotency_key: bytes | None


async def keep_asks(tx: Connection, asks: Sequence[tuple[str, AskRecorded]], at: datetime) -> None:
    """Keep the asks that working groups recorded, each with its group, for the contacts of their suppliers."""
    if not asks:
        return
    await tx.execute(
        """INSERT INTO ask (id, workinggroup, engagement, supplier, told, asked_at)
           SELECT *, $6::timestamptz
           FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::uuid[], $5::jsonb[])""",
        [told.entry for _, told in asks],
        [group for group, _ in asks],
        [told.engagement for _, told in asks],
        [told.supplier for _, told in asks],
        [told.model_dump_json(exclude_none=True, exclude=NOT_SHOWN) for _, told in asks],
        at,
    )


async def move_asks(tx: Connection, moves: Mapping[UUID, Move]) -> None:
    """Note how asks stand by now."""
    ordered = [moves[ask] for ask in sorted(moves)]
    await tx.execute(
        """UPDATE ask SET state = u.state, joined_into = u.joined_into
           FROM unnest($1::uuid[], $2::text[], $3::uuid[]) AS u (id, state, joined_into) WHERE ask.id = u.id""",
        [one.ask for one in ordered],
        [one.state.value for one in ordered],
        [one.into for one in ordered],
    )


async def hold(tx: Connection, engagements: Collection[tuple[str, UUID]]) -> None:
    """Show the asks of these engagements, each named with its group, to nobody outside any more, for good."""
    await tx.execute(
        """UPDATE ask SET held = true FROM unnest($1::text[], $2::uuid[]) AS u (workinggroup, engagement)
           WHERE (ask.workinggroup, ask.engagement) = (u.workinggroup, u.engagement)""",
        [group for group, _ in engagements],
        [engagement for _, engagement in engagements],
    )


async def close(tx: Connection, engagements: Mapping[tuple[str, UUID], bool]) -> None:
    """Note which engagements, each named with its group, are closed, and which of them are open again."""
    await tx.execute(
        """UPDATE ask SET closed = u.closed
           FROM unnest($1::text[], $2::uuid[], $3::boolean[]) AS u (workinggroup, engagement, closed)
           WHERE (ask.workinggroup, ask.engagement) = (u.workinggroup, u.engagement)""",
        [group for group, _ in engagements],
        [engagement for _, engagement in engagements],
        list(engagements.values()),
    )


async def refuse_answers(tx: Connection, entries: Collection[UUID]) -> None:
    """Note what of these entries suppliers answered: their engagements did not take it."""
    await tx.execute("UPDATE supplier_answer SET refused = true WHERE id = ANY($1::uuid[])", list(entries))


async def was_asked(tx: Connection, ask: UUID, workinggroup: str, supplier: UUID) -> bool:
    """Whether a working group recorded this ask, of this supplier under any of its ids; `supplier` is that of now."""
    found: bool = await tx.fetchval(
        """SELECT EXISTS (SELECT FROM ask a JOIN supplier s ON s.id = a.supplier
                          WHERE a.id = $1 AND a.workinggroup = $2 AND s.root = $3)""",
        ask,
        workinggroup,
        supplier,
    )
    return found


async def any_stands(tx: Connection, workinggroup: str, supplier: UUID, ask: UUID | None) -> bool:
    """Whether an ask of a group to a supplier, or this one, takes answers; `supplier` is its id of now."""
    found: bool = await tx.fetchval(
        f"""SELECT EXISTS (SELECT FROM supplier s JOIN ask a ON a.supplier = s.id
                           WHERE s.root = $2 AND a.workinggroup = $1 AND ($3::uuid IS NULL OR a.id = $3)
                             AND a.state IS NOT NULL AND NOT a.held AND NOT a.closed
                             AND {STATE} <> ALL($4::text[]))""",  # noqa: S608 - our own expression
        workinggroup,
        supplier,
        ask,
        [state.value for state in OVER],
    )
    return found


ADDRESSED = """FROM supplier_contact c
    JOIN supplier own ON own.id = c.supplier
    JOIN supplier s ON s.root = own.root
    JOIN ask a ON a.supplier = s.id AND a.workinggroup = c.workinggroup AND a.state IS NOT NULL AND NOT a.held
        AND (c.ask IS NULL OR a.id = c.ask)
    WHERE c.kid = $1"""
"""The asks that are addressed to a contact: those that stand or stood, to its supplier under any of its ids. Not those
of an engagement that is held."""


async def read_addressed(pool: Pool, kid: str, before: UUID | None, limit: int) -> list[Record]:
    """The asks that are addressed to a contact, the newest first, from those before one on, with names of sites."""
    return await pool.fetch(
        f"""SELECT a.id, a.told::text AS told, a.asked_at, a.state, {STATE} AS answered_as, a.closed,
                   CASE WHEN c.ask IS NULL THEN a.joined_into END AS joined_into, {SITES} AS site_names
            {ADDRESSED} AND ($2::uuid IS NULL OR (a.asked_at, a.id) < (SELECT asked_at, id FROM ask WHERE id = $2))
            ORDER BY a.asked_at DESC, a.id DESC LIMIT $3""",  # noqa: S608 - our own condition
        kid,
        before,
        limit,
    )


async def read_one_addressed(tx: Connection, kid: str, ask: UUID) -> Record | None:
    """An ask, where it is addressed to this contact; with the ids that engagement and supplier have now."""
    return await tx.fetchrow(
        f"""SELECT a.id, a.workinggroup, a.engagement, own.root AS supplier, a.state, {STATE} AS answered_as, a.closed
            {ADDRESSED} AND a.id = $2""",
        kid,
        ask,
    )


async def read_answers(pool: Pool, asks: Sequence[UUID], limit: int) -> list[Record]:
    """The last answers of the supplier to each ask, by whichever contact, in order; `of_all` there are."""
    return await pool.fetch(
        """SELECT * FROM (
               SELECT id, ask, said::text AS said, answered_at, refused, count(*) OVER (PARTITION BY ask) AS of_all,
                      row_number() OVER (PARTITION BY ask ORDER BY answered_at DESC, id DESC) AS place
               FROM supplier_answer WHERE ask = ANY($1::uuid[])) a
           WHERE place <= $2 ORDER BY answered_at, id""",
        list(asks),
        limit,
    )


async def count_answers(tx: Connection, contact: str, ask: UUID) -> int:
    """How often a contact has answered an ask."""
    number: int = await tx.fetchval(
        "SELECT count(*) FROM supplier_answer WHERE contact = $1 AND ask = $2", contact, ask
    )
    return number


async def answered_with(tx: Connection, contact: str, idempotency_key: bytes) -> Record | None:
    """What a contact sent with an idempotency key before."""
    return await tx.fetchrow(
        "SELECT id, content FROM supplier_answer WHERE contact = $1 AND idempotency_key = $2", contact, idempotency_key
    )


async def answered_lately(tx: Connection, contact: str, content: bytes, within: timedelta) -> UUID | None:
    """The entry of an answer of the same content that a contact sent without an idempotency key within that time."""
    entry: UUID | None = await tx.fetchval(
        """SELECT id FROM supplier_answer
           WHERE contact = $1 AND content = $2 AND idempotency_key IS NULL AND answered_at > now() - $3::interval
           ORDER BY answered_at DESC LIMIT 1""",
        contact,
        content,
        within,
    )
    return entry


async def has_committed(tx: Connection, ask: UUID, commitment: UUID) -> bool:
    """Whether this commitment is one that the supplier itself made to an ask, and that was not refused."""
    found: bool = await tx.fetchval(
        """SELECT EXISTS (SELECT FROM supplier_answer
                          WHERE id = $2 AND ask = $1 AND said ->> 'answer' = 'committed' AND NOT refused)""",
        ask,
        commitment,
    )
    return found


async def insert_answer(tx: Connection, answer: KeptAnswer) -> None:
    """Keep what a supplier answered."""
    await tx.execute(
        """INSERT INTO supplier_answer (id, contact, ask, said, content, idempotency_key)
           VALUES ($1, $2, $3, $4::jsonb, $5, $6)""",
        answer.id,
        answer.contact,
        answer.ask,
        answer.said,
        answer.content,
        answer.idempotency_key,
    )
