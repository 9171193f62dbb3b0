"""Testimony comes in: a case at once, then out of its box and under its own keys; nothing is lost, nothing doubled."""

import asyncio
import json
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from asyncpg import Record

from services.remedy import boxes, casework, receiving, taking_in
from services.remedy.boxes import writings_of
from services.remedy.casework import CLOCK
from services.remedy.domain.dossier import Dossier
from services.remedy.office import KEYS, Office, office_of
from services.remedy.receipts import draw_receipt, receipt_hash
from services.remedy.store import cases, contents
from services.remedy.store import receiving as store
from services.remedy.taking_in import AT_ONCE, take_in
from services.remedy.trustee import Keyring, current_key, rotate
from services.remedy.vault import KINDS, OF_IDENTITY, KeyLost, Part, Vault, Writing
from shared import sealing
from shared.events.envelope import Classification
from shared.events.remedy import CaseOpened, DeadlineSet, MailRequested, words
from shared.events.remedy.cases import (
    CaseErased,
    CaseFact,
    CaseLinked,
    CaseMoved,
    CaseTakenIn,
    ConsentGiven,
    ErasureAsked,
    MessageLeft,
)
from shared.events.remedy.words import (
    CaseReason,
    CaseState,
    DeadlineKind,
    Erased,
    ErasureBasis,
    Filer,
    LinkKind,
    MailKind,
    Party,
    Rung,
)
from shared.events.sealed import Attachment, Consents, Place, SealedTestimony, read_box
from shared.postgres import Connection, open_pool
from shared.relay import Relay
from shared.service import Runtime
from tests.conftest import Schema
from tests.remedy.given import (
    NARRATIVE,
    OPEN_CASES,
    PUBLIC_KEY,
    SETTINGS,
    data_of,
    handle,
    published,
    received,
    sealed,
)
from tests.remedy.given import (
    testimony as box_of,
)
from tests.remedy.reporting import happened

# Arrival


async def test_testimony_becomes_a_case_with_its_first_deadlines_counted_from_its_arrival(tx: Connection) -> None:
    case, arrival = uuid4(), await tx.fetchval("SELECT now()")

    await handle(OPEN_CASES, tx, received(case=case, kind=words.TestimonyKind.FLAG))

    row = await tx.fetchrow("SELECT * FROM grievance_case")
    assert row is not None
    assert (row["case_id"], row["state"], row["openable"], row["kind"]) == (case, "received", None, "flag")
    assert row["received_at"] == arrival
    found = await published(tx)
    assert data_of(found, CaseOpened) == [CaseOpened(case=case, kind=words.TestimonyKind.FLAG)]
    told = {deadline.deadline: deadline for deadline in data_of(found, DeadlineSet)}
    assert {DeadlineKind.ACKNOWLEDGE, DeadlineKind.FEEDBACK} <= told.keys()
    assert "2019/1937" in told[DeadlineKind.ACKNOWLEDGE].basis
    assert {topic for topic, event in found if event.subject == str(case)} == {"restricted.case"}
    kept = {(row["kind"], row["due_at"], row["warn_at"]) for row in await tx.fetch("SELECT * FROM deadline")}
    assert kept == {(one.deadline, one.due, one.warn) for one in data_of(found, DeadlineSet)}


async def test_the_facts_that_were_kept_are_those_that_were_told_and_fold_to_the_deadlines(tx: Connection) -> None:
    case = uuid4()

    await handle(OPEN_CASES, tx, received(case=case))

    facts = [one.fact for one in await cases.read_facts(tx, case)]
    assert facts == [event.data for topic, event in await published(tx) if topic == "restricted.case"]
    standing = (await casework.read_dossier(tx, case)).clocks.running()
    kept = await tx.fetch("SELECT kind, clock, due_at FROM deadline ORDER BY due_at, kind, clock")
    assert sorted(map(tuple, kept)) == sorted((one.key.kind, one.key.clock, one.due) for one in standing)


