"""The company performance tracker: how one supplier answers, over all working groups that the reader reads."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from services.remedy.domain.engagement.documents.board import Board
from services.remedy.domain.engagement.documents.figures import figures_table
from services.remedy.domain.engagement.documents.holdings import (
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
    commitments_table,
    consultations_table,
    engagements_table,
    escalations_table,
    missed_table,
    stages_table,
    unconsulted,
)
from services.remedy.domain.engagement.documents.told import Dialogue, Names, Period, Told, of_kind
from shared.events.engagement_words import AskState
from shared.events.remedy import AskMoved

ANSWERED = (AskState.ACKNOWLEDGED, AskState.COMMITTED, AskState.MET, AskState.PARTLY_MET, AskState.MISSED)
SETTLED = (AskState.MET, AskState.PARTLY_MET, AskState.MISSED)
LIMITS = (
    "Shown are the working groups that this reader reads; others may engage the same supplier.",
    "Contracts are shown to the member whose own they are, and to nobody else.",
    "A supplier's own word and evidence are shown as such; they verify nothing.",
    "Nothing here tells whether a case exists. Of testimony there is only what a case handler has released.",
)


@dataclass(frozen=True, slots=True)
class Company:
    """A supplier, with what all members know of it, and what the reader's own contracts with it came to."""

    id: UUID
    name: str
    country: str | None
    reasons: Sequence[Reason] = ()
    leverage: Sequence[Leverage] = ()
    holdings: Holdings | None = field(default=None)


def tracker(company: Company, dialogue: Dialogue, names: Names, period: Period, made_at: datetime) -> Document:
    """How a supplier answered in a period, and how all stands at its end, for one reader."""
    board = Board(dialogue, names, period)
    groups = sorted({names.group(one.workinggroup) for one in board.engagements})
    return Document(
        kind="supplier",
        title=f"Company performance: {company.name}",
        audience="For members of the working groups named below. Not for the supplier.",
        made_at=made_at,
        about=(
            ("Supplier", company.name),
            ("Country", company.country or "not told"),
            ("Working groups", ", ".join(groups) or "none that this reader reads"),
            ("Period", f"{period}, {period.days} days"),
        ),
        sections=(*progress_sections(board), *answer_sections(board), *risk_sections(company, period)),
        limits=LIMITS,
    )


def progress_sections(board: Board) -> Iterator[Section]:
    """The figures of the period, and how each engagement stands."""
    period = board.period
    yield Section("figures", "In figures", (), (figures_table(board.dialogue, period, period.before()),))
    silent = unconsulted(board)
    text = ("Engagements in which no rightsholder was consulted so far:", *silent) if silent else ()
    yield Section("engagements", "Engagements", text, (engagements_table(board), stages_table(board)))


def answer_sections(board: Board) -> Iterator[Section]:
    """What was asked and answered, how soon, what was kept, and what it took."""
    tables = responsiveness_table(board), asks_table(board), commitments_table(board)
    yield Section("answers", "What was asked, and what came", (), tables)
    yield Section("consultations", "Rightsholders", (), (consultations_table(board, board.period.ended),))
    taken = escalations_table(board, board.period.ended), missed_table(board, board.period.ended)
    yield Section("escalation", "Escalation", (), taken)


def risk_sections(company: Company, period: Period) -> Iterator[Section]:
    """What all members know of risks there, and the reader's own contracts with the supplier."""
    tables = reasons_table(company.reasons, period), leverage_table(company.leverage)
    yield Section("risks", "Risks and leverage", (), tables)
    if company.holdings is not None:
        owned = company.holdings
        shown = conditions_table(owned, period, lambda due: due.contract in owned.contracts)
        yield Section(
            "contracts", "Your own contracts with this supplier", (), (shown,), f"Only for {owned.member}: not shared."
        )


def responsiveness_table(board: Board) -> Table:
    """Of each ask: after how many days the supplier first answered it, and after how many it was settled."""
    heads = columns(ask="Ask", asked_on="Asked", answered="Days to the first answer", settled="Days until settled")
    moves: dict[UUID, list[Told[AskMoved]]] = {}
    for one in of_kind(board.dialogue.facts, AskMoved):
        if board.period.ended(one):
            moves.setdefault(one.data.ask, []).append(one)

    def rows() -> Iterator[tuple[Cell | str, ...]]:
        for engagement in board.engagements:
            for ask in engagement.asks.values():
                made = board.source(ask.id)
                if board.period.day_of(ask.asked_at) > board.period.last:
                    continue
                days = (
                    days_until(board, ask.asked_at, moves.get(ask.id, []), reached) for reached in (ANSWERED, SETTLED)
                )
                yield ask.wording, Cell(board.period.day_of(ask.asked_at), made), *days

    return table("responsiveness", "How soon the supplier answered", heads, rows(), "Nothing was asked.")


def days_until(board: Board, asked_at: datetime, moves: Sequence[Told[AskMoved]], reached: Sequence[AskState]) -> Cell:
    """Days from an ask until it first came to one of these states; unknown where it did not."""
    for one in moves:
        if one.data.after in reached:
            return Cell((board.period.day_of(one.at) - board.period.day_of(asked_at)).days, (one.source,))
    return Cell("not yet")
