"""What members send to the dialogue of working groups and the follow-up of contracts, as it is told: the same facts.

`ingest` tells it so; `remedy` asks what it would come to before it is sent. Ids of suppliers and sites are those by
which the registry knows them now; contracts have the registry's ids.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from shared.events.ingest import (
    AccountRecorded,
    AskRecorded,
    AsksJoinedRecorded,
    AssessmentRecorded,
    CommitmentRecorded,
    ConclusionRecorded,
    ConditionReported,
    ConditionRequested,
    ConsultationRecorded,
    DialogueEntry,
    EscalationEffectRecorded,
    EscalationRecorded,
    EvidenceRecorded,
    FollowUpEntry,
    InformationRequestRecorded,
    MilestoneRecorded,
    OpeningRecorded,
    SelfReportRecorded,
)
from shared.events.ingest.conditions import account_of, request_of
from shared.events.members import (
    AccountPublished,
    AskMade,
    AsksJoined,
    CommitmentAssessed,
    CommitmentMade,
    ConditionFollowedUp,
    ConditionScheduled,
    ConsultationHeld,
    EngagementConcluded,
    EscalationEffectObserved,
    EscalationTaken,
    EvidenceSubmitted,
    GroupEntry,
    InformationRequestHandled,
    MilestoneReported,
    OpeningDecided,
    SelfReportReceived,
)
from shared.events.vocabulary import GroupRole

RECORDED: Mapping[type[GroupEntry], type[DialogueEntry]] = {
    OpeningDecided: OpeningRecorded,
    MilestoneReported: MilestoneRecorded,
    EngagementConcluded: ConclusionRecorded,
    AskMade: AskRecorded,
    AsksJoined: AsksJoinedRecorded,
    CommitmentMade: CommitmentRecorded,
    EvidenceSubmitted: EvidenceRecorded,
    CommitmentAssessed: AssessmentRecorded,
    ConsultationHeld: ConsultationRecorded,
    EscalationTaken: EscalationRecorded,
    EscalationEffectObserved: EscalationEffectRecorded,
}
"""What each entry of the dialogue is told as."""

WORDING: Mapping[type[GroupEntry], str] = {AskMade: "ask", CommitmentMade: "commitment"}
"""The field that has the words of an entry, where it is told as `wording`: its name is that of an id there."""

FollowUp = ConditionScheduled | ConditionFollowedUp | SelfReportReceived
"""What is about a condition of a contract."""


def dialogue_recorded(
    data: GroupEntry,
    entry: UUID,
    member: str,
    role: GroupRole,
    suppliers: Mapping[UUID, UUID],
    sites: Mapping[UUID, UUID],
) -> DialogueEntry:
    """What a member tells its working group, in its role; the mappings lead from ids to those of now, where others."""
    said = data.model_dump(exclude={"workinggroup"})
    if words := WORDING.get(type(data)):
        said["wording"] = said.pop(words)
    if "sites" in said:
        said["sites"] = tuple(dict.fromkeys(sites.get(site, site) for site in said["sites"]))
    said |= {"entry": entry, "member": member, "role": role, "supplier": suppliers.get(data.supplier, data.supplier)}
    return RECORDED[type(data)].model_validate(said)


def follow_up_recorded(data: FollowUp, entry: UUID, member: str, contract: UUID) -> FollowUpEntry:
    """What a member reports of a condition of a contract."""
    said = data.model_dump() | {"entry": entry, "member": member, "contract": contract}
    match data:
        case ConditionScheduled():
            return ConditionRequested.model_validate(said)
        case ConditionFollowedUp():
            return ConditionReported.model_validate(said)
        case SelfReportReceived():
            return SelfReportRecorded.model_validate(said)


def information_request_recorded(
    data: InformationRequestHandled, entry: UUID, member: str, contract: UUID | None
) -> InformationRequestRecorded:
    """What became of a request for information; the member's own reference names it."""
    said: dict[str, Any] = {"entry": entry, "member": member, "contract": contract}
    said["request"] = request_of(member, data.reference)
    return InformationRequestRecorded.model_validate(data.model_dump() | said)


def account_recorded(data: AccountPublished, entry: UUID, member: str) -> AccountRecorded:
    """A member's account of due diligence; there is one for a year, however often it is published."""
    said: dict[str, Any] = {"entry": entry, "member": member, "evidence": data.account.model_dump()}
    said["account"] = account_of(member, data.year)
    return AccountRecorded.model_validate(data.model_dump(include={"year", "published_on"}) | said)
