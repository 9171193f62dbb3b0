"""Run a stack whose services are stand-ins: `python -m tests.local.run_stack FOLDER`, until SIGTERM."""

import asyncio
import sys
from pathlib import Path

from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from deploy.local.errors import StackError
from deploy.local.stack import Stack
from deploy.local.state import AlreadyRunningError, StateFolder

TOPIC = "kept"
STAND_IN = [sys.executable, "-m", "tests.local.stand_in"]


def create_topic(bootstrap: str) -> None:
    asyncio.run(_create_topic(bootstrap))


async def _create_topic(bootstrap: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    if TOPIC not in await admin.list_topics():
        await admin.create_topics([NewTopic(TOPIC, 1, 1)])
    await admin.close()


if __name__ == "__main__":
    try:
        services = {"first": STAND_IN, "second": STAND_IN}
        Stack(StateFolder(Path(sys.argv[1])), services, topics=create_topic).run(limit=60)
    except StackError as error:
        sys.exit(f"{error.part}: {error}")
    except AlreadyRunningError:
        sys.exit(3)
