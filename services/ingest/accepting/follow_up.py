"""The follow-up of contracts: conditions, self-reports, information requests and accounts of a member itself."""

from collections.abc import Iterator, Mapping
from uuid import UUID

from services.ingest.accepting.batch import Batch
from services.ingest.domain.events.submission import Submission
from services.ingest.news import news
from services.ingest.store import contracts, members
from services.ingest.store.submissions import Became
from shared.events.engagement_words import Regime
from shared.events.envelope import Classification
from shared.events.ingest import FollowUpEntry
from shared.events.members import AccountPublished, ContractRegistered, InformationRequestHandled
from shared.events.reading import as_id
from shared.events.recorded import FollowUp, account_recorded, follow_up_recorded, information_request_recorded
from shared.postgres import Connection

ByLaw = InformationRequestHandled | AccountPublished
"""What only a member sends that the Transparency Act binds."""


async def follow_up(tx: Connection, batch: Batch) -> None:
    """Tell a member's own topic what it reports of its contracts and duties, after the contracts of the batch.

    Refuses contracts that the member neither has registered nor uses, and duties of a law that does not bind it.
    Whether a condition takes the step is decided by `remedy`, which keeps conditions.
    """
    await refuse_unbound(tx, batch)
    naming = dict(naming_contracts(batch))
    known = await read_contracts(tx, batch, set(naming.values())) if naming else {}
    for receipt, reference in naming.items():
        found = known.get(reference, ())
        if len(found) != 1:
            batch.refuse(receipt, "contract_ambiguous" if found else "contract_unknown", "/data/contract")
    ids = {reference: found[0] for reference, found in known.items() if len(found) == 1}
    for receipt, submission in batch.fresh.items():
        if receipt not in batch.refused:
            record(batch, receipt, submission, ids)


async def refuse_unbound(tx: Connection, batch: Batch) -> None:
    """Refuse what is a duty under the Transparency Act, of a member that it does not bind."""
    sent = [receipt for receipt, submission in batch.fresh.items() if isinstance(submission.data, ByLaw)]
    if sent and Regime.TRANSPARENCY_ACT not in await members.laws_that_bind(tx, batch.member):
        for receipt in sent:
            batch.refuse(receipt, "member_not_bound", "/type")


def naming_contracts(batch: Batch) -> Iterator[tuple[UUID, str]]:
    """What is not refused and names a contract, by receipt, with how it names it."""
    for receipt, submission in batch.fresh.items():
        data = submission.data
        if isinstance(data, FollowUp | InformationRequestHandled) and receipt not in batch.refused and data.contract:
            yield receipt, data.contract


async def read_contracts(tx: Connection, batch: Batch, references: set[str]) -> dict[str, tuple[UUID, ...]]:
    """The contracts that a member means by references: its own, also of this batch, or else those that it uses.

    It may use two contracts of which the owners have the same reference; the id of a contract is always one.
    """
    known = await contracts.read_named(tx, batch.member, {reference: as_id(reference) for reference in references})
    fresh = {data.reference for _, _, data in batch.sent(ContractRegistered)} & references
    if fresh:
        own = await contracts.read_ids(tx, [(batch.member, reference) for reference in sorted(fresh)])
        known |= {reference: (contract,) for (_, reference), contract in own.items()}
    return known


def record(batch: Batch, receipt: UUID, submission: Submission, contracts_: Mapping[str, UUID]) -> None:
    """Tell what a submission says, where it is of the follow-up of contracts; its key is what it is about."""
    data, entry = submission.data, receipt
    told: FollowUpEntry
    match data:
        case InformationRequestHandled():
            contract = None if data.contract is None else contracts_[data.contract]
            told = information_request_recorded(data, entry, batch.member, contract)
            kind, about = Became.INFORMATION_REQUEST, told.request
        case AccountPublished():
            told = account_recorded(data, entry, batch.member)
            kind, about = Became.ACCOUNT, told.account
        case _ if isinstance(data, FollowUp):
            kind, about = Became.CONDITION, contracts_[data.contract]
            told = follow_up_recorded(data, entry, batch.member, about)
        case _:
            return
    batch.became(receipt, kind, entry, about=about)
    batch.following.append(news(told, about, submission.time, Classification.MEMBER, member=batch.member))
