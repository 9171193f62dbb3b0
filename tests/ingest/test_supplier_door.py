"""The door for suppliers: a contact sees what was addressed to it and nothing else, and its answers are told once."""

import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.ingest.contacts.keys import PAGE
from shared.events.engagement_words import AskState, SupplierAnswer
from shared.events.ingest import SupplierAnswered
from shared.events.remedy import EngagementHeld
from tests.ingest.answering import EVIDENCE, PROMISE, WORDING, Answering, bearer, begin, text_of
from tests.ingest.conftest import Doors
from tests.ingest.given import FLAG, disclosure, event
from tests.ingest.test_limits import with_settings


@pytest.fixture
async def group(doors: Doors) -> Answering:
    return await begin(doors)


async def site_of(group: Answering, sent: dict[str, Any]) -> str:
    """The id of the site that an event names for the first time."""
    before = {row[0] for row in await group.doors.schema.rows("SELECT id FROM site")}
    answer = await group.doors.send(sent)
    assert answer.status_code == 202, answer.text
    (new,) = {row[0] for row in await group.doors.schema.rows("SELECT id FROM site")} - before
    return str(new)


async def test_a_contact_sees_what_was_asked_and_never_by_which_member(group: Answering) -> None:
    site = await site_of(group, disclosure(supplier={"name": "Example Electronics"}))
    clause = {"conditions": "Example code", "edition": "4.1", "clause": "A7"}
    ask = await group.ask(sites=[site], due="2026-06-30", instruments=["C029"], clause=clause)
    key = await group.key()

    shown = await group.doors.client.get("/supplier/asks", headers=bearer(key))

    told = shown.json()
    assert shown.headers["cache-control"] == "no-store"
    assert (told["workinggroup"], told["supplier"], told["label"]) == (
        "Phones",
        "Example Electronics",
        "compliance desk",
    )
    (one,) = told["asks"]
    assert one.pop("asked")
    assert one == {
        "ask": str(ask),
        "wording": WORDING,
        "category": "forced_labour",
        "standing": "open",
        "instruments": ["C029"],
        "clause": clause,
        "sites": ["Example Works"],
        "due": "2026-06-30",
        "answered_with": None,
        "answers": [],
        "older_answers": 0,
    }
    assert "oslo" not in shown.text
    assert str(group.engagement) not in shown.text


@pytest.mark.parametrize("of", [None, "Example Metals"])
async def test_a_supplier_learns_of_no_site_that_is_not_disclosed_as_its_own(group: Answering, of: str | None) -> None:
    own = await site_of(group, disclosure(supplier={"name": "Example Electronics"}))
    works = {"name": "Example Works 2", "address": "2 Example Road", "country": "NO"}
    known = disclosure(supplier={"name": of}, site=works) if of else event("flag.raised.v1", FLAG | {"site": works})
    other = await site_of(group, known)
    await group.ask(sites=[own, other])

    (one,) = await group.asks(await group.key())

    assert one["sites"] == ["Example Works"]


async def test_of_an_engagement_that_is_held_a_supplier_is_shown_and_asked_nothing_more(group: Answering) -> None:
    first, joined = await group.ask(), await group.ask("The same")
    await group.move(joined, AskState.JOINED, into=first)
    key, link = await group.key(), await group.key(ask=str(joined))
    await group.answer(key, first, PROMISE)

    await group.hold()
    shown = [await group.doors.client.get("/supplier/asks", headers=bearer(one)) for one in (key, link)]
    refused = [await group.answer(key, first), await group.answer(link, joined)]
    await group.reopen()

    assert [(one.json()["workinggroup"], one.json()["asks"]) for one in shown] == [(None, [])] * 2
    assert {(one.status_code, one.json()["code"]) for one in refused} == {(404, "ask_unknown")}
    assert await group.asks(key) == []  # for good
    assert len(await group.told()) == 1


async def test_another_groups_engagement_of_the_same_id_holds_and_closes_nothing_here(group: Answering) -> None:
    ask = await group.ask()
    key = await group.key()

    await group.hear(EngagementHeld(**group.named | {"workinggroup": "batteries"}))

    assert (await group.answer(key, ask)).status_code == 202


