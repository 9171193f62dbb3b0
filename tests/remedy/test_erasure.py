"""Erasure: who may ask, what stops it, that it is carried out whatever interrupts it, and that nothing can be read."""

import asyncio
import gzip
from base64 import b64encode
from collections.abc import Awaitable, Callable, MutableSequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from asyncpg import Record
from prometheus_client import REGISTRY

from services.remedy import audit, casework, erasing, releasing, vault
from services.remedy.domain import erasure as rules
from services.remedy.domain.people import Role
from services.remedy.domain.refusals import Refused
from services.remedy.office import Office, office_of
from services.remedy.store import cases, contents
from services.remedy.store import erasing as store
from services.remedy.store.contents import sealed_of
from services.remedy.store.keys import read_case_keys
from services.remedy.vault import OF_IDENTITY, KeyLost, Part, Writing, open_sealed
from shared.events.remedy.cases import (
    CaseErased,
    CaseMoved,
    DeadlineSet,
    EmployerContacted,
    ErasureAsked,
    LegalHoldLifted,
    LegalHoldPlaced,
    MailRequested,
    ObjectionRaised,
    RetaliationChecked,
)
from shared.events.remedy.released import StatementReleased
from shared.events.remedy.words import (
    CaseReason,
    CaseRefusal,
    CaseState,
    DeadlineKind,
    Erased,
    ErasureBasis,
    MailKind,
    Party,
    Pressure,
    RetaliationResult,
)
from shared.events.vocabulary import Category, WorkersBand
from shared.postgres import borrow
from shared.service import Runtime
from tests.conftest import Schema
from tests.remedy.given import OPERATOR_KEY, Keyed, assign, bearer, data_of, published, somebody, taken_in_case
from tests.remedy.timed import Turned, let_happen, set_high_water, timer
from tests.remedy.typing_in import http_of, typed

TELLING = "The wages of two months are missing at Example Electronics, hall 4."
NAME = "Invented Worker, line 7"


async def told(runtime: Runtime) -> Record:
    """A case with words of every kind: narrative, identity, a place, a contact."""
    return await taken_in_case(
        runtime,
        narrative=TELLING,
        identity=NAME,
        contact="a number that nobody has",
        trusted_contact="an aunt who was invented",
        place={"name": "Example Electronics"},
    )


async def erase(runtime: Runtime) -> None:
    """What the task does until nothing is left to do."""
    while await erasing.erase(runtime, timer()):
        pass


async def asked_by_reporter(office: Office, case: Record, what: Erased = Erased.CONTENT) -> None:
    async with office.runtime.transaction() as tx:
        locked = await cases.lock_by_id(tx, case["case_id"])
        assert locked is not None
        await erasing.by_reporter(office, tx, locked, what, copy_offered=True, pressure=Pressure.NO)


async def closed(office: Office, case: Record, days_ago: int) -> None:
    """Close a case so many days ago."""
    move = CaseMoved(
        case=case["case_id"], before=CaseState.RECEIVED, after=CaseState.CLOSED, reason=CaseReason.OUT_OF_SCOPE
    )
    await let_happen(office, case["case_id"], move, ago=timedelta(days=days_ago))


async def ended(runtime: Runtime) -> Record:
    """A case with words of every kind that was closed yesterday."""
    case = await told(runtime)
    await closed(office_of(runtime), case, days_ago=1)
    return case


async def words_of(schema: Schema, case: Record) -> list[Record]:
    return await schema.rows("SELECT * FROM content WHERE case_id = $1 ORDER BY place", case["case_id"])


async def erased(schema: Schema) -> list[tuple[UUID, Erased, ErasureBasis]]:
    found = data_of(await published(schema.pool), CaseErased)
    return [(fact.case, fact.what, fact.basis) for fact in found]


async def readable(office: Office, rows: list[Record]) -> list[bytes]:
    """What of a copy of rows can still be read with any key of any case that is left, whatever case it belongs to."""
    async with borrow(office.vault.keys) as connection:
        known = await connection.fetch("SELECT DISTINCT case_id FROM case_key")
        wrapped = await read_case_keys(connection, [row["case_id"] for row in known])
    keys = [await office.vault.service.unwrap(found, vault.context_of(key)) for key, found in wrapped.items()]
    found: list[bytes] = []
    for sealed in map(sealed_of, rows):
        for key in keys:
            try:
                found.append(open_sealed(sealed, key))
            except KeyLost:
                continue
    return found


