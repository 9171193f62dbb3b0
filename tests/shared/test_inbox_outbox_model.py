"""Inbox and outbox against a model, on the real Postgres: whatever is delivered, however often, in whatever order."""

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

import orjson
from aiokafka import ConsumerRecord
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from shared.consumer import Consumer, Handler
from shared.delivery import DeadLetter, Delivery, read
from shared.events.envelope import Event
from shared.events.ingest import DisclosureLinked
from shared.packing import unpack
from shared.postgres import ConcurrentUpdate, Connection, Pool, open_pool, transaction
from shared.repair import discard, replay
from shared.settings import Settings
from tests.conftest import Schema
from tests.shared.chain import SUPPLIER, Member, Raw, linked, note_and_expose

T = TypeVar("T")
MEMBER = Member("model")
KEYS = ("a", "b", "c")
LENGTH = 8
"""Events per key: few, so that duplicates, gaps and their closing meet often."""
KINDS = ("good", "good", "good", "malformed", "failing", "unknown")


class Crash(Exception):
    """The process dies before the transaction commits."""


@dataclass
class Stream:
    """What the inbox must hold of one key."""

    last: int = 0
    blocked: int | None = None
    waiting: set[int] = field(default_factory=set)
    effects: list[int] = field(default_factory=list)

    def deliver(self, sequence: int) -> None:
        if sequence > self.last and sequence != self.blocked:
            self.waiting.add(sequence)

    def advance(self, kinds: dict[int, str]) -> None:
        """Apply what follows without a gap, up to an event that cannot be applied."""
        while self.blocked is None and (following := self.last + 1) in self.waiting:
            self.waiting.remove(following)
            if kinds[following] in ("malformed", "failing"):
                self.blocked = following
            else:
                self.last = following
                if kinds[following] == "good":
                    self.effects.append(following)

    def release(self, skip: bool) -> None:
        """The operator's repair: the held event is tried again, or passed."""
        assert self.blocked is not None
        if skip:
            self.last = self.blocked
        else:
            self.waiting.add(self.blocked)
        self.blocked = None


deliveries_of_some = st.lists(st.tuples(st.sampled_from(KEYS), st.integers(1, LENGTH)), min_size=1, max_size=12)


