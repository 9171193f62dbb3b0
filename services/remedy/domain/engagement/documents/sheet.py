"""What every document is made of: sections with tables, each figure with the events that it rests on."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

Value = str | int | date | None


@dataclass(frozen=True, slots=True)
class Source:
    """An event that a figure rests on: its id, its type, and when what it tells happened or was accepted.

    Of testimony that is a day, and nothing finer.
    """

    event: UUID
    type: str
    at: datetime | date


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure, word or day of a table, with its sources; None is unknown, and shown as unknown."""

    value: Value
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name for programs, and its heading for people."""

    name: str
    title: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its name is unique in a document, `instead` is what is said where it has no rows.

    The cells of the first column head their rows.
    """

    name: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    instead: str


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a document. `secrecy` says in words for whom it is, where that is not the same as for the whole."""

    name: str
    title: str
    text: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    secrecy: str | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A document: what it is about, for whom it is, its sections, and what it cannot know (`limits`).

    `about` are names and values for its head; `kind` is one word for programs.
    """

    kind: str
    title: str
    audience: str
    made_at: datetime
    about: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    limits: tuple[str, ...]
    sources: tuple[Source, ...] = field(init=False)
    """All events that the document rests on, each once, in the order of time."""

    def __post_init__(self) -> None:
        found = {source.event: source for cell in self.cells() for source in cell.sources}
        ordered = tuple(sorted(found.values(), key=lambda one: (one.at.isoformat(), str(one.event))))
        object.__setattr__(self, "sources", ordered)

    def tables(self) -> Iterator[tuple[Section, Table]]:
        """All tables, with the section of each."""
        return ((section, table) for section in self.sections for table in section.tables)

    def cells(self) -> Iterator[Cell]:
        """All cells of all tables."""
        return (cell for _, table in self.tables() for row in table.rows for cell in row)


def columns(**titles: str) -> tuple[Column, ...]:
    """Columns of a table, by name and heading."""
    return tuple(Column(name, title) for name, title in titles.items())


def word(value: Value) -> Cell:
    """A cell that names something; it is no figure, and rests on no event of its own."""
    return Cell(value)


def table(
    name: str,
    caption: str,
    heads: tuple[Column, ...],
    rows: Iterable[Iterable[Cell | Value]],
    instead: str,
) -> Table:
    """A table of rows; a bare value stands for a cell without sources."""
    made = tuple(tuple(one if isinstance(one, Cell) else Cell(one) for one in row) for row in rows)
    assert all(len(row) == len(heads) for row in made), f"a row of {name} does not fit its columns"
    return Table(name, caption, heads, made, instead)
