"""What the doors answer, as JSON: counts, codes and places, never what was sent."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from asyncpg import Record

from services.ingest.door import Answer
from shared.events.vocabulary import Outcome


def of_event(answer: Answer) -> dict[str, Any]:
    """What became of one event; of a rejected one also what a problem document (RFC 9457) says."""
    errors = [
        {"pointer": objection.pointer, "code": objection.code, "remedy": objection.remedy}
        for objection in answer.objections
    ]
    receipt = None if answer.receipt is None else str(answer.receipt)
    entry = None if answer.entry is None else str(answer.entry)
    told = {"id": answer.id, "receipt": receipt, "entry": entry, "outcome": answer.outcome.value, "errors": errors}
    if answer.outcome is not Outcome.REJECTED or not errors:
        return told
    problem = {"type": "about:blank", "title": HTTPStatus.UNPROCESSABLE_ENTITY.phrase, "status": 422}
    return told | problem | {"code": errors[0]["code"], "detail": errors[0]["remedy"]}


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
        "entry": None if row["entry"] is None else str(row["entry"]),
        "received": row["received_at"].isoformat(),
    }
