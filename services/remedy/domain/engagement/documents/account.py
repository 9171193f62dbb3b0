"""A member's account of due diligence for a year, for those whom the Transparency Act of Norway binds (section 5).

The Act asks for the organisation and guidelines of due diligence, for adverse impacts and significant risks, and for
measures with their results; it is published by 30 June. This is a draft from what Engage knows, with what it cannot.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.remedy.domain.engagement.documents.board import Board, all_consultations
from services.remedy.domain.engagement.documents.figures import open_at_end, opened
from services.remedy.domain.engagement.documents.holdings import (
    Holdings,
    conditions_table,
    contracts_table,
    sourced,
)
from services.remedy.domain.engagement.documents.sheet import Cell, Document, Section, Source, Table, columns, table
from services.remedy.domain.engagement.documents.tables import commitments_table, engagements_table, escalations_table
from services.remedy.domain.engagement.documents.told import Dialogue, Names, Period, Told, count, of_kind, spaced
from shared.events.engagement_words import ConditionState, ObligationKind, Regime, RequestState
from shared.events.ingest import AccountRecorded
from shared.events.remedy import (
    CommitmentMoved,
    ConditionMoved,
    EngagementClosed,
    EngagementMilestoneReached,
    EscalationStepTaken,
    InformationRequestMoved,
    MemberObligationMissed,
)

OWN = frozenset({ObligationKind.INFORMATION_REQUEST, ObligationKind.ANNUAL_ACCOUNT})
"""What is due of the member itself, and not of a supplier."""
DRAFT = (
    "A draft from what Engage knows. What a working group shares is its own: agree with the group on what is told "
    "of engagements before this is published."
)
LIMITS = (
    "Purchases outside the contracts that the member told of.",
    "Adverse impacts that nobody reported, and what workers confided without releasing it.",
    "What the member did outside Engage: its own training, inspections and correspondence.",
    "Whether a supplier's measures worked, where no rightsholder was heard: its own word is shown as its own word.",
    "How far suppliers below those that were disclosed are known.",
)


@dataclass(frozen=True, slots=True)
class Exposure:
    """A flag that touched a contract of the member, from when to when, and how the contract reaches it."""

    contract: UUID
    flag: UUID
    supplier: UUID
    category: str
    reach: str
    since: datetime
    ended_at: datetime | None
    source: Source
    ended_by: Source | None = None


@dataclass(frozen=True, slots=True)
class Accountable:
    """A member with what it accounts for: its contracts and their follow-up, and the flags that touched them."""

    name: str
    bound_by: Sequence[str]
    year: int
    holdings: Holdings
    exposures: Sequence[Exposure]
    accounts: Sequence[Told[AccountRecorded]] = ()


def annual_account(
    member: Accountable, dialogue: Dialogue, names: Names, period: Period, made_at: datetime
) -> Document:
    """The draft of a member's account for the year that `period` spans."""
    board = Board(dialogue, names, period)
    bound = Regime.TRANSPARENCY_ACT in member.bound_by
    law = "yes, as set for this member" if bound else "not as far as Engage was told"
    return Document(
        kind="account",
        title=f"Account of due diligence {member.year}: {member.name}",
        audience=f"For {member.name} alone, as a draft. It is published by the member, not by Engage.",
        made_at=made_at,
        about=(
            ("Member", member.name),
            ("Year", str(member.year)),
            ("Bound by the Transparency Act", law),
            ("To be published by", f"{member.year + 1}-06-30 (section 5)"),
            ("Published", ", ".join(f"{one.data.published_on}" for one in member.accounts) or "not told of"),
        ),
        sections=(
            Section("figures", "In figures", (DRAFT,), (account_figures(member, board),)),
            *organisation_sections(member, board),
            *measures_sections(member, board),
            Section("requests", "Requests for information (sections 6 and 7)", (), (requests_table(member, board),)),
        ),
        limits=LIMITS,
    )


def organisation_sections(member: Accountable, board: Board) -> Iterator[Section]:
    """How the work is organised, by which guidelines, and which risks touched the member's contracts."""
    groups = sorted({board.names.group(one.workinggroup) for one in board.engagements})
    text = (f"Engagements are carried by working groups: {', '.join(groups)}.",) if groups else ()
    tables = contracts_table(member.holdings, board.names), guidelines_table(member.holdings)
    yield Section("organisation", "Organisation, contracts and guidelines", text, tables)
    yield Section("exposure", "Risks that touched these contracts", (), (exposure_table(member, board),))


def measures_sections(member: Accountable, board: Board) -> Iterator[Section]:
    """What was done, and what came of it."""
    tables = engagements_table(board), commitments_table(board), escalations_table(board, board.period.holds)
    yield Section("engagements", "Engagements that the member takes part in", (), tables)
    due = conditions_table(
        member.holdings,
        board.period,
        lambda one: one.contract in member.holdings.contracts and board.period.first <= one.due <= board.period.last,
    )
    yield Section("conditions", "Follow-up of the member's contracts", (), (due,), "The member's own.")


