"""A grievance from its sealed box to a verified remedy, with a reprisal in between, and to its erasure at the end."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.journeys.conftest import NewMember
from tests.journeys.desk import Desk, Reporter
from tests.journeys.scanner import leaks
from tests.journeys.test_testimony import kill
from tests.live_stack import LiveStack, wait_until

WORDS = {
    "finding": "Invented: papers were kept.",
    "root_cause": "Invented: a rule of the dormitory.",
    "corrective_action": "Invented: papers are returned, fees paid back.",
}
ON_THE_WAY = ("acknowledged", "genuineness_check", "admissibility", "safety_assessment")


@pytest.mark.timeout(600)
def test_a_worker_is_heard_protected_and_repaired_and_the_case_is_not_closed_over_their_head(
    stack: LiveStack, new_member: NewMember, fresh: str, tmp_path: Path
) -> None:
    partner, worker = new_member(), Reporter(stack, tmp_path)
    ingrid, amina, samir = (Desk(stack, name) for name in ("ingrid", "amina", "samir"))
    case = worker.files(partner, ingrid, "grievance", "--receipt-to", str(worker.receipt), **told(fresh))
    for handler in ("amina", "samir"):
        ingrid.does(case, "handlers", name=handler)

    read = amina.does(case, "read", motivation="First reading")
    assert f"Zeichen {fresh}" in str(read) and f"Name {fresh}" not in str(read)
    amina.does(case, "acknowledge")
    for state in ON_THE_WAY[1:]:
        amina.moves(case, state, "admissible" if state == "safety_assessment" else None)

    # Nobody speaks to the employer before the workers are safe and agree.
    contact = {"on": today(), "motivation": "To hear the employer"}
    assert amina.may_not(case, "contact", **contact) == {
        "safety_not_assessed", "protection_plan_missing", "consent_missing",
    }  # fmt: skip
    amina.does(case, "safety", level="elevated", assessment="Invented: others were moved to another line before.")
    amina.moves(case, "protection_plan")
    amina.does(case, "protection", plan="Invented: the union's office calls each week.")
    assert amina.may_not(case, "contact", **contact) == {"consent_missing"}
    worker.types("consent", "employer", "--yes")
    amina.moves(case, "parties_informed")
    amina.does(case, "contact", **contact)
    amina.moves(case, "investigating")

    # A reprisal is a case of its own, with the shortest clock, also while the service is killed.
    kill(stack, "remedy")
    stack.settled()
    second = Reporter(stack, tmp_path)
    options = ("--reprisal", "--belongs-to", str(worker.receipt), "--no-receipt")
    reprisal = second.files(partner, ingrid, "grievance", *options, narrative=f"Invented: moved, Zeichen {fresh}")
    ingrid.does(reprisal, "handlers", name="amina")
    wait_until(lambda: "respond_to_reprisal" in running(amina, reprisal), 30, lambda: "no clock for the reprisal")
    shortest = next(kind for kind in running(amina, reprisal) if kind != "acknowledge")  # that is of seconds here
    assert shortest == "respond_to_reprisal"

    amina.moves(case, "finding", "grounded")
    remedied(amina, samir, case)
    amina.moves(case, "verification")
    amina.moves(case, "resolved", "remedy_verified")
    amina.moves(case, "retaliation_watch")

    # Neither a check that is open, nor a sign, nor an objection is passed over.
    closing = {"to": "closed", "motivation": "All is done"}
    worker.types("object")
    amina.does(case, "watch/checks", result="suspected", forms=["transfer"])
    assert amina.may_not(case, "move", **closing) == {"check_open", "retaliation_open", "objection_open"}
    amina.does(case, "watch/checks", result="none_seen", number=0)
    amina.does(case, "watch/follow-ups", step="ended")
    worker.types("object", "--take-back")
    amina.moves(case, "closed")
    assert worker.status()["standing"]["stage"] == "closed"


def today() -> str:
    """The day that it is at the mechanism."""
    return datetime.now(ZoneInfo("Europe/Oslo")).date().isoformat()


def told(fresh: str) -> dict[str, object]:
    """Invented testimony with a mark in each of its confidential parts."""
    return {
        "narrative": f"Invented: papers are kept at Example Electronics, Zeichen {fresh} ü",
        "filed_by": "worker",
        "identity": f"Invented: Name {fresh}",
        "contact": f"Invented: Ruf {fresh}",
        "trusted_contact": f"Invented: the union's office, Ruf {fresh}",
        "place": {"name": "Example Electronics, Plant 1", "unit": f"Line {fresh}"},
        "categories": ["forced_labour"],
        "workers": 40,
    }


def running(desk: Desk, reference: str) -> list[str]:
    """What is still to be done for a case, the first due first."""
    deadlines = desk.ask("GET", f"/cases/{reference}").json()["deadlines"]
    return [
        one["kind"] for one in sorted(deadlines, key=lambda one: str(one["due"])) if one["state"] in ("running", "near")
    ]


def remedied(amina: Desk, samir: Desk, case: str) -> None:
    """Agree a remedy with the workers, carry it out, and have it verified by who did not carry it out."""
    amina.does(case, "plan/consulted", on=today(), through="union")
    item = {"form": "compensation", "grade": "priority", "responsible": "supplier", "cost_bearer": "brand"}
    terms = {"due": "2027-01-31", "workers_entitled": 40, "amount_promised": "12000.00", "currency": "EUR"}
    plan = amina.does(case, "plan/items", **item, **terms, words=WORDS)
    step = f"plan/items/{plan['items'][0]['item']}"
    amina.does(case, f"{step}/advance", to="consulted")
    amina.does(case, f"{step}/advance", to="agreed")
    amina.moves(case, "remedy_agreed")
    amina.moves(case, "implementing")
    amina.does(case, f"{step}/advance", to="in_progress")
    amina.does(case, f"{step}/advance", to="evidence_submitted", evidence_from=["supplier"])
    samir.does(case, f"{step}/advance", to="verifying")
    assert "supplier_word_alone" in samir.may_not(
        case, f"{step}/advance", to="verified_effective", verified_by="supplier"
    )
    samir.does(case, f"{step}/advance", to="verified_effective", evidence_from=["workers"], verified_by="union")
    amina.does(case, f"{step}/pay", workers_paid=38, amount_paid="11400.00", currency="EUR")
    assert "payment_short" in samir.may_not(case, f"{step}/advance", to="closed")
    amina.does(case, f"{step}/pay", workers_paid=40, amount_paid="12000.00", currency="EUR")
    samir.does(case, f"{step}/advance", to="closed")


async def test_who_the_reporter_is_opens_for_one_person_by_anothers_decision_and_after_erasure_for_nobody(
    stack: LiveStack, new_member: NewMember, fresh: str, tmp_path: Path
) -> None:
    partner, worker = new_member(), Reporter(stack, tmp_path)
    ingrid, amina, samir, jonas = (Desk(stack, name) for name in ("ingrid", "amina", "samir", "jonas"))
    case = worker.files(partner, ingrid, "flag", "--receipt-to", str(worker.receipt), **told(fresh))
    for handler in ("amina", "samir"):
        ingrid.does(case, "handlers", name=handler)

    amina.does(case, "identity/requests", motivation="Back pay is paid by name")
    (request,) = [one["request"] for one in jonas.ask("GET", "/identity/requests").json() if one["reference"] == case]
    decision = {"granted": True, "motivation": "No other way to pay"}
    own = amina.ask("POST", f"/identity/requests/{request}/decision", decision)
    granted = jonas.ask("POST", f"/identity/requests/{request}/decision", decision)
    seen = amina.does(case, "identity/readings")
    others = samir.ask("POST", f"/cases/{case}/identity/readings")

    assert own.status_code in (403, 404) and granted.is_success
    assert f"Name {fresh}" in str(seen) and not others.is_success and fresh not in others.text

    worker.types("copy", "--out", str(tmp_path / "copy.json"))
    assert f"Zeichen {fresh}" in (tmp_path / "copy.json").read_text()
    worker.types("erase", "--copied", "taken", "--pressure", "no")
    wait_until(lambda: not amina.ask("POST", f"/cases/{case}/read", {"motivation": "?"}).is_success, 60)

    refused = amina.ask("POST", f"/cases/{case}/read", {"motivation": "Once more"})
    assert refused.status_code == 409 and fresh not in refused.text
    assert "is whole" in stack.engage("audit", "verify", "--as", "maja")
    stack.settled()
    assert await leaks(stack, fresh) == set()
