"""Cells of CSV files for people's spreadsheets: what a stranger wrote is never taken for a formula there."""

from typing import Any

FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""How a cell begins that a spreadsheet would take for a formula."""


def harmless(value: Any) -> str:
    """A value as a cell that no spreadsheet takes for a formula; a list as its parts, nothing as an empty cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return f"'{text}" if text.startswith(FORMULAS) else text
