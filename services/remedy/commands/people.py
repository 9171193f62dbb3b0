"""What people type about those who work on cases: operators give and end keys, coordinators assign."""

import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from services.remedy.commands.options import As, AsJson, Reference, ask, case_path, path_safe, print_json, say, show
from services.remedy.domain.people import Role
from shared.client import call, operator_key, state_folder

Name = Annotated[str, typer.Argument(metavar="NAME", help="Their short name: a-z, 0-9 and -.")]

people = typer.Typer(no_args_is_help=True, help="People who work on cases, and their keys. Needs the operator's key.")


def register(app: typer.Typer, cases: typer.Typer) -> None:
    """Add the commands: about people, and about who works on which case."""
    app.add_typer(people, name="handler")
    cases.command("assign")(assign)
    cases.command("unassign")(unassign)
    cases.command("recuse")(recuse)


@people.command("add")
def add_person(
    name: Name,
    role: Annotated[list[Role], typer.Option(help="What they may do. Repeatable.")],
    as_json: AsJson = False,
) -> None:
    """Give somebody a key of their own. It is printed this once; a local stack keeps it, so that --as NAME works.

    A coordinator assigns cases, a handler works on those assigned to them, a custodian decides on what another handler
    asked for, an auditor verifies the audit.

    Example: `engage handler add amina --role handler --role custodian`
    """
    made = call("remedy", "POST", "/people", operator_key(), json={"name": name, "roles": role})
    kept = keep_key(made["name"], made["key"])
    show_key(made, f"{made['name']} may act as {', '.join(made['roles'])}", kept, as_json)


@people.command("rotate")
def rotate_key(name: Name, as_json: AsJson = False) -> None:
    """Give somebody another key; the one before opens nothing from now on.

    Example: `engage handler rotate amina`
    """
    made = call("remedy", "POST", f"/people/{path_safe(name)}/key", operator_key())
    kept = keep_key(made["name"], made["key"]) if key_file(made["name"]).exists() else None
    show_key(made, f"{made['name']} has another key", kept, as_json)


@people.command("list")
def list_people(as_json: AsJson = False) -> None:
    """List who works on cases, or has; never a key. Example: `engage handler list`"""
    found = call("remedy", "GET", "/people", operator_key())
    instead = "Nobody works on cases yet: engage handler add NAME --role handler"
    show(found, as_json, ("Name", "Roles", "Since", "Until"), person_row, instead)


def person_row(row: dict[str, Any]) -> list[str]:
    """Somebody as a line of the table."""
    return [row["name"], ", ".join(row["roles"]), row["added"][:10], (row["ended"] or "")[:10]]


@people.command("end")
def end_person(name: Name) -> None:
    """End somebody at once: their key opens nothing, and no case is assigned to them any more.

    This cannot be undone; they may be added again, with another key.

    Example: `engage handler end amina`
    """
    call("remedy", "DELETE", f"/people/{path_safe(name)}", operator_key())
    key_file(name).unlink(missing_ok=True)
    sys.stdout.write(f"{name} no longer works on cases.\n")


def assign(reference: Reference, name: Name, who: As = None, as_json: AsJson = False) -> None:
    """Let a handler work on a case. A coordinator does, never for themselves.

    Example: `engage case assign R-7K2M-9QXA-4T5C amina --as bela`
    """
    answer = ask("POST", case_path(reference, "handlers"), who, json={"name": name})
    show_assigned(answer, as_json)


def unassign(reference: Reference, name: Name, who: As = None, as_json: AsJson = False) -> None:
    """Let a handler work on a case no longer; what was granted to them of it ends.

    Example: `engage case unassign R-7K2M-9QXA-4T5C amina --as bela`
    """
    show_assigned(ask("DELETE", case_path(reference, "handlers", path_safe(name)), who), as_json)


def recuse(
    reference: Reference,
    why: Annotated[str | None, typer.Option(help="For its other handlers; sealed with the case.")] = None,
    who: As = None,
) -> None:
    """Step back from a case that is assigned to you, because you are partial. It is not assigned to you again.

    Example: `engage case recuse R-7K2M-9QXA-4T5C --why "I worked for this company." --as amina`
    """
    ask("POST", case_path(reference, "recusal"), who, json={"motivation": why} if why else {})
    sys.stdout.write("You no longer work on this case.\n")


def show_assigned(answer: Any, as_json: bool) -> None:
    """Print who works on a case now."""
    say(answer, as_json, f"{answer['reference']}: {', '.join(answer['handlers']) or 'nobody'}\n")


def show_key(made: Any, title: str, kept: Path | None, as_json: bool) -> None:
    """Print a key this once: alone on its line."""
    if as_json:
        print_json(made)
        return
    sys.stdout.write(f"{title}. The key, shown this once:\n{made['key']}\n")
    if kept is not None:
        sys.stdout.write(f"Kept for the commands of this stack in {kept}\n")


def key_file(name: str) -> Path:
    """Where the local stack keeps somebody's key for its commands."""
    return state_folder() / "secrets" / "people" / f"{path_safe(name)}.key"


def keep_key(name: str, key: str) -> Path | None:
    """Keep a key beside the local stack's other secrets, for its owner only; None without a local stack."""
    file = key_file(name)
    if not file.parent.parent.is_dir():
        return None
    file.parent.mkdir(mode=0o700, exist_ok=True)
    partial = file.with_suffix(f".{os.getpid()}")
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        out.write(key)
    partial.replace(file)
    return file
