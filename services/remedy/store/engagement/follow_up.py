"""SQL on the entries of the follow-up of contracts, on information requests, and on the members' accounts."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import orjson
from asyncpg import Record

from services.remedy.domain.engagement.requests import Request
from services.remedy.domain.engagement.standing import APPLIED
from shared.events import EVENT_TYPES
from shared.events.engagement_words import RefusalGround, RequestState
from shared.events.ingest import FollowUpEntry, FollowUpEntryWithdrawn
from shared.events.values import Evidence
from shared.postgres import Connection


@dataclass(slots=True)
class Kept:
    """An entry as it is kept: whether it was applied and, where it was refused, why.

    `id` is the entry; of a withdrawal that of its event, `told.entry` is what it takes back.
    """

    id: UUID
    event: UUID
    subject: UUID
    place: int
    at: datetime
    told: FollowUpEntry
    standing: str = APPLIED
    refusals: tuple[str, ...] = ()
    stood: str | None = None
    legal: tuple[str, ...] = ()


async def read_entries(tx: Connection, subjects: Collection[UUID]) -> list[Kept]:
    """All entries of these subjects, also the refused ones, in order."""
    rows = await tx.fetch(
        "SELECT * FROM follow_up_entry WHERE subject = ANY($1::uuid[]) ORDER BY subject, place", list(subjects)
    )
    return [kept(row) for row in rows]


def kept(row: Record) -> Kept:
    """An entry from its row. Raises ValueError for a type that is no entry of a follow-up."""
    model = EVENT_TYPES.get(row["type"])
    if model is None or not issubclass(model, FollowUpEntry):
        raise ValueError(f"{row['type']} is no entry of a follow-up")
    return Kept(
        row["entry"],
        row["event"],
        row["subject"],
        row["place"],
        row["recorded_at"],
        model.model_validate_json(row["told"]),
        row["standing"],
        tuple(row["refusals"]),
        row["stood"],
        tuple(row["legal"]),
    )


async def write_entries(tx: Connection, entries: Sequence[Kept]) -> None:
    """Keep entries; of one that is known, how it stands now."""
    await tx.execute(
        """INSERT INTO follow_up_entry (entry, event, subject, place, member, type, recorded_at, told, standing,
                                        refusals, stood, legal)
           SELECT entry, event, subject, place, member, type, recorded_at, told::jsonb, standing,
                  ARRAY(SELECT jsonb_array_elements_text(refusals::jsonb)), stood,
                  ARRAY(SELECT jsonb_array_elements_text(legal::jsonb))
           FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::bigint[], $5::text[], $6::text[], $7::timestamptz[],
                       $8::text[], $9::text[], $10::text[], $11::text[], $12::text[])
                AS u (entry, event, subject, place, member, type, recorded_at, told, standing, refusals, stood, legal)
           ON CONFLICT (entry) DO UPDATE SET standing = EXCLUDED.standing""",
        [one.id for one in entries],
        [one.event for one in entries],
        [one.subject for one in entries],
        [one.place for one in entries],
        [one.told.member for one in entries],
        [one.told.type for one in entries],
        [one.at for one in entries],
        [one.told.encoded.decode() for one in entries],
        [one.standing for one in entries],
        [orjson.dumps(one.refusals).decode() for one in entries],
        [one.stood for one in entries],
        [orjson.dumps(one.legal).decode() for one in entries],
    )


async def read_decision(connection: Connection, entry: UUID) -> Record | None:
    """What became of an entry, with the last that was tried to take it back, if anything was."""
    return await connection.fetchrow(
        """SELECT e.entry, e.type, e.subject, e.member, e.recorded_at, e.standing, e.refusals, e.stood, e.legal,
                  b.standing AS back_standing, b.refusals AS back_refusals, b.stood AS back_stood,
                  b.legal AS back_legal
           FROM follow_up_entry e
           LEFT JOIN LATERAL (
               SELECT standing, refusals, stood, legal FROM follow_up_entry w
               WHERE w.subject = e.subject AND w.member = e.member AND w.type = $2
                   AND (w.told ->> 'entry')::uuid = e.entry
               ORDER BY w.place DESC LIMIT 1) b ON true
           WHERE e.entry = $1""",
        entry,
        FollowUpEntryWithdrawn.type,
    )


# Information requests


async def read_requests(tx: Connection, requests: Collection[UUID]) -> dict[UUID, Request]:
    """Information requests as they stand, without the entries that made them so."""
    rows = await tx.fetch("SELECT * FROM information_request WHERE request = ANY($1::uuid[])", list(requests))
    return {row["request"]: request(row) for row in rows}


def request(row: Record) -> Request:
    """An information request from its row."""
    return Request(
        row["request"],
        row["member"],
        row["reference"],
        RequestState(row["state"]),
        row["received_on"],
        row["moved_on"],
        row["due"],
        row["basis"],
        contract=row["contract"],
        reasons=row["reasons"],
        ground=RefusalGround(row["ground"]) if row["ground"] else None,
    )


async def write_requests(tx: Connection, requests: Sequence[Request]) -> None:
    """Keep information requests as they now stand."""
    await tx.execute(
        """INSERT INTO information_request (request, member, reference, contract, state, received_on, due, basis,
                                            reasons, ground, moved_on)
           SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::text[], $6::date[], $7::date[],
                                $8::text[], $9::text[], $10::text[], $11::date[])
           ON CONFLICT (request) DO UPDATE SET contract = EXCLUDED.contract, state = EXCLUDED.state,
               received_on = EXCLUDED.received_on, due = EXCLUDED.due, basis = EXCLUDED.basis,
               reasons = EXCLUDED.reasons, ground = EXCLUDED.ground, moved_on = EXCLUDED.moved_on""",
        [one.id for one in requests],
        [one.member for one in requests],
        [one.reference for one in requests],
        [one.contract for one in requests],
        [one.state for one in requests],
        [one.received_on for one in requests],
        [one.due for one in requests],
        [one.basis for one in requests],
        [one.reasons for one in requests],
        [one.ground for one in requests],
        [one.on for one in requests],
    )


async def list_requests(connection: Connection, member: str | None, limit: int) -> list[Record]:
    """Information requests to a member (None: to all), those that wait first, by their day."""
    return await connection.fetch(
        """SELECT r.*, k.reference AS contract_reference, o.missed_at IS NOT NULL AS missed
           FROM information_request r
           LEFT JOIN contract k ON k.contract = r.contract AND k.reader = r.member
           LEFT JOIN obligation o ON o.about = r.request AND o.kind = 'information_request' AND o.ended_at IS NULL
           WHERE $1::text IS NULL OR r.member = $1
           ORDER BY r.state NOT IN ('received', 'extended'), r.due, r.request LIMIT $2""",
        member,
        limit,
    )


# Accounts of due diligence (Transparency Act section 5)


@dataclass(frozen=True, slots=True)
class Account:
    """A member's account for a year: whether it is owed, and when it was published and that was told."""

    member: str
    year: int
    due: date
    owed: bool = False
    published_on: date | None = None
    evidence: Evidence | None = None
    recorded_at: datetime | None = None


