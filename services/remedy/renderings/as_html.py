"""A document as one HTML file that asks for nothing else: to read, to print on A4, and with each figure's events.

Templates have no logic beyond conditions and loops, everything is escaped, and no script or foreign address is allowed
by the page's own policy. Meaning never hangs on colour alone.
"""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from importlib import resources
from uuid import UUID

from jinja2 import PackageLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from services.remedy.domain.engagement.documents.sheet import Cell, Document, Source
from services.remedy.renderings.text import shown

MOST = 1000
"""Rows of a table on a page; how many more there are is said below it."""
FEW = 3
"""A figure that rests on so many events names them itself; one on more names a line of the appendix."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A number beside a figure, and the place in the page that it leads to."""

    text: str
    target: str


@dataclass(frozen=True, slots=True)
class Many:
    """A line of the appendix: a figure that rests on many events, by their numbers."""

    number: int
    events: tuple[int, ...]


class References:
    """Numbers the events of a document, and the figures that rest on more of them than a cell has room for."""

    def __init__(self, document: Document) -> None:
        self.numbers: dict[UUID, int] = {one.event: place for place, one in enumerate(document.sources, 1)}
        self.many: dict[tuple[Source, ...], Many] = {}
        for cell in document.cells():
            if len(cell.sources) > FEW and cell.sources not in self.many:
                events = tuple(sorted(self.numbers[one.event] for one in cell.sources))
                self.many[cell.sources] = Many(len(self.many) + 1, events)

    def of(self, cell: Cell) -> Sequence[Reference]:
        """What stands beside a figure."""
        if found := self.many.get(cell.sources):
            return (Reference(f"F{found.number}", f"f{found.number}"),)
        numbers = dict.fromkeys(self.numbers[one.event] for one in cell.sources)
        return tuple(Reference(str(number), f"e{number}") for number in numbers)


def as_html(document: Document) -> str:
    """The document as a page. Raises jinja2's TemplateError only where a template is wrong."""
    references = References(document)
    return (
        environment()
        .get_template("document.html")
        .render(
            document=document,
            references=references.of,
            many=references.many.values(),
            most=MOST,
            style=Markup(style()),  # noqa: S704 - our own file, without any word of a stranger
            policy=policy(),
        )
    )


def policy() -> str:
    """What the page may do: show itself in its own style, and nothing else."""
    digest = base64.b64encode(hashlib.sha256(style().encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


@cache
def style() -> str:
    """The style sheet of documents."""
    return (resources.files("services.remedy") / "templates" / "document.css").read_text()


@cache
def environment() -> ImmutableSandboxedEnvironment:
    """The templates of this package: sandboxed, escaped, and an unknown name is an error."""
    made = ImmutableSandboxedEnvironment(
        loader=PackageLoader("services.remedy"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    made.filters |= {"shown": shown, "moment": moment}
    made.tests |= {"figure": is_figure, "day": is_day}
    return made


def is_figure(cell: Cell) -> bool:
    """Whether a cell holds a number, which stands to the right."""
    return isinstance(cell.value, int)


def is_day(cell: Cell) -> bool:
    """Whether a cell holds a day, which is not broken over two lines."""
    return isinstance(cell.value, date)


def moment(at: datetime | date) -> str:
    """A moment to the minute, in UTC; a day as such."""
    if not isinstance(at, datetime):
        return at.isoformat()
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
