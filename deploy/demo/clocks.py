"""Clocks short enough to watch: the shipped benchmarks with another time to acknowledge, and nothing else changed."""

import re
from importlib.resources import files
from pathlib import Path

ACKNOWLEDGE = re.compile(r'(?s)(id = "acknowledge".*?within = ")[^"]*(".*?warn = ")[^"]*(")')


def write_short_clocks(target: Path, within: str, warn: str) -> None:
    """Write the benchmarks to a file, with these spans (ISO 8601) for the acknowledgement and its warning."""
    shipped = files("services").joinpath("remedy", "benchmarks.toml").read_text(encoding="utf-8")
    text, found = ACKNOWLEDGE.subn(rf"\g<1>{within}\g<2>{warn}\g<3>", shipped)
    assert found == 1, "the shipped benchmarks have one clock for the acknowledgement"
    target.write_text(text, encoding="utf-8")
