"""Commands about who is who in the registry: questions that wait, merges, splits, and undoing them."""

import json
import sys
from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.table import Table

from services.ingest.commands.options import AsJson, console
from services.ingest.domain.identity.reasons import in_words
from services.ingest.domain.registry import Kind
from services.ingest.tables import counted, plain
from shared.client import call, operator_key

DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would happen; change nothing.")]
Ids = Annotated[list[UUID] | None, typer.Option(metavar="ID", help="Of a question; repeatable.")]
ANSWERS = {"y": True, "n": False}
BECOMES = {
    "merge": "{entry}\n  goes into {other}, under whose id both are known",
    "unmerge": "{entry}\n  stands for itself again; it had gone into {other}",
    "different": "{entry}\n  and {other}\n  are two, and are not asked about again",
    "asked": "{entry}\n  and {other}\n  are a question again",
    "split": "{entry}\n  gives a name to {other}",
}
"""What a decision makes of what it is about; `entry` and `other` as in the answer."""


def register(app: typer.Typer) -> None:
    """Add the commands to an application."""
    group = typer.Typer(no_args_is_help=True, help="Which names are one supplier or site; each decision can be undone.")
    for name, command in (("review", review), ("merge", merge), ("split", split), ("undo", undo), ("show", show)):
        group.command(name)(command)
    app.add_typer(group, name="identity")


