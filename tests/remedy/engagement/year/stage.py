"""The year on real servers: members send at the door of `ingest`, Kafka carries it, `remedy` applies it, days go by."""

import contextlib
import json
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

import httpx

from deploy.local.ports import free_port
from deploy.local.postgres import Postgres
from services.remedy import handlers, obligations
from services.remedy.settings import RemedySettings
from shared.events import decode
from shared.events.envelope import Event
from shared.service import Runtime, Service
from shared.topics import ensure_topics, fixed_topics, member_topics, workinggroup_topics
from tests.conftest import EmptySchema, Schema
from tests.ingest.conftest import BATCHED, OPERATOR
from tests.ingest.kafka_door import KafkaDoor, open_door
from tests.remedy.engagement.year.acts import FIRST, LAST, Act, Named, days, sending
from tests.remedy.engagement.year.courses import SUPPLIER_SAYS
from tests.remedy.engagement.year.flags import NAMES, dismissed, opened
from tests.remedy.engagement.year.generating import (
    CATEGORIES,
    MEMBERS,
    PROPOSED,
    SECRETARIAT,
    Year,
)
from tests.remedy.engagement.year.moved_clock import MovedClock, moved_clock
from tests.remedy.engagement.year.orders import group_order, member_order
from tests.remedy.given import SETTINGS
from tests.shared.chain import consume_all, eventually, produce, running

OSLO = ZoneInfo("Europe/Oslo")
MORNING, NOON = time(0, 30), time(12)
NO_ENTRY = ("contract.registered.v1", "contract.ended.v1", "submission.withdrawn.v1")
"""What members send that is no entry of a dialogue or a follow-up of its own."""
TOPICS = "topic ~ '^(members.registry|member[.][^.]+[.](key|contract)|group[.][^.]+[.]dialogue)$'"
"""What `remedy` reads of `ingest`."""


