"""Looking for what must not be seen: on every surface of a stack that is not the case store's own, in every disguise.

What is searched: every topic but `restricted.*` (keys, headers, values), every log file, `/metrics`, `/readyz` and the
list of dead letters of each service, every mail, every table of every schema but `remedy`.
"""

import base64
import quopri
import re
from collections.abc import AsyncIterator, Iterable, Iterator
from email import message_from_bytes
from pathlib import Path
from urllib.parse import quote

import asyncpg
import httpx

from tests.journeys import topics
from tests.live_stack import LiveStack

Surface = tuple[str, bytes]
"""Where something was read, and what it was."""

OWN_SCHEMA = "remedy"
SOFT_BREAK = re.compile(rb"=\r?\n")
LINE_BREAK = re.compile(rb"\r?\n[ \t]?")


async def leaks(stack: LiveStack, *secrets: str | bytes, urls: Iterable[str] = ()) -> set[str]:
    """The surfaces of a stack on which one of the secrets is found; empty where it is safe.

    `urls` are further addresses to look at.
    """
    wanted = [form for secret in secrets for form in forms(secret)]
    return {name async for name, content in surfaces(stack, urls) if holds(content, wanted)}


def forms(secret: str | bytes) -> set[bytes]:
    """A secret as it may be written: raw, escaped, as hex, and as base64 wherever it begins in the encoded text."""
    if isinstance(secret, bytes):
        raw = [secret]
        written: set[bytes] = set()
    else:
        raw = [secret.encode(), secret.encode("utf-16-le"), secret.encode("utf-16-be")]
        escaped = secret.encode("ascii", "backslashreplace").replace(b"\\x", b"\\u00")
        written = {quote(secret).encode(), escaped, secret.encode("ascii", "xmlcharrefreplace")}
    for one in raw:
        written |= {one, one.hex().encode(), one.hex().upper().encode()}
        written |= set(in_base64(one))
    return written


def in_base64(raw: bytes) -> Iterator[bytes]:
    """The characters of base64 that depend on these bytes alone, for each of the three places they may begin at."""
    for before in range(3):
        whole = base64.b64encode(bytes(before) + raw)
        first, last = -(-before * 8 // 6), (before + len(raw)) * 8 // 6
        yield whole[first:last]
        yield whole[first:last].replace(b"+", b"-").replace(b"/", b"_")


def holds(content: bytes, wanted: Iterable[bytes]) -> bool:
    """Whether one of these is in a content, also where a mail or a log has broken its lines."""
    readings = {content, LINE_BREAK.sub(b"", content), quopri.decodestring(content), SOFT_BREAK.sub(b"", content)}
    return any(form in reading for form in wanted for reading in readings)


async def surfaces(stack: LiveStack, urls: Iterable[str]) -> AsyncIterator[Surface]:
    """Everything that somebody other than a case handler may come to see."""
    status = stack.status()
    async for surface in on_topics(status["kafka"]["bootstrap"]):
        yield surface
    for surface in (*in_files(stack), *over_http(stack, urls)):
        yield surface
    async for surface in in_tables(status["postgres"]["dsn"]):
        yield surface


async def on_topics(bootstrap: str) -> AsyncIterator[Surface]:
    """Every record of every topic that is not restricted."""
    names = [name for name in await topics.topics(bootstrap) if not name.startswith("restricted.")]
    for name in names:
        yield f"name of topic {name}", name.encode()
    for record in await topics.records(bootstrap, *names):
        headers = b"\n".join(part for name, value in record.headers for part in (name.encode(), value or b""))
        yield f"topic {record.topic}", b"\n".join((record.key or b"", headers, record.value or b""))


def in_files(stack: LiveStack) -> Iterator[Surface]:
    """Every log, the state file, and every mail as it was sent and as it reads once decoded."""
    for file in (*sorted((stack.folder / "logs").rglob("*")), stack.folder / "state.json"):
        if file.is_file():
            yield f"log {file.name}", file.read_bytes()
    for mail in stack.mails():
        yield f"mail {mail.name}", mail.read_bytes()
        yield from decoded_parts(mail)


def decoded_parts(mail: Path) -> Iterator[Surface]:
    """The parts of a mail without their transfer encoding."""
    for part in message_from_bytes(mail.read_bytes()).walk():
        content = part.get_payload(decode=True)
        if isinstance(content, bytes):
            yield f"mail {mail.name}", content


def over_http(stack: LiveStack, urls: Iterable[str]) -> Iterator[Surface]:
    """What each service tells an operator."""
    key = {"authorization": f"Bearer {stack.operator_key()}"}
    for name, service in stack.status()["services"].items():
        for path in ("/metrics", "/readyz", "/dead-letters", "/openapi.json"):
            yield f"{path} of {name}", httpx.get(service["url"] + path, headers=key, timeout=30).content
    for url in urls:
        yield url, httpx.get(url, timeout=30).content


async def in_tables(dsn: str) -> AsyncIterator[Surface]:
    """Every row of every table outside the case store's schema.

    Left out are the counters of `restricted.testimony` in its publisher's schema: they are kept by case.
    """
    connection = await asyncpg.connect(dsn)
    try:
        tables = await connection.fetch(
            "SELECT schemaname, tablename FROM pg_tables "
            "WHERE schemaname NOT IN ('pg_catalog', 'information_schema', $1)",
            OWN_SCHEMA,
        )
        for schema, table in tables:
            for row in await connection.fetch(f'SELECT * FROM "{schema}"."{table}"'):
                content = b"\n".join(f"{name}=".encode() + as_bytes(value) for name, value in row.items())
                yield f"table {schema}.{table}", content
    finally:
        await connection.close()


def as_bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogateescape")
