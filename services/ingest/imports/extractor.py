"""Reads one spreadsheet in a process of its own: from standard input to standard output, within the limits given.

Run by `extraction`. It opens no file and no connection, and has no secret in its environment.
"""

import json
import os
import resource
import sys
from dataclasses import asdict
from typing import Any

from services.ingest.domain.lists.findings import FileInvalid
from services.ingest.domain.lists.sheets import Limits
from services.ingest.domain.lists.spreadsheets import Expansion, read_spreadsheet

TOO_LARGE = 3
"""The code with which this process ends where memory does not suffice."""


def confine(memory: int, seconds: int) -> None:
    """From here on this process has that much address space (bytes) and processor time, writes no file and no core."""
    limits = ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, seconds), (resource.RLIMIT_FSIZE, 0))
    for kind, most in (*limits, (resource.RLIMIT_CORE, 0)):
        resource.setrlimit(kind, (most, most))


def main() -> None:
    """Answer with the sheets, or with the code of what is wrong; end with TOO_LARGE where memory does not suffice."""
    given = json.loads(sys.argv[1])
    confine(given["memory"], given["seconds"])
    try:
        json.dump(read(given), sys.stdout)
    except MemoryError:
        os._exit(TOO_LARGE)  # the ordinary end would need memory


def read(given: dict[str, Any]) -> dict[str, Any]:
    """What the file on standard input holds, or what is wrong with it."""
    limits, expansion = Limits(**given["limits"]), Expansion(**given["expansion"])
    try:
        book = read_spreadsheet(sys.stdin.buffer.read(), limits, expansion)
    except FileInvalid as error:
        return {"findings": [asdict(one) for one in error.findings]}
    sheets = [[one.name, [[record.row, record.cells] for record in one.records]] for one in book.sheets]
    return {"sheets": sheets, "hidden": book.hidden}


if __name__ == "__main__":
    main()
