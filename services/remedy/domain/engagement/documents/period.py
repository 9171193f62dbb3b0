"""The period report of a working group: what moved, what was asked, promised and kept, compared with before."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.remedy.domain.engagement.documents.board import MILESTONES, Board
from services.remedy.domain.engagement.documents.figures import figures_table
from services.remedy.domain.engagement.documents.sheet import Cell, Document, Section, Table, columns, table
from services.remedy.domain.engagement.documents.tables import (
    asks_table,
    commitments_table,
    consultations_table,
    engagements_table,
    escalations_table,
    missed_table,
    stages_table,
    unconsulted,
)
from services.remedy.domain.engagement.documents.told import Dialogue, Names, Period, Told, count, of_kind, spaced
from services.remedy.domain.engagement.standing import APPLIED
from shared.events.ingest import PracticeRecorded
from shared.events.remedy import EngagementMilestoneReached, EntryRefused

BY_ACCEPTANCE = (
    "Counted is what was accepted in the period, by the day on which it was accepted. What was taken back since counts "
    "as never said; an ask that was is still listed below, as withdrawn."
)
LIMITS = (
    "What a member reports, the system cannot check: it shows who reported it, and what it rests on.",
    "What workers confided stays with the case handlers. Nothing here tells whether a case exists.",
    "Members' contracts, and how they are followed up, are each member's own and are not part of this report.",
)


@dataclass(frozen=True, slots=True)
class Group:
    """A working group as it presents itself. `members` are names with the part that each takes."""

    slug: str
    name: str
    purpose: str
    secretariat: str | None
    members: Sequence[tuple[str, str]]


def period_report(group: Group, dialogue: Dialogue, names: Names, period: Period, made_at: datetime) -> Document:
    """What a working group did in a period, compared with the period of the same length before it."""
    board = Board(dialogue, names, period)
    figures = figures_table(dialogue, period, period.before())
    return Document(
        kind="group",
        title=f"Period report: {group.name or group.slug}",
        audience=f"For the members of the working group {group.slug} and its secretariat.",
        made_at=made_at,
        about=(
            ("Working group", group.name or group.slug),
            ("Purpose", group.purpose or "not told"),
            ("Secretariat", names.member(group.secretariat) if group.secretariat else "none"),
            ("Members", ", ".join(f"{name} ({role})" for name, role in group.members) or "none"),
            ("Period", f"{period}, {period.days} days"),
        ),
        sections=(
            Section("figures", "In figures", (BY_ACCEPTANCE,), (figures,)),
            *moved_sections(board),
            *asked_sections(board),
            *other_sections(board),
        ),
        limits=LIMITS,
    )


def moved_sections(board: Board) -> Iterator[Section]:
    """How the engagements stand and how they moved."""
    silent = unconsulted(board)
    text = ("Engagements in which no rightsholder was consulted so far:", *silent) if silent else ()
    yield Section("engagements", "Engagements at the end of the period", text, (engagements_table(board),))
    yield Section("milestones", "Milestones", (), (milestones_table(board), stages_table(board)))


def asked_sections(board: Board) -> Iterator[Section]:
    """What was asked and promised, with whom the group spoke, and what it did where nothing came."""
    holds = board.period.holds
    yield Section("asks", "Asks and commitments", (), (asks_table(board), commitments_table(board)))
    yield Section("consultations", "Rightsholders", (), (consultations_table(board, holds),))
    yield Section("escalation", "Escalation", (), (escalations_table(board, holds), missed_table(board, holds)))


def other_sections(board: Board) -> Iterator[Section]:
    """What else the group told."""
    yield Section("practices", "Good practices", (), (practices_table(board),))
    yield Section("refused", "Entries that changed nothing", (), (refused_table(board),))


def milestones_table(board: Board) -> Table:
    """Each milestone that was reached or lost in the period, after how many days at the one before."""
    heads = columns(
        on="Accepted",
        supplier="Supplier",
        before="From",
        milestone="To",
        days="Days at the one before",
        reason="Reason",
    )
    rows = (
        (
            Cell(board.period.day_of(one.at), (one.source,)),
            board.names.supplier(one.data.supplier),
            MILESTONES[one.data.before],
            Cell(MILESTONES[one.data.milestone], (one.source,)),
            Cell(one.data.days, (one.source,)),
            one.data.reason or "",
        )
        for one in of_kind(board.dialogue.facts, EngagementMilestoneReached)
        if board.period.holds(one)
    )
    return table("milestones", "Milestones reached and lost", heads, rows, "No engagement moved.")


def practices_table(board: Board) -> Table:
    """The good practices recorded in the period."""
    heads = columns(on="Accepted", title="Practice", category="Issue", description="Description", told_by="Told by")
    rows = (
        (
            Cell(board.period.day_of(one.at), (one.source,)),
            one.data.title,
            spaced(one.data.category),
            one.data.description,
            board.names.member(one.data.member),
        )
        for one in of_kind(board.dialogue.entries, PracticeRecorded)
        if board.period.holds(one) and one.standing == APPLIED
    )
    return table("practices", "Good practices recorded", heads, rows, "No good practice was recorded.")


def refused_table(board: Board) -> Table:
    """Of the entries refused in the period, how many for each reason; one entry can have several."""
    found: dict[str, list[Told[EntryRefused]]] = defaultdict(list)
    for one in of_kind(board.dialogue.facts, EntryRefused):
        for why in one.data.refusals if board.period.holds(one) else ():
            found[why].append(one)
    rows = ((spaced(why), count(found[why])) for why in sorted(found))
    heads = columns(reason="Reason", entries="Entries")
    return table("refused", "Why entries were refused", heads, rows, "No entry was refused.")
