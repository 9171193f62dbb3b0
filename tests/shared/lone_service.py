"""A service of the tests in a process of its own: `python -m tests.shared.lone_service MEMBER good|hanging`."""

import asyncio
import sys
from collections.abc import Sequence

from shared.events.envelope import Event
from shared.postgres import Connection
from shared.service import run
from tests.shared.chain import Member, upstream


async def hang(_batch: Sequence[Event], _tx: Connection) -> list[Event]:
    """Never return, without an error: what a watchdog is for."""
    await asyncio.Event().wait()
    return []


if __name__ == "__main__":
    member, kind = Member(sys.argv[1]), sys.argv[2]
    run(upstream(member, hang if kind == "hanging" else None))
