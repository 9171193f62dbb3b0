"""The desks of those who work on cases, and a reporter's own machine: HTTP with their keys, commands with a receipt."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from tests.journeys.door import Door
from tests.live_stack import LiveStack, wait_until


@dataclass(frozen=True)
class Desk:
    """A person who works on cases, by their own key."""

    stack: LiveStack
    name: str

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
        """What `remedy` answers to this person, now or once it is up again."""
        url = self.stack.status()["services"]["remedy"]["url"] + path
        headers = {"authorization": f"Bearer {self.stack.person_key(self.name)}"}
        return httpx.request(method, url, headers=headers, json=body, timeout=60)

    def does(self, reference: str, step: str, /, **body: Any) -> Any:
        """Do something to a case, which must be allowed; how the case then stands."""
        answer = self.ask("POST", f"/cases/{reference}/{step}", body)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def moves(self, reference: str, to: str, reason: str | None = None) -> None:
        """Move a case on."""
        said = {"to": to, "motivation": "As the procedure has it"} | ({"reason": reason} if reason else {})
        assert self.does(reference, "move", **said)["state"] == to

    def may_not(self, reference: str, step: str, /, **body: Any) -> set[str]:
        """The codes with which something is refused as the case stands."""
        answer = self.ask("POST", f"/cases/{reference}/{step}", body)
        assert answer.status_code == 409, answer.text
        return {fault["code"] for fault in answer.json()["errors"]}


@dataclass(frozen=True)
class Reporter:
    """Somebody with a receipt and a machine on which boxes are sealed."""

    stack: LiveStack
    folder: Path

    @property
    def receipt(self) -> Path:
        """The file with the receipt."""
        return self.folder / "receipt.txt"

    def files(self, through: Door, coordinator: Desk, kind: str, *options: str, **told: Any) -> str:
        """Seal testimony here and send it through a member's door; the reference of the case that it becomes."""
        plain, sealed = self.folder / f"{uuid4()}.json", self.folder / f"{uuid4()}.sealed.json"
        plain.write_text(json.dumps({"version": 1} | told))
        self.stack.engage("seal", str(plain), "--kind", kind, "--out", str(sealed), *options)
        before = references(coordinator)
        self.stack.engage("publish", str(sealed), "--member", through.member)
        wait_until(lambda: bool(references(coordinator) - before), 60, lambda: "no case came of it")
        (reference,) = references(coordinator) - before
        return reference

    def types(self, *command: str) -> str:
        """Type one of the reporter's commands."""
        return self.stack.engage("report", *command, "--receipt-file", str(self.receipt))

    def status(self) -> dict[str, Any]:
        """What the door tells."""
        told: dict[str, Any] = self.stack.json("report", "status", "--receipt-file", str(self.receipt))
        return told


def references(coordinator: Desk) -> set[str]:
    """The references of all cases."""
    return {str(case["reference"]) for case in coordinator.ask("GET", "/cases?limit=1000").json()}
