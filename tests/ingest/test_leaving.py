"""A member leaves: it takes its data along, its keys and contracts end, what it published stays without its name."""

import asyncio
import json
from collections.abc import Coroutine
from typing import Any
from uuid import uuid4

import httpx
import pytest

from deploy.local.kafka import Kafka
from services.ingest import door
from shared.events import ingest
from shared.events.vocabulary import MemberKind
from shared.topics import delete_topics, ensure_topics, member_topics
from tests.ingest.conftest import Doors, settings_of
from tests.ingest.given import CONTRACT, disclosure, event, flag, sealed_box, without_instance
from tests.ingest.seen import contract, join, knows
from tests.ingest.speaking import FOUNDING

GROUP: dict[str, Any] = {
    "workinggroup": "batteries",
    "name": "Batteries",
    "purpose": "Cobalt in batteries.",
    "secretariat": "watch",
    "founding": FOUNDING,
    "members": [{"member": "oslo", "role": "lead"}],
}


async def leave(doors: Doors, member: str = "oslo", **order: Any) -> httpx.Response:
    return await doors.operate("POST", f"/members/{member}/departure", order)


async def told(doors: Doors, kind: type[Any]) -> list[tuple[str, Any]]:
    """Topic and data of what was published of one type."""
    return [(topic, one.data) for topic, _, one in await doors.published() if isinstance(one.data, kind)]


async def exported(doors: Doors, member: str = "oslo", key: str | None = None) -> httpx.Response:
    if key is None:
        return await doors.operate("GET", f"/members/{member}/export")
    return await doors.client.get(f"/members/{member}/export", headers={"authorization": f"Bearer {key}"})


async def test_the_keys_of_a_member_that_left_open_nothing(doors: Doors) -> None:
    await leave(doors)

    assert (await doors.send(flag())).status_code == 401
    assert (await doors.client.get("/registry/sites", headers=doors.as_member())).status_code == 401
    assert (await doors.operate("POST", "/members/oslo/keys", {})).json()["code"] == "member_left"
    assert all(one["revoked"] for one in (await doors.operate("GET", "/members/oslo/keys")).json())


async def test_the_services_that_it_may_ask_are_told_that_its_keys_ended(doors: Doors) -> None:
    await doors.operate("POST", "/members/oslo/keys", {})
    kids = {one["kid"] for one in (await doors.operate("GET", "/members/oslo/keys")).json()}

    left = (await leave(doors)).json()["left"]
    await leave(doors)

    ended = await told(doors, ingest.KeyEnded)
    assert {topic for topic, _ in ended} == {"member.oslo.key"}
    assert sorted(data.kid for _, data in ended) == sorted(kids)
    assert {data.ends.isoformat().replace("+00:00", "Z") for _, data in ended} == {left}


async def test_all_members_are_told_that_it_left_once(doors: Doors) -> None:
    first, again = await leave(doors), await leave(doors)

    assert first.json()["left"] == again.json()["left"] is not None
    assert [data.member for _, data in await told(doors, ingest.MemberLeft)] == ["oslo"]


async def test_its_contracts_are_closed_and_their_readers_told(doors: Doors) -> None:
    await doors.send(event("contract.registered.v1", CONTRACT | {"level": "framework", "end_users": ["watch"]}))

    found = await leave(doors)

    closed = await told(doors, ingest.ContractClosed)
    assert found.json()["contracts"] == 1
    assert sorted(topic for topic, _ in closed) == ["member.oslo.contract", "member.watch.contract"]
    assert (await doors.client.get("/registry/contracts", headers=doors.as_member("watch"))).json()["items"] == []


async def test_who_left_is_no_longer_named_as_an_end_user(doors: Doors) -> None:
    await join(doors, "dfo", "school")
    await doors.send(contract("F", level="framework", end_users=["dfo", "watch"]))

    await leave(doors, "dfo")
    await doors.send(contract("C", parent="F", parent_member="oslo", end_users=["school"]), member="watch")

    retold = await knows(doors, "school")
    shown = (await doors.client.get("/registry/contracts", headers=doors.as_member())).json()["items"]
    lines = [json.loads(line) for line in (await exported(doors)).text.splitlines()]
    assert retold["F"].end_users == ("watch",)
    assert {tuple(one["contract"]["end_users"]) for one in shown} == {("watch",), ("school",)}
    assert {tuple(one["said"]["end_users"]) for one in lines if one["kind"] == "contract"} == {("watch",), ("school",)}


