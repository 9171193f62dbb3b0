"""Loopback ports: picking free ones, and saying who holds one that should have been free."""

import random
import socket

import psutil

from deploy.local.errors import StackError

# Below the range from which Linux takes the ports of outgoing connections, so that a kept port is rarely lost to one.
RANGE = range(20_000, 32_000)


def free_port() -> int:
    """A loopback port nobody listens on now, drawn at random so that two stacks starting together rarely meet."""
    while True:
        port = random.choice(RANGE)  # noqa: S311 - spreads stacks, guards nothing
        if is_free(port):
            return port


def is_free(port: int) -> bool:
    """Whether a server could listen on the loopback port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def require_free(port: int, part: str, remedy: str) -> None:
    """Raise StackError, naming the port, its holder when that can be known, and the remedy, unless the port is free."""
    if not is_free(port):
        raise StackError(part, f"port {port}, which {part} needs, is taken{_holder(port)}. {remedy}")


def _holder(port: int) -> str:
    try:
        for connection in psutil.net_connections("tcp"):
            listening = connection.status == psutil.CONN_LISTEN and connection.laddr
            if listening and listening.port == port and connection.pid:
                return f" by {psutil.Process(connection.pid).name()} (process {connection.pid})"
    except psutil.Error:
        return " by a program of another user"
    return ""
