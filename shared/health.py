"""Whether a service lives, is ready and makes progress: `/livez`, `/readyz`, `/metrics`, and the watchdog."""

import asyncio
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass

from aiokafka.errors import ConsumerStoppedError, KafkaError
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from shared.kafka import EXIT_UNFORESEEN, Subscription, kafka_answers
from shared.logs import log
from shared.metrics import CONSUMER_LAG, DEAD_LETTERS, OUTBOX_AGE, OUTBOX_BLOCKED, OUTBOX_PENDING, PARKED, READY
from shared.postgres import Pool, borrow, is_transient
from shared.settings import Settings

OUTBOX_AGE_LIMIT = 60
"""Seconds after which an unpublished event makes the service not ready."""
CHECK_SECONDS = 5
KAFKA_AWAY = (KafkaError, ConsumerStoppedError, TimeoutError, OSError)


@dataclass(frozen=True, slots=True)
class Condition:
    """One look at a service. None means that it could not be told."""

    database: bool
    kafka: bool
    lag: int | None
    outbox: int | None = None
    outbox_age: float | None = None
    dead_letters: int | None = None
    parked: int | None = None
    blocked: int | None = None
    last_progress_age: float | None = None

    @property
    def ready(self) -> bool:
        published = self.outbox_age is not None and self.outbox_age < OUTBOX_AGE_LIMIT
        return self.database and self.kafka and self.lag is not None and published


class Health:
    """Looks at a service's dependencies and progress."""

    def __init__(self, service: str, pool: Pool, subscriptions: Sequence[Subscription], settings: Settings) -> None:
        self.service = service
        self.pool = pool
        self.subscriptions = subscriptions
        self.settings = settings
        self.stopping = False
        self.heard = time.monotonic()

    async def look(self) -> Condition:
        """The condition now; sets the gauges. Never raises."""
        kafka, lags = True, list[int | None]()
        try:
            async with asyncio.timeout(3):
                lags = await asyncio.gather(*(subscription.lag() for subscription in self.subscriptions))
        except KAFKA_AWAY:
            kafka = False
        lag = None if not kafka or None in lags else sum(filter(None, lags))
        condition = await self.look_at_database(kafka, lag)
        show(condition, ready=condition.ready and not self.stopping)
        return condition

    async def look_at_database(self, kafka: bool, lag: int | None) -> Condition:
        """The condition with what the database says of outbox and dead letters."""
        age = max((time.monotonic() - s.last_progress for s in self.subscriptions), default=0.0)
        try:
            async with asyncio.timeout(3), borrow(self.pool) as connection:
                row = await connection.fetchrow(
                    """SELECT (SELECT count(*) FROM outbox_todo) AS outbox, (SELECT count(*) FROM dead_letter) AS dead,
                              (SELECT count(*) FROM inbox_parked) AS parked,
                              (SELECT count(*) FROM outbox_blocked) AS blocked,
                              coalesce((SELECT extract(epoch FROM clock_timestamp() - o.recorded_at)::float8
                                        FROM outbox_todo t JOIN outbox o USING (id)
                                        WHERE NOT EXISTS (SELECT 1 FROM outbox_blocked b
                                                          WHERE b.topic = o.topic AND b.key = o.key)
                                        ORDER BY t.id LIMIT 1), 0) AS age"""
                )
        except Exception as error:
            if not is_transient(error):
                raise
            return Condition(False, kafka, lag, last_progress_age=age)
        assert row is not None
        counts = (row["outbox"], row["age"], row["dead"], row["parked"], row["blocked"])
        return Condition(True, kafka, lag, *counts, last_progress_age=age)

    async def watch(self) -> None:
        """End the process when it has not moved for too long although there is work and its dependencies are up.

        Time without work, or without a dependency, is no time lost: the clock starts anew after it.
        """
        while True:
            await asyncio.sleep(min(CHECK_SECONDS, self.settings.stuck_after / 4))
            condition = await self.look()
            await self.require_hearing(condition)
            able = condition.database and condition.kafka and not self.stopping
            for subscription in self.subscriptions:
                if not able or not await lag_of(subscription):
                    subscription.last_progress = time.monotonic()
                elif time.monotonic() - subscription.last_progress > self.settings.stuck_after:
                    log.critical("no progress with events waiting", handler=subscription.consumer.handler.name)
                    os._exit(EXIT_UNFORESEEN)

    async def require_hearing(self, condition: Condition) -> None:
        """End the process when Kafka has answered others, but not its own consumers, for too long: a new one hears.

        Time in which Kafka answers nobody does not count.
        """
        if condition.kafka or self.stopping or not await kafka_answers(self.settings):
            self.heard = time.monotonic()
        elif time.monotonic() - self.heard > self.settings.stuck_after:
            log.critical("Kafka answers others, not this process")
            os._exit(EXIT_UNFORESEEN)


async def lag_of(subscription: Subscription) -> int:
    """The lag of one subscription, 0 where it cannot be told."""
    try:
        async with asyncio.timeout(3):
            return await subscription.lag() or 0
    except KAFKA_AWAY:
        return 0


def show(condition: Condition, ready: bool) -> None:
    """Set the gauges."""
    READY.set(ready)
    CONSUMER_LAG.set(condition.lag or 0)
    OUTBOX_PENDING.set(condition.outbox or 0)
    OUTBOX_AGE.set(condition.outbox_age or 0)
    DEAD_LETTERS.set(condition.dead_letters or 0)
    PARKED.set(condition.parked or 0)
    OUTBOX_BLOCKED.set(condition.blocked or 0)


def routes(health: Health) -> list[Route]:
    """The three operational routes of every service."""

    async def livez(_request: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def readyz(_request: Request) -> Response:
        condition = await health.look()
        ready = condition.ready and not health.stopping
        body = {
            "service": health.service,
            "ready": ready,
            "database": condition.database,
            "kafka": condition.kafka,
            "lag": condition.lag,
            "outbox": condition.outbox,
            "outbox_age_seconds": condition.outbox_age,
            "dead_letters": condition.dead_letters,
            "parked": condition.parked,
            "outbox_blocked": condition.blocked,
            "last_progress_age_seconds": condition.last_progress_age,
        }
        return JSONResponse(body, status_code=200 if ready else 503)

    async def metrics(_request: Request) -> Response:
        await health.look()
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return [Route("/livez", livez), Route("/readyz", readyz), Route("/metrics", metrics)]
