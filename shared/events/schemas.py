"""JSON Schema 2020-12 of every event type, under `deploy/contracts/schemas`, made from the models.

`python -m shared.events.schemas --write` makes the files, `--check` fails where a file differs from its model.
"""

import argparse
import json
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

from shared.events import DOOR_TYPES, EVENT_TYPES
from shared.events.envelope import EventData

CONTRACTS = Path(str(files("deploy"))) / "contracts"
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema_of(model: type[EventData]) -> dict[str, Any]:
    """The schema of an event's data."""
    return {"$schema": DIALECT, "$id": f"urn:engage:{model.type}", **model.model_json_schema()}


def all_schemas() -> dict[str, str]:
    """The text of every schema file, by event type; the same models always give the same text."""
    return {
        name: json.dumps(schema_of(model), indent=2, sort_keys=True, ensure_ascii=True) + "\n"
        for name, model in (DOOR_TYPES | EVENT_TYPES).items()
    }


def differences(folder: Path) -> list[str]:
    """The event types whose file in the folder is missing, stale, or has no model."""
    wanted = all_schemas()
    found = {path.stem: path.read_text() for path in folder.glob("*.json")}
    return sorted(name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name))


def write(folder: Path) -> None:
    """Afterwards the folder holds the schema of every event type and no other."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = all_schemas()
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
    folder = CONTRACTS / "schemas"
    if parser.parse_args().write:
        write(folder)
        return 0
    stale = differences(folder)
    for name in stale:
        sys.stderr.write(f"{name}: the schema file differs from the model; run with --write\n")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
