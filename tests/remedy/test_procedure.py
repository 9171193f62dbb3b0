"""One case from its receipt to closure over HTTP: every way around the workers is tried, and refused, on the way.

A reporter with a receipt, two handlers and a coordinator; the employer is spoken to, takes revenge, and repairs.
"""

import json
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import httpx

from services.remedy.domain.people import Role
from services.remedy.office import Office
from services.remedy.settings import RemedySettings
from services.remedy.store import cases
from tests.remedy.given import Keyed, published, somebody
from tests.remedy.handling import COMPENSATION, WORDS, Desk, let_days_pass
from tests.remedy.reporting import Reporter, reporter

CONFIDENTIAL = ("Ana Example", "Building 4, line 7", "the cousin, on Sundays", *WORDS.values())


@dataclass(frozen=True)
class Procedure:
    """Everybody who takes part. `desk` records the implementation, `second` the verification."""

    office: Office
    reporter: Reporter
    desk: Desk
    second: Desk
    coordinator: Keyed

    async def move(self, to: str, **said: object) -> Any:
        """Move the case on."""
        return await self.desk.do("/move", to=to, motivation="The next step.", **said)

    async def stuck(self, to: str, **said: object) -> set[str]:
        """Why the case does not go to a state."""
        return await self.desk.refused("/move", to=to, motivation="A way around.", **said)


async def begun(office: Office, client: httpx.AsyncClient) -> Procedure:
    """A case that was taken in, and assigned by a coordinator to two handlers."""
    ana = await reporter(
        office,
        client,
        identity="Ana Example",
        trusted_contact="the cousin, on Sundays",
        place={"name": "Example Electronics", "unit": "Building 4, line 7"},
        workers=40,
    )
    async with office.runtime.transaction() as tx:
        case = await cases.lock_by_id(tx, ana.case)
    assert case is not None
    coordinator = await somebody(office.runtime.pool, Role.COORDINATOR)
    people = [await somebody(office.runtime.pool, Role.HANDLER) for _ in range(2)]
    for one in people:
        path = f"/cases/{case['reference']}/handlers"
        answer = await client.post(path, json={"name": one.person.name}, headers=coordinator.headers)
        assert answer.status_code == 200, answer.text
    first, second = (Desk(client, case["reference"], one) for one in people)
    return Procedure(office, ana, first, second, coordinator)


async def test_a_case_goes_from_receipt_to_verified_remedy_and_closes_over_nobodys_head(
    office: Office, client: httpx.AsyncClient
) -> None:
    procedure = await begun(office, client)

    await workers_are_protected_before_anybody_is_told(procedure)
    await nothing_is_agreed_over_the_workers_heads(procedure)
    await reprisal_is_a_case_of_its_own(procedure)
    await the_supplier_does_not_verify_itself(procedure)
    await nothing_is_closed_while_something_is_open(procedure)
    await all_of_it_stands_in_the_audit_and_nothing_confidential_in_plain(procedure)


async def workers_are_protected_before_anybody_is_told(procedure: Procedure) -> None:
    """Until parties are informed: in order, assessed, protected, and with consent."""
    desk = procedure.desk
    assert await procedure.stuck("closed", reason="remedy_verified") >= {"not_from_this_state"}
    assert await procedure.stuck("investigating", reason="next_step") >= {"not_from_this_state", "safety_not_assessed"}

    await desk.do("/acknowledge")
    for state in ("genuineness_check", "admissibility", "safety_assessment"):
        await procedure.move(state)
    missing = {"safety_not_assessed", "protection_plan_missing", "consent_missing"}
    assert await desk.refused("/contact", motivation="Only to ask.") == missing
    assert await procedure.stuck("protection_plan") == {"safety_not_assessed"}
    assert await desk.refused("/protection", plan="Too early.") == {"safety_not_assessed"}

    await desk.do("/safety", level="high", assessment="Who spoke up before was dismissed.")
    await procedure.move("protection_plan")
    await desk.do("/protection", plan="The union goes along; nobody's words are repeated.")
    assert await procedure.stuck("parties_informed") == {"consent_missing"}

    await procedure.reporter.told("consents", rung="employer", given=True)
    standing = await procedure.move("parties_informed")
    assert standing["contacted_on"] is not None
    await procedure.move("investigating")
    await procedure.move("finding", reason="grounded")


