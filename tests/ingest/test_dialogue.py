"""The dialogue of working groups: who speaks in it, of whom, and what becomes of what was said."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest

from shared.events.envelope import Event
from shared.events.ingest import AskRecorded, DialogueEntry, DialogueWithdrawn, OpeningRecorded, SupplierRegistered
from shared.events.members import GroupEntry
from shared.events.vocabulary import GroupRole, WithdrawalReason
from tests.ingest.conftest import Doors
from tests.ingest.given import disclosure, sealed_box
from tests.ingest.seen import objections, outcomes, withdrawn
from tests.ingest.speaking import ENGAGEMENT, ENTRIES, SUPPLIER, TOLD_AS, close, entry, establish
from tests.ingest.waiting import until_one_waits


async def last(doors: Doors) -> tuple[str, str, Event]:
    return (await doors.published())[-1]


async def role_told(doors: Doors) -> GroupRole | None:
    data = (await last(doors))[2].data
    assert isinstance(data, DialogueEntry)
    return data.role


def test_every_type_of_entry_has_its_test() -> None:
    """No entry is forgotten below."""
    assert set(ENTRIES) == {kind.type for kind in GroupEntry.__subclasses__()} == set(TOLD_AS)


@pytest.mark.parametrize("kind", ENTRIES)
async def test_an_entry_is_told_to_the_group_alone_in_the_order_of_its_engagement(doors: Doors, kind: str) -> None:
    supplier = await establish(doors, "oslo:lead")

    answer = await doors.send(entry(kind, supplier))

    topic, key, told = await last(doors)
    assert outcomes(answer) == ["accepted"]
    assert (topic, key) == ("group.group.dialogue", str(ENGAGEMENT))
    assert isinstance(told.data, TOLD_AS[kind])
    assert (told.data.member, told.data.role) == ("oslo", GroupRole.LEAD)
    assert (told.data.engagement, told.data.supplier) == (ENGAGEMENT, UUID(supplier))
    assert answer.json()["receipts"][0]["entry"] == str(told.data.entry)


async def test_what_was_said_is_told_as_it_was_said(doors: Doors) -> None:
    supplier = await establish(doors, "oslo")
    reasons: dict[str, Any] = {"flags": [str(uuid4())], "statements": [str(uuid4())], "instruments": ["C029"]}

    await doors.send(entry("opening.decided.v1", supplier, **reasons))
    opening = (await last(doors))[2].data
    await doors.send(entry("ask.made.v1", supplier, due="2026-03-01", standard="pay-back"))
    ask = (await last(doors))[2].data

    assert isinstance(opening, OpeningRecorded)
    assert ([str(one) for one in opening.flags], opening.instruments) == (reasons["flags"], ("C029",))
    assert isinstance(ask, AskRecorded)
    assert (ask.wording, ask.standard, str(ask.due)) == ("Name the sites.", "pay-back", "2026-03-01")


async def test_each_speaks_in_its_role_of_that_moment(doors: Doors) -> None:
    supplier = await establish(doors, "oslo:supporting")

    await doors.send(entry("ask.made.v1", supplier))
    before = await role_told(doors)
    await doors.operate("POST", "/workinggroups/group/members", {"member": "oslo", "role": "lead"})
    await doors.send(entry("ask.made.v1", supplier))

    assert (before, await role_told(doors)) == (GroupRole.SUPPORTING, GroupRole.LEAD)


async def test_the_secretariat_speaks_as_collaborating_unless_it_has_a_role_of_its_own(doors: Doors) -> None:
    supplier = await establish(doors)

    await doors.send(entry("ask.made.v1", supplier), member="watch")
    before = await role_told(doors)
    await doors.operate("POST", "/workinggroups/group/members", {"member": "watch", "role": "supporting"})
    await doors.send(entry("ask.made.v1", supplier), member="watch")

    assert (before, await role_told(doors)) == (GroupRole.COLLABORATING, GroupRole.SUPPORTING)


async def test_who_is_not_of_the_group_is_not_heard_in_it_until_it_joins_and_after_it_left(doors: Doors) -> None:
    supplier = await establish(doors)
    stranger = [("not_a_member", "/data/workinggroup")]

    assert objections(await doors.send(entry("ask.made.v1", supplier))) == stranger
    await doors.operate("POST", "/workinggroups/group/members", {"member": "oslo"})
    assert outcomes(await doors.send(entry("ask.made.v1", supplier))) == ["accepted"]
    await doors.operate("DELETE", "/workinggroups/group/members/oslo")
    assert objections(await doors.send(entry("ask.made.v1", supplier))) == stranger
    assert objections(await doors.send(entry("ask.made.v1", supplier, workinggroup="nothing"))) == stranger


@pytest.mark.parametrize("kind", ENTRIES)
async def test_nothing_more_is_taken_for_a_closed_group(doors: Doors, kind: str) -> None:
    supplier = await establish(doors, "oslo")
    await close(doors)

    answer = await doors.send(entry(kind, supplier))

    assert objections(answer) == [("group_closed", "/data/workinggroup")]
    assert "has ended" in answer.json()["receipts"][0]["errors"][0]["remedy"]


async def test_whoever_leaves_a_group_has_spoken_in_it_before_or_not_at_all(doors: Doors) -> None:
    """The role on an entry is never that of a member that had left already."""
    supplier = await establish(doors, "oslo:lead")
    async with doors.schema.pool.acquire() as leaving, doors.schema.pool.acquire() as watcher:
        async with leaving.transaction():
            await leaving.execute("SELECT FROM workinggroup WHERE slug = 'group' FOR NO KEY UPDATE")
            speaking = asyncio.create_task(doors.send(entry("ask.made.v1", supplier)))
            await until_one_waits(watcher)
            await leaving.execute("DELETE FROM workinggroup_member WHERE member = 'oslo'")

        answer = await speaking

    assert objections(answer) == [("not_a_member", "/data/workinggroup")]


async def test_suppliers_and_sites_are_those_that_the_registry_has(doors: Doors) -> None:
    supplier = await establish(doors, "oslo")
    site = await site_known(doors)

    unknown = entry("ask.made.v1", str(uuid4())), entry("ask.made.v1", supplier, sites=[site, str(uuid4())])
    answer = await doors.send(*unknown, entry("ask.made.v1", supplier, sites=[site, site]))

    told = (await last(doors))[2].data
    assert objections(answer) == [("supplier_unknown", "/data/supplier"), ("site_unknown", "/data/sites/1")]
    assert outcomes(answer) == ["rejected", "rejected", "accepted"]
    assert isinstance(told, AskRecorded)
    assert [str(one) for one in told.sites] == [site]


async def site_known(doors: Doors) -> str:
    """Disclose a site of the supplier; its id."""
    await doors.send(disclosure())
    return str((await doors.client.get("/registry/sites", headers=doors.as_member())).json()["items"][0]["id"])


async def test_who_was_merged_is_told_by_the_id_of_now(doors: Doors) -> None:
    former = await establish(doors, "oslo")
    await establish(doors, "oslo", slug="other", suppliers=[SUPPLIER, "Wholly Different Mining"])
    others = [one.data for _, _, one in await doors.published() if isinstance(one.data, SupplierRegistered)]
    (now,) = [str(one.supplier) for one in others if str(one.supplier) != former]
    sent = entry("ask.made.v1", former)
    await doors.send(sent)
    await doors.operate("POST", "/identity/merges", {"entry": former, "into": now})

    await doors.send(entry("ask.made.v1", former))
    told = (await last(doors))[2].data
    await doors.send(withdrawn(sent))
    taken_back = (await last(doors))[2].data

    assert isinstance(told, AskRecorded)
    assert isinstance(taken_back, DialogueWithdrawn)
    assert (str(told.supplier), str(taken_back.supplier)) == (now, now)


# Receipts and answers


async def test_receipts_and_duplicates_name_what_an_event_became(doors: Doors) -> None:
    supplier = await establish(doors, "oslo")
    sent = entry("ask.made.v1", supplier)

    first = (await doors.send(sent)).json()["receipts"][0]
    again = (await doors.send(sent, disclosure())).json()["receipts"][0]
    kept = await doors.client.get(f"/receipts/{first['receipt']}", headers=doors.as_member())

    assert (again["outcome"], again["entry"]) == ("duplicate", first["entry"])
    assert kept.json()["entry"] == first["entry"] is not None


async def test_nothing_says_what_testimony_became(doors: Doors) -> None:
    sent = sealed_box()

    first = (await doors.send(sent)).json()["receipts"][0]
    again = (await doors.send(sent)).json()["receipts"][0]
    kept = await doors.client.get(f"/receipts/{first['receipt']}", headers=doors.as_member())

    assert [first["entry"], again["entry"], kept.json()["entry"]] == [None] * 3


async def test_a_refused_event_became_nothing(doors: Doors) -> None:
    answer = await doors.send(entry("ask.made.v1", str(uuid4())))

    assert answer.json()["receipts"][0]["entry"] is None


# Taking back


@pytest.mark.parametrize("kind", ENTRIES)
async def test_an_entry_is_taken_back_in_its_group_and_engagement(doors: Doors, kind: str) -> None:
    supplier = await establish(doors, "oslo")
    sent = entry(kind, supplier)
    became = (await doors.send(sent)).json()["receipts"][0]["entry"]

    assert outcomes(await doors.send(withdrawn(sent))) == ["accepted"]

    topic, key, told = await last(doors)
    assert (topic, key) == ("group.group.dialogue", str(ENGAGEMENT))
    assert told.data == DialogueWithdrawn(
        entry=UUID(became),
        engagement=ENGAGEMENT,
        supplier=UUID(supplier),
        member="oslo",
        role=GroupRole.COLLABORATING,
        reason=WithdrawalReason.SENT_BY_MISTAKE,
    )


async def test_what_was_sent_by_mistake_is_taken_back_also_after_leaving_and_in_a_closed_group(doors: Doors) -> None:
    supplier = await establish(doors, "oslo")
    first, second = entry("ask.made.v1", supplier), entry("ask.made.v1", supplier)
    await doors.send(first, second)

    await doors.operate("DELETE", "/workinggroups/group/members/oslo")
    left = await doors.send(withdrawn(first))
    role = await role_told(doors)
    await close(doors)
    closed = await doors.send(withdrawn(second))

    assert (outcomes(left), role, outcomes(closed)) == (["accepted"], None, ["accepted"])


async def test_nobody_takes_back_what_another_has_said(doors: Doors) -> None:
    supplier = await establish(doors, "oslo")
    sent = entry("ask.made.v1", supplier)
    await doors.send(sent)

    answer = await doors.send(withdrawn(sent), member="watch")

    assert objections(answer) == [("submission_unknown", "/data/submission")]


# What the schema cannot say


@pytest.mark.parametrize(
    ("kind", "fields", "objection"),
    [
        ("asks.joined.v1", {"asks": [ENTRIES["asks.joined.v1"]["into"]]}, ("joined_into_itself", "/data/asks")),
        ("commitment.assessed.v1", {"ask": str(uuid4())}, ("commitment_or_ask", "/data/commitment")),
        ("commitment.assessed.v1", {"basis": "worker"}, ("unsealed", "/data/basis")),
        ("opening.decided.v1", {"reason": None}, ("reason_required", "/data/reason")),
        ("milestone.reported.v1", {"milestone": "M5"}, ("unsealed", "/data/evidence")),
        ("milestone.reported.v1", {"reached_on": "2199-01-01"}, ("day_in_future", "/data/reached_on")),
        ("engagement.concluded.v1", {"concluded_on": "2199-01-01"}, ("day_in_future", "/data/concluded_on")),
        ("consultation.held.v1", {"quarter": "2199-Q1"}, ("day_in_future", "/data/quarter")),
        ("commitment.assessed.v1", {"assessed_on": "2199-01-01"}, ("day_in_future", "/data/assessed_on")),
        ("escalation.taken.v1", {"taken_on": "2199-01-01"}, ("day_in_future", "/data/taken_on")),
        ("escalation.taken.v1", {"cure_until": "2026-01-09"}, ("due_before_asked", "/data/cure_until")),
        ("escalation.effect-observed.v1", {"observed_on": "2199-01-01"}, ("day_in_future", "/data/observed_on")),
    ],
)
async def test_an_entry_that_contradicts_itself_is_refused_with_its_remedy(
    doors: Doors, kind: str, fields: dict[str, Any], objection: tuple[str, str]
) -> None:
    supplier = await establish(doors, "oslo")

    answer = await doors.send(entry(kind, supplier, **fields))

    (error,) = answer.json()["receipts"][0]["errors"]
    assert (error["code"], error["pointer"]) == objection
    assert error["remedy"] != "Compare the event with the schema of its type."


async def test_a_batch_of_entries_takes_as_many_statements_as_one(doors: Doors, statements: list[str]) -> None:
    supplier = await establish(doors, "oslo")
    statements.clear()
    await doors.send(entry("ask.made.v1", supplier))
    one = len(statements)
    statements.clear()

    await doors.send(*(entry(kind, supplier) for kind in ENTRIES for _ in range(20)))

    assert len(statements) <= one + 2
