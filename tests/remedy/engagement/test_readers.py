"""Members read what concerns them by the keys that `ingest` gave them; what is not theirs is not there."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from services.remedy.api import build
from services.remedy.api.readers import Reading, groups_of, require_group, require_own
from services.remedy.office import KEYS, READING
from shared.events.engagement_words import GroupEnd
from shared.events.envelope import Classification, Event
from shared.events.ingest import (
    KeyEnded,
    KeyIssued,
    MemberLeft,
    MemberRegistered,
    WorkingGroupClosed,
    WorkingGroupJoined,
    WorkingGroupLeft,
)
from shared.events.vocabulary import GroupRole, KeyPurpose, MemberKind
from shared.http import digest
from shared.member_keys import PURPOSES, key_of
from shared.postgres import borrow
from tests.conftest import Schema
from tests.remedy.given import FOLLOW_KEYS, FOLLOW_REGISTRY, OPERATOR_KEY, SETTINGS, bearer, event, group, handle

KID = "0123456789ab"
KEY = key_of(KID, "k" * 43)
WRONG = ("nothing of a key", key_of(KID, "x" * 43), key_of("ba9876543210", "k" * 43), f"{KEY}k")


@dataclass(frozen=True)
class Door:
    """An API of `remedy` that also says who reads, and what was heard of the registry."""

    schema: Schema
    client: httpx.AsyncClient
    now: datetime

    async def hear(self, *batch: Event) -> None:
        """Handle events as the runtime does, each by the handler of its topic."""
        async with self.schema.pool.acquire() as tx, tx.transaction():
            for one in batch:
                keys = isinstance(one.data, KeyIssued | KeyEnded)
                await handle(FOLLOW_KEYS if keys else FOLLOW_REGISTRY, tx, one)

    async def ask(self, path: str = "/who", key: str = KEY, **query: str) -> httpx.Response:
        return await self.client.get(path, headers=bearer(key), params=query)

    async def status(self, path: str = "/who", key: str = KEY) -> int:
        return (await self.ask(path, key)).status_code

    def issued(self, *purposes: KeyPurpose, member: str = "oslo", days: float | None = None, kid: str = KID) -> Event:
        """A key of a member is made, with so many days to go."""
        expires = None if days is None else self.now + timedelta(days=days)
        known = digest(key_of(kid, "k" * 43))
        data = KeyIssued(kid=kid, member=member, digest=known, purposes=purposes or PURPOSES, expires=expires)
        return event(data, kid, Classification.MEMBER)

    def ended(self, days: float) -> Event:
        """The key ends in so many days."""
        return event(KeyEnded(kid=KID, member="oslo", ends=self.now + timedelta(days=days)), KID, Classification.MEMBER)


def about_group(data: WorkingGroupJoined | WorkingGroupLeft | WorkingGroupClosed) -> Event:
    return event(data, data.workinggroup, Classification.MEMBERS)


def joined(slug: str, member: str = "oslo", role: GroupRole = GroupRole.COLLABORATING) -> Event:
    return about_group(WorkingGroupJoined(workinggroup=slug, member=member, role=role))


def left_group(slug: str, member: str = "oslo") -> Event:
    return about_group(WorkingGroupLeft(workinggroup=slug, member=member))


def left(member: str) -> Event:
    return event(MemberLeft(member=member, kind=MemberKind.BUYER), member, Classification.MEMBERS)


def door_of(schema: Schema, keys: Schema, **settings: Any) -> FastAPI:
    """The API of `remedy`, and beside it what its parts ask of readers."""
    runtime = schema.runtime(SETTINGS.model_copy(update=settings), {KEYS: keys.pool, READING: schema.pool})
    api = build(runtime)

    @api.get("/who")
    async def who(reader: Reading) -> dict[str, object]:
        async with borrow(runtime.pool) as connection:
            mine = await groups_of(connection, reader)
        return {"member": reader.member, "groups": mine and sorted(mine)}

    @api.get("/of-group/{slug}")
    async def of_group(reader: Reading, slug: str) -> None:
        async with borrow(runtime.pool) as connection:
            await require_group(connection, reader, slug)

    @api.get("/of-member/{name}")
    async def of_member(reader: Reading, name: str) -> None:
        require_own(reader, name)

    return api


@pytest.fixture
async def door(schema: Schema, keys: Schema) -> AsyncIterator[Door]:
    transport = httpx.ASGITransport(door_of(schema, keys, requests_at_once=40, requests_per_second=0.001))
    async with httpx.AsyncClient(transport=transport, base_url="http://remedy") as client:
        yield Door(schema, client, (await schema.rows("SELECT now()"))[0][0])


async def test_a_member_is_known_by_its_key_and_the_operator_reads_all(door: Door) -> None:
    await door.hear(door.issued(), group("acme"), joined("acme"))

    assert (await door.ask()).json() == {"member": "oslo", "groups": ["acme"]}
    assert (await door.ask(key=OPERATOR_KEY)).json() == {"member": None, "groups": None}


async def test_the_operator_may_read_as_a_member_and_no_member_as_another(door: Door) -> None:
    await door.hear(door.issued(), group("acme"), joined("acme", "bergen"))

    as_bergen = await door.ask(key=OPERATOR_KEY, member="bergen")
    refused = await door.ask(member="bergen")

    assert as_bergen.json() == {"member": "bergen", "groups": ["acme"]}
    assert (refused.status_code, refused.json()["code"]) == (403, "not_your_view")
    assert (await door.ask(member="oslo")).json()["member"] == "oslo"


async def test_a_member_reads_its_groups_until_it_leaves_them_and_again_when_it_comes_back(door: Door) -> None:
    await door.hear(door.issued(), group("acme"), group("other"), joined("acme"))
    before = [await door.status(f"/of-group/{slug}") for slug in ("acme", "other", "no-such-group")]
    await door.hear(left_group("acme"))
    afterwards = await door.status("/of-group/acme")
    await door.hear(joined("acme", role=GroupRole.SUPPORTING))

    assert before == [200, 404, 404]
    assert (afterwards, await door.status("/of-group/acme")) == (404, 200)


async def test_what_is_not_a_readers_looks_as_if_it_were_not_there(door: Door) -> None:
    await door.hear(door.issued(), group("other"))

    answers = [await door.ask(f"/of-group/{slug}") for slug in ("other", "no-such-group")]

    assert {one.status_code for one in answers} == {404}
    assert len({(one.json()["code"], one.json()["detail"]) for one in answers}) == 1
    assert await door.status("/of-group/no-such-group", OPERATOR_KEY) == 404


async def test_the_secretariat_of_a_group_and_who_was_in_it_when_it_ended_read_it(door: Door) -> None:
    secretariat = "electronics-watch"
    await door.hear(door.issued(member=secretariat), door.issued(kid="111111111111"), group("acme"), joined("acme"))
    await door.hear(about_group(WorkingGroupClosed(workinggroup="acme", reason=GroupEnd.PURPOSE_ACHIEVED)))

    assert [await door.status("/of-group/acme", key_of(kid, "k" * 43)) for kid in (KID, "111111111111")] == [200, 200]


async def test_what_concerns_a_member_alone_is_its_own_and_the_operators(door: Door) -> None:
    await door.hear(door.issued())

    answers = [await door.status(f"/of-member/{name}") for name in ("oslo", "bergen")]

    assert answers == [200, 404]
    assert await door.status("/of-member/bergen", OPERATOR_KEY) == 200


@pytest.mark.parametrize("purpose", PURPOSES)
async def test_only_a_key_for_reading_reads(door: Door, purpose: KeyPurpose) -> None:
    await door.hear(door.issued(purpose))

    answer = await door.ask()

    if purpose is KeyPurpose.READ:
        assert answer.status_code == 200
    else:
        assert (answer.status_code, answer.json()["code"]) == (403, "purpose_missing")


async def test_unknown_forged_ended_expired_and_left_are_answered_alike(door: Door) -> None:
    await door.hear(door.issued())
    answers = [await door.ask(key=key) for key in WRONG]
    await door.hear(door.ended(-0.01))
    answers.append(await door.ask())
    for kid, days, member in (("111111111111", -0.01, "oslo"), ("222222222222", 1, "bergen")):
        await door.hear(door.issued(days=days, member=member, kid=kid), left("bergen"))
        answers.append(await door.ask(key=key_of(kid, "k" * 43)))

    assert {one.status_code for one in answers} == {401}
    assert {(one.json()["code"], one.json()["detail"]) for one in answers} == {
        ("key_unknown", "This key is not known here.")
    }
    assert not any(key in one.text for one in answers for key in (*WRONG, KEY, KID))


async def test_the_earliest_end_of_a_key_holds_in_whatever_order_it_is_told_and_repeated(door: Door) -> None:
    told = [door.issued(days=30), door.ended(7), door.ended(3)]
    kept = set()
    for order in permutations([*told, told[0]]):
        await door.schema.rows("DELETE FROM member_key")
        await door.hear(*order)
        (row,) = await door.schema.rows("SELECT * FROM member_key")
        kept.add((row["kid"], row["member"], row["digest"], tuple(row["purposes"]), row["ends_at"]))

    assert kept == {(KID, "oslo", digest(KEY), tuple(PURPOSES), door.now + timedelta(days=3))}


async def test_a_member_that_left_and_its_groups_are_read_by_it_no_more(door: Door) -> None:
    registered = MemberRegistered(member="oslo", name="City of Oslo", kind=MemberKind.BUYER)
    await door.hear(event(registered, "oslo", Classification.MEMBERS), door.issued(), group("acme"), joined("acme"))
    before = await door.status()
    await door.hear(left("oslo"))

    assert (before, await door.status()) == (200, 401)
    assert (await door.ask(key=OPERATOR_KEY, member="oslo")).json()["groups"] == []


async def test_one_key_that_asks_too_often_waits_and_another_does_not(door: Door) -> None:
    await door.hear(door.issued(), door.issued(kid="111111111111"))

    answers = [await door.ask() for _ in range(41)]

    assert [one.status_code for one in answers] == [200] * 40 + [429]
    assert int(answers[-1].headers["retry-after"]) >= 1
    assert await door.status(key=key_of("111111111111", "k" * 43)) == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/cases"),
        ("GET", "/cases/R-7K2M-9QXA-4T5C"),
        ("POST", "/cases/R-7K2M-9QXA-4T5C/releases/contact"),
        ("GET", "/people"),
        ("GET", "/colleagues"),
        ("GET", "/identity/requests"),
        ("GET", "/audit/entries"),
        ("GET", "/audit/own"),
        ("GET", "/measures/2026"),
        ("GET", "/deadlines"),
        ("GET", "/clock"),
    ],
)
async def test_a_members_key_opens_nothing_else_here(door: Door, method: str, path: str) -> None:
    await door.hear(door.issued(), group("acme"), joined("acme", role=GroupRole.LEAD))

    answer = await door.client.request(method, path, headers=bearer(KEY), json={} if method == "POST" else None)

    assert answer.status_code == 401


async def test_no_key_but_its_digest_is_kept(door: Door) -> None:
    await door.hear(door.issued())
    await door.ask()

    ((row,),) = await door.schema.rows("SELECT k::text FROM member_key k")

    assert "k" * 43 not in row
