"""The remedy plan over HTTP, on the real database: what is sealed, who verifies, and why something is refused."""

import json
from datetime import date

import httpx
import pytest

from services.remedy.domain.people import Role
from services.remedy.office import Office
from services.remedy.store import contents
from services.remedy.vault import Part
from shared.events.remedy.cases import RemedyItemMoved
from shared.postgres import borrow
from shared.service import Runtime
from tests.remedy.given import data_of, published, somebody, taken_in_case
from tests.remedy.handling import COMPENSATION, WORDS, Desk, contacted, two_desks

TODAY = date(2026, 11, 20)


async def agreed(client: httpx.AsyncClient, runtime: Runtime) -> tuple[Desk, Desk]:
    """A case with one item that is agreed, and its two handlers."""
    desk, other, _ = await contacted(client, runtime)
    await desk.do("/plan/consulted", on=TODAY.isoformat(), through="union")
    await desk.do("/plan/items", **COMPENSATION)
    await desk.item("advance", to="consulted")
    await desk.item("advance", to="agreed")
    return desk, other


async def test_a_plan_is_shown_in_codes_and_counts(client: httpx.AsyncClient, runtime: Runtime) -> None:
    desk, _ = await agreed(client, runtime)

    plan = await desk.get("/plan")

    assert plan["consulted_on"] == TODAY.isoformat()
    assert (plan["agreed"], plan["verified"], plan["paid"]) == (True, False, False)
    assert plan["items"][0]["amount_promised"] == "12000.00"
    assert plan["items"][0]["payment_short"]
    assert WORDS["finding"] not in json.dumps(plan)


async def test_the_words_of_an_item_are_sealed_and_read_with_a_motivation(
    client: httpx.AsyncClient, runtime: Runtime, office: Office
) -> None:
    case = await taken_in_case(runtime)
    desk, _ = await two_desks(client, runtime, case)
    await desk.do("/plan/items", **COMPENSATION)

    async with borrow(runtime.pool) as connection:
        ((row, sealed),) = await contents.read(connection, case["case_id"], [Part.ITEM])
    read = await desk.do("/read", motivation="To go through the plan.", parts=["item"])

    assert WORDS["finding"].encode() not in row["ciphertext"]
    assert json.loads((await office.vault.open([sealed]))[0]) == WORDS
    assert json.loads(read["said"][0]["text"]) == WORDS
    assert read["said"][0]["item"] == str(sealed.item)


async def test_what_happened_to_an_item_is_published_without_a_word_of_it(
    client: httpx.AsyncClient, runtime: Runtime
) -> None:
    await agreed(client, runtime)

    async with borrow(runtime.pool) as connection:
        told = await published(connection)

    assert [one.after for one in data_of(told, RemedyItemMoved)] == ["proposed", "consulted", "agreed"]
    assert all(topic == "restricted.case" for topic, event in told if isinstance(event.data, RemedyItemMoved))
    assert not any(word in str(event.data) for _, event in told for word in WORDS.values())


@pytest.mark.parametrize("left_out", ["root_cause", "actions"])
async def test_an_item_without_all_its_words_is_not_agreed_until_they_are_written(
    client: httpx.AsyncClient, runtime: Runtime, left_out: str
) -> None:
    gone = {"corrective_action", "preventive_action"} if left_out == "actions" else {left_out}
    desk, _, _ = await contacted(client, runtime)
    await desk.do("/plan/consulted", on=TODAY.isoformat(), through="union")
    words = {name: text for name, text in WORDS.items() if name not in gone}
    await desk.do("/plan/items", **COMPENSATION | {"words": words})
    await desk.item("advance", to="consulted")

    found = await desk.item_refused("advance", to="agreed")
    await desk.item("words", **WORDS)

    assert found == {"item_incomplete"}
    assert (await desk.item("advance", to="agreed"))["agreed"]


async def test_agreed_words_are_not_rewritten(client: httpx.AsyncClient, runtime: Runtime) -> None:
    desk, _ = await agreed(client, runtime)

    assert await desk.item_refused("words", **WORDS) == {"not_from_this_state"}