def account_figures(member: Accountable, board: Board) -> Table:
    """The figures of the year."""
    heads = columns(figure="Figure", value=str(member.year))
    rows = (*measure_figures(member, board), *result_figures(member, board))
    return table("figures", "Figures of the year", heads, rows, "No figures.")


def measure_figures(member: Accountable, board: Board) -> Iterator[tuple[str, Cell]]:
    """What there was to follow up, and what was done."""
    contracts = [one.source for one in member.holdings.contracts.values()]
    yield "Contracts followed up", Cell(len(contracts), tuple(one for one in contracts if one))
    touched = touching(member, board.period)
    yield "Flags that touched them", Cell(len({one.flag for one in touched}), tuple(one.source for one in touched))
    yield "Engagements opened", opened(board.dialogue, board.period)
    yield "Engagements open at the end", count(open_at_end(board.dialogue, board.period))
    yield "Consultations of rightsholders", count(one for one in all_consultations(board) if board.period.holds(one))
    taken = of_kind(board.dialogue.facts, EscalationStepTaken)
    yield "Steps of escalation", count(one for one in taken if board.period.holds(one))


def result_figures(member: Accountable, board: Board) -> Iterator[tuple[str, Cell]]:
    """What came of it."""
    holds = board.period.holds
    moved = [one for one in of_kind(board.dialogue.facts, EngagementMilestoneReached) if holds(one)]
    yield "Milestones reached", count(one for one in moved if one.data.milestone > one.data.before)
    yield "Engagements closed", count(one for one in of_kind(board.dialogue.facts, EngagementClosed) if holds(one))
    for state in ("met", "partly_met", "missed"):
        found = of_kind(board.dialogue.facts, CommitmentMoved)
        settled = [one for one in found if holds(one) and one.data.after == state]
        yield f"Commitments {spaced(state)}", count(settled)
    conditions = [one for one in of_kind(member.holdings.told, ConditionMoved) if holds(one)]
    for after in (ConditionState.VERIFIED, ConditionState.BREACH, ConditionState.REMEDIED, ConditionState.SANCTIONED):
        yield f"Contract conditions: {spaced(after)}", count(one for one in conditions if one.data.after is after)
    requests = [one for one in of_kind(member.holdings.told, InformationRequestMoved) if holds(one)]
    for to in (RequestState.RECEIVED, RequestState.ANSWERED, RequestState.REFUSED):
        yield f"Requests for information {spaced(to)}", count(one for one in requests if one.data.after is to)
    missed = [one for one in of_kind(member.holdings.told, MemberObligationMissed) if holds(one)]
    yield "Contract conditions: day missed", count(one for one in missed if one.data.kind not in OWN)
    yield "The member's own days missed", count(one for one in missed if one.data.kind in OWN)


def touching(member: Accountable, period: Period) -> list[Exposure]:
    """The exposures that stood on at least one day of the period."""
    return [
        one
        for one in member.exposures
        if period.day_of(one.since) <= period.last
        and (one.ended_at is None or period.day_of(one.ended_at) >= period.first)
    ]


def guidelines_table(holdings: Holdings) -> Table:
    """The sets of contract conditions in use, and of how many contracts each is part."""
    sets: dict[str, list[Source | None]] = {}
    for one in holdings.contracts.values():
        if one.conditions:
            sets.setdefault(f"{one.conditions.name}, {one.conditions.edition}", []).append(one.source)
    rows = (
        (name, Cell(len(found), tuple(one for one in found if one is not None)))
        for name, found in sorted(sets.items(), key=lambda pair: pair[0])
    )
    heads = columns(conditions="Conditions", contracts="Contracts")
    return table("guidelines", "Guidelines used", heads, rows, "No set of conditions was told.")


def exposure_table(member: Accountable, board: Board) -> Table:
    """Each flag that touched a contract in the year."""
    heads = columns(
        contract="Contract", supplier="Supplier", category="Issue", reach="How", since="Since", ended="Until"
    )
    rows = (
        (
            member.holdings.reference(one.contract),
            board.names.supplier(one.supplier),
            spaced(one.category),
            Cell(spaced(one.reach), (one.source,)),
            Cell(board.period.day_of(one.since), (one.source,)),
            sourced(board.period.day_of(one.ended_at), one.ended_by) if one.ended_at else "still",
        )
        for one in touching(member, board.period)
    )
    return table("exposure", "Flags that touched the member's contracts", heads, rows, "No flag touched them.")


def requests_table(member: Accountable, board: Board) -> Table:
    """Each request for information that was told of in the year, and what became of it by its end."""
    heads = columns(reference="Request", state="State", due="Due", basis="Why then")
    last: dict[UUID, Told[InformationRequestMoved]] = {}
    begun: set[UUID] = set()
    for one in of_kind(member.holdings.told, InformationRequestMoved):
        if board.period.ended(one):
            last[one.data.request] = one
            begun |= {one.data.request} if board.period.holds(one) else set()
    rows = (
        (
            one.data.reference,
            Cell(spaced(one.data.after), (one.source,)),
            Cell(one.data.due, (one.source,)),
            one.data.basis,
        )
        for request, one in last.items()
        if request in begun and one.data.after is not RequestState.WITHDRAWN
    )
    return table("requests", "Requests for information", heads, rows, "No request was told of.")
