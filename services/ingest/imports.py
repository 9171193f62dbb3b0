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

from services.ingest.domain.cells import Entry
from services.ingest.domain.editions import (
    Change,
    Listed,
    Standing,
    edition_digest,
    first_stale,
    is_ordered,
    supersede,
)
from services.ingest.domain.findings import FileInvalid, Finding
from services.ingest.domain.identity import site_key, supplier_key
from services.ingest.domain.listfile import ListFile, read_list
from services.ingest.domain.publication import disclosure_gone, disclosure_listed
from services.ingest.domain.registry import Site, Supplier
from services.ingest.news import audience, news
from services.ingest.resolution import Resolved, resolve_sites, resolve_suppliers
from services.ingest.store import disclosures
from shared.events.envelope import Event
from shared.events.vocabulary import MemberKind
from shared.postgres import Connection, borrow, now
from shared.service import Runtime


@dataclass(frozen=True, slots=True)
class Order:
    """What a member asks for with a file: list name and edition where the file does not tell them, and the audience."""

    member: str
    kind: MemberKind
    filename: str
    edition: str | None = None
    list_name: str | None = None
    published: bool = False
    dry_run: bool = False


@dataclass(slots=True)
class Report:
    """What an import did, or would do."""

    file: ListFile
    list_name: str
    changes: list[Change] = field(default_factory=list)
    resolved: Resolved = field(default_factory=Resolved)
    edition_ignored: bool = False


class Rehearsed(Exception):
    """A dry run has come to its end: roll back."""

    def __init__(self, report: Report) -> None:
        super().__init__("dry run")
        self.report = report


async def import_list(runtime: Runtime, order: Order, content: bytes, maximum_rows: int) -> Report:
    """Import a file, all of it that can be read, in one transaction; with `dry_run` nothing is kept.

    The same file again changes nothing. Raises FileInvalid where nothing of the file can be taken.
    """
    async with borrow(runtime.pool) as connection:
        at = await now(connection)
    # Read before the transaction: a long list takes longer than a transaction may be idle.
    report = await asyncio.to_thread(read, order, content, at, maximum_rows)
    try:
        async with runtime.transaction() as tx:
            await runtime.publish(tx, await apply(tx, order, report, at))
            if order.dry_run:
                raise Rehearsed(report)
    except Rehearsed as rehearsed:
        return rehearsed.report
    return report


def read(order: Order, content: bytes, at: datetime, maximum_rows: int) -> Report:
    """The rows of a file. Raises FileInvalid where the edition is unclear or nothing of the file can be taken."""
    edition = order.edition or at.date().isoformat()
    if not is_ordered(edition):
        raise FileInvalid(Finding("edition_unclear"))
    file = read_list(content, edition, maximum_rows)
    report = Report(file, order.list_name or file.format.list_name or stem_of(order.filename))
    report.edition_ignored = file.format.edition_column is not None and order.edition is not None
    return report


def stem_of(filename: str) -> str:
    """The name of a list that has no other: its file's, without folders and ending."""
    return PurePath(filename).stem.strip() or filename


async def apply(tx: Connection, order: Order, report: Report, at: datetime) -> list[Event]:
    """Bring the list up to the newest edition of a file; the events that tell so, in the order of the editions."""
    current = await disclosures.lock_list(tx, order.member, report.list_name)
    listed = await resolve(tx, order, report, at)
    digests = {edition: edition_digest(rows) for edition, rows in listed.items()}
    seen = await disclosures.read_editions(tx, order.member, report.list_name)
    if first_stale(current, seen, digests) is not None:
        raise FileInvalid(Finding("edition_older", column=report.file.format.edition_column))
    if not digests:
        return report.resolved.events
    before = await disclosures.read_standing(tx, order.member, report.list_name)
    report.changes = changes_of(dict(before), current, listed, report.file)
    await save(tx, order.member, report)
    newest = max(digests) if current is None else max(current, *digests)
    await disclosures.save_editions(tx, order.member, report.list_name, digests, newest)
    return report.resolved.events + await asyncio.to_thread(told, order, report, at)


async def resolve(tx: Connection, order: Order, report: Report, at: datetime) -> Mapping[str, Sequence[Listed]]:
    """The rows of a file with the registry's ids, by edition."""
    entries = report.file.entries
    keys = await asyncio.to_thread(keys_of, entries)
    named = [Supplier(uuid7(), key, entry.name) for entry, (key, _) in zip(entries, keys, strict=True)]
    await resolve_suppliers(tx, named, at, report.resolved)
    suppliers = report.resolved.suppliers
    places = [site_of(entry, key, suppliers[own].id) for entry, (own, key) in zip(entries, keys, strict=True)]
    await resolve_sites(tx, places, at, report.resolved)
    published = report.file.format.published or order.published
    listed: dict[str, list[Listed]] = defaultdict(list)
    for entry, (own, key) in zip(entries, keys, strict=True):
        site = report.resolved.sites[key].id
        listed[entry.edition].append(Listed(entry, uuid7(), suppliers[own].id, site, content_of(entry), published))
    return listed


def keys_of(entries: Sequence[Entry]) -> list[tuple[bytes, bytes]]:
    """The supplier's and the site's key of each entry."""
    return [(supplier_key(one.name), site_key(one.name, one.address, one.country)) for one in entries]


def site_of(entry: Entry, key: bytes, supplier: UUID) -> Site:
    identifiers = entry.facts.identifiers
    known = {} if identifiers is None else identifiers.model_dump(exclude_none=True)
    return Site(uuid7(), key, supplier, entry.name, entry.address, entry.country, entry.facts.sector, known)


def content_of(entry: Entry) -> bytes:
    """The digest of what a row says of a site beside naming it."""
    return sha256(entry.facts.model_dump_json(exclude_none=True).encode()).digest()


def changes_of(
    standing: dict[UUID, Standing], current: str | None, listed: Mapping[str, Sequence[Listed]], file: ListFile
) -> list[Change]:
    """What each edition of a file changes, oldest first; one that is superseded already changes nothing."""
    return [
        Change(edition, duplicates=len(listed[edition]))
        if current is not None and edition < current
        else supersede(standing, edition, listed[edition], file.complete(edition))
        for edition in sorted(listed)
    ]


async def save(tx: Connection, member: str, report: Report) -> None:
    """Keep what the editions changed."""
    gone = {one.disclosure for change in report.changes for one in change.gone}
    latest = {one.standing.disclosure: one.standing for change in report.changes for one in change.accepted}
    if gone:
        await disclosures.retire(tx, list(gone))
    if latest:
        await disclosures.save_listed(tx, member, report.list_name, list(latest.values()), gone)


def told(order: Order, report: Report, at: datetime) -> list[Event]:
    """What the editions changed, as events: in each edition first what is gone, then what is new."""
    events: list[Event] = []
    for change in report.changes:
        for one in change.gone:
            retired = disclosure_gone(one, change.edition)
            owner = None if one.published else order.member
            events.append(news(retired, one.supplier, at, audience(one.published), member=owner))
        for accepted in change.accepted:
            published = accepted.standing.published
            data = disclosure_listed(accepted, order.member, order.kind, report.list_name)
            owner = None if published else order.member
            events.append(news(data, data.supplier, at, audience(published), member=owner))
    return events
