"""Working groups in the tests of ingest, and what their members say of engagements with an invented supplier."""

from typing import Any
from uuid import UUID, uuid4

from shared.events.ingest import (
    AskRecorded,
    AsksJoinedRecorded,
    AssessmentRecorded,
    CommitmentRecorded,
    ConclusionRecorded,
    ConsultationRecorded,
    DialogueEntry,
    EscalationEffectRecorded,
    EscalationRecorded,
    EvidenceRecorded,
    MilestoneRecorded,
    OpeningRecorded,
)
from tests.ingest.conftest import Doors
from tests.ingest.given import event

FOUNDING = {"cause": "compliance_concern", "reason": "Two audits found retained passports."}
SUPPLIER = "Example Electronics Ltd"
ENGAGEMENT = UUID("0f8fad5b-d9cb-4d9f-a165-70867728950e")
EVIDENCE = {"uri": "https://example.org/proof.pdf", "sha256": "0" * 64, "media_type": "application/pdf"}
ID, OTHER_ID = str(uuid4()), str(uuid4())

ENTRIES: dict[str, dict[str, Any]] = {
    "opening.decided.v1": {
        "objective": "Recruitment fees are paid back.",
        "category": "forced_labour",
        "reason": "Named in a report.",
        "decided_on": "2026-01-10",
    },
    "milestone.reported.v1": {"milestone": "M1", "reached_on": "2026-01-10", "evidence": [EVIDENCE]},
    "engagement.concluded.v1": {"outcome": "stalled", "concluded_on": "2026-01-10", "reason": "No answer."},
    "ask.made.v1": {"ask": "Name the sites.", "category": "forced_labour", "instruments": ["C029"]},
    "asks.joined.v1": {"into": ID, "asks": [OTHER_ID]},
    "commitment.made.v1": {"commitment": "We will.", "category": "forced_labour", "measure": "A list by June."},
    "evidence.submitted.v1": {"evidence": [EVIDENCE]},
    "commitment.assessed.v1": {"commitment": ID, "found": "met", "basis": "audit", "assessed_on": "2026-01-10"},
    "consultation.held.v1": {"rightsholders": "union", "quarter": "2026-Q1", "priorities": ["forced_labour"]},
    "escalation.taken.v1": {"step": "formal_letter", "taken_on": "2026-01-10", "reason": "The day has passed."},
    "escalation.effect-observed.v1": {"escalation": ID, "effect": "answered", "observed_on": "2026-01-10"},
}
"""The least that each type of entry says."""

TOLD_AS: dict[str, type[DialogueEntry]] = {
    "opening.decided.v1": OpeningRecorded,
    "milestone.reported.v1": MilestoneRecorded,
    "engagement.concluded.v1": ConclusionRecorded,
    "ask.made.v1": AskRecorded,
    "asks.joined.v1": AsksJoinedRecorded,
    "commitment.made.v1": CommitmentRecorded,
    "evidence.submitted.v1": EvidenceRecorded,
    "commitment.assessed.v1": AssessmentRecorded,
    "consultation.held.v1": ConsultationRecorded,
    "escalation.taken.v1": EscalationRecorded,
    "escalation.effect-observed.v1": EscalationEffectRecorded,
}


async def establish(doors: Doors, *members: str, slug: str = "group", **scope: Any) -> str:
    """Establish a working group of the secretariat `watch`; the id of its supplier. Members are SLUG or SLUG:ROLE."""
    order: dict[str, Any] = {"workinggroup": slug, "name": "Group", "purpose": "Purpose", "secretariat": "watch"}
    roles = [dict(zip(("member", "role"), one.split(":"), strict=False)) for one in members]
    order |= {"suppliers": [SUPPLIER], "founding": FOUNDING, "members": roles} | scope
    answer = await doors.operate("POST", "/workinggroups", order)
    return str(answer.json()["suppliers"][SUPPLIER])


async def close(doors: Doors, slug: str = "group", **order: Any) -> dict[str, Any]:
    """Close a working group; what ended."""
    answer: dict[str, Any] = (await doors.operate("POST", f"/workinggroups/{slug}/closure", order)).json()
    return answer


def entry(kind: str, supplier: str, **fields: Any) -> dict[str, Any]:
    """An entry of the dialogue of `group` with a supplier."""
    of = {"workinggroup": "group", "engagement": str(ENGAGEMENT), "supplier": supplier}
    return event(kind, ENTRIES[kind] | of | fields)
