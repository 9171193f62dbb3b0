"""Keys of members: each for its purposes, shown once, rotated with a grace period, and over when they are over."""

import re
from datetime import datetime
from typing import Any

import pytest

from shared.events.vocabulary import KeyPurpose
from shared.http import digest
from shared.member_keys import kid_of
from tests.ingest.conftest import Doors
from tests.ingest.given import flag, osh, without_instance

LABEL = "label-canary-51"


async def made(doors: Doors, member: str = "oslo", **order: Any) -> dict[str, Any]:
    answer = await doors.operate("POST", f"/members/{member}/keys", order)
    assert answer.status_code == 201
    shown: dict[str, Any] = answer.json()
    return shown


async def uses(doors: Doors, key: str) -> dict[str, int]:
    """The status that each use of a key is answered with."""
    bearer = {"authorization": f"Bearer {key}"}
    batched = bearer | {"content-type": "application/cloudevents-batch+json"}
    name = {"filename": "suppliers.csv"}
    published = await doors.client.post("/events", json=[flag()], headers=batched)
    imported = await doors.client.post("/imports", content=osh(), params=name, headers=bearer)
    read = await doors.client.get("/registry/members", headers=bearer)
    return {"publish": published.status_code, "import": imported.status_code, "read": read.status_code}


@pytest.mark.parametrize("purpose", ["publish", "read", "import"])
async def test_a_key_opens_only_what_it_is_for(doors: Doors, purpose: str) -> None:
    key = (await made(doors, purposes=[purpose]))["key"]

    found = await uses(doors, key)

    assert {use for use, status in found.items() if status != 403} == {purpose}