async def test_a_closed_engagement_takes_no_answers_unless_it_goes_on(group: Answering) -> None:
    ask = await group.ask()
    key = await group.key()

    await group.close()
    (shown,) = await group.asks(key)
    closed = await group.answer(key, ask)
    await group.reopen()
    again = await group.answer(key, ask)

    assert shown["standing"] == "closed"
    assert (closed.status_code, closed.json()["code"]) == (409, "ask_closed")
    assert again.status_code == 202


async def test_an_ask_that_was_joined_is_settled_with_the_one_it_was_joined_to(group: Answering) -> None:
    kept, between, joined = [await group.ask(f"Repay the fees {number}") for number in range(3)]
    await group.move(joined, AskState.JOINED, into=between)
    await group.move(between, AskState.JOINED, into=kept)
    link = await group.key(ask=str(joined))
    await group.move(kept, AskState.MET)

    (shown,) = await group.asks(link)
    answer = await group.answer(link, joined)
    await group.move(between, AskState.OPEN)  # the second joining was taken back
    of_its_own = await group.answer(link, joined)

    assert shown["standing"] == "settled"
    assert (answer.status_code, answer.json()["code"]) == (409, "ask_settled")
    assert of_its_own.status_code == 202


async def test_an_answer_that_the_engagement_refuses_is_not_shown_as_taken(group: Answering) -> None:
    ask = await group.ask()
    key = await group.key()
    entries = [(await group.answer(key, ask, PROMISE | {"wording": text})).json()["entry"] for text in ("One", "Two")]

    await group.refuse(UUID(entries[0]))
    (shown,) = await group.asks(key)
    evidence = {"answer": "evidence_sent", "evidence": [EVIDENCE]}
    of_each = [await group.answer(key, ask, evidence | {"commitment": one}) for one in entries]

    assert [one["taken"] for one in shown["answers"]] == [False, True]
    assert [one.status_code for one in of_each] == [422, 202]


async def test_a_contact_answers_an_ask_so_often_and_no_more(group: Answering) -> None:
    ask, other = await group.ask(), await group.ask("Another")
    key, of_another = await group.key(), await group.key()
    async with with_settings(group.doors, answers_per_ask=3) as doors:
        few = replace(group, doors=doors)
        promises = [PROMISE | {"wording": f"Step {number}"} for number in range(4)]
        answers = [await few.answer(key, ask, one, f"try {number}") for number, one in enumerate(promises)]
        again = await few.answer(key, ask, promises[2], "try 2")
        elsewhere = await few.answer(key, other)
        by_another = await few.answer(of_another, ask)
        shown = {one["ask"]: one for one in await few.asks(key)}

    assert [one.status_code for one in answers] == [202, 202, 202, 409]
    assert answers[3].json()["code"] == "too_many_answers"
    assert (again.status_code, again.json()["repeated"]) == (202, True)
    assert (elsewhere.status_code, by_another.status_code) == (202, 202)
    assert [one["wording"] for one in shown[str(ask)]["answers"]] == ["Step 1", "Step 2", None]
    assert shown[str(ask)]["older_answers"] == 1
    assert len(await group.told()) == 5


async def test_a_supplier_that_is_asked_much_reads_it_page_by_page(group: Answering) -> None:
    asked = [str(await group.ask(f"Ask {number}")) for number in range(5)]
    key = await group.key()

    found: list[str] = []
    path: str | None = "/supplier/asks?limit=2"
    sizes = []
    while path is not None:
        page = (await group.doors.client.get(path, headers=bearer(key))).json()
        sizes.append(len(page["asks"]))
        found += [one["ask"] for one in page["asks"]]
        path = page["next"]

    assert found == asked[::-1]
    assert sizes == [2, 2, 1]


async def test_an_ask_that_its_engagement_has_not_taken_is_shown_to_nobody_outside(group: Answering) -> None:
    taken, ask = await group.ask(), await group.ask("Not taken", state=None)
    key = await group.key()

    assert [one["ask"] for one in await group.asks(key)] == [str(taken)]
    assert (await group.answer(key, ask)).status_code == 404


