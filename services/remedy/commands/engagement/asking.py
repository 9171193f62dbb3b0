"""What a person asks of a supplier, what it promised, what shows it, and whether that was found to be kept."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer

from services.remedy.commands.engagement.files import Evidence, Hashes, Uris, evidence_of
from services.remedy.commands.engagement.finding import (
    About,
    Because,
    Clause,
    Engagement,
    Instruments,
    On,
    Sites,
    category_of,
    checked_day,
    clause_of,
    day_of,
    engagement_of,
    named_by,
    one_of,
    part_of,
    parts_of,
    texts,
    words_of,
)
from services.remedy.commands.engagement.publishing import DryRun, Member, act, key_of
from services.remedy.commands.options import AsJson
from shared.client import CommandError, call
from shared.events.engagement_words import Assessment
from shared.events.vocabulary import SourceClass

OfAsk = Annotated[str | None, typer.Option("--ask", help="The ask that it is about: its id, or its beginning.")]
OfCommitment = Annotated[str | None, typer.Option("--commitment", help="The commitment: its id, or its beginning.")]
Due = Annotated[str | None, typer.Option("--due", metavar="DAY", help="By when, such as 2026-06-30.")]


def register(app: typer.Typer) -> None:
    """Add the commands to `engage engagement`."""
    for name, command in (
        ("ask", make_ask),
        ("join", join_asks),
        ("commit", pass_on_commitment),
        ("evidence", submit_evidence),
        ("assess", assess),
    ):
        app.command(name)(command)


def make_ask(
    *,
    engagement: Engagement,
    member: Member,
    wording: Annotated[str | None, typer.Argument(metavar="TEXT", help="What the supplier is asked to do.")] = None,
    due: Due = None,
    standard: Annotated[
        str | None, typer.Option(help="An ask of the library, by its id in 'engage asks'; gives the text if none is.")
    ] = None,
    category: About = None,
    instrument: Instruments = None,
    clause: Clause = None,
    site: Sites = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Ask the supplier for something, for this member. Where others asked the same, join the asks: it answers once.

    Example: engage engagement ask 5b0c2f1e "Repay the recruitment fees of all migrant workers" --due 2026-12-01
    --member oslo
    """
    key = key_of(member)
    known, listed = engagement_of(engagement, key), of_library(standard, key)
    if not (wording or listed.get("wording")):
        raise CommandError("Say what is asked, or name an ask of the library: --standard ID, 'engage asks' lists them.")
    chosen = category or (None if instrument else listed.get("category"))
    data = named_by(known) | {"ask": wording or listed["wording"], "standard": standard, "sites": texts(site)}
    data |= {"due": checked_day(due) if due else usual_day(listed), "clause": clause_of(clause) or listed.get("clause")}
    data |= {"category": category_of(chosen, instrument, known["category"])}
    data |= {"instruments": instrument or listed.get("instruments")}
    act(member, "ask.made.v1", data, dry_run=dry_run, as_json=as_json)


def of_library(standard: str | None, key: str) -> dict[str, Any]:
    """An ask of the library, with its clause as entries have it; nothing where none is named.

    Raises CommandError where the library has none of this id.
    """
    if standard is None:
        return {}
    found = by_id(call("remedy", "GET", "/asks", key), standard)
    if found is None:
        raise CommandError("The library has no ask of this id: 'engage asks' lists them.")
    clause = by_id(call("remedy", "GET", "/clauses", key), found["clause"])
    return found | {"clause": clause and {name: clause[name] for name in ("conditions", "edition", "clause")}}


def by_id(listed: list[dict[str, Any]], wanted: str) -> dict[str, Any] | None:
    """The entry of a library with this id."""
    return next((one for one in listed if one["id"] == wanted), None)


def usual_day(listed: dict[str, Any]) -> str | None:
    """By when an ask of the library is usually answered, from today (UTC) on; nothing for another."""
    return (datetime.now(UTC).date() + timedelta(days=listed["days"])).isoformat() if listed else None


