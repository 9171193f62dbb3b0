"""Looking for what must not be seen, on every surface of a stack, in every disguise.

`leaks` looks where others than the case store are: for ids of cases, which the case store may know. `everywhere` looks
at all there is: every topic and Kafka's own files, every table of every database, the files of Postgres with its log of
changes, every log, mail and temporary file, what each process was started with, and what each service answers to each
key. What Postgres has compressed in its files is looked for in the tables only.
"""

from collections.abc import AsyncIterator, Iterable, Iterator
from email import message_from_bytes
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from tests.journeys import topics
from tests.journeys.disguises import forms, holds
from tests.live_stack import LiveStack

Surface = tuple[str, bytes]
"""Where something was read, and what it was."""

OPEN_PATHS = ("/metrics", "/readyz", "/livez", "/dead-letters", "/openapi.json")
OF_ENGAGEMENT = {
    "remedy": (
        "/engagements/{engagement}",
        "/timeline?subject={engagement}",
        "/timeline?subject={supplier}",
        "/documents/group/{workinggroup}",
        "/documents/archive/{workinggroup}",
        "/documents/meeting/{engagement}",
        "/documents/supplier?supplier={supplier}",
    ),
    "risk": ("/timeline?subject={supplier}",),
    "ingest": ("/timeline?subject={supplier}", "/supplier/answer", "/supplier/answer.js"),
}
"""What is told of one engagement, on each service: views, documents, and the page for suppliers."""
KAFKA_TIMES = (".index", ".timeindex")
"""Kafka's files of offsets and times, which hold nothing else and are laid out large in advance."""


async def leaks(stack: LiveStack, *secrets: str | bytes, urls: Iterable[str] = ()) -> set[str]:
    """The surfaces outside the case store on which one of the secrets is found; empty where it is safe.

    `urls` are further addresses to look at.
    """
    wanted = [form for secret in secrets for form in forms(secret)]
    return {name async for name, content in outside(stack, urls) if holds(content, wanted)}


async def outside(stack: LiveStack, urls: Iterable[str]) -> AsyncIterator[Surface]:
    """What somebody other than a case handler may come to see."""
    status = stack.status()
    every = await topics.topics(status["kafka"]["bootstrap"])
    async for surface in on_topics(status["kafka"]["bootstrap"], {t for t in every if not t.startswith("restricted.")}):
        yield surface
    for surface in (*in_files(stack), *over_http(stack, urls)):
        yield surface
    async for surface in in_tables(status["postgres"]["dsn"]):
        yield surface


async def everywhere(stack: LiveStack, urls: Iterable[str] = ()) -> AsyncIterator[Surface]:
    """Everything that there is of a stack but its secrets."""
    status = stack.status()
    async for surface in on_topics(status["kafka"]["bootstrap"], await topics.topics(status["kafka"]["bootstrap"])):
        yield surface
    for dsn in (status["postgres"]["dsn"], *status["postgres"]["databases"].values()):
        async for surface in in_tables(dsn):
            yield surface
    for surface in (*in_files(stack), *over_http(stack, urls), *to_each_key(stack), *of_engagements(stack)):
        yield surface
    for surfaces in (in_storage(stack), in_temporary_files(stack), in_processes(stack)):
        for surface in surfaces:
            yield surface


async def on_topics(bootstrap: str, names: set[str]) -> AsyncIterator[Surface]:
    """Every record of these topics: key, headers and value."""
    for name in names:
        yield f"name of topic {name}", name.encode()
    for record in await topics.records(bootstrap, *sorted(names)):
        headers = b"\n".join(part for name, value in record.headers for part in (name.encode(), value or b""))
        yield f"topic {record.topic}", b"\n".join((record.key or b"", headers, record.value or b""))


async def in_tables(dsn: str) -> AsyncIterator[Surface]:
    """Every row of every table of a database, and what its sessions were last asked."""
    connection = await asyncpg.connect(dsn)
    try:
        tables = await connection.fetch(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        )
        for schema, table in [*map(tuple, tables), ("pg_catalog", "pg_stat_activity"), ("pg_catalog", "pg_locks")]:
            for row in await connection.fetch(f'SELECT * FROM "{schema}"."{table}"'):
                content = b"\n".join(f"{name}=".encode() + as_bytes(value) for name, value in row.items())
                yield f"table {schema}.{table}", content
    finally:
        await connection.close()


