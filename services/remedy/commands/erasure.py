"""What people type to erase a case by two persons, and to keep one for a proceeding."""

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
    path_safe,
    say,
    show,
    words,
)

Request = Annotated[
    str, typer.Argument(metavar="REQUEST", help="The request's id, from 'engage case erasure requests'.")
]
What = Annotated[
    Literal["content", "identity"],
    typer.Option("--what", help="All that the case says, or only who its reporter is."),
]
CopyOffered = Annotated[
    bool, typer.Option("--copy-offered", help="The reporter has been offered a copy and has it, or wants none.")
]

erasure = typer.Typer(
    no_args_is_help=True, help="Erasure by two persons: one asks, somebody who does not work on the case decides."
)


def erase(
    reference: Reference,
    why: Motivation = None,
    what: What = "content",
    copy_offered: CopyOffered = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be refused; ask for nothing.")] = False,
    who: As = None,
    as_json: AsJson = False,
) -> None:
    """Ask that a case assigned to you be erased. A custodian who does not work on it decides; it cannot be undone.

    The keys of the case are destroyed: what they sealed can be read by nobody any more, in whichever copy. Codes, days
    and counts stay as the record of decisions. Refused under a legal hold, while retaliation is watched for, and before
    a reporter who can be reached was offered a copy. A reporter erases a case alone: `engage report erase`.

    Example: `engage case erase R-7K2M-9QXA-4T5C --why "Kept long enough." --copy-offered --dry-run --as amina`
    """
    body = {"what": what, "motivation": words(why, "Why?"), "copy_offered": copy_offered}
    params = {"dry_run": "true"} if dry_run else {}
    found = ask("POST", case_path(reference, "erasure"), who, json=body, params=params)
    tried = f"Nothing would be refused now. Asked for: {what} of {reference}. Nothing was done.\n"
    say(found, as_json, tried if dry_run else "Asked. Another person decides: engage case erasure requests\n")


def hold(reference: Reference, why: Motivation = None, who: As = None, as_json: AsJson = False) -> None:
    """Keep a case assigned to you for a proceeding: nothing of it is erased, by nobody, until the hold is lifted.

    Example: `engage case hold R-7K2M-9QXA-4T5C --why "A court has asked for it." --as amina`
    """
    tell(ask("POST", case_path(reference, "hold"), who, json={"motivation": words(why, "Why?")}), as_json)


def release_hold(reference: Reference, why: Motivation = None, who: As = None, as_json: AsJson = False) -> None:
    """Lift a hold, as a custodian. What became due meanwhile is then erased.

    Example: `engage case release-hold R-7K2M-9QXA-4T5C --why "The proceeding has ended." --as bela`
    """
    tell(ask("POST", case_path(reference, "hold", "lift"), who, json={"motivation": words(why, "Why?")}), as_json)


@erasure.command("standing")
def stand(reference: Reference, who: As = None, as_json: AsJson = False) -> None:
    """Whether a case is held, what of it is erased, and whether a request waits.

    Example: `engage case erasure standing R-7K2M-9QXA-4T5C --as amina`
    """
    tell(ask("GET", case_path(reference, "erasure"), who), as_json)


@erasure.command("requests")
def list_requests(who: As = None, as_json: AsJson = False) -> None:
    """List the requests that wait for your decision, without the motivations.

    Example: `engage case erasure requests --as bela`
    """
    columns = ("Request", "Case", "What", "Asked by", "Asked")
    show(ask("GET", "/erasures", who), as_json, columns, request_row, "No request waits for your decision.")


def request_row(row: dict[str, Any]) -> list[str]:
    """A request as a line of the table."""
    return [row["request"], row["reference"], row["what"], harmless(row["asked_by"]), row["asked"][:16]]


@erasure.command("motivation")
def read_motivation(request: Request, who: As = None, as_json: AsJson = False) -> None:
    """Read why somebody asks, before you decide. Each time is audited.

    Example: `engage case erasure motivation 5b0c... --as bela`
    """
    found = ask("POST", f"/erasures/{path_safe(request)}/readings", who)
    said = f"{harmless(found['asked_by'])} asks to erase the {found['what']} of {found['reference']}"
    say(found, as_json, f"{said}: {harmless(found['motivation'])}\n")


@erasure.command("grant")
def grant(request: Request, why: Motivation = None, who: As = None, as_json: AsJson = False) -> None:
    """Agree: the keys are destroyed within seconds. It cannot be undone.

    Example: `engage case erasure grant 5b0c... --why "The reporter was asked and agrees." --as bela`
    """
    tell(decide(request, True, why, who), as_json)


@erasure.command("deny")
def deny(request: Request, why: Motivation = None, who: As = None, as_json: AsJson = False) -> None:
    """Refuse: the case stays as it is.

    Example: `engage case erasure deny 5b0c... --why "The workers may still need it." --as bela`
    """
    tell(decide(request, False, why, who), as_json)


def decide(request: str, granted: bool, why: str | None, who: str | None) -> Any:
    """Tell the decision; how the case then stands."""
    body = {"granted": granted, "motivation": words(why, "Why?")}
    return ask("POST", f"/erasures/{path_safe(request)}/decision", who, json=body)


def tell(found: dict[str, Any], as_json: bool) -> None:
    """How a case stands with erasure, in lines or as JSON."""
    lines = ["Held for a proceeding: nothing is erased."] if found["held"] else []
    lines += ["A request to erase it waits for a decision."] if found["waiting"] else []
    lines += ["It is being erased."] if found["erasing"] else []
    lines += [f"Erased: {', '.join(found['erased'])}."] if found["erased"] else []
    say(found, as_json, " ".join(lines or ["Not held; nothing is erased."]) + "\n")


def register(cases: typer.Typer) -> None:
    """Add these commands to `engage case`."""
    cases.command()(erase)
    cases.command()(hold)
    cases.command("release-hold")(release_hold)
    cases.add_typer(erasure, name="erasure")
