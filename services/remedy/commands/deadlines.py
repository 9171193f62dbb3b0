"""What people type about time: how long things may take, what is due, what is put off, and the clock itself."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

import typer

from services.remedy.commands.options import (
    As,
    AsJson,
    Motivation,
    Reference,
    ask,
    case_path,
    harmless,
    say,
    show,
    spaced,
    words,
)
from shared.client import call, operator_key

Reason = Annotated[
    Literal["complex", "awaiting_workers", "awaiting_party", "safety", "other"],
    typer.Option("--reason", help="Why; the reporter is told."),
]

clock = typer.Typer(no_args_is_help=True, help="The clock by which deadlines fall due. For operators.")


def benchmarks(as_json: AsJson = False) -> None:
    """List how long each thing may take here, and by whose rule: source, edition, jurisdiction, and for whom it binds.

    Example: `engage benchmarks`
    """
    columns = ("Id", "Within", "Extendable", "On", "Source", "Edition", "For")
    show(call("remedy", "GET", "/benchmarks", None), as_json, columns, benchmark_row)


def benchmark_row(row: dict[str, Any]) -> list[str]:
    """A benchmark as a line of the table."""
    spans = row["within"] or "-", row["extendable_to"] or "-", "yes" if row["enabled"] else "no"
    return [row["id"], *spans, row["source"], f"{row['edition']}, {row['jurisdiction']}", row["applies_to"]]


def due(
    days: Annotated[int, typer.Option(min=0, max=3660, help="So many days ahead.")] = 14,
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """List what is due or overdue in all cases, by reference. For coordinators.

    Example: `engage case due --days 7 --as clara`
    """
    until = (datetime.now(UTC) + timedelta(days=days)).isoformat()
    found = ask("GET", "/deadlines", who, params={"until": until})
    show(found, as_json, ("Case", "What", "Until", "", "Rule"), due_row, "Nothing is due.")


def due_row(row: dict[str, Any]) -> list[str]:
    """What is due as a line of the table."""
    late = "missed" if row["missed"] else ""
    return [row["reference"], spaced(row["kind"]), last_day(row["due"]), late, row["basis"]]


def deadlines(reference: Reference, who: As = None, as_json: AsJson = False) -> None:
    """List the deadlines that a case assigned to you has and had, with the rule of each.

    Example: `engage case deadlines R-7K2M-9QXA-4T5C --as amina`
    """
    found = ask("GET", case_path(reference, "deadlines"), who)
    show(found, as_json, ("What", "Clock", "Until", "", "Rule"), deadline_row, "No deadlines.")


def deadline_row(row: dict[str, Any]) -> list[str]:
    """A deadline as a line of the table."""
    return [spaced(row["kind"]), row["clock"], last_day(row["due"]), standing(row), row["basis"]]


def standing(row: dict[str, Any]) -> str:
    """How a deadline stands, in a word or two."""
    words = ["met"] if row["met"] else []
    words += ["missed"] if row["missed"] else []
    return ", ".join(words + (["extended"] if row["extended"] else []))


def last_day(moment: str) -> str:
    """The last moment of what ends with it, in local time: a day ends at midnight, and is called by its own date."""
    local = (datetime.fromisoformat(moment) - timedelta(microseconds=1)).astimezone()
    return f"{local:%Y-%m-%d %H:%M}"


def extend(
    reference: Reference,
    name: Annotated[str, typer.Option("--clock", help="The clock, from 'engage case deadlines'.")],
    reason: Reason,
    why: Motivation = None,
    what: Annotated[str, typer.Option("--what", help="What is due; the feedback by default.")] = "feedback",
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """Put off a deadline of a case assigned to you, where its rule allows it: once, before it has passed.

    Example: `engage case extend R-7K2M-9QXA-4T5C --clock feedback --reason complex --why "Two sites." --as amina`
    """
    body = {"deadline": what, "clock": name, "reason": reason, "motivation": words(why, "Why?")}
    found = ask("POST", case_path(reference, "deadlines", "extend"), who, json=body)
    say(found, as_json, f"Put off until {last_day(found['due'])}. The reporter is told why.\n")


@clock.command("status")
def read_clock(as_json: AsJson = False) -> None:
    """Whether the database's clock is believed. Example: `engage clock status`"""
    tell(call("remedy", "GET", "/clock", operator_key()), as_json)


@clock.command("release")
def release_clock(as_json: AsJson = False) -> None:
    """Say that the clock is right as it is, after a jump: all that is due by it then happens, and cannot be undone.

    First compare it with another clock. Where it is wrong, set it right instead: then it goes on by itself.

    Example: `engage clock release`
    """
    tell(call("remedy", "POST", "/clock/release", operator_key()), as_json)


def tell(found: dict[str, Any], as_json: bool) -> None:
    """The clock, in words or as JSON."""
    held = {"ahead": "jumped ahead", "back": "stepped back"}.get(found["held"] or "")
    said = f"Held since {harmless(found['held_at'])}: the clock has {held}." if held else "Believed."
    say(found, as_json, f"The database's clock says {harmless(found['now'])}. {said}\n")


def register(app: typer.Typer, cases: typer.Typer) -> None:
    """Add these commands to `engage` and to `engage case`."""
    app.command()(benchmarks)
    app.add_typer(clock, name="clock")
    for command in (due, deadlines, extend):
        cases.command()(command)