async def test_a_request_for_mail_holds_reference_kind_and_day_and_leads_back_to_nothing(tx: Connection) -> None:
    await handle(OPEN_CASES, tx, received())

    topic, mail = next(pair for pair in await published(tx) if isinstance(pair[1].data, MailRequested))
    reference = await tx.fetchval("SELECT reference FROM grievance_case")
    assert topic == "notify.request"
    assert isinstance(mail.data, MailRequested)
    assert (mail.data.reference, mail.data.kind) == (reference, MailKind.TESTIMONY_RECEIVED)
    for moment in (mail.data.due, mail.time):
        assert moment == datetime(moment.year, moment.month, moment.day, tzinfo=UTC)
    assert (mail.subject, mail.classification) == (reference, Classification.OPERATORS)
    assert (mail.causationid, mail.correlationid) == (None, None)
    assert mail.id.version == 4


async def test_every_id_in_restricted_matter_is_random_and_tells_no_time(tx: Connection) -> None:
    await handle(OPEN_CASES, tx, received(), received())

    assert {event.id.version for _, event in await published(tx)} == {4}


async def test_the_same_testimony_twice_is_one_case(tx: Connection) -> None:
    case = uuid4()
    once, again = received(case=case), received(case=case)

    await handle(OPEN_CASES, tx, once, again)
    first = await published(tx)
    await handle(OPEN_CASES, tx, again)

    assert await tx.fetchval("SELECT count(*) FROM grievance_case") == 1
    assert await tx.fetchval("SELECT count(*) FROM audit_entry") == 1
    assert await published(tx) == first


async def test_a_large_batch_gives_each_case_its_own_reference_and_deadlines(tx: Connection) -> None:
    box = sealed()

    await handle(OPEN_CASES, tx, *(received(box=box) for _ in range(500)))

    assert await tx.fetchval("SELECT count(DISTINCT reference) FROM grievance_case") == 500
    assert await tx.fetchval("SELECT count(DISTINCT case_id) FROM deadline WHERE kind = 'acknowledge'") == 500
    assert len({mail.reference for mail in data_of(await published(tx), MailRequested)}) == 500


# Taking in


async def arrive(schema: Schema, office: Office, *boxes: SealedTestimony | str | bytes) -> list[UUID]:
    """Testimony that came in, sealed to the trustee's current key; the ids of its cases."""
    public_key, found = (await current_key(office))["public_key"], []
    async with schema.pool.acquire() as connection, connection.transaction():
        for box in boxes:
            plain = box if isinstance(box, bytes) else None
            shut = sealing.seal(plain, public_key, sealing.TESTIMONY) if plain is not None else None
            text = box if not isinstance(box, bytes) else ""
            found.append(uuid4())
            event = received(case=found[-1], box=shut or sealed(text, public_key), key=public_key)
            await handle(OPEN_CASES, connection, event)
    return found


async def words_of(schema: Schema, office: Office, case: UUID, *parts: Part) -> list[tuple[Part, bytes]]:
    """What is kept of a case, opened."""
    async with schema.pool.acquire() as connection:
        found = [one for _, one in await contents.read(connection, case, parts or tuple(Part))]
    return list(zip((one.part for one in found), await office.vault.open(found), strict=True))


async def facts_of(schema: Schema, case: UUID, kind: type[CaseFact]) -> list[CaseFact]:
    async with schema.pool.acquire() as connection:
        return [one.fact for one in await cases.read_facts(connection, case) if isinstance(one.fact, kind)]


async def standing(schema: Schema, case: UUID) -> Dossier:
    async with schema.pool.acquire() as connection:
        return await casework.read_dossier(connection, case)


async def row_of(schema: Schema, case: UUID) -> Record:
    return (await schema.rows("SELECT * FROM grievance_case WHERE case_id = $1", case))[0]


async def all_taken_in(runtime: Runtime) -> None:
    while await take_in(runtime):
        pass


