"""Merges, splits and their undoing against a model, on the real Postgres: whatever is decided, in whatever order."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, TypeVar
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as run_machine
from uuid_utils.compat import uuid7

from services.ingest.domain.identity.comparison import Likeness
from services.ingest.domain.identity.matching import Match, Placed
from services.ingest.domain.registry import Kind, Supplier
from services.ingest.identity import merging
from services.ingest.identity.deciding import Taken
from services.ingest.identity.recognition import Recognised, keep_names
from services.ingest.store import registry
from shared.events import decode
from shared.events.ingest import SupplierMerged, SupplierUnmerged
from shared.http import Problem
from shared.packing import unpack
from shared.postgres import Pool, open_pool, transaction
from shared.relay import Relay
from shared.service import Runtime
from shared.settings import Settings
from tests.conftest import EmptySchema, Schema

T = TypeVar("T")
ENTRIES, NAMES = 4, 3
"""So many suppliers at first, and names of each: few, so that decisions meet often."""
numbers = st.integers(0, 1000)


@dataclass
class Decided:
    """A decision as the model knows it."""

    action: str
    entry: UUID
    other: UUID | None
    name: int | None = None
    undone_by: UUID | None = None


@dataclass
class Model:
    """Who is who, by pointers: an entry that is merged points to what it was merged into."""

    into: dict[UUID, UUID] = field(default_factory=dict)
    owner: dict[int, UUID] = field(default_factory=dict)
    given: dict[int, UUID] = field(default_factory=dict)
    entries: list[UUID] = field(default_factory=list)
    decided: dict[UUID, Decided] = field(default_factory=dict)
    newest: tuple[UUID, dict[int, UUID]] | None = None

    def root(self, entry: UUID) -> UUID:
        while entry in self.into:
            entry = self.into[entry]
        return entry

    def sides(self) -> dict[int, UUID]:
        """As what each name is known."""
        return {name: self.root(entry) for name, entry in self.owner.items()}

    def objection_to_merge(self, entry: UUID, into: UUID) -> str | None:
        if self.root(entry) == self.root(into):
            return "same_already"
        return "known_as_another" if entry in self.into else None

    def objection_to_split(self, name: int) -> str | None:
        mine = [other for other, entry in self.owner.items() if entry == self.owner[name]]
        return "first_name" if name == min(mine) else None

    def objection_to_undo(self, decision: UUID) -> str | None:
        found = self.decided[decision]
        if found.undone_by is not None:
            return "undone_already"
        match found.action:
            case "unmerge":
                assert found.other is not None
                return self.objection_to_merge(found.entry, found.other)
            case "split":
                assert found.other is not None
                return self.objection_to_merge(found.other, found.entry)
            case "alias":
                assert found.name is not None
                moved = self.given[found.name] != decision
                return "name_moved" if moved else self.objection_to_split(found.name)
        return None

    def take(self, taken: Taken, name: int | None = None) -> None:
        """What a decision changes."""
        self.newest = taken.decision, self.sides()
        self.decided[taken.decision] = Decided(taken.action, taken.entry, taken.other, name)
        assert taken.other is not None
        match taken.action:
            case "merge":
                self.into[taken.entry] = taken.other
            case "unmerge":
                del self.into[taken.entry]
            case "split":
                assert name is not None
                self.entries.append(taken.other)
                self.owner[name], self.given[name] = taken.other, taken.decision

    def undo(self, decision: UUID, taken: Taken) -> None:
        """What undoing a decision changes."""
        self.take(taken, self.decided[decision].name)
        self.decided[decision].undone_by = taken.decision
        for one in self.decided.values():
            if one.undone_by == decision and one.action != "merge":
                one.undone_by = None


class IdentityMachine(RuleBasedStateMachine):
    """Decisions, whether they can be taken or not; after each, database, events and model agree."""

    schema: Schema
    loop: asyncio.AbstractEventLoop
    pool: Pool

    @initialize()
    def begin(self) -> None:
        self.model = Model()
        kafkaless = Settings(kafka_bootstrap="none", database_dsn=self.schema.dsn)
        self.runtime = Runtime("ingest", kafkaless, self.pool, Relay("ingest", self.pool, kafkaless))
        self.run(self.register())

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)

    async def register(self) -> None:
        """Suppliers with several names each, the further ones given by the rules."""
        async with transaction(self.pool) as tx:
            for table in (
                "review",
                "token",
                "spelling",
                "decision",
                "supplier",
                "outbox_todo",
                "outbox",
                "stream_head",
            ):
                await tx.execute(f"DELETE FROM {table}")
            for number in range(ENTRIES):
                entry = named(f"Example {number}")
                await registry.insert_suppliers(tx, [entry])
                further = [named(f"Example {number} also {place}") for place in range(1, NAMES)]
                same = Placed(same=Match(entry.id, Likeness(1.0, ("same_name",))))
                found = [Recognised(entry, frozenset(), Placed(), None)]
                found += [Recognised(one, frozenset(), same, uuid7()) for one in further]
                await keep_names(tx, Kind.SUPPLIER, found)
                await self.learn(tx, entry.id, {one.named.key: one.decision for one in found})

    async def learn(self, tx: Any, entry: UUID, decisions: dict[bytes, UUID | None]) -> None:
        self.model.entries.append(entry)
        for row in await tx.fetch("SELECT number, key FROM spelling WHERE entry = $1 ORDER BY number", entry):
            self.model.owner[row["number"]] = entry
            decision = decisions[row["key"]]
            if decision is not None:
                self.model.given[row["number"]] = decision
                self.model.decided[decision] = Decided("alias", entry, None, row["number"])

    def attempt(self, work: Coroutine[Any, Any, Taken], objection: str | None) -> Taken | None:
        """Take a decision; None where it is refused, as the model said."""
        try:
            taken = self.run(work)
        except Problem as problem:
            assert problem.code == objection
            return None
        assert objection is None
        return taken

    @rule(entry=numbers, into=numbers)
    def merge(self, entry: int, into: int) -> None:
        one, other = (self.model.entries[place % len(self.model.entries)] for place in (entry, into))
        objection = self.model.objection_to_merge(one, other)
        if taken := self.attempt(merging.merge(self.runtime, one, other), objection):
            self.model.take(taken)

    @rule(entry=numbers, into=numbers)
    def merge_what_stands_for_itself(self, entry: int, into: int) -> None:
        """Chains of merges are rare among arbitrary pairs."""
        alone = [one for one in self.model.entries if one not in self.model.into]
        one, other = alone[entry % len(alone)], self.model.entries[into % len(self.model.entries)]
        if taken := self.attempt(merging.merge(self.runtime, one, other), self.model.objection_to_merge(one, other)):
            self.model.take(taken)

    @rule(place=numbers)
    def split(self, place: int) -> None:
        name = sorted(self.model.owner)[place % len(self.model.owner)]
        if taken := self.attempt(merging.split(self.runtime, name), self.model.objection_to_split(name)):
            self.model.take(taken, name)

    @precondition(lambda self: self.model.decided)
    @rule(place=numbers)
    def undo(self, place: int) -> None:
        decision = list(reversed(self.model.decided))[place % len(self.model.decided)]
        objection = self.model.objection_to_undo(decision)
        if taken := self.attempt(merging.undo(self.runtime, decision), objection):
            self.model.undo(decision, taken)

    @precondition(lambda self: self.model.newest)
    @rule()
    def undo_the_newest(self) -> None:
        """What was decided last can always be undone, and all names then stand as before it."""
        assert self.model.newest is not None
        decision, before = self.model.newest
        self.model.undo(decision, self.run(merging.undo(self.runtime, decision)))
        assert self.model.sides() == before

    @invariant()
    def every_id_resolves_as_in_the_model(self) -> None:
        rows = self.run(self.pool.fetch("SELECT id, root FROM supplier"))
        assert {row["id"]: row["root"] for row in rows} == {one: self.model.root(one) for one in self.model.entries}

    @invariant()
    def every_name_has_the_entry_of_the_model(self) -> None:
        rows = self.run(self.pool.fetch("SELECT number, entry FROM spelling"))
        assert {row["number"]: row["entry"] for row in rows} == self.model.owner

    @invariant()
    def who_follows_the_events_sees_the_same(self) -> None:
        into: dict[UUID, UUID] = {}
        for row in self.run(self.pool.fetch("SELECT headers, value FROM outbox ORDER BY id")):
            data = decode(unpack(row["headers"]), row["value"]).data
            if isinstance(data, SupplierMerged):
                into[data.supplier] = data.into
            elif isinstance(data, SupplierUnmerged):
                assert into.pop(data.supplier) == data.was_into
        assert into == self.model.into


def named(name: str) -> Supplier:
    return Supplier(uuid7(), sha256(name.encode()).digest(), name)


@pytest.fixture
async def schema(empty_schema: EmptySchema) -> Schema:
    return await empty_schema("ingest")


def test_identity_agrees_with_its_model(schema: Schema) -> None:
    loop = asyncio.new_event_loop()
    pool = loop.run_until_complete(open_pool(schema.dsn, 2))
    machine = type("Machine", (IdentityMachine,), {"schema": schema, "loop": loop, "pool": pool})
    limits = settings(max_examples=40, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck))
    try:
        run_machine(machine, settings=limits)
    finally:
        loop.run_until_complete(pool.close())
        loop.close()