async def everything_in(schema: Schema) -> bytes:
    """All that the tables of a service hold, as text."""
    tables = await schema.rows(
        "SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname = $1", schema.service
    )
    found = [await schema.rows(f"SELECT t::text FROM {table['name']} t") for table in tables]
    return "\n".join(row[0] for rows in found for row in rows).encode()


def shapes(text: str) -> list[bytes]:
    """A text as it could lie somewhere in plain: raw, UTF-16, hex, base64 at each offset, compressed."""
    raw = text.encode()
    inner = [b64encode(bytes(offset) + raw)[4:-4] for offset in range(3)]
    return [
        raw,
        raw.hex().encode(),
        text.encode("utf-16-le").hex().encode(),
        *inner,
        gzip.compress(raw, mtime=0).hex().encode(),
    ]


# By the reporter


async def test_what_a_reporter_has_erased_can_be_read_by_nobody_in_whichever_copy(
    schema: Schema, keys: Schema, runtime: Runtime, office: Office
) -> None:
    case, other = await told(runtime), await told(runtime)
    backup = await words_of(schema, case)
    assert TELLING.encode() in await readable(office, backup)

    await asked_by_reporter(office, case)
    await erase(runtime)

    assert await readable(office, backup) == []
    assert await words_of(schema, case) == []
    assert await keys.rows("SELECT * FROM case_key WHERE case_id = $1", case["case_id"]) == []
    with pytest.raises(KeyLost):
        await office.vault.open([sealed_of(row) for row in backup])
    assert TELLING.encode() in await readable(office, await words_of(schema, other))
    assert await erased(schema) == [(case["case_id"], Erased.CONTENT, ErasureBasis.REPORTER_ASKED)]


async def test_after_erasure_neither_words_nor_ciphertexts_lie_in_any_table_or_outbox(
    schema: Schema, keys: Schema, runtime: Runtime, office: Office
) -> None:
    case = await told(runtime)
    ciphertexts = [row["ciphertext"] for row in await words_of(schema, case)]
    assert ciphertexts[0].hex().encode() in await everything_in(schema)  # such a copy would be found

    await asked_by_reporter(office, case)
    await erase(runtime)

    everything = await everything_in(schema) + await everything_in(keys)
    assert not [shape for text in (TELLING, NAME) for shape in shapes(text) if shape in everything]
    assert not [one for one in ciphertexts if one.hex().encode() in everything]


async def test_after_erasure_the_receipt_leads_nowhere_and_the_box_is_gone(
    schema: Schema, runtime: Runtime, office: Office
) -> None:
    case = await told(runtime)
    await schema.rows("UPDATE grievance_case SET receipt_hash = 'invented' WHERE case_id = $1", case["case_id"])

    await asked_by_reporter(office, case)
    await erase(runtime)

    (row,) = await schema.rows("SELECT * FROM grievance_case WHERE case_id = $1", case["case_id"])
    assert (row["sealed"], row["receipt_hash"]) == (None, None)


async def test_an_erased_identity_leaves_the_case_to_be_worked_on(
    schema: Schema, runtime: Runtime, office: Office
) -> None:
    case = await told(runtime)
    backup = await words_of(schema, case)

    await asked_by_reporter(office, case, Erased.IDENTITY)
    await erase(runtime)

    assert NAME.encode() not in await readable(office, backup)
    assert TELLING.encode() in await readable(office, await words_of(schema, case))
    assert not {Part(row["part"]) for row in await words_of(schema, case)} & OF_IDENTITY


async def test_the_reporter_may_have_it_erased_while_retaliation_is_watched_for(
    schema: Schema, runtime: Runtime, office: Office
) -> None:
    case = await told(runtime)
    on = office.terms.today(case["received_at"])
    await let_happen(office, case["case_id"], EmployerContacted(case=case["case_id"], on=on))

    await asked_by_reporter(office, case)
    await erase(runtime)

    assert len(await erased(schema)) == 1
    assert [row["clock"] for row in await schema.rows("SELECT clock FROM deadline")] == ["retention-record"]


