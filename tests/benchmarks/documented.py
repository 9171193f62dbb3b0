"""Peer (c): FastStream as its documentation teaches it: one message, one transaction, one published reply.

Only what it needs to lose nothing here is set: it reads from the beginning of the topic, acknowledges after the handler
(the default is before), and its producer waits for all replicas as the others' do.
Started by the benchmark as `python -m tests.benchmarks.documented`.
"""

import uvloop
from faststream import AckPolicy, FastStream
from faststream.kafka import KafkaBroker

from shared.events.ingest import DisclosureAccepted
from shared.events.risk import AssessmentMade
from shared.postgres import open_pool
from tests.benchmarks.work import POOL_SIZE, Stopwatch, Task, assessment_of, write_state


async def main(task: Task) -> None:
    """Run the application until SIGTERM."""
    stopwatch = Stopwatch()
    pool = await open_pool(task.dsn, POOL_SIZE)
    broker = KafkaBroker(task.bootstrap, acks="all", enable_idempotence=True)

    @broker.subscriber(
        task.input, group_id=f"documented-{task.run}", auto_offset_reset="earliest", ack_policy=AckPolicy.ACK
    )
    @broker.publisher(task.output)
    async def assess(disclosure: DisclosureAccepted) -> AssessmentMade:
        stopwatch.start()
        async with pool.acquire() as connection, connection.transaction():
            await write_state(connection, [disclosure])
        return assessment_of(disclosure)

    await FastStream(broker).run()
    await pool.close()


if __name__ == "__main__":
    uvloop.run(main(Task.given()))
