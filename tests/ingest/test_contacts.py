"""Contacts of suppliers: issued by a member of the group, for a time, listed without their secrets, ended at once."""

import asyncio
import re
from datetime import datetime, timedelta
from uuid import uuid4

import httpx
import pytest

from services.ingest.api import build
from services.ingest.store import contacts, groups
from shared.events.engagement_words import AskState
from shared.http import digest
from tests.ingest.answering import Answering, begin
from tests.ingest.conftest import Doors, settings_of
from tests.ingest.test_limits import with_settings


@pytest.fixture
async def group(doors: Doors) -> Answering:
    """The group, one of whose asks stands."""
    group = await begin(doors)
    await group.ask()
    return group


async def test_a_member_of_the_group_issues_a_key_and_a_link_that_are_shown_once(group: Answering) -> None:
    answer = await group.issue()

    made = answer.json()
    assert answer.headers["cache-control"] == "no-store"
    assert re.fullmatch(r"engc_[0-9a-f]{12}_[A-Za-z0-9_-]{43}", made["key"])
    assert made["link"] == f"https://engage.example/supplier/answer#{made['key']}"
    listed = await group.doors.client.get("/supplier-contacts", headers=group.doors.as_member())
    assert made["key"].split("_", 2)[2] not in listed.text
    (one,) = listed.json()["items"]
    assert (one["kid"], one["label"], one["issued_by"]) == (made["kid"], "compliance desk", "oslo")
    assert (one["supplier_name"], one["ask"], one["used_on"], one["revoked"]) == (
        "Example Electronics",
        None,
        None,
        None,
    )


async def test_only_a_digest_of_the_secret_is_kept(group: Answering) -> None:
    secret = (await group.key()).split("_", 2)[2]

    rows = await group.doors.schema.rows("SELECT c::text FROM supplier_contact c")

    assert len(rows) == 1
    assert secret not in rows[0][0]


async def test_a_contact_answers_for_thirty_days_unless_its_issuer_says_otherwise(group: Answering) -> None:
    usual, short = await group.issue(), await group.issue(valid_days=7)

    at = (await group.doors.schema.rows("SELECT now()"))[0][0]
    left = [datetime.fromisoformat(one.json()["expires"]) - at for one in (usual, short)]

    assert [round(one / timedelta(days=1)) for one in left] == [30, 7]


async def test_the_secretariat_and_the_operator_issue_contacts_too(group: Answering) -> None:
    assert [(await group.issue(by)).status_code for by in ("watch", None)] == [201, 201]


async def test_a_stranger_to_the_group_issues_and_sees_and_ends_nothing(group: Answering) -> None:
    order = {"member": "bergen", "name": "Example Bergen", "country": "NO"}
    group.doors.keys["bergen"] = (await group.doors.operate("POST", "/members", order)).json()["key"]
    kid = (await group.issue()).json()["kid"]
    stranger = group.doors.as_member("bergen")

    issued = await group.issue("bergen")
    listed = await group.doors.client.get("/supplier-contacts", headers=stranger)
    ended = await group.doors.client.delete(f"/supplier-contacts/{kid}", headers=stranger)

    assert (issued.status_code, issued.json()["code"]) == (404, "not_a_member")
    assert listed.json()["items"] == []
    assert (ended.status_code, ended.json()["code"]) == (404, "contact_unknown")


async def test_a_key_for_reading_issues_no_contact(group: Answering) -> None:
    made = await group.doors.operate("POST", "/members/oslo/keys", {"purposes": ["read"]})
    group.doors.keys["oslo"] = made.json()["key"]

    assert (await group.issue()).json()["code"] == "purpose_missing"
    assert (await group.doors.client.get("/supplier-contacts", headers=group.doors.as_member())).status_code == 200


async def test_no_contact_is_issued_for_a_supplier_or_ask_that_is_not_there(group: Answering) -> None:
    of_another = await group.ask(supplier=group.another)

    codes = [
        (await group.issue(supplier=str(uuid4()))).json()["code"],
        (await group.issue(ask=str(uuid4()))).json()["code"],
        (await group.issue(ask=str(of_another))).json()["code"],
        (await group.issue(workinggroup="elsewhere")).json()["code"],
    ]

    assert codes == ["supplier_unknown", "ask_unknown", "ask_unknown", "not_a_member"]