async def test_a_copy_is_offered_to_the_reporter_first(runtime: Runtime, office: Office) -> None:
    case = await told(runtime)

    async with runtime.transaction() as tx:
        locked = await cases.lock_by_id(tx, case["case_id"])
        assert locked is not None
        with pytest.raises(Refused) as refused:
            await erasing.by_reporter(office, tx, locked, Erased.CONTENT, copy_offered=False, pressure=Pressure.NO)

    assert refused.value.why == (CaseRefusal.COPY_NOT_OFFERED,)


# What stops it


async def test_under_a_legal_hold_nobody_erases_and_the_hold_is_shown(
    schema: Schema, runtime: Runtime, office: Office, client: httpx.AsyncClient
) -> None:
    case = await ended(runtime)
    amina, bela = await somebody(schema.pool, Role.HANDLER), await somebody(schema.pool, Role.CUSTODIAN)
    await assign(schema.pool, case["case_id"], amina)
    path, why = f"/cases/{case['reference']}", {"motivation": "An invented court has asked."}

    assert (await client.post(f"{path}/hold", json=why, headers=amina.headers)).json()["held"] is True
    with pytest.raises(Refused) as refused:
        await asked_by_reporter(office, case)
    body = {"what": "content", "copy_offered": True} | why
    asked = await client.post(f"{path}/erasure", json=body, headers=amina.headers)

    assert refused.value.why == (CaseRefusal.LEGAL_HOLD,)
    assert [fault["code"] for fault in asked.json()["errors"]] == ["legal_hold"]
    assert (await client.get(f"{path}/erasure", headers=amina.headers)).json()["held"] is True
    assert (await client.post(f"{path}/hold/lift", json=why, headers=amina.headers)).status_code == 403
    lifted = await client.post(f"{path}/hold/lift", json=why, headers=bela.headers)
    assert lifted.json()["held"] is False
    await asked_by_reporter(office, case)
    await erase(runtime)
    assert len(await erased(schema)) == 1
    found = await published(schema.pool)
    assert (len(data_of(found, LegalHoldPlaced)), len(data_of(found, LegalHoldLifted))) == (1, 1)


async def test_two_persons_do_not_erase_who_is_watched_over_nor_without_a_copy(
    schema: Schema, runtime: Runtime, office: Office, client: httpx.AsyncClient
) -> None:
    case = await taken_in_case(runtime, narrative=TELLING)
    amina = await somebody(schema.pool, Role.HANDLER)
    await assign(schema.pool, case["case_id"], amina)
    await schema.rows(
        """UPDATE case_fact SET data = replace(data, '"has_receipt":false', '"has_receipt":true')
           WHERE type = 'case.taken-in.v1'"""
    )
    on = office.terms.today(case["received_at"])
    await let_happen(office, case["case_id"], EmployerContacted(case=case["case_id"], on=on))

    body = {"what": "identity", "motivation": "Not needed any more."}
    asked = await client.post(f"/cases/{case['reference']}/erasure", json=body, headers=amina.headers)

    found = {fault["code"] for fault in asked.json()["errors"]}
    assert found == {"not_from_this_state", "check_open", "copy_not_offered"}
    assert await schema.rows("SELECT * FROM erasure") == []


# By two persons


async def test_two_persons_do_not_erase_a_case_that_is_worked_on_over_its_reporters_objection(
    schema: Schema, runtime: Runtime, client: httpx.AsyncClient
) -> None:
    case = await told(runtime)
    await let_happen(office_of(runtime), case["case_id"], ObjectionRaised(case=case["case_id"]))
    amina, _ = await people_of(schema, case)

    asked = await ask(client, case, amina)

    assert {fault["code"] for fault in asked.json()["errors"]} == {"not_from_this_state", "objection_open"}
    assert await schema.rows("SELECT * FROM erasure") == []


async def test_an_objection_that_is_raised_meanwhile_stops_the_decision(
    schema: Schema, runtime: Runtime, client: httpx.AsyncClient
) -> None:
    case = await ended(runtime)
    amina, bela = await people_of(schema, case)
    await ask(client, case, amina)
    (request,) = (await client.get("/erasures", headers=bela.headers)).json()
    await let_happen(office_of(runtime), case["case_id"], ObjectionRaised(case=case["case_id"]))

    decision = {"granted": True, "motivation": "They were asked."}
    answer = await client.post(f"/erasures/{request['request']}/decision", json=decision, headers=bela.headers)

    assert [fault["code"] for fault in answer.json()["errors"]] == ["objection_open"]


