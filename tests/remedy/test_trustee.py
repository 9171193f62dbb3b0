"""The trustee's keys: made here, announced once, exchanged on schedule, destroyed when no box can need them."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest
from asyncpg import Record
from prometheus_client import REGISTRY

from services.remedy.domain.references import key_id_of
from services.remedy.office import KEYS, Office, office_of
from services.remedy.rewrapping import rewrap
from services.remedy.settings import RemedySettings
from services.remedy.taking_in import take_in
from services.remedy.timing import Timer
from services.remedy.trustee import Keyring, current_key, destroy_old, open_box, rotate
from shared import sealing
from shared.events.envelope import Classification
from shared.events.remedy import TrusteeKeyPublished
from shared.postgres import open_pool
from shared.relay import Relay
from shared.service import Runtime
from tests.conftest import Schema
from tests.remedy.given import NARRATIVE, OPEN_CASES, PUBLIC_KEY, SETTINGS, data_of, handle, published, received, sealed

GRACE = timedelta(days=SETTINGS.trustee_key_grace_days)


async def restarted(schema: Schema, keys: Schema, **changed: object) -> Runtime:
    """Another process of the same service: connections of its own, no memory."""
    pools = await open_pool(schema.dsn, size=3), await open_pool(keys.dsn, size=3)
    settings = RemedySettings.model_validate(SETTINGS.model_dump() | changed)
    return Runtime("remedy", settings, pools[0], Relay("remedy", pools[0], settings), {KEYS: pools[1]})


async def end(runtime: Runtime) -> None:
    for pool in (runtime.pool, runtime.databases[KEYS]):
        await pool.close()


async def age(keys: Schema, by: timedelta) -> None:
    """Let the trustee's keys have been made so much earlier than they were."""
    await keys.rows("UPDATE trustee_key SET valid_from = valid_from - $1::interval, valid_to = valid_to - $1", by)


async def all_keys(keys: Schema) -> list[Record]:
    return await keys.rows("SELECT * FROM trustee_key ORDER BY valid_from")


async def test_a_key_is_made_and_announced_once_by_however_many_processes(
    schema: Schema, keys: Schema, runtime: Runtime
) -> None:
    other = await restarted(schema, keys)

    await asyncio.gather(*(rotate(process) for process in (runtime, other, runtime, other)))
    await rotate(runtime)
    await end(other)

    (key,) = await all_keys(keys)
    ((topic, event),) = await published(schema.pool)
    assert topic == "public.keys"
    assert isinstance(event.data, TrusteeKeyPublished)
    assert event.data.key == event.subject == key["key_id"] == key_id_of(event.data.public_key)
    assert event.data.valid_to - event.data.valid_from == timedelta(days=SETTINGS.trustee_key_days)
    assert event.classification is Classification.PUBLIC


async def test_a_key_that_was_made_by_a_process_that_then_died_is_announced_by_the_next(
    schema: Schema, runtime: Runtime, office: Office
) -> None:
    key = await current_key(office)
    assert await published(schema.pool) == []

    await rotate(runtime)

    assert [data.key for data in data_of(await published(schema.pool), TrusteeKeyPublished)] == [key["key_id"]]


async def test_the_next_key_comes_before_the_one_in_use_ends(schema: Schema, keys: Schema, runtime: Runtime) -> None:
    await rotate(runtime)
    overlap = timedelta(days=SETTINGS.trustee_key_overlap_days)
    await age(keys, timedelta(days=SETTINGS.trustee_key_days) - overlap - timedelta(hours=1))
    await rotate(runtime)
    assert len(await all_keys(keys)) == 1

    await age(keys, timedelta(hours=2))
    await rotate(runtime)
    await rotate(runtime)

    old, new = await all_keys(keys)
    assert old["valid_to"] > new["valid_from"] + overlap - timedelta(hours=2)
    assert (await current_key(office_of(runtime)))["key_id"] == new["key_id"]
    told = [data.key for data in data_of(await published(schema.pool), TrusteeKeyPublished)]
    assert told == [old["key_id"], new["key_id"]]


