"""What `ingest` publishes: the registry, and what members sent, checked and resolved to known ids."""

from shared.events.ingest.dialogue import AskRecorded, CommitmentRecorded, ConsultationRecorded, EvidenceRecorded
from shared.events.ingest.disclosure import (
    DisclosureAccepted,
    DisclosureLinked,
    DisclosureRetired,
    NotDisclosed,
    UpstreamRequest,
)
from shared.events.ingest.registry import (
    ContractRecorded,
    GroupMember,
    MemberRegistered,
    SiteRegistered,
    SupplierRegistered,
    WorkingGroupEstablished,
)
from shared.events.ingest.report import FlagReported, Objection, SubmissionAnswered, TestimonyReceived

__all__ = [
    "AskRecorded",
    "CommitmentRecorded",
    "ConsultationRecorded",
    "ContractRecorded",
    "DisclosureAccepted",
    "DisclosureLinked",
    "DisclosureRetired",
    "EvidenceRecorded",
    "FlagReported",
    "GroupMember",
    "MemberRegistered",
    "NotDisclosed",
    "Objection",
    "SiteRegistered",
    "SubmissionAnswered",
    "SupplierRegistered",
    "TestimonyReceived",
    "UpstreamRequest",
    "WorkingGroupEstablished",
]
