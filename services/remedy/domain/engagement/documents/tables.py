"""The tables that several documents share, as things stood at the end of a period."""

from collections.abc import Callable, Iterator
from uuid import UUID

from services.remedy.domain.engagement.documents.board import (
    MILESTONES,
    NOBODY_CONSULTED,
    Board,
    all_consultations,
    category_of,
)
from services.remedy.domain.engagement.documents.figures import consulted
from services.remedy.domain.engagement.documents.sheet import Cell, Table, columns, table
from services.remedy.domain.engagement.documents.told import Told, count, newest, of_kind, spaced
from services.remedy.domain.engagement.due import WAITING
from services.remedy.domain.engagement.standing import Engagement
from shared.events.ingest import ConsultationRecorded, EscalationRecorded
from shared.events.remedy import (
    AskMoved,
    CommitmentMoved,
    EscalationEffectTold,
    EscalationStepTaken,
    ObligationMissed,
)

NO_WORDS = "not told"


def engagements_table(board: Board) -> Table:
    """Each engagement: whom, on what, how far, for how long, and whether rightsholders were consulted."""
    heads = columns(
        supplier="Supplier", group="Working group", category="Issue", objective="Objective", milestone="Milestone",
        since="Since", days="Days there", consultations="Consultations", outcome="Outcome",
    )  # fmt: skip
    rows = (engagement_row(board, one) for one in board.engagements)
    return table("engagements", "Engagements", heads, rows, "No engagement was open.")


def engagement_row(board: Board, one: Engagement) -> Iterator[Cell]:
    """One engagement as it stood at the end of the period."""
    stage, closed = board.stages(one)[-1], board.closed.get(one.id)
    reached = board.source(stage.entry)
    yield Cell(board.names.supplier(one.supplier))
    yield Cell(board.names.group(one.workinggroup))
    yield Cell(category_of(one))
    yield Cell(one.objective)
    yield Cell(MILESTONES[stage.milestone], reached)
    yield Cell(stage.since, reached)
    yield Cell((min(one.closed_on or board.period.last, board.period.last) - stage.since).days, reached)
    held = count(board.consultations.get(one.id, []))
    yield held if held.value else Cell(NOBODY_CONSULTED, reached)
    yield Cell(spaced(closed.data.outcome), (closed.source,)) if closed else Cell("open", reached)


def unconsulted(board: Board) -> list[str]:
    """What is said of each open engagement in which no rightsholder was consulted."""
    heard, closed = consulted(board.dialogue, board.period), board.closed
    return [
        f"{board.names.supplier(one.supplier)}, {category_of(one)}: {NOBODY_CONSULTED}."
        for one in board.engagements
        if one.id not in heard and one.id not in closed
    ]


def stages_table(board: Board) -> Table:
    """Days of each engagement in each stage, with why it fell back where it did."""
    heads = columns(
        supplier="Supplier", category="Issue", stage="Milestone", since="From", days="Days", reason="Reason"
    )

    def rows() -> Iterator[tuple[Cell | str | None, ...]]:
        for one in board.engagements:
            begun = board.stages(one)
            for stage, following in zip(begun, [*begun[1:], None], strict=True):
                since = Cell(stage.since, board.source(stage.entry))
                head = board.names.supplier(one.supplier), category_of(one), MILESTONES[stage.milestone]
                yield (*head, since, board.days(stage, following), stage.reason or "")

    return table("stages", "Days in each stage", heads, rows(), "No engagement was open.")


def asks_table(board: Board) -> Table:
    """What was asked of suppliers, by whom, until when, and how it stood."""
    heads = columns(
        supplier="Supplier", ask="Ask", category="Issue", asked_on="Asked", askers="Asked by", due="Due", state="State"
    )
    moved = newest([one for one in of_kind(board.dialogue.facts, AskMoved) if board.period.ended(one)], ask_of)

    def rows() -> Iterator[tuple[Cell | str | None, ...]]:
        for engagement in board.engagements:
            for ask in engagement.asks.values():
                asked_on, last = board.period.day_of(ask.asked_at), moved.get(ask.id)
                if asked_on > board.period.last:
                    continue
                made = board.source(ask.id)
                state = Cell(spaced(last.data.after), (last.source,)) if last else Cell(spaced(ask.state), made)
                askers = ", ".join(board.names.member(one) for one in ask.askers)
                head = board.names.supplier(engagement.supplier), ask.wording, spaced(ask.category)
                yield *head, Cell(asked_on, made), askers, Cell(ask.due, made), state

    return table("asks", "Asks", heads, rows(), "Nothing was asked.")


