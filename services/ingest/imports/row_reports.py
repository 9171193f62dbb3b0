"""What became of every row, as a CSV file for a person's spreadsheet."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from shared.spreadsheets import harmless

COLUMNS = (
    "row", "line", "place", "reference", "contract", "notice", "outcome", "edition", "supplier", "supplier_new",
    "site", "site_new", "why", "review",
    "column", "code", "detail", "remedy",
)  # fmt: skip


def write_rows(file: Path, outcomes: Sequence[dict[str, Any]]) -> None:
    """Write one line per row of an import, in UTF-8 with its mark. Raises OSError."""
    with file.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(COLUMNS)
        writer.writerows([harmless(one.get(name)) for name in COLUMNS] for one in outcomes)
