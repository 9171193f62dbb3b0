"""What can be wrong with a file of facts, and how much one may hold."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Never

MAXIMUM_FILE = 32 * 1024 * 1024
"""Bytes of a file; the greatest list known has 0.2 MB."""
MAXIMUM_FACTS = 250_000
"""Facts of one edition, and rows of one file."""
FAULTS_SHOWN = 100


@dataclass(frozen=True, slots=True)
class FileFault:
    """One thing that is wrong with a file: where (row by its line, and column), what, and how to mend it."""

    place: str
    code: str
    remedy: str


class FactsInvalid(Exception):
    """A file cannot be taken, for at most a hundred faults. It quotes nothing of the file."""

    def __init__(self, faults: Sequence[FileFault]) -> None:
        super().__init__("facts_invalid")
        self.faults = tuple(faults[:FAULTS_SHOWN])


def refuse(place: str, code: str, remedy: str) -> Never:
    """Raise FactsInvalid for this one fault."""
    raise FactsInvalid([FileFault(place, code, remedy)])