async def test_who_asked_is_not_even_kept_beside_an_ask(group: Answering) -> None:
    await group.ask()

    rows = await group.doors.schema.rows("SELECT a::text FROM ask a")

    assert len(rows) == 1
    assert "oslo" not in rows[0][0]


async def test_what_other_suppliers_and_groups_ask_and_are_asked_is_not_there(group: Answering) -> None:
    other = {"workinggroup": "batteries", "name": "Batteries", "purpose": "Cobalt", "secretariat": "watch"}
    founding = {"cause": "good_practice", "reason": "One mine is open to visitors"}
    await group.doors.operate("POST", "/workinggroups", other | {"founding": founding, "members": [{"member": "oslo"}]})
    own = await group.ask("Ours")
    of_another = await group.ask("Theirs", supplier=group.another)
    elsewhere = await group.ask("Elsewhere", workinggroup="batteries")
    key = await group.key()

    refused = [await group.answer(key, one) for one in (of_another, elsewhere, uuid4())]

    assert [one["ask"] for one in await group.asks(key)] == [str(own)]
    assert {(one.status_code, one.json()["code"]) for one in refused} == {(404, "ask_unknown")}
    assert len({one.json()["detail"] for one in refused}) == 1
    assert await group.told() == []


async def test_a_link_for_one_ask_shows_and_answers_that_one(group: Answering) -> None:
    first, second = await group.ask("First"), await group.ask("Second")
    key = await group.key(ask=str(first))

    answers = [(await group.answer(key, ask)).status_code for ask in (first, second)]

    assert [one["ask"] for one in await group.asks(key)] == [str(first)]
    assert answers == [202, 404]


async def test_an_answer_is_told_to_the_group_under_the_engagement_and_of_no_member(group: Answering) -> None:
    ask = await group.ask()
    key = await group.key()

    answer = await group.answer(key, ask, PROMISE | {"responsible": "Procurement"})

    assert answer.status_code == 202
    ((topic, told),) = await group.told()
    assert isinstance(told.data, SupplierAnswered)
    assert (topic, told.subject, told.workinggroup) == ("group.phones.dialogue", str(group.engagement), "phones")
    assert (told.data.entry, told.data.ask, told.data.supplier) == (UUID(answer.json()["entry"]), ask, group.supplier)
    assert (told.data.member, told.data.role) == (None, None)
    assert (told.data.answer, told.data.wording) == (SupplierAnswer.COMMITTED, "All fees are repaid")
    assert (told.data.measure, told.data.responsible, str(told.data.due)) == (
        "Bank records",
        "Procurement",
        "2026-12-01",
    )


async def test_evidence_names_a_commitment_that_the_supplier_made_itself(group: Answering) -> None:
    ask = await group.ask()
    key = await group.key()
    made = (await group.answer(key, ask, PROMISE)).json()["entry"]
    evidence = {"answer": "evidence_sent", "evidence": [EVIDENCE]}

    of_its_own = await group.answer(key, ask, evidence | {"commitment": made})
    of_none = await group.answer(key, ask, evidence | {"commitment": str(uuid4())})

    assert of_its_own.status_code == 202
    assert (of_none.status_code, of_none.json()["errors"][0]["code"]) == (422, "commitment_unknown")
    (_, (_, told)) = await group.told()
    assert isinstance(told.data, SupplierAnswered)
    assert (str(told.data.commitment), told.data.evidence[0].sha256) == (made, "a" * 64)


async def test_what_the_supplier_has_answered_is_shown_to_its_contacts(group: Answering) -> None:
    ask = await group.ask()
    first, second = await group.key(), await group.key(label="Plant manager's office")
    await group.answer(first, ask)
    await group.answer(first, ask, PROMISE)

    ((one,), (same,)) = [await group.asks(key) for key in (first, second)]

    assert one == same
    assert [given["answer"] for given in one["answers"]] == ["acknowledged", "committed"]
    assert one["answers"][1]["wording"] == "All fees are repaid"


