"""An archive export on disk: written once, never changed, and checked file by file."""

import hashlib
import json
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from services.remedy.domain.engagement.documents.record import (
    ASSESSED_BY_BODY,
    EVENTS,
    FORMAT,
    MANIFEST,
    RETENTION,
    gaps,
    unknown_sources,
)
from shared.client import CommandError

REPORT = "report"
TITLES = {
    EVENTS: "Engagement with a supplier: events",
    f"{REPORT}.html": "Engagement with a supplier: report to read",
    f"{REPORT}.json": "Engagement with a supplier: report for programs",
}
PLAIN = re.compile(r"[a-z][a-z0-9_]{0,49}")
"""The name of a table: a file is named by it, and the answer could come from anybody."""
TABLE_TITLE = "Engagement with a supplier: table"


class Ask(Protocol):
    """Asks `remedy` for a document, of the reader and the engagement that are meant."""

    def __call__(self, path: str, **more: Any) -> bytes: ...


def export(group: str, to: Path, ask: Ask) -> dict[str, Any]:
    """Write the export of a group into a new folder; what the manifest says of it. Raises CommandError."""
    try:
        to.mkdir(parents=True)
    except OSError:
        raise CommandError(f"{to} exists or cannot be made: an export is written into a new folder.") from None
    events = ask(f"/archive/{group}")
    lines = [json.loads(line) for line in events.splitlines()]
    write(to / EVENTS, events)
    days = life_of(lines)
    for name in (f"{REPORT}.html", f"{REPORT}.json"):
        write(to / name, ask(f"/group/{group}", format=name.rpartition(".")[2], **days))
    report = json.loads((to / f"{REPORT}.json").read_bytes())
    for table in dict.fromkeys(one["name"] for section in report["sections"] for one in section["tables"]):
        if not PLAIN.fullmatch(table):
            raise CommandError("The report names a table by what is no plain word: nothing is written under that name.")
        write(to / "tables" / f"{table}.csv", ask(f"/group/{group}", format="csv", table=table, **days))
    manifest = manifest_of(to, report, len(lines))
    write(to / MANIFEST, (json.dumps(manifest, indent=1) + "\n").encode())
    return summary(to, manifest)


def life_of(lines: list[dict[str, Any]]) -> dict[str, str]:
    """The days of a report over the whole life of what is exported; one day more at its start, for the zone."""
    if not lines:
        return {}
    first = min(datetime.fromisoformat(one.get("time", one["recordedtime"])) for one in lines)
    return {"from": date_before(first)}


def date_before(at: datetime) -> str:
    """The day before that of a moment, so that no zone makes it later."""
    return datetime.fromordinal(at.toordinal() - 1).date().isoformat()


def manifest_of(folder: Path, report: dict[str, Any], events: int) -> dict[str, Any]:
    """What an archive is told of an export: each file with its title, size and hash."""
    return {
        "format": FORMAT,
        "title": "Engagement with a supplier: export of a working group",
        "made_at": report["made_at"],
        "exemption": ASSESSED_BY_BODY,
        "retention": RETENTION,
        "events": events,
        "files": [
            {
                "path": path,
                "title": TITLES.get(path, TABLE_TITLE),
                "bytes": (folder / path).stat().st_size,
                "sha256": hash_of(folder / path),
            }
            for path in files_in(folder)
        ],
    }


def files_in(folder: Path) -> list[str]:
    """The files of an export, but for its manifest."""
    found = (one.relative_to(folder).as_posix() for one in folder.rglob("*") if one.is_file())
    return sorted(one for one in found if one != MANIFEST)


def verify(folder: Path) -> dict[str, Any]:
    """Check an export: every file is there and unchanged, no event is missing, every figure's events are in it.

    Raises CommandError with all that is wrong.
    """
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
        wrong = list(faults(folder, manifest))
    except (OSError, ValueError, KeyError, TypeError):
        raise CommandError(f"{folder} holds no export that can be read: it has no whole {MANIFEST}.") from None
    if wrong:
        raise CommandError("\n".join(["This export is not what was written:", *(f"  {one}" for one in wrong)]))
    return summary(folder, manifest)


def summary(folder: Path, manifest: dict[str, Any]) -> dict[str, Any]:
    """What people are told of an export; the hash of the manifest stands for the hashes of all files."""
    files = {"files": len(manifest["files"]), "manifest_sha256": hash_of(folder / MANIFEST)}
    return {"folder": str(folder), "events": manifest["events"], **files}


def faults(folder: Path, manifest: dict[str, Any]) -> Iterator[str]:
    """All that is wrong with an export."""
    told = {one["path"]: one["sha256"] for one in manifest["files"]}
    found = set(files_in(folder))
    yield from (f"{path} is missing" for path in sorted(told.keys() - found))
    yield from (f"{path} was added" for path in sorted(found - told.keys()))
    changed = [path for path in sorted(told.keys() & found) if hash_of(folder / path) != told[path]]
    yield from (f"{path} was changed" for path in changed)
    if changed or not {EVENTS, f"{REPORT}.json"} <= found:
        return  # what was changed need not even be readable
    lines = [json.loads(line) for line in (folder / EVENTS).read_bytes().splitlines()]
    if len(lines) != manifest["events"]:
        yield f"{EVENTS} has {len(lines)} events, not {manifest['events']}"
    yield from gaps(lines)
    report = json.loads((folder / f"{REPORT}.json").read_bytes())
    yield from (f"the report names event {one}, which is not here" for one in unknown_sources(report, lines))


def hash_of(file: Path) -> str:
    """The SHA-256 of a file."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def write(file: Path, content: bytes) -> None:
    """Write a file of an export. Raises CommandError where the disk refuses."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    except OSError:
        raise CommandError(f"{file} cannot be written.") from None
