"""Commands about working groups."""

import json
from collections.abc import Iterator, Sequence
from typing import Annotated, Any
from urllib.parse import quote

import typer
from rich.markup import escape
from rich.table import Table

from services.ingest.commands.members import make_topics, words_of
from services.ingest.commands.options import AsJson, console, show_found
from services.ingest.tables import counted, plain
from shared.client import CommandError, call, operator_key
from shared.topics import workinggroup_topics

PAGE = 200
ROLES = "lead, collaborating or supporting"
Slug = Annotated[str, typer.Argument(metavar="GROUP", help="The group's short id: a-z, 0-9 and -.")]
OfMember = Annotated[str, typer.Argument(metavar="MEMBER", help="The member's short id.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would end; change nothing.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


def register(app: typer.Typer) -> None:
    """Add the commands to an application."""
    group = typer.Typer(no_args_is_help=True, help="Working groups: members that speak with the same suppliers.")
    for name, command in (
        ("add", add_group), ("join", join_group), ("leave", leave_group), ("close", close_group),
        ("list", list_groups), ("show", show_group),
    ):  # fmt: skip
        group.command(name)(command)
    app.add_typer(group, name="group")


def add_group(
    slug: Slug,
    *,
    name: Annotated[str, typer.Option(help="Full name.")],
    purpose: Annotated[str, typer.Option(help="What the group is for, in one sentence.")],
    secretariat: Annotated[str, typer.Option(help="The member that keeps the group's secretariat.")],
    cause: Annotated[
        str | None, typer.Option(help="Why it is formed: compliance-concern or good-practice. A new group needs it.")
    ] = None,
    why: Annotated[str | None, typer.Option(help="The cause in one sentence.")] = None,
    about: Annotated[str | None, typer.Option(help="Id of the flag, supplier or practice that gave cause.")] = None,
    category: Annotated[list[str] | None, typer.Option(help="ILO category, such as forced_labour. Repeatable.")] = None,
    instrument: Annotated[list[str] | None, typer.Option(help="Convention, such as C087. Repeatable.")] = None,
    supplier: Annotated[list[str] | None, typer.Option(help="Name of a supplier. Repeatable.")] = None,
    rightsholders: Annotated[
        list[str] | None, typer.Option(help="Name of an organisation of rightsholders, if it agrees. Repeatable.")
    ] = None,
    member: Annotated[list[str] | None, typer.Option(help="SLUG or SLUG:lead|collaborating|supporting.")] = None,
    as_json: AsJson = False,
) -> None:
    """Establish a working group, or correct its entry: its topics, why it is formed, its scope, who joins. Repeatable.

    What is corrected is given whole, but for its cause and its members: leave out what stays as it was.

    Example: engage group add batteries --name "Batteries" --purpose "Cobalt in batteries" --secretariat watch
    --cause compliance-concern --why "Children were seen at two mines." --category child_labour
    --supplier "Example Electronics" --member oslo:lead --member dfo
    """
    if (cause is None) != (why is None) or (about is not None and cause is None):
        raise CommandError("Give --cause and --why together: a compliance concern or a good practice, in a sentence.")
    make_topics(workinggroup_topics, slug)
    order: dict[str, Any] = {"workinggroup": slug, "name": name, "purpose": purpose, "secretariat": secretariat}
    order |= {"categories": category or [], "instruments": instrument or [], "suppliers": supplier or []}
    order |= {"rightsholders": rightsholders or [], "members": [role_of(one) for one in member or []]}
    if cause is not None:
        founding = {"cause": words_of([cause])[0], "reason": why} | ({} if about is None else {"about": about})
        order |= {"founding": founding}
    answer = call("ingest", "POST", "/workinggroups", operator_key(), json=order)
    if as_json:
        print(json.dumps(answer, indent=2))
        return
    size = f"{counted(len(member or []), 'member')} named, {counted(len(answer['suppliers']), 'supplier')}"
    console().print(f"Working group {slug} is established: {size}.", markup=False, soft_wrap=True)


def join_group(
    slug: Slug,
    member: Annotated[str, typer.Argument(help=f"SLUG, or SLUG:ROLE with {ROLES}; collaborating unless given.")],
    as_json: AsJson = False,
) -> None:
    """Let a member join a working group, or take another role in it. It speaks only for itself. Repeating is harmless.

    Example: engage group join batteries oslo:lead
    """
    answer = call("ingest", "POST", f"{path_of(slug)}/members", operator_key(), json=role_of(member))
    if as_json:
        print(json.dumps(answer, indent=2))
    else:
        told = f"{answer['member']} takes part in {slug}: {answer['role']}."
        console().print(told, markup=False, soft_wrap=True)


def leave_group(
    slug: Slug, member: OfMember, dry_run: DryRun = False, yes: Yes = False, as_json: AsJson = False
) -> None:
    """Let a member leave a working group. What it has said there stays; it may join again.

    Example: engage group leave batteries oslo --dry-run
    """
    path = f"{path_of(slug)}/members/{quote(member, safe='')}"
    found = call("ingest", "DELETE", path, operator_key(), params={"dry_run": "true"})
    if not as_json:
        tell(f"When {member} leaves {slug}", found, dry_run)
    if not dry_run:
        confirm(f"Let {member} leave {slug}?", yes)
        found = call("ingest", "DELETE", path, operator_key())
    finish(found, f"{member} has left {slug}.", dry_run, as_json)


def close_group(
    slug: Slug,
    reason: Annotated[
        str, typer.Option(help="purpose-achieved, merged-into-another, no-members-left or discontinued.")
    ],
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Close a working group for good: nothing more is taken for it. What it shared stays readable for its members.

    Example: engage group close batteries --reason purpose-achieved --dry-run
    """
    order = {"reason": words_of([reason])[0]}
    found = call("ingest", "POST", f"{path_of(slug)}/closure", operator_key(), json=order | {"dry_run": True})
    if found["ended"] is None:
        if not as_json:
            tell(f"When {slug} is closed", found, dry_run)
        if not dry_run:
            confirm(f"Close {slug} for good?", yes)
            found = call("ingest", "POST", f"{path_of(slug)}/closure", operator_key(), json=order)
    finish(found, f"Working group {slug} is closed.", dry_run and found["ended"] is None, as_json)


def tell(when: str, found: dict[str, Any], dry_run: bool) -> None:
    """Say what ends and what stays."""
    title = " (dry run: nothing was changed)" if dry_run else ""
    ends = f"the part of {counted(found['members'], 'member')} ends, with the supplier contacts that hang on it"
    kept = f"{found['entries']} told so far, of {counted(found['engagements'], 'engagement')}"
    console().print(f"{when}{title}: {ends}. What stays: {kept}.", markup=False, soft_wrap=True)


def confirm(question: str, yes: bool) -> None:
    """Go on only with a person's word. Raises typer.Abort."""
    if not yes:
        typer.confirm(question, abort=True)


def finish(found: dict[str, Any], done: str, dry_run: bool, as_json: bool) -> None:
    """Say that it is done: as JSON for programs."""
    if as_json:
        print(json.dumps(found, indent=2))
    elif not dry_run:
        console().print(done, markup=False, soft_wrap=True)


def list_groups(as_json: AsJson = False) -> None:
    """List the working groups, closed ones too. Example: engage group list"""
    show_found(list(read_groups()), of_groups, as_json)


def show_group(slug: Slug, as_json: AsJson = False) -> None:
    """Show a working group: why it was formed, its scope, and who takes part. Example: engage group show batteries"""
    found = call("ingest", "GET", f"/registry/workinggroups/{quote(slug, safe='')}", operator_key())
    show_found(found, of_group, as_json)


def read_groups() -> Iterator[dict[str, Any]]:
    """Every working group, page by page."""
    path: str | None = f"/registry/workinggroups?limit={PAGE}"
    while path is not None:
        page = call("ingest", "GET", path, operator_key())
        yield from page["items"]
        path = page["next"]


def of_groups(found: Sequence[dict[str, Any]]) -> Table:
    """The working groups, one per line."""
    table = plain("group", "name", "cause", "members", "suppliers", "secretariat", "closed")
    for one in found:
        cause, closed = one["founding"]["cause"].replace("_", " "), (one["closed"] or "-")[:10]
        sizes = str(len(one["members"])), str(len(one["suppliers"]))
        table.add_row(one["workinggroup"], escape(one["name"]), cause, *sizes, one["secretariat"], closed)
    return table


def of_group(found: dict[str, Any]) -> Table:
    """A working group, one fact per line."""
    table, founding = plain("", ""), found["founding"]
    facts = {name: found[name] for name in ("name", "purpose", "secretariat")}
    facts |= {"formed for": founding["cause"].replace("_", " "), "because": founding["reason"]}
    facts |= {"about": founding.get("about")}
    facts |= {name: ", ".join(map(str, found[name])) for name in SCOPE}
    facts |= {"members": ", ".join(f"{one} ({role})" for one, role in sorted(found["members"].items()))}
    ended = f"{found['closed'][:10]} ({found['reason']})" if found["closed"] else None
    for name, value in (facts | {"established": found["established"][:10], "closed": ended}).items():
        if value:
            table.add_row(name, escape(value))
    return table


SCOPE = ("categories", "instruments", "suppliers", "rightsholders")


def path_of(slug: str) -> str:
    return f"/workinggroups/{quote(slug, safe='')}"


def role_of(text: str) -> dict[str, str]:
    """`SLUG` or `SLUG:ROLE` as the service reads it."""
    slug, colon, role = text.partition(":")
    return {"member": slug, "role": role} if colon else {"member": slug}
