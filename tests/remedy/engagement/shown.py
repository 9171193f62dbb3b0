"""Engagements to be looked at, told through the handlers as other services would tell them, and who reads them."""

import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx

from shared import outbox
from shared.events.engagement_words import Milestone
from shared.events.envelope import Classification, Event, EventData
from shared.events.ingest import (
    AskRecorded,
    DialogueEntry,
    KeyIssued,
    MemberRegistered,
    MilestoneRecorded,
    OpeningRecorded,
    SupplierRegistered,
    WorkingGroupEstablished,
    WorkingGroupJoined,
)
from shared.events.values import Evidence
from shared.events.vocabulary import Category, GroupRole, KeyPurpose, MemberKind
from shared.http import digest
from shared.member_keys import key_of
from shared.service import Runtime
from tests.remedy.given import HANDLERS, OPERATOR_KEY, bearer, event

SECRETARIAT = "watch"
EVIDENCE = Evidence(uri="https://example.org/minutes", sha256="0" * 64, media_type="application/pdf")


@dataclass
class World:
    """A service that has heard of two groups: `phones` of oslo (lead) and bergen, `network` of oslo alone."""

    runtime: Runtime
    keys: dict[str, str] = field(default_factory=dict)
    places: Counter[tuple[str, str]] = field(default_factory=Counter)
    supplier: UUID = field(default_factory=uuid4)

    async def begin(self) -> None:
        """Let the members, groups and one supplier be known, each member with a key for reading."""
        for member in ("oslo", "bergen", SECRETARIAT):
            await self.add_member(member)
        await self.add_group("phones", oslo=GroupRole.LEAD, bergen=GroupRole.COLLABORATING)
        await self.add_group("network", oslo=GroupRole.LEAD)
        await self.name_supplier(self.supplier, "Example Electronics")

    async def add_member(self, member: str) -> None:
        """A member with a key for reading."""
        told = MemberRegistered(member=member, name=f"Example {member}", kind=MemberKind.BUYER)
        await self.tell("follow_registry", told, member)
        kid = secrets.token_hex(6)
        key = key_of(kid, secrets.token_urlsafe(32))
        issued = KeyIssued(kid=kid, member=member, digest=digest(key), purposes=(KeyPurpose.READ,))
        await self.tell("follow_keys", issued, kid, Classification.MEMBER, member=member)
        self.keys[member] = key

    async def add_group(self, slug: str, **members: GroupRole) -> None:
        """A working group with members."""
        founded = WorkingGroupEstablished(
            workinggroup=slug, name=f"Group {slug}", purpose="To engage suppliers.", secretariat=SECRETARIAT
        )
        await self.tell("follow_registry", founded, slug)
        for member, role in members.items():
            await self.tell("follow_registry", WorkingGroupJoined(workinggroup=slug, member=member, role=role), slug)

    async def name_supplier(self, supplier: UUID, name: str) -> None:
        """A supplier as the registry knows it."""
        await self.tell("follow_registry", SupplierRegistered(supplier=supplier, name=name), str(supplier))

    async def open(
        self, group: str = "phones", *, days_ago: int = 30, engagement: UUID | None = None, **fields: Any
    ) -> UUID:
        """An engagement that oslo opened so many days ago."""
        engagement = engagement or uuid4()
        opening = {
            "objective": "Unions are recognised at both plants.",
            "category": Category.FREEDOM_OF_ASSOCIATION,
            "decided_on": day(days_ago),
            "reason": "Members asked for it.",
        }
        await self.enter(OpeningRecorded, group, engagement, days_ago=days_ago, **opening | fields)
        return engagement

    async def move(self, engagement: UUID, milestone: Milestone, *, days_ago: int, group: str = "phones") -> UUID:
        """A milestone that was reached so many days ago, with evidence."""
        reached = {"milestone": milestone, "reached_on": day(days_ago), "evidence": (EVIDENCE,)}
        return await self.enter(MilestoneRecorded, group, engagement, days_ago=days_ago, **reached)

    async def ask(self, engagement: UUID, *, due: date | None = None, group: str = "phones", **fields: Any) -> UUID:
        """Something that the supplier is asked for; the id of the ask."""
        asked = {
            "wording": "Sign the agreement with the union.",
            "category": Category.FREEDOM_OF_ASSOCIATION,
            "due": due,
        }
        return await self.enter(AskRecorded, group, engagement, **asked | fields)

    async def enter(
        self, kind: type[DialogueEntry], group: str, engagement: UUID, *, days_ago: int = 1, **fields: Any
    ) -> UUID:
        """An entry of a dialogue, by oslo where nobody else is named; its id."""
        entry = fields.pop("entry", None) or uuid4()
        fields = {"member": "oslo", "role": GroupRole.LEAD, "supplier": self.supplier} | fields
        told = kind.model_validate({"entry": entry, "engagement": engagement, **fields})
        key, at = str(engagement), moment(days_ago)
        await self.tell("follow_dialogue", told, key, Classification.GROUP, workinggroup=group, at=at)
        return entry

    async def tell(
        self,
        handler: str,
        data: EventData,
        key: str,
        classification: Classification = Classification.MEMBERS,
        *,
        at: datetime | None = None,
        **audience: Any,
    ) -> list[Event]:
        """Let a handler hear of an event, and publish what follows."""
        self.places[data.family, key] += 1
        told = replace(
            event(data, key, classification, at or moment(400)), sequence=self.places[data.family, key], **audience
        )
        async with self.runtime.transaction() as tx:
            follows = await HANDLERS[handler].handle([told], tx)
            await outbox.append(tx, follows)
        return follows

    def as_member(self, member: str) -> dict[str, str]:
        """The header of a member's request."""
        return bearer(self.keys[member])


def moment(days_ago: int) -> datetime:
    """The moment so many days ago."""
    return datetime.now(UTC) - timedelta(days=days_ago)


def day(days_ago: int) -> date:
    """The day so many days ago, in the past by any zone."""
    return (datetime.now(UTC) - timedelta(days=days_ago)).date()


async def asked(client: httpx.AsyncClient, path: str, headers: dict[str, str] | None = None, /, **query: Any) -> Any:
    """What a reader is answered; the operator where nobody else asks."""
    answer = await client.get(path, params=query, headers=headers or bearer(OPERATOR_KEY))
    assert answer.status_code == 200, answer.text
    return answer.json()


def ids(found: Sequence[Any]) -> list[UUID]:
    """The engagements of a list."""
    return [UUID(row["engagement"]) for row in found]