async def people_of(schema: Schema, case: Record) -> tuple[Keyed, Keyed]:
    """A handler to whom the case is assigned, and a custodian."""
    amina, bela = await somebody(schema.pool, Role.HANDLER), await somebody(schema.pool, Role.CUSTODIAN)
    await assign(schema.pool, case["case_id"], amina)
    return amina, bela


async def ask(client: httpx.AsyncClient, case: Record, by: Keyed, **more: Any) -> httpx.Response:
    body = {"what": "content", "motivation": "The workers want it gone.", "copy_offered": True}
    return await client.post(f"/cases/{case['reference']}/erasure", json=body, headers=by.headers, **more)


async def test_one_asks_and_another_agrees_and_then_it_is_erased(
    schema: Schema, runtime: Runtime, office: Office, client: httpx.AsyncClient
) -> None:
    case = await ended(runtime)
    amina, bela = await people_of(schema, case)

    assert (await ask(client, case, amina)).json()["waiting"] is True
    await erase(runtime)
    assert await erased(schema) == []
    (request,) = (await client.get("/erasures", headers=bela.headers)).json()
    path = f"/erasures/{request['request']}"
    motivation = await client.post(f"{path}/readings", headers=bela.headers)
    decision = {"granted": True, "motivation": "They were asked."}
    granted = await client.post(f"{path}/decision", json=decision, headers=bela.headers)
    again = await client.post(f"{path}/decision", json=decision, headers=bela.headers)
    await erase(runtime)

    assert motivation.json()["motivation"] == "The workers want it gone."
    assert (granted.status_code, again.status_code) == (200, 409)
    assert await erased(schema) == [(case["case_id"], Erased.CONTENT, ErasureBasis.TWO_PERSONS)]
    assert await words_of(schema, case) == []
    requests = data_of(await published(schema.pool), MailRequested)
    assert [mail.reference for mail in requests if mail.kind is MailKind.DECISION_AWAITED] == [case["reference"]]


async def test_nobody_decides_on_what_they_asked_nor_about_a_case_of_theirs(
    schema: Schema, runtime: Runtime, client: httpx.AsyncClient
) -> None:
    case = await ended(runtime)
    both = await somebody(schema.pool, Role.HANDLER, Role.CUSTODIAN)
    colleague = await somebody(schema.pool, Role.HANDLER, Role.CUSTODIAN)
    await assign(schema.pool, case["case_id"], both, colleague)
    await ask(client, case, both)
    (row,) = await schema.rows("SELECT erasure_id FROM erasure")
    decision = {"granted": True, "motivation": "So that it is gone."}

    for person in (both, colleague):
        assert (await client.get("/erasures", headers=person.headers)).json() == []
        answer = await client.post(f"/erasures/{row['erasure_id']}/decision", json=decision, headers=person.headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "own_request")


async def test_what_another_person_refuses_stays_as_it_is_and_can_be_asked_again(
    schema: Schema, runtime: Runtime, client: httpx.AsyncClient
) -> None:
    case = await ended(runtime)
    amina, bela = await people_of(schema, case)
    await ask(client, case, amina)
    assert (await ask(client, case, amina)).json()["code"] == "already_asked"
    (request,) = (await client.get("/erasures", headers=bela.headers)).json()

    decision = {"granted": False, "motivation": "They may need it."}
    await client.post(f"/erasures/{request['request']}/decision", json=decision, headers=bela.headers)
    await erase(runtime)

    assert await erased(schema) == []
    assert data_of(await published(schema.pool), ErasureAsked) == []
    assert (await ask(client, case, amina)).status_code == 202


