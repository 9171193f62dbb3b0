"""The reporters' door: with a receipt a case is followed, answered, objected to; without one nothing is told."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from services.remedy import erasing
from services.remedy.api import build
from services.remedy.domain import moves
from services.remedy.door import AT_ONCE
from services.remedy.office import Office
from services.remedy.receipts import draw_receipt
from services.remedy.store import erasing as erasures
from services.remedy.store.erasing import Asked
from services.remedy.throttle import RENEWED_EVERY, Throttle, network_of
from services.remedy.timing import Timer
from services.remedy.vault import Part
from shared import sealing
from shared.events.remedy import MailRequested
from shared.events.remedy.cases import (
    CaseLinked,
    CaseMoved,
    DeadlineSet,
    ErasureAsked,
    LegalHoldPlaced,
    RemedyItemMoved,
)
from shared.events.remedy.words import (
    Bearer,
    CaseReason,
    CaseState,
    DeadlineKind,
    Erased,
    ErasureBasis,
    FindingGrade,
    ItemState,
    LinkKind,
    MailKind,
    RemedyForm,
)
from shared.rates import Rate
from tests.conftest import Schema
from tests.remedy.given import NARRATIVE, SETTINGS, data_of, published, sealed
from tests.remedy.reporting import Reporter, asked, handled, happened, reporter

REPORTER_ASKED = ErasureBasis.REPORTER_ASKED


@pytest.fixture
async def ana(office: Office, client: httpx.AsyncClient) -> Reporter:
    """Somebody whose testimony was taken in."""
    return await reporter(office, client, identity="Ana Example", contact="by the gate, on Sundays")


# What is told


async def test_a_receipt_leads_to_the_stage_what_comes_next_and_by_when(ana: Reporter) -> None:
    case = await ana.told("case")

    standing = case["standing"]
    assert (standing["kind"], standing["stage"]) == ("grievance", "received")
    assert {one["stage"]: one["within"] for one in standing["next"]} == {"acknowledged": "P7D"}
    assert "UNGP 31(c)" in standing["next"][0]["basis"]
    assert {one["what"] for one in standing["due"]} >= {"acknowledge", "feedback"}
    assert all("Article" in one["basis"] or "UNGP" in one["basis"] for one in standing["due"])
    assert case["messages"] == []


async def test_a_receipt_is_read_as_people_write_it(ana: Reporter) -> None:
    typed = ana.receipt.lower().replace("-", " ").replace("0", "o").replace("1", "l")

    assert (await Reporter(ana.client, ana.case, typed, ana.key).ask("case")).status_code == 200


async def test_remedy_is_told_in_codes_without_a_name_of_anything(office: Office, ana: Reporter) -> None:
    item = RemedyItemMoved(
        case=ana.case,
        item=uuid4(),
        after=ItemState.PROPOSED,
        form=RemedyForm.COMPENSATION,
        grade=FindingGrade.PRIORITY,
        responsible=Bearer.SITE,
        cost_bearer=Bearer.BRAND,
        workers_entitled=14,
    )
    await happened(office, ana.case, item)

    case = await ana.told("case")

    (shown,) = case["standing"]["remedy"]
    assert (shown["number"], shown["form"], shown["workers_entitled"]) == (1, "compensation", 14)
    assert str(ana.case) not in str(case) and str(item.item) not in str(case)


async def test_question_and_answer_go_to_and_fro(office: Office, ana: Reporter, schema: Schema) -> None:
    await asked(office, ana.case, "Since which month?")

    answer = await ana.write(
        narrative="Since August.", attachments=[{"media_type": "text/plain", "content": "cGFpZA=="}]
    )
    case = await ana.told("case")

    assert answer.status_code == 200
    assert [(one["by"], one["text"]) for one in case["messages"]] == [
        ("handler", "Since which month?"),
        ("reporter", "Since August."),
    ]
    assert MailKind.REPORTER_WROTE in {mail.kind for mail in data_of(await published(schema.pool), MailRequested)}
    kept = [bytes(row[0]) for row in await schema.rows("SELECT ciphertext FROM content")]
    assert not any(b"August" in one or b"month" in one for one in kept)


async def test_that_a_reporter_read_is_audited_without_anything_of_the_reporter(ana: Reporter, schema: Schema) -> None:
    await ana.told("case")

    (entry,) = await schema.rows("SELECT * FROM audit_entry WHERE action = 'reporter_read'")
    assert entry["person_id"] is None
    assert entry["contents"] == [] and entry["detail"] == ""


# Who has no receipt


@pytest.mark.parametrize("path", ["case", "objection", "objection/withdraw", "appeal", "copy"])
async def test_a_wrong_a_mistyped_and_an_unknown_receipt_are_answered_alike(ana: Reporter, path: str) -> None:
    mistyped = ana.receipt[:-1] + ("0" if ana.receipt[-1] != "0" else "1")
    swapped = ana.receipt[:5] + ana.receipt[6] + ana.receipt[5] + ana.receipt[7:]
    wrong = [draw_receipt(), mistyped, "x", "7K2M", "\N{SNOWMAN}" * 100, swapped if swapped != ana.receipt else "y"]

    answers = [await Reporter(ana.client, ana.case, one, ana.key).ask(path) for one in wrong]

    told = {(one.status_code, one.headers["content-type"], *without_instance(one)) for one in answers}
    assert len(told) == 1
    assert answers[0].status_code == 404 and answers[0].json()["code"] == "receipt_unknown"


async def test_whatever_is_typed_costs_the_same_work(
    office: Office, ana: Reporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    computed: list[str] = []

    def counted(receipt: str, _settings: object) -> bytes:
        computed.append(receipt)
        return bytes(32)

    monkeypatch.setattr("services.remedy.door.receipt_hash", counted)
    for one in (ana.receipt, draw_receipt(), "no receipt at all"):
        await Reporter(ana.client, ana.case, one, ana.key).ask("case")

    assert len(computed) == 3


async def test_no_more_receipts_are_computed_at_a_time_than_there_is_room_for(
    ana: Reporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    running: list[int] = [0, 0]
    full, release = asyncio.Event(), asyncio.Event()

    async def slow(*_: object) -> bytes:
        running[0] += 1
        running[1] = max(running)
        if running[0] == AT_ONCE:
            full.set()
        await release.wait()
        running[0] -= 1
        return bytes(32)

    monkeypatch.setattr("services.remedy.door.asyncio.to_thread", slow)
    trials = [asyncio.create_task(ana.ask("case")) for _ in range(AT_ONCE + 4)]
    await asyncio.wait_for(full.wait(), 30)
    for _ in range(200):
        await asyncio.sleep(0)  # time for the others to come as far as they can
    release.set()
    answers = await asyncio.gather(*trials)

    assert running[1] == AT_ONCE
    assert {one.status_code for one in answers} == {404}


async def test_an_address_that_tries_too_often_waits_and_the_door_says_how_long(office: Office, ana: Reporter) -> None:
    answers = [await ana.ask("case") for _ in range(int(SETTINGS.door_each_at_once) + 3)]

    last = answers[-1]
    assert answers[0].status_code == 200
    assert (last.status_code, last.json()["code"]) == (429, "too_many")
    assert 0 < int(last.headers["retry-after"]) <= 60


def test_every_address_has_its_own_measure_and_all_together_one() -> None:
    throttle = Throttle(Rate("each", 1, 2), Rate("together", 1, 5), clock=lambda: 0.0)

    waits = [throttle.wait(address) for address in ("a", "a", "a", "b", "b", "c", "c")]

    assert waits == [0, 0, 1, 0, 0, 0, 1]  # the third of "a" is too many of its own, the last too many of all


def test_nothing_is_kept_of_who_asks_while_all_together_asked_too_often() -> None:
    throttle = Throttle(Rate("each", 1, 2), Rate("together", 1, 5), clock=lambda: 0.0)

    waits = [throttle.wait(f"192.0.2.{number}") for number in range(200)]

    assert waits[:6] == [0, 0, 0, 0, 0, 1]
    assert len(throttle.buckets.by_key) == 5


def test_who_asked_is_forgotten_after_ten_minutes_and_was_never_kept_in_plain() -> None:
    now = [0.0]
    throttle = Throttle(Rate("each", 0.001, 1), Rate("together", 1000, 1000), clock=lambda: now[0])
    assert (throttle.wait("192.0.2.7"), throttle.wait("192.0.2.7") > 0) == (0, True)
    known_as, key = set(throttle.buckets.by_key), throttle.key

    now[0] = RENEWED_EVERY

    assert throttle.wait("192.0.2.7") == 0
    assert throttle.key != key and known_as.isdisjoint(throttle.buckets.by_key)
    assert "192.0.2.7" not in str(known_as)


def test_an_address_of_ipv6_counts_with_its_whole_network() -> None:
    assert network_of("2001:db8::1") == network_of("2001:db8::ffff") != network_of("2001:db8:0:1::1")
    assert network_of("192.0.2.7") == "192.0.2.7" and network_of("") == ""


@pytest.mark.parametrize(
    "said",
    [
        "{}",
        '{"receipt": 5}',
        '{"receipt": "x", "name": "Ana"}',
        f'{{"receipt": "{"x" * 101}"}}',
        '{"receipt": "\\ud800"}',
    ],
)
async def test_what_does_not_fit_is_refused_without_repeating_it(client: httpx.AsyncClient, said: str) -> None:
    answer = await client.post("/door/case", content=said, headers={"content-type": "application/json"})

    assert (answer.status_code, answer.json()["code"]) == (422, "schema_invalid")
    assert "Ana" not in answer.text and "xxx" not in answer.text


# What must be sealed


async def test_what_is_not_sealed_is_refused_kept_nowhere_and_told_how_to_seal(ana: Reporter, schema: Schema) -> None:
    plain = await ana.ask("messages", sealed="U2luY2UgQXVndXN0Lg==")
    other_key = await ana.ask("messages", sealed=sealed("Since August."))
    in_words = await ana.ask("messages", sealed="Since August.")
    beside = await ana.ask("messages", sealed=sealed("Since August.", ana.key), narrative="Since August.")

    assert [one.status_code for one in (plain, other_key, in_words, beside)] == [422] * 4
    for one in (plain, other_key):
        assert one.json()["code"] == "not_sealed"
        assert "engage report write" in one.json()["errors"][0]["remedy"]
    assert "August" not in "".join(one.text for one in (plain, other_key, in_words, beside))
    assert await schema.rows("SELECT FROM content WHERE part = 'message_in'") == []


async def test_nothing_is_opened_for_a_receipt_that_leads_nowhere(
    ana: Reporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def opened(*_: object) -> bytes:
        raise AssertionError("opened")

    monkeypatch.setattr("services.remedy.trustee.open_box", opened)

    answer = await Reporter(ana.client, ana.case, draw_receipt(), ana.key).write(narrative="Since August.")

    assert answer.json()["code"] == "receipt_unknown"


async def test_who_is_named_in_a_message_is_kept_with_who_speaks(ana: Reporter, schema: Schema) -> None:
    await ana.write(narrative="One more was dismissed.", identity="Bela Example", trusted_contact="the union")

    parts = {row[0] for row in await schema.rows("SELECT part FROM content WHERE case_id = $1", ana.case)}
    assert parts >= {Part.IDENTITY, Part.MESSAGE_IN, Part.TRUSTED_CONTACT}


async def test_a_message_that_tells_of_reprisal_is_urgent_at_once(ana: Reporter, schema: Schema) -> None:
    answer = await ana.write(narrative="I was moved to nights.", reprisal=True)

    assert answer.status_code == 200
    mails = data_of(await published(schema.pool), MailRequested)
    assert MailKind.URGENT in {mail.kind for mail in mails}


async def test_a_message_that_tells_of_reprisal_opens_a_case_of_its_own_with_the_shortest_clock(
    office: Office, client: httpx.AsyncClient, ana: Reporter, schema: Schema
) -> None:
    own = draw_receipt()

    told = await ana.write(narrative="I was moved to nights.", reprisal=True, receipt=own)

    (linked,) = data_of(await published(schema.pool), CaseLinked)
    assert (linked.to, linked.kind) == (ana.case, LinkKind.REPRISAL)
    (first,) = await schema.rows(
        "SELECT kind FROM deadline WHERE case_id = $1 ORDER BY due_at, kind = 'respond_to_reprisal' DESC LIMIT 1",
        linked.case,
    )
    assert first["kind"] == "respond_to_reprisal"
    assert "respond_to_reprisal" not in [one["what"] for one in told.json()["due"]]
    words = (await Reporter(client, linked.case, own, ana.key).told("copy"))["words"]
    assert [(one["part"], one["text"]) for one in words] == [("narrative", "I was moved to nights.")]
    assert [one["text"] for one in (await ana.told("case"))["messages"]] == ["I was moved to nights."]


async def test_reprisal_told_with_the_receipt_of_the_case_leaves_that_receipt_where_it_leads(
    ana: Reporter, schema: Schema
) -> None:
    assert (await ana.write(narrative="Threats.", reprisal=True, receipt=ana.receipt)).status_code == 200

    hashes = await schema.rows("SELECT case_id FROM grievance_case WHERE receipt_hash IS NOT NULL")
    assert [row["case_id"] for row in hashes] == [ana.case]


async def test_a_message_that_is_no_text_is_kept(ana: Reporter) -> None:
    answer = await ana.ask("messages", sealed=sealing.seal(b"\xff" * 40_000, ana.key, sealing.TESTIMONY))

    assert answer.status_code == 200
    assert len((await ana.told("case"))["messages"]) == 1


# What a reporter decides


async def test_consent_is_given_and_taken_back(ana: Reporter) -> None:
    given = await ana.told("consents", rung="employer", given=True)
    taken_back = await ana.told("consents", rung="employer", given=False)

    assert agreed(given) == {"workers", "employer"}
    assert agreed(taken_back) == {"workers"}


async def test_the_workers_side_waives_a_rung_and_nobody_says_here_that_one_is_reached(ana: Reporter) -> None:
    waived = await ana.told("ladder", rung="employer", step="waived")
    reached = await ana.ask("ladder", rung="public", step="reached")

    assert [one["rung"] for one in waived["ladder"] if one["waived"]] == ["employer"]
    assert agreed(waived) == {"workers"}
    assert reached.status_code == 422


async def test_before_a_case_is_withdrawn_the_reporter_is_asked_about_pressure(ana: Reporter) -> None:
    unasked = await ana.ask("withdraw")
    pressed = await ana.told("withdraw", pressure="yes")

    assert (unasked.status_code, unasked.json()["code"]) == (422, "pressure_not_asked")
    assert "Is anybody pressing you" in unasked.json()["detail"]
    assert (pressed["withdrawal"], pressed["stage"]) == ("yes", "received")


async def test_an_objection_stands_until_it_is_taken_back(ana: Reporter) -> None:
    raised = await ana.told("objection")
    again = await ana.told("objection")
    settled = await ana.told("objection/withdraw")

    assert [one["objection"] for one in (raised, again, settled)] == [True, True, False]


async def test_what_cannot_be_done_now_is_told_before_and_when_it_is_tried(office: Office, ana: Reporter) -> None:
    standing = (await ana.told("case"))["standing"]
    tried = await ana.ask("appeal")
    moved = CaseMoved(case=ana.case, before=CaseState.RECEIVED, after=CaseState.FINDING, reason=CaseReason.NOT_GROUNDED)
    await happened(office, ana.case, moved)
    appealed = await ana.told("appeal")

    assert standing["may"]["write"] == [] and standing["may"]["object"] == []
    assert "not_from_this_state" in standing["may"]["appeal"]
    assert tried.status_code == 409
    assert set(standing["may"]["appeal"]) == {one["code"] for one in tried.json()["errors"]}
    assert appealed["stage"] == "appealed" and appealed["found"] == "not_grounded"


async def test_an_acknowledgement_shows_and_its_deadline_is_met(office: Office, ana: Reporter) -> None:
    await handled(office, ana.case, lambda dossier, _: moves.acknowledge(dossier))

    standing = (await ana.told("case"))["standing"]

    assert standing["stage"] == "acknowledged"
    assert "acknowledge" not in {one["what"] for one in standing["due"]}
    assert standing["usually_done_by"] is not None


async def test_a_deadline_is_told_by_its_last_day(office: Office, ana: Reporter) -> None:
    midnight = office.terms.moment(await office.runtime.pool.fetchval("SELECT now()")).at.replace(
        hour=23, minute=0, second=0, microsecond=0
    )
    due = DeadlineSet(
        case=ana.case,
        deadline=DeadlineKind.FEEDBACK,
        clock="another",
        due=midnight + timedelta(days=30),
        warn=midnight,
        basis="of the test",
    )
    await happened(office, ana.case, due)

    shown = [one for one in (await ana.told("case"))["standing"]["due"] if one["basis"] == "of the test"]

    assert [one["last_day"] for one in shown] == [str(office.terms.today(due.due - timedelta(microseconds=1)))]


async def test_the_copy_holds_all_that_the_reporter_said_and_was_told_and_the_record(
    office: Office, ana: Reporter
) -> None:
    await asked(office, ana.case, "Since which month?")
    await ana.write(narrative="Since August.")

    copy = await ana.told("copy")

    words = {one["text"] for one in copy["words"]}
    assert {NARRATIVE, "Ana Example", "by the gate, on Sundays", "Since which month?", "Since August."} <= words
    assert {"case.opened.v1", "case.taken-in.v1", "case.message-left.v1"} <= {one["what"] for one in copy["record"]}
    assert str(ana.case) not in str(copy)


async def test_who_speaks_can_be_erased_alone_and_the_case_is_followed_on(office: Office, ana: Reporter) -> None:
    asked_for = await ana.told("erase", what="identity", copied="taken", pressure="no")
    while await erasing.erase(office.runtime, Timer()):
        pass

    copy = await ana.told("copy")

    assert asked_for["being_erased"]
    assert {one["part"] for one in copy["words"]} == {"narrative"}
    assert (await ana.told("case"))["standing"]["stage"] == "received"


async def test_a_hold_is_shown_and_stops_erasure(office: Office, ana: Reporter) -> None:
    await happened(office, ana.case, LegalHoldPlaced(case=ana.case))

    standing = (await ana.told("case"))["standing"]
    refused = await ana.ask("erase", copied="declined", pressure="no")

    assert standing["held"] and standing["may"]["erase"] == ["legal_hold"]
    assert [one["code"] for one in refused.json()["errors"]] == ["legal_hold"]


async def test_a_copy_is_offered_before_anything_is_erased(ana: Reporter, schema: Schema) -> None:
    offered = await ana.ask("erase")

    assert (offered.status_code, offered.json()["code"]) == (422, "copy_not_offered")
    assert "Take a copy first" in offered.json()["detail"]
    assert await schema.rows("SELECT FROM case_fact WHERE type = 'case.erasure-asked.v1'") == []


async def test_before_anything_is_erased_the_reporter_is_asked_about_pressure(ana: Reporter) -> None:
    unasked = await ana.ask("erase", copied="declined")

    assert (unasked.status_code, unasked.json()["code"]) == (422, "pressure_not_asked")


@pytest.mark.parametrize("what", ["content", "identity"])
async def test_who_is_pressed_to_erase_erases_nothing_and_the_handlers_hear_of_it(
    ana: Reporter, schema: Schema, what: str
) -> None:
    pressed = await ana.ask("erase", what=what, copied="declined", pressure="yes")

    assert [one["code"] for one in pressed.json()["errors"]] == ["under_pressure"]
    assert (await ana.told("case"))["standing"]["withdrawal"] == "yes"
    assert MailKind.URGENT in {mail.kind for mail in data_of(await published(schema.pool), MailRequested)}
    assert await schema.rows("SELECT FROM case_fact WHERE type = 'case.erasure-asked.v1'") == []


async def test_who_said_at_a_withdrawal_that_they_are_pressed_erases_nothing_until_they_answer_otherwise(
    ana: Reporter,
) -> None:
    await ana.told("withdraw", pressure="yes")

    refused = await ana.ask("erase", copied="declined", pressure="no")
    await ana.told("withdraw", pressure="no")

    assert [one["code"] for one in refused.json()["errors"]] == ["under_pressure"]
    assert (await ana.told("erase", copied="declined", pressure="no"))["being_erased"]


async def test_that_a_reporter_has_it_erased_is_urgent(ana: Reporter, schema: Schema) -> None:
    await ana.told("erase", copied="declined", pressure="no")

    assert MailKind.URGENT in {mail.kind for mail in data_of(await published(schema.pool), MailRequested)}


async def test_testimony_that_was_joined_to_a_case_leads_there(
    office: Office, client: httpx.AsyncClient, ana: Reporter
) -> None:
    later = await reporter(office, client, narrative="And of September.", belongs_to=ana.receipt)

    case = await later.told("case")

    assert case["standing"]["stage"] == "received"
    assert [one["text"] for one in case["messages"]] == ["And of September."]


async def test_a_receipt_leads_into_no_case_that_somebody_else_linked(
    office: Office, client: httpx.AsyncClient, ana: Reporter
) -> None:
    bo = await reporter(office, client, narrative="Told by Bo.")
    await happened(office, bo.case, CaseLinked(case=bo.case, to=ana.case, kind=LinkKind.JOINED))

    copy = await bo.told("copy")

    assert [one["text"] for one in copy["words"]] == ["Told by Bo."]


async def test_no_receipt_leads_to_a_case_that_was_erased_not_that_of_what_was_added_either(
    office: Office, client: httpx.AsyncClient, ana: Reporter, schema: Schema
) -> None:
    later = await reporter(office, client, narrative="And of September.", belongs_to=ana.receipt)
    other = await reporter(office, client, narrative="Another case.")
    await happened(office, ana.case, ErasureAsked(case=ana.case, basis=REPORTER_ASKED, what=Erased.CONTENT))
    row = await schema.rows("SELECT receipt_hash FROM grievance_case WHERE case_id = $1", later.case)
    async with office.runtime.transaction() as tx:
        await erasures.insert(tx, Asked(uuid4(), ana.case, Erased.CONTENT, REPORTER_ASKED), granted=True)

    await erasing.erase(office.runtime, Timer())

    assert [(await one.ask("case")).status_code for one in (ana, later, other)] == [404, 404, 200]
    left = await schema.rows("SELECT case_id FROM grievance_case WHERE receipt_hash IS NOT NULL")
    assert [one["case_id"] for one in left] == [other.case]
    await schema.rows("UPDATE grievance_case SET receipt_hash = $1 WHERE case_id = $2", row[0][0], later.case)
    assert (await later.ask("case")).json()["code"] == "receipt_unknown"


async def test_no_answer_of_the_door_is_kept_on_the_way(ana: Reporter) -> None:
    answers = [await ana.ask("case"), await Reporter(ana.client, ana.case, "x", "").ask("case")]

    assert {one.headers["cache-control"] for one in answers} == {"no-store"}


async def test_every_question_at_the_door_has_its_receipt_in_the_body(office: Office) -> None:
    asks = [one for one in build(office.runtime).openapi()["paths"].items() if one[0].startswith("/door")]

    for path, methods in asks:
        assert "{" not in path
        for method, operation in methods.items():
            assert operation.get("parameters", []) == []
            assert method == "post" or path == "/door/survey"


def agreed(standing: dict[str, Any]) -> set[str]:
    return {one["rung"] for one in standing["ladder"] if one["agreed"]}


def without_instance(answer: httpx.Response) -> list[str]:
    """The parts of a problem; its instance names the request and differs each time."""
    return [f"{key}={value}" for key, value in sorted(answer.json().items()) if key != "instance"]