class SpineMachine(RuleBasedStateMachine):
    """Deliveries, crashes, competition and repairs; after each, database and model agree."""

    schema: Schema
    loop: asyncio.AbstractEventLoop
    pool: Pool
    examples = 0

    @initialize(kinds=st.lists(st.sampled_from(KINDS), min_size=LENGTH * len(KEYS), max_size=LENGTH * len(KEYS)))
    def begin(self, kinds: list[str]) -> None:
        type(self).examples += 1
        self.kinds = {key: dict(enumerate(kinds[n * LENGTH :][:LENGTH], 1)) for n, key in enumerate(KEYS)}
        self.streams = {key: Stream() for key in KEYS}
        self.crashing = False
        self.run(self.empty())
        handler = Handler("model", self.handle, MEMBER.incoming, None)
        settings = Settings(kafka_bootstrap="none", database_dsn=self.schema.dsn)
        self.consumer = Consumer("upstream", handler, self.pool, settings, lambda: None)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)

    async def empty(self) -> None:
        tables = ("inbox_head", "inbox_parked", "dead_letter", "stream_head", "outbox", "outbox_todo", "effect")
        async with transaction(self.pool) as tx:
            for table in tables:
                await tx.execute(f"DELETE FROM {table}")

    async def handle(self, batch: Sequence[Event], tx: Connection) -> list[Event]:
        """Fail on events that are still bad: only after some work, as a real handler may."""
        good: list[Event] = []
        for event in batch:
            assert isinstance(event.data, DisclosureLinked)
            if self.kinds[event.subject][event.data.disclosure.int] == "failing":
                await note_and_expose(MEMBER.incoming, good, tx)
                raise LookupError("canary")
            good.append(event)
        return await note_and_expose(MEMBER.incoming, good, tx)

    def delivery(self, key: str, sequence: int) -> Delivery:
        raw = Raw.of(linked(MEMBER, key, sequence, sequence, SUPPLIER))
        kind = self.kinds[key][sequence]
        if kind == "unknown":
            raw = raw.with_header("ce_type", b"of.tomorrow.v1")
        value = b"{" if kind == "malformed" else raw.value
        record = ConsumerRecord(
            MEMBER.incoming, KEYS.index(key), sequence, 0, 0, raw.key, value, None, 0, 0, tuple(raw.headers)
        )
        found = read(record, "model")
        assert isinstance(found, Delivery)
        return found

    async def transact(self, batch: Sequence[Delivery], unreadable: Sequence[DeadLetter] = ()) -> None:
        """As the consumer does it, without its pauses."""
        isolate = False
        while True:
            try:
                await self.consumer.transact(batch, unreadable, isolate)
            except ConcurrentUpdate:
                continue
            except LookupError:
                assert not isolate, "isolation must leave no error"
                isolate = True
            else:
                return

    def expect(self, places: Sequence[tuple[str, int]]) -> None:
        for key, sequence in places:
            self.streams[key].deliver(sequence)
        for key, stream in self.streams.items():
            stream.advance(self.kinds[key])

    @rule(places=deliveries_of_some)
    def deliver(self, places: list[tuple[str, int]]) -> None:
        self.run(self.transact([self.delivery(*place) for place in places]))
        self.expect(places)

    @rule(key=st.sampled_from(KEYS), start=st.integers(1, LENGTH), count=st.integers(1, LENGTH))
    def deliver_in_order(self, key: str, start: int, count: int) -> None:
        self.deliver([(key, n) for n in range(start, min(start + count, LENGTH + 1))])

    @rule(places=deliveries_of_some)
    def crash_before_the_commit(self, places: list[tuple[str, int]]) -> None:
        async def crash() -> None:
            async with transaction(self.pool) as tx:
                await self.consumer.decide(tx, [self.delivery(*place) for place in places], (), isolate=True)
                raise Crash

        try:
            self.run(crash())
        except Crash:
            return

    @rule(one=deliveries_of_some, other=deliveries_of_some)
    def two_processes_at_once(self, one: list[tuple[str, int]], other: list[tuple[str, int]]) -> None:
        async def both() -> None:
            await asyncio.gather(*(self.transact([self.delivery(*p) for p in places]) for places in (one, other)))

        self.run(both())
        self.expect([*one, *other])

    @rule(offset=st.integers(0, 3))
    def an_unreadable_record_holds_nothing_back(self, offset: int) -> None:
        letter = DeadLetter("model", MEMBER.incoming, 9, offset, [], b"?", "header_invalid")
        self.run(self.transact([], [letter]))

    @rule(key=st.sampled_from(KEYS), mended=st.booleans())
    def replay(self, key: str, mended: bool) -> None:
        self.settle(key, skip=False, mended=mended)

    @rule(key=st.sampled_from(KEYS))
    def discard(self, key: str) -> None:
        self.settle(key, skip=True, mended=False)

    def settle(self, key: str, skip: bool, mended: bool) -> None:
        stream = self.streams[key]
        if stream.blocked is None:
            return
        if mended and self.kinds[key][stream.blocked] == "failing":
            self.kinds[key][stream.blocked] = "good"
        letter = self.run(self.letter_of(key, stream.blocked))
        for _ in range(2):  # asking twice for what is settled changes nothing
            stays = not skip and self.kinds[key][stream.blocked] in ("malformed", "failing")
            self.run((discard if skip else replay)(self.consumer, letter))
            if stays:
                break
        stream.release(skip)
        stream.advance(self.kinds[key])

    async def letter_of(self, key: str, sequence: int) -> UUID:
        found: UUID = await self.pool.fetchval(
            "SELECT id FROM dead_letter WHERE key = $1 AND sequence = $2", key, sequence
        )
        return found

    @invariant()
    def heads_parked_and_dead_agree(self) -> None:
        heads = {row["key"]: row for row in self.run(self.pool.fetch("SELECT * FROM inbox_head"))}
        parked = self.places("SELECT key, sequence FROM inbox_parked")
        dead = self.places("SELECT key, sequence FROM dead_letter WHERE sequence IS NOT NULL")
        for key, stream in self.streams.items():
            assert {n for k, n in parked if k == key} == stream.waiting
            assert [n for k, n in dead if k == key] == ([] if stream.blocked is None else [stream.blocked])
            if key in heads:
                found = (heads[key]["last_sequence"], heads[key]["blocked_sequence"], heads[key]["parked"])
                assert found == (stream.last, stream.blocked, bool(stream.waiting))

    @invariant()
    def each_event_has_its_effect_once_and_in_order(self) -> None:
        found = self.places("SELECT key, number FROM effect ORDER BY place")
        for key, stream in self.streams.items():
            assert [number for k, number in found if k == key] == stream.effects

    @invariant()
    def what_is_published_has_no_gap_and_follows_the_effects(self) -> None:
        rows = self.run(self.pool.fetch("SELECT * FROM outbox ORDER BY id"))
        for key, stream in self.streams.items():
            mine = [row for row in rows if (row["topic"], row["key"]) == (MEMBER.outgoing, key)]
            assert [row["sequence"] for row in mine] == list(range(1, len(stream.effects) + 1))
            assert [UUID(orjson.loads(row["value"])["flag"]).int for row in mine] == stream.effects
            assert all(dict(unpack(row["headers"]))["ce_sequence"] == b"%d" % row["sequence"] for row in mine)
        letters: dict[str, list[int]] = {}
        for row in rows:
            if row["topic"] == "dead-letter.upstream":
                letters.setdefault(row["key"], []).append(row["sequence"])
        assert all(found == list(range(1, len(found) + 1)) for found in letters.values())
        queued = self.run(self.pool.fetch("SELECT id FROM outbox_todo ORDER BY id"))
        assert [row["id"] for row in queued] == [row["id"] for row in rows]

    def places(self, query: str) -> list[tuple[str, int]]:
        return [tuple(row) for row in self.run(self.pool.fetch(query))]


def test_inbox_and_outbox_agree_with_their_model(first: Schema) -> None:
    loop = asyncio.new_event_loop()
    pool = loop.run_until_complete(open_pool(first.dsn, 4))
    machine = type("Machine", (SpineMachine,), {"schema": first, "loop": loop, "pool": pool})
    try:
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=30,
                stateful_step_count=20,
                deadline=None,
                derandomize=False,
                suppress_health_check=list(HealthCheck),
            ),
        )
    finally:
        loop.run_until_complete(pool.close())
        loop.close()
