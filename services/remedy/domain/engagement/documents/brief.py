"""The meeting brief: what may be said to a supplier, what stays in the group, and what is said to nobody, with why.

After the field's rules of confidentiality: suppliers see the issue, the standard and the ask (our reading of Fair Wear
and Electronics Watch); each member speaks only for itself (Climate Action 100+); a company is approached on testimony
only where the case handler cleared that.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.remedy.domain.engagement.documents.board import MILESTONES, Board, category_of
from services.remedy.domain.engagement.documents.holdings import (
    WORKER_SIDE,
    Holdings,
    Leverage,
    Reason,
    conditions_table,
    leverage_table,
    reasons_table,
)
from services.remedy.domain.engagement.documents.sheet import Cell, Document, Section, Table, columns, table
from services.remedy.domain.engagement.documents.tables import (
    asks_table,
    consultations_table,
    escalations_table,
    open_asks,
)
from services.remedy.domain.engagement.documents.told import Dialogue, Names, Period, newest, of_kind, spaced
from services.remedy.domain.engagement.standing import Engagement, Stage
from shared.events.engagement_words import CommitmentState, Milestone, ReasonKind
from shared.events.remedy import EscalationProposed
from shared.events.values import Clause

KNOWN_TO_SUPPLIER = frozenset(Milestone) - {Milestone.M5_VERIFIED_BY_RIGHTSHOLDERS, Milestone.OTHER}
"""Milestones that the supplier can know of by itself: that workers verified anything would say that they spoke."""
TO_SUPPLIER = "May be said to the supplier."
SILENT = "Nothing may be said to the supplier, and nothing is asked of it any more."
HELD = "This engagement is held: a statement it rests on is no longer told. On other grounds a new one may be opened."
INSIDE = "Inside the working group only: do not hand it over, do not read it out."
NEVER = "Not to be said at all, to anybody."
LIMITS = (
    "This brief holds what was told until it was made. Whether it is safe to speak is a person's decision.",
    "It cannot know what the supplier has learnt elsewhere. Neither confirm nor deny that anybody complained.",
)
RULES = (
    ("Who spoke, and who helped them", "Names, jobs, shifts, lines, dormitories and dates can lead to a person."),
    ("Whether a case or a complaint exists", "Only the case handlers know, and the question itself can harm."),
    (f"A source of testimony beyond “{WORKER_SIDE}”", "The name of an organisation points at its interviewees."),
    ("Contracts of other members, and their follow-up", "They are those members' own; each speaks only for itself."),
    ("Counts, dates and words of consultations", "Small numbers and days lead to people."),
)


@dataclass(frozen=True, slots=True)
class Meeting:
    """What a brief is made for: the engagement, what gives reason for it, leverage, and the reader's own contracts."""

    engagement: Engagement
    reasons: Sequence[Reason]
    leverage: Sequence[Leverage]
    holdings: Holdings | None = None


def meeting_brief(meeting: Meeting, dialogue: Dialogue, names: Names, period: Period, made_at: datetime) -> Document:
    """What may be said to whom when the working group meets the supplier of an engagement; `period` ends today."""
    board, one = Board(dialogue, names, period), meeting.engagement
    supplier = names.supplier(one.supplier)
    return Document(
        kind="meeting",
        title=f"Meeting brief: {supplier}",
        audience="For those of the working group who meet the supplier. Only the first part may be said to it.",
        made_at=made_at,
        about=(
            ("Supplier", supplier),
            ("Working group", names.group(one.workinggroup)),
            ("Issue", category_of(one)),
            ("Engagement", str(one.id)),
        ),
        sections=(
            said_section(meeting, board),
            Section("group", "Inside the working group", (), tuple(inside_tables(meeting, board)), INSIDE),
            *own_sections(meeting.holdings, board),
            Section("nobody", "To nobody", (), (never_table(meeting, board),), NEVER),
        ),
        limits=LIMITS,
    )


def said_section(meeting: Meeting, board: Board) -> Section:
    """What may be said to the supplier: nothing at all of an engagement that is held."""
    if meeting.engagement.held:
        return Section("supplier", "To the supplier", (HELD,), (), SILENT)
    return Section("supplier", "To the supplier", (), tuple(said_tables(meeting, board)), TO_SUPPLIER)


def said_tables(meeting: Meeting, board: Board) -> Iterator[Table]:
    """What may be said: the issue, the standard and the asks, the supplier's own commitments, and where it stands."""
    yield issue_table(meeting, board)
    yield wanted_table(meeting.engagement, board)
    yield promised_table(meeting.engagement, board)


def issue_table(meeting: Meeting, board: Board) -> Table:
    """The issue, the standard that it is measured by, and how far the supplier itself can know the engagement to be."""
    one = meeting.engagement
    rows: list[tuple[Cell | str, ...]] = [("Issue", category_of(one))]
    rows.append(("Standard", standard(one.clause, tuple(one.instruments))))
    rows += stage_rows([stage for stage in board.stages(one) if stage.milestone in KNOWN_TO_SUPPLIER], board)
    if said := cleared(meeting):
        issues = ", ".join(sorted({spaced(each.category) for each in said}))
        words = f"{WORKER_SIDE.capitalize()} speaks of: {issues}. Nothing more is said of it."
        rows.append(("From the workers' side", Cell(words, tuple(each.source for each in said if each.source))))
    return table("issue", "The issue and the standard", columns(what="What", words="Words"), rows, "")


