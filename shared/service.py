"""Running a service: pool, HTTP, relay, consumers and scheduled tasks, started in order and closed in reverse."""

import asyncio
import contextlib
import gc
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import combinations

import stamina
import uvicorn
import uvloop
from faststream.kafka import KafkaBroker
from pydantic import SecretStr, ValidationError
from starlette.applications import Starlette

from shared import outbox, repair, tolerant
from shared.consumer import Consumer, Handler
from shared.events.envelope import Event
from shared.health import Health, routes
from shared.http import open_api
from shared.kafka import EXIT_UNFORESEEN, Subscription, delete_records, open_broker, wait_for_kafka
from shared.logs import configure, log
from shared.postgres import Connection, Pool, is_transient, open_pool, transaction
from shared.raw_records import RawConsumer, RawHandler
from shared.relay import Relay
from shared.settings import Settings

OWN_CONNECTIONS = 2
"""Connections of the spine itself: one that the relay keeps, one to look at the database's health."""
MAXIMUM_HEAD = 32 * 1024
"""Bytes of a request line with its headers; beyond them the server answers 400 by itself, and nothing is kept."""
IDLE_CONNECTION = 30
"""Seconds until a silent connection is closed; a client that is refused while it sends learns why only afterwards."""
MAXIMUM_BODY = 64 * 1024
"""Bytes of a request to a service that has no HTTP application of its own."""
CLOSE_WITHIN = 10
"""Seconds for what is still running in the database at the end."""


GARBAGE_COLLECTION = (50_000, 50, 100)
"""A batch makes thousands of objects in no cycle; with Python's default of 700 a third of the time went here."""


@dataclass(frozen=True, slots=True)
class Runtime:
    """What an API or a scheduled task works with."""

    service: str
    settings: Settings
    pool: Pool
    relay: Relay
    databases: Mapping[str, Pool] = field(default_factory=dict)
    """The further pools of a service, by name; nothing is published from them."""

    @contextlib.asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """One transaction; when it has committed, the relay is woken to publish what it appended to the outbox."""
        async with transaction(self.pool) as tx:
            yield tx
        self.relay.wake()

    async def publish(self, tx: Connection, events: Sequence[Event]) -> datetime | None:
        """Append events to the outbox of a transaction that `transaction` opened; their `recordedtime`, if any."""
        return await outbox.append(tx, events)


@dataclass(frozen=True, slots=True)
class Task:
    """Work by the clock: `run` is called each `every(settings)` seconds and says whether there is more to do now."""

    name: str
    run: Callable[[Runtime], Awaitable[bool]]
    every: Callable[[Settings], float] = lambda _settings: 1.0


@dataclass(frozen=True, slots=True)
class Service:
    """What makes a service: its name, settings, handlers, tasks, HTTP application, and reader of strangers' records."""

    name: str
    settings: type[Settings] = Settings
    handlers: Sequence[Handler] = ()
    tasks: Sequence[Task] = ()
    api: Callable[[Runtime], Starlette] | None = None
    intake: Callable[[Runtime], RawHandler] | None = None
    databases: Mapping[str, Callable[[Settings], tuple[SecretStr, int]]] = field(default_factory=dict)
    """Further pools: a name, and where the settings have the way to its database, and how many connections it has."""


@dataclass(slots=True)
class Parts:
    """The running parts of a service."""

    runtime: Runtime
    broker: KafkaBroker
    subscriptions: Sequence[Subscription]
    health: Health
    background: list[asyncio.Task[None]] = field(default_factory=list)

    def start(self, work: Awaitable[None], name: str) -> None:
        """Run something for as long as the service lives; should it fail, the process ends."""
        task = asyncio.ensure_future(work)
        task.set_name(name)
        task.add_done_callback(end_process_on_failure)
        self.background.append(task)


def end_process_on_failure(task: "asyncio.Task[None]") -> None:
    """A part that died silently would look alive: end the process, the supervisor starts a whole one."""
    if not task.cancelled() and (error := task.exception()) is not None:
        log.critical("cannot go on", task=task.get_name(), exc_info=error)
        os._exit(EXIT_UNFORESEEN)


def run(service: Service) -> None:
    """Run a service until SIGTERM or SIGINT. Exits 2 where a setting is missing or wrong, and names it."""
    try:
        settings = service.settings.load()
    except ValidationError as error:
        sys.stderr.write("".join(f"{service.name}: {fault}\n" for fault in settings_at_fault(error)))
        sys.exit(2)
    configure(service.name, settings.log_level)
    gc.set_threshold(*GARBAGE_COLLECTION)
    try:
        uvloop.run(serve(service, settings))
    except Exception as error:
        log.critical("cannot go on", exc_info=error)
        sys.exit(EXIT_UNFORESEEN)


def settings_at_fault(error: ValidationError) -> list[str]:
    """The settings that are missing or wrong, by the names that an operator gives them; never their values."""
    found = error.errors(include_input=False, include_context=False, include_url=False)
    return [f"ENGAGE_{'_'.join(map(str, fault['loc'])).upper()}: {fault['msg']}" for fault in found]