async def test_a_hold_that_is_placed_meanwhile_stops_the_decision(
    schema: Schema, runtime: Runtime, client: httpx.AsyncClient
) -> None:
    case = await ended(runtime)
    amina, bela = await people_of(schema, case)
    await ask(client, case, amina)
    why = {"motivation": "An invented court has asked."}
    await client.post(f"/cases/{case['reference']}/hold", json=why, headers=amina.headers)
    (request,) = (await client.get("/erasures", headers=bela.headers)).json()

    decision = {"granted": True} | why
    answer = await client.post(f"/erasures/{request['request']}/decision", json=decision, headers=bela.headers)

    assert [fault["code"] for fault in answer.json()["errors"]] == ["legal_hold"]


@pytest.mark.parametrize("left", ["unassigned", "stepped back", "ended"])
async def test_what_a_handler_asked_for_who_left_is_not_granted_and_hinders_nobody(
    schema: Schema, runtime: Runtime, office: Office, client: httpx.AsyncClient, left: str
) -> None:
    case = await told(runtime)
    await closed(office, case, days_ago=1)
    amina, bela = await people_of(schema, case)
    cora, dora = await somebody(schema.pool, Role.COORDINATOR), await somebody(schema.pool, Role.HANDLER)
    await assign(schema.pool, case["case_id"], dora)
    assert (await ask(client, case, amina)).status_code == 202
    (request,) = (await client.get("/erasures", headers=bela.headers)).json()

    path, name = f"/cases/{case['reference']}", amina.person.name
    if left == "unassigned":
        await client.delete(f"{path}/handlers/{name}", headers=cora.headers)
    elif left == "stepped back":
        await client.post(f"{path}/recusal", json={}, headers=amina.headers)
    else:
        await client.delete(f"/people/{name}", headers=bearer(OPERATOR_KEY))

    assert (await client.get("/erasures", headers=bela.headers)).json() == []
    decision = {"granted": True, "motivation": "They were asked."}
    answer = await client.post(f"/erasures/{request['request']}/decision", json=decision, headers=bela.headers)
    assert answer.status_code == 404
    assert (await ask(client, case, dora)).status_code == 202


async def test_a_dry_run_tells_what_would_be_refused_and_asks_for_nothing(
    schema: Schema, runtime: Runtime, client: httpx.AsyncClient
) -> None:
    case = await ended(runtime)
    amina, _ = await people_of(schema, case)

    answer = await ask(client, case, amina, params={"dry_run": "true"})

    assert (answer.status_code, answer.json()["waiting"]) == (202, False)
    assert await schema.rows("SELECT * FROM erasure") == []


async def test_another_handlers_case_is_no_case_for_who_wants_to_erase_or_hold_it(
    schema: Schema, runtime: Runtime, client: httpx.AsyncClient
) -> None:
    case = await told(runtime)
    stranger = await somebody(schema.pool, Role.HANDLER)
    path, why = f"/cases/{case['reference']}", {"motivation": "I want to know."}

    answers = [
        await ask(client, case, stranger),
        await client.get(f"{path}/erasure", headers=stranger.headers),
        await client.post(f"{path}/hold", json=why, headers=stranger.headers),
    ]

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == 3 * [(404, "case_unknown")]


# Interrupted


Patched = Callable[[pytest.MonkeyPatch], None]


class Killed(BaseException):
    """The process ends here."""


def dying(after: Callable[..., Awaitable[Any]] | None = None) -> Callable[..., Awaitable[None]]:
    """What ends the process: before a step, or just after it was done."""

    async def die(*arguments: Any, **named: Any) -> None:
        if after is not None:
            await after(*arguments, **named)
        raise Killed

    return die


STEPS: dict[str, tuple[Any, str, bool]] = {
    "before statements are taken back": (releasing, "take_back", False),
    "after statements are taken back": (erasing, "take_back", True),
    "before the keys are destroyed": (vault.Vault, "destroy", False),
    "after the keys are destroyed": (vault.Vault, "destroy", True),
    "before the rows go": (store, "erase_content", False),
    "after the rows went": (store, "erase_content", True),
    "before it is told": (casework, "happen", False),
    "after it is told": (casework, "happen", True),
    "before the audit": (audit, "record", False),
    "after the audit": (audit, "record", True),
    "before it is done": (store, "finish", False),
    "after it is done": (store, "finish", True),
}


