"""SQL on what case handlers have released of testimony: four fields, and nothing else is kept."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from shared.events.remedy import StatementReleased
from shared.postgres import Connection


async def write(tx: Connection, released: Sequence[tuple[StatementReleased, datetime]]) -> None:
    """Keep statements; one that is known stays as it is."""
    await tx.execute(
        """INSERT INTO statement (statement, supplier, quarter, category, workers, recorded_at)
           SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::timestamptz[])
           ON CONFLICT DO NOTHING""",
        [said.statement for said, _ in released],
        [said.supplier for said, _ in released],
        [said.quarter for said, _ in released],
        [said.category for said, _ in released],
        [said.workers for said, _ in released],
        [at for _, at in released],
    )


async def delete(tx: Connection, statements: Sequence[UUID]) -> None:
    """Forget statements that were taken back, as if they had never been released."""
    await tx.execute("DELETE FROM statement WHERE statement = ANY($1::uuid[])", list(statements))
