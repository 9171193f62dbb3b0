"""All that `risk` has concluded can be concluded again from the topics, and is the same."""

import asyncio
from uuid import uuid4

import pytest
from aiokafka import TopicPartition

from deploy.local.beside import make_beside
from deploy.local.rebuilding import RebuildRefused
from deploy.local.rebuilt import Rebuilt
from services.risk import loading, schedule
from services.risk.domain.facts.fact import Fact, FactAbout
from services.risk.store.facts import Provenance
from shared import repair, snapshot
from shared.consumer import Consumer
from shared.events.envelope import Event
from shared.events.ingest import KeyIssued
from shared.events.lifecycles import FlagReason, FlagState
from shared.events.vocabulary import Category, KeyPurpose
from shared.kafka import delete_records
from shared.topics import delete_topics, member_topics
from tests.risk.given import (
    contract,
    disclosed,
    event,
    followed_up,
    group,
    joined,
    left,
    linked,
    merged,
    named,
    registered,
    released,
    reported,
    site_registered,
    taken_back,
)
from tests.risk.rebuild.stage import Stage
from tests.shared.chain import produce

SAFETY = Category.SAFETY_AND_HEALTH


async def story(stage: Stage, buyer: str) -> None:
    """A buyer with a contract, two sites of its supplier, reports and what became of them."""
    await stage.publish(
        joined(buyer),
        registered(),
        site_registered(),
        site_registered("site 2", name="Other Example Plant", country="MY"),
        *group(f"group-{buyer}", buyer, suppliers=("supplier 1",)),
        contract(reader=buyer),
        disclosed(),
        disclosed("disclosure 2", site="site 2", member=buyer, country="MY"),
        linked("disclosure 2", reader=buyer, site="site 2"),
        reported(),
        reported("report 2", category=SAFETY, site="site 2"),
        reported("report 3", at=5),
        followed_up(FlagState.CONFIRMED, at=6),
        released(),
    )


async def load(stage: Stage, edition: str = "2026", word: str = "yes") -> None:
    """Load an edition of an invented list into the live schema."""
    facts = (
        Fact(FactAbout.GOOD, "CN", "Electronics", "forced_labour", "An example list names electronics.", word=word),
        Fact(FactAbout.COUNTRY, "CN", "", "ratified_c087", "An example list: not ratified.", word="no"),
    )
    upload = loading.Upload(Provenance("rows", "Example list", edition), facts)
    await loading.load(stage.schema.runtime(stage.settings), upload, dry_run=False)


def key_issued(member: str) -> Event:
    """A member has a key."""
    kid = uuid4().hex[:12]
    key = KeyIssued(kid=kid, member=member, digest="0" * 64, purposes=(KeyPurpose.READ,))
    return event(key, kid, 0, member)


def rows(found: Rebuilt) -> dict[str, int]:
    """Rows compared of the rebuilt tables."""
    return {table.table: table.rows[1] for table in found.tables}


def differences(found: Rebuilt) -> list[tuple[str, dict[str, str], str, tuple[str, ...]]]:
    """What a rebuild found to differ."""
    return [(table.table, one.key, one.found, one.columns) for table in found.tables for one in table.first]


async def test_a_rebuild_beside_the_running_service_equals_it_and_leaves_nothing_behind(stage: Stage) -> None:
    async with stage.live():
        await story(stage, await stage.new_member("oslo"))
        await stage.applied()

        found = await stage.rebuild()

    assert differences(found) == []
    assert found.is_equal
    assert all(live == rebuilt for live, rebuilt in (table.rows for table in found.tables))
    # The service reads what other tests have left on the topics, too.
    counts, told = rows(found), {"flag": 2, "report": 3, "statement": 1, "contract": 1}
    assert all(counts[table] >= least for table, least in told.items())
    assert min(counts["exposure"], counts["leverage"], counts["assessment"], counts["contract_assessment"]) > 0
    assert found.events >= sum(stage.published.values())
    assert await stage.schemas() == set()