async def test_boxes_of_the_old_and_the_new_key_open_whatever_key_they_name(
    keys: Schema, runtime: Runtime, office: Office
) -> None:
    old = await current_key(office)
    await age(keys, timedelta(days=SETTINGS.trustee_key_days))
    new = await current_key(office)

    for key in (old, new):
        for named in (old["key_id"], new["key_id"], "0123456789abcdef", None):
            box = sealed(public_key=key["public_key"])
            assert await open_box(office, box, named) == NARRATIVE.encode()
    for foreign in (sealed(public_key=PUBLIC_KEY), sealing.encode(bytes(4096 + 48)), "", "no box"):
        with pytest.raises(sealing.CannotOpen):
            await open_box(office, foreign, old["key_id"])


async def test_an_old_private_key_is_destroyed_after_its_days_of_grace(
    keys: Schema, runtime: Runtime, office: Office
) -> None:
    old = await current_key(office)
    box = sealed(public_key=old["public_key"])
    await age(keys, timedelta(days=SETTINGS.trustee_key_days) + GRACE - timedelta(hours=1))
    new = await current_key(office)
    await destroy_old(runtime, Timer())
    assert await open_box(office, box) == NARRATIVE.encode()

    await age(keys, timedelta(hours=2))
    await destroy_old(runtime, Timer())

    rows = {row["key_id"]: row for row in await all_keys(keys)}
    assert rows[old["key_id"]]["wrapped"] is None
    assert rows[old["key_id"]]["destroyed_at"] is not None
    assert rows[new["key_id"]]["wrapped"] is not None
    with pytest.raises(sealing.CannotOpen):
        await open_box(office, box, old["key_id"])


async def test_a_key_is_kept_while_a_box_that_names_it_is_still_to_be_opened(
    schema: Schema, keys: Schema, runtime: Runtime, office: Office
) -> None:
    old = await current_key(office)
    async with schema.pool.acquire() as connection, connection.transaction():
        box = sealed(public_key=old["public_key"])
        await handle(OPEN_CASES, connection, received(box=box, key=old["public_key"]))
    await age(keys, timedelta(days=SETTINGS.trustee_key_days) + GRACE + timedelta(days=1))

    await destroy_old(runtime, Timer())
    assert (await all_keys(keys))[0]["wrapped"] is not None

    await take_in(runtime)
    await destroy_old(runtime, Timer())
    assert (await all_keys(keys))[0]["wrapped"] is None


WAITS_BEHIND_ANOTHER = """INSERT INTO inbox_parked (topic, key, sequence, "partition", "offset", headers, value)
    VALUES ('restricted.testimony', 'x', 2, 0, 7, '', '')"""
WAITS_FOR_REPAIR = """INSERT INTO dead_letter (id, consumer, topic, "partition", "offset", reason, headers, value)
    VALUES (gen_random_uuid(), 'open_cases', 'restricted.testimony', 0, 7, 'handler_failed', '', '')"""


@pytest.mark.parametrize("waits", [WAITS_BEHIND_ANOTHER, WAITS_FOR_REPAIR], ids=["parked", "dead letter"])
async def test_a_key_is_kept_while_testimony_waits_in_the_inbox(
    schema: Schema, keys: Schema, runtime: Runtime, office: Office, waits: str
) -> None:
    await current_key(office)
    await age(keys, timedelta(days=SETTINGS.trustee_key_days) + GRACE + timedelta(days=1))
    await schema.rows(waits)
    await destroy_old(runtime, Timer())
    assert (await all_keys(keys))[0]["wrapped"] is not None

    await schema.rows("DELETE FROM inbox_parked")
    await schema.rows("DELETE FROM dead_letter")
    await destroy_old(runtime, Timer())
    assert (await all_keys(keys))[0]["wrapped"] is None


