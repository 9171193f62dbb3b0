"""A batch of accepted submissions, and what follows from them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from services.ingest.domain.events.submission import Objection, Submission
from services.ingest.domain.identity.keys import site_key, supplier_key
from services.ingest.domain.registry import Site, Supplier
from services.ingest.identity.resolution import Resolved
from services.ingest.store.submissions import Became, Consequence
from shared.events.envelope import Event
from shared.events.members import ContractRegistered, DisclosureRequested, DisclosureSubmitted, DoorData, FlagRaised
from shared.events.submitted import SubmittedSupplier
from shared.events.vocabulary import MemberKind

Naming = DisclosureSubmitted | DisclosureRequested | FlagRaised | ContractRegistered
Data = TypeVar("Data", bound=DoorData)


@dataclass(slots=True)
class Batch:
    """Submissions of one member that are new, by receipt; what follows from them is gathered here.

    `disclosures` and `contracts` are those of which the audience is still to be settled; `answers` gives the disclosure
    that may be the first to answer each request; `entries` what submissions became; `following` what is told of
    contracts after the contracts themselves.
    """

    member: str
    kind: MemberKind
    at: datetime
    fresh: dict[UUID, Submission]
    self_report_due: timedelta
    resolved: Resolved = field(default_factory=Resolved)
    consequences: list[Consequence] = field(default_factory=list)
    disclosures: list[UUID] = field(default_factory=list)
    contracts: set[UUID] = field(default_factory=set)
    answers: dict[UUID, UUID] = field(default_factory=dict)
    entries: dict[UUID, UUID] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    following: list[Event] = field(default_factory=list)
    refused: dict[UUID, Objection] = field(default_factory=dict)

    @property
    def today(self) -> date:
        """The day (UTC) of the batch, by the database's clock."""
        return self.at.astimezone(UTC).date()

    def sent(self, kind: type[Data]) -> Iterator[tuple[UUID, Submission, Data]]:
        """Each submission of one kind that is not refused, with its receipt and its data, in the order sent."""
        for receipt, submission in self.fresh.items():
            if isinstance(submission.data, kind) and receipt not in self.refused:
                yield receipt, submission, submission.data

    def refuse(self, receipt: UUID, code: str, pointer: str) -> None:
        """Answer that a submission cannot be accepted after all."""
        self.refused[receipt] = Objection(code, pointer)

    def became(self, receipt: UUID, kind: Became, told: UUID, **of: Any) -> None:
        """Remember what a submission became, so that its sender can take it back."""
        self.entries[receipt] = told
        self.consequences.append(Consequence(receipt, kind, told, **of))

    def supplier_of(self, supplier: SubmittedSupplier) -> Supplier:
        """The supplier that the registry has for a name in the batch."""
        lei = None if supplier.identifiers is None else supplier.identifiers.lei
        return self.resolved.suppliers[supplier_key(supplier.name, lei)]

    def site_of(self, data: DisclosureSubmitted | FlagRaised) -> Site | None:
        """The site that the registry has for the one that is named; None where none is."""
        site = data.site
        return None if site is None else self.resolved.sites[site_key(site.name, site.address, site.country)]
