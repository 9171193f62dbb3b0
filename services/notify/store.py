"""Every SQL statement on the tables of `notify`. The clock is the database's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from asyncpg import Record

from services.notify.digest import Entry, EntryKind, Tally
from services.notify.domain import NOBODY, Answer, Fate, Intent, MailState, Role
from shared.postgres import Connection


@dataclass(frozen=True, slots=True)
class Claim:
    """A mail that this process has claimed and is to send. `age` is in seconds; without an address it is cancelled."""

    id: UUID
    template: str
    variables: str
    attempts: int
    message_id: str
    created_at: datetime
    age: float
    address: str | None


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of a claim `ago` seconds ago, and what follows."""

    claim: Claim
    answer: Answer
    reply: int | None
    fate: Fate
    ago: float = 0.0


# Recipients


async def put_recipient(tx: Connection, recipient: UUID, address: str, name: str, role: Role) -> Record:
    """Add a recipient, or change the name and role of a known address; the row, and whether it is `new`."""
    row = await tx.fetchrow(
        """INSERT INTO recipient (id, address, name, role) VALUES ($1, $2, $3, $4)
           ON CONFLICT (address) DO UPDATE SET name = EXCLUDED.name, role = EXCLUDED.role
           RETURNING id, name, role, id = $1 AS new""",
        recipient,
        address,
        name,
        role,
    )
    assert row is not None
    return row


async def list_recipients(tx: Connection) -> list[Record]:
    """All recipients, by address."""
    return await tx.fetch("SELECT id, address, name, role, added_at FROM recipient ORDER BY address")


async def remove_recipient(tx: Connection, recipient: UUID) -> bool:
    """Forget a recipient and the address; whether there was one."""
    return await tx.fetchval("DELETE FROM recipient WHERE id = $1 RETURNING true", recipient) is not None


async def hasten_mails_of(tx: Connection, recipient: UUID) -> None:
    """Make the waiting mails of a recipient due: the sender finds at once that they have no address any more."""
    await tx.execute(
        """UPDATE mail_intent SET next_attempt_at = clock_timestamp()
           WHERE recipient = $1 AND state IN ('pending', 'retry', 'uncertain')""",
        recipient,
    )


async def recipients_with(tx: Connection, role: Role) -> list[UUID]:
    """The recipients of a role, in a fixed order."""
    return [row["id"] for row in await tx.fetch("SELECT id FROM recipient WHERE role = $1 ORDER BY id", role)]


# Intents


async def add_intents(tx: Connection, intents: Sequence[Intent]) -> None:
    """Record mails to be sent; one that is recorded already stays as it is."""
    await tx.execute(
        """INSERT INTO mail_intent (id, dedupe_key, recipient, template, variables, cause_time, next_attempt_at)
           SELECT *, CASE recipient WHEN $7 THEN 'infinity' ELSE clock_timestamp() END
           FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::jsonb[], $6::timestamptz[])
               AS u (id, dedupe_key, recipient, template, variables, cause_time)
           ON CONFLICT (dedupe_key) DO NOTHING""",
        [intent.id for intent in intents],
        [intent.dedupe_key for intent in intents],
        [intent.recipient for intent in intents],
        [intent.template.value for intent in intents],
        [intent.variables for intent in intents],
        [intent.cause_time for intent in intents],
        NOBODY,
    )


async def address_waiting_mails(tx: Connection, recipient: UUID) -> None:
    """Give the mails that wait for anybody at all to this recipient; they are due now."""
    await tx.execute(
        "UPDATE mail_intent SET recipient = $1, next_attempt_at = clock_timestamp() WHERE recipient = $2",
        recipient,
        NOBODY,
    )


