"""A working group that asks a supplier, and the supplier's contacts, for the tests of their door."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx

from services.ingest.handlers import follow_asks
from services.ingest.news import news
from shared.events import Event
from shared.events.engagement_words import AskState, EngagementOutcome, EntryRefusal, Milestone
from shared.events.envelope import Classification
from shared.events.ingest import SupplierAnswered
from shared.events.remedy import (
    AskMoved,
    EngagementClosed,
    EngagementFact,
    EngagementHeld,
    EngagementOpened,
    EntryRefused,
)
from shared.postgres import now
from tests.ingest.conftest import Doors
from tests.ingest.given import event

GROUP = {
    "workinggroup": "phones",
    "name": "Phones",
    "purpose": "Better work in phone factories",
    "secretariat": "watch",
    "founding": {"cause": "compliance_concern", "reason": "Fees are taken from workers"},
    "suppliers": ["Example Electronics", "Example Metals"],
    "members": [{"member": "oslo", "role": "lead"}],
}
WORDING = "Repay the recruitment fees of all workers"
EVIDENCE = {"uri": "https://example.com/report.pdf", "sha256": "a" * 64, "media_type": "application/pdf"}
PROMISE = {"answer": "committed", "wording": "All fees are repaid", "measure": "Bank records", "due": "2026-12-01"}


@dataclass
class Answering:
    """The group `phones`, which asks `Example Electronics` (supplier) and `Example Metals` (another)."""

    doors: Doors
    supplier: UUID
    another: UUID
    engagement: UUID

    async def ask(
        self, wording: str = WORDING, supplier: UUID | None = None, state: AskState | None = AskState.OPEN, **more: Any
    ) -> UUID:
        """An ask of Oslo's, which its engagement has taken."""
        data = {
            "workinggroup": "phones",
            "engagement": str(self.engagement),
            "supplier": str(supplier or self.supplier),
        }
        sent = event("ask.made.v1", data | {"ask": wording, "category": "forced_labour"} | more)
        answer = await self.doors.send(sent)
        assert answer.status_code == 202, answer.text
        ask = UUID(answer.json()["receipts"][0]["entry"])
        if state is not None:
            await self.move(ask, state)
        return ask

    async def move(self, ask: UUID, after: AskState, into: UUID | None = None) -> None:
        """Let `remedy` tell that an ask stands so."""
        await self.hear(AskMoved(**self.named, ask=ask, after=after, into=into))

    async def hold(self) -> None:
        """Let `remedy` tell that the engagement is held."""
        await self.hear(EngagementHeld(**self.named))

    async def close(self) -> None:
        """Let `remedy` tell that the engagement is closed."""
        m0, outcome = Milestone.M0_OBJECTIVE_SET, EngagementOutcome.STALLED
        await self.hear(EngagementClosed(**self.named, outcome=outcome, milestone=m0, entry=uuid4()))

    async def reopen(self) -> None:
        """Let `remedy` tell that the engagement goes on: its conclusion was taken back."""
        said = {"supplier_name": "Example Electronics", "category": "forced_labour", "objective": "Fees are repaid"}
        await self.hear(EngagementOpened.model_validate(self.named | said | {"opened_by": "oslo", "entry": uuid4()}))

    async def refuse(self, entry: UUID) -> None:
        """Let `remedy` tell that the engagement did not take an entry."""
        why = (EntryRefusal.ASK_SETTLED,)
        told = EntryRefused(
            **self.named, entry=entry, entry_type=SupplierAnswered.type, refusals=why, standing="closed"
        )
        await self.hear(told)

    @property
    def named(self) -> dict[str, Any]:
        """What each fact about the engagement names."""
        return {"engagement": self.engagement, "workinggroup": "phones", "supplier": self.supplier}

    async def hear(self, told: EngagementFact) -> None:
        """Let `ingest` hear a fact of `remedy`'s."""
        async with self.doors.schema.pool.acquire() as tx, tx.transaction():
            fact = news(told, self.engagement, await now(tx), Classification.GROUP, workinggroup="phones")
            assert await follow_asks.handle([fact], tx) == []

    async def issue(self, member: str | None = "oslo", **order: Any) -> httpx.Response:
        """A contact of Example Electronics, issued by a member, or by the operator."""
        said = {"workinggroup": "phones", "supplier": str(self.supplier), "label": "compliance desk"} | order
        if member is None:
            return await self.doors.operate("POST", "/supplier-contacts", said)
        return await self.doors.client.post("/supplier-contacts", json=said, headers=self.doors.as_member(member))

    async def key(self, member: str | None = "oslo", **order: Any) -> str:
        """The key of a new contact."""
        answer = await self.issue(member, **order)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["key"])

    async def asks(self, key: str) -> Any:
        """What a contact is shown."""
        answer = await self.doors.client.get("/supplier/asks", headers={"authorization": f"Bearer {key}"})
        return answer.json()["asks"] if answer.status_code == 200 else answer.status_code

    async def answer(self, key: str, ask: UUID, said: Any = None, token: str | None = None) -> httpx.Response:
        """What a contact answers."""
        headers = {"authorization": f"Bearer {key}"} | ({"idempotency-key": token} if token else {})
        path = f"/supplier/asks/{ask}/answers"
        return await self.doors.client.post(path, json=said or {"answer": "acknowledged"}, headers=headers)

    async def told(self) -> list[tuple[str, Event]]:
        """The topic and event of each answer that the group was told."""
        found = [(topic, one) for topic, _, one in await self.doors.published()]
        return [(topic, one) for topic, one in found if isinstance(one.data, SupplierAnswered)]


async def begin(doors: Doors) -> Answering:
    """The group with its two suppliers."""
    answer = await doors.operate("POST", "/workinggroups", GROUP)
    suppliers = answer.json()["suppliers"]
    return Answering(doors, UUID(suppliers["Example Electronics"]), UUID(suppliers["Example Metals"]), uuid4())


def bearer(key: str) -> dict[str, str]:
    return {"authorization": f"Bearer {key}"}


def text_of(shown: Any) -> str:
    return json.dumps(shown)
