"""What members' systems send to a door. Closed models: an unknown field or word is refused, and types are strict.

Read them from JSON with `decode_data`. From Python they take the exact types (an enum member, a date, a tuple).
"""

from shared.events.members.conditions import (
    AccountPublished,
    ConditionFollowedUp,
    ConditionScheduled,
    InformationRequestHandled,
    SelfReportReceived,
    StepAnswered,
)
from shared.events.members.contracts import (
    ContractEnded,
    ContractRegistered,
)
from shared.events.members.dialogue import (
    AskMade,
    AsksJoined,
    CommitmentAssessed,
    CommitmentMade,
    ConsultationHeld,
    EngagementConcluded,
    EscalationEffectObserved,
    EscalationTaken,
    EvidenceSubmitted,
    GroupEntry,
    MilestoneReported,
    OpeningDecided,
    PracticeDescribed,
    PracticeOfferedTo,
)
from shared.events.members.disclosures import (
    DisclosureRequested,
    DisclosureSubmitted,
)
from shared.events.members.door import (
    WORKER_SIDE,
    DoorData,
    SubmissionWithdrawn,
)
from shared.events.members.reports import (
    NEED_REASON,
    PUBLISHED,
    FlagFollowedUp,
    FlagRaised,
    ReplyGiven,
    TestimonySubmitted,
)

__all__ = [
    "NEED_REASON",
    "PUBLISHED",
    "WORKER_SIDE",
    "AccountPublished",
    "AskMade",
    "AsksJoined",
    "CommitmentAssessed",
    "CommitmentMade",
    "ConditionFollowedUp",
    "ConditionScheduled",
    "ConsultationHeld",
    "ContractEnded",
    "ContractRegistered",
    "DisclosureRequested",
    "DisclosureSubmitted",
    "DoorData",
    "EngagementConcluded",
    "EscalationEffectObserved",
    "EscalationTaken",
    "EvidenceSubmitted",
    "FlagFollowedUp",
    "FlagRaised",
    "GroupEntry",
    "InformationRequestHandled",
    "MilestoneReported",
    "OpeningDecided",
    "PracticeDescribed",
    "PracticeOfferedTo",
    "ReplyGiven",
    "SelfReportReceived",
    "StepAnswered",
    "SubmissionWithdrawn",
    "TestimonySubmitted",
]
