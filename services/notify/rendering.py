"""From a letter to what its reader reads: a text and the same in HTML. Pure.

Templates are sandboxed and without logic beyond conditions and loops; HTML is escaped.
"""

import re
import textwrap
from datetime import UTC, date, datetime
from functools import cache

from jinja2 import PackageLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from services.notify.letters import Letter, RestrictedMatter
from shared.countries import name_of
from shared.events.remedy.words import MailKind

BLANK_LINES = re.compile(r"\n{3,}")
WIDTH = 74
MATTERS = {
    MailKind.TESTIMONY_RECEIVED: "new testimony has arrived",
    MailKind.DEADLINE_APPROACHING: "a deadline is near and not met",
    MailKind.DEADLINE_MISSED: "a deadline has passed and was not met",
    MailKind.REPORTER_WROTE: "whoever filed it has written",
    MailKind.URGENT: "something in it is urgent",
    MailKind.DECISION_AWAITED: "a decision of yours is awaited",
    MailKind.OTHER: "something has changed",
}
MATTER_WIDTH = max(map(len, MATTERS.values()))
REFERENCE_WIDTH = 40


def render(letter: Letter) -> tuple[str, str]:
    """The text and the HTML of a letter. Raises jinja2's TemplateError only where a template is wrong."""
    variables = {name: getattr(letter, name) for name in type(letter).model_fields}
    if isinstance(letter, RestrictedMatter):
        variables = fixed_width(letter)
    text, html = (
        environment().get_template(f"{letter.layout}.{ending}").render(variables) for ending in ("txt", "html")
    )
    return BLANK_LINES.sub("\n\n", text), html


def fixed_width(letter: RestrictedMatter) -> dict[str, object]:
    """The variables of a restricted matter, padded: the length of the mail does not tell what it is about."""
    return {
        "reference": letter.reference.ljust(REFERENCE_WIDTH),
        "matter": MATTERS[letter.kind].ljust(MATTER_WIDTH),
        "due": letter.due.isoformat(),
    }


@cache
def environment() -> ImmutableSandboxedEnvironment:
    """The templates of this package: sandboxed, HTML escaped, and an unknown name is an error."""
    made = ImmutableSandboxedEnvironment(
        loader=PackageLoader("services.notify"),
        autoescape=lambda name: name is not None and name.endswith(".html"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    made.filters |= {"words": words, "country": country, "moment": moment, "wrap": wrap, "many": many}
    return made


def words(code: str) -> str:
    """A code as a person reads it."""
    return code.replace("_", " ")


def country(code: str) -> str:
    """The name of a country, or its code."""
    try:
        return name_of(code)
    except KeyError:
        return code


def moment(at: datetime | date) -> str:
    """A moment to the minute, in UTC; seconds only where they matter."""
    if not isinstance(at, datetime):
        return at.isoformat()
    utc = at.astimezone(UTC)
    return f"{utc.day} {utc:%B %Y}, {utc:%H:%M:%S}".removesuffix(":00") + " UTC"


def many(count: int, one: str, several: str) -> str:
    """A number with its noun: "1 site", "2 sites"."""
    return f"{count:,} {one if count == 1 else several}"


def wrap(text: str, first: str, rest: str) -> str:
    """The text in lines of mail width, the first behind `first`, the others behind `rest`."""
    return textwrap.fill(
        text, WIDTH, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
    )