@pytest.mark.parametrize("step", STEPS)
async def test_an_erasure_that_is_killed_at_any_step_is_completed_by_the_next_process(
    schema: Schema, runtime: Runtime, office: Office, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = await told(runtime)
    backup = await words_of(schema, case)
    await asked_by_reporter(office, case)
    where, name, after = STEPS[step]

    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr(where, name, dying(getattr(where, name) if after else None))
        await erase(runtime)
    assert await erased(schema) == []
    await erase(runtime)
    await erase(runtime)

    assert await readable(office, backup) == []
    assert await words_of(schema, case) == []
    assert len(await erased(schema)) == 1
    assert [row["action"] for row in await schema.rows("SELECT action FROM audit_entry")].count("erased") == 1


@pytest.mark.parametrize("killed", [False, True], ids=["undisturbed", "killed before the keys are destroyed"])
async def test_a_statement_that_was_published_of_an_erased_case_is_put_down_to_be_taken_back_once(
    schema: Schema, runtime: Runtime, office: Office, killed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = await told(runtime)
    statement = StatementReleased(
        statement=uuid4(),
        supplier=uuid4(),
        quarter="2026-Q3",
        category=Category.FORCED_LABOUR,
        workers=WorkersBand.FROM_10,
    )
    async with runtime.transaction() as tx:
        sealed = await office.vault.seal(case["case_id"], [releasing.writing_of(statement)])
        await contents.insert(tx, sealed, Party.HANDLER)
    await asked_by_reporter(office, case)

    if killed:
        with monkeypatch.context() as patched, pytest.raises(Killed):
            patched.setattr(vault.Vault, "destroy", dying())
            await erase(runtime)
    await erase(runtime)

    rows = await schema.rows("SELECT * FROM statement_reversal")
    assert [(row["statement"], row["supplier"]) for row in rows] == [(statement.statement, statement.supplier)]


async def test_two_processes_that_erase_at_once_tell_of_it_once(
    schema: Schema, runtime: Runtime, office: Office
) -> None:
    for _ in range(3):
        await asked_by_reporter(office, await told(runtime))

    await asyncio.gather(*(erase(runtime) for _ in range(3)))

    assert len({case for case, _, _ in await erased(schema)}) == len(await erased(schema)) == 3


async def test_an_erasure_that_cannot_be_carried_out_stops_no_other_and_is_counted(
    schema: Schema, runtime: Runtime, office: Office, logged: MutableSequence[Any]
) -> None:
    broken, whole, old = await told(runtime), await told(runtime), await told(runtime)
    await asked_by_reporter(office, broken)
    await asked_by_reporter(office, whole)
    await closed(office, old, days_ago=400)
    unheard_of = "UPDATE case_fact SET type = 'unheard.of.v1' WHERE case_id = $1 AND position = 1"
    for case in (broken, old):
        await schema.rows(unheard_of, case["case_id"])

    await erase(runtime)

    assert [case for case, _, _ in await erased(schema)] == [whole["case_id"]]
    assert REGISTRY.get_sample_value("engage_remedy_erasures_stuck") == 1
    assert {entry["reason"] for entry in logged if entry["log_level"] == "error"} == {"KeyError"}


async def test_what_is_written_after_the_keys_are_gone_is_refused_and_leaves_nothing(
    schema: Schema, runtime: Runtime, office: Office
) -> None:
    case = await told(runtime)
    await asked_by_reporter(office, case)
    await office.vault.destroy(case["case_id"], Erased.CONTENT)

    with pytest.raises(KeyLost):
        await office.vault.seal(case["case_id"], [Writing(Part.NOTE, b"too late")])


# Kept for long enough


async def test_what_was_told_is_erased_when_its_time_after_closure_is_over_and_the_record_stays(
    schema: Schema, runtime: Runtime, office: Office
) -> None:
    over, young, open_one = await told(runtime), await told(runtime), await told(runtime)
    await closed(office, over, days_ago=92)
    await closed(office, young, days_ago=80)

    await erase(runtime)

    assert await erased(schema) == [(over["case_id"], Erased.CONTENT, ErasureBasis.RETENTION_ENDED)]
    assert await words_of(schema, over) == []
    assert await schema.rows("SELECT FROM case_fact WHERE case_id = $1", over["case_id"]) != []
    for case in (young, open_one):
        assert await words_of(schema, case) != []


async def test_who_reported_can_be_forgotten_before_what_was_told(
    schema: Schema, runtime: Runtime, office: Office
) -> None:
    settings = office.settings.model_copy(update={"retain_identity": "P10D"})
    settings.__dict__.pop("terms", None)
    soon = Runtime(runtime.service, settings, runtime.pool, runtime.relay, runtime.databases)
    own = Office(soon, settings, settings.terms, office.vault)
    case = await told(runtime)
    await closed(own, case, days_ago=12)

    await erase(soon)

    assert await erased(schema) == [(case["case_id"], Erased.IDENTITY, ErasureBasis.RETENTION_ENDED)]
    assert TELLING.encode() in await readable(office, await words_of(schema, case))


async def test_a_hold_keeps_what_is_due_and_when_it_is_lifted_it_goes(
    schema: Schema, runtime: Runtime, office: Office
) -> None:
    case = await told(runtime)
    await let_happen(office, case["case_id"], LegalHoldPlaced(case=case["case_id"]))
    await closed(office, case, days_ago=400)

    await erase(runtime)
    assert await erased(schema) == []

    await let_happen(office, case["case_id"], LegalHoldLifted(case=case["case_id"]))
    await erase(runtime)
    assert len(await erased(schema)) == 1


async def test_what_must_still_be_kept_keeps_nothing_else_waiting(
    schema: Schema, runtime: Runtime, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erasing, "AT_ONCE", 1)
    kept, over = [await told(runtime), await told(runtime)], await told(runtime)
    for case in (*kept, over):
        await closed(office, case, days_ago=400)
    for case in kept:
        sign = RetaliationChecked(case=case["case_id"], result=RetaliationResult.SUSPECTED)
        await let_happen(office, case["case_id"], sign)

    await erase(runtime)

    assert [case for case, _, _ in await erased(schema)] == [over["case_id"]]


async def test_a_reopened_case_is_kept(schema: Schema, runtime: Runtime, office: Office) -> None:
    case = await told(runtime)
    await closed(office, case, days_ago=400)
    again = CaseMoved(
        case=case["case_id"], before=CaseState.CLOSED, after=CaseState.REOPENED, reason=CaseReason.NEW_INFORMATION
    )
    await let_happen(office, case["case_id"], again)

    await erase(runtime)

    assert await erased(schema) == []


async def test_what_is_due_is_kept_in_whatever_state_but_closed(runtime: Runtime, office: Office) -> None:
    case = await told(runtime)
    due = DeadlineSet(
        case=case["case_id"],
        deadline=DeadlineKind.RETENTION,
        clock="retention-narrative",
        due=case["received_at"],
        warn=case["received_at"],
        basis="invented",
    )
    moment = office.terms.moment(case["received_at"] + timedelta(days=1))

    dossier = await let_happen(office, case["case_id"], due)

    assert rules.kept_long_enough(dossier, moment) is None
    await closed(office, case, days_ago=400)
    async with runtime.transaction() as tx:
        assert rules.kept_long_enough(await casework.read_dossier(tx, case["case_id"]), moment) is Erased.CONTENT


@pytest.mark.parametrize("jump", ["ahead", "back"])
async def test_while_the_clock_is_wrong_nothing_is_erased_by_it_but_what_was_decided_is(
    schema: Schema, runtime: Runtime, office: Office, jump: str
) -> None:
    by_clock, decided = await told(runtime), await told(runtime)
    clock = Turned()
    one = timer(clock)
    await one.fire(runtime)
    await closed(office, by_clock, days_ago=400)
    await asked_by_reporter(office, decided)
    if jump == "ahead":
        clock.turn(hours=-2)
    else:
        await set_high_water(schema, timedelta(minutes=5))

    await erasing.erase(runtime, one)

    assert [case for case, _, _ in await erased(schema)] == [decided["case_id"]]


async def test_after_seven_years_the_record_goes_as_well_and_only_the_audit_is_left(
    schema: Schema, keys: Schema, runtime: Runtime, office: Office, client: httpx.AsyncClient
) -> None:
    case, other = await told(runtime), await told(runtime)
    auditor = await somebody(schema.pool, Role.AUDITOR)
    await closed(office, case, days_ago=8 * 366)

    await erase(runtime)
    await erase(runtime)

    tables = [row[0] for row in await schema.rows(NAMING_A_CASE, schema.service)]
    for table in tables:
        assert await schema.rows(f"SELECT FROM {table} WHERE case_id = $1", case["case_id"]) == [], table
    assert await words_of(schema, other) != []
    chain = (await client.get("/audit/chain", headers=auditor.headers)).json()
    assert (chain["findings"], chain["altered"]) == ([], [])


NAMING_A_CASE = """
    SELECT DISTINCT rel.relname FROM pg_constraint con
        JOIN pg_class rel ON rel.oid = con.conrelid JOIN pg_class target ON target.oid = con.confrelid
        JOIN pg_namespace space ON space.oid = rel.relnamespace
    WHERE con.contype = 'f' AND target.relname = 'grievance_case' AND space.nspname = $1
"""


async def test_every_table_that_names_a_case_is_emptied_with_its_record(schema: Schema) -> None:
    tables = {row[0] for row in await schema.rows(NAMING_A_CASE, schema.service)}

    assert set(store.OF_A_CASE) == tables


# The audit


async def test_the_audit_chain_still_verifies_after_erasure(
    schema: Schema, runtime: Runtime, office: Office, client: httpx.AsyncClient
) -> None:
    case = await ended(runtime)
    amina, bela = await people_of(schema, case)
    auditor = await somebody(schema.pool, Role.AUDITOR)
    await ask(client, case, amina)
    (request,) = (await client.get("/erasures", headers=bela.headers)).json()
    decision = {"granted": True, "motivation": "They were asked."}
    await client.post(f"/erasures/{request['request']}/decision", json=decision, headers=bela.headers)

    await erase(runtime)

    chain = (await client.get("/audit/chain", headers=auditor.headers)).json()
    assert (chain["findings"], chain["altered"]) == ([], [])
    actions = [row["action"] for row in await schema.rows("SELECT action FROM audit_entry ORDER BY position")]
    assert [one for one in actions if one.startswith("eras")] == ["erasure_asked", "erasure_granted", "erased"]


async def test_who_reported_is_not_missed_by_the_audit_once_it_is_erased(
    schema: Schema, runtime: Runtime, office: Office, client: httpx.AsyncClient
) -> None:
    case = await told(runtime)
    auditor = await somebody(schema.pool, Role.AUDITOR)
    await asked_by_reporter(office, case, Erased.IDENTITY)

    await erase(runtime)
    after_erasure = (await client.get("/audit/chain", headers=auditor.headers)).json()
    await schema.pool.execute("DELETE FROM content")
    past_the_service = (await client.get("/audit/chain", headers=auditor.headers)).json()

    assert (after_erasure["findings"], after_erasure["altered"]) == ([], [])
    assert len(past_the_service["altered"]) == 1


# Typed


async def test_erasure_by_two_persons_is_typed(
    schema: Schema, keys: Schema, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = await ended(runtime)
    amina, bela = await people_of(schema, case)
    reference = case["reference"]
    async with http_of(schema, keys) as address:
        monkeypatch.setenv("ENGAGE_REMEDY_URL", address)
        monkeypatch.setenv("ENGAGE_HANDLER_KEY", amina.key)
        why = ("--why", "The workers want it gone.")
        dry = await typed("case", "erase", reference, *why, "--copy-offered", "--dry-run")
        asked = await typed("case", "erase", reference, *why, "--copy-offered")
        held = await typed("case", "hold", reference, *why)
        monkeypatch.setenv("ENGAGE_HANDLER_KEY", bela.key)
        freed = await typed("case", "release-hold", reference, *why)
        listed = await typed("case", "erasure", "requests", "--json")
        (row,) = await schema.rows("SELECT erasure_id FROM erasure")
        read = await typed("case", "erasure", "motivation", str(row["erasure_id"]))
        granted = await typed("case", "erasure", "grant", str(row["erasure_id"]), "--why", "They were asked.")

    outputs = [one.output for one in (dry, asked, held, freed, read, granted)]
    assert [one.exit_code for one in (dry, asked, held, freed, listed, read, granted)] == 7 * [0], outputs
    assert "Nothing was done." in dry.output
    assert "Held for a proceeding" in held.output
    assert str(row["erasure_id"]) in listed.output
    assert "The workers want it gone." in read.output
    assert "being erased" in granted.output
