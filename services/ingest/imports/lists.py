"""Importing a list: a whole file in one transaction, edition by edition."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import PurePath
from uuid import UUID

from uuid_utils.compat import uuid7

from services.ingest import rehearsal
from services.ingest.domain.identity.keys import site_key, supplier_key
from services.ingest.domain.lists.cells import Entry, aspect_of, said_as_json
from services.ingest.domain.lists.editions import (
    Change,
    Listed,
    Place,
    Standing,
    edition_digest,
    first_stale,
    is_ordered,
    supersede,
)
from services.ingest.domain.lists.findings import FileInvalid, Finding
from services.ingest.domain.lists.layout import Layout, Remembered, header_digests
from services.ingest.domain.lists.listfile import ListFile, read_list
from services.ingest.domain.lists.mapping import Mapped, header_digest
from services.ingest.domain.lists.sheets import Book
from services.ingest.domain.registry import Site, Supplier
from services.ingest.identity.mentions import said_in_rows
from services.ingest.identity.resolution import Resolved, resolve_sites, resolve_suppliers, rules_of
from services.ingest.imports.changes import Belonging, keep_changes
from services.ingest.store import disclosures, mappings, spellings
from shared.events.envelope import Event
from shared.events.vocabulary import MemberKind
from shared.postgres import Connection, borrow, now
from shared.service import Runtime


@dataclass(frozen=True, slots=True)
class Order:
    """What a member asks for with a file: list name and edition where the file does not tell them, and the audience.

    `mapping` and `encoding` are for files that do not say so themselves; `contract` and `request` are what the whole
    list belongs to and answers.
    """

    member: str
    kind: MemberKind
    filename: str
    edition: str | None = None
    list_name: str | None = None
    published: bool = False
    dry_run: bool = False
    strict: bool = False
    contract: str | None = None
    request: UUID | None = None
    encoding: str | None = None
    mapping: tuple[Mapped, ...] = ()


@dataclass(slots=True)
class Report:
    """What an import did, or would do. `keys` are those of supplier and site, by row.

    `gone` counts what the list said before or in an older edition of the file and says no longer at the end;
    `unregistered` and `moved` are those of `changes.Kept`.
    """

    file: ListFile
    list_name: str
    changes: list[Change] = field(default_factory=list)
    resolved: Resolved = field(default_factory=Resolved)
    keys: dict[int, tuple[bytes, bytes]] = field(default_factory=dict)
    edition_ignored: bool = False
    gone: int = 0
    unregistered: int = 0
    moved: int = 0
    dry_run: bool = False


async def import_list(runtime: Runtime, order: Order, book: Book, maximum_rows: int) -> Report:
    """Import the list of a file, all of it that can be read, in one transaction; with `dry_run` nothing is kept.

    The same file again changes nothing. Raises FileInvalid where nothing of the file can be taken, with `strict` also
    where one row cannot.
    """
    async with borrow(runtime.pool) as connection:
        at = await now(connection)
        remembered = await mappings.read_mappings(connection, order.member, header_digests(book))
    # Read before the transaction: a long list takes longer than a transaction may be idle.
    report = await asyncio.to_thread(read, order, book, at, maximum_rows, remembered)
    report.resolved.rules = rules_of(runtime.settings)
    async with rehearsal.transaction(runtime, order.dry_run) as tx:
        await runtime.publish(tx, await apply(tx, order, report, at))
        await remember(tx, order.member, report.file.layout)
    return report


def read(order: Order, book: Book, at: datetime, maximum_rows: int, remembered: Remembered) -> Report:
    """The rows of a file. Raises FileInvalid where the edition is unclear or nothing of the file can be taken."""
    if order.edition is not None and not is_ordered(order.edition):
        raise FileInvalid(Finding("edition_unclear"))
    today = at.date().isoformat()
    file = read_list(book, order.edition, today, maximum_rows, order.mapping, remembered)
    if order.strict and file.rejected:
        raise FileInvalid(*file.rejected)
    report = Report(file, order.list_name or file.name or stem_of(order.filename), dry_run=order.dry_run)
    report.edition_ignored = file.format.edition_column is not None and order.edition is not None
    return report


async def remember(tx: Connection, member: str, layout: Layout) -> None:
    """Keep what a person has mapped, for the next file with the same header."""
    if layout.mapped and not layout.remembered:
        await mappings.keep_mapping(tx, member, header_digest(layout.header.cells), layout.places)


def stem_of(filename: str) -> str:
    """The name of a list that has no other: its file's, without folders and ending."""
    return PurePath(filename).stem.strip() or filename