def join_asks(
    *,
    engagement: Engagement,
    asks: Annotated[list[str], typer.Argument(metavar="ASK...", help="The asks that are the same need.")],
    into: Annotated[str, typer.Option(metavar="ASK", help="The one that is answered for all of them.")],
    member: Member,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Say that several asks are one need: the supplier answers once, for all who asked.

    Example: engage engagement join 5b0c2f1e 77aa0c12 80bb1d23 --into 6f991b01 --member oslo
    """
    known = engagement_of(engagement, key_of(member))
    data = named_by(known) | {"into": part_of(known, "asks", into), "asks": parts_of(known, "asks", asks)}
    act(member, "asks.joined.v1", data, dry_run=dry_run, as_json=as_json)


def pass_on_commitment(
    *,
    engagement: Engagement,
    commitment: Annotated[str, typer.Argument(metavar="TEXT", help="What the supplier will do.")],
    member: Member,
    test: Annotated[str, typer.Option(help="How one can tell that it is done.")],
    ask: OfAsk = None,
    due: Due = None,
    responsible: Annotated[str | None, typer.Option(help="Which part of the company; no person's name.")] = None,
    category: About = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Record what the supplier committed itself to: who does what by when, and how one can tell.

    Example: engage engagement commit 5b0c2f1e "All fees are repaid" --test "Bank records of 40 workers" --ask 77aa0c12
    --due 2026-12-01 --member oslo
    """
    known = engagement_of(engagement, key_of(member))
    about = part_of(known, "asks", ask)
    of_ask = next((one["category"] for one in known["asks"] if one["id"] == about), known["category"])
    data = named_by(known) | {"ask": about, "commitment": commitment, "measure": test, "responsible": responsible}
    data |= {"category": category or of_ask, "due": due and checked_day(due)}
    act(member, "commitment.made.v1", data, dry_run=dry_run, as_json=as_json)


def submit_evidence(
    *,
    engagement: Engagement,
    member: Member,
    evidence: Evidence = None,
    sha256: Hashes = None,
    uri: Uris = None,
    ask: OfAsk = None,
    commitment: OfCommitment = None,
    basis: Annotated[
        str, typer.Option(callback=one_of(SourceClass), help="Whose word it is: " + words_of(SourceClass))
    ] = SourceClass.SUPPLIER.value,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Pass on evidence for an ask or a commitment. It submits, and verifies nothing: `assess` says what was found.

    What comes from workers is never sent so, but sealed: engage seal. Example: engage engagement evidence 5b0c2f1e
    --commitment 80bb1d23 --basis audit --evidence https://example.org/audit.pdf --sha256 9f86... --member oslo
    """
    known = engagement_of(engagement, key_of(member))
    data = named_by(known) | {"ask": part_of(known, "asks", ask), "basis": basis}
    data |= {"commitment": part_of(known, "commitments", commitment)}
    data |= {"evidence": evidence_of(evidence, sha256, uri)}
    act(member, "evidence.submitted.v1", data, dry_run=dry_run, as_json=as_json)


def assess(
    *,
    engagement: Engagement,
    found: Annotated[str, typer.Argument(callback=one_of(Assessment), help="met, partly_met or missed.")],
    member: Member,
    basis: Annotated[
        str, typer.Option(callback=one_of(SourceClass), help="Whose word that rests on: " + words_of(SourceClass))
    ],
    ask: OfAsk = None,
    commitment: OfCommitment = None,
    on: On = None,
    evidence: Evidence = None,
    sha256: Hashes = None,
    uri: Uris = None,
    because: Because = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Say whether a commitment was kept, or an ask that had none was met. The supplier's word alone never is enough.

    Example: engage engagement assess 5b0c2f1e met --commitment 80bb1d23 --basis audit --member oslo
    """
    known = engagement_of(engagement, key_of(member))
    data = named_by(known) | {"found": found, "basis": basis, "assessed_on": day_of(on), "reason": because}
    data |= {"ask": part_of(known, "asks", ask), "commitment": part_of(known, "commitments", commitment)}
    data |= {"evidence": evidence_of(evidence, sha256, uri)}
    act(member, "commitment.assessed.v1", data, dry_run=dry_run, as_json=as_json)