def ask_of(data: AskMoved) -> UUID:
    return data.ask


def open_asks(engagement: Engagement) -> list[UUID]:
    """The asks that the supplier has yet to meet, the oldest first."""
    return [ask.id for ask in engagement.asks.values() if ask.state in WAITING]


def commitments_table(board: Board) -> Table:
    """What suppliers committed themselves to, how one can tell, and how it stood."""
    heads = columns(
        supplier="Supplier", commitment="Commitment", measure="How one can tell", told_by="Told by", due="Due",
        state="State",
    )  # fmt: skip
    found = [one for one in of_kind(board.dialogue.facts, CommitmentMoved) if board.period.ended(one)]
    moved: dict[UUID, Told[CommitmentMoved]] = newest(found, lambda data: data.commitment)

    def rows() -> Iterator[tuple[Cell | str | None, ...]]:
        for engagement in board.engagements:
            for one in engagement.commitments.values():
                if board.period.day_of(one.made_at) > board.period.last:
                    continue
                made, last = board.source(one.id), moved.get(one.id)
                state = Cell(spaced(last.data.after), (last.source,)) if last else Cell(spaced(one.state), made)
                by = "the supplier itself" if one.by_supplier else "a member"
                head = board.names.supplier(engagement.supplier), one.wording, one.measure, by
                yield *head, Cell(one.due, made), state

    return table("commitments", "Commitments", heads, rows(), "No supplier committed itself.")


def consultations_table(board: Board, within: Callable[[Told[ConsultationRecorded]], bool]) -> Table:
    """Whom the group consulted by type, what they want first, and how that changed the asks.

    An organisation is named where it agreed to be.
    """
    heads = columns(
        supplier="Supplier", rightsholders="Rightsholders", organisation="Organisation", quarter="Quarter",
        priorities="Their priorities", influence="How it changed the asks",
    )  # fmt: skip
    rows = (
        (
            board.names.supplier(one.data.supplier),
            Cell(spaced(one.data.rightsholders), (one.source,)),
            one.data.organisation or "not named",
            one.data.quarter,
            ", ".join(map(spaced, one.data.priorities)) or NO_WORDS,
            one.data.influence or NO_WORDS,
        )
        for one in all_consultations(board)
        if within(one)
    )
    return table("consultations", "Consultations of rightsholders", heads, rows, "No rightsholder was consulted.")


def escalations_table(board: Board, within: Callable[[Told[EscalationStepTaken]], bool]) -> Table:
    """The steps of the ladder that were taken, with the leverage then and the effect since."""
    heads = columns(
        supplier="Supplier", step="Step", taken_on="Taken", cure_until="Cure until", buyers="Buyers concerned",
        contracts="Contracts concerned", effect="Effect",
    )  # fmt: skip
    taken = {one.data.entry: one for one in of_kind(board.dialogue.entries, EscalationRecorded)}
    effects = newest(
        [one for one in of_kind(board.dialogue.facts, EscalationEffectTold) if board.period.ended(one)],
        lambda data: data.escalation,
    )

    def rows() -> Iterator[tuple[Cell | str | None, ...]]:
        for one in of_kind(board.dialogue.facts, EscalationStepTaken):
            if not within(one):
                continue
            entry, effect, rests = taken.get(one.data.escalation), effects.get(one.data.escalation), (one.source,)
            seen = Cell(spaced(effect.data.effect), (effect.source,)) if effect else Cell("none observed yet", rests)
            day = Cell(entry.data.taken_on, (entry.source,)) if entry else Cell(board.period.day_of(one.at), rests)
            head = board.names.supplier(one.data.supplier), Cell(spaced(one.data.step), rests), day
            leverage = Cell(one.data.buyers, rests), Cell(one.data.contracts, rests)
            yield *head, Cell(one.data.cure_until, rests), *leverage, seen

    return table("escalations", "Steps of escalation taken", heads, rows(), "No step was taken.")


def missed_table(board: Board, within: Callable[[Told[ObligationMissed]], bool]) -> Table:
    """What was due and did not come by its day."""
    heads = columns(supplier="Supplier", what="What was due", due="Due", basis="Why then")
    rows = (
        (
            board.names.supplier(one.data.supplier),
            Cell(spaced(one.data.kind), (one.source,)),
            Cell(one.data.due, (one.source,)),
            one.data.basis,
        )
        for one in of_kind(board.dialogue.facts, ObligationMissed)
        if within(one)
    )
    return table("missed", "What did not come by its day", heads, rows, "Nothing was missed.")
