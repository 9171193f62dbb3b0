"""Members ask `risk` by the keys that `ingest` gave them, from its events alone."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request
from pydantic import SecretStr

from services.risk.api import access
from services.risk.handlers import build as handlers
from services.risk.settings import RiskSettings
from shared.events.envelope import Event
from shared.events.ingest import KeyEnded, KeyIssued
from shared.events.vocabulary import KeyPurpose
from shared.http import digest, open_api
from shared.member_keys import PURPOSES, key_of
from tests.conftest import EmptySchema, Schema
from tests.risk.given import event, joined, left

OPERATOR = "operator-key-of-a-test"
KID = "0123456789ab"
KEY = key_of(KID, "k" * 43)
WRONG = (
    "nothing of a key",
    key_of(KID, "x" * 43),  # another secret under a kid that is known
    key_of("ba9876543210", "k" * 43),
    f"{KEY}k",
)


@dataclass(frozen=True)
class Door:
    """A door that says who asks, and what `risk` has heard."""

    schema: Schema
    client: httpx.AsyncClient
    now: datetime

    async def hear(self, *batch: Event) -> None:
        """Handle events as the runtime does, each topic's by its handler."""
        follow = {handler.handle.__name__: handler for handler in handlers(RiskSettings.model_construct)}
        async with self.schema.pool.acquire() as tx, tx.transaction():
            for one in batch:
                name = "follow_keys" if isinstance(one.data, KeyIssued | KeyEnded) else "follow_registry"
                await follow[name].handle([one], tx)

    async def ask(self, key: str | None = KEY, path: str = "/who") -> httpx.Response:
        headers = {} if key is None else {"authorization": f"Bearer {key}"}
        return await self.client.get(path, headers=headers)

    async def status(self, key: str | None = KEY) -> int:
        return (await self.ask(key)).status_code

    def issued(self, *purposes: KeyPurpose, member: str = "oslo", days: float | None = None, kid: str = KID) -> Event:
        """A key of a member is made, with so many days to go."""
        expires = None if days is None else self.now + timedelta(days=days)
        known = digest(key_of(kid, "k" * 43))
        data = KeyIssued(kid=kid, member=member, digest=known, purposes=purposes or PURPOSES, expires=expires)
        return event(data, kid, member=member)

    def ended(self, days: float = 0.0, *, member: str = "oslo") -> Event:
        """A key ends in so many days."""
        return event(KeyEnded(kid=KID, member=member, ends=self.now + timedelta(days=days)), KID, 5, member)


Opened = Callable[..., Awaitable[Door]]


@pytest.fixture
async def opened(empty_schema: EmptySchema) -> AsyncIterator[Opened]:
    """Opens the door with settings."""
    clients: list[httpx.AsyncClient] = []

    async def open_door(**changed: Any) -> Door:
        schema = await empty_schema("risk")
        given: dict[str, Any] = {"operator_key_sha256": SecretStr(digest(OPERATOR))} | changed
        settings = RiskSettings(kafka_bootstrap="127.0.0.1:1", database_dsn=schema.dsn, **given)
        transport = httpx.ASGITransport(app=door_of(schema, settings))
        clients.append(httpx.AsyncClient(transport=transport, base_url="http://risk"))
        now = (await schema.rows("SELECT now()"))[0][0]
        return Door(schema, clients[-1], now)

    yield open_door
    for client in clients:
        await client.aclose()


def door_of(schema: Schema, settings: RiskSettings) -> FastAPI:
    """A door that answers who asks, as those of `risk` find it out."""
    api = open_api("Test", "Who asks.", 1024)
    api.state.runtime, api.state.requests = schema.runtime(settings), access.requests_of(settings)

    @api.get("/who")
    async def who(request: Request) -> dict[str, str | None]:
        return {"reader": await access.reader_of(request)}

    @api.get("/operator")
    async def operator(request: Request) -> None:
        access.only_operator(request)

    return api


@pytest.fixture
async def door(opened: Opened) -> Door:
    return await opened()


async def test_a_member_is_known_by_its_key_and_the_operator_by_theirs(door: Door) -> None:
    await door.hear(joined("oslo"), door.issued())

    assert [(await door.ask(key)).json() for key in (KEY, OPERATOR)] == [{"reader": "oslo"}, {"reader": None}]


async def test_a_key_is_known_also_before_its_member_is_heard_of(door: Door) -> None:
    await door.hear(door.issued())

    assert await door.status() == 200


@pytest.mark.parametrize("purpose", PURPOSES)
async def test_only_a_key_for_reading_reads(door: Door, purpose: KeyPurpose) -> None:
    await door.hear(door.issued(purpose))

    answer = await door.ask()

    if purpose is KeyPurpose.READ:
        assert answer.status_code == 200
    else:
        assert (answer.status_code, answer.json()["code"]) == (403, "purpose_missing")
        assert "read" in answer.json()["detail"]


