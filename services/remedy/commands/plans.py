"""What case handlers type about remedy plans: consult, propose, agree, pay, verify, close."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from services.remedy.commands.options import As, AsJson, Motivation, Reference, ask, case_path, path_safe, words
from services.remedy.commands.plan_table import tell
from shared.client import CommandError

plans = typer.Typer(no_args_is_help=True, help="The remedy plan of a case: items, from proposal to closure.")

STATES = (
    "consulted, agreed, in_progress, evidence_submitted, verifying, verified_effective, verified_ineffective, "
    "closed or dropped"
)
ItemAt = Annotated[str, typer.Argument(metavar="ITEM", help="The item's number in the plan, or its id.")]
Note = Annotated[str | None, typer.Option(help="Why, or what was seen; sealed with the case. - reads standard input.")]
Due = Annotated[str | None, typer.Option(help="The day by which it is to be done, such as 2027-01-31.")]
Entitled = Annotated[int | None, typer.Option(help="How many workers are entitled to it.")]
Promised = Annotated[str | None, typer.Option(help="The amount promised to all of them, such as 12000.00.")]
InCurrency = Annotated[str | None, typer.Option(help="Its currency, ISO 4217, such as EUR.")]
By = Annotated[str | None, typer.Option(help="Who does it: site, supplier, brand, buyer or shared.")]
PaidBy = Annotated[str | None, typer.Option(help="Who bears the cost: site, supplier, brand, buyer or shared.")]


@plans.command("show")
def show_plan(reference: Reference, as_person: As = None, as_json: AsJson = False) -> None:
    """Show the plan in codes and counts. Its words are shown by `engage case read`.

    Example: `engage case plan show R-7K2M-9QXA-4T5C`
    """
    tell(ask("GET", plan_path(reference), as_person), as_json)


@plans.command("consulted")
def note_consultation(
    reference: Reference,
    on: Annotated[str, typer.Option(help="The day on which the workers were asked, such as 2026-11-20.")],
    through: Annotated[str, typer.Option(help="Who spoke: workers, union or monitoring_partner.")],
    as_person: As = None,
    as_json: AsJson = False,
) -> None:
    """Write down that the workers were asked what would remedy the harm. With it the clock of the plan starts.

    Example: `engage case plan consulted R-7K2M-9QXA-4T5C --on 2026-11-20 --through union`
    """
    body = {"on": on, "through": through}
    tell(ask("POST", plan_path(reference, "consulted"), as_person, json=body), as_json)


@plans.command("propose")
def propose_item(
    reference: Reference,
    *,
    form: Annotated[
        str,
        typer.Option(
            help="apology, restitution, rehabilitation, compensation, sanction or guarantee_of_non_repetition."
        ),
    ],
    file: Annotated[
        Path, typer.Option("--words", help="JSON file with finding, root_cause, corrective_action, preventive_action.")
    ],
    responsible: Annotated[str, typer.Option(help="Who does it: site, supplier, brand, buyer or shared.")],
    cost_bearer: Annotated[str, typer.Option(help="Who bears the cost: site, supplier, brand, buyer or shared.")],
    grade: Annotated[str, typer.Option(help="Grade of the finding: priority, major or minor.")] = "major",
    due: Due = None,
    entitled: Entitled = None,
    promised: Promised = None,
    currency: InCurrency = None,
    as_person: As = None,
    as_json: AsJson = False,
) -> None:
    """Propose an item: what was found, why it came about, what is done, in which form of remedy (UNGP 25).

    Example: `engage case plan propose R-7K2M-9QXA-4T5C --form compensation --words item.json --responsible supplier
    --cost-bearer brand --entitled 40 --promised 12000.00 --currency EUR --due 2027-01-31`
    """
    body = {"form": form, "grade": grade, "responsible": responsible, "cost_bearer": cost_bearer}
    body |= {"words": read_words(file)} | terms(due, entitled, promised, currency)
    tell(ask("POST", plan_path(reference, "items"), as_person, json=body), as_json)


@plans.command("describe")
def describe_item(
    reference: Reference,
    item: ItemAt,
    file: Annotated[
        Path, typer.Option("--words", help="JSON file with finding, root_cause, corrective_action, preventive_action.")
    ],
    as_person: As = None,
    as_json: AsJson = False,
) -> None:
    """Write an item's words anew, as long as it is not agreed.

    Example: `engage case plan describe R-7K2M-9QXA-4T5C 1 --words item.json`
    """
    step(reference, item, "words", read_words(file), as_person, as_json)


@plans.command("advance")
def advance_item(
    reference: Reference,
    item: ItemAt,
    *,
    to: Annotated[str, typer.Option(help=f"The next state: {STATES}.")],
    due: Due = None,
    responsible: By = None,
    cost_bearer: PaidBy = None,
    entitled: Entitled = None,
    promised: Promised = None,
    currency: InCurrency = None,
    evidence_from: Annotated[
        list[str] | None, typer.Option(help="Whose evidence: workers, union, monitoring_partner, ...; may be repeated.")
    ] = None,
    verified_by: Annotated[
        str | None, typer.Option(help="workers, union, monitoring_partner, independent_auditor or authority.")
    ] = None,
    note: Note = None,
    as_person: As = None,
    as_json: AsJson = False,
) -> None:
    """Take an item one step on. A supplier's evidence alone never verifies; who implements does not verify.

    Example: `engage case plan advance R-7K2M-9QXA-4T5C 1 --to verified_effective --verified-by workers
    --evidence-from workers`
    """
    body = {"to": to} | terms(due, entitled, promised, currency)
    said = {"responsible": responsible, "cost_bearer": cost_bearer, "evidence_from": evidence_from}
    step(
        reference, item, "advance", body | given(said | {"verified_by": verified_by}) | noted(note), as_person, as_json
    )


@plans.command("pay")
def note_payment(
    reference: Reference,
    item: ItemAt,
    workers: Annotated[int | None, typer.Option(help="How many workers were paid, in all so far.")] = None,
    amount: Annotated[str | None, typer.Option(help="How much was paid, in all so far, such as 6000.00.")] = None,
    currency: InCurrency = None,
    note: Note = None,
    as_person: As = None,
    as_json: AsJson = False,
) -> None:
    """Write down what was paid: totals so far, in the currency of the promise. Nothing is closed while it is short.

    Example: `engage case plan pay R-7K2M-9QXA-4T5C 1 --workers 40 --amount 12000.00 --currency EUR`
    """
    body = given({"workers_paid": workers, "amount_paid": amount, "currency": currency})
    step(reference, item, "pay", body | noted(note), as_person, as_json)


@plans.command("dispute")
def dispute_item(
    reference: Reference,
    item: ItemAt,
    motivation: Motivation = None,
    as_person: As = None,
    as_json: AsJson = False,
) -> None:
    """Write down that somebody does not agree with how an item stands. Only reopening it leads on.

    Example: `engage case plan dispute R-7K2M-9QXA-4T5C 1 --motivation "The union says that two workers were left out"`
    """
    step(reference, item, "dispute", {"motivation": words(motivation, "Who disputes what?")}, as_person, as_json)


@plans.command("reopen")
def reopen_item(
    reference: Reference,
    item: ItemAt,
    motivation: Motivation = None,
    as_person: As = None,
    as_json: AsJson = False,
) -> None:
    """Open an item again: the workers are consulted anew, and it is agreed, carried out and verified anew.

    Example: `engage case plan reopen R-7K2M-9QXA-4T5C 1 --motivation "Two workers were left out"`
    """
    step(reference, item, "reopen", {"motivation": words(motivation, "Why?")}, as_person, as_json)


def step(reference: str, item: str, action: str, body: dict[str, Any], as_person: str | None, as_json: bool) -> None:
    """Do something to an item, and show the plan after it."""
    path = plan_path(reference, "items", item_id(reference, item, as_person), action)
    tell(ask("POST", path, as_person, json=body), as_json)


def item_id(reference: str, item: str, as_person: str | None) -> str:
    """The id of an item, from its number in the plan. Raises CommandError."""
    if not item.isdecimal():
        return path_safe(item)
    items = ask("GET", plan_path(reference), as_person)["items"]
    if not 1 <= int(item) <= len(items):
        raise CommandError(f"This plan has {len(items)} items.")
    found: str = items[int(item) - 1]["item"]
    return found


def plan_path(reference: str, *steps: str) -> str:
    """The path of a plan, or of something in it. Raises CommandError."""
    return case_path(reference, "plan", *steps)


def noted(note: str | None) -> dict[str, str]:
    """A note, where there is one, given or read from standard input."""
    return {} if note is None else {"note": words(note, "")}


def read_words(file: Path) -> Any:
    """What an item says in words, from a JSON file. Raises CommandError."""
    try:
        return json.loads(file.read_text())
    except (OSError, ValueError):
        raise CommandError(f"{file} is not a JSON file that can be read.") from None


def terms(due: str | None, entitled: int | None, promised: str | None, currency: str | None) -> dict[str, Any]:
    """What an item promises, as far as it is said."""
    said = {"due": due, "workers_entitled": entitled, "amount_promised": promised, "currency": currency}
    return given(said)


def given(said: dict[str, Any]) -> dict[str, Any]:
    """What was said, without what was not."""
    return {name: value for name, value in said.items() if value is not None}