async def apply(tx: Connection, order: Order, report: Report, at: datetime) -> list[Event]:
    """Bring the list up to the newest edition of a file; the events that tell so, in the order of the editions.

    Raises FileInvalid where that edition is older than the one in force, or the request is not the member's own.
    """
    current = await disclosures.lock_list(tx, order.member, report.list_name)
    listed = await resolve(tx, order, report, at)
    digests = {edition: edition_digest(rows) for edition, rows in listed.items()}
    seen = await disclosures.read_editions(tx, order.member, report.list_name)
    if first_stale(current, seen, digests) is not None:
        raise FileInvalid(Finding("edition_older", column=report.file.format.edition_column))
    if not digests:
        return report.resolved.events
    standing = await disclosures.read_standing(tx, order.member, report.list_name)
    report.changes = changes_of(standing, current, listed, report.file)
    belonging = Belonging(order.contract, order.request)
    report.gone = len({one.place for change in report.changes for one in change.gone} - standing.keys())
    kept = await keep_changes(tx, order.member, report.list_name, report.changes, belonging, at)
    report.unregistered, report.moved = kept.unregistered, kept.moved
    newest = max(digests) if current is None else max(current, *digests)
    await disclosures.save_editions(tx, order.member, report.list_name, digests, newest)
    return report.resolved.events + kept.events


async def resolve(tx: Connection, order: Order, report: Report, at: datetime) -> Mapping[str, Sequence[Listed]]:
    """The rows of a file with the registry's ids, by edition."""
    entries = report.file.entries
    keys = await asyncio.to_thread(keys_of, entries)
    report.keys = {entry.row: pair for entry, pair in zip(entries, keys, strict=True)}
    named = [supplier_of(entry, key) for entry, (key, _) in zip(entries, keys, strict=True)]
    await resolve_suppliers(tx, named, at, report.resolved)
    suppliers = report.resolved.suppliers
    pairs = [(entry, own, key) for entry, (own, key) in zip(entries, keys, strict=True) if entry.has_site]
    places = [site_of(entry, key, suppliers[own].id) for entry, own, key in pairs]
    await resolve_sites(tx, places, at, report.resolved)
    mentions = await asyncio.to_thread(said_in_rows, report.list_name, entries, keys)
    await spellings.keep_mentions(tx, order.member, mentions)
    published = report.file.format.published or order.published
    listed: dict[str, list[Listed]] = defaultdict(list)
    for entry, (own, key) in zip(entries, keys, strict=True):
        site = report.resolved.sites[key].id if entry.has_site else None
        row = Listed(entry, uuid7(), suppliers[own].id, site, content_of(entry), published, aspect_of(entry, own))
        listed[entry.edition].append(row)
    return listed


def keys_of(entries: Sequence[Entry]) -> list[tuple[bytes, bytes]]:
    """The supplier's and the site's key of each entry."""
    return [
        (
            supplier_key(one.supplier, one.supplier_identifiers.lei if one.supplier_identifiers else None),
            site_key(one.name, one.address, one.country),
        )
        for one in entries
    ]


def supplier_of(entry: Entry, key: bytes) -> Supplier:
    known = entry.supplier_identifiers
    identifiers = {} if known is None else known.model_dump(exclude_none=True)
    return Supplier(uuid7(), key, entry.supplier, entry.supplier_country, identifiers)


def site_of(entry: Entry, key: bytes, supplier: UUID) -> Site:
    identifiers = entry.facts.identifiers
    known = {} if identifiers is None else identifiers.model_dump(exclude_none=True)
    facts = entry.facts
    place = (entry.name, entry.address, entry.country)
    return Site(uuid7(), key, supplier, *place, facts.sector, known, facts.native_name)


def content_of(entry: Entry) -> bytes:
    """The digest of what a row says of a site beside naming it."""
    return sha256(said_as_json(entry)).digest()


def changes_of(
    standing: dict[Place, Standing], current: str | None, listed: Mapping[str, Sequence[Listed]], file: ListFile
) -> list[Change]:
    """What each edition of a file changes, oldest first; one that is superseded already changes nothing."""
    return [
        Change(edition, duplicates=list(listed[edition]))
        if current is not None and edition < current
        else supersede(standing, edition, listed[edition], file.complete(edition))
        for edition in sorted(listed)
    ]