async def test_a_key_without_the_purpose_is_told_which_one_is_needed(doors: Doors) -> None:
    key = (await made(doors, purposes=["read"]))["key"]
    headers = {"authorization": f"Bearer {key}", "content-type": "application/cloudevents-batch+json"}

    answer = await doors.client.post("/events", json=[flag()], headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (403, "purpose_missing")
    assert "publish" in answer.json()["detail"]


async def test_a_key_can_be_recognised_and_tells_its_public_id(doors: Doors) -> None:
    new = await made(doors)

    assert re.fullmatch(r"eng_[0-9a-f]{12}_[A-Za-z0-9_-]{43}", new["key"])
    assert kid_of(new["key"]) == new["kid"]


async def test_keys_are_listed_without_the_keys(doors: Doors) -> None:
    new = await made(doors, purposes=["read", "publish"], label=LABEL, valid_days=30)
    await uses(doors, new["key"])

    answer = await doors.operate("GET", "/members/oslo/keys")

    assert not any(secret in answer.text for secret in (new["key"], new["key"].split("_", 2)[2]))
    first, second = answer.json()
    assert (first["purposes"], first["expires"]) == (["publish", "read", "import"], None)
    assert (second["kid"], second["purposes"], second["label"]) == (new["kid"], ["publish", "read"], LABEL)
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", second["used_on"])
    assert first["used_on"] is None
    assert second["expires"] == new["expires"]


async def test_only_a_digest_of_a_key_is_kept(doors: Doors) -> None:
    secret = (await made(doors))["key"].split("_", 2)[2]

    rows = await doors.schema.rows("SELECT k::text FROM member_key k")

    assert not any(secret in row[0] for row in rows)


async def test_a_rotated_key_stays_valid_for_a_grace_period(doors: Doors) -> None:
    old = await made(doors, purposes=["read"], label=LABEL)

    new = (await doors.operate("POST", f"/members/oslo/keys/{old['kid']}/rotation")).json()

    assert (new["purposes"], new["label"], new["replaces"]) == (["read"], LABEL, old["kid"])
    assert [(await uses(doors, one["key"]))["read"] for one in (old, new)] == [200, 200]
    await doors.schema.rows("UPDATE member_key SET expires_at = now() WHERE kid = $1", old["kid"])
    assert [(await uses(doors, one["key"]))["read"] for one in (old, new)] == [401, 200]


async def test_the_grace_period_does_not_prolong_a_key(doors: Doors) -> None:
    old = await made(doors, valid_days=1)

    new = (await doors.operate("POST", f"/members/oslo/keys/{old['kid']}/rotation")).json()

    assert new["replaced_valid_until"] == old["expires"]


async def test_a_revoked_key_is_over_at_once_and_revoking_again_changes_nothing(doors: Doors) -> None:
    new = await made(doors)

    first = await doors.operate("DELETE", f"/members/oslo/keys/{new['kid']}")
    again = await doors.operate("DELETE", f"/members/oslo/keys/{new['kid']}")

    assert (first.status_code, again.json()) == (200, first.json())
    assert set((await uses(doors, new["key"])).values()) == {401}
    assert (await doors.operate("POST", f"/members/oslo/keys/{new['kid']}/rotation")).status_code == 404


async def test_unknown_revoked_expired_and_forged_keys_are_answered_alike(doors: Doors) -> None:
    revoked, expired, known = [await made(doors) for _ in range(3)]
    await doors.operate("DELETE", f"/members/oslo/keys/{revoked['kid']}")
    await doors.schema.rows("UPDATE member_key SET expires_at = now() WHERE kid = $1", expired["kid"])
    forged = known["key"][:-4] + ("AAAA" if not known["key"].endswith("AAAA") else "BBBB")
    wrong = ["unknown", f"eng_{'0' * 12}_{'a' * 43}", revoked["key"], expired["key"], forged]

    answers = [await doors.client.get("/registry/members", headers={"authorization": f"Bearer {k}"}) for k in wrong]

    assert [answer.status_code for answer in answers] == [401] * 5
    assert all(without_instance(answer) == without_instance(answers[0]) for answer in answers)


async def test_a_key_belongs_to_its_member_only(doors: Doors) -> None:
    kid = (await made(doors))["kid"]

    answers = [
        await doors.operate("DELETE", f"/members/watch/keys/{kid}"),
        await doors.operate("POST", f"/members/watch/keys/{kid}/rotation"),
        await doors.operate("DELETE", "/members/watch/keys/a%00b"),
        await doors.operate("GET", "/members/nobody/keys"),
    ]

    assert [answer.status_code for answer in answers] == [404] * 4


@pytest.mark.parametrize(
    "order", [{"purposes": []}, {"purposes": ["rule"]}, {"valid_days": 0}, {"label": "a\u0000b"}, {"key": "mine"}]
)
async def test_an_order_for_a_key_that_does_not_fit_is_refused(doors: Doors, order: dict[str, Any]) -> None:
    assert (await doors.operate("POST", "/members/oslo/keys", order)).status_code == 422


async def test_only_the_operator_makes_and_ends_keys(doors: Doors) -> None:
    kid = (await made(doors))["kid"]
    paths = [("POST", "/members/oslo/keys"), ("GET", "/members/oslo/keys"), ("DELETE", f"/members/oslo/keys/{kid}")]
    paths.append(("POST", f"/members/oslo/keys/{kid}/rotation"))

    answers = [await doors.client.request(*path, json={}, headers=doors.as_member()) for path in paths]

    assert [answer.status_code for answer in answers] == [401] * 4


async def key_events(doors: Doors) -> list[tuple[str, str, Any]]:
    """Topic, key and data of what is told of keys of oslo, but for its first."""
    found = [(topic, key, one.data) for topic, key, one in await doors.outbox() if topic == "member.oslo.key"]
    return found[1:]


async def test_a_new_member_s_first_key_is_told_after_the_member(doors: Doors) -> None:
    topics = [(topic, one.type) for topic, _, one in await doors.outbox()]

    assert topics[:2] == [("members.registry", "member.registered.v1"), ("member.oslo.key", "key.issued.v1")]
    assert len(topics) == 4


async def test_the_services_that_a_member_may_ask_know_a_key_by_its_digest_alone(doors: Doors) -> None:
    new = await made(doors, purposes=["read", "publish"], label=LABEL, valid_days=30)

    ((_, key, told),) = await key_events(doors)

    assert (key, told.kid, told.member, told.digest) == (new["kid"], new["kid"], "oslo", digest(new["key"]))
    assert told.purposes == (KeyPurpose.PUBLISH, KeyPurpose.READ)
    assert told.expires == datetime.fromisoformat(new["expires"])
    kept = "".join(
        str(row) for row in await doors.schema.rows("SELECT headers, convert_from(value, 'UTF8') FROM outbox")
    )
    assert not any(secret in kept for secret in (LABEL, new["key"].split("_", 2)[2]))


async def test_the_end_of_a_replaced_key_is_told_with_the_new_one(doors: Doors) -> None:
    old = await made(doors, purposes=["read"])

    new = (await doors.operate("POST", f"/members/oslo/keys/{old['kid']}/rotation")).json()

    _, (_, _, issued), (_, key, ended) = await key_events(doors)
    assert (issued.kid, issued.digest, issued.purposes) == (new["kid"], digest(new["key"]), (KeyPurpose.READ,))
    assert (key, ended.kid) == (old["kid"], old["kid"])
    assert ended.ends == datetime.fromisoformat(new["replaced_valid_until"])


async def test_the_end_of_a_revoked_key_is_told_once(doors: Doors) -> None:
    new = await made(doors)

    first = await doors.operate("DELETE", f"/members/oslo/keys/{new['kid']}")
    await doors.operate("DELETE", f"/members/oslo/keys/{new['kid']}")

    _, (_, _, ended) = await key_events(doors)
    assert (ended.kid, ended.ends) == (new["kid"], datetime.fromisoformat(first.json()["revoked"]))


async def test_what_is_not_made_or_ended_is_not_told(doors: Doors) -> None:
    await doors.operate("DELETE", f"/members/oslo/keys/{'0' * 12}")
    await doors.operate("POST", f"/members/oslo/keys/{'0' * 12}/rotation")
    await doors.operate("POST", "/members/oslo/keys", {"purposes": ["rule"]})
    await doors.operate("POST", "/members/oslo/keys", {"purposes": ["other"]})
    await doors.operate("POST", "/members", {"member": "oslo", "name": "Example Oslo", "country": "NO"})

    assert await key_events(doors) == []


async def test_the_label_of_a_key_does_not_reach_the_log(doors: Doors, capfd: pytest.CaptureFixture[str]) -> None:
    key = (await made(doors, label=LABEL))["key"]
    await uses(doors, key)

    assert LABEL not in "".join(capfd.readouterr())