async def test_a_company_of_which_nothing_is_asked_gets_no_contact(doors: Doors) -> None:
    group = await begin(doors)
    of_another = await group.ask(supplier=group.another)
    not_taken = await group.ask(state=None)

    refused = [await group.issue(by) for by in ("oslo", None)]
    await group.move(not_taken, AskState.OPEN)
    issued = await group.issue()

    assert of_another
    assert {(one.status_code, one.json()["code"]) for one in refused} == {(409, "ask_not_standing")}
    assert issued.status_code == 201


@pytest.mark.parametrize("state", [AskState.MET, AskState.PARTLY_MET, AskState.WITHDRAWN])
async def test_no_contact_is_issued_for_what_takes_no_answers_any_more(doors: Doors, state: AskState) -> None:
    group = await begin(doors)
    settled, joined = await group.ask(), await group.ask("The same")
    await group.move(joined, AskState.JOINED, into=settled)
    assert (await group.issue(ask=str(joined))).status_code == 201

    await group.move(settled, state)

    answers = [await group.issue(**order) for order in ({}, {"ask": str(settled)}, {"ask": str(joined)})]
    assert [one.json()["code"] for one in answers] == ["ask_not_standing"] * 3


async def test_no_contact_is_issued_while_the_engagement_is_held_or_closed(doors: Doors) -> None:
    group = await begin(doors)
    ask = await group.ask()

    await group.close()
    closed = await group.issue(ask=str(ask))
    await group.reopen()
    again = await group.issue(ask=str(ask))
    await group.hold()
    held = await group.issue(ask=str(ask))

    assert [one.status_code for one in (closed, again, held)] == [409, 201, 409]


async def test_a_contact_issued_while_its_issuer_leaves_the_group_is_refused(group: Answering) -> None:
    async with group.doors.schema.pool.acquire() as tx, tx.transaction():
        await groups.lock(tx, "phones")
        await groups.leave(tx, "phones", "oslo")
        under_way = asyncio.create_task(group.issue())
        done, _ = await asyncio.wait({under_way}, timeout=0.3)
        assert not done  # it waits for what is decided about the group
        await contacts.end_contacts(tx, workinggroup="phones", member="oslo")
    answer = await under_way

    assert (answer.status_code, answer.json()["code"]) == (404, "not_a_member")


async def test_a_link_leads_to_no_address_that_a_request_names(group: Answering) -> None:
    order = {"workinggroup": "phones", "supplier": str(group.supplier), "label": "desk"}
    headers = group.doors.as_member() | {"host": "elsewhere.example"}

    set_ = await group.doors.client.post("/supplier-contacts", json=order, headers=headers)
    async with with_settings(group.doors, public_address=None) as unset:
        unknown = await unset.client.post("/supplier-contacts", json=order, headers=headers)

    assert set_.json()["link"].startswith("https://engage.example/")
    assert (unknown.status_code, unknown.json()["code"]) == (409, "public_address_missing")


async def test_without_a_public_address_a_link_leads_to_this_machine(group: Answering) -> None:
    runtime = group.doors.schema.runtime(settings_of(group.doors.schema, public_address=None))
    local = httpx.AsyncClient(transport=httpx.ASGITransport(app=build(runtime)), base_url="http://127.0.0.1:8001")
    order = {"workinggroup": "phones", "supplier": str(group.supplier), "label": "desk"}
    headers = group.doors.as_member() | {"host": "elsewhere.example"}

    async with local:
        made = await local.post("/supplier-contacts", json=order, headers=headers)

    assert made.json()["link"].startswith("http://127.0.0.1:8001/supplier/answer#")


async def test_a_group_with_many_contacts_lists_them_page_by_page(group: Answering) -> None:
    issued = [(await group.issue(label=f"desk {number}")).json()["kid"] for number in range(5)]

    found: list[str] = []
    path: str | None = "/supplier-contacts?limit=2&workinggroup=phones"
    sizes = []
    while path is not None:
        page = (await group.doors.client.get(path, headers=group.doors.as_member())).json()
        sizes.append(len(page["items"]))
        found += [one["kid"] for one in page["items"]]
        path = page["next"]

    assert found == issued
    assert sizes == [2, 2, 1]


