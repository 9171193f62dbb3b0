"""What the commands of ingest show to a person."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

FIRST_ERRORS = 20
COUNTS = ("rows", "accepted", "duplicate", "rejected")
FURTHER = (
    "suppliers_new", "sites_new", "sites_known", "sites_gone", "kept_because_of_errors", "contract_changed",
    "contracts_registered", "contracts_ended",
)  # fmt: skip
"""Counts of a list of sites, and of contracts; a report has those of its kind."""
MEANING = {"sites_known": "rows of sites known before", "contract_changed": "rows moved to another contract"}
PER_EDITION = ("edition", "accepted", "duplicate", "sites_gone", "kept_because_of_errors")


def plain(*columns: str) -> Table:
    """A table without lines."""
    return Table(*columns, box=None, pad_edge=False)


def counted(number: int, word: str) -> str:
    """A number with its word, as people say it."""
    return f"{number} {word}{'' if number == 1 else 's'}"


def of_members(found: Sequence[dict[str, Any]]) -> Table:
    """The members, one per line."""
    table = plain("member", "name", "kind", "country", "keys", "bound by", "left")
    for one in found:
        left, laws = (one["left"] or "-")[:10], ", ".join(one["bound_by"]).replace("_", " ") or "-"
        known = (one["member"], escape(one["name"]), one["kind"], one["country"] or "-", str(one["keys"]))
        table.add_row(*known, laws, left)
    return table


def of_keys(found: Sequence[dict[str, Any]]) -> Table:
    """The keys of a member, one per line, with days instead of moments."""
    table = plain("kid", "purposes", "label", "made", "last used", "expires", "revoked")
    table.columns[0].no_wrap = True  # it is copied into other commands
    for one in found:
        days = ((one[name] or "-")[:10] for name in ("made", "used_on", "expires", "revoked"))
        table.add_row(one["kid"], " ".join(one["purposes"]), escape(one["label"] or "-"), *days)
    return table


def of_receipt(found: dict[str, Any]) -> Table:
    """A receipt, one fact per line."""
    table = plain("", "")
    for name, value in found.items():
        table.add_row(name, str(value))
    return table


def of_lists(found: Sequence[dict[str, Any]]) -> Table:
    """The lists of a member, one per line."""
    table = plain("list", "in force", "editions", "disclosures")
    for one in found:
        editions = ", ".join(one["editions"]) or "-"
        table.add_row(escape(one["name"]), one["edition"] or "-", editions, str(one["disclosures"]))
    return table


def of_fields(fields: Mapping[str, str]) -> Table:
    """The fields that a column can be mapped to, one per line."""
    table = plain("field", "what the column holds")
    for name, meaning in fields.items():
        table.add_row(name, meaning)
    return table


def print_import(console: Console, file: str, report: dict[str, Any], dry_run: bool) -> None:
    """The counts of an import, its first errors, and what was left aside."""
    if report.get("file_invalid"):
        console.print(f"{file} is refused. Nothing was imported.", markup=False, style="red", soft_wrap=True)
    else:
        editions = ", ".join(one["edition"] for one in report.get("editions", ()))
        title = f"{file}: {report['format']}, list {report['list']}" + (f", edition {editions}" if editions else "")
        console.print(f"{title} (dry run: nothing was kept)" if dry_run else title, markup=False, soft_wrap=True)
        table = plain("", "")
        for name in (*COUNTS, *(name for name in FURTHER if name in report)):
            table.add_row(MEANING.get(name, name.replace("_", " ")), str(report[name]))
        console.print(table)
        if len(report.get("editions", ())) > 1:
            console.print(of_editions(report["editions"]))
    print_errors(console, report["errors"])
    for warning in report.get("warnings", ()):
        console.print(as_sentence(warning), markup=False, soft_wrap=True)


def of_editions(editions: Sequence[dict[str, Any]]) -> Table:
    """What each edition of a file changed, one per line."""
    table = plain(*(name.replace("_", " ") for name in PER_EDITION))
    for one in editions:
        table.add_row(*(str(one[name]) for name in PER_EDITION))
    return table


def as_sentence(warning: dict[str, Any]) -> str:
    """A warning, where it is and what to do about it."""
    columns = ", ".join(str(one) for one in warning["columns"])
    advice = f": {warning['detail']}. {warning['remedy']}" if warning.get("remedy") else ""
    return f"warning: {warning['code'].replace('_', ' ')} ({columns}){advice}"


def print_errors(console: Console, errors: Sequence[dict[str, Any]]) -> None:
    """The first errors of a file: where, what, and how to mend it."""
    for error in errors[:FIRST_ERRORS]:
        places = (("row", error.get("row")), ("line", error.get("line")), ("column", error.get("column")))
        where = ", ".join(f"{name} {value}" for name, value in places if value is not None) or "file"
        console.print(f"  {where}: {error['detail']}. {error['remedy']}", markup=False, soft_wrap=True)
    if len(errors) > FIRST_ERRORS:
        console.print(
            f"  and {len(errors) - FIRST_ERRORS} more; --report FILE.csv or --json lists them all", markup=False
        )


def print_receipts(console: Console, receipts: Sequence[dict[str, Any]]) -> None:
    """Counts of what became of the events; a single event's receipt and entry; the first reasons of rejection."""
    outcomes = [one["outcome"] for one in receipts]
    counts = [f"{outcomes.count(name)} {name}" for name in ("accepted", "duplicate", "rejected") if name in outcomes]
    console.print(", ".join(counts) or "no events", markup=False)
    if len(receipts) == 1 and receipts[0]["receipt"]:
        console.print(f"receipt {receipts[0]['receipt']}", markup=False)
        if receipts[0]["entry"]:
            console.print(f"entry {receipts[0]['entry']}", markup=False)
    rejected = [(place, one) for place, one in enumerate(receipts, 1) if one["outcome"] == "rejected"]
    for place, one in rejected[:FIRST_ERRORS]:
        for error in one["errors"]:
            where = f"event {place}{error['pointer'] and ' at ' + error['pointer']}"
            console.print(f"  {where}: {error['code']}. {error['remedy']}", markup=False, soft_wrap=True)
