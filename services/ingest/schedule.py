"""What happens in ingest when a day has passed: requests become overdue, and contracts end. By the database's clock."""

from datetime import UTC

from services.ingest import audience
from services.ingest.news import news
from services.ingest.store import contracts, requests
from shared.events.envelope import Classification
from shared.events.ingest import RequestOverdue
from shared.postgres import now
from shared.service import Runtime, Task

AT_ONCE = 200
"""Timers that fire in one transaction."""


async def fire_overdue_requests(runtime: Runtime) -> bool:
    """Tell each buyer, once, that a request was not answered by its due day; whether there may be more."""
    async with runtime.transaction() as tx:
        at = await now(tx)
        rows = await requests.fire_overdue(tx, at.astimezone(UTC).date(), AT_ONCE)
        events = []
        for row in rows:
            told = RequestOverdue(request=row["id"], supplier=row["supplier"], due=row["due"], contract=row["contract"])
            events.append(news(told, row["supplier"], at, Classification.MEMBER, member=row["member"]))
        await runtime.publish(tx, events)
    return len(rows) == AT_ONCE


async def close_contracts(runtime: Runtime) -> bool:
    """End contracts whose last day has passed, with the links that they made; whether there may be more."""
    async with runtime.transaction() as tx:
        at = await now(tx)
        closed = await contracts.close_due(tx, at.astimezone(UTC).date(), AT_ONCE)
        await runtime.publish(tx, await audience.settle(tx, contracts=closed, at=at))
    return len(closed) == AT_ONCE


TASKS = (Task("overdue requests", fire_overdue_requests), Task("contracts that end", close_contracts))