def review(
    kind: Annotated[Kind, typer.Option(help="What to look at.")] = Kind.SITE,
    same: Ids = None,
    different: Ids = None,
    limit: Annotated[int, typer.Option(min=1, max=200, help="Questions to show at most.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Look at pairs of names that may be one supplier or site, and say whether they are.

    On a terminal each pair is asked about: y (one), n (two), s (skip) or q (quit). In a script, list the questions and
    answer by their ids. Where both are one, the younger entry is merged into the older; nothing is lost by it.

    Example: engage identity review

    Example: engage identity review --kind supplier --json

    Example: engage identity review --same 0190f7c2-0000-7000-8000-000000000001
    """
    if same or different:
        answer_all(dict.fromkeys(same or (), True) | dict.fromkeys(different or (), False), as_json)
        return
    found = call("ingest", "GET", "/identity/reviews", operator_key(), params={"kind": kind.value, "limit": limit})
    if as_json:
        print(json.dumps(found, indent=2))
        return
    console().print(f"Waiting for an answer: {counted(found['waiting'], f'{kind.value} pair')}.", markup=False)
    for one in found["reviews"]:
        print_review(one)
        if is_terminal() and not ask(one["id"]):
            return


def is_terminal() -> bool:
    """Whether a person can be asked."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def ask(question: str) -> bool:
    """Ask a person about one pair and send the answer; whether to go on."""
    said = typer.prompt("One and the same? [y/n/s/q]", default="s", show_default=False).strip().lower()[:1]
    if said in ANSWERS:
        print_taken(send_answer(question, ANSWERS[said]))
    return bool(said != "q")


def answer_all(answers: Mapping[UUID, bool], as_json: bool) -> None:
    """Send answers, in the order given, and print what was decided."""
    taken = [send_answer(question, same) for question, same in answers.items()]
    if as_json:
        print(json.dumps(taken, indent=2))
    else:
        for one in taken:
            print_taken(one)


def send_answer(question: UUID | str, same: bool) -> dict[str, Any]:
    answer: dict[str, Any] = call(
        "ingest", "POST", f"/identity/reviews/{question}", operator_key(), json={"same": same}
    )
    return answer


def merge(
    entry: Annotated[UUID, typer.Argument(help="The id that is to be known as the other one.")],
    into: Annotated[UUID, typer.Argument(help="The id under which both are known from now on.")],
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Merge one supplier or site into another. Its id goes on to resolve, and the merge can be undone.

    Example: engage identity merge 0190f7c2-0000-7000-8000-000000000002 0190f7c2-0000-7000-8000-000000000001 --dry-run
    """
    decide("/identity/merges", {"entry": str(entry), "into": str(into), "dry_run": dry_run}, as_json)


def split(
    spelling: Annotated[int, typer.Argument(help="Number of the name, as `engage identity show` lists it.")],
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Take a name away from its supplier or site: it becomes an entry of its own, with what was disclosed under it.

    Example: engage identity split 1042 --dry-run
    """
    decide("/identity/splits", {"spelling": spelling, "dry_run": dry_run}, as_json)


def undo(
    decision: Annotated[UUID, typer.Argument(help="Id of the decision, as `engage identity show` lists it.")],
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Undo a decision of the rules or of a person, however old. Undoing is a decision, too, and can be undone.

    Example: engage identity undo 0190f7c2-0000-7000-8000-000000000003
    """
    decide("/identity/undo", {"decision": str(decision), "dry_run": dry_run}, as_json)


def show(
    entry: Annotated[UUID, typer.Argument(help="Any id that a supplier or site ever had.")], as_json: AsJson = False
) -> None:
    """Show what an id stands for now, its names with who uses them, and every decision about it.

    Example: engage identity show 0190f7c2-0000-7000-8000-000000000001
    """
    found = call("ingest", "GET", f"/identity/history/{entry}", operator_key())
    if as_json:
        print(json.dumps(found, indent=2))
        return
    screen, own = console(), found["entry"]
    screen.print(f"{found['kind']} {own['id']}: {own['name']}", markup=False, soft_wrap=True)
    if found["known_as"] != own["id"]:
        screen.print(f"known as {found['known_as']}: {found['name']}", markup=False, soft_wrap=True)
    screen.print(of_names(own["names"]), markup=False)
    for one in found["decisions"]:
        screen.print(line_of(one), markup=False, soft_wrap=True)


def decide(path: str, order: Mapping[str, Any], as_json: bool) -> None:
    """Send a decision and print what came of it."""
    taken = call("ingest", "POST", path, operator_key(), json=dict(order))
    if as_json:
        print(json.dumps(taken, indent=2))
    else:
        print_taken(taken)


def print_taken(taken: Mapping[str, Any]) -> None:
    """A decision in a few lines: what becomes of which entry, what is told of it, how to undo it."""
    entry, other = named(taken, "entry"), named(taken, "other")
    becomes = BECOMES.get(taken["action"], "{entry}").format(entry=entry, other=other)
    text = f"{taken['action']}: {taken['kind']} {becomes}"
    told = ", ".join(f"{count} {name}" for name, count in taken["told"].items()) or "nothing"
    after = "dry run: nothing was kept" if taken["dry_run"] else f"undo with: engage identity undo {taken['decision']}"
    console().print(f"{text}\n  told: {told}\n  {after}", markup=False, soft_wrap=True)


def named(taken: Mapping[str, Any], which: str) -> str:
    """An entry of a decision by its name and id; what a rehearsal would make has no name yet."""
    name, id_ = taken[f"{which}_name"], taken[which]
    return f"{name} ({id_})" if name else "a new entry"


def print_review(one: Mapping[str, Any]) -> None:
    """A pair of entries side by side, why it is asked, and the ids in full, to be copied."""
    left, right = one["entries"]
    table = plain("", "this", "that")
    for field in ("name", "address", "country"):
        table.add_row(field, str(left[field] or "-"), str(right[field] or "-"))
    for scheme in sorted(left["identifiers"].keys() | right["identifiers"].keys()):
        table.add_row(scheme, left["identifiers"].get(scheme, "-"), right["identifiers"].get(scheme, "-"))
    table.add_row("also written", also_written(left), also_written(right))
    table.add_row("said", said_by(left), said_by(right))
    why = "; ".join(in_words(reason) for reason in one["reasons"])
    screen = console()
    screen.print(f"\nquestion {one['id']}: likeness {one['score']:.2f}, {why}", markup=False, soft_wrap=True)
    screen.print(table, markup=False)
    screen.print(f"this {left['id']}\nthat {right['id']}", markup=False, soft_wrap=True)


def also_written(entry: Mapping[str, Any]) -> str:
    """The other names of an entry."""
    others = [one["name"] for one in entry["names"] if one["name"] != entry["name"]]
    return "\n".join(dict.fromkeys(others)) or "-"


def said_by(entry: Mapping[str, Any]) -> str:
    """How often an entry was named, and by whom."""
    members = sorted({member for one in entry["names"] for member in one["members"]})
    return f"{counted(sum(one['mentions'] for one in entry['names']), 'time')} by {', '.join(members) or 'nobody'}"


def of_names(names: list[dict[str, Any]]) -> Table:
    """The names of an entry, with the number by which each can be split off."""
    table = plain("spelling", "name", "address", "country", "said", "by")
    for one in names:
        by = ", ".join(one["members"]) or "-"
        table.add_row(
            str(one["spelling"]), one["name"], one["address"] or "-", one["country"] or "-", str(one["mentions"]), by
        )
    return table


def line_of(one: Mapping[str, Any]) -> str:
    """A decision, in a line: when, what, by whom and why, and its id."""
    why = "; ".join(in_words(reason) for reason in one["reasons"])
    other = f" with {one['other']}" if one["other"] else ""
    undone = ", undone since" if one["undone_by"] else ""
    by = f"by {one['decided_by']}" + (f" ({why})" if why else "")
    return f"{one['decided_at'][:10]} {one['action']}{other} {by}{undone}: decision {one['id']}"