async def test_a_box_that_was_set_aside_keeps_its_key_and_a_gauge_tells_of_it(
    schema: Schema, keys: Schema, runtime: Runtime, office: Office
) -> None:
    old = await current_key(office)
    async with schema.pool.acquire() as connection, connection.transaction():
        box = sealed(public_key=old["public_key"])
        await handle(OPEN_CASES, connection, received(box=box, key=old["public_key"]))
    await schema.rows("UPDATE grievance_case SET openable = false")  # as where no key could be unwrapped
    await age(keys, timedelta(days=SETTINGS.trustee_key_days) + GRACE + timedelta(days=1))

    await destroy_old(runtime, Timer())
    assert REGISTRY.get_sample_value("engage_remedy_trustee_keys_overdue") == 1
    await rotate(runtime)
    await take_in(runtime)

    assert await schema.rows("SELECT FROM grievance_case WHERE openable AND sealed IS NULL")
    await destroy_old(runtime, Timer())
    assert REGISTRY.get_sample_value("engage_remedy_trustee_keys_overdue") == 0
    assert (await all_keys(keys))[0]["wrapped"] is None


async def test_no_key_is_destroyed_while_the_clock_is_wrong(
    schema: Schema, keys: Schema, runtime: Runtime, office: Office
) -> None:
    await current_key(office)
    await age(keys, timedelta(days=SETTINGS.trustee_key_days) + GRACE + timedelta(days=1))
    await schema.rows("INSERT INTO clock_watch (high_water, held, held_at) VALUES (now(), 'ahead', now())")

    await destroy_old(runtime, Timer())

    assert (await all_keys(keys))[0]["wrapped"] is not None


async def test_private_keys_lie_wrapped_only(keys: Schema, office: Office) -> None:
    key = await current_key(office)
    keyring = await Keyring.read(office)

    private = sealing.decode(keyring.keys[key["key_id"]])

    assert sealing.public_key_of(sealing.encode(private)) == key["public_key"]
    assert private not in key["wrapped"]
    assert keyring.keys[key["key_id"]] not in repr(keyring)


async def test_private_keys_are_wrapped_anew_with_the_keys_of_cases(
    schema: Schema, keys: Schema, office: Office
) -> None:
    key, case = await current_key(office), uuid4()
    await office.vault.make_keys([case])
    assert SETTINGS.case_key is not None
    fresh = {"case_key": sealing.encode(b"n" * 32), "case_key_before": SETTINGS.case_key.get_secret_value()}
    both = await restarted(schema, keys, **fresh)

    await rewrap(both)
    await end(both)

    alone = await restarted(schema, keys, case_key=fresh["case_key"])
    assert await open_box(office_of(alone), sealed(public_key=key["public_key"])) == NARRATIVE.encode()
    assert (await office_of(alone).vault.seal(case, [])) == []
    await end(alone)


async def test_senders_are_given_the_newest_key(client: httpx.AsyncClient, office: Office, keys: Schema) -> None:
    first = (await client.get("/keys")).json()
    await age(keys, timedelta(days=SETTINGS.trustee_key_days))
    answer = await client.get("/keys")

    newest = await current_key(office)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json()["key"] == newest["key_id"] != first["key"]
    assert answer.json()["public_key"] == newest["public_key"]
    assert answer.json()["algorithm"] == sealing.ALGORITHM
    assert answer.json().keys() == {"key", "algorithm", "public_key", "valid_to"}


async def test_no_key_is_given_out_while_the_database_of_keys_is_away(
    client: httpx.AsyncClient, keys: Schema, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(type(keys.pool), "acquire", away)

    answer = await client.get("/keys")

    assert answer.status_code == 503
    assert answer.json()["code"] == "unavailable"


@pytest.mark.parametrize(
    "changed",
    [
        {"case_key": "short"},
        {"case_key": sealing.encode(bytes(31))},
        {"case_key": None},
        {"case_key": None, "kms_address": "https://kms.example"},
        {"receipt_pepper": "no base 64!"},
        {"trustee_key_overlap_days": 90},
        {"trustee_key_grace_days": 14},
    ],
)
def test_settings_with_which_keys_would_be_lost_are_refused(changed: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        RemedySettings.model_validate(SETTINGS.model_dump() | changed)