async def test_it_leaves_its_working_groups_also_a_closed_one_and_is_told_apart_from_who_stays(doors: Doors) -> None:
    for slug in ("batteries", "laptops"):
        await doors.operate("POST", "/workinggroups", GROUP | {"workinggroup": slug})
    await doors.operate("POST", "/workinggroups/batteries/members", {"member": "watch"})
    await doors.operate("POST", "/workinggroups/laptops/closure", {})

    await leave(doors)

    parted = [(data.workinggroup, data.member) for _, data in await told(doors, ingest.WorkingGroupLeft)]
    assert parted == [("batteries", "oslo"), ("laptops", "oslo")]
    rows = await doors.schema.rows("SELECT workinggroup, member FROM workinggroup_member")
    assert [tuple(row) for row in rows] == [("batteries", "watch")]


async def test_the_secretariat_of_a_closed_group_may_leave(doors: Doors) -> None:
    await doors.operate("POST", "/workinggroups", GROUP)
    await doors.operate("POST", "/workinggroups/batteries/closure", {})

    assert (await leave(doors, "watch")).status_code == 200


async def test_a_secretariat_does_not_leave_its_working_group_behind(doors: Doors) -> None:
    await doors.operate("POST", "/workinggroups", GROUP)

    answer = await leave(doors, "watch")

    assert (answer.status_code, answer.json()["code"]) == (409, "keeps_secretariat")
    assert answer.json()["errors"][0]["pointer"] == "/workinggroups/batteries"
    assert (await doors.client.get("/registry/sites", headers=doors.as_member("watch"))).status_code == 200


async def test_what_it_published_stays_attributed_by_kind(doors: Doors) -> None:
    await doors.send(disclosure(published=True))
    site = (await told(doors, ingest.DisclosureAccepted))[0][1].site

    found = (await leave(doors)).json()

    shown = await doors.client.get(f"/registry/sites/{site}", headers=doors.as_member("watch"))
    (one,) = shown.json()["disclosures"]
    assert found["disclosures_kept"] == 1
    assert (one["contributor"], one["member"]) == ("buyer", None)
    assert "oslo" not in shown.text
    assert await told(doors, ingest.DisclosureRetired) == []


async def test_its_id_is_not_given_again(doors: Doors) -> None:
    await leave(doors)

    answer = await doors.operate("POST", "/members", {"member": "oslo", "name": "Another Oslo"})

    assert (answer.status_code, answer.json()["code"]) == (409, "member_left")
    rows = await doors.schema.rows("SELECT name FROM member WHERE slug = 'oslo'")
    assert rows[0]["name"] == "Example oslo"


async def test_a_dry_run_says_what_would_end_and_ends_nothing(doors: Doors) -> None:
    await doors.operate("POST", "/workinggroups", GROUP)
    await doors.send(event("contract.registered.v1", CONTRACT))

    found = (await leave(doors, dry_run=True)).json()

    assert [found[name] for name in ("keys", "contracts", "workinggroups")] == [1, 1, 1]
    assert found["left"] is None
    assert (await doors.send(flag())).status_code == 202


async def test_no_clock_runs_for_a_member_that_left(doors: Doors) -> None:
    asked = {"supplier": {"name": "Example Electronics Ltd"}, "wanted": "sites", "asked_on": "2026-01-02"}
    await doors.send(event("disclosure.requested.v1", asked))

    assert (await leave(doors)).json()["requests"] == 1
    assert (await doors.schema.rows("SELECT withdrawn FROM request"))[0]["withdrawn"]


async def test_what_is_still_on_its_way_is_counted(doors: Doors) -> None:
    await doors.send(event("contract.registered.v1", CONTRACT))

    assert (await leave(doors)).json()["undelivered"] == len(["contract recorded", "closed", "key issued", "ended"])
    await doors.schema.rows("DELETE FROM outbox_todo")
    assert (await doors.operate("GET", "/members/oslo/departure")).json()["undelivered"] == 0


async def test_what_can_no_longer_be_delivered_is_not_queued(doors: Doors) -> None:
    await doors.send(event("contract.registered.v1", CONTRACT), flag())
    before = await doors.count("outbox_todo")

    assert (await leave(doors, topics_deleted=True)).json()["undelivered"] == 0
    assert 0 < await doors.count("outbox_todo") < before + 1