async def nothing_is_agreed_over_the_workers_heads(procedure: Procedure) -> None:
    """Until the remedy is agreed: with the workers, complete, and in words."""
    desk = procedure.desk
    assert await procedure.stuck("remedy_agreed") == {"workers_not_consulted", "plan_missing"}
    half = COMPENSATION | {"amount_promised": None, "words": {"finding": WORDS["finding"]}}
    await desk.do("/plan/items", **half)
    assert await desk.item_refused("advance", to="consulted") == {"workers_not_consulted"}

    yesterday = date.today() - timedelta(days=1)  # noqa: DTZ011 - the day before, in whichever zone
    assert await desk.refused("/plan/consulted", on=yesterday.isoformat(), through="supplier") == {"not_for_this_party"}
    await desk.do("/plan/consulted", on=yesterday.isoformat(), through="union")
    await desk.item("advance", to="consulted")
    assert await desk.item_refused("advance", to="agreed", amount_promised="12000.00") == {"item_incomplete"}
    await desk.item("words", **WORDS)
    assert await desk.item_refused("advance", to="agreed") == {"item_incomplete"}
    assert await procedure.stuck("remedy_agreed") == {"item_open"}

    plan = await desk.item("advance", to="agreed", amount_promised="12000.00")
    assert (plan["agreed"], plan["paid"]) == (True, False)
    await procedure.move("remedy_agreed")
    await procedure.move("implementing")


async def reprisal_is_a_case_of_its_own(procedure: Procedure) -> None:
    """Two days after the contact somebody was dismissed: told, escalated, and watched until it has ended."""
    desk = procedure.desk
    assert await desk.refused("/watch/checks", result="none_seen", number=2) == {"too_soon"}
    await let_days_pass(procedure.office.runtime, procedure.reporter.case, 2)
    note = "The line leader was dismissed on the day after the visit."
    watch = await desk.do("/watch/checks", result="confirmed", number=2, forms=["dismissal"], note=note)

    linked = await Desk(desk.client, watch["reprisal"], desk.handler).get()
    assert linked["links"] == [{"reference": desk.reference, "kind": "reprisal"}]
    assert {one["kind"] for one in linked["deadlines"]} >= {"respond_to_reprisal"}
    assert await desk.refused("/watch/follow-ups", step="escalated") == {"trusted_contact_first"}
    await desk.do("/watch/follow-ups", step="trusted_contact_told")
    await desk.do("/watch/follow-ups", step="escalated")
    assert await desk.refused("/watch/follow-ups", step="ended") == {"retaliation_open"}


async def the_supplier_does_not_verify_itself(procedure: Procedure) -> None:
    """Until the remedy is verified: by others than who did it, and once it works."""
    desk, second = procedure.desk, procedure.second
    await desk.item("advance", to="in_progress")
    await desk.item("pay", workers_paid=30, amount_paid="9000.00", currency="EUR")
    assert await desk.item_refused("pay", workers_paid=29) == {"paid_less_than_before"}
    assert await desk.item_refused("pay", amount_paid="12000.00", currency="USD") == {"currency_differs"}
    await desk.item("advance", to="evidence_submitted", evidence_from=["supplier"])
    await procedure.move("verification")
    assert await procedure.stuck("resolved") == {"item_open"}

    await second.item("advance", to="verifying")
    found = await desk.item_refused("advance", to="verified_effective", verified_by="supplier")
    assert found == {"verifier_is_implementer", "supplier_word_alone"}
    found = await second.item_refused("advance", to="verified_effective", verified_by="independent_auditor")
    assert found == {"supplier_word_alone"}
    await second.item("advance", to="verified_ineffective", verified_by="union", note="Ten have not been paid.")
    assert await procedure.stuck("resolved") == {"item_open"}

    await desk.item("advance", to="in_progress")
    await desk.item("advance", to="evidence_submitted", evidence_from=["supplier", "workers"])
    await second.item("advance", to="verifying")
    plan = await second.item("advance", to="verified_effective", verified_by="workers")
    assert plan["verified"]
    assert await second.item_refused("advance", to="closed") == {"payment_short"}
    await procedure.move("resolved")


