"""`python -m tests.benchmarks.precision`: matching on the judged pairs, and on the spellings of a real list."""

import csv
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import sqrt
from pathlib import Path

from rich.console import Console
from rich.table import Table

from services.ingest.domain.identity.comparison import (
    Description,
    Likeness,
    Verdict,
    blocking_tokens,
    compare_sites,
    compare_suppliers,
    describe,
    verdict,
)
from services.ingest.domain.identity.keys import supplier_key
from services.ingest.domain.registry import Kind
from services.ingest.settings import IngestSettings
from shared.countries import resolve

GOLD = Path(__file__).parents[1] / "ingest" / "gold"
APPLE = Path(__file__).parents[3] / "shared" / "data" / "suppliers" / "apple-supplier-list-2012-2022.csv"
COMPARE = {Kind.SUPPLIER: compare_suppliers, Kind.SITE: compare_sites}
FILES = {Kind.SUPPLIER: "suppliers.csv", Kind.SITE: "sites.csv"}
TWO_SIDED_95 = 1.959964
"""The standard normal deviate of a 95 % interval."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A pair with a reader's judgement and what the rules say; `found` is false where no blocking word is shared."""

    pair: str
    kind: Kind
    half: str
    same: bool
    likeness: Likeness
    verdict: Verdict
    found: bool

    @property
    def merged(self) -> bool:
        """Whether the two become one entry without a person."""
        return self.found and self.verdict is Verdict.SAME


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts of merges: right, wrong and missed; of the missed, and of others, how many a person is asked about."""

    right: int
    wrong: int
    missed: int
    asked_of_same: int
    asked_of_others: int
    not_found: int

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong)

    @property
    def recall(self) -> float:
        return self.right / (self.right + self.missed)


def threshold(kind: Kind, name: str) -> float:
    """The default of a threshold in the settings of ingest."""
    return float(IngestSettings.model_fields[f"identity_{kind.value}s_{name}"].default)


def judged_pairs() -> list[Judged]:
    """All judged pairs with what the rules say of them."""
    return [judge(kind, row) for kind in Kind for row in rows_of(GOLD / FILES[kind])]


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def judge(kind: Kind, row: dict[str, str]) -> Judged:
    left, right = described(row, "left"), described(row, "right")
    likeness = COMPARE[kind](left, right)
    found = not blocking_tokens(left, kind.value).isdisjoint(blocking_tokens(right, kind.value))
    decided = verdict(likeness.score, threshold(kind, "same_from"), threshold(kind, "review_from"))
    return Judged(row["pair"], kind, row["half"], row["same"] == "yes", likeness, decided, found)


def described(row: dict[str, str], side: str) -> Description:
    return describe(row[f"{side}_name"], row.get(f"{side}_address"), resolve(row[f"{side}_country"]), {})


def figures(pairs: Iterable[Judged]) -> Figures:
    """The counts of some judged pairs."""
    count = Counter((one.same, one.merged, one.found and one.verdict is Verdict.REVIEW, one.found) for one in pairs)

    def total(same: bool, merged: bool | None = None, asked: bool | None = None, found: bool | None = None) -> int:
        wanted = (same, merged, asked, found)
        return sum(n for key, n in count.items() if all(w is None or w is k for w, k in zip(wanted, key, strict=True)))

    return Figures(
        right=total(True, merged=True),
        wrong=total(False, merged=True),
        missed=total(True, merged=False),
        asked_of_same=total(True, asked=True),
        asked_of_others=total(False, asked=True),
        not_found=total(True, found=False),
    )


def wilson(hits: int, trials: int) -> tuple[float, float]:
    """The Wilson score interval of a share, at 95 %. Source: E. B. Wilson, J. Am. Stat. Assoc. 22 (1927)."""
    if not trials:
        return 0.0, 1.0
    share, square = hits / trials, TWO_SIDED_95**2
    middle = share + square / (2 * trials)
    half = TWO_SIDED_95 * sqrt(share * (1 - share) / trials + square / (4 * trials**2))
    return (middle - half) / (1 + square / trials), (middle + half) / (1 + square / trials)


def table(pairs: Sequence[Judged]) -> Table:
    """Precision and recall by kind and half."""
    shown = Table(title="Matching on the judged pairs", title_justify="left")
    for heading in (
        "kind",
        "half",
        "pairs",
        "merged",
        "wrong",
        "precision (95 %)",
        "recall (95 %)",
        "asked: same, other",
    ):
        shown.add_column(heading, justify="left" if heading in ("kind", "half") else "right")
    for kind in (*Kind, None):
        for half in ("dev", "test", "all"):
            chosen = [one for one in pairs if kind in (None, one.kind) and half in ("all", one.half)]
            shown.add_row("together" if kind is None else f"{kind.value}s", half, str(len(chosen)), *cells(chosen))
    return shown


def cells(chosen: Sequence[Judged]) -> tuple[str, ...]:
    found = figures(chosen)
    merged = found.right + found.wrong
    return (
        str(merged),
        str(found.wrong),
        share(found.right, merged),
        share(found.right, found.right + found.missed),
        f"{found.asked_of_same}, {found.asked_of_others}",
    )


def share(hits: int, trials: int) -> str:
    low, high = wilson(hits, trials)
    return f"{hits / trials if trials else 1:.4f} ({low:.4f}-{high:.4f})"


def remaining(names: Sequence[str]) -> tuple[int, int]:
    """Of so many spellings: how many suppliers remain where only equal keys meet, and how many by the rules."""
    described_once = [describe(name, None, None, {}) for name in names]
    roots = list(range(len(names)))

    def root(number: int) -> int:
        while roots[number] != number:
            number = roots[number]
        return number

    for left, right in combinations(range(len(names)), 2):
        likeness = compare_suppliers(described_once[left], described_once[right])
        if likeness.score >= threshold(Kind.SUPPLIER, "same_from"):
            roots[root(right)] = root(left)
    return len({supplier_key(name) for name in names}), len({root(number) for number in range(len(names))})


def main() -> None:
    """Print the figures."""
    console = Console(width=None if Console().is_terminal else 150, highlight=False)
    pairs = judged_pairs()
    console.print(table(pairs))
    console.print(f"{figures(pairs).not_found} pairs that are the same share no blocking word; they count as missed.")
    if APPLE.exists():
        names = sorted({row["supplier_name"] for row in rows_of(APPLE)})
        by_key, by_rules = remaining(names)
        console.print(
            f"Apple's list: {len(names)} spellings, {by_key} by equal keys, {by_rules} suppliers by the rules."
        )


if __name__ == "__main__":
    main()
