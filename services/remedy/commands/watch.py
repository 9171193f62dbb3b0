"""What case handlers type about retaliation: checks, what follows a sign, and cases of reprisal."""

from typing import Annotated, Any

import typer

from services.remedy.commands.options import (
    As,
    AsJson,
    Motivation,
    Reference,
    ask,
    case_path,
    print_json,
    print_table,
    say,
    show,
    spaced,
    words,
)

watch = typer.Typer(no_args_is_help=True, help="The watch for retaliation after any contact with the employer.")

Note = Annotated[str | None, typer.Option(help="What was seen or done; sealed with the case. - reads standard input.")]


@watch.command("due")
def list_due_checks(as_person: As = None, as_json: AsJson = False) -> None:
    """List the checks of all cases whose time has come, by references only. For coordinators.

    Example: `engage case watch due`
    """
    columns = ("Reference", "Days after contact", "Until", "Missed", "Basis")
    show(ask("GET", "/watch/due", as_person), as_json, columns, due_row, "No check is due.")


@watch.command("show")
def show_watch(reference: Reference, as_person: As = None, as_json: AsJson = False) -> None:
    """Show what the checks have shown, and those still to be made.

    Example: `engage case watch show R-7K2M-9QXA-4T5C`
    """
    tell(ask("GET", watch_path(reference), as_person), as_json)


@watch.command("check")
def note_check(
    reference: Reference,
    result: Annotated[str, typer.Option(help="none_seen, suspected, confirmed or unreachable (a warning).")],
    days: Annotated[
        int | None, typer.Option(help="The check planned so many days after a contact; without it an unplanned one.")
    ] = None,
    form: Annotated[
        list[str] | None,
        typer.Option(
            help="dismissal, demotion, transfer, pay_cut, hours, blacklisting, threats or discipline; may be repeated."
        ),
    ] = None,
    note: Note = None,
    as_person: As = None,
    as_json: AsJson = False,
) -> None:
    """Write down a check. The first that confirms a reprisal opens a case of its own, with the note as its text.

    Example: `engage case watch check R-7K2M-9QXA-4T5C --days 2 --result none_seen`
    """
    if note is not None or result == "confirmed":
        note = words(note, "What happened?")
    body = {"result": result, "forms": form, "number": days, "note": note}
    body = {name: value for name, value in body.items() if value is not None}
    tell(ask("POST", watch_path(reference, "checks"), as_person, json=body), as_json)


@watch.command("follow-up")
def note_follow_up(
    reference: Reference,
    step: Annotated[str, typer.Option(help="trusted_contact_told, then escalated, then ended.")],
    note: Note = None,
    as_person: As = None,
    as_json: AsJson = False,
) -> None:
    """Write down what was done about a sign. The worker's trusted contact hears first, or the worker, who named none.

    Example: `engage case watch follow-up R-7K2M-9QXA-4T5C --step trusted_contact_told`
    """
    body = {"step": step} | ({"note": words(note, "")} if note is not None else {})
    tell(ask("POST", watch_path(reference, "follow-ups"), as_person, json=body), as_json)


@watch.command("reprisal")
def note_reprisal(
    reference: Reference,
    motivation: Motivation = None,
    as_person: As = None,
    as_json: AsJson = False,
) -> None:
    """Open a case about a reprisal that was heard of in another way than by a check. It is assigned to you.

    Example: `engage case watch reprisal R-7K2M-9QXA-4T5C --motivation "A line leader was dismissed"`
    """
    told = words(motivation, "What happened?")
    opened = ask("POST", watch_path(reference, "reprisal"), as_person, json={"motivation": told})
    say(opened, as_json, f"Opened: {opened['reference']}. Its clock is the shortest; it is assigned to you.\n")


def watch_path(reference: str, *steps: str) -> str:
    """The path of a case's watch, or of something in it. Raises CommandError."""
    return case_path(reference, "watch", *steps)


def tell(found: Any, as_json: bool) -> None:
    """Show a watch."""
    if as_json:
        print_json(found)
        return
    if found["reprisal"]:
        typer.echo(f"A case about the reprisal was opened: {found['reprisal']}. It is assigned to you.")
    typer.echo(f"{contact(found)} {standing(found)}")
    columns = ("Days after contact", "From", "Until", "Missed", "Basis")
    print_table(columns, map(check_row, found["checks"]), "No check is still to be made.")


def check_row(one: dict[str, Any]) -> list[str]:
    """A check as a line of the table."""
    return [str(one["number"]), one["opens"], one["due"], "missed" if one["missed"] else "", one["basis"]]


def due_row(one: dict[str, Any]) -> list[str]:
    """A check of whichever case as a line of the table."""
    return [one["reference"], str(one["number"]), one["due"], "missed" if one["missed"] else "", one["basis"]]


def contact(found: dict[str, Any]) -> str:
    """When the employer was last spoken to, in a sentence."""
    return f"Last contact on {found['contacted_on']}." if found["contacted_on"] else "No contact with the employer yet."


def standing(found: dict[str, Any]) -> str:
    """What the checks have shown, in a sentence."""
    if found["calm"]:
        return "No sign of retaliation."
    forms = f" ({', '.join(found['forms'])})" if found["forms"] else ""
    told = "told" if found["trusted_contact_told"] else "not told yet"
    escalated = "escalated" if found["escalated"] else "not escalated"
    return spaced(f"Sign: {found['sign']}{forms}; the trusted contact is {told}, {escalated}.")
