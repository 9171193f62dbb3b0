"""Writing down what people told of risks: reports, follow-ups, replies, withdrawals, and released statements."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.risk.news import Cause
from services.risk.store import reports, statements
from services.risk.store.registry import add_stubs
from services.risk.touched import Touched
from shared.events.envelope import Event
from shared.events.ingest import (
    FlagReported,
    FlagWithdrawn,
    FollowUpRecorded,
    FollowUpWithdrawn,
    ReplyRecorded,
    ReplyWithdrawn,
)
from shared.events.lifecycles import CauseKind
from shared.events.remedy import StatementReleased, StatementReversed
from shared.postgres import Connection


async def record_reports(tx: Connection, batch: Sequence[Event]) -> Touched:
    """Keep the reports of a batch, what members did about them, replies, and what of it was taken back."""
    touched, told = Touched(), Written()
    for event in batch:
        cause = Cause.of(CauseKind.FLAG, event)
        report = told.add(event, cause.at)
        touched.touch(touched.reports, [report], cause)
    await told.write(tx)
    return touched


async def record_statements(tx: Connection, batch: Sequence[Event]) -> Touched:
    """Keep what case handlers released of testimony: supplier, quarter, category and band, and nothing else.

    What was taken back goes by its last event. That a remedy was verified lowers nothing: only independent
    representation of the workers does.
    """
    touched = Touched()
    released: list[tuple[StatementReleased, datetime]] = []
    reversed_: list[UUID] = []
    for event in batch:
        if isinstance(event.data, StatementReleased | StatementReversed):
            cause = Cause.of(CauseKind.STATEMENT, event)
            touched.touch(touched.suppliers, [event.data.supplier], cause)
            if isinstance(event.data, StatementReleased):
                released.append((event.data, cause.at))
            else:
                reversed_.append(event.data.statement)
    if released:
        await add_stubs(tx, suppliers=(said.supplier for said, _ in released))
        await statements.write(tx, released)
    if reversed_:
        await statements.delete(tx, reversed_)
    return touched


class Written:
    """What a batch tells, by kind, so that each kind is one statement."""

    def __init__(self) -> None:
        self.reports: list[tuple[FlagReported, datetime]] = []
        self.follow_ups: list[tuple[FollowUpRecorded, datetime]] = []
        self.replies: list[tuple[ReplyRecorded, datetime]] = []
        self.withdrawals: list[tuple[UUID, datetime]] = []

    def add(self, event: Event, at: datetime) -> UUID | None:
        """Take in what an event tells; the report that it is about, None where it is of another kind."""
        match event.data:
            case FlagReported() as said:
                self.reports.append((said, at))
            case FollowUpRecorded() as said:
                self.follow_ups.append((said, at))
            case ReplyRecorded() as said:
                self.replies.append((said, at))
            case FlagWithdrawn() as said:
                self.withdrawals.append((said.report, at))
            case FollowUpWithdrawn() as said:
                self.withdrawals.append((said.entry, at))
            case ReplyWithdrawn() as said:
                self.withdrawals.append((said.reply, at))
            case _:
                return None
        return said.report

    async def write(self, tx: Connection) -> None:
        """Keep it: at most one statement for each kind."""
        if self.reports:
            told = [said for said, _ in self.reports]
            await add_stubs(tx, sites=(one.site for one in told), suppliers=(one.supplier for one in told))
            await reports.write_reports(tx, self.reports)
        if self.follow_ups:
            await reports.write_follow_ups(tx, self.follow_ups)
        if self.replies:
            await reports.write_replies(tx, self.replies)
        if self.withdrawals:
            await reports.write_withdrawals(tx, self.withdrawals)
