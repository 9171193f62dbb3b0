"""What people type who work on cases: which there are, how one stands, and what it says."""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from services.remedy.commands.options import (
    As,
    AsJson,
    Motivation,
    Reference,
    ask,
    case_path,
    harmless,
    print_json,
    print_table,
    spaced,
    words,
)


def register(cases: typer.Typer) -> None:
    """Add these commands to `engage case`."""
    cases.command("list")(list_cases)
    cases.command("show")(show_case)
    cases.command("read")(read_case)


def list_cases(
    state: Annotated[str | None, typer.Option(help="Only cases in this state, such as received.")] = None,
    mine: Annotated[bool, typer.Option("--mine", help="Only those assigned to me, for a coordinator, too.")] = False,
    as_person: As = None,
    as_json: AsJson = False,
) -> None:
    """List cases without their content, what is due next first: a coordinator's are all, a handler's those assigned.

    Example: `engage case list --state received`
    """
    params = {"mine": mine} | ({"state": state} if state else {})
    found = ask("GET", "/cases", as_person, params=params)
    if as_json:
        print_json(found)
        return
    columns = ("Reference", "Kind", "State", "Handlers", "Deadline", "Due (UTC)", "")
    print_table(columns, (row for case in found for row in case_rows(case)), "No cases.")


def show_case(reference: Reference, as_person: As = None, as_json: AsJson = False) -> None:
    """Show how a case stands: deadlines, what may be done next, and what is still missing for it. No word of anybody.

    Example: `engage case show R-7K2M-9QXA-4T5C`
    """
    tell_standing(ask("GET", case_path(reference), as_person), as_json)


def read_case(
    reference: Reference,
    motivation: Motivation = None,
    part: Annotated[
        list[str] | None,
        typer.Option(help="Only this: narrative, about, message_in, message_out, note, attachment ... Repeatable."),
    ] = None,
    as_person: As = None,
    as_json: AsJson = False,
) -> None:
    """Read what a case says. That you read it, and why, stands in the audit first. Who the reporter is stays closed.

    Example: `engage case read R-7K2M-9QXA-4T5C --motivation "First reading, to check whether it is admissible"`
    """
    body = {"motivation": words(motivation, "Why do you read it?")} | ({"parts": part} if part else {})
    found = ask("POST", case_path(reference, "read"), as_person, json=body)
    if as_json:
        print_json(found)
        return
    for one in found["said"]:
        at = datetime.fromisoformat(one["at"]).astimezone(UTC).strftime("%Y-%m-%d %H:%M")
        sys.stdout.write(f"--- {spaced(one['part'])} · {one['by']} · {at}\n")
        text = one["text"] if one["text"] is not None else "(no text: take it as base64 with --json)"
        sys.stdout.write(harmless(text).rstrip("\n") + "\n\n")


# What these commands share with those that do something to a case.


def case_rows(case: dict[str, Any]) -> Iterator[list[str]]:
    """A case in a list: a line for each deadline, and the case itself in the first."""
    note = " (cannot be opened)" if case["openable"] is False else ""
    head = [case["reference"], spaced(case["kind"]), spaced(case["state"]) + note]
    head.append(", ".join(map(harmless, case["handlers"])))
    for row in case["deadlines"] or [None]:
        yield head + (deadline_cells(row) if row else [])
        head = [""] * 4


def tell_standing(found: dict[str, Any], as_json: bool) -> None:
    """Print how a case stands."""
    if as_json:
        print_json(found)
        return
    sys.stdout.write("\n".join(standing_lines(found)) + "\n")
    rows = [[*deadline_cells(row), row["basis"]] for row in found["deadlines"] if row["state"] != "cancelled"]
    if rows:
        print_table(("Deadline", "Due (UTC)", "", "Basis"), rows)
    sys.stdout.write("Next:\n" + "".join(step_lines(step) for step in found["next"]) if found["next"] else "")


def standing_lines(found: dict[str, Any]) -> list[str]:
    """How a case stands, in lines."""
    until = f", should be over by {found['indicative_until'][:10]}" if found["indicative_until"] else ""
    plan = found["plan"]
    marks = [name for name in ("reprisal", "objection", "held", "erasing") if found[name]]
    marks += [f"{one} erased" for one in found["erased"]] + ([] if found["taken_in"] else ["box not opened"])
    lines = [
        f"{found['reference']} is {spaced(found['state'])}{until}.",
        f"Filed by {spaced(found['filed_by'])}; safety {found['safety'] or 'not assessed'}; "
        f"protection {'planned' if found['protection_planned'] else 'not planned'}; "
        f"employer {'contacted on ' + found['contacted_on'] if found['contacted_on'] else 'not contacted'}.",
        f"Consent: {', '.join(found['consents']) or 'to nobody'}. "
        f"Plan: {plan['items']} items{', agreed' if plan['agreed'] else ''}{', verified' if plan['verified'] else ''}"
        f"{'' if plan['paid'] else ', not all paid'}.",
    ]
    if found["sign_of_retaliation"]:
        lines.append(f"Retaliation: {spaced(found['sign_of_retaliation'])}.")
    if marks:
        lines.append(f"Marks: {', '.join(marks)}.")
    return lines + [f"Linked: {link['reference']} ({spaced(link['kind'])})." for link in found["links"]]


def step_lines(step: dict[str, Any]) -> str:
    """One step: where to, for which reasons, and what is missing."""
    reasons = f" ({', '.join(step['reasons'])})" if step["reasons"] else ""
    missing = "".join(f"      {one['code']}: {one['remedy']}\n" for one in step["missing"])
    return f"  {step['to']}{reasons}{' - still missing:' if missing else ''}\n{missing}"


def deadline_cells(row: dict[str, Any]) -> list[str]:
    """Kind, due and state of a deadline."""
    due = datetime.fromisoformat(row["due"]).astimezone(UTC).strftime("%Y-%m-%d %H:%M")
    which = f" ({row['number']} days)" if row["number"] is not None else ""
    return [spaced(row["kind"]) + which, due, spaced(row["state"])]
