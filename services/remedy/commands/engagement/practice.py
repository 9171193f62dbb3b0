"""Good practices: described with their evidence, and offered to other working groups."""

import sys
from typing import Annotated, Any
from uuid import UUID

import typer

from services.remedy.commands.engagement.board import cursor_of
from services.remedy.commands.engagement.files import Evidence, Hashes, Uris, evidence_of
from services.remedy.commands.engagement.finding import engagement_of, one_of
from services.remedy.commands.engagement.publishing import Member, key_of, publish, told_only
from services.remedy.commands.engagement.reading import Member as Reader
from services.remedy.commands.engagement.reading import console, key_for, shortened
from services.remedy.commands.options import AsJson, harmless, print_json, spaced
from shared.client import CommandError, call
from shared.events.vocabulary import Category
from shared.finding import find_supplier

practices = typer.Typer(no_args_is_help=True, help="Good practices of working groups, and those offered to them.")
Practice = Annotated[UUID, typer.Argument(metavar="PRACTICE", help="Its id, as in 'engage practice list'.")]


@practices.command("describe")
def describe(
    title: Annotated[str, typer.Argument(help="What it is, in a few words.")],
    *,
    member: Member,
    group: Annotated[str, typer.Option(help="The working group that saw it.")],
    description: Annotated[str, typer.Option(help="What is done, and what came of it.")],
    category: Annotated[str, typer.Option(callback=one_of(Category), help="Which of the five ILO categories.")],
    evidence: Evidence = None,
    sha256: Hashes = None,
    uri: Uris = None,
    supplier: Annotated[str | None, typer.Option(help="At which supplier: name or id. Told to the group only.")] = None,
    engagement: Annotated[str | None, typer.Option(help="In which engagement. Told to the group only.")] = None,
    as_json: AsJson = False,
) -> None:
    """Record a good practice that the group saw, with its evidence.

    Example: engage practice describe "Fees repaid through a trust" --group phones --category forced_labour
    --description "..." --evidence ./terms.pdf --uri https://example.org/terms.pdf --member oslo
    """
    key = key_of(member)
    files = evidence_of(evidence, sha256, uri)
    if not files:
        raise CommandError("A practice is shown by its evidence: --evidence URI --sha256 HASH, or a file with --uri.")
    data: dict[str, Any] = {"workinggroup": group, "title": title, "description": description, "category": category}
    data |= {"evidence": files, "supplier": supplier and find_supplier(supplier, key)}
    data |= {"engagement": engagement and engagement_of(engagement, key)["engagement"]}
    receipt = publish("practice.described.v1", told_only(data), key)
    said(receipt, as_json, f"Recorded: practice {receipt['entry']}. Offer it: engage practice offer {receipt['entry']}")


@practices.command("offer")
def offer(
    practice: Practice,
    *,
    member: Member,
    group: Annotated[str, typer.Option(help="The working group that recorded it.")],
    to: Annotated[list[str], typer.Option(help="A group that may use it. Repeatable.")],
    as_json: AsJson = False,
) -> None:
    """Offer a practice to other groups. They learn neither at which supplier nor in which engagement it was seen.

    Example: engage practice offer 77aa0c12-7425-40de-944b-e07fc1f90ae7 --group phones --to batteries --member oslo
    """
    data = {"workinggroup": group, "practice": str(practice), "groups": to}
    receipt = publish("practice.offered-to.v1", data, key_of(member))
    said(receipt, as_json, f"Offered to {', '.join(to)}.")


@practices.command("withdraw")
def withdraw(practice: Practice, *, member: Member, as_json: AsJson = False) -> None:
    """Take back a practice that this member described, here and from all groups to which it was offered.

    Example: engage practice withdraw 77aa0c12-7425-40de-944b-e07fc1f90ae7 --member oslo
    """
    key = key_of(member)
    sent = call("ingest", "GET", f"/receipts/{practice}", key)
    data = {"submission": sent["id"], "reason": "sent_by_mistake"}
    receipt = publish("submission.withdrawn.v1", data, key, source=sent["source"])
    said(receipt, as_json, f"Practice {practice} is taken back.")


@practices.command("list")
def list_practices(
    group: Annotated[str | None, typer.Option(help="Only those that this group may read.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=200, help="Practices on a page.")] = 50,
    page: Annotated[str | None, typer.Option(metavar="CURSOR", help="The next page, as the last one names it.")] = None,
    member: Reader = None,
    as_json: AsJson = False,
) -> None:
    """List the practices of your groups, and those that were offered to them.

    Example: engage practice list --member oslo
    """
    key, query = key_for(member)
    asked: dict[str, Any] = {"workinggroup": group, "limit": limit, "cursor": page}
    query |= {name: str(given) for name, given in asked.items() if given is not None}
    found = call("remedy", "GET", "/practices", key, params=query)
    if as_json:
        print_json(found)
        return
    out = console()
    for one in found["items"]:
        whose = f"offered by {one['offered_by']}" if one["offered_by"] else "its own"
        out.print(f"{one['practice']}  {harmless(one['title'])}", soft_wrap=True)
        out.print(f"  {one['workinggroup']} ({whose}), {spaced(one['category'])}, {one['recorded_at'][:10]}")
        out.print(f"  {shortened(one['description'], 200)}", soft_wrap=True)
        for file in one["evidence"]:
            out.print(f"  {harmless(file['uri'])}", soft_wrap=True)
    if found["next"]:
        out.print(f"More: the same with --page {cursor_of(found['next'])}", soft_wrap=True)
    if not found["items"]:
        out.print("No practice is known to these groups. Record one: engage practice describe --help")


def said(receipt: dict[str, Any], as_json: bool, text: str) -> None:
    """Say that an event was taken: it needs nobody's decision."""
    if as_json:
        print_json(receipt)
    else:
        sys.stdout.write(f"{text}\n")
