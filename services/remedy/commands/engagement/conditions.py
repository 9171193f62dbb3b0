"""`engage condition`: the follow-up of the performance conditions of a member's contracts."""

from typing import Annotated, Any

import typer
from rich.console import Console

from services.remedy.commands.engagement.calendar import print_one
from services.remedy.commands.engagement.files import Evidence, Hashes, Uris, evidence_of
from services.remedy.commands.engagement.finding import Because, On, checked_day, day_of, one_of, some_of
from services.remedy.commands.engagement.publishing import DryRun, act
from services.remedy.commands.engagement.publishing import Member as Acting
from services.remedy.commands.engagement.reading import Member, console, key_for
from services.remedy.commands.options import AsJson, harmless, path_safe, print_json, show, spaced
from shared.client import CommandError, call
from shared.events.engagement_words import ConditionState
from shared.events.vocabulary import DueDiligenceStep

conditions = typer.Typer(no_args_is_help=True, help="Conditions of your contracts: what is due of them.")

SHORTEST = 4
MOST = 1000
Id = Annotated[str, typer.Argument(metavar="ID", help="The condition's id as in the list, or enough of its beginning.")]
Due = Annotated[str, typer.Option("--due", metavar="DAY", help="By when, such as 2026-06-30.")]


@conditions.command("list")
def list_conditions(
    contract: Annotated[str | None, typer.Option(help="Only of this contract: your reference, or its id.")] = None,
    state: Annotated[str | None, typer.Option(callback=one_of(ConditionState), help="Only in this state.")] = None,
    member: Member = None,
    as_json: AsJson = False,
) -> None:
    """List the conditions of your contracts, the first due first.

    Example: `engage condition list --state breach --member oslo`
    """
    columns = ("Id", "Due", "Clause", "What", "Stands at", "Supplier", "Contract")
    instead = "No conditions. `engage calendar --help` says where they come from."
    show(listed(member, contract=contract, state=state), as_json, columns, row_of, instead)


@conditions.command("show")
def show_condition(condition: Id, member: Member = None, as_json: AsJson = False) -> None:
    """Show a condition: where it stands, what was reported of it, and what may be reported next.

    Example: `engage condition show 3f2a91 --member oslo`
    """
    key, query = key_for(member)
    named = found_by(condition, member)["condition"]
    found = call("remedy", "GET", f"/conditions/{named}", key, params=query)
    if as_json:
        print_json(found)
    else:
        print_condition(console(), found)


