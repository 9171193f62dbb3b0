"""How the events of `ingest` read in a thread: from coded fields, in plain words."""

from collections.abc import Mapping
from typing import Any

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
    ContractClosed,
    ContractRecorded,
    DialogueWithdrawn,
    DisclosureAccepted,
    DisclosureLinked,
    DisclosureRetired,
    DisclosureUnlinked,
    EscalationEffectRecorded,
    EscalationRecorded,
    EvidenceRecorded,
    FlagReported,
    FlagWithdrawn,
    FollowUpEntryWithdrawn,
    FollowUpRecorded,
    FollowUpWithdrawn,
    InformationRequestRecorded,
    MilestoneRecorded,
    OpeningRecorded,
    PracticeOffered,
    PracticeRecorded,
    PracticeWithdrawn,
    ReplyRecorded,
    ReplyWithdrawn,
    RequestAnswered,
    RequestOverdue,
    RequestRecorded,
    RequestWithdrawn,
    SelfReportRecorded,
    SiteAliased,
    SiteMerged,
    SiteRegistered,
    SiteSplit,
    SiteUnmerged,
    SupplierAliased,
    SupplierAnswered,
    SupplierMerged,
    SupplierRegistered,
    SupplierSplit,
    SupplierUnmerged,
)
from shared.thread import Phrase, count, spaced, told_by

SUPPLIER = "the supplier"


def party(data: Any) -> str:
    """Who reported an entry of a dialogue: a member in its part in the group, or the supplier itself."""
    return SUPPLIER if data.member is None else str(data.member)


def owner(data: ContractRecorded | ContractClosed) -> str:
    """The member whose contract it is."""
    return data.member


def contract_recorded(data: ContractRecorded) -> str:
    supplier = f" with {data.supplier_name}" if data.supplier_name else ", not awarded yet"
    term = f", from {data.starts}" if data.starts else ""
    return f"Contract {data.reference} recorded{supplier}{term}" + (f" until {data.ends}" if data.ends else "")


def disclosed(data: DisclosureAccepted) -> str:
    if data.site_name is None:
        return (
            f"{data.supplier_name} did not disclose: {spaced(data.not_disclosed.missing)}" if data.not_disclosed else ""
        )
    return f"Disclosed: {data.supplier_name} at {data.site_name} ({data.country}), {spaced(data.tier)}"


def requested(data: RequestRecorded) -> str:
    return f"{data.supplier_name} asked to disclose {spaced(data.wanted)} by {data.due}"


def reported(data: FlagReported) -> str:
    where = data.site_name or data.supplier_name
    return f"Risk reported at {where}: {spaced(data.category)}, by a {spaced(data.source_class)} source"


def followed_up(data: FollowUpRecorded) -> str:
    why = f" ({spaced(data.reason)})" if data.reason else ""
    return f"Step with the flag reported: {spaced(data.state)}{why}, decided on {data.decided_on}"


def opening(data: OpeningRecorded) -> str:
    return f"Decided to open an engagement on {spaced(data.category)}: {data.objective}"


def milestone(data: MilestoneRecorded) -> str:
    by = f", verified by a {spaced(data.verified_by)}" if data.verified_by else ""
    files = f", with {count(len(data.evidence), 'file')} of evidence" if data.evidence else ""
    return f"Milestone {data.milestone} reported, reached on {data.reached_on}{by}{files}"


def asked(data: AskRecorded) -> str:
    return f"Asked ({spaced(data.category)})" + (f", due {data.due}" if data.due else "") + f": {data.wording}"


def answered(data: SupplierAnswered) -> str:
    due = f", by {data.due}" if data.due else ""
    return f"Answered an ask by itself: {spaced(data.answer)}{due}" + (f": {data.wording}" if data.wording else "")


def committed(data: CommitmentRecorded) -> str:
    return "Commitment passed on" + (f", due {data.due}" if data.due else "") + f": {data.wording}"


def evidenced(data: EvidenceRecorded) -> str:
    of = "a commitment" if data.commitment else "an ask"
    return f"Evidence for {of} ({count(len(data.evidence), 'file')}), basis: {spaced(data.basis)}"


def assessed(data: AssessmentRecorded) -> str:
    of = "Commitment" if data.commitment else "Ask"
    return f"{of} found {spaced(data.found)} on {data.assessed_on}, basis: {spaced(data.basis)}"


def consulted(data: ConsultationRecorded) -> str:
    whom = data.organisation or "not named"
    first = f"; first for them: {', '.join(map(spaced, data.priorities))}" if data.priorities else ""
    changed = "; it changed the asks" if data.influence or data.asks else ""
    return f"Consulted a {spaced(data.rightsholders)} ({whom}) in {data.quarter}{first}{changed}"


def escalated(data: EscalationRecorded) -> str:
    cure = f", to cure until {data.cure_until}" if data.cure_until else ""
    return f"Step of the ladder taken on {data.taken_on}: {spaced(data.step)}{cure}"


def self_report(data: SelfReportRecorded) -> str:
    noes = count(sum(not answer.yes for answer in data.answers), "opening question")
    return f"Self-report received on {data.received_on}, {noes} answered with no"


