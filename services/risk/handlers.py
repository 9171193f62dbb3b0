"""What `risk` does with the events it consumes: each is written down as told; what follows is settled in one way."""

from collections.abc import Callable, Sequence

from services.risk.access import record_keys
from services.risk.contracts import record_contracts
from services.risk.disclosing import record_disclosures
from services.risk.registering import record_registry
from services.risk.reporting import record_reports, record_statements
from services.risk.settings import RiskSettings
from services.risk.settling import settle
from services.risk.store import turn
from shared.consumer import Handler, consumes
from shared.events.envelope import Event
from shared.postgres import Connection


@consumes(pattern=r"^member\.[a-z0-9-]+\.key$")
async def follow_keys(batch: Sequence[Event], tx: Connection) -> list[Event]:
    """Know the keys by which members may ask."""
    await record_keys(tx, batch)
    return []


def build(settings: Callable[[], RiskSettings]) -> tuple[Handler, ...]:
    """The handlers of `risk`; `settings` is asked at the first batch."""

    @consumes("members.registry")
    async def follow_registry(batch: Sequence[Event], tx: Connection) -> list[Event]:
        """Follow names, merges and working groups."""
        await turn.take(tx)
        return await settle(tx, await record_registry(tx, batch), settings())

    @consumes("members.disclosure")
    async def assess_published(batch: Sequence[Event], tx: Connection) -> list[Event]:
        """Assess the sites of disclosures that all members may read."""
        await turn.take(tx)
        return await settle(tx, await record_disclosures(tx, batch), settings())

    @consumes(pattern=r"^member\.[a-z0-9-]+\.disclosure$")
    async def assess_disclosed(batch: Sequence[Event], tx: Connection) -> list[Event]:
        """Assess the sites of disclosures for one member, and follow which of them belong to its contracts."""
        await turn.take(tx)
        return await settle(tx, await record_disclosures(tx, batch), settings())

    @consumes(pattern=r"^member\.[a-z0-9-]+\.contract$")
    async def follow_contracts(batch: Sequence[Event], tx: Connection) -> list[Event]:
        """Follow the contracts of each member, and what they reach."""
        await turn.take(tx)
        return await settle(tx, await record_contracts(tx, batch), settings())

    @consumes("members.report")
    async def follow_reports(batch: Sequence[Event], tx: Connection) -> list[Event]:
        """Follow reports, replies and what members did about them: flags are opened and moved."""
        await turn.take(tx)
        return await settle(tx, await record_reports(tx, batch), settings())

    @consumes("members.remedy")
    async def follow_statements(batch: Sequence[Event], tx: Connection) -> list[Event]:
        """Take what a case handler has released of testimony into the assessments of its supplier's sites."""
        await turn.take(tx)
        return await settle(tx, await record_statements(tx, batch), settings())

    return (
        follow_registry,
        assess_published,
        assess_disclosed,
        follow_contracts,
        follow_reports,
        follow_statements,
        follow_keys,
    )