EVERYTHING = box_of(
    filed_by=Filer.UNION,
    language="nb",
    identity="Invented Person",
    contact="Call after six",
    contributor="Example Workers' Union",
    trusted_contact="Invented Friend",
    place=Place(name="Example Electronics", unit="Hall 7"),
    categories=["forced_labour"],
    workers=30,
    consents=Consents(employer=True, members=True),
    attachments=[Attachment(media_type="image/png", content="aGVsbG8=")],
)


async def test_what_a_box_holds_is_sealed_anew_by_its_parts_and_the_box_is_gone(
    schema: Schema, keys: Schema, runtime: Runtime, office: Office
) -> None:
    (case,) = await arrive(schema, office, EVERYTHING)

    await take_in(runtime)

    row = await row_of(schema, case)
    assert (row["sealed"], row["openable"], row["receipt_hash"], row["state"]) == (None, True, None, "received")
    found = dict(await words_of(schema, office, case))
    assert found[Part.NARRATIVE] == NARRATIVE.encode()
    assert found[Part.IDENTITY] == b"Invented Person"
    assert found[Part.CONTACT] == b"Call after six"
    assert found[Part.CONTRIBUTOR] == b"Example Workers' Union"
    assert found[Part.TRUSTED_CONTACT] == b"Invented Friend"
    about = json.loads(found[Part.ABOUT])
    assert about["place"] == {"name": "Example Electronics", "unit": "Hall 7"}
    assert (about["categories"], about["workers"], about["language"]) == (["forced_labour"], 30, "nb")
    assert Attachment.model_validate_json(found[Part.ATTACHMENT]) == EVERYTHING.attachments[0]
    assert len(found) == 7
    assert await facts_of(schema, case, CaseTakenIn) == [
        CaseTakenIn(case=case, filed_by=Filer.UNION, named=True, has_confidant=True, attachments=1)
    ]
    assert await facts_of(schema, case, ConsentGiven) == [
        ConsentGiven(case=case, rung=rung, given=True, by=Party.REPORTER) for rung in (Rung.EMPLOYER, Rung.MEMBERS)
    ]
    by = {row["by"] for row in await schema.rows("SELECT by FROM content")}
    assert by == {"reporter"}


async def test_who_speaks_is_under_the_second_key(schema: Schema, runtime: Runtime, office: Office) -> None:
    (case,) = await arrive(schema, office, EVERYTHING)
    await take_in(runtime)

    await office.vault.destroy(case, Erased.IDENTITY)

    for part in Part:
        if part in OF_IDENTITY:
            with pytest.raises(KeyLost):
                await words_of(schema, office, case, part)
    assert dict(await words_of(schema, office, case, *set(Part) - OF_IDENTITY))[Part.NARRATIVE] == NARRATIVE.encode()


@pytest.mark.parametrize(
    ("plain", "narrative"),
    [
        (
            "Wages are missing. Überstunden \N{CHECK MARK}".encode(),
            "Wages are missing. Überstunden \N{CHECK MARK}".encode(),
        ),
        (b"{not json at all", b"{not json at all"),
        (b"[1, 2]", b"[1, 2]"),
        (b"x" * 131_000, b"x" * 131_000),
        (b"a\x00b", b"a\x00b"),
        (b"\xff\xfe caf\xe9", b"\\xff\\xfe caf\\xe9"),
        (b"\xff" * 40_000, b"\\xff" * 40_000),
    ],
    ids=["text", "broken", "list", "long", "nul", "bytes", "many bytes"],
)
async def test_whatever_is_in_a_box_is_kept(
    schema: Schema, runtime: Runtime, office: Office, plain: bytes, narrative: bytes
) -> None:
    (case,) = await arrive(schema, office, plain)

    await take_in(runtime)

    assert await words_of(schema, office, case) == [(Part.NARRATIVE, narrative)]
    assert await facts_of(schema, case, CaseTakenIn) == [CaseTakenIn(case=case)]