def information_request(data: InformationRequestRecorded) -> str:
    until = f" until {data.until}" if data.until else ""
    return f"Information request {data.reference}: {spaced(data.state)} on {data.on}{until}"


PHRASES: Mapping[str, Phrase] = {
    SupplierRegistered.type: Phrase(lambda data: f"Supplier registered: {data.name}"),
    SupplierAliased.type: Phrase(lambda data: f"Supplier known by a further name: {data.name}"),
    SupplierMerged.type: Phrase(lambda data: f"Known from now on as supplier {data.into}"),
    SupplierUnmerged.type: Phrase(lambda _data: "Merge undone: the supplier stands for itself again"),
    SupplierSplit.type: Phrase(lambda data: f"The name {data.name} is another supplier's: {data.new}"),
    SiteRegistered.type: Phrase(lambda data: f"Site registered: {data.name} ({data.country})"),
    SiteAliased.type: Phrase(lambda data: f"Site known by a further name: {data.name}"),
    SiteMerged.type: Phrase(lambda data: f"Known from now on as site {data.into}"),
    SiteUnmerged.type: Phrase(lambda _data: "Merge undone: the site stands for itself again"),
    SiteSplit.type: Phrase(lambda data: f"The name {data.name} is another site's: {data.new}"),
    ContractRecorded.type: Phrase(contract_recorded, owner),
    ContractClosed.type: Phrase(lambda data: f"Contract ended on {data.ended_on}: {spaced(data.reason)}", owner),
    DisclosureAccepted.type: Phrase(disclosed, told_by),
    DisclosureLinked.type: Phrase(lambda _data: "Disclosure belongs to the contract"),
    DisclosureUnlinked.type: Phrase(lambda _data: "Disclosure no longer belongs to the contract"),
    DisclosureRetired.type: Phrase(lambda data: f"Disclosure no longer holds: {spaced(data.reason)}"),
    RequestRecorded.type: Phrase(requested, told_by),
    RequestAnswered.type: Phrase(lambda data: f"Disclosure came in{' late' if data.late else ''}"),
    RequestOverdue.type: Phrase(lambda data: f"Disclosure overdue since {data.due}"),
    RequestWithdrawn.type: Phrase(lambda _data: "Request for disclosure taken back"),
    FlagReported.type: Phrase(reported, told_by),
    FlagWithdrawn.type: Phrase(lambda data: f"Report taken back: {spaced(data.reason)}"),
    ReplyRecorded.type: Phrase(
        lambda data: f"Reply: {spaced(data.stance)}", lambda data: f"the {spaced(data.speaker)}"
    ),
    ReplyWithdrawn.type: Phrase(lambda _data: "Reply taken back"),
    FollowUpRecorded.type: Phrase(followed_up, told_by),
    FollowUpWithdrawn.type: Phrase(lambda _data: "Step with the flag taken back"),
    OpeningRecorded.type: Phrase(opening, party),
    MilestoneRecorded.type: Phrase(milestone, party),
    ConclusionRecorded.type: Phrase(
        lambda data: f"Decided to end it on {data.concluded_on}: {spaced(data.outcome)}", party
    ),
    AskRecorded.type: Phrase(asked, party),
    AsksJoinedRecorded.type: Phrase(lambda data: f"Found {len(data.asks) + 1} asks to be one need", party),
    CommitmentRecorded.type: Phrase(committed, party),
    EvidenceRecorded.type: Phrase(evidenced, party),
    AssessmentRecorded.type: Phrase(assessed, party),
    SupplierAnswered.type: Phrase(answered, party),
    ConsultationRecorded.type: Phrase(consulted, party),
    EscalationRecorded.type: Phrase(escalated, party),
    EscalationEffectRecorded.type: Phrase(lambda data: f"Effect of a step observed: {spaced(data.effect)}", party),
    DialogueWithdrawn.type: Phrase(lambda data: f"Entry taken back: {spaced(data.reason)}", party),
    PracticeRecorded.type: Phrase(lambda data: f"Good practice described: {data.title}", party),
    PracticeOffered.type: Phrase(
        lambda data: f"Good practice offered: {data.title}", lambda data: f"the group {data.offered_by}"
    ),
    PracticeWithdrawn.type: Phrase(lambda data: f"Good practice taken back: {spaced(data.reason)}"),
    ConditionRequested.type: Phrase(lambda data: f"Wanted by clause {data.clause}, due {data.due}", told_by),
    ConditionReported.type: Phrase(
        lambda data: f"Condition reported as {spaced(data.state)}, decided on {data.decided_on}", told_by
    ),
    SelfReportRecorded.type: Phrase(self_report, told_by),
    InformationRequestRecorded.type: Phrase(information_request, told_by),
    AccountRecorded.type: Phrase(lambda data: f"Account for {data.year} published on {data.published_on}", told_by),
    FollowUpEntryWithdrawn.type: Phrase(lambda data: f"Entry taken back: {spaced(data.reason)}", told_by),
}
"""By event type. Keys, members and working groups have no thread; of testimony nothing is ever shown."""
