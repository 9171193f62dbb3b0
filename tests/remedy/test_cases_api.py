"""What who works on cases is shown, and what they do to a case, over the real HTTP, vault and Postgres."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest

from services.remedy import casework
from services.remedy.audit import Action
from services.remedy.domain.people import Role
from services.remedy.office import office_of
from services.remedy.store import cases
from services.remedy.vault import OF_IDENTITY
from shared.events.remedy import CaseMoved, ConsentGiven, EmployerContacted, MailRequested, ObjectionRaised
from shared.events.remedy.cases import CaseFact
from shared.events.remedy.words import CaseReason, CaseState, Erased, Party, Rung
from shared.service import Runtime
from tests.conftest import Schema
from tests.remedy.given import NARRATIVE, Keyed, assign, data_of, let_age, published, somebody, taken_in_case
from tests.remedy.handling import let_days_pass

WHY: dict[str, Any] = {"motivation": "First reading, to check whether it is admissible."}
BECAUSE = "Because the payslips of two months say so."


@dataclass(frozen=True)
class Desk:
    """A case, who handles it, and a coordinator who does not."""

    client: httpx.AsyncClient
    schema: Schema
    handler: Keyed
    coordinator: Keyed
    case: Any

    @property
    def reference(self) -> str:
        reference: str = self.case["reference"]
        return reference

    async def post(self, step: str, by: Keyed | None = None, **body: object) -> httpx.Response:
        """Do something to the case; the handler does, if nobody else is named."""
        path, headers = f"/cases/{self.reference}/{step}", (by or self.handler).headers
        return await self.client.post(path, headers=headers, json=body)

    async def does(self, step: str, by: Keyed | None = None, **body: object) -> dict[str, Any]:
        """The same, where it must succeed: how the case then stands."""
        answer = await self.post(step, by, **body)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def moves(self, *states: CaseState) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for state in states:
            found = await self.does("move", to=state, motivation=BECAUSE)
        return found

    async def actions(self) -> list[tuple[str, Any]]:
        """What the audit holds about the case: the action, and who did it."""
        rows = await self.schema.rows(
            "SELECT action, person_id FROM audit_entry WHERE case_id = $1 ORDER BY position", self.case["case_id"]
        )
        return [(row["action"], row["person_id"]) for row in rows]

    async def facts(self, kind: type[CaseFact]) -> list[Any]:
        return data_of(await published(self.schema.pool), kind)


@pytest.fixture
async def desk(client: httpx.AsyncClient, schema: Schema, runtime: Runtime) -> Desk:
    """A case that was taken in, with its handler."""
    case = await taken_in_case(runtime, receipt=None, identity="Invented Name, line 4", contact="by the union")
    handler = await somebody(schema.pool, Role.HANDLER)
    coordinator = await somebody(schema.pool, Role.COORDINATOR)
    await assign(schema.pool, case["case_id"], handler)
    return Desk(client, schema, handler, coordinator, case)


async def protect(desk: Desk) -> dict[str, Any]:
    """Everything before the employer may be spoken to."""
    await desk.does("acknowledge")
    await desk.moves(CaseState.GENUINENESS_CHECK, CaseState.ADMISSIBILITY, CaseState.SAFETY_ASSESSMENT)
    await desk.does("safety", level="elevated", assessment="Organisers were dismissed last year.")
    await desk.moves(CaseState.PROTECTION_PLAN)
    await desk.does("protection", plan="The union's lawyer is told first.")
    return await desk.does("consent", rung="employer", given=True, motivation="Their union says so, in writing.")


def faults(answer: httpx.Response, status: int = 409) -> set[str]:
    assert answer.status_code == status, answer.text
    return {fault["code"] for fault in answer.json()["errors"]}


# Lists


async def test_a_coordinator_sees_every_case_and_a_handler_those_assigned(desk: Desk, runtime: Runtime) -> None:
    other = await taken_in_case(runtime)

    everything = await desk.client.get("/cases", headers=desk.coordinator.headers)
    assigned = await desk.client.get("/cases", headers=desk.handler.headers)

    assert {one["reference"] for one in everything.json()} == {desk.reference, other["reference"]}
    (shown,) = assigned.json()
    assert shown["reference"] == desk.reference
    assert shown["handlers"] == [desk.handler.person.name]
    assert "acknowledge" in {deadline["kind"] for deadline in shown["deadlines"]}
    assert all(deadline["basis"] for deadline in shown["deadlines"])
    assert everything.headers["cache-control"] == "no-store"


async def test_a_list_and_a_standing_hold_neither_case_id_nor_content(desk: Desk) -> None:
    for path in ("/cases", f"/cases/{desk.reference}"):
        for who in (desk.handler, desk.coordinator):
            answer = await desk.client.get(path, headers=who.headers)

            assert answer.status_code == 200
            assert str(desk.case["case_id"]) not in answer.text
            assert NARRATIVE not in answer.text
            assert "Invented Name" not in answer.text


async def test_what_is_due_next_comes_first(desk: Desk, runtime: Runtime) -> None:
    ages = [3, 6, 1]
    references = []
    for age in ages:
        case = await taken_in_case(runtime)
        references.append(case["reference"])
        async with runtime.transaction() as tx:
            await let_age(tx, [case["case_id"]], timedelta(days=age))

    shown = (await desk.client.get("/cases", headers=desk.coordinator.headers)).json()

    order = [one["reference"] for one in shown]
    assert order == [references[1], references[0], references[2], desk.reference]
    for query, expected in (("state=received&limit=2", 2), ("state=closed", 0)):
        found = await desk.client.get(f"/cases?{query}", headers=desk.coordinator.headers)
        assert len(found.json()) == expected


async def test_a_coordinator_who_asks_for_their_own_cases_has_none(desk: Desk) -> None:
    answer = await desk.client.get("/cases", headers=desk.coordinator.headers, params={"mine": True})

    assert answer.json() == []


# Who may do what


@pytest.mark.parametrize("step", ["read", "acknowledge", "move", "consent", "safety", "protection", "contact"])
async def test_a_case_that_is_not_assigned_and_none_at_all_answer_alike(desk: Desk, step: str) -> None:
    stranger = await somebody(desk.schema.pool, Role.HANDLER)
    bodies: dict[str, dict[str, Any]] = {
        "acknowledge": {},
        "move": {"to": "acknowledged", **WHY},
        "consent": {"rung": "employer", "given": True, **WHY},
        "safety": {"level": "low", "assessment": BECAUSE},
        "protection": {"plan": BECAUSE},
    }
    body = bodies.get(step, dict(WHY))

    answers = [
        await desk.client.post(f"/cases/{reference}/{step}", headers=stranger.headers, json=body)
        for reference in (desk.reference, "R-0000-0000-0000", "nothing")
    ]

    assert {answer.status_code for answer in answers} == {404}
    shown = [{name: value for name, value in answer.json().items() if name != "instance"} for answer in answers]
    assert shown[0] == shown[1] == shown[2]


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.CUSTODIAN, Role.AUDITOR])
async def test_nobody_but_a_handler_reads_or_moves_a_case(desk: Desk, role: Role) -> None:
    other = await somebody(desk.schema.pool, role)

    assert (await desk.post("read", other, **WHY)).status_code == 403
    assert (await desk.post("acknowledge", other)).status_code == 403


@pytest.mark.parametrize("role", [Role.CUSTODIAN, Role.AUDITOR])
async def test_custodians_and_auditors_see_no_list(desk: Desk, role: Role) -> None:
    other = await somebody(desk.schema.pool, role)

    assert (await desk.client.get("/cases", headers=other.headers)).status_code == 403
    assert (await desk.client.get(f"/cases/{desk.reference}", headers=other.headers)).status_code == 403


async def test_how_a_case_stands_is_shown_to_its_handlers_and_coordinators_only(desk: Desk) -> None:
    stranger = await somebody(desk.schema.pool, Role.HANDLER)

    for who, expected in ((desk.handler, 200), (desk.coordinator, 200), (stranger, 404)):
        answer = await desk.client.get(f"/cases/{desk.reference}", headers=who.headers)
        assert answer.status_code == expected


# Reading


async def test_a_case_is_read_with_a_reason_and_the_audit_has_it_and_the_identity_stays_closed(desk: Desk) -> None:
    answer = await desk.post("read", **WHY)

    assert answer.status_code == 200
    said = {one["part"]: one["text"] for one in answer.json()["said"]}
    assert said["narrative"] == NARRATIVE
    assert not set(said) & {part.value for part in OF_IDENTITY}
    assert "Invented Name" not in answer.text
    assert (await desk.actions())[-1] == ("read", desk.handler.person.id)


async def test_a_reading_without_a_reason_is_refused_and_shows_nothing(desk: Desk) -> None:
    before = await desk.actions()

    for body in (b"{}", b'{"motivation": "  "}', b'{"motivation": "\\ud800"}', b"[]"):
        headers = desk.handler.headers | {"content-type": "application/json"}
        answer = await desk.client.post(f"/cases/{desk.reference}/read", headers=headers, content=body)
        assert answer.status_code == 422
        assert NARRATIVE not in answer.text
    assert await desk.actions() == before


@pytest.mark.parametrize("part", sorted(OF_IDENTITY))
async def test_who_the_reporter_is_cannot_be_read_this_way(desk: Desk, part: str) -> None:
    answer = await desk.post("read", parts=["narrative", part], **WHY)

    assert answer.status_code == 422
    assert "Invented Name" not in answer.text


async def test_what_can_no_longer_be_opened_is_not_shown_and_the_reading_is_audited_all_the_same(
    desk: Desk, runtime: Runtime
) -> None:

    await desk.post("read", **WHY)
    await office_of(runtime).vault.destroy(desk.case["case_id"], Erased.CONTENT)

    answer = await desk.post("read", **WHY)

    assert (answer.status_code, answer.json()["code"]) == (409, "key_gone")
    assert NARRATIVE not in answer.text


async def test_what_handlers_write_is_kept_sealed_and_read_again_by_its_handlers(desk: Desk) -> None:
    await desk.does("safety", level="high", assessment="Guards follow the organisers home.")
    await desk.does("message", text="Since when are the wages missing?")

    answer = await desk.post("read", parts=["note", "message_out"], **WHY)

    texts = [one["text"] for one in answer.json()["said"]]
    assert "Guards follow the organisers home." in texts
    assert "Since when are the wages missing?" in texts
    rows = await desk.schema.rows("SELECT ciphertext FROM content")
    assert not [row for row in rows if b"Guards" in row["ciphertext"] or b"wages" in row["ciphertext"]]


# Moving


async def test_an_acknowledged_case_has_met_its_deadline_and_is_acknowledged_once(desk: Desk) -> None:
    found = await desk.does("acknowledge")

    assert found["state"] == "acknowledged"
    assert {row["state"] for row in found["deadlines"] if row["kind"] == "acknowledge"} == {"met"}
    moved = await desk.facts(CaseMoved)
    assert moved[-1].after is CaseState.ACKNOWLEDGED
    assert faults(await desk.post("acknowledge")) == {"not_from_this_state"}
    assert len(await desk.facts(CaseMoved)) == len(moved)


async def test_a_handler_is_shown_what_is_possible_next_and_what_is_missing_for_it(desk: Desk) -> None:
    await desk.does("acknowledge")
    await desk.moves(CaseState.GENUINENESS_CHECK, CaseState.ADMISSIBILITY, CaseState.SAFETY_ASSESSMENT)

    found = (await desk.client.get(f"/cases/{desk.reference}", headers=desk.handler.headers)).json()

    steps = {step["to"]: step for step in found["next"]}
    assert [one["code"] for one in steps["protection_plan"]["missing"]] == ["safety_not_assessed"]
    assert steps["protection_plan"]["missing"][0]["remedy"]
    assert steps["withdrawn"]["missing"][0]["code"] == "pressure_not_asked"
    assert found["indicative_until"] is not None
    assert {one["code"] for one in found["missing_for_contact"]} == {
        "safety_not_assessed",
        "protection_plan_missing",
        "consent_missing",
    }


async def test_a_refused_step_names_every_reason_and_leaves_no_trace(desk: Desk) -> None:
    before = await desk.actions(), await published(desk.schema.pool)

    answer = await desk.post("contact", **WHY)

    assert faults(answer) == {"safety_not_assessed", "protection_plan_missing", "consent_missing"}
    assert all(fault["remedy"] for fault in answer.json()["errors"])
    assert (await desk.actions(), await published(desk.schema.pool)) == before


async def test_the_employer_is_contacted_after_protection_and_consent_and_then_watched(desk: Desk) -> None:
    await protect(desk)

    found = await desk.does("move", to="parties_informed", **WHY)

    assert len(await desk.facts(EmployerContacted)) == 1
    checks = [row for row in found["deadlines"] if row["kind"] == "retaliation_check"]
    assert [row["number"] for row in checks] == [2, 7, 14, 30, 90, 180, 365]
    actions = [action for action, person in await desk.actions() if person == desk.handler.person.id]
    assert actions == ["moved"] * 4 + ["assessed", "moved", "assessed", "consent", "moved"]


async def test_consent_that_a_handler_records_says_so(desk: Desk) -> None:
    await desk.does("consent", rung="employer", given=True, motivation="By telephone.")
    found = await desk.does("consent", rung="employer", given=False, motivation="They called again.")

    assert found["consents"] == []
    assert [(fact.rung, fact.given, fact.by) for fact in await desk.facts(ConsentGiven)] == [
        (Rung.EMPLOYER, True, Party.HANDLER),
        (Rung.EMPLOYER, False, Party.HANDLER),
    ]


async def test_a_contact_is_recorded_on_its_day_and_not_on_a_day_to_come_nor_before_the_case_came(
    desk: Desk, runtime: Runtime
) -> None:
    await protect(desk)
    await let_days_pass(runtime, desk.case["case_id"], 2)
    today = (await desk.schema.rows("SELECT (now() AT TIME ZONE 'Europe/Oslo')::date AS day"))[0]["day"]

    for days in (1, -3):
        assert faults(await desk.post("contact", on=str(today + timedelta(days=days)), **WHY)) == {"too_soon"}
    found = await desk.does("contact", on=str(today - timedelta(days=2)), **WHY)

    assert found["contacted_on"] == str(today - timedelta(days=2))


async def test_a_case_that_is_not_processed_is_referred(desk: Desk) -> None:
    await desk.does("acknowledge")
    await desk.moves(CaseState.GENUINENESS_CHECK)
    assert faults(await desk.post("move", to="referred", reason="out_of_scope", **WHY)) == {"referral_missing"}

    await desk.does("move", to="referred", reason="out_of_scope", referral="labour_inspectorate", **WHY)
    found = await desk.does("move", to="closed", **WHY)

    assert (found["state"], found["outcome"]) == ("closed", "out_of_scope")
    assert {row["state"] for row in found["deadlines"] if row["kind"] == "stage"} <= {"met", "cancelled"}


@pytest.mark.parametrize(
    "body",
    [
        {"to": "other"},
        {"to": "acknowledged", "reason": "because"},
        {"to": "acknowledged", "case": "x"},
        {"to": "acknowledged", "motivation": ""},
    ],
)
async def test_a_move_in_unknown_words_is_refused_without_an_echo(desk: Desk, body: dict[str, Any]) -> None:
    answer = await desk.post("move", **(WHY | body))

    assert answer.status_code == 422
    assert "because" not in answer.text


# The reporter's objection, withdrawal and appeal


async def objects(desk: Desk, runtime: Runtime) -> None:
    """The reporter objects to closure."""
    await happens(desk, runtime, [ObjectionRaised(case=desk.case["case_id"])])


async def happens(desk: Desk, runtime: Runtime, facts: Sequence[CaseFact]) -> None:
    """Let the reporter do something, as the door does."""
    async with runtime.transaction() as tx:
        case = await cases.lock(tx, desk.reference)
        assert case is not None
        work = casework.Work(casework.REPORTER, Action.WROTE, lambda *_: facts)
        await casework.act(office_of(runtime), tx, case, work)


async def test_an_objection_is_heard_by_a_coordinator_who_never_worked_on_the_case(
    desk: Desk, runtime: Runtime
) -> None:
    both = await somebody(desk.schema.pool, Role.COORDINATOR, Role.HANDLER)
    await assign(desk.schema.pool, desk.case["case_id"], both)
    await desk.does("message", both, text="How are you?")
    await objects(desk, runtime)

    assert (await desk.post("objection", **WHY)).status_code == 403
    assert faults(await desk.post("objection", both, **WHY)) == {"not_for_this_party"}
    await desk.schema.pool.execute("DELETE FROM assignment WHERE person_id = $1", both.person.id)
    assert faults(await desk.post("objection", both, **WHY)) == {"not_for_this_party"}
    found = await desk.does("objection", desk.coordinator, **WHY)

    assert found["objection"] is False
    assert (await desk.actions())[-1] == ("heard", desk.coordinator.person.id)


async def test_an_objection_keeps_a_case_open_that_could_else_be_closed(desk: Desk, runtime: Runtime) -> None:
    await desk.does("acknowledge")
    await desk.moves(CaseState.GENUINENESS_CHECK)
    await desk.does("move", to="referred", reason="not_genuine", referral="none_that_is_safe", **WHY)
    await objects(desk, runtime)

    assert faults(await desk.post("move", to="closed", **WHY)) == {"objection_open"}
    assert "reporter_wrote" in {mail.kind for mail in data_of(await published(desk.schema.pool), MailRequested)}


async def test_for_a_reporter_without_receipt_no_handler_of_the_case_records_a_withdrawal(desk: Desk) -> None:
    said: dict[str, Any] = {"pressure": "no", **WHY}
    both = await somebody(desk.schema.pool, Role.COORDINATOR, Role.HANDLER)
    await assign(desk.schema.pool, desk.case["case_id"], both)
    await desk.does("message", both, text="How are you?")

    assert (await desk.post("withdrawal", **said)).status_code == 403
    assert faults(await desk.post("withdrawal", both, **said)) == {"not_for_this_party"}
    assert faults(await desk.post("move", to="withdrawn", **WHY)) == {"pressure_not_asked"}


async def test_a_reporter_without_receipt_withdraws_through_a_coordinator_but_not_under_pressure(desk: Desk) -> None:
    await desk.does("withdrawal", desk.coordinator, pressure="yes", motivation="The supervisor stood beside them.")
    assert faults(await desk.post("move", to="withdrawn", **WHY)) == {"under_pressure"}

    await desk.does("withdrawal", desk.coordinator, pressure="no", motivation="Called from home.")
    found = await desk.does("move", to="withdrawn", **WHY)

    assert (found["state"], found["outcome"]) == ("withdrawn", "complainant_withdrew")


async def test_an_appeal_is_decided_by_a_coordinator_and_not_by_the_handler(desk: Desk, runtime: Runtime) -> None:
    await desk.does("acknowledge")
    await desk.moves(CaseState.GENUINENESS_CHECK)
    await desk.does("move", to="referred", reason="not_genuine", referral="union", **WHY)
    appealed = CaseMoved(
        case=desk.case["case_id"],
        before=CaseState.REFERRED,
        after=CaseState.APPEALED,
        reason=CaseReason.APPEAL_LODGED,
    )
    await happens(desk, runtime, [appealed])

    assert faults(await desk.post("move", to="reopened", reason="appeal_upheld", **WHY)) == {"not_for_this_party"}
    found = await desk.does("appeal", desk.coordinator, upheld=True, **WHY)

    assert found["state"] == "reopened"


# Links


async def test_a_case_is_linked_to_another_of_the_same_handler_and_to_no_other(desk: Desk, runtime: Runtime) -> None:
    earlier = await taken_in_case(runtime)
    body = {"to": earlier["reference"], "kind": "reprisal", **WHY}
    assert (await desk.post("link", **body)).status_code == 404
    await assign(desk.schema.pool, earlier["case_id"], desk.handler)

    found = await desk.does("link", **body)

    assert found["links"] == [{"reference": earlier["reference"], "kind": "reprisal"}]
    assert found["reprisal"] is True
    assert "respond_to_reprisal" in {row["kind"] for row in found["deadlines"]}
    assert (await desk.post("link", **(body | {"to": desk.reference}))).status_code == 422
    assert (await desk.post("link", **(body | {"kind": "joined"}))).status_code == 422
