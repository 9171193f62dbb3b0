"""What an import of notices answers: an outcome for each, codes and places, never what was in the file."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from services.ingest.domain.events.submission import Objection
from services.ingest.domain.lists.findings import Advice, Finding
from services.ingest.domain.notices import ADVICE, Notice, Notices
from services.ingest.domain.notices.plan import Plan, Step
from services.ingest.domain.notices.rows import column_of
from services.ingest.door import Answer
from shared.events.members import ContractEnded
from shared.events.vocabulary import Outcome

MOST_NAMED = 100
"""So many places are named under one warning."""
UNTOLD = Advice("", "")
NO_SLUG = "An id of a member has at most 40 small letters, digits and hyphens, such as oslo; the operator knows it."
MEMBERS = ("end_users", "parent_member")
"""The columns that hold ids of members."""
TO_DO = {
    "buyer_not_compared": Advice(
        "you have no organisation number here, so the buyer of the notice was not compared with you",
        "The operator adds it to your entry: engage member add ... --organisation-number NUMBER.",
    ),
}
"""Warnings about which something can be done."""


@dataclass(frozen=True, slots=True)
class NoticeFinding(Finding):
    """What is wrong with one notice, with its place in the file and what to say of it."""

    place: str = ""
    told: Advice = UNTOLD

    @property
    def advice(self) -> Advice:
        return self.told


@dataclass(slots=True)
class NoticeReport:
    """What an import of notices did, or would do: an outcome and its errors by notice, in the order of the file.

    `contracts` holds the ids of contracts by their references; of a dry run those that are known already.
    """

    list_name: str
    notices: Notices
    made: Plan = field(default_factory=Plan)
    outcomes: dict[int, Outcome] = field(default_factory=dict)
    errors: list[NoticeFinding] = field(default_factory=list)
    registered: int = 0
    ended: int = 0
    contracts: dict[str, UUID] = field(default_factory=dict)


def note(report: NoticeReport, place: int, step: Step, answer: Answer) -> None:
    """Keep the outcome of one statement: a notice is rejected with any of its statements, accepted with any new one."""
    if answer.outcome is Outcome.REJECTED:
        report.outcomes[place] = Outcome.REJECTED
        report.errors += [objection_error(step, objection, report.notices.format) for objection in answer.objections]
        return
    if answer.outcome is Outcome.ACCEPTED:
        is_end = step.type == ContractEnded.type
        report.ended, report.registered = report.ended + is_end, report.registered + (not is_end)
        if report.outcomes[place] is Outcome.DUPLICATE:
            report.outcomes[place] = Outcome.ACCEPTED


def problem_error(notice: Notice) -> NoticeFinding:
    """A notice that could not be read: where, why and how to mend it."""
    assert notice.problem is not None
    code, column = notice.problem.code, notice.problem.column
    return NoticeFinding(code, notice.row, column=column, place=notice.place, told=ADVICE[code])


def objection_error(step: Step, objection: Objection, kind: str) -> NoticeFinding:
    """What the door objects to: where in the notice, why and how to mend it."""
    pointer = objection.pointer
    column = column_of(pointer) if kind == "contract-rows" else pointer.removeprefix("/data").strip("/") or None
    remedy = NO_SLUG if column in MEMBERS and objection.code == "string_pattern_mismatch" else objection.remedy
    told = Advice(objection.code.replace("_", " "), remedy)
    return NoticeFinding(objection.code, step.notice.row, column=column, place=step.notice.place, told=told)


def of_error(one: NoticeFinding) -> dict[str, Any]:
    """What is wrong with one notice, as JSON."""
    place = {"row": one.row, "column": one.column, "place": one.place, "code": one.code}
    return place | {"detail": one.told.detail, "remedy": one.told.remedy}


def of_notices(report: NoticeReport) -> dict[str, Any]:
    """What an import of notices did, as JSON; of the same shape as that of a list."""
    outcomes = list(report.outcomes.values())
    return {
        "rows": len(outcomes),
        "accepted": outcomes.count(Outcome.ACCEPTED),
        "duplicate": outcomes.count(Outcome.DUPLICATE),
        "rejected": outcomes.count(Outcome.REJECTED),
        "errors": [of_error(one) for one in report.errors],
        "warnings": warnings_of(report),
        "list": report.list_name,
        "format": report.notices.format,
        "contracts_registered": report.registered,
        "contracts_ended": report.ended,
    }


def rows_of(report: NoticeReport) -> list[dict[str, Any]]:
    """The outcome of each notice, in the order of the file; of a rejected one with the first that is wrong."""
    wrong = {(one.row, one.place): of_error(one) for one in reversed(report.errors)}
    return [
        {"row": notice.row, "place": notice.place, "outcome": report.outcomes[place].value}
        | (wrong[notice.row, notice.place] if (notice.row, notice.place) in wrong else contract_of(report, notice))
        for place, notice in enumerate(report.notices.found)
    ]


def contract_of(report: NoticeReport, notice: Notice) -> dict[str, Any]:
    """Which contract a notice tells of, as far as it is known; of a rejected one nothing is said."""
    data = notice.contract or notice.end or {}
    contract = report.contracts.get(str(notice.reference))
    told = {"reference": notice.reference, "contract": contract and str(contract), "notice": data.get("notice")}
    return {name: value for name, value in told.items() if value is not None}


def warnings_of(report: NoticeReport) -> list[dict[str, Any]]:
    """What was left aside or should be looked at, by the places in the file."""
    told = {code: list(places) for code, places in report.made.warnings.items()}
    if report.notices.silent:
        told["no_contract_in_it"] = report.notices.silent
    if report.notices.ignored_columns:
        told["columns_ignored"] = list(report.notices.ignored_columns)
    return [
        {"code": code, "columns": places[:MOST_NAMED], "count": len(places)}
        | (TO_DO[code]._asdict() if code in TO_DO else {})
        for code, places in told.items()
    ]