async def read_accounts(tx: Connection, members: Collection[str]) -> dict[tuple[str, int], Account]:
    """The accounts of members, by year. Who changes them has locked them before (`obligations.lock_accounts`)."""
    rows = await tx.fetch("SELECT * FROM account WHERE member = ANY($1::text[])", sorted(members))
    return {
        (row["member"], row["year"]): Account(
            row["member"],
            row["year"],
            row["due"],
            row["owed"],
            row["published_on"],
            Evidence.model_validate_json(row["evidence"]) if row["evidence"] else None,
            row["recorded_at"],
        )
        for row in rows
    }


async def write_accounts(tx: Connection, accounts: Mapping[tuple[str, int], Account]) -> None:
    """Keep accounts as they now stand."""
    ordered = [accounts[key] for key in sorted(accounts)]
    await tx.execute(
        """INSERT INTO account (member, year, due, owed, published_on, evidence, recorded_at)
           SELECT * FROM unnest($1::text[], $2::int[], $3::date[], $4::boolean[], $5::date[], $6::jsonb[],
                                $7::timestamptz[])
           ON CONFLICT (member, year) DO UPDATE SET due = EXCLUDED.due, owed = EXCLUDED.owed,
               published_on = EXCLUDED.published_on, evidence = EXCLUDED.evidence,
               recorded_at = EXCLUDED.recorded_at""",
        [one.member for one in ordered],
        [one.year for one in ordered],
        [one.due for one in ordered],
        [one.owed for one in ordered],
        [one.published_on for one in ordered],
        [one.evidence and one.evidence.model_dump_json() for one in ordered],
        [one.recorded_at for one in ordered],
    )


async def read_bound_to_roll(tx: Connection, today: date, limit: int) -> list[str]:
    """Members that are still bound, and whose last account that was owed was due before a day."""
    rows = await tx.fetch(
        """SELECT a.member FROM account a
           JOIN participant p ON p.member = a.member AND 'transparency_act' = ANY(p.bound_by) AND p.left_at IS NULL
           WHERE a.owed GROUP BY a.member HAVING max(a.due) < $1 ORDER BY a.member LIMIT $2""",
        today,
        limit,
    )
    return [row["member"] for row in rows]
