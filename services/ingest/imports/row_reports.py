"""What became of every row, as a CSV file for a person's spreadsheet."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

COLUMNS = (
    "row", "line", "place", "reference", "contract", "notice", "outcome", "edition", "supplier", "supplier_new",
    "site", "site_new", "why", "review",
    "column", "code", "detail", "remedy",
)  # fmt: skip
FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""How a cell begins that a spreadsheet would take for a formula."""


def write_rows(file: Path, outcomes: Sequence[dict[str, Any]]) -> None:
    """Write one line per row of an import, in UTF-8 with its mark. Raises OSError."""
    with file.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(COLUMNS)
        writer.writerows([harmless(one.get(name)) for name in COLUMNS] for one in outcomes)


def harmless(value: Any) -> str:
    """A value as a cell that no spreadsheet takes for a formula."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return f"'{text}" if text.startswith(FORMULAS) else text