@dataclass(slots=True)
class Stage:
    """The running services, and what the ids of the year's names are."""

    bootstrap: str
    clock: MovedClock
    door: KafkaDoor
    remedy: Schema
    runtime: Runtime
    settings: RemedySettings
    year: Year
    client: httpx.AsyncClient
    ids: dict[Named, UUID] = field(default_factory=dict)
    accepted: set[UUID] = field(default_factory=set)
    """All entries that the door has taken, but for withdrawals; `illegal` are those that are to be refused."""
    illegal: set[UUID] = field(default_factory=set)
    told_by_risk: list[Event] = field(default_factory=list)

    async def play(self, year: Year, until: date = LAST, every: int = 1) -> None:
        """Play the year day by day, until a day; the clock looks at what is due every so many days."""
        acts: dict[date, list[Act]] = {}
        for act in year.acts:
            acts.setdefault(act.day, []).append(act)
        await self.begin(FIRST)
        for number, day in enumerate(one for one in days() if one <= until):
            if number % every == 0:
                await self.morning(day)
            if day in acts or day in (sending(day), LAST):
                await self.noon(day, acts.get(day, ()))

    async def begin(self, day: date) -> None:
        """Members, groups with their members, and suppliers are registered."""
        await self.clock.set(at(day, time(6)))
        for member in (*MEMBERS, SECRETARIAT):
            self.door.keys[member] = (await self.operate("/members", member_order(member)))["key"]
        for group, parts in self.year.groups.items():
            told = await self.operate("/workinggroups", group_order(group, parts))
            self.ids |= {Named("supplier", name): UUID(one) for name, one in told["suppliers"].items()}

    async def operate(self, path: str, order: dict[str, Any]) -> Any:
        """A request of the operator."""
        return await self.request(path, OPERATOR, order)

    async def request(self, path: str, key: str, order: dict[str, Any]) -> Any:
        """A request at the door of `ingest`; what it answers."""
        headers = {"authorization": f"Bearer {key}"}
        answer = await self.client.post(f"{self.door.url}{path}", json=order, headers=headers)
        assert answer.is_success, answer.text
        return answer.json()

    async def change_groups(self, day: date) -> None:
        """One who is in no group joins it, takes another part, and leaves; in the end a group is closed."""
        for group, parts in self.year.groups.items():
            other = next(member for member in MEMBERS if member not in parts)
            place = f"/workinggroups/{group}/members"
            match (day - FIRST).days:
                case 40:
                    await self.operate(place, {"member": other, "role": "supporting"})
                case 80:
                    await self.operate(place, {"member": other, "role": "collaborating"})
                case 160:
                    answer = await self.client.delete(
                        f"{self.door.url}{place}/{other}", headers={"authorization": f"Bearer {OPERATOR}"}
                    )
                    assert answer.is_success, answer.text
        if day == LAST:
            await self.operate(f"/workinggroups/{next(iter(CATEGORIES))}/closure", {"reason": "purpose_achieved"})
            await self.applied()

    async def noon(self, day: date, acts: Iterable[Act]) -> None:
        """Let members send what they send on a day, each its own in one batch, and wait until it is applied."""
        await self.clock.set(at(day, NOON))
        await self.change_groups(day)
        await self.tell_flags(day)
        batches: dict[str, list[Act]] = {}
        for act in acts:
            batches.setdefault(act.member, []).append(act)
        for member, own in batches.items():
            sent = [act for act in own if act.type != SUPPLIER_SAYS]
            if sent:
                await self.post(day, member, sent)
            for act in own:
                if act not in sent:
                    await self.let_supplier_say(member, act)
        if batches:
            await self.applied()

    async def post(self, day: date, member: str, acts: list[Act]) -> None:
        """One batch of a member. Each event is accepted; what becomes of it is decided later."""
        events = [await self.event(day, act) for act in acts]
        headers = {"authorization": f"Bearer {self.door.keys[member]}", "content-type": BATCHED}
        answer = await self.client.post(f"{self.door.url}/events", content=json.dumps(events), headers=headers)
        receipts = answer.json()["receipts"]
        refused = [(act, one) for act, one in zip(acts, receipts, strict=True) if one["outcome"] != "accepted"]
        assert not refused, refused
        for act, event, receipt in zip(acts, events, receipts, strict=True):
            if act.name:
                self.ids[Named("submission", act.name)] = UUID(event["id"])
            if act.name and receipt["entry"]:
                self.ids[Named("entry", act.name)] = UUID(receipt["entry"])
            if act.type not in NO_ENTRY:
                self.accepted.add(UUID(receipt["entry"]))
            if not act.legal:
                self.illegal.add(UUID(receipt["entry"]))

    async def let_supplier_say(self, member: str, act: Act) -> None:
        """A member issues a supplier a link, by which it answers an ask."""
        data = {key: await self.shown(value) for key, value in act.data.items()}
        supplier, group, ask = (data.pop(name) for name in ("supplier", "workinggroup", "ask"))
        order = {"supplier": supplier, "workinggroup": group, "ask": ask, "label": "compliance desk"}
        key = (await self.request("/supplier-contacts", self.door.keys[member], order))["key"]
        told = await self.request(f"/supplier/asks/{ask}/answers", key, data)
        self.ids[Named("entry", act.name)] = UUID(told["entry"])
        self.accepted.add(UUID(told["entry"]))

    async def event(self, day: date, act: Act) -> dict[str, Any]:
        """An act as a CloudEvent."""
        name = uuid5(NAMES, f"{act.about}/{act.name}/{act.type}/{json.dumps(act.data, default=str)}")
        data = {key: await self.shown(value) for key, value in act.data.items()}
        envelope = {"specversion": "1.0", "id": str(name), "source": "urn:example:year", "type": act.type}
        return envelope | {"time": at(day, time(8)).isoformat(), "data": data}

    async def shown(self, value: Any) -> Any:
        """A value as it is sent: names become ids."""
        if isinstance(value, Named):
            return str(await self.id_of(value))
        if isinstance(value, list):
            return [await self.shown(one) for one in value]
        return value.isoformat() if isinstance(value, date) else value

    async def id_of(self, named: Named) -> UUID:
        """The id of what is named. That of an engagement is our own to choose, that of a condition is looked up."""
        if named.kind in ("engagement", "flag") and named not in self.ids:
            self.ids[named] = await self.proposed(named.name) or uuid5(NAMES, named.name)
        if named.kind == "condition" and named not in self.ids:
            reference, clause, due = named.name.split("/")
            (row,) = await self.remedy.rows(
                """SELECT condition FROM condition c JOIN contract k USING (contract)
                   WHERE k.reference = $1 AND c.clause = $2 AND c.due = $3 AND k.reader = c.member""",
                reference,
                clause,
                date.fromisoformat(due),
            )
            self.ids[named] = row["condition"]
        return self.ids[named]

    async def proposed(self, name: str) -> UUID | None:
        """The id of an engagement that was proposed; None for a name that stands for none."""
        if not name.startswith(PROPOSED):
            return None
        group, supplier = name.removeprefix(PROPOSED).split("/")
        (row,) = await self.remedy.rows(
            "SELECT engagement FROM engagement WHERE (workinggroup, supplier, state) = ($1, $2, 'proposed')",
            group,
            self.ids[Named("supplier", supplier)],
        )
        found: UUID = row["engagement"]
        return found

    async def tell_flags(self, day: date) -> None:
        """Let `risk` tell of the flags that are opened or dismissed on a day."""
        told = []
        for flag in self.year.flags:
            supplier = self.ids[Named("supplier", flag.supplier)]
            if flag.opened == day:
                told.append(opened(flag, supplier, at(day, NOON)))
            if flag.dismissed == day:
                told.append(dismissed(flag, supplier, at(day, NOON)))
        if told:
            self.told_by_risk += told
            await produce(self.bootstrap, "members.risk", told)
            await self.applied()

    async def morning(self, day: date) -> None:
        """Let the clock look at what is due, as it does every day."""
        await self.clock.set(at(day, MORNING))
        async with self.runtime.transaction() as tx:
            await obligations.fire_at(self.settings, tx, at(day, MORNING))

    async def applied(self) -> None:
        """Return once `remedy` has applied all that was told to it."""
        await eventually(self.nothing_left, within=60)

    async def nothing_left(self) -> bool:
        told = await self.door.schema.rows(f"SELECT topic, key, sequence FROM stream_head WHERE {TOPICS}")
        heads = {
            (row["topic"], row["key"]): row["last_sequence"]
            for row in await self.remedy.rows("SELECT topic, key, last_sequence FROM inbox_head")
        }
        risk = all(heads.get(("members.risk", one.subject), 0) >= (one.sequence or 0) for one in self.told_by_risk)
        return risk and all(heads.get((row["topic"], row["key"]), 0) >= row["sequence"] for row in told)

    async def published(self) -> list[Event]:
        """What `remedy` has told groups and members, as Kafka has it, once it has all."""
        await eventually(self.all_sent, within=60)
        topics = [f"group.{group}.engagement" for group in self.year.groups]
        topics += [f"member.{member}.condition" for member in MEMBERS]
        return [decode(one.headers, one.value) for topic in topics for one in await consume_all(self.bootstrap, topic)]

    async def names(self) -> dict[UUID, str]:
        """What the year calls that of which `remedy` knows the id: by itself, or as `remedy` has it."""
        conditions = await self.remedy.rows(
            """SELECT c.condition, k.reference || '/' || c.clause || '/' || c.due AS name
               FROM condition c JOIN contract k ON k.contract = c.contract AND k.reader = c.member"""
        )
        requests = await self.remedy.rows("SELECT request, reference FROM information_request")
        own = {one: named.name for named, one in self.ids.items() if named.kind != "submission"}
        return {row[0]: row[1] for row in (*conditions, *requests)} | own

    async def kept(self) -> set[UUID]:
        """The entries that are kept, applied or refused, but for those that take others back."""
        rows = await self.remedy.rows(
            """SELECT entry FROM dialogue_entry WHERE type <> 'dialogue.withdrawn.v1'
               UNION ALL SELECT entry FROM follow_up_entry WHERE type <> 'contract-follow-up.withdrawn.v1'"""
        )
        return {row["entry"] for row in rows}

    async def refused(self) -> set[UUID]:
        """The entries that changed nothing."""
        rows = await self.remedy.rows(
            """SELECT entry FROM dialogue_entry WHERE standing = 'refused'
               UNION ALL SELECT entry FROM follow_up_entry WHERE standing = 'refused'"""
        )
        return {row["entry"] for row in rows}

    async def all_sent(self) -> bool:
        return not await self.remedy.rows("SELECT FROM outbox_todo LIMIT 1")