async def test_unknown_forged_ended_expired_and_left_are_answered_alike(door: Door) -> None:
    await door.hear(door.issued())
    answers = [await door.ask(key) for key in WRONG]
    await door.hear(door.ended(-0.01))
    answers.append(await door.ask())
    for kid, days, member in (("111111111111", -0.01, "oslo"), ("222222222222", 1, "bergen")):
        await door.hear(door.issued(days=days, member=member, kid=kid), left("bergen", at=9))
        answers.append(await door.ask(key_of(kid, "k" * 43)))

    assert {one.status_code for one in answers} == {401}
    assert {(one.json()["code"], one.json()["detail"]) for one in answers} == {
        ("key_unknown", "This key is not known here.")
    }
    assert not any(key in one.text for one in answers for key in (*WRONG, KEY, KID))


async def test_without_a_key_the_answer_says_how_to_send_one(door: Door) -> None:
    answer = await door.ask(None)

    assert (answer.status_code, answer.json()["code"]) == (401, "key_missing")
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(("days", "status"), [(-0.01, 401), (0.01, 200)])
async def test_a_key_holds_until_it_expires(door: Door, days: float, status: int) -> None:
    await door.hear(door.issued(days=days))

    assert await door.status() == status


@pytest.mark.parametrize(("days", "status"), [(-0.01, 401), (7, 200)])
async def test_a_replaced_key_holds_for_its_grace_period(door: Door, days: float, status: int) -> None:
    await door.hear(door.issued(), door.ended(days))

    assert await door.status() == status


async def test_the_earliest_end_holds_in_whatever_order_it_is_told_and_repeated(door: Door) -> None:
    told = [door.issued(days=30), door.ended(7), door.ended(3)]
    kept = set()
    for order in permutations([*told, told[0]]):
        await door.schema.rows("DELETE FROM member_key")
        await door.hear(*order)
        (row,) = await door.schema.rows("SELECT * FROM member_key")
        kept.add((row["kid"], row["member"], row["digest"], tuple(row["purposes"]), row["ends_at"]))

    assert kept == {(KID, "oslo", digest(KEY), tuple(PURPOSES), door.now + timedelta(days=3))}


async def test_an_end_that_is_told_first_ends_the_key_and_opens_nothing(door: Door) -> None:
    await door.hear(door.ended(1))
    before = await door.status()
    await door.hear(door.ended(-0.01), door.issued())

    assert (before, await door.status()) == (401, 401)


async def test_that_its_member_has_left_is_enough_whatever_became_of_its_topics(door: Door) -> None:
    await door.hear(joined("oslo"), door.issued(), left("oslo", at=1))

    assert await door.status() == 401


async def test_a_key_of_one_batch_that_ends_in_it_is_over(door: Door) -> None:
    (follow_keys,) = [one for one in handlers(RiskSettings.model_construct) if "key" in one.handle.__name__]
    batch = [door.issued(), door.ended(9), door.ended(-0.01), door.issued(kid="111111111111")]

    async with door.schema.pool.acquire() as tx, tx.transaction():
        assert await follow_keys.handle(batch, tx) == []

    assert [await door.status(key) for key in (KEY, key_of("111111111111", "k" * 43))] == [401, 200]


async def test_only_the_operator_does_what_is_the_operators(door: Door) -> None:
    await door.hear(door.issued())

    assert [(await door.ask(key, "/operator")).status_code for key in (KEY, OPERATOR)] == [401, 200]


async def test_one_key_that_asks_too_often_waits_and_another_does_not(opened: Opened) -> None:
    door = await opened(requests_at_once=2, requests_per_second=0.001)
    await door.hear(door.issued(), door.issued(kid="111111111111"))

    answers = [await door.ask() for _ in range(3)]

    assert [one.status_code for one in answers] == [200, 200, 429]
    assert answers[-1].json()["code"] == "rate_limited"
    assert int(answers[-1].headers["retry-after"]) >= 1
    assert [one.headers["ratelimit"].split(";")[1] for one in answers] == ["r=1", "r=0", "r=0"]
    assert await door.status(key_of("111111111111", "k" * 43)) == 200
    assert [await door.status(OPERATOR) for _ in range(3)] == [200] * 3


async def test_no_key_but_its_digest_is_kept(door: Door) -> None:
    await door.hear(door.issued())
    await door.ask()

    rows = await door.schema.rows("SELECT k::text FROM member_key k")

    assert len(rows) == 1
    assert "k" * 43 not in rows[0][0]
