"""SQL that finds under which keys `ingest` has told of a subject of the registry, a contract, disclosure or report."""

from collections.abc import Collection
from uuid import UUID

from asyncpg import Record

from services.ingest.domain.registry import Kind
from services.ingest.store.directory import WORDS
from shared.postgres import Connection

MOST = 200
"""Disclosures of a contract, and contracts of a supplier, that a thread takes in."""
READS = """($2::text IS NULL OR c.member = $2
    OR EXISTS (SELECT FROM contract_reader r WHERE r.contract = c.id AND r.reader = $2))"""


async def ids_of(connection: Connection, kind: Kind, one: UUID) -> list[UUID]:
    """All ids under which an entry of the registry is known that this id means; none where it is no such entry."""
    rows = await connection.fetch(
        f"SELECT o.id FROM {kind.value} s JOIN {kind.value} o ON o.root = s.root WHERE s.id = $1",  # noqa: S608 - a table
        one,
    )
    return [row["id"] for row in rows]


async def name_of(connection: Connection, kind: Kind, one: UUID) -> str | None:
    """The name of an entry as it is known now."""
    found: str | None = await connection.fetchval(
        f"SELECT r.name FROM {kind.value} s JOIN {kind.value} r ON r.id = s.root WHERE s.id = $1",  # noqa: S608 - a table
        one,
    )
    return found


async def find_by_name(connection: Connection, kind: Kind, words: str, most: int) -> list[Record]:
    """Entries of which a name has these words, by the ids of now."""
    table = kind.value
    return await connection.fetch(
        f"""SELECT DISTINCT r.id, r.name, r.country FROM spelling p JOIN {table} e ON e.id = p.entry
            JOIN {table} r ON r.id = e.root
            WHERE p.kind = '{table}' AND {WORDS} @@ to_tsquery('simple', $1) ORDER BY r.name, r.id LIMIT $2""",  # noqa: S608 - a table
        words,
        most,
    )


async def find_contracts(connection: Connection, reference: str, reader: str | None, most: int) -> list[Record]:
    """The contracts under this reference that a reader may read; the operator (None) reads all."""
    return await connection.fetch(
        f"""SELECT c.id, c.member, c.reference FROM contract c
            WHERE c.said IS NOT NULL AND lower(c.reference) = lower($1) AND {READS}
            ORDER BY c.member, c.id LIMIT $3""",  # noqa: S608 - our own condition
        reference,
        reader,
        most,
    )


async def read_contract(connection: Connection, contract: UUID, reader: str | None) -> Record | None:
    """A contract that a reader may read, with its supplier as it is known now."""
    return await connection.fetchrow(
        f"""SELECT c.reference, s.root AS supplier, r.name AS supplier_name FROM contract c
            LEFT JOIN supplier s ON s.id = c.supplier LEFT JOIN supplier r ON r.id = s.root
            WHERE c.id = $1 AND c.said IS NOT NULL AND {READS}""",  # noqa: S608 - our own condition
        contract,
        reader,
    )


async def contracts_of(connection: Connection, suppliers: Collection[UUID], reader: str | None) -> list[Record]:
    """The contracts with these suppliers that a reader may read."""
    return await connection.fetch(
        f"""SELECT c.id, c.reference FROM contract c WHERE c.supplier = ANY($1::uuid[]) AND {READS}
            ORDER BY c.id LIMIT $3""",  # noqa: S608 - our own condition
        list(suppliers),
        reader,
        MOST,
    )


async def disclosures_of(connection: Connection, contract: UUID) -> list[Record]:
    """The disclosures that named a contract, with their supplier."""
    return await connection.fetch(
        "SELECT id, supplier FROM disclosure WHERE contract = $1 ORDER BY id LIMIT $2", contract, MOST
    )


async def suppliers_at(connection: Connection, sites: Collection[UUID]) -> list[UUID]:
    """The suppliers, by the ids under which that was told, of which a disclosure has named one of these sites."""
    rows = await connection.fetch("SELECT DISTINCT supplier FROM disclosure WHERE site = ANY($1::uuid[])", list(sites))
    return [row["supplier"] for row in rows]


async def keys_of_report(connection: Connection, report: UUID) -> list[UUID]:
    """The keys under which a report may have been told: every id of its site, else of its supplier."""
    rows = await connection.fetch(
        """SELECT o.id FROM consequence c JOIN site s ON s.id = c.site JOIN site o ON o.root = s.root
           WHERE c.kind = 'flag' AND c.id = $1
           UNION SELECT o.id FROM consequence c JOIN supplier s ON s.id = c.supplier JOIN supplier o ON o.root = s.root
                 WHERE c.kind = 'flag' AND c.id = $1""",
        report,
    )
    return [row["id"] for row in rows]


async def groups_of(connection: Connection, member: str) -> set[str]:
    """The working groups whose dialogue a member reads: it takes part, or is their secretariat."""
    rows = await connection.fetch(
        """SELECT workinggroup AS slug FROM workinggroup_member WHERE member = $1
           UNION SELECT slug FROM workinggroup WHERE secretariat = $1""",
        member,
    )
    return {row["slug"] for row in rows}


async def read_left(connection: Connection) -> dict[str, str]:
    """The members that have left, by kind."""
    rows = await connection.fetch("SELECT slug, kind FROM member WHERE left_at IS NOT NULL")
    return {row["slug"]: row["kind"] for row in rows}
