"""Intents and entries are written once, whatever is delivered again."""

from uuid import uuid4

import pytest

from services.notify import handlers, store
from services.notify.domain import Role
from tests.notify.conftest import Notify
from tests.notify.events import (
    disclosed,
    flag,
    further,
    heard,
    indicator,
    looked_up,
    proposed,
    request,
    retired,
    withdrawn,
)


async def test_a_serious_flag_gives_one_intent_for_each_of_the_secretariat(notify: Notify) -> None:
    await notify.add_recipient("anna@secretariat.example")
    await notify.add_recipient("berit@secretariat.example")
    await notify.add_recipient("ops@engage.example", Role.OPERATOR)
    event = heard(flag())

    for _ in range(3):
        assert await notify.hear(event, by=handlers.announce_risk.handle) == []

    rows = await notify.schema.rows("SELECT template, recipient, state, cause_time FROM mail_intent")
    assert len(rows) == len({row["recipient"] for row in rows}) == 2
    assert {(row["template"], row["state"], row["cause_time"]) for row in rows} == {
        ("flag_serious", "pending", event.recordedtime)
    }
    assert await notify.schema.rows("SELECT FROM digest_entry") == []


async def test_a_report_that_makes_a_flag_serious_is_mailed_once_and_another_is_an_entry(notify: Notify) -> None:
    await notify.add_recipient("anna@secretariat.example")
    events = [heard(flag(serious=False)), heard(further()), heard(further(made_serious=False))]
    events += [heard(data) for data in looked_up()]

    for _ in range(2):
        assert await notify.hear(*events, by=handlers.announce_risk.handle) == []

    assert [row[0] for row in await notify.schema.rows("SELECT template FROM mail_intent")] == ["flag_serious"]
    assert [row[0] for row in await notify.schema.rows("SELECT kind FROM digest_entry")] == ["flagged", "flagged"]


async def test_a_request_of_restricted_matter_keeps_three_fields_and_no_more(notify: Notify) -> None:
    await notify.add_recipient("anna@secretariat.example")

    await notify.hear(heard(request(reference="R-CANARY01")), by=handlers.pass_on_requests.handle)

    (row,) = await notify.schema.rows("SELECT template, variables::text FROM mail_intent")
    assert row["template"] == "restricted_testimony_received"
    assert row["variables"] == '{"due": "2027-03-01", "kind": "testimony_received", "reference": "R-CANARY01"}'


async def test_while_nobody_is_registered_a_mail_waits_for_the_first_who_is(notify: Notify) -> None:
    await notify.hear(heard(request()), by=handlers.pass_on_requests.handle)
    async with notify.schema.pool.acquire() as tx:
        nobody_to_write_to = await store.claim(tx, 10, "engage.example")

    anna = await notify.add_recipient("anna@secretariat.example")
    async with notify.schema.pool.acquire() as tx:
        await store.address_waiting_mails(tx, anna)
        (claimed,) = await store.claim(tx, 10, "engage.example")

    assert nobody_to_write_to == []
    assert claimed.address == "anna@secretariat.example"


async def test_what_can_wait_becomes_one_entry_per_event(notify: Notify) -> None:
    risk = [heard(data) for data in (flag(serious=False), indicator(), withdrawn())]
    lists = [heard(data) for data in (disclosed(), retired())]
    group = [heard(proposed())]

    for _ in range(2):
        await notify.hear(*risk, by=handlers.announce_risk.handle)
        await notify.hear(*lists, by=handlers.collect_disclosures.handle)
        await notify.hear(*group, by=handlers.collect_engagements.handle)

    rows = await notify.schema.rows("SELECT kind FROM digest_entry ORDER BY kind")
    assert [row["kind"] for row in rows] == ["added", "flagged", "gone", "proposed", "raised", "withdrawn"]
    assert await notify.states() == []


async def test_a_batch_of_two_thousand_is_written_at_once(notify: Notify) -> None:
    await notify.add_recipient("anna@secretariat.example")
    events = [heard(flag(serious=n % 2 == 0)) for n in range(2000)]

    await notify.hear(*events, by=handlers.announce_risk.handle)

    assert len(await notify.states()) == 1000
    assert len(await notify.schema.rows("SELECT FROM digest_entry")) == 1000


@pytest.mark.parametrize(
    ("topic", "reads"),
    [
        ("group.apple.engagement", True),
        ("group.foa-cb.engagement", True),
        ("group.apple.dialogue", False),
        ("group.a.engagement.x", False),
    ],
)
def test_engagements_of_every_group_are_heard_and_nothing_else(topic: str, reads: bool) -> None:
    assert handlers.collect_engagements.reads(topic) is reads


async def test_the_first_name_of_a_supplier_holds(notify: Notify) -> None:
    supplier = uuid4()

    for name in ("Example Electronics", "EXAMPLE ELECTRONICS LTD"):
        await notify.hear(heard(disclosed(supplier=supplier, name=name)), by=handlers.collect_disclosures.handle)

    (row,) = await notify.schema.rows("SELECT name FROM supplier")
    assert row["name"] == "Example Electronics"
