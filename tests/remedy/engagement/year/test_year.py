"""A year of engagement: every deadline is told of as a plain reckoning says, nothing is lost, and it can be rebuilt."""

from collections import Counter
from collections.abc import Iterable
from uuid import UUID

import pytest

from deploy.local.kafka import Kafka
from deploy.local.postgres import Postgres
from services.remedy.rebuilding import rebuild
from shared.events.engagement_words import ObligationKind
from shared.events.envelope import Event
from shared.events.remedy import (
    MemberObligationApproaching,
    MemberObligationMissed,
    ObligationApproaching,
    ObligationMissed,
)
from tests.conftest import EmptySchema
from tests.remedy.engagement.year.generating import generate
from tests.remedy.engagement.year.reference import Told, reckon
from tests.remedy.engagement.year.stage import OSLO, staged

SEED = 7


def told_of(event: Event, names: dict[UUID, str]) -> Told | None:
    """What an event tells of a deadline, under the year's own names; None of others."""
    data = event.data
    if not isinstance(
        data, ObligationApproaching | ObligationMissed | MemberObligationApproaching | MemberObligationMissed
    ):
        return None
    what = "missed" if isinstance(data, ObligationMissed | MemberObligationMissed) else "near"
    assert event.recordedtime is not None
    name = (event.member or "?") if data.kind is ObligationKind.ANNUAL_ACCOUNT else names.get(data.about, "?")
    return Told(event.recordedtime.astimezone(OSLO).date(), what, data.kind.value, name, data.due)


def gaps(events: Iterable[Event]) -> dict[str, list[int | None]]:
    """The sequences of each key that are not 1, 2, 3 and so on."""
    found: dict[str, list[int | None]] = {}
    for event in events:
        found.setdefault(f"{event.workinggroup or event.member}/{event.subject}", []).append(event.sequence)
    return {key: numbers for key, numbers in found.items() if numbers != list(range(1, len(numbers) + 1))}


@pytest.mark.timeout(600)
async def test_every_deadline_of_a_year_is_told_of_as_a_plain_reckoning_says(
    broker: Kafka, provisioned: Postgres, empty_schema: EmptySchema
) -> None:
    year = generate(SEED)
    async with staged(broker.bootstrap, provisioned, empty_schema, year) as stage:
        await stage.play(year)
        events, names = await stage.published(), await stage.names()
        refused, kept = await stage.refused(), await stage.kept()
        rebuilt = await rebuild(provisioned.dsn, broker.bootstrap, lambda _line: None)

    told = Counter(one for event in events if (one := told_of(event, names)) is not None)
    reckoned = Counter(reckon(year))
    assert told - reckoned == Counter(), "told of, and not reckoned"
    assert reckoned - told == Counter(), "reckoned, and not told of"
    assert refused == stage.illegal
    assert kept == stage.accepted
    assert gaps(events) == {}
    assert [(one.table, one.first) for one in rebuilt.tables if one.differing] == []
    assert rebuilt.is_equal
    assert (rebuilt.dead_letters, rebuilt.parked, rebuilt.passed_over, rebuilt.clocks) == (0, 0, 0, 0)
