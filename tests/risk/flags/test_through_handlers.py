"""Flags by the very handlers of `risk`: what follows from a report, at once or at the same moment, and who may read."""

import asyncio
from collections import Counter
from collections.abc import Sequence

import httpx
from pydantic import SecretStr

from services.risk.api import build as build_api
from services.risk.domain.flags import flag_of
from services.risk.handlers import build
from services.risk.settings import RiskSettings
from shared import outbox
from shared.events.envelope import Event, topic_of
from shared.events.ingest import KeyIssued
from shared.events.lifecycles import Finding, FlagState
from shared.events.remedy import StatementReleased, StatementReversed
from shared.events.risk import AssessmentMade
from shared.events.vocabulary import Category, KeyPurpose, SourceClass, WorkersBand
from shared.http import digest
from shared.member_keys import key_of
from tests.conftest import Schema
from tests.risk import given
from tests.risk.flags.conftest import SETTINGS
from tests.risk.flags.told import followed_up, published, recorded, reported, site_merged
from tests.risk.given import disclosed, named

KEY = key_of("000000000001", "a" * 43)
FLAG = flag_of(named("site 1"), Category.FORCED_LABOUR)


async def hears(schema: Schema, *batch: Event) -> Sequence[Event]:
    """What is concluded from some events of one topic, in one transaction."""
    (handler,) = (one for one in build(lambda: SETTINGS) if one.reads(topic_of(batch[0])))
    async with schema.pool.acquire() as tx, tx.transaction():
        events = await handler.handle(batch, tx)
        await outbox.append(tx, events)
    return events


def assessed(events: Sequence[Event]) -> list[AssessmentMade]:
    return [one.data for one in events if isinstance(one.data, AssessmentMade)]


async def test_a_report_is_a_flag_first_and_then_changes_how_its_site_is_assessed(schema: Schema) -> None:
    await hears(schema, disclosed())

    events = await hears(schema, reported(parts=(5, 2, 3, 4)))

    assert events[0].type == "flag.opened.v1"
    (found,) = assessed(events)
    assert found.categories[Category.FORCED_LABOUR].finding is Finding.INDICATED
    assert found.categories[Category.FORCED_LABOUR].severity == 5


async def test_a_dismissed_flag_no_longer_points_at_its_site(schema: Schema) -> None:
    await hears(schema, disclosed())
    await hears(schema, reported())

    (found,) = assessed(await hears(schema, followed_up(FlagState.DISMISSED)))

    assert found.categories[Category.FORCED_LABOUR].finding is not Finding.INDICATED


async def test_a_merge_takes_the_flag_along_to_the_site_that_stays(schema: Schema) -> None:
    await hears(schema, disclosed(), disclosed("disclosure 2", site="site 2"))
    await hears(schema, reported(site="site 2"))

    events = await hears(schema, site_merged("site 2", "site 1"))

    kinds = Counter((one.type, one.subject) for one in events if one.type.startswith("flag."))
    assert kinds == {("flag.moved.v1", str(named("site 2"))): 1, ("flag.opened.v1", str(named("site 1"))): 1}
    assert {one.site: one.categories[Category.FORCED_LABOUR].finding for one in assessed(events)}[
        named("site 1")
    ] is Finding.INDICATED


async def test_sources_that_report_one_concern_at_the_same_moment_open_one_flag(schema: Schema) -> None:
    await hears(schema, disclosed())
    (handler,) = (one for one in build(lambda: SETTINGS) if one.reads("members.report"))

    async with schema.pool.acquire() as tx, tx.transaction():
        await outbox.append(tx, await handler.handle([reported()], tx))
        another = asyncio.create_task(hears(schema, reported("report 2", at=1, source=SourceClass.AUDIT)))
        while not await somebody_waits(schema):
            assert not another.done()
    await another

    kinds = Counter(one.type for one in await published(schema))
    assert (kinds["flag.opened.v1"], kinds["flag.evidence-added.v1"]) == (1, 1)


async def somebody_waits(schema: Schema) -> bool:
    """Whether a transaction waits for another one."""
    return bool(await schema.rows("SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'"))


async def test_nothing_that_is_published_leads_from_a_statement_to_a_site_a_day_or_a_case(schema: Schema) -> None:
    await hears(schema, disclosed(), disclosed("disclosure 2", site="site 2"))
    statement = StatementReleased(
        statement=named("statement 1"),
        supplier=named("supplier 1"),
        quarter="2026-Q1",
        category=Category.SAFETY_AND_HEALTH,
        workers=WorkersBand.FROM_1000,
    )

    events = await hears(schema, recorded(statement, "statement 1", 30))

    assert {one.type for one in events} == {"assessment.made.v1"}
    assert {one.subject for one in events} == {str(named("site 1")), str(named("site 2"))}
    said = " ".join(one.data.encoded.decode() for one in events if one.data)
    assert not any(word in said for word in (str(named("statement 1")), "2026-Q1", "1000-9999", "worker_side"))
    first, second = assessed(events)
    assert first.categories == second.categories


async def test_a_member_reads_flags_with_its_own_key(schema: Schema) -> None:
    issued = KeyIssued(kid="000000000001", member="oslo", digest=digest(KEY), purposes=(KeyPurpose.READ,))
    await hears(schema, given.event(issued, "000000000001", member="oslo"))
    await hears(schema, reported())
    settings = RiskSettings(
        kafka_bootstrap="127.0.0.1:1", database_dsn=schema.dsn, operator_key_sha256=SecretStr(digest("another"))
    )
    transport = httpx.ASGITransport(build_api(schema.runtime(settings)))
    headers = {"authorization": f"Bearer {KEY}"}

    async with httpx.AsyncClient(transport=transport, base_url="http://risk", headers=headers) as client:
        listed, shown = await client.get("/flags"), await client.get(f"/flags/{FLAG}")

    assert [one["flag"] for one in listed.json()["items"]] == [str(FLAG)] == [shown.json()["flag"]]


async def test_a_statement_that_is_taken_back_leaves_its_sites_as_they_were(schema: Schema) -> None:
    before = assessed(await hears(schema, disclosed()))[-1]
    statement = StatementReleased(
        statement=named("statement 1"),
        supplier=named("supplier 1"),
        quarter="2026-Q1",
        category=Category.SAFETY_AND_HEALTH,
        workers=WorkersBand.FROM_1000,
    )
    pointed = assessed(await hears(schema, recorded(statement, "statement 1", 30)))[-1]
    taken_back = StatementReversed(statement=named("statement 1"), supplier=named("supplier 1"))

    after = assessed(await hears(schema, recorded(taken_back, "statement 1", 60)))[-1]

    assert pointed.categories != before.categories == after.categories