def at(day: date, clock: time) -> datetime:
    """A moment of a day in Oslo, in UTC."""
    return datetime.combine(day, clock, OSLO).astimezone(UTC)


@contextlib.asynccontextmanager
async def staged(bootstrap: str, server: Postgres, empty_schema: EmptySchema, year: Year) -> AsyncIterator[Stage]:
    """Both services, running, by a clock that the year moves."""
    topics = [topic for member in (*MEMBERS, SECRETARIAT) for topic in member_topics(member)]
    topics += [topic for group in year.groups for topic in workinggroup_topics(group)]
    await ensure_topics(bootstrap, [*fixed_topics(), *topics])
    async with contextlib.AsyncExitStack() as stack:
        clock = await stack.enter_async_context(moved_clock(server))
        await clock.set(at(FIRST, time(5)))
        schema = await stack.enter_async_context(clock.seen_by(await empty_schema("ingest")))
        remedy = await stack.enter_async_context(clock.seen_by(await empty_schema("remedy")))
        keys = await empty_schema("remedy_keys")
        changes = {"kafka_bootstrap": bootstrap, "database_dsn": remedy.dsn, "keys_dsn": keys.dsn}
        settings = RemedySettings.model_validate({**SETTINGS.model_dump(), **changes, "http_port": free_port()})
        service = Service("remedy", RemedySettings, handlers=handlers.build(lambda: settings))
        door = await stack.enter_async_context(open_door(bootstrap, schema))
        await stack.enter_async_context(running(service, settings))
        client = await stack.enter_async_context(httpx.AsyncClient(timeout=60))
        yield Stage(bootstrap, clock, door, remedy, remedy.runtime(settings), settings, year, client)
