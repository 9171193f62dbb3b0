"""The scanner itself: a leak that is planted on each surface, in each disguise, is found there and nowhere else."""

import base64
import bz2
import gzip
import json
import quopri
import secrets
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

import asyncpg
import pytest

from shared.topics import ensure_topics, workinggroup_topics
from tests.journeys import topics
from tests.journeys.canaries import Canaries, Found
from tests.journeys.disguises import forms, holds
from tests.journeys.scanner import leaks
from tests.live_stack import LiveStack

DISGUISES: dict[str, Callable[[str], bytes]] = {
    "raw": lambda text: text.encode(),
    "UTF-16": lambda text: text.encode("utf-16"),
    "hex": lambda text: text.encode().hex().encode(),
    "hex in capitals": lambda text: text.encode().hex().upper().encode(),
    "base64": lambda text: base64.b64encode(text.encode()),
    "base64 after one byte": lambda text: base64.b64encode(b"a" + text.encode() + b"z"),
    "base64 after two bytes": lambda text: base64.b64encode(b"ab" + text.encode() + b"yz"),
    "base64 for web addresses": lambda text: base64.urlsafe_b64encode(b"?>" + text.encode()),
    "base64 in lines": lambda text: base64.encodebytes(b"x" * 50 + text.encode()),
    "quoted-printable": lambda text: quopri.encodestring(b"x" * 60 + text.encode()),
    "a web address": lambda text: quote(text).encode(),
    "JSON": lambda text: text.encode("ascii", "backslashreplace").replace(b"\\x", b"\\u00"),
    "HTML": lambda text: text.encode("ascii", "xmlcharrefreplace"),
    "JSON with every sign escaped": lambda text: "".join(f"\\u{ord(sign):04X}" for sign in text).encode(),
    "a web address with every sign escaped": lambda text: "".join(f"%{octet:02X}" for octet in text.encode()).encode(),
    "quoted-printable with every sign escaped": lambda text: "".join(
        f"={octet:02X}" for octet in text.encode()
    ).encode(),
    "gzip": lambda text: gzip.compress(text.encode() * 20),
    "gzip twice": lambda text: gzip.compress(gzip.compress(text.encode())),
    "a folded line": lambda text: text.encode()[:9] + b"\r\n " + text.encode()[9:],
}


@pytest.mark.parametrize("disguise", DISGUISES)
def test_a_secret_is_found_in_each_disguise(disguise: str) -> None:
    secret = f"Zeichen-{secrets.token_hex(8)}-üß"
    written = DISGUISES[disguise](secret)

    assert holds(b"before " + written + b" after", forms(secret))
    assert not holds(b"before " + written + b" after", forms(f"Zeichen-{secrets.token_hex(8)}-üß"))


def test_what_the_scanner_cannot_see_through_is_known() -> None:
    assert not holds(bz2.compress(b"Zeichen" * 100), forms("Zeichen" * 100))
    assert not holds(gzip.compress(b"Zeichen")[:9], forms("Zeichen"))


@pytest.mark.parametrize("disguise", DISGUISES)
@pytest.mark.parametrize("kind", ["G", "I", "K"])
def test_a_mark_is_found_in_each_disguise_by_how_all_marks_of_its_load_begin(disguise: str, kind: str) -> None:
    canaries, found = Canaries(), Found()
    mark, anothers = canaries.draw(kind), Canaries().draw(kind)

    found.note(("its own", b"before " + DISGUISES[disguise](mark) + b" after"), canaries.wanted())
    found.note(("another's", b"before " + DISGUISES[disguise](anothers) + b" after"), canaries.wanted())

    assert found.leaks == {"its own": {kind}}


async def test_a_leak_is_found_on_each_surface(stack: LiveStack) -> None:
    surfaces = ("topic", "dead letter", "log", "mail", "table", "metrics")
    planted = {surface: f"leak-{secrets.token_hex(8)}-ü" for surface in surfaces}
    own = f"leak-{secrets.token_hex(4)}"
    await plant_on_topics(stack.status()["kafka"]["bootstrap"], own, planted)
    async with AsyncExitStack() as until:
        until.enter_context(in_folder(stack.folder / "logs" / f"{own}.log", planted["log"].encode()))
        until.enter_context(in_folder(stack.folder / "mailbox" / f"9{own}.eml", mail(planted["mail"])))
        await until.enter_async_context(table(stack, own.replace("-", "_"), planted["table"]))
        url = until.enter_context(metrics(planted["metrics"]))

        found = await leaks(stack, *planted.values(), urls=[url])

    assert found == {
        f"topic group.{own}.dialogue",
        "topic dead-letter.risk",
        f"log {own}.log",
        f"mail 9{own}.eml",
        f"table {own.replace('-', '_')}.leak",
        url,
    }


async def plant_on_topics(bootstrap: str, own: str, planted: dict[str, str]) -> None:
    """A header on a topic of its own, and a dead letter's payload; other readers of that topic can read past it."""
    await ensure_topics(bootstrap, workinggroup_topics(own))
    await topics.publish(bootstrap, f"group.{own}.dialogue", (b"k", b"v", [("h", planted["topic"].encode())]))
    names = {"specversion": "1.0", "id": str(uuid4()), "source": "urn:scanner", "type": "planted", "subject": "none"}
    headers = [(f"ce_{name}", value.encode()) for name, value in (names | {"sequence": "1"}).items()]
    payload = base64.b64encode(f"{{{planted['dead letter']}}}".encode()).decode()
    value = json.dumps({"topic": "planted", "payload": payload}).encode()
    await topics.publish(
        bootstrap, "dead-letter.risk", (b"none", value, [("content-type", b"application/json"), *headers])
    )


@contextmanager
def in_folder(file: Path, content: bytes) -> Iterator[None]:
    """A file, for as long as the block runs."""
    file.write_bytes(content)
    try:
        yield
    finally:
        file.unlink()


def mail(secret: str) -> bytes:
    """A mail whose text is in base64."""
    message = EmailMessage()
    message.set_content(f"{'x' * 60} {secret}\n", cte="base64")
    return bytes(message)


@contextmanager
def metrics(secret: str) -> Iterator[str]:
    """A service whose metrics have a label that they should not have."""

    class Metrics(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(f'engage_ready{{case="{secret}"}} 1\n'.encode())

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Metrics)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/metrics"
    finally:
        server.shutdown()
        server.server_close()


@asynccontextmanager
async def table(stack: LiveStack, schema: str, secret: str) -> AsyncIterator[None]:
    """A table outside the case store that holds a secret as bytes."""
    connection = await asyncpg.connect(stack.status()["postgres"]["dsn"])
    try:
        await connection.execute(f"CREATE SCHEMA {schema}; CREATE TABLE {schema}.leak (value bytea)")
        await connection.execute(f"INSERT INTO {schema}.leak VALUES ($1)", secret.encode().hex().encode())
        yield
    finally:
        await connection.execute(f"DROP SCHEMA {schema} CASCADE")
        await connection.close()
