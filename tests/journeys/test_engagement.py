"""One engagement from a flag to its verified end, as people type it, with the supplier's own answers and a kill."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from deploy.local.state import service_url
from tests.journeys.conftest import NewMember
from tests.journeys.door import flag
from tests.journeys.test_exposure import contract
from tests.journeys.test_testimony import kill
from tests.live_stack import LiveStack

FILE = ("--evidence", "https://example.org/record.pdf", "--sha256", "0" * 64)


class Typed:
    """What one member types about one engagement."""

    def __init__(self, stack: LiveStack, member: str) -> None:
        self.stack, self.member, self.engagement = stack, member, ""

    def act(self, command: str, *words: str, code: int = 0) -> Any:
        """A step with the engagement; what came of it."""
        of = (self.engagement,) if self.engagement else ()
        return self.stack.json("engagement", command, *of, *words, "--member", self.member, code=code)

    def open(self, engagement: str, objective: str) -> None:
        """Open what was proposed."""
        told = self.act("open", engagement, "--objective", objective)
        assert told["standing"] == "applied"
        self.engagement = engagement

    def shown(self) -> Any:
        """The engagement as it is shown to this member."""
        return self.stack.json("engagement", "show", self.engagement, "--member", self.member)


def quarter(day: date) -> str:
    """The quarter of a day."""
    return f"{day.year}-Q{(day.month + 2) // 3}"


def found_group(stack: LiveStack, group: str, supplier: str, lead: str, secretariat: str) -> None:
    """A working group, formed for a cause, whose lead is a member."""
    words = ("--name", f"Example {group}", "--purpose", "To engage a common supplier.", "--secretariat", secretariat)
    cause = ("--cause", "compliance-concern", "--why", "Several members were told of the same.")
    stack.engage("group", "add", group, *words, *cause, "--supplier", supplier, "--member", f"{lead}:lead")


def supplier_commits(stack: LiveStack, typed: Typed, group: str, supplier: str, ask: str, due: date) -> str:
    """A link is issued, by which the supplier commits itself; its commitment."""
    words = ("--group", group, "--ask", ask, "--member", typed.member, "--label", "compliance desk")
    key = stack.json("contact", "issue", supplier, *words)["key"]
    url = f"{service_url(stack.state().ports['ingest'])}/supplier/asks"
    headers = {"authorization": f"Bearer {key}"}
    shown = httpx.get(url, headers=headers, timeout=60).json()
    assert [one["ask"] for one in shown["asks"]] == [ask]
    assert typed.member not in str(shown)
    said = {"answer": "committed", "wording": "All fees are repaid.", "measure": "Bank records.", "due": str(due)}
    answer = httpx.post(f"{url}/{ask}/answers", json=said, headers=headers, timeout=60)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["entry"])


def read_back(stack: LiveStack, typed: Typed, group: str, supplier: str, fresh: str, folder: Path) -> None:
    """What people read of it: the board, one thread from the contract to the end, and a report."""
    board = stack.json("board", "--group", group, "--state", "all", "--member", typed.member)
    assert [one["engagement"] for one in board["items"]] == [typed.engagement]
    kinds = [one["type"] for one in stack.json("timeline", f"C-{fresh}", "--member", typed.member)["lines"]]
    thread = ("contract.recorded.v1", "engagement.proposed.v1", "engagement.opened.v1", "engagement.closed.v1")
    assert sorted(map(kinds.index, thread)) == [kinds.index(one) for one in thread]
    report = folder / "report.html"
    stack.engage("document", "group", group, "--member", typed.member, "--out", str(report))
    assert supplier in report.read_text()


def test_an_engagement_goes_from_a_flag_to_what_rightsholders_verified(
    stack: LiveStack, new_member: NewMember, fresh: str, tmp_path: Path
) -> None:
    lead, outsider, secretariat = new_member(), new_member(), new_member()
    supplier, group, today = f"Example Engaged {fresh}", f"group-{fresh}", datetime.now(UTC).date()
    found_group(stack, group, supplier, lead.member, secretariat.member)
    lead.send(contract(supplier, f"C-{fresh}"), flag(supplier))
    stack.settled()
    typed = Typed(stack, lead.member)

    # Proposed by the system, opened by a person; no step is skipped.
    (proposed,) = stack.json("engagement", "list", "--group", group, "--member", lead.member)["items"]
    assert proposed["state"] == "proposed"
    typed.open(proposed["engagement"], "Recruitment fees are repaid")
    refused = typed.act("milestone", "M2", *FILE, code=1)
    assert (refused["code"], [one["code"] for one in refused["errors"]]) == ("state_conflict", ["step_skipped"])
    assert any("M1" in one for one in refused["legal"])

    # Asked once, answered by the supplier itself, whose word settles nothing.
    due = today + timedelta(days=30)
    ask = typed.act("ask", "Repay the recruitment fees", "--due", str(due))["entry"]
    typed.act("milestone", "M1", *FILE)
    stack.settled()
    promise = supplier_commits(stack, typed, group, supplier, ask, due)
    kill(stack, "remedy")
    stack.settled()
    typed.act("milestone", "M2", *FILE)
    typed.act("milestone", "M3", *FILE)
    typed.act("assess", "met", "--commitment", promise, "--basis", "supplier", *FILE, code=1)
    typed.act("assess", "met", "--commitment", promise, "--basis", "audit", *FILE)
    typed.act("milestone", "M4", *FILE)

    # Verified by rightsholders, and then closed.
    talk = typed.act("consult", "union", "--quarter", quarter(today), "--priority", "forced_labour")["entry"]
    typed.act("milestone", "M5", "--verified-by", "union", "--consultation", talk)
    typed.act("conclude", "achieved")
    shown = typed.shown()
    assert (shown["state"], shown["milestone"], shown["outcome"]) == ("closed", "M5", "achieved")
    assert [one["milestone"] for one in shown["stages"]] == ["M0", "M1", "M2", "M3", "M4", "M5"]

    read_back(stack, typed, group, supplier, fresh, tmp_path)
    assert supplier not in stack.engage("engagement", "show", typed.engagement, "--member", outsider.member, code=1)
    stack.settled()
    rebuilt = stack.json("engagement", "rebuild")
    assert (rebuilt["equal"], rebuilt["events"] > 0) == (True, True)
