"""Contracts, as each reader is told of them on its own topic."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from services.risk.news import Cause
from services.risk.store import contracts, registry
from services.risk.store.contracts import ContractEnd, ContractRow
from services.risk.touched import Reader, Touched
from shared.events.envelope import Event
from shared.events.ingest import ContractClosed, ContractRecorded
from shared.events.lifecycles import CauseKind
from shared.events.vocabulary import ContractEnd as End
from shared.postgres import Connection

NEVER_BOUND = frozenset({End.SENT_BY_MISTAKE, End.NOT_AWARDED})
"""Ends by which a contract is as if it had never been."""


async def record_contracts(tx: Connection, batch: Sequence[Event]) -> Touched:
    """Keep contracts as told last, each for its reader. What comes for a member that has left is passed over."""
    here = await registry.still_here(tx, {event.member for event in batch if event.member is not None})
    told: dict[tuple[UUID, Reader], ContractRow] = {}
    ends: dict[tuple[UUID, Reader], ContractEnd] = {}
    touched = Touched()
    for event in batch:
        data, reader = event.data, event.member
        if reader not in here or not isinstance(data, ContractRecorded | ContractClosed):
            continue
        key, cause = (data.contract, reader), Cause.of(CauseKind.CONTRACT, event)
        touched.contracts[key] = cause
        if isinstance(data, ContractRecorded):
            told[key] = row_of(data, reader, cause, told.get(key))
            ends.pop(key, None)
        else:
            ends[key] = end_of(data, reader)
    if told:
        await contracts.write_contracts(tx, list(told.values()))
    if ends:
        await contracts.close_contracts(tx, list(ends.values()))
    return touched


def row_of(data: ContractRecorded, reader: Reader, cause: Cause, before: ContractRow | None) -> ContractRow:
    """A contract as it is told now; `before` is what the same batch told of it."""
    return ContractRow(
        contract=data.contract,
        reader=reader,
        owner=data.member,
        reference=data.reference,
        title=data.title,
        level=data.level,
        supplier=data.supplier,
        parent=data.parent,
        starts=data.starts,
        until=data.ends + timedelta(days=1) if data.ends else None,
        first_told=before.first_told if before else cause.day,
        amount=data.value.amount if data.value else None,
        currency=data.value.currency if data.value else None,
    )


def end_of(data: ContractClosed, reader: Reader) -> ContractEnd:
    """The end of a contract for a reader."""
    return ContractEnd(
        data.contract, reader, data.ended_on, data.reason == End.EXPIRED, never=data.reason in NEVER_BOUND
    )


async def forget(tx: Connection, left: Mapping[Reader, Cause], touched: Touched) -> None:
    """Forget what members that have left were told of contracts; touches the flags whose leverage that changes."""
    for flag, member in await contracts.forget_readers(tx, list(left)):
        touched.touch(touched.flags, [flag], left[member])
