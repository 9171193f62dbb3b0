"""What the doors answer, as JSON: counts, codes and places, never what was sent."""

from collections.abc import Sequence
from typing import Any

from asyncpg import Record

from services.ingest.domain.findings import ADVICE, FileInvalid, Finding
from services.ingest.door import Answer
from services.ingest.imports import Report
from shared.events.vocabulary import Outcome
from shared.http import Fault, Problem


class FileFault(Fault):
    """A fault of a file, with its place as a person looks for it."""

    file: str
    row: int | None = None
    line: int | None = None
    column: str | None = None
    detail: str


def of_event(answer: Answer) -> dict[str, Any]:
    """What became of one event."""
    errors = [
        {"pointer": objection.pointer, "code": objection.code, "remedy": objection.remedy}
        for objection in answer.objections
    ]
    receipt = None if answer.receipt is None else str(answer.receipt)
    return {"id": answer.id, "receipt": receipt, "outcome": answer.outcome.value, "errors": errors}


def status_of(answers: Sequence[Answer]) -> int:
    """202 when nothing is rejected, 422 when everything is, else 207."""
    rejected = sum(answer.outcome is Outcome.REJECTED for answer in answers)
    if rejected == 0:
        return 202
    return 422 if rejected == len(answers) else 207


def of_receipt(row: Record) -> dict[str, Any]:
    """A receipt, as its owner sees it; only what was accepted has one."""
    return {
        "receipt": str(row["id"]),
        "id": row["event_id"],
        "source": row["source"],
        "outcome": Outcome.ACCEPTED.value,
        "received": row["received_at"].isoformat(),
    }


def of_import(report: Report) -> dict[str, Any]:
    """What an import did, or would do; counts of rows, of suppliers and of sites."""
    accepted = sum(len(change.accepted) for change in report.changes)
    rejected = len(report.file.rejected)
    sites = report.resolved
    return {
        "rows": report.file.rows,
        "accepted": accepted,
        "duplicate": report.file.rows - accepted - rejected,
        "rejected": rejected,
        "errors": [of_finding(finding) for finding in report.file.rejected],
        "warnings": warnings_of(report),
        "list": report.list_name,
        "editions": [
            {
                "edition": change.edition,
                "accepted": len(change.accepted),
                "duplicate": change.duplicates,
                "sites_gone": len(change.gone),
                "kept_because_of_errors": change.kept,
            }
            for change in report.changes
        ],
        "suppliers_new": len(sites.new_suppliers),
        "sites_new": len(sites.new_sites),
        "sites_known": len(sites.sites) - len(sites.new_sites),
        "sites_gone": sum(len(change.gone) for change in report.changes),
        "kept_because_of_errors": sum(change.kept for change in report.changes),
    }


def warnings_of(report: Report) -> list[dict[str, Any]]:
    """What was left aside; unknown columns by their letter, for their names are the sender's."""
    warnings: list[dict[str, Any]] = []
    if report.file.ignored_columns:
        warnings.append({"code": "columns_ignored", "columns": list(report.file.ignored_columns)})
    if report.edition_ignored:
        warnings.append({"code": "edition_ignored", "columns": [report.file.format.edition_column]})
    return warnings


def of_finding(finding: Finding) -> dict[str, Any]:
    """A row that was rejected: where, why and how to mend it."""
    place = {"row": finding.row, "column": finding.column, "code": finding.code}
    line = {} if finding.line is None else {"line": finding.line}
    return place | finding.advice._asdict() | line


def file_invalid(filename: str, error: FileInvalid) -> Problem:
    """The answer to a file of which nothing can be taken."""
    faults = [fault_of(filename, finding) for finding in error.findings]
    first = error.findings[0]
    place = "".join(
        f", {name} {value}" for name, value in (("row", first.row), ("column", first.column)) if value is not None
    )
    return Problem(
        422, "file_invalid", f"{filename}{place}: {ADVICE[first.code].detail}. Nothing was imported.", faults
    )


def fault_of(filename: str, finding: Finding) -> FileFault:
    steps = [str(step) for step in (finding.row, finding.column) if step is not None]
    return FileFault(
        pointer="".join(f"/{step}" for step in steps),
        code=finding.code,
        remedy=finding.advice.remedy,
        detail=finding.advice.detail,
        file=filename,
        row=finding.row,
        line=finding.line,
        column=finding.column,
    )
