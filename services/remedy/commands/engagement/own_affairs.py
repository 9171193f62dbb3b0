"""`engage information-request`, `engage account`: what the Transparency Act asks of a member itself."""

from typing import Annotated, Any

import typer

from services.remedy.commands.engagement.files import Evidence, Hashes, Uris, evidence_of
from services.remedy.commands.engagement.finding import Because, On, checked_day, day_of, one_of
from services.remedy.commands.engagement.publishing import DryRun, act
from services.remedy.commands.engagement.publishing import Member as Acting
from services.remedy.commands.engagement.reading import Member, key_for
from services.remedy.commands.options import AsJson, harmless, show, spaced
from shared.client import CommandError, call
from shared.events.engagement_words import RefusalGround, RequestState

requests = typer.Typer(
    no_args_is_help=True, help="Requests for information to you under the Transparency Act (sections 6 and 7)."
)
accounts = typer.Typer(no_args_is_help=True, help="Your annual account of due diligence (Transparency Act section 5).")
MOST = 1000


@requests.command("list")
def list_requests(member: Member = None, as_json: AsJson = False) -> None:
    """List the information requests to you, those that wait for an answer first.

    Example: `engage information-request list --member oslo`
    """
    key, query = key_for(member)
    found = call("remedy", "GET", "/information-requests", key, params=query | {"limit": MOST})
    columns = ("Reference", "Received", "Answer due", "Stands at", "By which rule", "Contract")
    show(found, as_json, columns, request_row, "No information requests.")


@requests.command("record")
def record_request(
    *,
    reference: Annotated[str, typer.Argument(help="Your own reference of the request; not who asked.")],
    state: Annotated[str, typer.Argument(callback=one_of(RequestState), help="What became of it.")],
    member: Acting,
    on: On = None,
    contract: Annotated[str | None, typer.Option(help="The contract that it is about: your reference.")] = None,
    because: Because = None,
    until: Annotated[str | None, typer.Option(metavar="DAY", help="For extended: until when you answer.")] = None,
    ground: Annotated[
        str | None, typer.Option(callback=one_of(RefusalGround), help="For refused: the ground of section 6.")
    ] = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Record a request for information, or what became of it: received, extended, answered, refused, withdrawn.

    The answer is due three weeks after receipt. Extended: at most two months after receipt, with reasons, told within
    the three weeks. Example: engage information-request record 2026/17 received --member oslo
    """
    data = {"reference": reference, "state": state, "on": day_of(on), "contract": contract, "reasons": because}
    data |= {"until": until and checked_day(until), "ground": ground}
    act(member, "information-request.handled.v1", data, dry_run=dry_run, as_json=as_json)


@accounts.command("publish")
def publish_account(
    *,
    year: Annotated[int, typer.Argument(min=2022, max=2199, help="The year that it reports on; due 30 June after it.")],
    member: Acting,
    evidence: Evidence = None,
    sha256: Hashes = None,
    uri: Uris = None,
    on: On = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Record that you published your account of due diligence for a year.

    Example: engage account publish 2026 --evidence ./account.pdf --uri https://example.org/account.pdf --member oslo
    """
    files = evidence_of(evidence, sha256, uri)
    if len(files) != 1:
        raise CommandError("Name the one document that was published: --evidence, with --sha256 or --uri.")
    data = {"year": year, "published_on": day_of(on), "account": files[0]}
    act(member, "account.published.v1", data, dry_run=dry_run, as_json=as_json)


def request_row(row: Any) -> list[str]:
    """An information request as a line of the table."""
    due = row["due"] + (" (missed)" if row["missed"] else "")
    words = harmless(row["basis"]), harmless(row["contract_reference"] or "-")
    return [harmless(row["reference"]), row["received_on"], due, spaced(row["state"]), *words]
