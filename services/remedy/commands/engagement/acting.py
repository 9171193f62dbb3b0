"""What a person does with an engagement: opens it, reports a milestone, consults rightsholders, concludes it.

Each is an entry of the group's dialogue, sent by the member that acts; it speaks only for itself.
"""

from typing import Annotated, Any
from uuid import UUID, uuid4

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
    clause_of,
    day_of,
    engagement_of,
    named_by,
    one_of,
    parts_of,
    some_of,
    texts,
    words_of,
)
from services.remedy.commands.engagement.publishing import DryRun, Member, act, key_of
from services.remedy.commands.options import AsJson
from shared.client import CommandError
from shared.events.engagement_words import (
    EngagementOutcome,
    Milestone,
    RightsholderKind,
)
from shared.events.vocabulary import Category
from shared.finding import find_supplier

REASONS = ("flag", "indicator", "statement")
Consulted = Annotated[
    list[str] | None,
    typer.Option("--consultation", help="The consultation it rests on: its id, or its beginning. Repeatable."),
]


def register(app: typer.Typer) -> None:
    """Add the commands to `engage engagement`."""
    for name, command in (
        ("open", open_engagement),
        ("milestone", report_milestone),
        ("conclude", conclude),
        ("consult", consult),
    ):
        app.command(name)(command)