@pytest.mark.parametrize(
    ("said", "at", "code"),
    [
        ({"answer": "verified"}, "/answer", None),
        ({"answer": "other"}, "/answer", None),
        ({"answer": "committed", "wording": "All of it"}, "/measure", "missing"),
        ({"answer": "committed", "measure": "Seen"}, "/wording", "missing"),
        ({"answer": "evidence_sent"}, "/evidence", "missing"),
        ({"answer": "acknowledged", "wording": "And more"}, "/wording", "not_with_this_answer"),
        ({"answer": "evidence_sent", "evidence": [EVIDENCE | {"uri": "file:///etc/passwd"}]}, "/evidence/0/uri", None),
        (PROMISE | {"found": "met"}, "", "extra_forbidden"),
        (PROMISE | {"due": "20260101"}, "/due", "day_invalid"),
    ],
)
async def test_an_answer_that_is_not_whole_is_refused_with_its_place(
    group: Answering, said: dict[str, Any], at: str, code: str | None
) -> None:
    ask, key = await group.ask(), await group.key()

    answer = await group.answer(key, ask, said)

    (fault,) = answer.json()["errors"]
    assert (answer.status_code, fault["pointer"]) == (422, at)
    assert code in (None, fault["code"])
    assert await group.told() == []


async def test_an_answer_sent_twice_at_once_is_told_once(group: Answering) -> None:
    ask, key = await group.ask(), await group.key()

    answers = await asyncio.gather(*(group.answer(key, ask, PROMISE) for _ in range(4)))

    assert {one.status_code for one in answers} == {202}
    assert len({one.json()["entry"] for one in answers}) == 1
    assert sorted(one.json()["repeated"] for one in answers) == [False, True, True, True]
    assert len(await group.told()) == 1


async def test_the_same_answer_a_minute_later_is_another(group: Answering) -> None:
    ask, key = await group.ask(), await group.key()
    await group.answer(key, ask)
    await group.doors.schema.rows("UPDATE supplier_answer SET answered_at = now() - interval '61 seconds'")

    again = await group.answer(key, ask)

    assert again.json()["repeated"] is False
    assert len(await group.told()) == 2


async def test_an_idempotency_key_makes_one_answer_of_many_however_late(group: Answering) -> None:
    ask, key = await group.ask(), await group.key()
    first = await group.answer(key, ask, PROMISE, "one")
    await group.doors.schema.rows("UPDATE supplier_answer SET answered_at = now() - interval '3 days'")
    await group.move(ask, AskState.MET)

    again = await group.answer(key, ask, PROMISE, "one")
    other = await group.answer(key, ask, None, "one")

    assert again.json() == {"entry": first.json()["entry"], "repeated": True}
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
    assert len(await group.told()) == 1


async def test_two_answers_of_the_same_words_with_keys_of_their_own_are_two(group: Answering) -> None:
    ask, key = await group.ask(), await group.key()

    for token in ("one", "two"):
        assert (await group.answer(key, ask, PROMISE, token)).json()["repeated"] is False

    assert len(await group.told()) == 2


@pytest.mark.parametrize(
    ("state", "standing", "status"),
    [
        (AskState.ACKNOWLEDGED, "open", 202),
        (AskState.COMMITTED, "open", 202),
        (AskState.MISSED, "open", 202),
        (AskState.MET, "settled", 409),
        (AskState.PARTLY_MET, "settled", 409),
        (AskState.WITHDRAWN, "withdrawn", 409),
    ],
)
async def test_what_the_group_found_of_an_ask_is_not_told_only_whether_it_takes_answers(
    group: Answering, state: AskState, standing: str, status: int
) -> None:
    ask, key = await group.ask(), await group.key()
    await group.move(ask, state)

    (shown,) = await group.asks(key)

    assert shown["standing"] == standing
    assert (await group.answer(key, ask)).status_code == status


