"""Whatever somebody changes who has every right in the database, it shows: by the chain, or by its published heads."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date

import asyncpg
import httpx
import pytest

from services.remedy.audit import Act, Action
from services.remedy.domain.audit import BEGINNING, Entry, Fault, Finding, Verification, head_after
from services.remedy.domain.people import Role
from services.remedy.store import audit as store
from shared.service import Runtime
from tests.conftest import Schema
from tests.remedy.auditing import MOMENT, a_chain_of_two_days, as_administrator, keep_words, record, verified
from tests.remedy.given import OPERATOR_KEY, bearer, somebody


@pytest.fixture
async def auditor_key(client: httpx.AsyncClient) -> str:
    """The key of an auditor whom the operator added."""
    order = {"name": "dora", "roles": ["auditor"]}
    key: str = (await client.post("/people", json=order, headers=bearer(OPERATOR_KEY))).json()["key"]
    return key


REWRITTEN = [
    # the chain of the attacker's wish, with heads computed as the service computes them
    ("moved", None),
    ("clock", None),
    ("day_ended", "2026-11-20"),
    ("clock", None),
    ("day_ended", "2026-11-21"),
]


async def update(schema: Schema) -> None:
    await as_administrator(schema, "UPDATE audit_entry SET person_id = gen_random_uuid() WHERE position = 2")


async def delete(schema: Schema) -> None:
    await as_administrator(schema, "DELETE FROM audit_entry WHERE position = 2")


async def swap(schema: Schema) -> None:
    await as_administrator(
        schema,
        "UPDATE audit_entry SET position = 100 WHERE position = 2",
        "UPDATE audit_entry SET position = 2 WHERE position = 4",
        "UPDATE audit_entry SET position = 4 WHERE position = 100",
    )


async def cut_tail(schema: Schema) -> None:
    await as_administrator(schema, "DELETE FROM audit_entry WHERE position >= 4")


async def rewrite(schema: Schema) -> None:
    """Write the whole chain anew, each head right: of itself it shows nothing."""
    head, entries = BEGINNING, []
    for position, (action, detail) in enumerate(REWRITTEN, 1):
        entry = Entry(position, MOMENT, action, detail=detail or "")
        head = head_after(head, entry)
        entries.append(replace(entry, head=head))
    await as_administrator(schema, "TRUNCATE audit_entry")
    connection = await asyncpg.connect(schema.operator_dsn)
    await connection.execute("SET search_path = remedy")
    await store.insert(connection, entries, [None] * len(entries))
    await connection.close()


ATTACKS: list[tuple[Callable[[Schema], Awaitable[None]], list[Finding], list[Finding]]] = [
    (update, [Finding(Fault.CHANGED, 2)], [Finding(Fault.CHANGED, 2)]),
    (delete, [Finding(Fault.MISSING, 2)], [Finding(Fault.MISSING, 2)]),
    (
        swap,
        [Finding(Fault.CHANGED, one) for one in (2, 3, 4, 5)],
        [Finding(Fault.CHANGED, one) for one in (2, 3, 4, 5)],
    ),
    (cut_tail, [], [Finding(Fault.DAY_MISSING, day=date(2026, 11, 21))]),
    (
        rewrite,
        [],
        [Finding(Fault.HEAD_DIFFERS, day=date(2026, 11, 20)), Finding(Fault.HEAD_DIFFERS, day=date(2026, 11, 21))],
    ),
]


@pytest.mark.parametrize(("attack", "by_the_chain", "by_the_heads"), ATTACKS, ids=[one[0].__name__ for one in ATTACKS])
async def test_an_attack_on_the_chain_shows(
    schema: Schema,
    runtime: Runtime,
    attack: Callable[[Schema], Awaitable[None]],
    by_the_chain: list[Finding],
    by_the_heads: list[Finding],
) -> None:
    """The last two do not show by the chain alone: only the heads that were published before tell of them."""
    told = await a_chain_of_two_days(schema, runtime)
    assert not (await verified(schema, told)).findings

    await attack(schema)

    alone = Verification()
    rows = await store.read_entries(schema.pool, 0, 100)
    alone.follow(store.entry_of(row) for row in rows)
    assert alone.findings == by_the_chain
    assert (await verified(schema, told)).findings == by_the_heads


@pytest.mark.parametrize(
    "change",
    [
        "at = at + interval '1 microsecond'",
        "action = 'clock'",
        "person_id = NULL",
        "case_id = gen_random_uuid()",
        "about = gen_random_uuid()",
        "detail = 'auditor'",
        "contents = ARRAY[gen_random_uuid()]",
        "contents = contents || gen_random_uuid()",
        "contents = '{}', digests = '{}'",
        "digests = ARRAY[sha256('other')]",
        "digests = '{}'",
        "head = sha256('other')",
    ],
)
async def test_no_field_of_an_entry_can_be_changed_unseen(schema: Schema, runtime: Runtime, change: str) -> None:
    told = await a_chain_of_two_days(schema, runtime)

    await as_administrator(schema, f"UPDATE audit_entry SET {change} WHERE position = 2")

    assert Finding(Fault.CHANGED, 2) in (await verified(schema, told)).findings


async def test_a_day_that_somebody_made_unreadable_shows_as_changed(schema: Schema, runtime: Runtime) -> None:
    told = await a_chain_of_two_days(schema, runtime)

    await as_administrator(schema, "UPDATE audit_entry SET detail = 'never' WHERE position = 5")

    found = (await verified(schema, told)).findings
    assert found == [Finding(Fault.CHANGED, 5), Finding(Fault.DAY_MISSING, day=date(2026, 11, 21))]


async def test_a_day_put_between_shows_because_its_head_was_never_published(schema: Schema, runtime: Runtime) -> None:
    told = await a_chain_of_two_days(schema, runtime)
    first, last = sorted(told)

    found = (await verified(schema, {last})).findings

    assert found == [Finding(Fault.NOT_PUBLISHED, day=first[0])]


async def test_a_second_head_published_for_a_day_shows(schema: Schema, runtime: Runtime) -> None:
    told = await a_chain_of_two_days(schema, runtime)

    found = (await verified(schema, told | {(date(2026, 11, 20), bytes(32))})).findings

    assert found == [Finding(Fault.HEAD_DIFFERS, day=date(2026, 11, 20))]


async def test_that_no_head_is_published_any_more_shows_after_two_days(schema: Schema, runtime: Runtime) -> None:
    told = await a_chain_of_two_days(schema, runtime)

    assert not (await verified(schema, told, date(2026, 11, 23))).findings
    found = (await verified(schema, told, date(2026, 11, 24))).findings
    assert found == [Finding(Fault.SILENT, day=date(2026, 11, 21))]


async def test_the_newest_day_is_not_long_on_its_way(schema: Schema, runtime: Runtime) -> None:
    first, last = sorted(await a_chain_of_two_days(schema, runtime))

    assert not (await verified(schema, {first}, date(2026, 11, 22))).findings
    found = (await verified(schema, {first}, date(2026, 11, 24))).findings
    assert Finding(Fault.NOT_PUBLISHED, day=last[0]) in found


@pytest.mark.parametrize("removal", ["DELETE FROM content", "UPDATE content SET ciphertext = ''"])
async def test_words_that_were_removed_past_the_service_show(
    schema: Schema, runtime: Runtime, client: httpx.AsyncClient, removal: str
) -> None:
    told = await a_chain_of_two_days(schema, runtime)
    auditor = await somebody(schema.pool, Role.AUDITOR)

    await schema.pool.execute(removal)

    assert not (await verified(schema, told)).findings
    chain = (await client.get("/audit/chain", headers=auditor.headers)).json()
    assert (chain["entries"], chain["findings"], chain["altered"]) == (5, [], [2])


async def test_words_that_an_erasure_names_are_not_missed(
    schema: Schema, runtime: Runtime, client: httpx.AsyncClient
) -> None:
    case, content = await keep_words(runtime)
    auditor = await somebody(schema.pool, Role.AUDITOR)
    await record(runtime, Act(Action.READ, None, case, (content,)), Act(Action.ERASED, None, case, (content,)))

    await schema.pool.execute("DELETE FROM content")

    assert (await client.get("/audit/chain", headers=auditor.headers)).json()["altered"] == []


async def test_words_that_were_exchanged_show(schema: Schema, runtime: Runtime, client: httpx.AsyncClient) -> None:
    await a_chain_of_two_days(schema, runtime)
    auditor = await somebody(schema.pool, Role.AUDITOR)

    await schema.pool.execute("UPDATE content SET ciphertext = 'another'")

    chain = (await client.get("/audit/chain", headers=auditor.headers)).json()
    assert (chain["findings"], chain["altered"]) == ([], [2])


async def test_who_was_let_in_by_the_service_is_accounted_for(
    schema: Schema, client: httpx.AsyncClient, auditor_key: str
) -> None:
    await client.post(
        "/people", json={"name": "amina", "roles": ["handler", "custodian"]}, headers=bearer(OPERATOR_KEY)
    )
    await client.post("/people/amina/key", headers=bearer(OPERATOR_KEY))
    await client.post("/people", json={"name": "bela", "roles": ["handler"]}, headers=bearer(OPERATOR_KEY))
    await client.delete("/people/bela", headers=bearer(OPERATOR_KEY))

    chain = (await client.get("/audit/chain", headers=bearer(auditor_key))).json()

    assert (chain["findings"], chain["unaccounted"]) == ([], [])


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO person (person_id, name, key_sha256, roles) VALUES (gen_random_uuid(), 'amina', 'x', '{handler}')",
        "UPDATE person SET roles = roles || 'custodian'::text, name = 'amina'",
        "UPDATE person SET key_sha256 = sha256('own')::text, name = 'amina'",
    ],
    ids=["another-person", "another-role", "another-key"],
)
async def test_who_was_let_in_past_the_service_shows(
    schema: Schema, client: httpx.AsyncClient, auditor_key: str, statement: str
) -> None:
    await client.post("/people", json={"name": "eve", "roles": ["auditor"]}, headers=bearer(OPERATOR_KEY))
    only_eve = statement + ("" if statement.startswith("INSERT") else " WHERE name = 'eve'")

    await schema.pool.execute(only_eve)

    chain = (await client.get("/audit/chain", headers=bearer(auditor_key))).json()
    assert chain["unaccounted"] == [{"name": "amina", "reference": None}]


async def test_who_was_let_back_in_past_the_service_shows(
    schema: Schema, client: httpx.AsyncClient, auditor_key: str
) -> None:
    await client.post("/people", json={"name": "amina", "roles": ["handler"]}, headers=bearer(OPERATOR_KEY))
    await client.delete("/people/amina", headers=bearer(OPERATOR_KEY))

    await schema.pool.execute("UPDATE person SET ended_at = NULL WHERE name = 'amina'")

    chain = (await client.get("/audit/chain", headers=bearer(auditor_key))).json()
    assert chain["unaccounted"] == [{"name": "amina", "reference": None}]
