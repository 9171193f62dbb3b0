"""`engage timeline`: one thread of what happened to a subject, from what each service has told of it."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from services.remedy.commands.cases import tell_standing
from services.remedy.commands.engagement.finding import that_begin
from services.remedy.commands.engagement.reading import Member, console, count, key_for
from services.remedy.commands.options import As, AsJson, ask, case_path, harmless, print_json
from services.remedy.domain.references import as_written
from shared.client import CommandError, call

SERVICES = ("ingest", "risk", "remedy")
ROUNDS = 3
"""How often what was found is followed: contract, flag, engagement, and back to what was told of it."""
AT_ONCE = 200
MOST_FOLLOWED = 1_000
ALIKE = 3
"""Lines of one kind on one day that are shown; the others are counted."""
SHORT = 12
"""Signs of an event's id that are shown, its last; --json has all."""
OF_A_CASE = r"(?i)R-(?:[0-9A-Z][\s-]*){10,13}"
"""What looks like the reference of a case, mistyped or not: no other service is shown it."""
BEGINNING = r"[0-9a-f]{8}[0-9a-f-]{0,27}"
"""What may be the beginning of an engagement's id, as the board shows it; or a contract's reference after all."""
AUDIENCES = {"members": "all members", "group": "group {}", "member": "{} alone"}
WIDEST = {audience: place for place, audience in enumerate(AUDIENCES)}
"""Of what was recorded at one moment, what most may read comes first: from it follows what fewer are told."""
NOTHING = """Nothing that you may read was told of it.
A subject is a contract (its reference needs --member), a supplier or site (by name), or any id,
however old, of these or of a flag or an engagement: `engage board`, `engage risk flags` and
`engage contract list` show ids.
"""


def timeline(
    subject: Annotated[
        str, typer.Argument(help="A contract's reference, a name, or an id of a contract, supplier, site, flag ...")
    ],
    since: Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="From this day (UTC).")] = None,
    until: Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="To this day (UTC).")] = None,
    every: Annotated[bool, typer.Option("--all", help="Show also what is alike on one day.")] = False,
    member: Member = None,
    as_person: As = None,
    as_json: AsJson = False,
) -> None:
    """Show one thread from contract to verified closure: what happened, when, by whom, and the event that says so.

    What you may not read is not in it. Of a case only who works on it is shown how it stands, with --as.

    Examples: `engage timeline 2024/17 --member oslo`; `engage timeline "Example Electronics" --from 2026-01-01`
    """
    if re.fullmatch(OF_A_CASE, subject.strip()):
        return show_case(subject, as_person, as_json)
    if as_person is not None:
        raise CommandError("--as is for the reference of a case; for anything else ask as a member or operator.")
    found = gather(subject, member, span_of(since, until))
    if as_json:
        print_json(found)
    else:
        print_thread(console(), found, every=every)
    return None


def show_case(typed: str, as_person: str | None, as_json: bool) -> None:
    """How a case stands, for who works on it. Its reference is sent to `remedy` alone. Raises CommandError."""
    reference = as_written(typed)
    if as_person is None or reference is None:
        raise CommandError("That looks like the reference of a case, which only who works on it sees: give --as NAME.")
    tell_standing(ask("GET", case_path(reference), as_person), as_json)


def span_of(since: datetime | None, until: datetime | None) -> dict[str, str]:
    """The query for these days, both of them included."""
    days = {"from": since, "to": until and until + timedelta(days=1)}
    return {name: day.replace(tzinfo=UTC).isoformat() for name, day in days.items() if day is not None}


