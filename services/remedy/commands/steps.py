"""What case handlers type to carry a case on, and coordinators to hear a reporter whom they never worked for."""

import sys
from collections.abc import Callable
from typing import Annotated, Any, Literal

import typer

from services.remedy.commands.cases import step_lines, tell_standing
from services.remedy.commands.options import As, AsJson, Motivation, Reference, ask, case_path, print_json, words
from shared.client import CommandError

DryRun = Annotated[bool, typer.Option("--dry-run", help="Only show what is missing for it.")]
Text = Annotated[
    str | None,
    typer.Option(help="The words; sealed with the case. - reads standard input; left out, you are asked for them."),
]


def register(cases: typer.Typer) -> None:
    """Add these commands to `engage case`."""
    commands: dict[str, Callable[..., None]] = {
        "acknowledge": acknowledge,
        "move": move,
        "consent": consent,
        "safety": safety,
    }
    commands |= {"protection": protection, "contacted": contacted, "write": write, "withdrawal": withdrawal}
    commands |= {"link": link, "objection": objection, "appeal": appeal}
    for name, command in commands.items():
        cases.command(name)(command)


def acknowledge(reference: Reference, as_person: As = None, as_json: AsJson = False) -> None:
    """Tell that the reporter was told of the receipt: the first deadline is met.

    Example: `engage case acknowledge R-7K2M-9QXA-4T5C`
    """
    tell_standing(ask("POST", case_path(reference, "acknowledge"), as_person), as_json)


def move(
    reference: Reference,
    to: Annotated[str, typer.Argument(metavar="STATE", help="Where to: see `engage case show`.")],
    *,
    reason: Annotated[str | None, typer.Option(help="Needed where the step takes several.")] = None,
    referral: Annotated[
        str | None, typer.Option(help="For referred: labour_inspectorate, court, union ... or none_that_is_safe.")
    ] = None,
    motivation: Motivation = None,
    dry_run: DryRun = False,
    as_person: As = None,
    as_json: AsJson = False,
) -> None:
    """Move a case to its next state. It is refused with all that is missing, and what to do about each.

    Example: `engage case move R-7K2M-9QXA-4T5C finding --reason grounded --motivation "Payslips of June and July"`
    """
    to = to.replace("-", "_")
    if dry_run:
        tell_step(ask("GET", case_path(reference), as_person), to, as_json)
        return
    body = {"to": to, "motivation": words(motivation, "Why?")}
    body |= {name: value for name, value in (("reason", reason), ("referral", referral)) if value}
    tell_standing(ask("POST", case_path(reference, "move"), as_person, json=body), as_json)


def tell_step(found: dict[str, Any], to: str, as_json: bool) -> None:
    """Print what one step needs, without taking it. Raises CommandError where there is no such step."""
    step = next((one for one in found["next"] if one["to"] == to), None)
    if step is None:
        possible = ", ".join(one["to"] for one in found["next"]) or "none"
        raise CommandError(f"There is no such step from where the case is. Possible: {possible}.")
    if as_json:
        print_json(step)
    else:
        sys.stdout.write(step_lines(step) + ("" if step["missing"] else "Nothing is missing. Nothing was changed.\n"))


def consent(
    reference: Reference,
    rung: Annotated[str, typer.Argument(metavar="RUNG", help="employer, brand, members or public.")],
    given: Annotated[bool, typer.Option("--given/--withdrawn", help="What the workers' side said.")],
    motivation: Motivation = None,
    as_person: As = None,
    as_json: AsJson = False,
) -> None:
    """Record what the workers' side said: who may be told. Never presume it.

    Example: `engage case consent R-7K2M-9QXA-4T5C employer --given --motivation "Their union says so, in writing"`
    """
    body = {"rung": rung, "given": given, "motivation": words(motivation, "Who said it, and how?")}
    tell_standing(ask("POST", case_path(reference, "consent"), as_person, json=body), as_json)


def safety(
    reference: Reference,
    level: Annotated[str, typer.Argument(metavar="LEVEL", help="low, elevated or high.")],
    assessment: Text = None,
    as_person: As = None,
    as_json: AsJson = False,
) -> None:
    """Record how dangerous it is for the workers that the case becomes known. Where it rises, plan protection anew.

    Example: `engage case safety R-7K2M-9QXA-4T5C high --assessment "Organisers were dismissed last year"`
    """
    body = {"level": level, "assessment": words(assessment, "Why is it judged so?")}
    tell_standing(ask("POST", case_path(reference, "safety"), as_person, json=body), as_json)


