"""HTTP about the audit chain: who did what, without a word of any case, and whether the chain is what it was."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from asyncpg import Record
from fastapi import APIRouter, Query
from pydantic import BaseModel

from services.remedy.api.callers import Anyone, Auditor, Running
from services.remedy.domain.audit import Finding, Verification
from services.remedy.store import audit as store
from shared.postgres import borrow

router = APIRouter()
PAGE = 2000

After = Annotated[int, Query(ge=0, description="The position of the last entry that you have.")]
Limit = Annotated[int, Query(ge=1, le=PAGE)]


class ContentView(BaseModel):
    """Sealed words that an entry names: by their id, and the SHA-256 of their ciphertext."""

    id: UUID
    sha256: str


class EntryView(BaseModel):
    """One entry. `case` is the SHA-256 of the case's id; names and reference are for reading, not part of the chain."""

    position: int
    at: datetime
    action: str
    person: UUID | None
    person_name: str | None
    case: str | None
    reference: str | None
    about: UUID | None
    about_name: str | None
    detail: str
    contents: list[ContentView]
    head: str


class OwnEntry(BaseModel):
    """Something that you did, as the audit has it."""

    at: datetime
    action: str
    reference: str | None
    about: str | None
    detail: str


class Unaccounted(BaseModel):
    """Somebody, or what was granted to them of a case, as no entry tells of it: put there past the service."""

    name: str
    reference: str | None


class ChainView(BaseModel):
    """What the service itself finds of its chain. The published heads are not looked at here: `engage audit verify`.

    `altered` are the positions of entries whose words were exchanged since, or removed without an erasure.
    """

    entries: int
    head: str
    findings: list[Finding]
    altered: list[int]
    unaccounted: list[Unaccounted]


@router.get("/audit/entries")
async def list_entries(runtime: Running, _auditor: Auditor, after: After = 0, limit: Limit = PAGE) -> list[EntryView]:
    """The entries after a position, with all that the chain is computed from."""
    async with borrow(runtime.pool) as connection:
        return [shown(row) for row in await store.read_entries(connection, after, limit)]


@router.get("/audit/own")
async def list_own(runtime: Running, person: Anyone, after: After = 0, limit: Limit = PAGE) -> list[OwnEntry]:
    """What you did yourself, the first first."""
    async with borrow(runtime.pool) as connection:
        rows = await store.read_entries(connection, after, limit, person.id)
    return [
        OwnEntry(
            at=row["at"],
            action=row["action"],
            reference=row["reference"],
            about=row["about_name"],
            detail=row["detail"],
        )
        for row in rows
    ]


@router.get("/audit/chain")
async def check_chain(runtime: Running, _auditor: Auditor) -> ChainView:
    """Follow the chain from its beginning, and hold it against the words, people and grants that are kept."""
    verification = Verification()
    async with borrow(runtime.pool) as connection:
        while rows := await store.read_entries(connection, verification.position, PAGE):
            verification.follow(store.entry_of(row) for row in rows)
        altered = await store.read_altered(connection)
        strangers = [Unaccounted(**dict(row)) for row in await store.read_unaccounted(connection)]
    return ChainView(
        entries=verification.entries,
        head=verification.head.hex(),
        findings=verification.findings,
        altered=altered,
        unaccounted=strangers,
    )


def shown(row: Record) -> EntryView:
    """An entry from its row."""
    entry = store.entry_of(row)
    return EntryView(
        position=entry.position,
        at=entry.at,
        action=entry.action,
        person=entry.person,
        person_name=row["person_name"],
        case=entry.case.hex() if entry.case else None,
        reference=row["reference"],
        about=entry.about,
        about_name=row["about_name"],
        detail=entry.detail,
        contents=[ContentView(id=one.id, sha256=one.sha256.hex()) for one in entry.contents],
        head=entry.head.hex(),
    )