async def test_json_that_does_not_fit_is_kept_and_shows_nobody_who_speaks(
    schema: Schema, runtime: Runtime, office: Office
) -> None:
    odd = {"narrative": NARRATIVE, "identity": "Invented Person", "phone": "555", "workers": "many", "version": 9}
    (case,) = await arrive(schema, office, json.dumps(odd))

    await take_in(runtime)

    found = dict(await words_of(schema, office, case))
    assert found[Part.NARRATIVE] == NARRATIVE.encode()
    assert all(word in found[Part.IDENTITY] for word in (b"Invented Person", b"555", b"many"))
    for part, text in found.items():
        assert part in OF_IDENTITY or not any(word in text for word in (b"Invented Person", b"555"))


async def test_an_empty_box_is_a_case_as_well(schema: Schema, runtime: Runtime, office: Office) -> None:
    (case,) = await arrive(schema, office, b"")

    await take_in(runtime)

    assert (await standing(schema, case)).life.taken_in


async def test_more_boxes_than_are_held_open_at_once_are_all_taken_in(
    schema: Schema, runtime: Runtime, office: Office
) -> None:
    arrived = await arrive(schema, office, *(f"Told by {number}" for number in range(AT_ONCE + 3)))

    assert [await take_in(runtime) for _ in range(3)] == [True, False, False]

    told = [(await words_of(schema, office, case))[0][1] for case in arrived]
    assert told == [f"Told by {number}".encode() for number in range(AT_ONCE + 3)]


# Boxes that do not open


async def test_a_box_that_no_key_opens_stays_is_marked_and_harms_no_other(
    schema: Schema, runtime: Runtime, office: Office
) -> None:
    async with schema.pool.acquire() as connection, connection.transaction():
        for box in (sealed(public_key=PUBLIC_KEY), sealing.encode(bytes(4096 + 48)), sealing.encode(b"no box at all")):
            await handle(OPEN_CASES, connection, received(box=box))
    (good,) = await arrive(schema, office, NARRATIVE)

    await take_in(runtime)
    await take_in(runtime)

    rows = await schema.rows("SELECT case_id, sealed IS NULL AS gone, openable, state FROM grievance_case")
    assert {(row["gone"], row["openable"]) for row in rows if row["case_id"] != good} == {(False, False)}
    assert {row["state"] for row in rows} == {"received"}
    assert (await row_of(schema, good))["openable"] is True


async def test_a_closed_box_is_tried_again_when_its_key_comes_back(
    schema: Schema, keys: Schema, runtime: Runtime, office: Office
) -> None:
    (case,) = await arrive(schema, office, NARRATIVE)
    (wrapped,) = await keys.rows("SELECT wrapped FROM trustee_key")
    await keys.rows("UPDATE trustee_key SET wrapped = $1", wrapped[0][:-1] + b"?")  # as with a wrong wrapping key
    await take_in(runtime)
    assert (await row_of(schema, case))["openable"] is False

    await keys.rows("UPDATE trustee_key SET wrapped = $1", wrapped[0])
    await rotate(runtime)
    await take_in(runtime)

    assert await words_of(schema, office, case) == [(Part.NARRATIVE, NARRATIVE.encode())]


