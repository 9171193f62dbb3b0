"""`engage engagement list` and `show`: engagements by their ids, and one of them whole."""

from collections.abc import Iterable, Iterator
from typing import Annotated, Any, Literal

import typer
from rich.console import Console

from services.remedy.commands.engagement.board import cursor_of
from services.remedy.commands.engagement.finding import Engagement, engagement_of
from services.remedy.commands.engagement.reading import (
    GROUP_CLOSED,
    HELD,
    Member,
    by,
    console,
    count,
    key_for,
    leverage,
    milestone,
    shortened,
    supplier,
)
from services.remedy.commands.options import AsJson, harmless, print_json, spaced
from shared.client import call

State = Literal["open", "proposed", "closed"]
READ_AT = {
    "flag": "engage risk flag {id}",
    "indicator": "engage timeline {id}",
    "statement": "released of testimony, engage timeline {id}",
}
"""Where a reason can be read."""


def register(app: typer.Typer) -> None:
    """Add the commands to `engage engagement`."""
    app.command("list")(list_engagements)
    app.command("show")(show_engagement)


def list_engagements(
    group: Annotated[str | None, typer.Option(help="Only this working group's.")] = None,
    supplier: Annotated[str | None, typer.Option(help="Only with this supplier: an id, or words of its name.")] = None,
    state: Annotated[State | None, typer.Option(help="Only those in this state.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=200, help="Engagements on a page.")] = 50,
    page: Annotated[str | None, typer.Option(metavar="CURSOR", help="The next page, as the last one names it.")] = None,
    member: Member = None,
    as_json: AsJson = False,
) -> None:
    """List engagements by their ids, in whatever state, the oldest first; `engage board` shows where they stand.

    Example: `engage engagement list --group apple --state proposed --member oslo`
    """
    key, query = key_for(member)
    asked: dict[str, Any] = {"workinggroup": group, "supplier": supplier, "state": state}
    asked |= {"limit": limit, "cursor": page}
    query |= {name: str(given) for name, given in asked.items() if given is not None}
    found = call("remedy", "GET", "/engagements", key, params=query)
    if as_json:
        print_json(found)
    else:
        print_list(console(), found)


def print_list(out: Console, found: Any) -> None:
    """Two lines for each engagement."""
    if not found["items"]:
        out.print("No engagement is known that fits.")
        return
    for row in found["items"]:
        stands = milestone(row["milestone"]) if row["state"] == "open" else row["state"]
        out.print(f"{row['engagement']}  {stands}", soft_wrap=True)
        what = shortened(row["objective"] or row["why"] or "", 60)
        out.print(f"  {row['workinggroup']}, {supplier(row)}: {spaced(row['category'])}", soft_wrap=True)
        if what:
            out.print(f"  {what}", soft_wrap=True)
    more = f" More: the same with --page {cursor_of(found['next'])}" if found["next"] else ""
    out.print(f"{len(found['items']):,} of {count(found['total'], 'engagement')}.{more}", soft_wrap=True)


def show_engagement(
    engagement: Engagement,
    member: Member = None,
    as_json: AsJson = False,
) -> None:
    """Show one engagement whole: stages, asks, commitments, evidence, consultations, the ladder, what is open to it.

    Example: `engage engagement show 018f6f1e-0000-5000-8000-000000000000 --member oslo`
    """
    key, query = key_for(member)
    found = engagement_of(engagement, key, query)
    if as_json:
        print_json(found)
        return
    out = console()
    for line in lines(found):
        out.print(line)


def lines(one: Any) -> Iterator[str]:
    """One engagement as lines."""
    yield f"{one['group_name']} and {supplier(one)}: {spaced(one['category'])}"
    yield f"  engagement {one['engagement']}, {standing(one)}"
    if one["objective"]:
        yield f"  Objective: {harmless(one['objective'])}"
    for text in filter(None, (one["why"], one["reason"])):
        yield f"  Because: {harmless(text)}"
    if coded := [*one["instruments"], *([clause_of(one["clause"])] if one["clause"] else [])]:
        yield f"  By {', '.join(coded)}" + (f"; {count(len(one['sites']), 'site')}" if one["sites"] else "")
    yield from part("What gives reason", map(reason, one["reasons"]))
    yield from part("Stages", map(stage, one["stages"]))
    yield from part("Asks", (text for ask in one["asks"] for text in asked(ask)))
    yield from part("Commitments", (text for made in one["commitments"] for text in committed(made)))
    yield from part("Evidence", map(evidence, one["evidence"]))
    instead = "no rightsholder was consulted" if one["stages"] else ""
    yield from part("Rightsholders consulted", map(consulted, one["consulted"]), instead)
    yield from part("Escalation", map(rung, one["ladder"]), "no step was taken" if one["stages"] else "")
    if one["escalation_proposed"]:
        yield f"  proposed by rule: {spaced(one['escalation_proposed'])}; a person decides"
    yield f"  leverage: {leverage(one['leverage'])}"
    yield from part("Due", map(due, one["due"]))
    yield from part("Entries that changed nothing", map(refused, one["refused"]))
    yield from part("Open to it now", map(spaced, one["legal"]))


def part(head: str, rows: Iterable[str], instead: str = "") -> Iterator[str]:
    """A part with its rows; left out where there is nothing to say."""
    found = list(rows) or ([instead] if instead else [])
    if found:
        yield ""
        yield f"{head}:"
        yield from (f"  {row}" for row in found)


def standing(one: Any) -> str:
    """State, milestone and age."""
    told = [one["state"]]
    if one["held"]:
        told.append(HELD)
    if one["group_closed"]:
        told.append(GROUP_CLOSED)
    if one["milestone"]:
        told.append(f"{milestone(one['milestone'])} for {count(one['days'] or 0, 'day')}")
    if one["opened_by"] or one["milestone"]:
        told.append(f"opened by {by(one['opened_by'])}")
    if one["outcome"]:
        told.append(spaced(one["outcome"]) + (f": {harmless(one['outcome_reason'])}" if one["outcome_reason"] else ""))
    return ", ".join(told)


def clause_of(clause: Any) -> str:
    """A clause of an instrument or contract as it is cited."""
    return " ".join(str(told) for told in clause.values() if told)


def reason(one: Any) -> str:
    """A reason, where it can be read, and whether it still stands."""
    holds = " (no longer stands)" if one["holds"] is False else ""
    contact = f"; the company {'may' if one['contact'] == 'cleared' else 'may not'} be approached on it"
    told = contact if one["kind"] == "statement" else ""
    return f"{one['kind']}{holds}: {READ_AT.get(one['kind'], '{id}').format(id=one['id'])}{told}"


def stage(one: Any) -> str:
    """A stage with its days."""
    until = f" to {one['until']}" if one["until"] else ""
    why = f"; back because: {harmless(one['reason'])}" if one["reason"] else ""
    return f"{milestone(one['milestone'])}: {count(one['days'], 'day')} from {one['since']}{until}{why}"


def asked(one: Any) -> Iterator[str]:
    """An ask: state, day, who asked, the words."""
    due_by = f", due {one['due']}" if one["due"] else ""
    into = f" into {one['into']}" if one["into"] else ""
    yield f"{spaced(one['state'])}{into}{due_by}; asked by {', '.join(map(by, one['askers']))}: {one['id']}"
    yield f"  {harmless(one['wording'])}"


def committed(one: Any) -> Iterator[str]:
    """A commitment: state, day, whose word, the words and the test."""
    due_by = f", due {one['due']}" if one["due"] else ""
    whose = "the supplier said so itself" if one["by_supplier"] else "passed on by a member"
    yield f"{spaced(one['state'])}{due_by}; {whose}: {one['id']}"
    yield f"  {harmless(one['wording'])}; to be seen by: {harmless(one['measure'])}"


def evidence(one: Any) -> str:
    """Evidence: the day, whose word it is, what for, and where it lies."""
    whose = spaced(one["basis"]) if one["basis"] else by(one["told_by"])
    of = one["milestone"] or (f"ask {one['ask']}" if one["ask"] else f"commitment {one['commitment']}")
    files = ", ".join(harmless(file["uri"]) for file in one["files"])
    return f"{one['on'][:10]} {whose}, for {of}: {files}"


def consulted(one: Any) -> str:
    """A consultation: when, with whom, what they want first, and what followed."""
    whom = harmless(one["organisation"]) if one["organisation"] else "not named"
    first = f"; first for them: {', '.join(map(spaced, one['priorities']))}" if one["priorities"] else ""
    followed = f"; so: {harmless(one['influence'])}" if one["influence"] else ""
    number = f", {one['participants']:,} people" if one["participants"] else ""
    return f"{one['quarter']} {spaced(one['rightsholders'])} ({whom}{number}){first}{followed}: {one['id']}"


def rung(one: Any) -> str:
    """A step of the ladder with its effect."""
    cure = f", to cure until {one['cure_until']}" if one["cure_until"] else ""
    effect = f"effect: {spaced(one['effect'])}" if one["effect"] else "no effect observed yet"
    return f"{one['taken_on']} {spaced(one['step'])}{cure}, by {by(one['member'])}; {effect}: {one['id']}"


def due(one: Any) -> str:
    """What is due, by when and by which rule."""
    late = ", overdue" if one["overdue"] else ""
    return f"{one['due']}{late}: {spaced(one['kind'])} {one['about']} ({harmless(one['basis'])})"


def refused(one: Any) -> str:
    """A refused entry: why, and where it stood; what would have been legal is told by `--json`."""
    why = ", ".join(map(spaced, one["refusals"]))
    return f"{one['on'][:10]} {one['type']} by {by(one['member'])}: {why}; it was {one['stood']}"
