"""Events that reach `risk` by their own topics, and what it concludes from them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from services.risk.handlers import build
from services.risk.settings import RiskSettings
from shared import outbox
from shared.events.envelope import Event, topic_of
from shared.events.lifecycles import Exposure
from shared.events.risk import ExposureChanged, LeverageChanged
from shared.member_keys import key_of
from tests.conftest import Schema
from tests.risk.given import named

SETTINGS = RiskSettings.model_construct()
DAY = 86_400
OPERATOR = "an-operator's-key-of-these-tests"
KEYS = {"oslo": key_of("000000000001", "a" * 43), "bergen": key_of("000000000002", "b" * 43)}
"""The keys of two members."""


@dataclass
class World:
    """A schema of `risk` with what it concluded so far."""

    schema: Schema
    concluded: list[Event] = field(default_factory=list)

    async def hears(self, *events: Event) -> Sequence[Event]:
        """What is concluded from these events, each in a transaction of its own, in this order."""
        before = len(self.concluded)
        for one in events:
            await self.hears_at_once(one)
        return self.concluded[before:]

    async def hears_at_once(self, *events: Event) -> Sequence[Event]:
        """What is concluded from events of one topic, or one family of topics, in one transaction."""
        (handler,) = (each for each in build(lambda: SETTINGS) if each.reads(topic_of(events[0])))
        async with self.schema.pool.acquire() as tx, tx.transaction():
            news = await handler.handle(events, tx)
            await outbox.append(tx, news)
        self.concluded += news
        return news

    def exposed(self) -> set[tuple[str, UUID, str]]:
        """Which member was told last that which contract is exposed, and how."""
        standing: dict[tuple[UUID, str, UUID], ExposureChanged] = {}
        for one in self.concluded:
            if isinstance(one.data, ExposureChanged):
                standing[one.data.flag, one.data.member, one.data.contract] = one.data
        return {
            (member, contract, told.reach.value)
            for (_, member, contract), told in standing.items()
            if told.exposure is Exposure.EXPOSED
        }

    def leverage(self) -> LeverageChanged | None:
        """What all members were told last of the leverage."""
        told = [one.data for one in self.concluded if isinstance(one.data, LeverageChanged)]
        return told[-1] if told else None


def of(member: str, contract: str, reach: str) -> tuple[str, UUID, str]:
    """An exposure, as `World.exposed` has it."""
    return member, named(contract), reach