async def test_a_box_that_cannot_be_taken_in_harms_no_other_and_is_tried_again(
    schema: Schema, runtime: Runtime, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrived = await arrive(schema, office, "Told first.", box_of(identity="Invented Person"), "Told last.")

    def unforeseen(box: SealedTestimony, told_as: Part = Part.NARRATIVE) -> tuple[Writing, ...]:
        if box.identity:
            raise RuntimeError
        return writings_of(box, told_as)

    with monkeypatch.context() as patch:
        patch.setattr(taking_in, "writings_of", unforeseen)
        await all_taken_in(runtime)
    assert [(await row_of(schema, case))["openable"] for case in arrived] == [True, False, True]

    await all_taken_in(runtime)
    assert (await row_of(schema, arrived[1]))["openable"] is False
    await rotate(runtime)
    await all_taken_in(runtime)

    assert [(await row_of(schema, case))["openable"] for case in arrived] == [True, True, True]


async def test_a_box_that_cannot_be_read_harms_no_other_and_nothing_of_it_is_logged(
    schema: Schema,
    runtime: Runtime,
    office: Office,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    arrived = await arrive(schema, office, "Told by a secret witness.", "Told last.")

    def unforeseen(plain: bytes) -> SealedTestimony:
        if b"secret" in plain:
            raise ValueError(plain)
        return read_box(plain)

    with monkeypatch.context() as patch:
        patch.setattr(boxes, "read_box", unforeseen)
        await all_taken_in(runtime)
    assert [(await row_of(schema, case))["openable"] for case in arrived] == [False, True]
    assert "secret" not in "".join(capsys.readouterr())

    await rotate(runtime)
    await all_taken_in(runtime)
    assert (await row_of(schema, arrived[0]))["openable"] is True


# Receipts


async def test_a_receipt_is_kept_as_its_hash_only(schema: Schema, runtime: Runtime, office: Office) -> None:
    receipt = draw_receipt()
    (case,) = await arrive(schema, office, box_of(receipt=receipt.lower().replace("-", " ")))

    await take_in(runtime)

    assert (await row_of(schema, case))["receipt_hash"] == receipt_hash(receipt, SETTINGS)
    assert await facts_of(schema, case, CaseTakenIn) == [CaseTakenIn(case=case, has_receipt=True)]
    for table in ("grievance_case", "case_fact", "content", "outbox", "audit_entry"):
        text = "".join(str(tuple(row)) for row in await schema.rows(f"SELECT * FROM {table}"))
        assert receipt not in text
        assert receipt.replace("-", "") not in text


@pytest.mark.parametrize("receipt", ["", "7K2M", "no receipt at all", "ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ"])
async def test_a_receipt_that_is_none_leaves_a_case_without(
    schema: Schema, runtime: Runtime, office: Office, receipt: str
) -> None:
    (case,) = await arrive(schema, office, box_of(receipt=receipt or None))

    await take_in(runtime)

    assert (await row_of(schema, case))["receipt_hash"] is None
    assert await facts_of(schema, case, CaseTakenIn) == [CaseTakenIn(case=case)]


async def earlier_case(schema: Schema, runtime: Runtime, office: Office) -> tuple[UUID, str]:
    """A case that was taken in, and its receipt."""
    receipt = draw_receipt()
    (case,) = await arrive(schema, office, box_of(receipt=receipt))
    await all_taken_in(runtime)
    return case, receipt


async def test_what_belongs_to_an_earlier_case_is_added_to_it_as_a_message(
    schema: Schema, runtime: Runtime, office: Office
) -> None:
    first, receipt = await earlier_case(schema, runtime, office)
    added = EVERYTHING.model_copy(update={"narrative": "They came again.", "belongs_to": receipt})
    (second,) = await arrive(schema, office, added)

    await take_in(runtime)

    found = await words_of(schema, office, first)
    assert found[:2] == [(Part.NARRATIVE, NARRATIVE.encode()), (Part.MESSAGE_IN, b"They came again.")]
    assert dict(found)[Part.TRUSTED_CONTACT] == b"Invented Friend"
    assert await words_of(schema, office, second) == []
    assert await facts_of(schema, first, MessageLeft) == [MessageLeft(case=first, by=Party.REPORTER, attachments=1)]
    assert len(await facts_of(schema, first, ConsentGiven)) == 2
    assert await facts_of(schema, second, CaseLinked) == [CaseLinked(case=second, to=first, kind=LinkKind.JOINED)]
    assert await facts_of(schema, second, CaseMoved) == [
        CaseMoved(case=second, before=CaseState.RECEIVED, after=CaseState.CLOSED, reason=CaseReason.JOINED)
    ]
    assert (await row_of(schema, second))["state"] == "closed"
    running = {one.key.kind for one in (await standing(schema, second)).clocks.running()}
    assert running <= {DeadlineKind.RETENTION}
    wrote = [
        mail for mail in data_of(await published(schema.pool), MailRequested) if mail.kind is MailKind.REPORTER_WROTE
    ]
    assert [mail.reference for mail in wrote] == [(await row_of(schema, first))["reference"]]


async def test_reprisal_opens_a_linked_case_with_the_shortest_clock(
    schema: Schema, runtime: Runtime, office: Office
) -> None:
    first, receipt = await earlier_case(schema, runtime, office)
    (second,) = await arrive(schema, office, box_of(belongs_to=receipt, reprisal=True, receipt=draw_receipt()))

    await take_in(runtime)

    assert await facts_of(schema, second, CaseLinked) == [CaseLinked(case=second, to=first, kind=LinkKind.REPRISAL)]
    assert (await words_of(schema, office, second))[0] == (Part.NARRATIVE, NARRATIVE.encode())
    running = (await standing(schema, second)).clocks.running()
    assert running[0].key.kind is DeadlineKind.RESPOND_TO_REPRISAL
    assert await facts_of(schema, first, MessageLeft) == []
    urgent = [mail for mail in data_of(await published(schema.pool), MailRequested) if mail.kind is MailKind.URGENT]
    assert [mail.reference for mail in urgent] == [(await row_of(schema, second))["reference"]]


async def test_a_receipt_that_nobody_knows_makes_a_case_of_its_own(
    schema: Schema, runtime: Runtime, office: Office
) -> None:
    arrived = await arrive(schema, office, box_of(belongs_to=draw_receipt()), box_of(belongs_to="x", reprisal=True))

    await take_in(runtime)

    for case in arrived:
        assert (await words_of(schema, office, case))[0] == (Part.NARRATIVE, NARRATIVE.encode())
        assert await facts_of(schema, case, CaseLinked) == []


async def test_two_that_arrive_together_find_each_other(schema: Schema, runtime: Runtime, office: Office) -> None:
    receipt = draw_receipt()
    second, first = await arrive(schema, office, box_of(belongs_to=receipt), box_of(receipt=receipt))

    await take_in(runtime)

    assert await facts_of(schema, second, CaseLinked) == [CaseLinked(case=second, to=first, kind=LinkKind.JOINED)]


async def test_the_same_receipt_again_belongs_to_the_same_case(
    schema: Schema, runtime: Runtime, office: Office
) -> None:
    receipt = draw_receipt()
    sent = await arrive(schema, office, *(box_of(receipt=receipt) for _ in range(3)))

    await all_taken_in(runtime)

    hashes = await schema.rows("SELECT case_id FROM grievance_case WHERE receipt_hash IS NOT NULL")
    assert len(hashes) == 1
    first = hashes[0]["case_id"]
    assert [part for part, _ in await words_of(schema, office, first)] == [Part.NARRATIVE, *[Part.MESSAGE_IN] * 2]
    for other in set(sent) - {first}:
        assert await facts_of(schema, other, CaseLinked) == [CaseLinked(case=other, to=first, kind=LinkKind.JOINED)]


async def test_the_receipt_of_a_joined_case_leads_to_the_case_that_it_joined(
    schema: Schema, runtime: Runtime, office: Office
) -> None:
    first, receipt = await earlier_case(schema, runtime, office)
    another = draw_receipt()
    await arrive(schema, office, box_of(belongs_to=receipt, receipt=another))
    await all_taken_in(runtime)

    (third,) = await arrive(schema, office, box_of(belongs_to=another))
    await all_taken_in(runtime)

    assert await facts_of(schema, third, CaseLinked) == [CaseLinked(case=third, to=first, kind=LinkKind.JOINED)]
    assert len(await facts_of(schema, first, MessageLeft)) == 2


async def test_nothing_is_added_to_a_case_whose_keys_were_destroyed(
    schema: Schema, runtime: Runtime, office: Office
) -> None:
    first, receipt = await earlier_case(schema, runtime, office)
    await office.vault.destroy(first, Erased.CONTENT)
    async with runtime.transaction() as tx:
        row = await cases.lock_by_id(tx, first)
        assert row is not None
        moment = office.terms.moment(await tx.fetchval("SELECT now()"))
        erased: list[CaseFact] = [CaseErased(case=first, basis=ErasureBasis.REPORTER_ASKED, what=Erased.CONTENT)]
        before = await casework.read_dossier(tx, first)
        await casework.happen(office, tx, row, before, erased, CLOCK, moment)

    (second,) = await arrive(schema, office, box_of(belongs_to=receipt))
    await take_in(runtime)

    assert await words_of(schema, office, second) == [(Part.NARRATIVE, NARRATIVE.encode())]


async def test_what_belongs_to_a_case_that_is_just_being_erased_is_a_case_of_its_own(
    schema: Schema, runtime: Runtime, office: Office
) -> None:
    first, receipt = await earlier_case(schema, runtime, office)
    await office.vault.destroy(first, Erased.CONTENT)  # and the fact is not written down yet

    (second,) = await arrive(schema, office, box_of(belongs_to=receipt))
    await take_in(runtime)

    assert await words_of(schema, office, second) == [(Part.NARRATIVE, NARRATIVE.encode())]
    assert await facts_of(schema, first, MessageLeft) == []


async def test_what_belongs_to_a_case_whose_erasure_was_asked_for_is_a_case_of_its_own(
    schema: Schema, runtime: Runtime, office: Office
) -> None:
    first, receipt = await earlier_case(schema, runtime, office)
    asked: CaseFact = ErasureAsked(case=first, basis=ErasureBasis.REPORTER_ASKED, what=Erased.CONTENT)
    await happened(office, first, asked)  # and its keys are still there

    (second,) = await arrive(schema, office, box_of(belongs_to=receipt))
    await take_in(runtime)

    assert await words_of(schema, office, second) == [(Part.NARRATIVE, NARRATIVE.encode())]
    assert await facts_of(schema, first, MessageLeft) == []


async def test_what_a_handler_says_of_two_cases_leads_nobody_from_one_into_the_other(
    schema: Schema, runtime: Runtime, office: Office
) -> None:
    first, _ = await earlier_case(schema, runtime, office)
    second, receipt = await earlier_case(schema, runtime, office)
    await happened(office, second, CaseLinked(case=second, to=first, kind=LinkKind.JOINED))

    await arrive(schema, office, box_of(belongs_to=receipt))
    await take_in(runtime)

    assert await facts_of(schema, first, MessageLeft) == []
    assert len(await facts_of(schema, second, MessageLeft)) == 1


# Killed, and several processes


async def restarted(schema: Schema, keys: Schema) -> Runtime:
    """Another process of the same service: connections of its own, no memory."""
    pools = await open_pool(schema.dsn, size=4), await open_pool(keys.dsn, size=3)
    return Runtime("remedy", SETTINGS, pools[0], Relay("remedy", pools[0], SETTINGS), {KEYS: pools[1]})


async def end(runtime: Runtime) -> None:
    for pool in (runtime.pool, runtime.databases[KEYS]):
        pool.terminate()


class Killed(BaseException):
    """The process ends here: nothing catches it."""


STEPS = [
    (Keyring, "read"),
    (taking_in, "unpack"),
    (Vault, "make_keys"),
    (store, "lock_waiting"),
    (store, "find_by_receipt"),
    (Vault, "seal"),
    (contents, "insert"),
    (cases, "append"),
    (casework, "happen"),
    (casework, "act"),
    (store, "empty_box"),
]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("step", range(len(STEPS)), ids=[name for _, name in STEPS])
async def test_a_process_killed_at_any_step_loses_nothing_and_the_next_doubles_nothing(
    schema: Schema,
    keys: Schema,
    runtime: Runtime,
    office: Office,
    monkeypatch: pytest.MonkeyPatch,
    step: int,
    after: bool,
) -> None:
    first, receipt = await earlier_case(schema, runtime, office)
    arrived = await arrive(schema, office, EVERYTHING, box_of(belongs_to=receipt), box_of(receipt=draw_receipt()))
    dying = await restarted(schema, keys)
    with monkeypatch.context() as patch:
        kill_at(patch, *STEPS[step], after=after)
        with pytest.raises(Killed):
            await take_in(dying)
    await end(dying)

    await all_taken_in(runtime)
    await all_taken_in(runtime)

    whole, joined, last = arrived
    assert len(await words_of(schema, office, whole)) == 7
    assert [part for part, _ in await words_of(schema, office, first)] == [Part.NARRATIVE, Part.MESSAGE_IN]
    assert await words_of(schema, office, joined) == []
    assert len(await words_of(schema, office, last)) == 1
    for case in (first, *arrived):
        assert len(await facts_of(schema, case, CaseTakenIn)) == 1
        assert (await row_of(schema, case))["sealed"] is None
    assert len(await facts_of(schema, first, MessageLeft)) == 1
    told = [data.case for data in data_of(await published(schema.pool), CaseTakenIn)]
    assert sorted(told) == sorted([first, *arrived])
    assert len(await keys.rows("SELECT * FROM case_key")) == 4 * len(KINDS)


def kill_at(patch: pytest.MonkeyPatch, holder: object, name: str, *, after: bool) -> None:
    """Let the process end before or after this step."""
    whole = getattr(holder, name)

    async def killed(*arguments: object) -> object:
        if after:
            await whole(*arguments)
        raise Killed

    patch.setattr(holder, name, killed)


async def test_several_processes_take_in_each_box_once(schema: Schema, keys: Schema, runtime: Runtime) -> None:
    office, receipt = office_of(runtime), draw_receipt()
    arrived = await arrive(schema, office, *(box_of(receipt=receipt) for _ in range(4)), *["Told alone."] * 20)
    others = [await restarted(schema, keys) for _ in range(2)]

    while await schema.rows("SELECT FROM grievance_case WHERE sealed IS NOT NULL"):
        await asyncio.gather(*(take_in(process) for process in (runtime, *others)))
    for other in others:
        await end(other)

    assert len(data_of(await published(schema.pool), CaseTakenIn)) == len(arrived)
    count = await schema.rows("SELECT part, count(*) FROM content GROUP BY part")
    assert {row["part"]: row["count"] for row in count} == {"narrative": 21, "message_in": 3}


async def test_even_without_the_turns_two_processes_take_in_each_box_once(
    schema: Schema, keys: Schema, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lock only saves work: a connection that breaks gives it up while its process goes on."""
    office, receipt = office_of(runtime), draw_receipt()
    await arrive(schema, office, *(box_of(receipt=receipt) for _ in range(4)), *["Told alone."] * 8)
    other = await restarted(schema, keys)

    while await schema.rows("SELECT FROM grievance_case WHERE sealed IS NOT NULL"):
        await asyncio.gather(taking_in.take_in_some(office), taking_in.take_in_some(office_of(other)))
    await end(other)

    assert len(data_of(await published(schema.pool), CaseTakenIn)) == 12
    count = await schema.rows("SELECT part, count(*) FROM content GROUP BY part")
    assert {row["part"]: row["count"] for row in count} == {"narrative": 9, "message_in": 3}


async def test_a_reference_is_drawn_anew_for_each_case() -> None:
    assert len({receiving.draw_reference() for _ in range(1000)}) == 1000