async def claim(tx: Connection, limit: int, domain: str) -> list[Claim]:
    """Claim the mails that are due, longest due first; the first claim of a mail fixes its Message-ID."""
    rows = await tx.fetch(
        """WITH due AS MATERIALIZED (
               SELECT id FROM mail_intent
               WHERE state IN ('pending', 'retry', 'uncertain') AND next_attempt_at <= clock_timestamp()
               ORDER BY next_attempt_at LIMIT $1 FOR UPDATE SKIP LOCKED),
           claimed AS (
               UPDATE mail_intent m SET state = 'sending', claimed_at = clock_timestamp(), attempts = attempts + 1,
                      message_id = coalesce(message_id, format('<%s@%s>', m.id, $2::text))
               FROM due WHERE m.id = due.id
               RETURNING m.id, template, variables, attempts, message_id, created_at, recipient, next_attempt_at,
                         extract(epoch FROM clock_timestamp() - created_at)::float8 AS age)
           SELECT c.id, template, variables, attempts, message_id, created_at, age, address
           FROM claimed c LEFT JOIN recipient r ON r.id = c.recipient ORDER BY next_attempt_at""",
        limit,
        domain,
    )
    return [Claim(**row) for row in rows]


async def settle(tx: Connection, attempts: Sequence[Attempt]) -> list[Record]:
    """Record what came of claims; the rows that this has changed.

    An accepted mail is sent, whoever holds its claim now; any other answer counts only under the claim it came to.
    """
    return await tx.fetch(
        """UPDATE mail_intent m
           SET state = u.state, reply = u.reply, attempts = m.attempts - (NOT u.counts)::int,
               next_attempt_at = clock_timestamp() + make_interval(secs => u.wait),
               sent_at = CASE WHEN u.state = 'sent' THEN clock_timestamp() - make_interval(secs => u.ago) END
           FROM unnest($1::uuid[], $2::int[], $3::text[], $4::smallint[], $5::float8[], $6::bool[], $7::float8[])
                AS u (id, attempts, state, reply, wait, counts, ago)
           WHERE m.id = u.id
             AND CASE WHEN u.state = 'sent' THEN m.state <> 'sent'
                      ELSE m.state = 'sending' AND m.attempts = u.attempts END
           RETURNING m.id, m.template, m.state, m.attempts, m.message_id, clock_timestamp() AS at,
                     extract(epoch FROM m.sent_at - m.cause_time)::float8 AS delay""",
        [attempt.claim.id for attempt in attempts],
        [attempt.claim.attempts for attempt in attempts],
        [attempt.fate.state.value for attempt in attempts],
        [attempt.reply for attempt in attempts],
        [attempt.fate.wait for attempt in attempts],
        [attempt.fate.counts for attempt in attempts],
        [attempt.ago for attempt in attempts],
    )


async def renew(tx: Connection, claims: Sequence[UUID]) -> None:
    """Hold on to claims that are still under way."""
    await tx.execute(
        "UPDATE mail_intent SET claimed_at = clock_timestamp() WHERE id = ANY($1::uuid[]) AND state = 'sending'", claims
    )


async def lapse(tx: Connection, lease: float, own: Sequence[UUID]) -> list[str]:
    """Make claims uncertain whose holder has not renewed them for a lease (seconds); their templates."""
    rows = await tx.fetch(
        """UPDATE mail_intent SET state = 'uncertain', next_attempt_at = clock_timestamp()
           WHERE state = 'sending' AND claimed_at < clock_timestamp() - make_interval(secs => $1)
             AND id <> ALL($2::uuid[])
           RETURNING template""",
        lease,
        own,
    )
    return [row["template"] for row in rows]


async def oldest_unsent_age(tx: Connection) -> float:
    """Seconds since the oldest mail that is not settled was asked for; 0 without one."""
    age = await tx.fetchval(
        """SELECT extract(epoch FROM clock_timestamp() - min(created_at))::float8 FROM mail_intent
           WHERE state IN ('pending', 'retry', 'uncertain') OR state = 'sending'"""
    )
    return float(age or 0)


async def list_mails(tx: Connection, state: MailState | None, limit: int) -> list[Record]:
    """The newest mails, without addresses."""
    return await tx.fetch(
        """SELECT id, recipient, template, state, attempts, reply, created_at, sent_at FROM mail_intent
           WHERE $1::text IS NULL OR state = $1 ORDER BY created_at DESC, id LIMIT $2""",
        state,
        limit,
    )


