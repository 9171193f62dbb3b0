"""People who work on cases: whose key it is, and who works on which case."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from asyncpg import Record

from shared.postgres import Connection, Pool


@dataclass(frozen=True, slots=True)
class Added:
    """Somebody new, as kept: the digest of the key, never the key."""

    id: UUID
    name: str
    key_sha256: str
    roles: Sequence[str]


async def insert(tx: Connection, added: Added) -> bool:
    """Keep a person; False where somebody who works here has this name."""
    made = await tx.fetchval(
        """INSERT INTO person (person_id, name, key_sha256, roles) VALUES ($1, $2, $3, $4)
           ON CONFLICT (name) WHERE ended_at IS NULL DO NOTHING RETURNING true""",
        added.id,
        added.name,
        added.key_sha256,
        list(added.roles),
    )
    return made is not None


async def read_by_key(connection: Connection | Pool, key_sha256: str) -> Record | None:
    """The person whose key has this digest, unless they have ended."""
    return await connection.fetchrow("SELECT * FROM person WHERE key_sha256 = $1 AND ended_at IS NULL", key_sha256)


async def read_all(connection: Connection) -> list[Record]:
    """Everybody who works or has worked here, by name; those who have ended last."""
    return await connection.fetch(
        "SELECT person_id, name, roles, added_at, ended_at FROM person ORDER BY ended_at IS NOT NULL, name, added_at"
    )


async def lock(tx: Connection, name: str) -> Record | None:
    """Somebody who works here, by name, locked until the transaction ends."""
    return await tx.fetchrow("SELECT * FROM person WHERE name = $1 AND ended_at IS NULL FOR UPDATE", name)


async def end(tx: Connection, person: UUID) -> None:
    """End a person: their key opens nothing any more."""
    await tx.execute("UPDATE person SET ended_at = now() WHERE person_id = $1", person)


async def replace_key(tx: Connection, person: UUID, key_sha256: str) -> None:
    """Give a person another key; the one before opens nothing any more."""
    await tx.execute("UPDATE person SET key_sha256 = $2 WHERE person_id = $1", person, key_sha256)


async def lock_assigned(tx: Connection, person: UUID, reference: str) -> Record | None:
    """A case that is assigned to this person, locked until the transaction ends; another's is not waited for."""
    return await tx.fetchrow(
        """SELECT c.* FROM grievance_case c JOIN assignment a USING (case_id)
           WHERE c.reference = $1 AND a.person_id = $2 FOR UPDATE OF c FOR SHARE OF a""",
        reference,
        person,
    )


async def assign(tx: Connection, case: UUID, person: UUID) -> bool:
    """Let a person work on a case; False where they do so already."""
    made = await tx.fetchval(
        "INSERT INTO assignment (case_id, person_id) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING true",
        case,
        person,
    )
    return made is not None


async def unassign(tx: Connection, case: UUID, person: UUID) -> bool:
    """Let a person work on a case no longer; False where they did not."""
    gone = await tx.fetchval(
        "DELETE FROM assignment WHERE case_id = $1 AND person_id = $2 RETURNING true", case, person
    )
    return gone is not None


async def unassign_all(tx: Connection, person: UUID) -> None:
    """Let a person work on no case any more."""
    await tx.execute("DELETE FROM assignment WHERE person_id = $1", person)


async def read_assigned(connection: Connection, case: UUID) -> list[Record]:
    """Who works on a case, by name."""
    return await connection.fetch(
        "SELECT p.* FROM assignment JOIN person p USING (person_id) WHERE case_id = $1 ORDER BY p.name", case
    )


async def recuse(tx: Connection, case: UUID, person: UUID) -> None:
    """Keep that a person may not work on a case, by their own word."""
    await tx.execute("INSERT INTO recusal (case_id, person_id) VALUES ($1, $2) ON CONFLICT DO NOTHING", case, person)


async def is_recused(connection: Connection, case: UUID, person: UUID) -> bool:
    """Whether a person has said of themselves that they may not work on a case."""
    found: bool = await connection.fetchval(
        "SELECT EXISTS (SELECT FROM recusal WHERE case_id = $1 AND person_id = $2)", case, person
    )
    return found
