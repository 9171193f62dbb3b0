"""The spine in one process, as a service runs: consumer, relay, HTTP, watchdog, and a handler that does the work.

Started by the benchmark as `python -m tests.benchmarks.spine`.
"""

from collections.abc import Sequence

from shared.consumer import Handler
from shared.events.envelope import Classification, Event
from shared.events.ingest import DisclosureAccepted
from shared.postgres import Connection
from shared.service import Service, run
from tests.benchmarks.work import SOURCE, Stopwatch, Task, assessment_of, write_state

STOPWATCH = Stopwatch()


async def assess(batch: Sequence[Event], tx: Connection) -> list[Event]:
    """Write the state of the suppliers named in the batch and return an assessment for each event."""
    STOPWATCH.start()
    known = [(event, event.data) for event in batch if isinstance(event.data, DisclosureAccepted)]
    await write_state(tx, [data for _, data in known])
    return [
        Event.caused_by(
            event,
            assessment_of(data),
            source=SOURCE,
            subject=event.subject,
            classification=Classification.MEMBERS,
        )
        for event, data in known
    ]


if __name__ == "__main__":
    task = Task.given()
    # The handler's name is part of its consumer group: each run reads the topic from its beginning.
    run(Service("spine", handlers=[Handler(f"assess-{task.run}", assess, task.input, None)]))
