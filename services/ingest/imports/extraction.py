"""Opening a file that somebody sent: CSV here, a spreadsheet in a process of its own that a crafted file may end."""

import asyncio
import json
import signal
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from services.ingest.domain.lists.delimited import read_csv
from services.ingest.domain.lists.findings import FileInvalid, Finding
from services.ingest.domain.lists.sheets import Book, Limits, Record, Sheet, is_binary, is_spreadsheet
from services.ingest.domain.lists.spreadsheets import Expansion

ROOT = Path(__file__).parents[2]
TOO_MUCH = (3, *(-number for number in (signal.SIGKILL, signal.SIGABRT, signal.SIGXCPU, signal.SIGSEGV)))
"""How a process ends that needs more than it is given: `extractor.TOO_LARGE`, or a signal."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """The limits of one file, and of the process that reads a spreadsheet: bytes of memory and answer, seconds."""

    limits: Limits = field(default_factory=Limits)
    expansion: Expansion = field(default_factory=Expansion)
    memory: int = 512 << 20
    seconds: int = 20
    answer: int = 128 << 20


async def open_file(content: bytes, bounds: Bounds, encoding: str | None = None) -> Book:
    """The sheets of a file, CSV or spreadsheet by its first bytes. Raises FileInvalid, and never takes a formula."""
    if is_spreadsheet(content):
        return await extract(content, bounds)
    if encoding is None and is_binary(content):
        raise FileInvalid(Finding("not_a_table"))
    return await asyncio.to_thread(read_csv, content, bounds.limits, encoding)


async def extract(content: bytes, bounds: Bounds) -> Book:
    """The sheets of a spreadsheet, read by another process. Raises FileInvalid, also where that came to harm."""
    given: dict[str, Any] = {"memory": bounds.memory, "seconds": bounds.seconds}
    given |= {"limits": asdict(bounds.limits), "expansion": asdict(bounds.expansion)}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.ingest.imports.extractor", json.dumps(given),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        env={"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    try:
        async with asyncio.timeout(2 * bounds.seconds):
            answered = await converse(process, content, bounds.answer)
            ended = await process.wait()
    except TimeoutError:
        raise FileInvalid(Finding("spreadsheet_too_large")) from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if ended:  # by a signal where it went beyond a limit; of itself where the parser came to harm
        raise FileInvalid(Finding("spreadsheet_too_large" if ended in TOO_MUCH else "spreadsheet_broken"))
    return await asyncio.to_thread(book_of, answered)


async def converse(process: asyncio.subprocess.Process, content: bytes, most: int) -> bytes:
    """Give a process its input and take at most so many bytes of its answer. Raises FileInvalid beyond them."""
    assert process.stdin is not None
    assert process.stdout is not None
    feeding = asyncio.create_task(feed(process.stdin, content))
    pieces, size = list[bytes](), 0
    try:
        while piece := await process.stdout.read(1 << 20):
            pieces.append(piece)
            size += len(piece)
            if size > most:
                raise FileInvalid(Finding("too_many_cells"))
        await feeding
    finally:
        feeding.cancel()
    return b"".join(pieces)


async def feed(pipe: asyncio.StreamWriter, content: bytes) -> None:
    """Write all of it; a process that has ended needs no more."""
    try:
        pipe.write(content)
        await pipe.drain()
        pipe.close()
        await pipe.wait_closed()
    except (BrokenPipeError, ConnectionResetError):
        pipe.close()


def book_of(answered: bytes) -> Book:
    """What the process answered. Raises FileInvalid where it found something wrong."""
    found: dict[str, Any] = json.loads(answered)
    if "findings" in found:
        raise FileInvalid(*(Finding(**one) for one in found["findings"]))
    sheets = [Sheet(name, [Record(row, row, cells) for row, cells in rows]) for name, rows in found["sheets"]]
    return Book(sheets, hidden=found["hidden"])