async def test_asks_that_are_one_need_say_so_and_either_takes_the_answer(group: Answering) -> None:
    kept, joined = await group.ask("Repay the fees"), await group.ask("Pay back all fees")
    await group.move(joined, AskState.JOINED, into=kept)
    key, link = await group.key(), await group.key(ask=str(joined))

    by_wording = {one["wording"]: one for one in await group.asks(key)}
    (only,) = await group.asks(link)

    assert by_wording["Pay back all fees"]["answered_with"] == str(kept)
    assert (only["standing"], only["answered_with"]) == ("joined", None)  # of the other the link knows nothing
    assert (await group.answer(link, joined)).status_code == 202


async def test_a_contact_of_a_supplier_that_was_merged_sees_the_asks_of_both(group: Answering) -> None:
    before, other = await group.ask("Before"), await group.ask("To the other", supplier=group.another)
    key = await group.key()
    order = {"entry": str(group.supplier), "into": str(group.another)}
    merged = await group.doors.operate("POST", "/identity/merges", order)
    assert merged.status_code in (200, 201), merged.text

    shown = {one["ask"] for one in await group.asks(key)}
    await group.answer(key, before)

    assert shown == {str(before), str(other)}
    ((_, told),) = await group.told()
    assert isinstance(told.data, SupplierAnswered)
    assert told.data.supplier == group.another


async def test_an_answer_of_a_contact_that_is_revoked_meanwhile_is_not_told(group: Answering) -> None:
    ask, made = await group.ask(), (await group.issue()).json()
    async with group.doors.schema.pool.acquire() as tx, tx.transaction():
        await tx.execute("UPDATE supplier_contact SET revoked_at = now() WHERE kid = $1", made["kid"])
        under_way = asyncio.create_task(group.answer(made["key"], ask))
        done, _ = await asyncio.wait({under_way}, timeout=0.3)
        assert not done  # it waits for what is decided about the contact
    answer = await under_way

    assert answer.status_code == 401
    assert await group.told() == []


async def test_a_contact_that_asks_too_often_is_told_when_to_come_back(group: Answering) -> None:
    await group.ask()
    key, other = await group.key(), await group.key()
    async with with_settings(group.doors, requests_at_once=2, requests_per_second=0.1) as limited:
        answers = [await limited.client.get("/supplier/asks", headers=bearer(key)) for _ in range(3)]
        of_another = await limited.client.get("/supplier/asks", headers=bearer(other))

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert 0 < int(answers[2].headers["retry-after"]) <= 10
    assert of_another.status_code == 200


async def test_the_day_of_the_last_use_is_kept_and_no_moment(group: Answering) -> None:
    await group.ask()
    key = await group.key()
    await group.asks(key)

    (one,) = (await group.doors.operate("GET", "/supplier-contacts")).json()["items"]

    assert len(one["used_on"]) == len("2026-01-15")


async def test_no_answer_and_no_label_of_a_contact_reach_the_log(
    group: Answering, capfd: pytest.CaptureFixture[str]
) -> None:
    ask, key = await group.ask(), await group.key(label="label-canary-77")
    await group.answer(key, ask, PROMISE | {"wording": "wording-canary-78"})

    logged = "".join(capfd.readouterr())

    assert not any(canary in logged for canary in ("canary-7", key, text_of(PROMISE["measure"])))


@pytest.mark.parametrize("name", [PAGE, f"{PAGE}.js", f"{PAGE}.css"])
async def test_the_page_holds_no_data_and_lets_nothing_from_elsewhere_in(doors: Doors, name: str) -> None:
    answer = await doors.client.get(name)

    policy = answer.headers["content-security-policy"]
    assert answer.status_code == 200
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert {"frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'"} <= set(policy.split("; "))
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert not any(word in answer.text for word in ("innerHTML", "onclick", "style=", "localStorage", "http://"))


async def test_the_page_takes_the_key_out_of_the_address_and_sends_lines_as_one_paragraph(doors: Doors) -> None:
    script = (await doors.client.get(f"{PAGE}.js")).text

    read, hidden = script.index("location.hash"), script.index('history.replaceState(null, "", location.pathname)')
    assert read < hidden < script.index("fetch(")
    assert r'form.elements[name].value.replace(/\s+/g, " ").trim()' in script
