"""Waiting for another process to be of use, with a limit, from code that is not asynchronous."""

import asyncio
import socket
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
PAUSE = 0.05  # seconds between two looks: short enough not to be felt, long enough not to starve what is starting


def run_apart(coroutine: Coroutine[object, object, T]) -> T:
    """Run a coroutine to its end in a thread of its own, whether or not the caller is inside an event loop."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        return pool.submit(asyncio.run, coroutine).result()


def becomes_true(check: Callable[[], bool], limit: float) -> bool:
    """Look again and again until `check` holds; False when it did not within `limit` seconds."""
    deadline = time.monotonic() + limit
    while not check():
        if time.monotonic() > deadline:
            return False
        time.sleep(PAUSE)
    return True


def accepts(port: int) -> bool:
    """Whether something on this machine accepts a TCP connection on the port now."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False