async def test_merges_withdrawals_and_steps_come_out_the_same_though_topics_are_read_one_after_the_other(
    stage: Stage,
) -> None:
    buyer = await stage.new_member("oslo")
    await story(stage, buyer)
    await stage.apply()
    await stage.publish(
        merged("site", "site 2", "site 1", at=20),
        reported("report 4", category=SAFETY, at=21),
        taken_back("report 2", site="site 2", at=22),
        followed_up(FlagState.MITIGATING, at=23),
        followed_up(FlagState.DISMISSED, report="report 4", reason=FlagReason.OUT_OF_SCOPE, at=24),
    )
    await stage.apply()

    found = await stage.rebuild()

    assert differences(found) == []
    assert found.is_equal


async def test_a_row_that_is_otherwise_in_the_live_schema_is_named_with_its_columns(stage: Stage) -> None:
    await story(stage, await stage.new_member("oslo"))
    await stage.apply()
    (flag,) = await stage.schema.rows("UPDATE flag SET severity = 1 WHERE category = $1 RETURNING flag", SAFETY)
    (gone,) = await stage.schema.rows("DELETE FROM statement RETURNING statement")

    found = await stage.rebuild()

    assert not found.is_equal
    assert differences(found) == [
        ("flag", {"flag": str(flag["flag"])}, "differs", ("severity",)),
        ("statement", {"statement": str(gone["statement"])}, "only_in_second", ()),
    ]


async def test_repetitions_change_nothing_and_what_the_live_schema_has_not_applied_is_not_applied(
    stage: Stage,
) -> None:
    await stage.publish(registered(), site_registered())
    told = await stage.publish(reported(), reported("report 2", at=1))
    await produce(stage.bootstrap, "members.report", [told[0], told[1], told[0]])
    await stage.apply()
    await stage.publish(reported("too late", category=SAFETY, at=2), followed_up(FlagState.TRIAGED, at=3))

    found = await stage.rebuild()

    assert found.is_equal
    assert (rows(found)["report"], rows(found)["flag"], rows(found)["follow_up"]) == (2, 1, 0)


async def test_a_dead_letter_and_what_waits_behind_it_are_applied_by_neither_and_said(stage: Stage) -> None:
    await stage.publish(registered(), site_registered(), reported())
    await stage.publish_broken(reported("broken", at=1))
    await stage.publish(reported("waits", at=2), reported("elsewhere", site="site 2", at=3))
    await stage.apply()

    found = await stage.rebuild()

    assert found.is_equal
    assert (found.dead_letters, found.parked, found.passed_over) == (1, 1, 0)
    assert rows(found)["report"] == 2


async def test_a_dead_letter_that_was_given_up_is_passed_over_again(stage: Stage) -> None:
    await stage.publish(registered(), site_registered(), reported())
    await stage.publish_broken(reported("broken", at=1))
    await stage.publish(reported("waits", at=2))
    await stage.apply()
    (letter,) = await stage.schema.rows("SELECT id, consumer FROM dead_letter")
    (handler,) = (one for one in stage.handlers() if one.name == letter["consumer"])
    consumer = Consumer("risk", handler, stage.schema.pool, stage.settings, committed=lambda: None)
    assert await repair.discard(consumer, letter["id"])

    found = await stage.rebuild()

    assert found.is_equal
    assert (found.dead_letters, found.parked, found.passed_over) == (0, 0, 1)
    assert rows(found)["report"] == 2


async def test_facts_are_taken_over_and_what_follows_from_them_is_concluded_again(stage: Stage) -> None:
    buyer = await stage.new_member("oslo")
    await stage.publish(registered(), site_registered(), joined(buyer), contract(reader=buyer), disclosed())
    await stage.apply()
    await load(stage, "2025", word="yes")
    await stage.publish(disclosed("disclosure 2", site="site 2", member=buyer), linked("disclosure 2", reader=buyer))
    await stage.apply()
    await load(stage, "2026")

    found = await stage.rebuild()

    assert differences(found) == []
    assert found.is_equal
    assert rows(found)["indicator"] > 0
    assert "fact" not in rows(found)


