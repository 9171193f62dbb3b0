"""Where it ends does not depend on the order in which things arrive: only each key keeps its own."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from random import Random

import pytest

from services.risk.domain.facts.fact import Fact, FactAbout
from services.risk.handlers import build
from services.risk.loading import Upload, load
from services.risk.store.facts import Provenance
from shared.events.envelope import Event, topic_of
from shared.events.lifecycles import FlagReason, FlagState
from shared.events.vocabulary import Category, SourceClass
from tests.conftest import EmptySchema, Schema
from tests.risk.given import (
    contract,
    disclosed,
    ended,
    followed_up,
    group,
    group_closed,
    group_joined,
    group_left,
    joined,
    left,
    linked,
    merged,
    registered,
    released,
    reported,
    retired,
    site_registered,
    taken_back,
    unlinked,
    unmerged,
)
from tests.risk.world import SETTINGS, World


def history() -> list[Event]:
    """A year at three suppliers and five sites, at the times at which Engage accepted it."""
    return [
        *(joined(member, at=0) for member in ("oslo", "bergen", "tromso")),
        registered("supplier 1", at=1),
        registered("supplier 2", name="Example Components", at=1),
        site_registered("site 1", at=2),
        site_registered("site 2", supplier="supplier 2", at=2),
        site_registered("site 3", at=2),
        *group("example-group", "oslo", "bergen", suppliers=("supplier 1",), at=3),
        *group("other-group", "tromso", categories=(Category.FORCED_LABOUR,), at=3),
        # What all members may read, and what only some may.
        disclosed("d1", at=10),
        disclosed("d2", site="site 2", supplier="supplier 2", at=11),
        disclosed("d3", site="site 3", supplier="supplier 1", country="MY", member="oslo", at=12),
        disclosed("d3", site="site 3", supplier="supplier 1", country="MY", member="bergen", at=12),
        disclosed("d4", site="site 4", supplier="supplier 3", member="bergen", at=13),
        disclosed("d5", site="site 5", supplier="supplier 2", at=14),
        retired("d5", site="site 5", supplier="supplier 2", at=15),
        disclosed("d5", site="site 5", supplier="supplier 2", country="PK", at=60),
        disclosed("d6", site="site 1", supplier="supplier 2", at=16),
        retired("d6", site="site 1", supplier="supplier 2", at=61),
        disclosed("d7", site=None, supplier="supplier 1", at=17),
        # One that turned out to be another supplier's: its key changes.
        disclosed("d8", site="site 2", supplier="supplier 1", at=18),
        disclosed("d8", site="site 2", supplier="supplier 3", at=62),
        retired("d8", site="site 2", supplier="supplier 3", at=63),
        disclosed("d8", site="site 2", supplier="supplier 3", at=64),
        contract("contract 1", at=20),
        contract("contract 1", reader="bergen", member="oslo", at=20),
        contract("contract 2", reader="bergen", supplier="supplier 2", at=21),
        contract("contract 3", reader="tromso", supplier="supplier 3", at=22),
        contract("contract 4", reader="oslo", supplier="supplier 2", at=23),
        ended("contract 4", reader="oslo", at=65),
        linked("d3", "contract 1", site="site 3", at=24),
        linked("d1", "contract 1", at=24),
        unlinked("d1", "contract 1", at=66),
        linked("d3", "contract 1", reader="bergen", site="site 3", at=25),
        # What people see, and what follows.
        reported("report 1", at=30),
        reported("report 2", site="site 2", supplier="supplier 2", category=Category.CHILD_LABOUR, scale=5, at=31),
        reported("report 3", site="site 6", supplier="supplier 2", at=32),
        reported("report 4", site=None, supplier="supplier 1", category=Category.SAFETY_AND_HEALTH, at=33),
        reported("report 5", site="site 7", at=34),
        reported("report 6", site="site 8", supplier="supplier 3", at=35),
        disclosed("d9", site="site 8", supplier="supplier 2", member="oslo", at=36),
        taken_back("report 5", site="site 7", at=67),
        followed_up(FlagState.TRIAGED, at=40),
        followed_up(FlagState.CONFIRMED, at=41),
        followed_up(FlagState.DISMISSED, basis=SourceClass.SUPPLIER, reason=FlagReason.NOT_CREDIBLE, at=42),
        followed_up(FlagState.DISMISSED, report="report 2", site="site 2", evidence=False, at=42.5),
        released("statement 1", supplier="supplier 2", at=43),
        # Names that turn out to be one, and some that do not.
        merged("site", "site 2", "site 1", at=50),
        merged("site", "site 1", "site 3", at=51),
        unmerged("site", "site 1", "site 3", at=70),
        merged("supplier", "supplier 3", "supplier 2", at=52),
        merged("supplier", "supplier 2", "supplier 1", at=53),
        merged("site", "site 6", "site 5", at=54),
        group_left("example-group", "bergen", at=75),
        group_joined("other-group", "bergen", at=76),
        group_joined("example-group", "bergen", at=77),
        group_closed("other-group", at=78),
        left("tromso", at=80),
    ]


GOODS = tuple(
    Fact(FactAbout.GOOD, country, "Electronics", measure, f"{country}: Electronics ({measure})")
    for country, measure in (("CN", "forced_labour"), ("CN", "child_labour"), ("MY", "forced_labour"))
)
EDITIONS = (("2024", GOODS[:2]), ("2026", GOODS[1:]))

TABLES = {
    "supplier": "",
    "site": "",
    "former_member": "",
    "workinggroup": "",
    "disclosure": "",
    "assessment": "",
    "grade": "",
    "indicator": "",
    "report": "",
    "follow_up": "",
    "withdrawal": "",
    "statement": "",
    "contract": "",
    "link": "",
    "exposure": "",
    "leverage": "",
    "contract_assessment": "",
}


async def standing(schema: Schema) -> dict[str, list[str]]:
    """What the tables hold, without what tells only what was published on the way."""
    found = {}
    for table, without in TABLES.items():
        rows = await schema.rows(f"SELECT (to_jsonb(t) {without})::text FROM {table} t ORDER BY 1")
        found[table] = [row[0] for row in rows]
    flags = await schema.rows("SELECT to_jsonb(f)::text FROM flag f WHERE merged_into IS NULL ORDER BY 1")
    return found | {"flag": [row[0] for row in flags]}


async def end(schema: Schema, events: Sequence[Event], chance: Random | None = None) -> dict[str, list[str]]:
    """Where it ends: by the events one by one as they were recorded or, by chance, in another order and in batches.

    The order of each topic and key is kept. The two editions of a list come into force somewhere on the way.
    """
    world = World(schema)
    batches = [[one] for one in sorted(events, key=recorded)] if chance is None else list(shuffled(events, chance))
    for edition, facts in EDITIONS:
        until = len(batches) // 2 if chance is None else chance.randint(0, len(batches))
        for batch in batches[:until]:
            await world.hears_at_once(*batch)
        batches = batches[until:]
        await load(schema.runtime(SETTINGS), Upload(Provenance("rows", "Example list", edition), facts), dry_run=False)
    for batch in batches:
        await world.hears_at_once(*batch)
    return await standing(schema)


def recorded(event: Event) -> datetime:
    return event.recordedtime or event.time


def shuffled(events: Sequence[Event], chance: Random) -> Iterator[list[Event]]:
    """The events in another order that keeps that of each topic and key, in batches for one handler each."""
    handlers = build(lambda: SETTINGS)
    streams: dict[tuple[str, str], list[Event]] = {}
    for one in sorted(events, key=recorded):
        streams.setdefault((topic_of(one), one.subject), []).append(one)
    while streams:
        topic, _ = chance.choice(sorted(streams))
        handler = next(each for each in handlers if each.reads(topic))
        ours = [key for key in sorted(streams) if handler.reads(key[0]) for _ in streams[key]]
        chosen = chance.sample(ours, min(len(ours), chance.choice((1, 2, 5, 20))))
        yield [streams[key].pop(0) for key in chosen]
        streams = {key: rest for key, rest in streams.items() if rest}


@pytest.mark.parametrize("seed", range(6))
async def test_any_order_of_arrival_ends_the_same(empty_schema: EmptySchema, seed: int) -> None:
    expected = await end(await empty_schema("risk"), history())

    found = await end(await empty_schema("risk"), history(), Random(seed))

    assert {table: rows for table, rows in found.items() if rows != expected[table]} == {}
    assert all(expected[table] for table in found if table != "withdrawal")


async def test_the_same_events_in_one_batch_for_each_topic_end_the_same(empty_schema: EmptySchema) -> None:
    """As a rebuild takes them: far larger batches than when they happened."""
    expected = await end(await empty_schema("risk"), history())
    schema = await empty_schema("risk")
    world = World(schema)
    for handler in reversed(build(lambda: SETTINGS)):
        if batch := [one for one in sorted(history(), key=recorded) if handler.reads(topic_of(one))]:
            await world.hears_at_once(*batch)
    for edition, facts in EDITIONS:
        await load(schema.runtime(SETTINGS), Upload(Provenance("rows", "Example list", edition), facts), dry_run=False)

    found = await standing(schema)

    assert {table: rows for table, rows in found.items() if rows != expected[table]} == {}
