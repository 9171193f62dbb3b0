"""Keeping what the editions of a list changed, and telling it, edition after edition."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from services.ingest import audience
from services.ingest.accepting.disclosures import tell_answers
from services.ingest.domain.lists.editions import Change, Standing
from services.ingest.domain.lists.findings import FileInvalid, Finding
from services.ingest.domain.publication import statement_listed
from services.ingest.store import contracts, disclosures, requests
from services.ingest.store.disclosures import Disclosure
from shared.events.envelope import Event
from shared.events.vocabulary import Retirement
from shared.postgres import Connection


@dataclass(frozen=True, slots=True)
class Belonging:
    """To what all rows of a list belong: the member's own reference of a contract, and a request that they answer."""

    contract: str | None = None
    request: UUID | None = None


@dataclass(slots=True)
class Kept:
    """What came of keeping changes: the events that tell so, and what its sender is to know of contracts.

    `unregistered` counts the contracts that rows name and nobody has registered yet, `moved` the disclosures of rows
    that say nothing else new and belong to another contract now.
    """

    events: list[Event]
    unregistered: int = 0
    moved: int = 0


async def keep_changes(
    tx: Connection, member: str, list_name: str, changes: Sequence[Change], belonging: Belonging, at: datetime
) -> Kept:
    """Keep what the editions of a list change; its events tell of each what is gone, then what is new.

    A row's own contract goes before the one of the whole list. Raises FileInvalid for a request that is not its own.
    """
    if belonging.request and belonging.request not in await requests.own(tx, member, [belonging.request]):
        raise FileInvalid(Finding("request_unknown"))
    known = await contracts_named(tx, member, changes, belonging)
    await audience.lock(tx)
    kept = Kept([], len(set(known.values()) - await contracts.read_registered(tx, known.values())))
    for change in changes:
        rows = await asyncio.to_thread(rows_of, list_name, change, belonging, known, at)
        gone = [one.disclosure for one in change.gone]
        await disclosures.retire(tx, gone, Retirement.NOT_IN_NEWER_EDITION, change.edition)
        await disclosures.save(tx, member, rows)
        kept.events += await audience.settle(tx, disclosures=gone + [row.id for row in rows], at=at)
    if belonging.contract is not None:
        places = [row.place for change in changes for row in change.duplicates if row.entry.contract is None]
        moved = await disclosures.join_contract(tx, member, list_name, places, known[belonging.contract])
        kept.moved = len(moved)
        kept.events += await audience.settle(tx, disclosures=moved, at=at)
    kept.events += await answered(tx, member, list_name, belonging.request, at)
    return kept


async def contracts_named(
    tx: Connection, member: str, changes: Sequence[Change], belonging: Belonging
) -> dict[str, UUID]:
    """The ids of the contracts to which rows of these editions belong, by the member's own reference."""
    rows = [accepted.listed for change in changes for accepted in change.accepted]
    rows += [row for change in changes for row in change.duplicates]
    references = {row.entry.contract for row in rows} | {belonging.contract}
    named = [(member, reference) for reference in references if reference is not None]
    return {reference: one for (_, reference), one in (await contracts.ids_of(tx, named)).items()}


async def answered(tx: Connection, member: str, list_name: str, request: UUID | None, at: datetime) -> list[Event]:
    """The answer to a request that a list gives, also where it says nothing new."""
    first = None if request is None else await disclosures.first_listed(tx, member, list_name, request)
    if request is None or first is None:
        return []
    return await tell_answers(tx, member, {request: first}, at, at.astimezone(UTC).date())


def rows_of(
    list_name: str, change: Change, belonging: Belonging, contract_ids: Mapping[str, UUID], at: datetime
) -> list[Disclosure]:
    """The rows that an edition has accepted, as they are kept."""
    rows: list[Disclosure] = []
    for accepted in change.accepted:
        entry, standing = accepted.listed.entry, accepted.standing
        reference = entry.contract or belonging.contract
        rows.append(
            Disclosure(
                id=standing.disclosure,
                list=list_name,
                edition=standing.edition,
                row=entry.row,
                supplier=standing.supplier,
                site=standing.site,
                published=standing.published,
                said=statement_listed(entry, list_name),
                said_at=at,
                contract=None if reference is None else contract_ids[reference],
                request=belonging.request,
                aspect=standing.aspect,
                content=standing.content,
            )
        )
    return rows


async def withdraw_listed(tx: Connection, standing: Sequence[Standing], at: datetime) -> list[Event]:
    """Take back disclosures that a list had brought; the events that tell so."""
    gone = [one.disclosure for one in standing]
    await disclosures.retire(tx, gone, Retirement.WITHDRAWN)
    return await audience.settle(tx, disclosures=gone, at=at)
