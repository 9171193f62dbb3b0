"""Handling a case over HTTP, as its handlers do: each call is checked, and answers what the service answered."""

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
from asyncpg import Record

from services.remedy.domain.people import Role
from shared.service import Runtime
from tests.remedy.given import Keyed, assign, somebody, taken_in_case

WORDS: dict[str, Any] = {
    "finding": "The wages of two months are missing at Example Electronics.",
    "root_cause": "A labour agency keeps wages back until the contract ends.",
    "corrective_action": "The wages are paid with interest.",
    "preventive_action": "The agency is replaced by direct contracts.",
}
COMPENSATION: dict[str, Any] = {
    "form": "compensation",
    "grade": "priority",
    "responsible": "supplier",
    "cost_bearer": "brand",
    "due": "2027-01-31",
    "workers_entitled": 40,
    "amount_promised": "12000.00",
    "currency": "EUR",
    "words": WORDS,
}


@dataclass(frozen=True)
class Desk:
    """A handler at work on a case."""

    client: httpx.AsyncClient
    reference: str
    handler: Keyed

    async def get(self, path: str = "") -> Any:
        """What is shown. Fails where it is not."""
        answer = await self.client.get(f"/cases/{self.reference}{path}", headers=self.handler.headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def do(self, path: str, **said: object) -> Any:
        """What came of something that is done. Fails where it is refused."""
        answer = await self.post(path, **said)
        assert answer.is_success, answer.text
        return answer.json()

    async def refused(self, path: str, **said: object) -> set[str]:
        """Every reason why something may not be done to the case as it stands. Fails where it may."""
        answer = await self.post(path, **said)
        assert answer.status_code == 409, answer.text
        assert answer.json()["code"] == "state_conflict"
        return {error["code"] for error in answer.json()["errors"]}

    async def post(self, path: str, **said: object) -> httpx.Response:
        """The answer, whichever it is."""
        return await self.client.post(f"/cases/{self.reference}{path}", json=said, headers=self.handler.headers)

    async def item(self, action: str, number: int = 0, **said: object) -> Any:
        """What came of something that is done to an item of the plan."""
        return await self.do(await self.path_of(number, action), **said)

    async def item_refused(self, action: str, number: int = 0, **said: object) -> set[str]:
        """Every reason why something may not be done to an item."""
        return await self.refused(await self.path_of(number, action), **said)

    async def path_of(self, number: int, action: str) -> str:
        """The path of something to be done to an item, which is named by its place."""
        plan = await self.get("/plan")
        return f"/plan/items/{plan['items'][number]['item']}/{action}"


async def two_desks(client: httpx.AsyncClient, runtime: Runtime, case: Record) -> tuple[Desk, Desk]:
    """Two handlers at work on a case."""
    first = await somebody(runtime.pool, Role.HANDLER)
    second = await somebody(runtime.pool, Role.HANDLER)
    await assign(runtime.pool, case["case_id"], first, second)
    return Desk(client, case["reference"], first), Desk(client, case["reference"], second)


async def contacted(client: httpx.AsyncClient, runtime: Runtime, **fields: object) -> tuple[Desk, Desk, Record]:
    """Two handlers at work on a case whose employer was spoken to today."""
    case = await taken_in_case(runtime, consents={"employer": True}, **fields)
    desk, other = await two_desks(client, runtime, case)
    await desk.do("/safety", level="elevated", assessment="Workers who spoke up were moved before.")
    await desk.do("/protection", plan="Nobody's words are repeated; the union is told first.")
    await desk.do("/contact", motivation="The site was asked for its wage records.")
    return desk, other, case


async def let_days_pass(runtime: Runtime, case: UUID, days: int) -> None:
    """Let everything about a case have happened, and be due, so many days earlier: as if these days had passed."""
    by = timedelta(days=days)
    async with runtime.transaction() as tx:
        rows = await tx.fetch("SELECT position, data FROM case_fact WHERE case_id = $1", case)
        for row in rows:
            data = json.dumps({name: earlier(name, value, by) for name, value in json.loads(row["data"]).items()})
            await tx.execute(
                "UPDATE case_fact SET at = at - $3::interval, data = $4 WHERE case_id = $1 AND position = $2",
                case,
                row["position"],
                by,
                data,
            )
        await tx.execute(
            "UPDATE deadline SET due_at = due_at - $2::interval, warn_at = warn_at - $2::interval WHERE case_id = $1",
            case,
            by,
        )


def earlier(name: str, value: Any, by: timedelta) -> Any:
    """A day or moment of a fact, earlier; anything else as it is."""
    if not isinstance(value, str):
        return value
    if name in {"due", "warn", "planned"} and "T" in value:
        return (datetime.fromisoformat(value) - by).isoformat()
    return (date.fromisoformat(value) - by).isoformat() if name == "on" else value
