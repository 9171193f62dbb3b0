"""What an import answers, as JSON: counts, codes and places, never what was in the file."""

from typing import Any
from uuid import UUID

from services.ingest.domain.lists.editions import Change, Listed
from services.ingest.domain.lists.findings import FileInvalid, Finding
from services.ingest.domain.lists.mapping import options
from services.ingest.imports.lists import Report
from shared.events.vocabulary import Outcome
from shared.http import Fault, Problem

ERRORS_SHOWN = 1000
"""Faults of a refused file that are told one by one."""

UNREGISTERED = {
    "detail": "you have registered no contract with this reference; the disclosures wait for it",
    "remedy": "Check the reference, or register the contract: engage import contracts.csv.",
}
"""What is said of rows that belong to a contract which nobody has registered yet."""


class FileFault(Fault):
    """A fault of a file, with its place as a person looks for it."""

    row: int | None = None
    line: int | None = None
    column: str | None = None
    detail: str


def of_import(report: Report) -> dict[str, Any]:
    """What an import did, or would do; the totals say what holds at the end, each of `editions` what it changed.

    `sites_known` counts the rows that name a site which was known before the file.
    """
    accepted = sum(len(change.accepted) for change in report.changes)
    rejected = len(report.file.rejected)
    resolved = report.resolved
    new_sites = {resolved.sites[key].id for key in resolved.new_sites}
    return {
        "rows": report.file.rows,
        "accepted": accepted,
        "duplicate": report.file.rows - accepted - rejected,
        "rejected": rejected,
        "errors": [of_finding(finding) for finding in report.file.rejected],
        "warnings": warnings_of(report),
        "list": report.list_name,
        "format": report.file.format.name,
        "editions": [of_change(change) for change in report.changes],
        "suppliers_new": len({resolved.suppliers[key].id for key in resolved.new_suppliers}),
        "sites_new": len(new_sites),
        "sites_known": sum(resolved.sites[key].id not in new_sites for key in sites_named(report)),
        "sites_gone": report.gone,
        "kept_because_of_errors": report.changes[-1].kept if report.changes else 0,
        "contract_changed": report.moved,
    }


def sites_named(report: Report) -> list[bytes]:
    """The keys of the sites that rows name, one for each row."""
    return [report.keys[one.row][1] for one in report.file.entries if one.has_site]


def of_change(change: Change) -> dict[str, Any]:
    """What one edition changed."""
    return {
        "edition": change.edition,
        "accepted": len(change.accepted),
        "duplicate": len(change.duplicates),
        "sites_gone": len(change.gone),
        "kept_because_of_errors": change.kept,
    }


def warnings_of(report: Report) -> list[dict[str, Any]]:
    """What was left aside or guessed; unknown columns by their letter, for their names are the sender's."""
    file, book, layout = report.file, report.file.book, report.file.layout
    found: list[tuple[str, list[str]]] = []
    if book.encoding_guessed:
        found.append(("encoding_guessed", [str(book.encoding)]))
    if layout.remembered:
        found.append(("mapping_remembered", options(layout.places)))
    if layout.ignored:
        found.append(("columns_ignored", list(layout.ignored)))
    if book.hidden:
        found.append(("hidden_sheets_ignored", [str(book.hidden)]))
    if report.edition_ignored:
        found.append(("edition_ignored", [str(file.format.edition_column)]))
    told: list[dict[str, Any]] = [{"code": code, "columns": columns} for code, columns in found]
    if report.unregistered:
        told.append({"code": "contract_unknown", "columns": ["contract"], "count": report.unregistered} | UNREGISTERED)
    return told


def rows_of(report: Report) -> list[dict[str, Any]]:
    """What became of every row, in the order of the file."""
    rows = [of_row(report, one.listed, Outcome.ACCEPTED) for change in report.changes for one in change.accepted]
    rows += [of_row(report, one, Outcome.DUPLICATE) for change in report.changes for one in change.duplicates]
    rejected = [{"outcome": Outcome.REJECTED.value} | of_finding(one) for one in report.file.rejected]
    return sorted([*rows, *rejected], key=lambda row: int(row["row"]))


def of_row(report: Report, listed: Listed, outcome: Outcome) -> dict[str, Any]:
    """A row that was taken: to which supplier and site it was matched, whether they are new, and why.

    `why` holds the reasons for which a name was taken as a further one of a known entry, `review` those for which a
    person is asked whether a new entry is one that is known. A dry run gives what is new no id: it will have another.
    """
    supplier, site = report.keys[listed.entry.row]
    resolved = report.resolved
    told: dict[str, Any] = {"row": listed.entry.row, "outcome": outcome.value, "edition": listed.entry.edition}
    told |= entry(report, "supplier", listed.supplier, supplier in resolved.new_suppliers)
    if listed.site is not None:
        told |= entry(report, "site", listed.site, site in resolved.new_sites)
    key = supplier if listed.site is None else site
    return told | {"why": list(resolved.reasons.get(key, ())), "review": list(resolved.doubtful.get(key, ()))}


def entry(report: Report, kind: str, found: UUID, is_new: bool) -> dict[str, Any]:
    """An entry of the registry, as far as it is kept."""
    told = {} if is_new and report.dry_run else {kind: str(found)}
    return told | {f"{kind}_new": is_new}


def of_finding(finding: Finding) -> dict[str, Any]:
    """A row that was rejected: where, why and how to mend it."""
    place = {"row": finding.row, "column": finding.column, "code": finding.code}
    line = {} if finding.line is None else {"line": finding.line}
    return place | finding.advice._asdict() | line


def file_invalid(error: FileInvalid) -> Problem:
    """The answer to a file of which nothing can be taken."""
    faults = [fault_of(finding) for finding in error.findings[:ERRORS_SHOWN]]
    first = error.findings[0]
    places = (("row", first.row), ("column", first.column))
    place = ", ".join(f"{name} {value}" for name, value in places if value is not None) or "the file"
    return Problem(422, "file_invalid", f"{place}: {first.advice.detail}. Nothing was imported.", faults)


def fault_of(finding: Finding) -> FileFault:
    steps = [str(step) for step in (finding.row, finding.column) if step is not None]
    return FileFault(
        pointer="".join(f"/{step}" for step in steps),
        code=finding.code,
        remedy=finding.advice.remedy,
        detail=finding.advice.detail,
        row=finding.row,
        line=finding.line,
        column=finding.column,
    )