async def nothing_is_closed_while_something_is_open(procedure: Procedure) -> None:
    """Until the case closes: everybody paid, every check made, no sign and no objection left."""
    desk, reporter_of_case = procedure.desk, procedure.reporter
    await reporter_of_case.told("objection")
    assert "not_from_this_state" in await procedure.stuck("closed", reason="remedy_verified")
    await procedure.move("retaliation_watch")
    everything = {"payment_short", "check_open", "retaliation_open", "objection_open"}
    assert await procedure.stuck("closed") == everything

    await desk.item("pay", workers_paid=40, amount_paid="12000.00", currency="EUR")
    assert await procedure.stuck("closed") == everything - {"payment_short"}
    await procedure.second.item("advance", to="closed")
    await make_all_checks(procedure)
    assert await procedure.stuck("closed") == {"retaliation_open", "objection_open"}
    await desk.do("/watch/follow-ups", step="ended")
    assert await procedure.stuck("closed") == {"objection_open"}
    await reporter_of_case.told("objection/withdraw")

    standing = await procedure.move("closed")
    assert (standing["state"], standing["outcome"]) == ("closed", "remedy_verified")
    assert (await reporter_of_case.told("case"))["standing"]["stage"] == "closed"
    assert await desk.item_refused("reopen", motivation="Too late.") == {"not_from_this_state"}
    assert await procedure.stuck("retaliation_watch") >= {"not_from_this_state"}


async def make_all_checks(procedure: Procedure) -> None:
    """Make the checks that are left, each on its day, and none before."""
    settings = procedure.office.runtime.settings
    assert isinstance(settings, RemedySettings)
    passed = 2
    for number in settings.check_days[1:]:
        said = {"result": "none_seen", "number": number}
        assert await procedure.desk.refused("/watch/checks", **said) == {"too_soon"}
        assert "check_open" in await procedure.stuck("closed")
        await let_days_pass(procedure.office.runtime, procedure.reporter.case, number - passed)
        await procedure.desk.do("/watch/checks", **said)
        passed = number


async def all_of_it_stands_in_the_audit_and_nothing_confidential_in_plain(procedure: Procedure) -> None:
    """The chain verifies, and no table but that of ciphertexts has anything of what was told."""
    auditor = await somebody(procedure.office.runtime.pool, Role.AUDITOR)
    client = procedure.desk.client
    chain = await client.get("/audit/chain", headers=auditor.headers)
    assert chain.status_code == 200, chain.text
    assert (chain.json()["findings"], chain.json()["altered"]) == ([], [])
    assert chain.json()["entries"] > 40
    found = await everything_in_plain(procedure)
    assert not [word for word in CONFIDENTIAL if word in found or word.encode().hex() in found]
    due = await client.get("/watch/due", headers=procedure.coordinator.headers)
    assert json.loads(due.text) == []


async def everything_in_plain(procedure: Procedure) -> str:
    """Every row of every table, bytes in hex, and every event to be published."""
    pool = procedure.office.runtime.pool
    tables = await pool.fetch("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
    rows = [row for (table,) in tables for row in await pool.fetch(f"SELECT to_jsonb(t)::text FROM {table} AS t")]
    assert len(rows) > 100
    return "\n".join([row[0] for row in rows] + [f"{event}" for _, event in await published(pool)])