def gather(subject: str, member: str | None, span: dict[str, str]) -> dict[str, Any]:
    """What the services have told of a subject, merged by time, and what they led to. Raises CommandError."""
    key, query = key_for(member)
    subject = whole_id(subject.strip(), key, query)
    query |= span
    first = call("ingest", "GET", "/timeline", key, params=query | {"subject": subject})
    one = first["subject"]
    told = [first]
    told += [call(service, "GET", "/timeline", key, params=query | {"subject": one}) for service in SERVICES[1:]]
    followed: set[tuple[str, str]] = set()
    for _ in range(ROUNDS):
        fresh = sorted({(part["kind"], part["id"]) for answer in told for part in answer["found"]} - followed)
        followed |= set(fresh := fresh[: MOST_FOLLOWED - len(followed)])
        for chunk in chunks(fresh):
            also = [f"{kind}:{id_}" for kind, id_ in chunk]
            told += [call(service, "GET", "/timeline", key, params=query | {"also": also}) for service in SERVICES]
    return merged(one, told)


def whole_id(subject: str, key: str, query: dict[str, str]) -> str:
    """The id of the one engagement whose id begins so; else what was typed. Raises CommandError."""
    if not re.fullmatch(BEGINNING, subject):
        return subject
    fitting = that_begin(subject, key, query)
    return fitting[0] if len(fitting) == 1 else subject


def chunks(found: Sequence[tuple[str, str]]) -> Iterator[Sequence[tuple[str, str]]]:
    """As many as a service follows at once."""
    for start in range(0, len(found), AT_ONCE):
        yield found[start : start + AT_ONCE]


def merged(subject: str, told: Iterable[Any]) -> dict[str, Any]:
    """The answers as one: each line once, in the order of time, and each that was found once, with its name."""
    told = list(told)
    lines = {line["event"]: line for answer in told for line in answer["lines"]}
    found: dict[str, Any] = {}
    for part in (part for answer in told for part in answer["found"]):
        if part["id"] not in found or part["name"]:
            found[part["id"]] = part
    return {
        "subject": subject,
        "name": found.get(subject, {}).get("name"),
        "lines": sorted(lines.values(), key=place_of),
        "found": sorted(found.values(), key=lambda part: (part["kind"], part["id"])),
        "more": any(answer["more"] for answer in told),
    }


def place_of(line: Any) -> tuple[datetime, int]:
    """When a line was recorded and, of those of one moment, how many may read it."""
    return datetime.fromisoformat(line["at"]), WIDEST[line["audience"]]


def print_thread(out: Console, found: Any, *, every: bool) -> None:
    """The thread as a table, made for 100 columns and more."""
    if not found["lines"]:
        out.print(NOTHING, end="", soft_wrap=True)
        return
    if found["name"]:
        out.print(f"{harmless(found['name'])}  {found['subject']}")
    table = Table("Day", "What happened", "By", "Read by", "Event", box=None, header_style="bold", pad_edge=False)
    for column, width in ((0, 10), (4, SHORT)):
        table.columns[column].min_width = table.columns[column].max_width = width
    for column, ratio in ((1, 6), (2, 2), (3, 2)):
        table.columns[column].ratio, table.columns[column].overflow = ratio, "fold"
    table.expand = out.width < 160
    for row in rows_of(found["lines"], every=every):
        table.add_row(*row)
    out.print(table)
    out.print(
        f"{count(len(found['lines']), 'event')}." + (" There are later ones: give --from." if found["more"] else "")
    )


def rows_of(lines: Sequence[Any], *, every: bool) -> Iterator[list[str]]:
    """Rows of the table; of lines of one kind on one day the first, and how many more there are."""
    for _, alike in groupby(lines, key=lambda line: (line["at"][:10], line["type"], line["audience"], line["whose"])):
        several = list(alike)
        shown = several if every or len(several) <= ALIKE + 1 else several[:ALIKE]
        yield from map(row_of, shown)
        if more := len(several) - len(shown):
            yield ["", f"and {more:,} more like it; --all shows every one", "", "", ""]


def row_of(line: Any) -> list[str]:
    """One line of the thread."""
    who = AUDIENCES.get(line["audience"], "{}").format(line["whose"])
    return [line["at"][:10], harmless(" ".join(line["says"].split())), line["by"] or "", who, line["event"][-SHORT:]]
