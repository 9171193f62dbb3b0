"""The watch for retaliation over HTTP, on the real database: when checks are made, and what a confirmed sign opens."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from services.remedy import audit
from services.remedy.audit import Act
from services.remedy.domain.people import Role
from services.remedy.office import office_of
from services.remedy.settings import RemedySettings
from services.remedy.wrapping import KeysFromSettings
from shared.events.remedy.cases import CaseLinked, CaseMoved, CaseTakenIn, MailRequested
from shared.events.remedy.words import CaseReason, CaseState, LinkKind, MailKind
from shared.postgres import Connection, borrow
from shared.service import Runtime
from tests.remedy.given import assign, data_of, published, somebody, taken_in_case
from tests.remedy.handling import Desk, contacted, let_days_pass, two_desks
from tests.remedy.reporting import happened

TOLD = "The line leader was dismissed on the day after the visit."


def days_of(settings: RemedySettings) -> list[int]:
    return list(settings.check_days)


async def test_a_contact_plans_the_checks_of_a_year(client: httpx.AsyncClient, runtime: Runtime) -> None:
    desk, _, _ = await contacted(client, runtime)
    settings = runtime.settings
    assert isinstance(settings, RemedySettings)

    watch = await desk.get("/watch")

    assert [one["number"] for one in watch["checks"]] == days_of(settings)
    assert all("This mechanism" in one["basis"] for one in watch["checks"])


async def test_a_check_cannot_be_made_before_its_day(client: httpx.AsyncClient, runtime: Runtime) -> None:
    desk, _, case = await contacted(client, runtime)

    too_soon = await desk.refused("/watch/checks", result="none_seen", number=7)
    await let_days_pass(runtime, case["case_id"], 7)
    watch = await desk.do("/watch/checks", result="none_seen", number=7)

    assert too_soon == {"too_soon"}
    assert 7 not in [one["number"] for one in watch["checks"]]


async def test_a_check_that_nobody_planned_is_unknown_and_one_without_number_meets_none(
    client: httpx.AsyncClient, runtime: Runtime
) -> None:
    desk, _, _ = await contacted(client, runtime)
    before = await desk.get("/watch")

    unknown = await desk.refused("/watch/checks", result="none_seen", number=5)
    after = await desk.do("/watch/checks", result="none_seen")

    assert unknown == {"check_unknown"}
    assert after["checks"] == before["checks"]


async def test_a_confirmed_reprisal_opens_a_case_with_the_shortest_clock(
    client: httpx.AsyncClient, runtime: Runtime
) -> None:
    desk, _, case = await contacted(client, runtime)

    watch = await desk.do("/watch/checks", result="confirmed", forms=["dismissal"], note=TOLD)

    opened = Desk(client, watch["reprisal"], desk.handler)
    standing = await opened.get()
    (read,) = (await opened.do("/read", motivation="It was opened just now.", parts=["narrative"]))["said"]
    respond = next(one for one in standing["deadlines"] if one["kind"] == "respond_to_reprisal")
    left = datetime.fromisoformat(respond["due"]) - datetime.now(UTC)
    assert read["text"] == TOLD
    assert standing["reprisal"]
    assert standing["links"] == [{"reference": case["reference"], "kind": "reprisal"}]
    assert timedelta(hours=47) < left <= timedelta(hours=48)
    assert respond["due"] == min(one["due"] for one in standing["deadlines"])


async def test_the_case_of_a_reprisal_is_told_without_what_happened(
    client: httpx.AsyncClient, runtime: Runtime
) -> None:
    desk, _, case = await contacted(client, runtime)
    await desk.do("/watch/checks", result="confirmed", forms=["dismissal"], note=TOLD)

    async with borrow(runtime.pool) as connection:
        told = await published(connection)

    (linked,) = data_of(told, CaseLinked)
    assert (linked.to, linked.kind) == (case["case_id"], LinkKind.REPRISAL)
    assert [one.reprisal for one in data_of(told, CaseTakenIn) if one.case == linked.case] == [True]
    assert MailKind.URGENT in [one.kind for one in data_of(told, MailRequested)]
    assert not any(TOLD in str(event.data) or "dismissed" in str(event.data) for _, event in told)


async def test_nobody_waits_for_the_audit_while_the_key_of_a_reprisals_case_is_fetched(
    client: httpx.AsyncClient, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, _, _ = await contacted(client, runtime)
    unwrap, recorded = KeysFromSettings.unwrap, audit.record
    done: list[str] = []

    async def unwrapping(self: KeysFromSettings, wrapped: bytes, context: bytes) -> bytes:
        done.append("key")
        return await unwrap(self, wrapped, context)

    async def recording(tx: Connection, acts: Sequence[Act]) -> None:
        done.append("audit")
        await recorded(tx, acts)

    monkeypatch.setattr(KeysFromSettings, "unwrap", unwrapping)
    monkeypatch.setattr(audit, "record", recording)
    await desk.do("/watch/checks", result="confirmed", forms=["threats"], note="The foreman threatened them.")

    assert done == ["key", "key", "audit"]


async def test_a_reprisal_that_is_confirmed_again_is_the_same_case(client: httpx.AsyncClient, runtime: Runtime) -> None:
    desk, _, _ = await contacted(client, runtime)
    first = await desk.do("/watch/checks", result="confirmed", forms=["dismissal"], note=TOLD)

    again = await desk.do("/watch/checks", result="confirmed", forms=["threats"], note="It goes on.")

    assert first["reprisal"] is not None
    assert again["reprisal"] is None
    assert again["forms"] == ["dismissal", "threats"]


async def test_a_reprisal_that_is_confirmed_after_its_case_was_closed_opens_another(
    client: httpx.AsyncClient, runtime: Runtime
) -> None:
    desk, _, _ = await contacted(client, runtime)
    first = await desk.do("/watch/checks", result="confirmed", forms=["dismissal"], note=TOLD)
    case = await runtime.pool.fetchval("SELECT case_id FROM grievance_case WHERE reference = $1", first["reprisal"])
    closed = CaseMoved(
        case=case, before=CaseState.RECEIVED, after=CaseState.CLOSED, reason=CaseReason.COMPLAINANT_WITHDREW
    )
    await happened(office_of(runtime), case, closed)

    again = await desk.do("/watch/checks", result="confirmed", forms=["threats"], note="It began anew.")

    assert again["reprisal"] not in (None, first["reprisal"])


async def test_a_reprisal_heard_of_otherwise_is_a_case_too(client: httpx.AsyncClient, runtime: Runtime) -> None:
    desk, _ = await two_desks(client, runtime, await taken_in_case(runtime))

    opened = await desk.do("/watch/reprisal", motivation=TOLD)

    assert (await Desk(client, opened["reference"], desk.handler).get())["reprisal"]


async def test_the_trusted_contact_hears_before_it_escalates(client: httpx.AsyncClient, runtime: Runtime) -> None:
    desk, _, _ = await contacted(client, runtime)
    await desk.do("/watch/checks", result="confirmed", forms=["dismissal"], note=TOLD)

    first = await desk.refused("/watch/follow-ups", step="escalated")
    await desk.do("/watch/follow-ups", step="trusted_contact_told", note="By the number that the worker gave.")
    watch = await desk.do("/watch/follow-ups", step="escalated")
    early = await desk.refused("/watch/follow-ups", step="ended")
    await desk.do("/watch/checks", result="none_seen")
    ended = await desk.do("/watch/follow-ups", step="ended")

    assert first == {"trusted_contact_first"}
    assert (watch["sign"], watch["escalated"]) == ("confirmed", True)
    assert early == {"retaliation_open"}
    assert ended["calm"]


@pytest.mark.parametrize(
    ("said", "pointers"),
    [
        ({"result": "confirmed"}, {"/forms", "/note"}),
        ({"result": "confirmed", "forms": ["threats"]}, {"/note"}),
        ({"result": "none_seen", "forms": ["threats"]}, {"/forms"}),
        ({"result": "unreachable", "forms": ["threats"]}, {"/forms"}),
        ({"result": "who knows"}, {"/result"}),
    ],
)
async def test_a_check_that_contradicts_itself_is_refused_with_what_is_missing(
    client: httpx.AsyncClient, runtime: Runtime, said: dict[str, object], pointers: set[str]
) -> None:
    desk, _ = await two_desks(client, runtime, await taken_in_case(runtime))

    answer = await desk.post("/watch/checks", **said)

    assert answer.status_code == 422
    assert {error["pointer"] for error in answer.json()["errors"]} == pointers


async def test_a_coordinator_sees_which_checks_are_due_and_nothing_else_of_a_case(
    client: httpx.AsyncClient, runtime: Runtime
) -> None:
    desk, _, case = await contacted(client, runtime)
    coordinator = await somebody(runtime.pool, Role.COORDINATOR)
    none = await client.get("/watch/due", headers=coordinator.headers)
    await let_days_pass(runtime, case["case_id"], 8)

    due = await client.get("/watch/due", headers=coordinator.headers)

    assert none.json() == []
    assert [(one["reference"], one["number"]) for one in due.json()] == [(desk.reference, 2), (desk.reference, 7)]
    assert str(case["case_id"]) not in due.text
    assert (await client.get("/watch/due", headers=desk.handler.headers)).status_code == 403


async def test_the_watch_of_a_case_is_its_handlers_only(client: httpx.AsyncClient, runtime: Runtime) -> None:
    case = await taken_in_case(runtime)
    stranger = Desk(client, case["reference"], await somebody(runtime.pool, Role.HANDLER))
    requests: list[tuple[str, dict[str, object]]] = [
        ("/watch/checks", {"result": "none_seen"}),
        ("/watch/follow-ups", {"step": "ended"}),
        ("/watch/reprisal", {"motivation": TOLD}),
    ]

    answers = [await stranger.post(path, **said) for path, said in requests]

    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert await runtime.pool.fetchval("SELECT count(*) FROM grievance_case") == 1


async def test_a_check_is_noted_for_a_case_that_was_withdrawn(client: httpx.AsyncClient, runtime: Runtime) -> None:
    desk, _, case = await contacted(client, runtime)
    await desk.do("/acknowledge")
    coordinator = Desk(client, desk.reference, await somebody(runtime.pool, Role.COORDINATOR))
    await coordinator.do("/withdrawal", pressure="no", motivation="By telephone.")
    await desk.do("/move", to="withdrawn", motivation="The reporter wishes it.")
    await let_days_pass(runtime, case["case_id"], 2)

    watch = await desk.do("/watch/checks", result="unreachable", number=2)

    assert watch["sign"] == "unreachable"
    assert not watch["calm"]


async def test_what_is_noted_of_a_check_is_sealed(client: httpx.AsyncClient, runtime: Runtime) -> None:
    case = await taken_in_case(runtime)
    handler = await somebody(runtime.pool, Role.HANDLER)
    await assign(runtime.pool, case["case_id"], handler)
    desk = Desk(client, case["reference"], handler)

    watch = await desk.do("/watch/checks", result="suspected", forms=["transfer"], note=TOLD)

    kept = await runtime.pool.fetchval("SELECT ciphertext FROM content WHERE part = 'note' AND by = 'handler'")
    assert TOLD.encode() not in kept
    assert TOLD not in json.dumps(watch)
