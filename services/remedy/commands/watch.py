"""What case handlers type about retaliation: checks, what follows a sign, and cases of reprisal."""

from typing import Annotated, Any

import typer
from rich.table import Table

from services.remedy.commands.cases import Motivation, case_path, words
from services.remedy.commands.options import As, AsJson, Reference, ask, print_json, show

watch = typer.Typer(no_args_is_help=True, help="The watch for retaliation after any contact with the employer.")

Note = Annotated[str | None, typer.Option(help="What was seen or done; sealed with the case. - reads standard input.")]


@watch.command("due")
def list_due_checks(as_person: As = None, as_json: AsJson = False) -> None:
    """List the checks of all cases whose time has come, by references only. For coordinators.

    Example: `engage case watch due`
    """
    found = ask("GET", "/watch/due", as_person)
    if as_json:
        print_json(found)
        return
    table = Table("Reference", "Days after contact", "Until", "Missed", "Basis", box=None, header_style="bold")
    for one in found:
        table.add_row(one["reference"], str(one["number"]), one["due"], "missed" if one["missed"] else "", one["basis"])
    show(table, "No check is due." if not found else "")


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
    if as_json:
        print_json(opened)
    else:
        typer.echo(f"Opened: {opened['reference']}. Its clock is the shortest; it is assigned to you.")


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
    table = Table("Days after contact", "From", "Until", "Missed", "Basis", box=None, header_style="bold")
    for one in found["checks"]:
        missed = "missed" if one["missed"] else ""
        table.add_row(str(one["number"]), one["opens"], one["due"], missed, one["basis"])
    show(table, "No check is still to be made." if not found["checks"] else "")


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
    return f"Sign: {found['sign']}{forms}; the trusted contact is {told}, {escalated}.".replace("_", " ")