async def serve(service: Service, settings: Settings, stop: asyncio.Event | None = None) -> None:
    """Run a service until `stop` is set (by default: until a signal asks for it), then drain and close everything."""
    stop = stop or stop_on_signals()
    async with contextlib.AsyncExitStack() as stack:
        pool = await wait_for_database(settings.database_dsn, settings.pool_size)
        stack.push_async_callback(close, pool)
        own = await wait_for_database(settings.database_dsn, OWN_CONNECTIONS)
        stack.push_async_callback(close, own)
        further = {}
        for name, way in service.databases.items():
            further[name] = await wait_for_database(*way(settings))
            stack.push_async_callback(close, further[name])
        parts = assemble(service, settings, pool, own, further)
        stack.push_async_callback(cancel, parts.background)
        server = await stack.enter_async_context(http_server(service, parts))
        log.info("listening", port=server)
        parts.start(parts.runtime.relay.run(), "relay")
        stack.push_async_callback(parts.runtime.relay.stop)
        await wait_for_kafka(settings)
        await tolerant.start(parts.broker)
        stack.push_async_callback(parts.broker.stop)
        for subscription in parts.subscriptions:
            parts.start(subscription.commit_for_ever(), "offsets")
            stack.push_async_callback(subscription.stop)
        for task in service.tasks:
            parts.start(repeat(task, parts.runtime), task.name)
        parts.start(parts.health.watch(), "watchdog")
        log.info("started", state="running")
        await stop.wait()
        log.info("draining", state="stopping")
        parts.health.stopping = True


def assemble(
    service: Service, settings: Settings, pool: Pool, own: Pool, further: Mapping[str, Pool] | None = None
) -> Parts:
    """Build the parts; nothing is started. Relay and health have their `own` connections: they never wait for one."""
    require_one_reader_per_topic(service.handlers)
    relay = Relay(service.name, own, settings)
    runtime = Runtime(service.name, settings, pool, relay, further or {})
    broker = open_broker(settings)
    consumers: list[Consumer | RawConsumer] = [
        Consumer(service.name, handler, pool, settings, relay.wake) for handler in service.handlers
    ]
    if service.intake:
        delete = partial(delete_records, settings)
        consumers.append(RawConsumer(service.name, service.intake(runtime), pool, settings, relay.wake, delete))
    subscriptions = [Subscription(broker, consumer, settings) for consumer in consumers]
    return Parts(runtime, broker, subscriptions, Health(service.name, own, subscriptions, settings))


def require_one_reader_per_topic(handlers: Sequence[Handler]) -> None:
    """Raises ValueError where two handlers read one topic: the inbox keeps one place per topic and key for both."""
    for one, other in combinations(handlers, 2):
        if any(h.topic is not None and o.reads(h.topic) for h, o in ((one, other), (other, one))):
            raise ValueError(f"{one.name} and {other.name} read the same topic")


def stop_on_signals() -> asyncio.Event:
    """An event that SIGTERM or SIGINT sets; a second signal ends the process at once."""
    stop = asyncio.Event()

    def on_signal() -> None:
        if stop.is_set():
            os._exit(1)
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, on_signal)
    return stop


async def wait_for_database(dsn: SecretStr, size: int) -> Pool:
    """A pool, once the database answers: services may start before it does."""
    async for attempt in stamina.retry_context(on=is_transient_error, attempts=None, timeout=None, wait_max=2.0):
        with attempt:
            return await open_pool(dsn, size)
    raise AssertionError("unreachable: the attempts have no end")


async def close(pool: Pool) -> None:
    """Close a pool, by force where a connection is not given back in time."""
    try:
        await asyncio.wait_for(pool.close(), CLOSE_WITHIN)
    except TimeoutError:
        pool.terminate()


def is_transient_error(error: Exception) -> bool:
    return is_transient(error)


async def repeat(task: Task, runtime: Runtime) -> None:
    """Run a task for ever; what passes by itself is waited out, anything else ends the process."""
    while True:
        started = time.monotonic()
        more = False
        try:
            more = await task.run(runtime)
        except Exception as error:
            if not is_transient(error):
                raise
            log.warning("task interrupted, trying again", task=task.name, exc_info=error)
        if not more:
            await asyncio.sleep(max(0.05, task.every(runtime.settings) - (time.monotonic() - started)))


async def cancel(tasks: Sequence["asyncio.Task[None]"]) -> None:
    """Cancel the background work and wait until it has ended."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


class QuietServer(uvicorn.Server):
    """uvicorn without signal handlers of its own: the service drains first."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.asynccontextmanager
async def http_server(service: Service, parts: Parts) -> AsyncIterator[int]:
    """Serve the service's API with `/livez`, `/readyz` and `/metrics`; yields the port."""
    settings = parts.runtime.settings
    app = service.api(parts.runtime) if service.api else open_api(service.name, "Operation.", MAXIMUM_BODY)
    consumers = [one.consumer for one in parts.subscriptions if isinstance(one.consumer, Consumer)]
    app.router.routes.extend(routes(parts.health))
    app.router.routes.extend(repair.routes(parts.runtime.pool, consumers, settings))
    server = QuietServer(
        uvicorn.Config(
            app,
            host=settings.http_host,
            port=settings.http_port,
            access_log=False,
            log_config=None,
            server_header=False,
            h11_max_incomplete_event_size=MAXIMUM_HEAD,
            timeout_keep_alive=IDLE_CONNECTION,
            timeout_graceful_shutdown=5,
        )
    )
    serving = asyncio.create_task(server.serve())
    while not server.started:
        if serving.done():
            raise OSError(f"cannot listen on {settings.http_host}:{settings.http_port}")
        await asyncio.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    await serving
