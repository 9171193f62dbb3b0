"""JSON Schema 2020-12 of every event type and of what a sealed box holds, under `deploy/contracts`, from the models.

`python -m shared.events.schemas --write` makes the files, `--check` fails where a file differs from its model.
"""

import argparse
import json
import sys
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

from shared.events import DOOR_TYPES, EVENT_TYPES
from shared.events.envelope import EventData
from shared.events.sealed import SealedTestimony

CONTRACTS = Path(str(files("deploy"))) / "contracts"
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema_of(model: type[EventData]) -> dict[str, Any]:
    """The schema of an event's data."""
    return {"$schema": DIALECT, "$id": f"urn:engage:{model.type}", **model.model_json_schema()}


def all_schemas() -> dict[str, str]:
    """The text of every schema file, by event type; the same models always give the same text."""
    return {name: as_text(schema_of(model)) for name, model in (DOOR_TYPES | EVENT_TYPES).items()}


def sealed_schemas() -> dict[str, str]:
    """The text of the schema of what a sealed box holds, by its name."""
    name = "testimony.v1"
    schema = {"$schema": DIALECT, "$id": f"urn:engage:sealed:{name}", **SealedTestimony.model_json_schema()}
    return {name: as_text(schema)}


def as_text(schema: dict[str, Any]) -> str:
    """A schema as its file holds it."""
    return json.dumps(schema, indent=2, sort_keys=True, ensure_ascii=True) + "\n"


FOLDERS: dict[str, Callable[[], dict[str, str]]] = {"schemas": all_schemas, "sealed": sealed_schemas}
"""The folders that are made from models, and what each holds."""


def differences(folder: Path) -> list[str]:
    """The schemas whose file in the folder is missing, stale, or has no model; the folder's name says which belong."""
    wanted = FOLDERS.get(folder.name, all_schemas)()
    found = {path.stem: path.read_text() for path in folder.glob("*.json")}
    return sorted(name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name))


def write(folder: Path) -> None:
    """Afterwards the folder holds each schema that belongs there and no other."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = FOLDERS.get(folder.name, all_schemas)()
    for path in folder.glob("*.json"):
        if path.stem not in wanted:
            path.unlink()
    for name, text in wanted.items():
        (folder / f"{name}.json").write_text(text)


def main() -> int:
    """Write or check the files; the exit code is 1 where a check found differences."""
    parser = argparse.ArgumentParser(prog="python -m shared.events.schemas", description=__doc__)
    wish = parser.add_mutually_exclusive_group(required=True)
    wish.add_argument("--write", action="store_true", help="make the files from the models")
    wish.add_argument("--check", action="store_true", help="fail where a file differs from its model")
    folders = [CONTRACTS / name for name in FOLDERS]
    if parser.parse_args().write:
        for folder in folders:
            write(folder)
        return 0
    stale = [name for folder in folders for name in differences(folder)]
    for name in stale:
        sys.stderr.write(f"{name}: the schema file differs from the model; run with --write\n")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
