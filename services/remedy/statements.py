"""What was released of testimony, as a reason: an engagement may rest on a statement that is cleared for that.

A statement on which the company may not be approached gives reason for nothing and is named nowhere. What workers found
of a remedy (`verification`) proposes nothing; the last milestone may rest on it.
"""

from collections.abc import Sequence
from uuid import UUID

from services.remedy.domain.engagement.proposals import Rules
from services.remedy.proposing import Stirred, for_group, settle
from services.remedy.store.engagement import reasons, standing
from services.remedy.store.engagement.proposals import take_turn
from services.remedy.store.engagement.reasons import Row
from shared.events.envelope import Event
from shared.events.remedy.engagements import EngagementHeld
from shared.events.remedy.released import RemedyVerified, StatementReleased, StatementReversed
from shared.postgres import Connection


async def record_statements(tx: Connection, batch: Sequence[Event], rules: Rules) -> list[Event]:
    """Write down statements and verifications as they were published or taken back; the proposals that follow.

    For the transaction that publishes them (`take_turn` comes before the publication, which locks as well), and for
    who reads them from their topic again: both leave the same rows.
    """
    await take_turn(tx)
    stirred = Stirred()
    rows: dict[object, Row] = {}
    for event in batch:
        if isinstance(event.data, StatementReleased | RemedyVerified):
            row = row_of(event.data, event)
            rows[row.id] = row
            stirred.suppliers[event.data.supplier] = event
    if rows:
        await reasons.write(tx, rows.values())
    held = []
    for event in batch:
        if isinstance(event.data, StatementReversed):
            held += await hold(tx, event, event.data.statement)
            await reasons.end_statements(tx, [event.data.statement], event.told_at)
            stirred.suppliers[event.data.supplier] = event
    return held + await settle(tx, stirred, rules)


async def hold(tx: Connection, event: Event, statement: UUID) -> list[Event]:
    """Engagements that were opened on a statement are held once it is reversed: nothing is proposed of them."""
    resting = await standing.read_resting(tx, statement)
    if resting:
        ids = [row["engagement"] for row in resting]
        await standing.read_proposed_steps(tx, ids)  # locks them, so that no clock proposes in between
        await standing.write_proposed_steps(tx, dict.fromkeys(ids))
    return [for_group(event, EngagementHeld(**row)) for row in resting]


def row_of(data: StatementReleased | RemedyVerified, event: Event) -> Row:
    """A statement as a reason, since it was published."""
    verifies = isinstance(data, RemedyVerified)
    return Row(
        "verification" if verifies else "statement",
        data.statement,
        data.supplier,
        data.category,
        event.told_at,
        event.id,
        contact=None if isinstance(data, RemedyVerified) else data.approach.value,
        quarter=data.quarter,
    )