async def test_who_recorded_the_implementation_cannot_record_its_verification(
    client: httpx.AsyncClient, runtime: Runtime
) -> None:
    desk, other = await agreed(client, runtime)
    await desk.item("advance", to="in_progress")
    await desk.item("advance", to="evidence_submitted", evidence_from=["supplier", "workers"])
    await other.item("advance", to="verifying")

    found = await desk.item_refused("advance", to="verified_effective", verified_by="union")
    plan = await other.item("advance", to="verified_effective", verified_by="union")

    assert found == {"verifier_is_implementer"}
    assert plan["verified"]


async def test_who_recorded_a_payment_cannot_record_the_verification(
    client: httpx.AsyncClient, runtime: Runtime
) -> None:
    desk, other = await agreed(client, runtime)
    await other.item("advance", to="in_progress")
    await desk.item("pay", workers_paid=40, amount_paid="12000.00", currency="EUR")
    await other.item("advance", to="evidence_submitted", evidence_from=["workers"])
    await other.item("advance", to="verifying")

    found = await desk.item_refused("advance", to="verified_effective", verified_by="union")

    assert found == {"verifier_is_implementer"}


async def test_what_was_refused_has_not_happened(client: httpx.AsyncClient, runtime: Runtime) -> None:
    desk, other = await agreed(client, runtime)
    before = await desk.get("/plan")

    await other.item_refused("advance", to="evidence_submitted", evidence_from=["workers"])

    assert await desk.get("/plan") == before
    assert await runtime.pool.fetchval("SELECT count(*) FROM item_work") == 0


async def test_every_refusal_says_what_to_do(client: httpx.AsyncClient, runtime: Runtime) -> None:
    desk, _ = await agreed(client, runtime)
    path = await desk.path_of(0, "advance")

    answer = await desk.post(path, to="verified_effective")

    assert all(error["remedy"] for error in answer.json()["errors"])
    assert {error["code"] for error in answer.json()["errors"]} == {
        "not_from_this_state",
        "item_incomplete",
        "supplier_word_alone",
    }


async def test_an_item_of_another_case_is_unknown(client: httpx.AsyncClient, runtime: Runtime) -> None:
    desk, _ = await agreed(client, runtime)
    elsewhere, _ = await two_desks(client, runtime, await taken_in_case(runtime))
    path = await desk.path_of(0, "advance")

    assert await elsewhere.refused(path, to="in_progress") == {"item_unknown"}


@pytest.mark.parametrize("roles", [[Role.HANDLER], [Role.COORDINATOR], [Role.CUSTODIAN], [Role.AUDITOR]])
async def test_nobody_sees_or_changes_the_plan_of_a_case_that_is_not_theirs(
    client: httpx.AsyncClient, runtime: Runtime, roles: list[Role]
) -> None:
    desk, _ = await agreed(client, runtime)
    stranger = Desk(client, desk.reference, await somebody(runtime.pool, *roles))
    expected = 404 if roles == [Role.HANDLER] else 403

    shown = await client.get(f"/cases/{desk.reference}/plan", headers=stranger.handler.headers)
    changed = await stranger.post(await desk.path_of(0, "reopen"), motivation="None of their business.")

    assert (shown.status_code, changed.status_code) == (expected, expected)


@pytest.mark.parametrize(
    "wrong",
    [
        {"form": "a fine"},
        {"amount_promised": "-471100"},
        {"amount_promised": "1.001"},
        {"currency": "euro"},
        {"due": "soon"},
        {"words": {}},
        {"site": "Example Electronics"},
    ],
)
async def test_a_proposal_that_does_not_fit_is_refused_without_an_echo(
    client: httpx.AsyncClient, runtime: Runtime, wrong: dict[str, object]
) -> None:
    desk, _ = await two_desks(client, runtime, await taken_in_case(runtime))

    answer = await desk.post("/plan/items", **COMPENSATION | wrong)

    assert answer.status_code == 422
    assert answer.json()["code"] == "schema_invalid"
    assert not any(str(value) in answer.text for value in wrong.values() if value)


async def test_each_step_of_a_plan_stands_in_the_audit(client: httpx.AsyncClient, runtime: Runtime) -> None:
    desk, _ = await agreed(client, runtime)
    await desk.item("dispute", motivation="The union says that two workers were left out.")

    rows = await runtime.pool.fetch(
        "SELECT person_id, contents FROM audit_entry WHERE action = 'planned' ORDER BY position"
    )

    assert len(rows) == 5
    assert {row["person_id"] for row in rows} == {desk.handler.person.id}
    assert len(rows[-1]["contents"]) == 1