def protection(reference: Reference, plan: Text = None, as_person: As = None, as_json: AsJson = False) -> None:
    """Record how the workers are protected; it comes before any contact with the employer.

    Example: `engage case protection R-7K2M-9QXA-4T5C --plan - < plan.txt`
    """
    body = {"plan": words(plan, "How are the workers protected?")}
    tell_standing(ask("POST", case_path(reference, "protection"), as_person, json=body), as_json)


def contacted(
    reference: Reference,
    on: Annotated[str | None, typer.Option(help="The day, such as 2026-11-20; today if left out.")] = None,
    motivation: Motivation = None,
    dry_run: DryRun = False,
    as_person: As = None,
    as_json: AsJson = False,
) -> None:
    """Record that the employer was spoken to: retaliation is watched for from that day. This cannot be undone.

    Example: `engage case contacted R-7K2M-9QXA-4T5C --on 2026-11-20 --motivation "The working group's lead wrote"`
    """
    if dry_run:
        missing = ask("GET", case_path(reference), as_person)["missing_for_contact"]
        tell_step({"next": [{"to": "contacted", "reasons": [], "missing": missing}]}, "contacted", as_json)
        return
    body = {"motivation": words(motivation, "Who spoke, and about what?")} | ({"on": on} if on else {})
    tell_standing(ask("POST", case_path(reference, "contact"), as_person, json=body), as_json)


def write(reference: Reference, text: Text = None, as_person: As = None, as_json: AsJson = False) -> None:
    """Leave a message for the reporter, who reads it with the receipt.

    Example: `engage case write R-7K2M-9QXA-4T5C --text "Since when are the wages missing?"`
    """
    body = {"text": words(text, "What is the reporter to read?")}
    tell_standing(ask("POST", case_path(reference, "message"), as_person, json=body), as_json)


def withdrawal(
    reference: Reference,
    pressure: Annotated[
        str, typer.Option(help="The answer to 'are you under pressure to do this?': no, yes, not_said.")
    ],
    motivation: Motivation = None,
    as_person: As = None,
    as_json: AsJson = False,
) -> None:
    """Record, as a coordinator who never worked on the case, that a reporter who has no receipt wants to withdraw.

    A handler's `engage case move REF withdrawn` then does it.

    Example: `engage case withdrawal R-7K2M-9QXA-4T5C --pressure no --motivation "By telephone, to the partner"`
    """
    body = {"pressure": pressure, "motivation": words(motivation, "How did they say it?")}
    tell_standing(ask("POST", case_path(reference, "withdrawal"), as_person, json=body), as_json)


def link(
    reference: Reference,
    to: Annotated[str, typer.Argument(metavar="OTHER", help="The reference of the earlier case.")],
    kind: Annotated[Literal["reprisal"], typer.Option(help="This case tells of reprisal for that one.")] = "reprisal",
    *,
    motivation: Motivation = None,
    as_person: As = None,
    as_json: AsJson = False,
) -> None:
    """Record that a case belongs to another; both are yours.

    Example: `engage case link R-7K2M-9QXA-4T5C R-0XQ4-PN31-88ZD --kind reprisal --motivation "Two days later"`
    """
    body = {"to": to, "kind": kind, "motivation": words(motivation, "Why?")}
    tell_standing(ask("POST", case_path(reference, "link"), as_person, json=body), as_json)


def objection(
    reference: Reference, motivation: Motivation = None, as_person: As = None, as_json: AsJson = False
) -> None:
    """Record that you, a coordinator who never worked on the case, heard the reporter's objection to its closure.

    Example: `engage case objection R-7K2M-9QXA-4T5C --motivation "Heard by telephone; two points were taken up"`
    """
    body = {"motivation": words(motivation, "What came of it?")}
    tell_standing(ask("POST", case_path(reference, "objection"), as_person, json=body), as_json)


def appeal(
    reference: Reference,
    upheld: Annotated[bool, typer.Option("--upheld/--dismissed", help="What you decide.")],
    motivation: Motivation = None,
    as_person: As = None,
    as_json: AsJson = False,
) -> None:
    """Decide on the reporter's appeal, as a coordinator who never worked on the case.

    Example: `engage case appeal R-7K2M-9QXA-4T5C --upheld --motivation "A witness was not heard"`
    """
    body = {"upheld": upheld, "motivation": words(motivation, "Why?")}
    tell_standing(ask("POST", case_path(reference, "appeal"), as_person, json=body), as_json)
