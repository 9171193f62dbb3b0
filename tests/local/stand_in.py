"""A service that does nothing but say whether it reaches the broker and, with its own secrets, the database."""

import asyncio
import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import asyncpg

from deploy.local.waiting import accepts


class Door(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        ready = _reaches_broker() and asyncio.run(_reaches_database())
        body = json.dumps({"ready": ready, "lag": 0, "outbox": 1, "dead_letters": 2}).encode()
        self.send_response(200 if ready else 503)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _reaches_broker() -> bool:
    return accepts(int(os.environ["ENGAGE_KAFKA_BOOTSTRAP"].rpartition(":")[2]))


async def _reaches_database() -> bool:
    dsn = (Path(os.environ["ENGAGE_SECRETS_DIR"]) / "engage_database_dsn").read_text()
    try:
        connection = await asyncpg.connect(dsn, timeout=2)
        await connection.close()
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return False
    return True


if __name__ == "__main__":
    address = (os.environ["ENGAGE_HTTP_HOST"], int(os.environ["ENGAGE_HTTP_PORT"]))
    ThreadingHTTPServer(address, Door).serve_forever()