async def test_facts_that_are_not_those_that_were_loaded_stop_the_rebuild(stage: Stage) -> None:
    await load(stage)
    await stage.schema.rows("UPDATE fact SET word = 'no'")

    with pytest.raises(RebuildRefused, match="Example list, edition 2026"):
        await stage.rebuild()

    assert await stage.schemas() == set()


async def test_a_clock_that_the_live_service_has_told_of_comes_out_equal_and_one_that_it_has_not_is_counted(
    stage: Stage,
) -> None:
    await stage.publish(registered(), site_registered(), reported())
    await stage.apply()

    unseen = await stage.rebuild()
    await schedule.fire_overdue_flags(stage.schema.runtime(stage.settings))
    seen = await stage.rebuild()

    assert [row["overdue"] for row in await stage.schema.rows("SELECT overdue FROM flag")] == [True]
    assert (unseen.is_equal, unseen.clocks) == (True, 1)
    assert (seen.is_equal, seen.clocks) == (True, 0)


async def test_a_member_that_left_with_its_topics_is_left_out_and_all_else_is_equal(stage: Stage) -> None:
    buyer, other = await stage.new_member("oslo"), await stage.new_member("bergen")
    await story(stage, buyer)
    await stage.publish(joined(other), contract("contract 2", reader=other), key_issued(buyer), key_issued(other))
    await stage.apply()
    await stage.publish(left(buyer, at=50))
    await stage.apply()
    await delete_topics(stage.bootstrap, member_topics(buyer))

    found = await stage.rebuild()

    assert differences(found) == []
    assert found.is_equal
    assert (found.gone, found.lost) == ([buyer], [])
    assert [(one.rows, one.left_out) for one in found.tables if one.table == "member_key"] == [((1, 1), 1)]


async def test_topics_that_are_gone_though_their_member_has_not_left_are_a_loss(stage: Stage) -> None:
    buyer = await stage.new_member("oslo")
    await stage.publish(joined(buyer), contract(reader=buyer))
    await stage.apply()
    await delete_topics(stage.bootstrap, member_topics(buyer))

    found = await stage.rebuild()

    assert (found.is_equal, found.lost) == (False, [buyer])


async def test_events_that_kafka_no_longer_has_are_a_loss(stage: Stage) -> None:
    buyer = await stage.new_member("oslo")
    await stage.publish(contract(reader=buyer), contract("contract 2", reader=buyer))
    await stage.apply()
    await delete_records(stage.settings, {TopicPartition(f"member.{buyer}.contract", 0): 1})

    found = await stage.rebuild()

    assert (found.is_equal, found.behind) == (False, 1)
    missing = {"contract": str(named("contract 1")), "reader": buyer}
    assert ("contract", missing, "only_in_first", ()) in differences(found)


async def test_what_is_kept_can_be_looked_at(stage: Stage) -> None:
    await stage.publish(registered())
    await stage.apply()

    found = await stage.rebuild(keep=True)

    assert found.schema is not None
    assert await stage.schemas() == {found.schema, f"{found.schema}_live"}
    await stage.drop(found.schema, f"{found.schema}_live")


async def test_what_an_earlier_rebuild_left_is_named_and_what_a_running_one_holds_is_not(stage: Stage) -> None:
    await stage.publish(registered())
    await stage.apply()
    left, held = "risk_rebuild_00000001", "risk_rebuild_00000002"
    for schema in (left, f"{left}_live", held):
        await asyncio.to_thread(make_beside, stage.postgres.dsn, "risk", schema, with_tables=False)

    async with stage.schema.pool.acquire() as running:
        await snapshot.hold(running, held)
        await stage.rebuild()

    named_schemas = [line.split()[0] for line in stage.reports if "earlier rebuild" in line]
    assert named_schemas == [left, f"{left}_live"]
    assert f'DROP SCHEMA "{left}" CASCADE;' in next(line for line in stage.reports if line.startswith(left))
    assert await stage.schemas() == {left, f"{left}_live", held}
    await stage.drop(left, f"{left}_live", held)


async def test_it_says_how_far_it_is(stage: Stage) -> None:
    await stage.publish(registered())
    await stage.apply()

    await stage.rebuild()

    assert stage.reports[-1] == "comparing"
    assert any("members.registry" in line for line in stage.reports)