async def test_no_link_is_issued_for_an_ask_that_its_engagement_has_not_taken(group: Answering) -> None:
    ask = await group.ask(state=None)

    before = await group.issue(ask=str(ask))
    await group.move(ask, AskState.OPEN)
    after = await group.issue(ask=str(ask))

    assert (before.status_code, before.json()["code"]) == (409, "ask_not_standing")
    assert after.status_code == 201


async def test_a_revoked_contact_answers_nothing_from_then_on(group: Answering) -> None:
    made = (await group.issue()).json()
    assert len(await group.asks(made["key"])) == 1

    path, headers = f"/supplier-contacts/{made['kid']}", group.doors.as_member("watch")
    first, again = [await group.doors.client.delete(path, headers=headers) for _ in range(2)]

    assert first.json()["revoked"] is not None
    assert first.json() == again.json()
    assert await group.asks(made["key"]) == 401


async def test_an_expired_contact_answers_nothing(group: Answering) -> None:
    key = await group.key()
    await group.doors.schema.rows("UPDATE supplier_contact SET expires_at = now()")

    assert await group.asks(key) == 401


async def test_a_member_exports_the_contacts_that_it_issued_without_their_secrets(group: Answering) -> None:
    made = (await group.issue(label="label-canary-79")).json()

    export = await group.doors.operate("GET", "/members/oslo/export")

    (line,) = [line for line in export.text.splitlines() if '"supplier_contact"' in line]
    assert made["kid"] in line
    assert "label-canary-79" in line
    assert made["key"].split("_", 2)[2] not in export.text
    assert digest(made["key"]) not in export.text


async def test_a_key_with_the_right_id_and_another_secret_opens_nothing(group: Answering) -> None:
    key, other = await group.key(), await group.key()
    forged = "_".join([*key.split("_", 2)[:2], other.split("_", 2)[2]])

    assert [await group.asks(one) for one in (forged, key[:-1], key + "A", "engc_unknown")] == [401] * 4


async def test_the_contacts_of_a_closed_group_end(group: Answering) -> None:
    key = await group.key(member=None)

    answer = await group.doors.operate("POST", "/workinggroups/phones/closure", {"reason": "discontinued"})

    assert answer.status_code == 200
    assert await group.asks(key) == 401
    assert (await group.issue()).json()["code"] == "not_a_member"


async def test_the_contacts_that_a_member_issued_end_when_it_leaves_the_group(group: Answering) -> None:
    its, of_secretariat = await group.key(), await group.key("watch")

    await group.doors.operate("DELETE", "/workinggroups/phones/members/oslo")

    assert await group.asks(its) == 401
    assert len(await group.asks(of_secretariat)) == 1


async def test_the_contacts_that_a_member_issued_end_when_it_leaves(group: Answering) -> None:
    its, of_secretariat = await group.key(), await group.key("watch")

    await group.doors.operate("POST", "/members/oslo/departure", {})

    assert await group.asks(its) == 401
    assert len(await group.asks(of_secretariat)) == 1


async def test_the_key_of_a_contact_is_no_key_of_a_member_nor_the_other_way_round(group: Answering) -> None:
    key = await group.key()
    bearer = {"authorization": f"Bearer {key}"}
    batched = bearer | {"content-type": "application/cloudevents-batch+json"}

    statuses = [
        (await group.doors.client.post("/events", content="[]", headers=batched)).status_code,
        (await group.doors.client.get("/registry/members", headers=bearer)).status_code,
        (await group.doors.client.get("/supplier-contacts", headers=bearer)).status_code,
        (await group.doors.client.delete("/supplier-contacts/000000000000", headers=bearer)).status_code,
        await group.asks(group.doors.keys["oslo"]),
        await group.asks("operator-key-of-a-test"),
    ]

    assert statuses == [401, 401, 401, 401, 401, 401]