def aim_table(engagement: Engagement, board: Board) -> Table:
    """What the group wants, in its own words, and how far the engagement has come, whoever can know it."""
    rows = [("Objective", engagement.objective or ""), *stage_rows(board.stages(engagement), board)]
    return table("aim", "The objective, and how far it is", columns(what="What", words="Words"), rows, "")


def stage_rows(stages: Sequence[Stage], board: Board) -> list[tuple[Cell | str, ...]]:
    """The last of these stages, and since when."""
    if not stages:
        return []
    last, source = stages[-1], board.source(stages[-1].entry)
    return [("Where it stands", Cell(MILESTONES[last.milestone], source)), ("Since", Cell(last.since, source))]


def standard(clause: Clause | None, instruments: Sequence[str]) -> str:
    """What an issue is measured by: the clause of the contract, the instruments of the ILO, or both."""
    coded = [f"{clause.conditions}, {clause.edition}, clause {clause.clause}"] if clause else []
    return "; ".join([*coded, *([f"ILO {', '.join(instruments)}"] if instruments else [])]) or "not coded"


def cleared(meeting: Meeting) -> list[Reason]:
    """The released statements that this engagement rests on, on which the company may be approached, and that stand."""
    named = {one.id for one in meeting.engagement.reasons if one.kind is ReasonKind.STATEMENT}
    return [one for one in meeting.reasons if one.id in named and one.cleared and not one.ended_at]


def wanted_table(engagement: Engagement, board: Board) -> Table:
    """The asks that are open, in the words in which they were made; not who asked."""
    heads = columns(ask="Ask", standard="Standard", due="Due", state="State")
    waiting = [engagement.asks[one] for one in open_asks(engagement)]
    rows = (
        (
            one.wording,
            standard(one.clause, tuple(one.instruments)),
            Cell(one.due, board.source(one.id)),
            Cell(spaced(one.state), board.source(one.id)),
        )
        for one in waiting
    )
    return table("wanted", "What is asked, and still open", heads, rows, "No ask is open.")


def promised_table(engagement: Engagement, board: Board) -> Table:
    """What the supplier committed itself to and has yet to show, or did not keep."""
    heads = columns(commitment="Commitment", measure="How one can tell", due="Due", state="State")
    ended = (CommitmentState.WITHDRAWN,)
    rows = (
        (
            one.wording,
            one.measure,
            Cell(one.due, board.source(one.id)),
            Cell(spaced(one.state), board.source(one.settled_by or one.id)),
        )
        for one in engagement.commitments.values()
        if one.state not in ended
    )
    return table("promised", "What the supplier committed itself to", heads, rows, "It has not committed itself yet.")


def inside_tables(meeting: Meeting, board: Board) -> Iterator[Table]:
    """What only the group knows: its objective, who asked and was consulted, the reasons, leverage, what is next."""
    yield aim_table(meeting.engagement, board)
    yield asks_table(board)
    yield consultations_table(board, board.period.ended)
    yield reasons_table([one for one in meeting.reasons if one.cleared], board.period)
    yield leverage_table(meeting.leverage)
    yield escalations_table(board, board.period.ended)
    yield proposed_table(meeting.engagement, board)


def own_sections(owned: Holdings | None, board: Board) -> Iterator[Section]:
    """What only the reader knows: its own contracts with the supplier."""
    if owned is not None:
        due = conditions_table(owned, board.period, lambda one: one.contract in owned.contracts)
        secrecy = f"Only for {board.names.member(owned.member)}: not shared with the group."
        yield Section("own", "Your own contracts", (), (due,), secrecy)


def proposed_table(engagement: Engagement, board: Board) -> Table:
    """The step of the ladder that a rule proposes next, unless one was taken since."""
    last = newest(of_kind(board.dialogue.facts, EscalationProposed), lambda data: data.engagement).get(engagement.id)
    taken = engagement.escalations[-1] if engagement.escalations else None
    stands = last is not None and not (taken and taken.taken_on >= board.period.day_of(last.at))
    rows = (
        [(Cell(spaced(last.data.step), (last.source,)), spaced(last.data.cause), last.data.basis)]
        if last is not None and stands
        else []
    )
    heads = columns(step="Step", cause="Because", basis="By the rule")
    return table("proposed", "The next step, as proposed by rule", heads, rows, "No step is proposed.")


def never_table(meeting: Meeting, board: Board) -> Table:
    """What is said to nobody, and why: the rules that always hold, and what this engagement adds to them."""
    rows: list[tuple[Cell | str, ...]] = list(RULES)
    for held in board.consultations.get(meeting.engagement.id, []):
        if held.data.organisation is None:
            what = f"Who was consulted in {held.data.quarter} ({spaced(held.data.rightsholders)})"
            rows.append((Cell(what, (held.source,)), "It did not agree to be named. Do not guess aloud, either."))
    return table("never", "What is said to nobody", columns(what="What", why="Why"), rows, "")