async def count_mails(tx: Connection) -> list[Record]:
    """Mails by template and state."""
    return await tx.fetch(
        "SELECT template, state, count(*) AS mails FROM mail_intent GROUP BY template, state ORDER BY template, state"
    )


async def delays(tx: Connection) -> Record:
    """Seconds from cause to acceptance: number of mails, median and 99th percentile; digests wait on purpose."""
    row = await tx.fetchrow(
        """SELECT count(*) AS mails, percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) AS p50,
                  percentile_cont(0.99) WITHIN GROUP (ORDER BY seconds) AS p99
           FROM (SELECT extract(epoch FROM sent_at - cause_time)::float8 AS seconds FROM mail_intent
                 WHERE state = 'sent' AND template <> 'digest')"""
    )
    assert row is not None
    return row


# Digests


async def add_entries(tx: Connection, entries: Sequence[Entry]) -> None:
    """Keep entries for the next digest; one that is kept already stays as it is."""
    await tx.execute(
        """INSERT INTO digest_entry (event, kind, at, counted_as, heading, line, supplier)
           SELECT * FROM unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::uuid[], $5::text[], $6::text[],
                                $7::uuid[])
           ON CONFLICT (event) DO NOTHING""",
        [entry.event for entry in entries],
        [entry.kind.value for entry in entries],
        [entry.at for entry in entries],
        [entry.counted_as for entry in entries],
        [entry.heading for entry in entries],
        [entry.line for entry in entries],
        [entry.supplier for entry in entries],
    )


async def name_suppliers(tx: Connection, names: dict[UUID, str]) -> None:
    """Remember the names of suppliers not yet named; in the order of ids, so that two handlers cannot deadlock."""
    ordered = sorted(names.items())
    await tx.execute(
        "INSERT INTO supplier (id, name) SELECT * FROM unnest($1::uuid[], $2::text[]) ON CONFLICT DO NOTHING",
        [supplier for supplier, _ in ordered],
        [name for _, name in ordered],
    )


async def window_end(tx: Connection, length: float) -> datetime:
    """The end of the last window (seconds long, at multiples of that since 1970) that is over."""
    end: datetime = await tx.fetchval(
        "SELECT date_bin(make_interval(secs => $1), clock_timestamp(), 'epoch'::timestamptz)", length
    )
    return end


async def has_digest(tx: Connection, until: datetime) -> bool:
    """Whether the digest of a window has been made."""
    return await tx.fetchval("SELECT true FROM digest WHERE until = $1", until) is not None


async def take_window(tx: Connection, until: datetime) -> bool:
    """Become the one who makes the digest of a window; False where another has, after waiting for it to commit."""
    taken = await tx.fetchval("INSERT INTO digest (until) VALUES ($1) ON CONFLICT DO NOTHING RETURNING true", until)
    return taken is not None


async def previous_window(tx: Connection, until: datetime) -> datetime | None:
    """The end of the digest before this one."""
    end: datetime | None = await tx.fetchval("SELECT max(until) FROM digest WHERE until < $1", until)
    return end


async def take_entries(tx: Connection, until: datetime) -> None:
    """Put every entry that is in no digest yet into this one."""
    await tx.execute("UPDATE digest_entry SET digest = $1 WHERE digest IS NULL", until)


async def tallies(tx: Connection, until: datetime, names: int) -> list[Tally]:
    """What a digest counts, with the first `names` lines of each group."""
    rows = await tx.fetch(
        """SELECT kind, heading, s.name AS supplier, count(DISTINCT counted_as) AS total,
                  (array_agg(DISTINCT line ORDER BY line) FILTER (WHERE line <> ''))[1:$2] AS lines
           FROM digest_entry e LEFT JOIN supplier s ON s.id = e.supplier
           WHERE digest = $1 GROUP BY kind, heading, s.name ORDER BY kind, heading, s.name""",
        until,
        names,
    )
    return [Tally(EntryKind(r["kind"]), r["heading"], r["supplier"], r["total"], tuple(r["lines"] or ())) for r in rows]
