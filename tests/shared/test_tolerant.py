"""The consumer where aiokafka's own would stop: a topic that is gone."""

import asyncio
import contextlib
from typing import Any
from uuid import uuid4

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from shared.kafka import METADATA_MAX_AGE_MS
from shared.tolerant import TolerantConsumer
from tests.shared.chain import create_topics, eventually


async def test_a_pattern_hears_new_topics_after_one_of_its_topics_is_gone(kafka: str) -> None:
    family = f"gone-{uuid4().hex}"
    consumer: Any = TolerantConsumer(
        bootstrap_servers=kafka,
        group_id=family,  # as the services have; without one, aiokafka may not stop while it looks for where to begin
        metadata_max_age_ms=METADATA_MAX_AGE_MS,
    )
    consumer.subscribe(pattern=rf"^{family}\.[a-z]+$")
    await consumer.start()
    try:
        await create_topics(kafka, [f"{family}.one"], partitions=1)
        await eventually(lambda: TopicPartition(f"{family}.one", 0) in consumer.assignment())
        with contextlib.suppress(KafkaError, TimeoutError):
            async with asyncio.timeout(3):
                await consumer.end_offsets([TopicPartition(f"{family}.deleted", 0)])

        await create_topics(kafka, [f"{family}.two"], partitions=1)

        await eventually(lambda: TopicPartition(f"{family}.two", 0) in consumer.assignment())
    finally:
        await consumer.stop()
