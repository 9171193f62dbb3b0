"""A digest is made once per window, from everything that waited, and not at all from nothing."""

import asyncio
from datetime import UTC, datetime
from uuid import uuid4

import orjson

from services.notify import handlers, schedule, store
from services.notify.letters import Digest
from shared.events.engagement_words import ReasonKind
from tests.notify.conftest import Notify
from tests.notify.events import EXAMPLE, disclosed, heard, indicator, proposed, retired, withdrawn

DAY = 86_400.0
ANNA, BERIT = "anna@secretariat.example", "berit@secretariat.example"


async def make(notify: Notify, length: float = DAY) -> int:
    async with notify.schema.pool.acquire() as tx, tx.transaction():
        return await schedule.write_digest(tx, length)


async def digests(notify: Notify) -> list[Digest]:
    rows = await notify.schema.rows("SELECT variables FROM mail_intent WHERE template = 'digest' ORDER BY recipient")
    return [Digest.model_validate_json(row["variables"]) for row in rows]


async def test_everybody_of_the_secretariat_gets_the_same_digest(notify: Notify) -> None:
    for address in (ANNA, BERIT):
        await notify.add_recipient(address)
    await notify.hear(heard(proposed()), by=handlers.collect_engagements.handle)

    assert await make(notify) == 2

    first, second = await digests(notify)
    assert first == second
    assert first.proposed[0].heading == "group apple"


async def test_what_rests_on_testimony_is_counted_and_neither_supplier_nor_issue_is_mailed(notify: Notify) -> None:
    await notify.add_recipient(ANNA)
    of_testimony = proposed("Because workers said so.", ReasonKind.FLAG, ReasonKind.STATEMENT)
    await notify.hear(heard(of_testimony), by=handlers.collect_engagements.handle)

    await make(notify)

    ((made,),) = [digest.proposed for digest in await digests(notify)]
    assert made.total == 1
    assert not any(word in " ".join(made.names) for word in (EXAMPLE, "forced", "workers"))


async def test_a_window_has_one_digest_with_two_runners(notify: Notify) -> None:
    await notify.add_recipient(ANNA)
    await notify.hear(heard(proposed()), by=handlers.collect_engagements.handle)

    made = await asyncio.gather(*(make(notify) for _ in range(8)))

    assert sorted(made) == [0] * 7 + [1]
    assert len(await digests(notify)) == 1


async def test_nothing_is_sent_about_a_window_in_which_nothing_happened(notify: Notify) -> None:
    await notify.add_recipient(ANNA)

    assert await make(notify) == 0
    assert await notify.states() == []


async def test_entries_wait_for_somebody_to_read_them(notify: Notify) -> None:
    await notify.hear(heard(proposed()), by=handlers.collect_engagements.handle)
    assert await make(notify) == 0

    await notify.add_recipient(ANNA)

    assert await make(notify) == 1


async def test_an_entry_is_in_one_digest_only_and_a_later_one_in_the_next(notify: Notify) -> None:
    await notify.add_recipient(ANNA)
    await notify.hear(heard(proposed("First.")), by=handlers.collect_engagements.handle)
    await make(notify)
    await notify.hear(heard(proposed("Second.")), by=handlers.collect_engagements.handle)
    assert await make(notify) == 0, "the window has its digest"

    assert await make(notify, DAY / 24 / 60 / 60 / 1000) == 1  # a millisecond: the next window is over

    lines = {group.names for made in await digests(notify) for group in made.proposed}
    assert lines == {
        ("Example Electronics, forced labour: First.",),
        ("Example Electronics, forced labour: Second.",),
    }


async def test_a_digest_counts_sites_once_and_names_suppliers_of_later_events(notify: Notify) -> None:
    await notify.add_recipient(ANNA)
    site, gone = uuid4(), uuid4()
    told = [heard(disclosed(site)), heard(disclosed(site)), heard(disclosed()), heard(retired(gone))]
    await notify.hear(*told, by=handlers.collect_disclosures.handle)
    places = [heard(indicator(site)), heard(indicator(site)), heard(indicator(country="CN")), heard(withdrawn())]
    await notify.hear(*places, by=handlers.announce_risk.handle)

    await make(notify)

    (made,) = await digests(notify)
    assert [(c.supplier, c.added, c.gone) for c in made.suppliers] == [("Example Electronics", 2, 1)]
    assert {(group.heading, group.total) for group in made.raised} == {
        ("goods made in Malaysia are listed for forced labour; sites there", 1),
        ("goods made in China are listed for forced labour; sites there", 1),
    }
    assert [(group.heading, group.total) for group in made.withdrawn] == [("the site is no longer disclosed", 1)]


async def test_windows_end_at_multiples_of_their_length(notify: Notify) -> None:
    async with notify.schema.pool.acquire() as tx:
        for length in (7.0, 3600.0, DAY):
            end = await store.window_end(tx, length)
            assert end.timestamp() % length == 0
            assert 0 <= (datetime.now(UTC) - end).total_seconds() < length + 1


async def test_a_digest_of_ten_thousand_entries_stays_readable(notify: Notify) -> None:
    await notify.add_recipient(ANNA)
    events = [heard(indicator(site_name=f"Plant {n}")) for n in range(10_000)]
    await notify.hear(*events, by=handlers.announce_risk.handle)

    await make(notify)

    (row,) = await notify.schema.rows("SELECT variables::text FROM mail_intent")
    (made,) = await digests(notify)
    assert made.raised[0].total == 10_000
    assert len(made.raised[0].names) == 20
    assert len(orjson.dumps(row["variables"])) < 10_000


async def test_the_task_makes_the_digest_of_the_window_that_is_over(notify: Notify) -> None:
    await notify.add_recipient(ANNA)
    await notify.hear(heard(proposed()), by=handlers.collect_engagements.handle)

    for _ in range(2):
        assert await schedule.make_digest(notify.runtime(digest_every=DAY)) is False

    assert len(await digests(notify)) == 1
