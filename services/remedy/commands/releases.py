"""What case handlers type to tell of a case: the rungs of the ladder, and statements for members."""

import json
import sys
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
    spaced,
    words,
)


def ladder(reference: Reference, name: As = None, as_json: AsJson = False) -> None:
    """Show who may be told of a case, who was told, and what each may see now.

    Example: `engage case ladder R-7K2M-9QXA-4T5C`
    """
    show_ladder(ask("GET", case_path(reference, "ladder"), name), as_json)


def rung(
    reference: Reference,
    rung: Annotated[str, typer.Argument(metavar="RUNG", help="workers, employer, brand or public.")],
    on: Annotated[str | None, typer.Option(help="The day, such as 2026-11-22; today where none is given.")] = None,
    name: As = None,
    as_json: AsJson = False,
) -> None:
    """Put down that a rung of the ladder was told. Members are told by `engage case release`.

    Employer and brand are companies: telling them starts the watch for retaliation, and needs the safety assessment,
    the protection plan and the workers' consent. Only the reporter waives or reverses a rung.

    Example: `engage case rung R-7K2M-9QXA-4T5C employer --on 2026-11-20`
    """
    body = {"rung": rung} | ({"on": on} if on else {})
    show_ladder(ask("POST", case_path(reference, "rungs"), name, json=body), as_json)


def release(
    reference: Reference,
    motivation: Motivation = None,
    *,
    supplier: Annotated[str | None, typer.Option(help="The supplier's id in the registry.")] = None,
    category: Annotated[str | None, typer.Option(help="One category of the ILO, such as forced_labour.")] = None,
    quarter: Annotated[str | None, typer.Option(help="The quarter, such as 2026-Q3; it must be over.")] = None,
    workers: Annotated[int | None, typer.Option(help="About how many workers; told as a band from ten.")] = None,
    form: Annotated[
        str | None, typer.Option(help="Tell that this form of remedy was found effective, such as compensation.")
    ] = None,
    company_contact: Annotated[
        bool,
        typer.Option(
            "--company-contact", help="Clear it: the company may be approached on it. The workers agree to that."
        ),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be published, and release nothing.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask: the preview was read before.")] = False,
    name: As = None,
    as_json: AsJson = False,
) -> None:
    """Release a statement to members, or with --form that a remedy works: coarsened, with consent, some days later.

    What you leave out is taken from the testimony. It shows exactly what would be published, and asks. What is
    published stays on the log; if consent ends, members are told that it no longer holds. A working group may engage
    the company on it only with --company-contact; you can clear it later, too (`engage case clear-contact`).

    Example: `engage case release R-7K2M-9QXA-4T5C --motivation "Asked for by the workers" --dry-run`
    """
    said = {"supplier": supplier, "category": category, "quarter": quarter, "workers": workers, "form": form}
    said |= {"company_contact": company_contact or None}
    body: dict[str, Any] = {key: one for key, one in said.items() if one is not None}
    body["motivation"] = words(motivation, "Why is it released?")
    path = case_path(reference, "releases")
    preview = ask("POST", f"{path}/preview", name, json=body)
    if dry_run:
        show_preview(preview, as_json)
        return
    if not yes:
        show_preview(preview, as_json=False)
        typer.confirm("Release exactly this?", abort=True, err=True)
    show_ladder(ask("POST", path, name, json=body | {"seen": preview["seen"]}), as_json)


def clear_contact(
    reference: Reference,
    motivation: Motivation = None,
    *,
    withdraw: Annotated[bool, typer.Option("--withdraw", help="The company may not be approached any more.")] = False,
    statement: Annotated[
        str | None, typer.Option(help="Which statement, where several wait: its id from `engage case ladder`.")
    ] = None,
    name: As = None,
    as_json: AsJson = False,
) -> None:
    """Clear a statement that waits for its day: working groups may approach the company on it.

    It needs a safety assessment, a protection plan, and the workers' consent that employer and brand are told. It
    lapses by itself if safety or consent changes. What went out already is taken back and released anew.

    Example: `engage case clear-contact R-7K2M-9QXA-4T5C --why "They asked us to speak to the brand"`
    """
    body = {"motivation": words(motivation, "Why?"), "cleared": not withdraw}
    show_ladder(
        ask(
            "POST",
            case_path(reference, "releases", "contact"),
            name,
            json=body | ({"statement": statement} if statement else {}),
        ),
        as_json,
    )


def take_back(
    reference: Reference,
    motivation: Motivation = None,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    name: As = None,
    as_json: AsJson = False,
) -> None:
    """Take back what a case told members: what waits is forgotten, what went out is reversed in the next daily batch.

    Engagements that rest on nothing else may then take no step outward. Release a new statement to tell it otherwise.

    Example: `engage case take-back R-7K2M-9QXA-4T5C --why "The workers want it told otherwise"`
    """
    body = {"motivation": words(motivation, "Why is it taken back?")}
    if not yes:
        typer.confirm("Take back all that this case told members?", abort=True, err=True)
    show_ladder(ask("POST", case_path(reference, "releases", "taken-back"), name, json=body), as_json)


def show_preview(preview: dict[str, Any], as_json: bool) -> None:
    """What would be published, and nothing around it."""
    say(preview, as_json, f"Members would read this, as {preview['type']}:\n{json.dumps(preview['says'], indent=2)}\n")


def show_ladder(found: dict[str, Any], as_json: bool) -> None:
    """The ladder as a table, and how many statements wait."""
    if as_json:
        print_json(found)
        return
    print_table(("Rung", "Agreed", "Told on", "Waived", "May see now"), map(rung_row, found["rungs"]))
    sys.stdout.write(f"Statements that wait for their day: {found['statements_waiting']}.\n")
    for one in found["waiting"]:
        word = "cleared" if one["company_contact"] else "not cleared"
        sys.stdout.write(f"  {one['statement']}: {word} for contact with the company.\n")
    needs = spaced(", ".join(found["company_contact_needs"]))
    sys.stdout.write(f"The company may {'be approached' if not needs else f'not be approached: {needs}'}.\n")


def rung_row(one: dict[str, Any]) -> list[str]:
    """A rung as a line of the table."""
    agreed, waived = ("yes" if one[key] else "no" for key in ("agreed", "waived"))
    return [one["rung"], agreed, one["reached_on"] or "", waived, spaced(", ".join(one["may_see"]))]
