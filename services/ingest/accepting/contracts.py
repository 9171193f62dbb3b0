"""Contracts that are registered, modified and ended."""

from uuid import UUID

from services.ingest.accepting.batch import Batch
from services.ingest.domain.events.submission import Submission
from services.ingest.domain.publication import contract_recorded
from services.ingest.store import contracts, members
from services.ingest.store.contracts import Reference, Revision
from services.ingest.store.submissions import Became
from shared.events.members import ContractEnded, ContractRegistered
from shared.postgres import Connection

Ids = dict[Reference, UUID]


async def keep_contracts(tx: Connection, batch: Batch) -> None:
    """Keep what the batch says of contracts, one revision per submission; whom to tell is settled afterwards.

    Refuses what names a stranger as end user or as the owner of the parent, and the end of what was never registered.
    """
    await refuse_strangers(tx, batch)
    registered, ended = list(batch.sent(ContractRegistered)), list(batch.sent(ContractEnded))
    if not registered and not ended:
        return
    references = [(batch.member, data.reference) for _, _, data in registered]
    references += [(data.parent_member or batch.member, data.parent) for _, _, data in registered if data.parent]
    ids = await contracts.ids_of(tx, references)
    if ended:
        ids |= await contracts.read_ids(tx, [(batch.member, data.reference) for _, _, data in ended])
        await refuse_unregistered(tx, batch, ids)
    revisions = [revision_of(batch, ids, receipt, submission) for receipt, submission in of_contracts(batch)]
    if revisions:
        await contracts.insert_revisions(tx, revisions)
    batch.contracts |= {one.contract for one in revisions}
    for one in revisions:
        batch.became(one.receipt, Became.CONTRACT, one.contract)


def of_contracts(batch: Batch) -> list[tuple[UUID, Submission]]:
    """What registers or ends a contract and is not refused, in the order sent."""
    return [
        (receipt, submission)
        for receipt, submission in batch.fresh.items()
        if isinstance(submission.data, ContractRegistered | ContractEnded) and receipt not in batch.refused
    ]


async def refuse_strangers(tx: Connection, batch: Batch) -> None:
    """Refuse contracts of which an end user or the parent's owner is no member."""
    named: list[tuple[UUID, str, str]] = []
    for receipt, _, data in batch.sent(ContractRegistered):
        named += [(receipt, user, f"/data/end_users/{place}") for place, user in enumerate(data.end_users)]
        if data.parent_member is not None:
            named.append((receipt, data.parent_member, "/data/parent_member"))
    if not named:
        return
    unknown = set(await members.unknown_members(tx, sorted({slug for _, slug, _ in named})))
    for receipt, slug, pointer in named:
        if slug in unknown and receipt not in batch.refused:
            batch.refuse(receipt, "member_unknown", pointer)


async def refuse_unregistered(tx: Connection, batch: Batch, ids: Ids) -> None:
    """Refuse the end of contracts that this member has not registered, before or in this batch."""
    registered = await contracts.read_registered(tx, ids.values())
    registered |= {ids[batch.member, data.reference] for _, _, data in batch.sent(ContractRegistered)}
    for receipt, _, data in list(batch.sent(ContractEnded)):
        if ids.get((batch.member, data.reference)) not in registered:
            batch.refuse(receipt, "contract_unknown", "/data/reference")


def revision_of(batch: Batch, ids: Ids, receipt: UUID, submission: Submission) -> Revision:
    """What a submission says of a contract."""
    data, at = submission.data, submission.time
    if isinstance(data, ContractEnded):
        contract = ids[batch.member, data.reference]
        return Revision(receipt, contract, at, ended_on=data.ended_on, end_reason=data.reason.value)
    assert isinstance(data, ContractRegistered)
    supplier = None if data.supplier is None else batch.supplier_of(data.supplier)
    parent = None if data.parent is None else ids[data.parent_member or batch.member, data.parent]
    told = contract_recorded(data, ids[batch.member, data.reference], batch.member, supplier, parent)
    return Revision(
        receipt,
        told.contract,
        at,
        said=told.model_dump_json(exclude_none=True),
        supplier=told.supplier,
        parent=parent,
        end_users=data.end_users,
        ended_on=data.ends,
    )


async def restate_contracts(tx: Connection, batch: Batch) -> None:
    """Let what was said, and taken back, hold; adds the contracts under which they were before."""
    if batch.contracts:
        rows = await contracts.restate(tx, batch.contracts, batch.today)
        batch.contracts |= {row["was_under"] for row in rows if row["was_under"] is not None}