async def test_who_left_after_its_key_was_looked_at_sends_nothing(doors: Doors) -> None:
    runtime, settings = doors.schema.runtime(settings_of(doors.schema)), settings_of(doors.schema)
    await leave(doors)

    with pytest.raises(door.SenderLeft):
        await door.receive(runtime, settings, door.Sender("oslo", MemberKind.BUYER), [flag()])

    assert await doors.count("receipt") == 0


async def test_the_export_has_all_that_a_member_sent_and_was_told(doors: Doors) -> None:
    mine, theirs = CONTRACT | {"reference": "mine"}, CONTRACT | {"reference": "theirs", "level": "framework"}
    request = {"supplier": {"name": "Example Electronics Ltd"}, "wanted": "sites", "asked_on": "2026-01-02"}
    await doors.send(event("contract.registered.v1", mine), disclosure(contract="mine"), flag())
    await doors.send(event("disclosure.requested.v1", request))
    await doors.import_csv("country,name,address,sector\nNO,Example Plant,2 Example Road,Electronics\n", list="ours")
    await doors.send(
        event("contract.registered.v1", theirs | {"end_users": ["oslo"]}), disclosure(contract="theirs"), member="watch"
    )

    answer = await exported(doors)

    lines = [json.loads(line) for line in answer.text.splitlines()]
    kinds = [one["kind"] for one in lines]
    assert answer.headers["content-type"].startswith("application/x-ndjson")
    assert {"member", "key", "contract", "list", "mention", "disclosure", "request", "receipt"} <= set(kinds)
    assert {one["said"]["reference"] for one in lines if one["kind"] == "contract"} == {"mine", "theirs"}
    assert [one["became"] for one in lines if one["kind"] == "receipt"].count("flag") == 1
    assert len([one for one in lines if one["kind"] == "disclosure_told" and one["about"] == one["id"]]) == 1


async def test_the_export_holds_nothing_of_testimony_and_no_secret(doors: Doors) -> None:
    box = sealed_box(id="testimony-7")
    await doors.send(box, flag())

    answer = await exported(doors)

    assert [one["kind"] for one in map(json.loads, answer.text.splitlines())].count("receipt") == 1
    for secret in (box["id"], box["data"]["sealed"], doors.keys["oslo"], "digest"):
        assert secret not in answer.text


async def test_a_member_exports_its_own_and_anothers_looks_as_if_it_were_not_there(doors: Doors) -> None:
    key = doors.keys["oslo"]

    own, others, unknown = [await exported(doors, slug, key) for slug in ("oslo", "watch", "nobody")]

    assert own.status_code == 200
    assert (others.status_code, without_instance(others)) == (404, without_instance(unknown))


@pytest.mark.parametrize("path", ["/members/nobody/departure", "/members/a%00b/departure", "/members/nobody/export"])
async def test_who_is_not_there_does_not_leave(doors: Doors, path: str) -> None:
    assert (await doors.operate("GET", path)).status_code == 404


async def test_a_members_topics_are_deleted_and_deleting_again_changes_nothing(kafka_server: Kafka) -> None:
    names = member_topics(f"leaver-{uuid4().hex[:8]}")
    await ensure_topics(kafka_server.bootstrap, names)

    first = await delete_topics(kafka_server.bootstrap, names)
    again = await delete_topics(kafka_server.bootstrap, names)

    assert (first, again) == (names, [])


async def test_members_leave_and_send_at_once_without_waiting_for_each_other_in_a_circle(doors: Doors) -> None:
    framework = CONTRACT | {"level": "framework", "end_users": ["dfo", "oslo", "watch"]}
    doors.keys["dfo"] = (await doors.operate("POST", "/members", {"member": "dfo", "name": "Example DFO"})).json()[
        "key"
    ]

    def sent(number: int, member: str) -> Coroutine[Any, Any, httpx.Response]:
        return doors.send(
            event("contract.registered.v1", framework | {"reference": f"{member}-{number}"}),
            disclosure(contract=f"{member}-{number}"),
            member=member,
        )

    sending = [sent(number, member) for number in range(5) for member in ("oslo", "watch", "dfo")]
    answers = await asyncio.gather(*sending[:8], leave(doors), leave(doors, "dfo"), *sending[8:])

    assert {answer.status_code for answer in answers} <= {200, 202, 207, 401}
    left = await doors.schema.rows("SELECT slug FROM member WHERE left_at IS NOT NULL ORDER BY slug")
    assert [row["slug"] for row in left] == ["dfo", "oslo"]
    told = await doors.schema.rows("SELECT DISTINCT reader FROM contract_reader")
    assert {row["reader"] for row in told} <= {"watch"}