def as_bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogateescape")


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


def in_storage(stack: LiveStack) -> Iterator[Surface]:
    """The files in which Kafka and Postgres keep what they were told, Postgres's log of changes among them."""
    for kind, folder in (("kafka", stack.folder / "kafka" / "data"), ("postgres", stack.folder / "postgres" / "data")):
        for file in sorted(folder.rglob("*")):
            if file.suffix not in KAFKA_TIMES and (content := read_if_there(file)) is not None:
                yield f"{kind} file {file.relative_to(folder)}", content


def in_temporary_files(stack: LiveStack) -> Iterator[Surface]:
    """What the processes of the stack, and the commands typed at it, have left in their folder for temporary files."""
    for file in sorted(stack.temporary.rglob("*")):
        if (content := read_if_there(file)) is not None:
            yield f"temporary file {file.relative_to(stack.temporary)}", content


def in_processes(stack: LiveStack) -> Iterator[Surface]:
    """With which words and in which environment each process was started, where the system tells."""
    for name, child in stack.state().children.items():
        for part in ("cmdline", "environ"):
            if (content := read_if_there(Path(f"/proc/{child.pid}/{part}"))) is not None:
                yield f"{part} of {name}", content


def read_if_there(file: Path) -> bytes | None:
    """The content of a file; None for a folder, and for what has gone meanwhile."""
    try:
        return file.read_bytes() if file.is_file() else None
    except (FileNotFoundError, ProcessLookupError):
        return None


def over_http(stack: LiveStack, urls: Iterable[str]) -> Iterator[Surface]:
    """What each service tells an operator about itself."""
    key = {"authorization": f"Bearer {stack.operator_key()}"}
    for name, service in stack.status()["services"].items():
        for path in OPEN_PATHS:
            yield f"{path} of {name}", httpx.get(service["url"] + path, headers=key, timeout=30).content
    for url in urls:
        yield url, httpx.get(url, timeout=30).content


def to_each_key(stack: LiveStack) -> Iterator[Surface]:
    """What each service answers to each key of the stack, and to nobody, on everything that can be asked by address."""
    for name, service in stack.status()["services"].items():
        with httpx.Client(base_url=service["url"], timeout=60) as client:
            for path in askable(client.get("/openapi.json").json()):
                for holder, headers in keys_of(stack).items():
                    yield answered(client, name, path, holder, headers)


def of_engagements(stack: LiveStack, newest: int = 1) -> Iterator[Surface]:
    """What each service answers to each key of the stack, and to nobody, about some engagements."""
    found = stack.ask("remedy", f"/engagements?limit={newest}").json()["items"]
    urls = {name: service["url"] for name, service in stack.status()["services"].items()}
    for name, paths in OF_ENGAGEMENT.items():
        with httpx.Client(base_url=urls[name], timeout=60) as client:
            for path in {path.format(**one) for path in paths for one in found}:
                for holder, headers in keys_of(stack).items():
                    yield answered(client, name, path, holder, headers)


def keys_of(stack: LiveStack) -> dict[str, dict[str, str]]:
    """What a request of each holder of a key carries, and of nobody."""
    keys: dict[str, dict[str, str]] = {"nobody": {}}
    for file in (stack.folder / "secrets" / "operator.key", *sorted((stack.folder / "secrets").glob("*/*.key"))):
        keys[file.stem] = {"authorization": f"Bearer {file.read_text().strip()}"}
    return keys


def answered(client: httpx.Client, service: str, path: str, holder: str, headers: dict[str, str]) -> Surface:
    """What a service answers on a path to the holder of a key."""
    answer = client.get(path, headers=headers)
    told = b"\n".join(b": ".join(header) for header in answer.headers.raw)
    return f"{path} of {service} to {holder}", told + b"\n" + answer.content


def askable(described: dict[str, Any]) -> list[str]:
    """The paths of an API that can be asked for without naming anything."""
    return [path for path, methods in described["paths"].items() if "get" in methods and "{" not in path]


__all__ = ["everywhere", "forms", "holds", "leaks", "outside"]