@conditions.command("follow-up")
def follow_up(
    *,
    condition: Id,
    state: Annotated[str, typer.Argument(callback=one_of(ConditionState), help="What it comes to.")],
    member: Acting,
    on: On = None,
    because: Because = None,
    cure_until: Annotated[
        str | None, typer.Option(metavar="DAY", help="For cure: the last day on which it may be put right.")
    ] = None,
    evidence: Evidence = None,
    sha256: Hashes = None,
    uri: Uris = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Report a step with a condition: submitted, verified, deficient, cure, remedied or sanctioned.

    Verified and remedied need evidence, deficient and sanctioned a reason, cure its last day. A cure period that is
    over is a breach by itself. Example: engage condition follow-up 3f2a91 cure --cure-until 2026-07-01 --member oslo
    """
    found = found_by(condition, member)
    data = named(found) | {"state": state, "decided_on": day_of(on), "reason": because}
    data |= {"cure_until": cure_until and checked_day(cure_until), "evidence": evidence_of(evidence, sha256, uri)}
    act(member, "condition.followed-up.v1", data, dry_run=dry_run, as_json=as_json)


@conditions.command("schedule")
def schedule(
    *,
    contract: Annotated[str, typer.Argument(help="The contract: your reference.")],
    clause: Annotated[str, typer.Argument(help="A clause of the library, such as ew-access.")],
    wanted: Annotated[str, typer.Argument(help="What you want, in a sentence.")],
    due: Due,
    member: Acting,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Want something of a clause by a day, beside the routine follow-up of the contract.

    Example: engage condition schedule 24/1001 ew-access "A visit by the monitor" --due 2026-06-30 --member oslo
    """
    data = {"contract": contract, "clause": clause, "wanted": wanted, "due": checked_day(due)}
    act(member, "condition.scheduled.v1", data, dry_run=dry_run, as_json=as_json)


@conditions.command("self-report")
def self_report(
    *,
    condition: Id,
    member: Acting,
    no: Annotated[
        list[str] | None,
        typer.Option("--no", callback=some_of(DueDiligenceStep), help="A step to which the answer is no. Repeatable."),
    ] = None,
    on: On = None,
    evidence: Evidence = None,
    sha256: Hashes = None,
    uri: Uris = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Record the supplier's self-report: yes to the opening question of each step, but for those under --no.

    The steps: embed, identify, mitigate, track, communicate, remediate. Each no is a breach of its clause, to be
    rectified promptly (DFØ). Example: engage condition self-report 3f2a91 --no identify --no track --member oslo
    """
    steps = [one for one in DueDiligenceStep if one.name != "OTHER"]
    answers = [{"step": one.value, "yes": one.value not in (no or ())} for one in steps]
    found = found_by(condition, member)
    before = {row["condition"] for row in breaches(found, member)}
    data = named(found) | {"received_on": day_of(on), "answers": answers}
    data |= {"evidence": evidence_of(evidence, sha256, uri)}
    act(member, "self-report.received.v1", data, dry_run=dry_run, as_json=as_json)
    if not (dry_run or as_json):
        tell_breaches([row for row in breaches(found, member) if row["condition"] not in before], found, member)


def breaches(of: Any, member: str) -> Any:
    """The conditions in breach of the contract of this one."""
    return listed(member, contract=of["contract"], state=ConditionState.BREACH)


def tell_breaches(made: list[Any], of: Any, member: str) -> None:
    """Say that breaches exist now, by when each is to be put right, and where to see them; nothing without any."""
    if made:
        are = f"{len(made)} breaches are" if len(made) > 1 else "1 breach is"
        days = ", ".join(sorted({row["due"] for row in made}))
        print(f"{are} open now, to be put right by {days}. See:")
        print(f"  engage condition list --contract {of['contract']} --state breach --member {member}")


def listed(member: str | None, **wanted: str | None) -> Any:
    """Conditions as a member sees them."""
    key, query = key_for(member)
    asked = {name: given for name, given in wanted.items() if given is not None}
    return call("remedy", "GET", "/conditions", key, params=query | asked | {"limit": MOST})


def found_by(beginning: str, member: str | None) -> Any:
    """The one condition whose id begins so. Raises CommandError where there is none, or several."""
    wanted = path_safe(beginning).casefold()
    if len(wanted) < SHORTEST:
        raise CommandError(f"Give the condition's id, or at least {SHORTEST} letters of its beginning.")
    fitting = [row for row in listed(member) if row["condition"].startswith(wanted)]
    if len(fitting) != 1:
        found = "Several conditions begin" if fitting else "No condition of yours begins"
        raise CommandError(f"{found} so: 'engage condition list' shows their ids.")
    return fitting[0]


def named(row: Any) -> dict[str, Any]:
    """How an event names a condition."""
    return {"contract": row["reference"] or row["contract"], "condition": row["condition"]}


def row_of(row: Any) -> list[str]:
    """A condition as a line of the table."""
    state = spaced(row["state"]) + (f" until {row['cure_until']}" if row["cure_until"] else "")
    late = " (missed)" if row["missed"] else ""
    what = harmless(row["wanted"])
    supplier, contract = harmless(row["supplier_name"] or "-"), harmless(row["reference"] or "-")
    return [row["condition"][:8], row["due"] + late, row["clause"], what, state, supplier, contract]


def print_condition(out: Console, found: Any) -> None:
    """All about a condition."""
    _, due, clause, what, state, supplier, contract = row_of(found)
    lines = [
        ("Condition", found["condition"] + (" (lifted)" if found["lifted"] else "")),
        ("What", f"{what} (clause {clause}: 'engage clauses {clause}')"),
        ("Due", f"{due}; {found['basis']}"),
        ("Stands at", f"{state}, since {found['since']}"),
        ("Of", f"{supplier}, contract {contract}"),
        ("Legal now", "; ".join(map(spaced, found["legal"])) or "nothing more"),
    ]
    print_one(out, lines + [history_line(one) for one in found["history"]])


def history_line(one: Any) -> tuple[str, str]:
    """An entry as a line."""
    told = one["told"]
    day = told.get("decided_on") or told.get("received_on") or one["recorded_at"][:10]
    what = spaced(told.get("state") or one["type"].split(".")[0])
    back = " (taken back)" if one["standing"] == "withdrawn" else ""
    reason = f": {told['reason']}" if told.get("reason") else ""
    return day, f"{what}{reason}{back} [event {one['event']}]"