def open_engagement(
    *,
    member: Member,
    objective: Annotated[str, typer.Option(help="What is to be achieved, in a sentence.")],
    engagement: Annotated[
        str | None, typer.Argument(metavar="PROPOSED-ID", help="What the system proposed: its id or its beginning.")
    ] = None,
    group: Annotated[str | None, typer.Option(help="The working group; known of a proposal.")] = None,
    supplier: Annotated[str | None, typer.Option(help="The supplier, by name or id; known of a proposal.")] = None,
    category: About = None,
    instrument: Instruments = None,
    clause: Clause = None,
    site: Sites = None,
    flag: Annotated[list[UUID] | None, typer.Option(help="A flag that gives reason. Repeatable.")] = None,
    indicator: Annotated[list[UUID] | None, typer.Option(help="An indicator that does. Repeatable.")] = None,
    statement: Annotated[
        list[UUID] | None, typer.Option(help="A statement released of testimony; taken once cleared. Repeatable.")
    ] = None,
    because: Because = None,
    on: On = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Open an engagement: a person's decision, with its objective and what gives reason for it.

    Of a proposal, group, supplier, category and reasons are taken over; name others to have these instead.
    Example: engage engagement open 5b0c2f1e --member oslo --objective "Recruitment fees are repaid by December"
    """
    key = key_of(member)
    known = {} if engagement is None else engagement_of(engagement, key)
    data = named_by(known) if known else newly_named(group, supplier, key)
    given = {"flags": texts(flag), "indicators": texts(indicator), "statements": texts(statement)}
    if not any(given.values()) and because is None:
        given = reasons_of(known)
    data |= given | {"objective": objective, "reason": because, "decided_on": day_of(on)}
    data |= {"category": category_of(category, instrument, known.get("category")), "instruments": instrument}
    data |= {"clause": clause_of(clause), "sites": texts(site)}
    act(member, "opening.decided.v1", data, dry_run=dry_run, as_json=as_json)


def newly_named(group: str | None, supplier: str | None, key: str) -> dict[str, Any]:
    """What an entry names of an engagement that nobody proposed. Raises CommandError where group or supplier lacks."""
    if group is None or supplier is None:
        raise CommandError("Name a proposal by its id, or give --group and --supplier for an engagement of your own.")
    return {"workinggroup": group, "engagement": str(uuid4()), "supplier": find_supplier(supplier, key)}


def reasons_of(proposal: dict[str, Any]) -> dict[str, list[str]]:
    """The reasons of a proposal that still stand, by kind."""
    standing = [one for one in proposal.get("reasons", ()) if one["holds"] is not False]
    return {f"{kind}s": [one["id"] for one in standing if one["kind"] == kind] for kind in REASONS}


def report_milestone(
    *,
    engagement: Engagement,
    milestone: Annotated[str, typer.Argument(metavar="M1..M5", callback=one_of(Milestone), help="Which was reached.")],
    member: Member,
    on: On = None,
    evidence: Evidence = None,
    sha256: Hashes = None,
    uri: Uris = None,
    because: Because = None,
    verified_by: Annotated[
        str | None,
        typer.Option(callback=one_of(RightsholderKind), help="For M5: who verified it: " + words_of(RightsholderKind)),
    ] = None,
    consultation: Consulted = None,
    verification: Annotated[
        list[UUID] | None, typer.Option(help="For M5: a verification released of a case. Repeatable.")
    ] = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Report that the next milestone was reached, with evidence; or that it fell back to an earlier one, and why.

    M1 concern raised, M2 acknowledged, M3 credible plan, M4 implemented, M5 verified by rightsholders (no files then).
    Example: engage engagement milestone 5b0c2f1e M2 --evidence ./letter.pdf --uri https://example.org/letter.pdf
    --member oslo
    """
    known = engagement_of(engagement, key_of(member))
    data = named_by(known) | {"milestone": milestone, "reached_on": day_of(on), "reason": because}
    data |= {"evidence": evidence_of(evidence, sha256, uri), "verified_by": verified_by}
    data |= {"consultations": parts_of(known, "consulted", consultation), "verifications": texts(verification)}
    act(member, "milestone.reported.v1", data, dry_run=dry_run, as_json=as_json)


def conclude(
    *,
    engagement: Engagement,
    outcome: Annotated[
        str, typer.Argument(callback=one_of(EngagementOutcome), help="How it ended: " + words_of(EngagementOutcome))
    ],
    member: Member,
    because: Because = None,
    on: On = None,
    evidence: Evidence = None,
    sha256: Hashes = None,
    uri: Uris = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """End an engagement: achieved, partly_achieved, stalled or discontinued; unless achieved, say why.

    Example: engage engagement conclude 5b0c2f1e stalled --because "No answer since May" --member oslo
    """
    data = named_by(engagement_of(engagement, key_of(member))) | {"outcome": outcome, "concluded_on": day_of(on)}
    data |= {"reason": because, "evidence": evidence_of(evidence, sha256, uri)}
    act(member, "engagement.concluded.v1", data, dry_run=dry_run, as_json=as_json)


def consult(
    *,
    engagement: Engagement,
    rightsholders: Annotated[
        str, typer.Argument(callback=one_of(RightsholderKind), help="Who was consulted: " + words_of(RightsholderKind))
    ],
    member: Member,
    quarter: Annotated[str, typer.Option(help="When, by quarter only, such as 2026-Q1.")],
    organisation: Annotated[str | None, typer.Option(help="Its name, only where it agreed to be named.")] = None,
    participants: Annotated[int | None, typer.Option(min=10, help="How many people; left out below ten.")] = None,
    priority: Annotated[
        list[str] | None, typer.Option(callback=some_of(Category), help="What they want first. Repeatable, in order.")
    ] = None,
    ask: Annotated[
        list[str] | None, typer.Option(help="An ask that it changed: its id, or its beginning. Repeatable.")
    ] = None,
    influence: Annotated[str | None, typer.Option(help="How it changed the asks, in a sentence.")] = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Record that rightsholders were consulted, what they want first, and how that changed the asks.

    Example: engage engagement consult 5b0c2f1e union --quarter 2026-Q1 --priority forced_labour --member oslo
    """
    known = engagement_of(engagement, key_of(member))
    data = named_by(known) | {"rightsholders": rightsholders, "quarter": quarter, "organisation": organisation}
    data |= {"participants": participants, "priorities": priority, "influence": influence}
    data |= {"asks": parts_of(known, "asks", ask)}
    act(member, "consultation.held.v1", data, dry_run=dry_run, as_json=as_json)
