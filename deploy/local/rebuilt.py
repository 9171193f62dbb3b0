"""What a rebuild found, for people and for programs."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from shared.comparing import Compared

WORDS = {"only_in_first": "only in the live schema", "only_in_second": "only rebuilt", "differs": "differs in "}
"""What is found of a row."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild found. `passed_over` are events on which a handler fails now and that the live inbox is past.

    `clocks` are those that had run out when the live schema was copied, before the service had looked at them.
    `behind` counts keys of which Kafka no longer has all events that the live schema has applied. `gone` are the
    members that have left, with their topics; `lost` those whose topics are gone though they have not left.
    """

    tables: "Sequence[Compared]"
    events: int
    passed_over: int
    dead_letters: int
    parked: int
    clocks: int
    behind: int
    gone: Sequence[str]
    lost: Sequence[str]
    seconds: float
    schema: str | None

    @property
    def is_equal(self) -> bool:
        """Whether every compared row of every table is the same, and no event was missing."""
        return not (self.behind or self.lost or any(table.differing for table in self.tables))


def document(found: Rebuilt) -> dict[str, Any]:
    """The outcome for a program."""
    return {"equal": found.is_equal, **asdict(found)}


def tell(console: Console, found: Rebuilt) -> None:
    """The outcome for a person."""
    console.print(table_of(found))
    for table in found.tables:
        for one in table.first:
            key = ", ".join(f"{column} {value}" for column, value in one.key.items())
            console.print(f"{table.table}: {key}: {WORDS[one.found]}{', '.join(one.columns)}")
    for line in remarks(found):
        console.print(line)
    console.print(verdict(found))


def table_of(found: Rebuilt) -> Table:
    """Rows per table: live, rebuilt, differing."""
    table = Table("table", "live", "rebuilt", "differing", "not compared", box=None, pad_edge=False)
    for one in found.tables:
        table.add_row(one.table, *(f"{count:,}" for count in (*one.rows, one.differing, one.left_out)))
    return table


def remarks(found: Rebuilt) -> list[str]:
    """What else there is to say of a rebuild."""
    told = [
        (found.dead_letters, "{} dead letters wait in the live schema; neither has applied them."),
        (found.parked, "{} events wait behind a dead letter or a gap in the live schema; neither has applied them."),
        (
            found.passed_over,
            "{} events were passed over: the handler fails on them, and the live inbox is past them (given up, or "
            "applied by an earlier release).",
        ),
        (found.clocks, "{} clocks had run out that the live service had yet to look at."),
        (found.behind, "{} keys lack events: Kafka no longer has all that the live schema has applied."),
        (len(found.gone), "{} members have left, with their topics: rows for them alone are not compared."),
        (len(found.lost), "{} members have no topics though they have not left: what was on them is lost."),
    ]
    lines = [words.format(f"{count:,}") for count, words in told if count]
    if found.schema:
        both = f'"{found.schema}", "{found.schema}_live"'
        lines.append(f"Kept: {both}. An administrator drops them by DROP SCHEMA {both} CASCADE;")
    return lines


def verdict(found: Rebuilt) -> str:
    """The outcome in one line."""
    rows = sum(table.rows[1] for table in found.tables)
    done = f"{found.events:,} events applied again in {found.seconds:.0f} s"
    if found.is_equal:
        return f"Equal: {rows:,} rows in {len(found.tables)} tables; {done}."
    return f"Not equal; {done}."
