"""The words of engagements, asks and contract performance conditions; open enumerations.

Roles after Climate Action 100+, milestones after the practice of investor stewardship (EOS), conditions and
self-reports after DFØ, graduated enforcement after Electronics Watch.
"""

from shared.events.words import OpenEnum

# Working groups


class GroupCause(OpenEnum):
    """Why a working group was formed."""

    COMPLIANCE_CONCERN = "compliance_concern"
    GOOD_PRACTICE = "good_practice"
    OTHER = "other"


class GroupEnd(OpenEnum):
    """Why a working group was closed."""

    PURPOSE_ACHIEVED = "purpose_achieved"
    MERGED_INTO_ANOTHER = "merged_into_another"
    NO_MEMBERS_LEFT = "no_members_left"
    DISCONTINUED = "discontinued"
    OTHER = "other"


class Regime(OpenEnum):
    """A law that binds a member, as is set for each. The Transparency Act: Norway, Act of 18 June 2021 no. 99."""

    TRANSPARENCY_ACT = "transparency_act"
    OTHER = "other"


# Engagements


class EngagementState(OpenEnum):
    """Proposed by the system, opened by a person, or ended. A proposal that lapsed with its reasons leaves no state."""

    PROPOSED = "proposed"
    OPEN = "open"
    CLOSED = "closed"
    OTHER = "other"


class Milestone(OpenEnum):
    """Milestones of an engagement, after the practice of investor stewardship (EOS); M5 is ours."""

    M0_OBJECTIVE_SET = "M0"
    M1_CONCERN_RAISED = "M1"
    M2_ISSUE_ACKNOWLEDGED = "M2"
    M3_CREDIBLE_PLAN = "M3"
    M4_PLAN_IMPLEMENTED = "M4"
    M5_VERIFIED_BY_RIGHTSHOLDERS = "M5"
    OTHER = "other"


class EngagementOutcome(OpenEnum):
    """How an engagement ended."""

    ACHIEVED = "achieved"
    PARTLY_ACHIEVED = "partly_achieved"
    STALLED = "stalled"
    DISCONTINUED = "discontinued"
    OTHER = "other"


class ReasonKind(OpenEnum):
    """What gives reason for an engagement; never a case: testimony counts as the statement that a handler released."""

    FLAG = "flag"
    INDICATOR = "indicator"
    STATEMENT = "statement"
    OTHER = "other"


class CompanyContact(OpenEnum):
    """Whether a company may be approached on a released statement.

    Cleared: a case handler has assessed the safety of those concerned, planned their protection, and they agree to it.
    """

    CLEARED = "cleared"
    NOT_CLEARED = "not_cleared"
    OTHER = "other"


class RightsholderKind(OpenEnum):
    """Who was consulted, by type."""

    UNION = "union"
    WORKER_COMMITTEE = "worker_committee"
    CIVIL_SOCIETY = "civil_society"
    COMMUNITY = "community"
    OTHER = "other"


# Asks and commitments


class AskState(OpenEnum):
    """Where an ask stands. `joined`: the same need was asked before, and is answered there."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    COMMITTED = "committed"
    MET = "met"
    PARTLY_MET = "partly_met"
    MISSED = "missed"
    JOINED = "joined"
    WITHDRAWN = "withdrawn"
    OTHER = "other"


class CommitmentState(OpenEnum):
    """Where a commitment stands. The supplier's word and evidence submit it; a member's assessment settles it."""

    MADE = "made"
    EVIDENCE_SUBMITTED = "evidence_submitted"
    MET = "met"
    PARTLY_MET = "partly_met"
    MISSED = "missed"
    WITHDRAWN = "withdrawn"
    OTHER = "other"


class Assessment(OpenEnum):
    """What a member found of a commitment or an ask."""

    MET = "met"
    PARTLY_MET = "partly_met"
    MISSED = "missed"
    OTHER = "other"


class SupplierAnswer(OpenEnum):
    """What a supplier says to an ask by itself."""

    ACKNOWLEDGED = "acknowledged"
    COMMITTED = "committed"
    EVIDENCE_SENT = "evidence_sent"
    OTHER = "other"


# Escalation (Electronics Watch: informal, contract, sanction; the steps between are ours)


class EscalationStep(OpenEnum):
    """The steps of the ladder, the mildest first; its aim is performance, not exit."""

    INFORMAL = "informal"
    FORMAL_LETTER = "formal_letter"
    JOINT_LETTER = "joint_letter"
    CONTRACT_MEETING = "contract_meeting"
    NOTICE_WITH_CURE_PERIOD = "notice_with_cure_period"
    SANCTION = "sanction"
    TERMINATION = "termination"
    OTHER = "other"


class EscalationEffect(OpenEnum):
    """What a step of the ladder brought about."""

    NO_ANSWER = "no_answer"
    ANSWERED = "answered"
    COMMITTED = "committed"
    REMEDIED = "remedied"
    WORSENED = "worsened"
    OTHER = "other"


class EscalationCause(OpenEnum):
    """The rule by which the next step is proposed."""

    ASK_OVERDUE = "ask_overdue"
    COMMITMENT_MISSED = "commitment_missed"
    MILESTONE_STALLED = "milestone_stalled"
    CURE_PERIOD_OVER = "cure_period_over"
    NO_EFFECT = "no_effect"
    OTHER = "other"


# Contract performance conditions


class ConditionState(OpenEnum):
    """The life of one performance condition of a contract, for one day on which it is due."""

    DUE = "due"
    SUBMITTED = "submitted"
    VERIFIED = "verified"
    DEFICIENT = "deficient"
    CURE = "cure"
    BREACH = "breach"
    REMEDIED = "remedied"
    SANCTIONED = "sanctioned"
    OTHER = "other"


class RequestState(OpenEnum):
    """An information request under the Transparency Act (sections 6 and 7)."""

    RECEIVED = "received"
    EXTENDED = "extended"
    ANSWERED = "answered"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    OTHER = "other"


class RefusalGround(OpenEnum):
    """Why an information request is refused: Transparency Act section 6, letters a to d."""

    NO_BASIS_TO_IDENTIFY = "no_basis_to_identify"
    UNREASONABLE = "unreasonable"
    PERSONAL_MATTERS = "personal_matters"
    TRADE_SECRETS = "trade_secrets"
    OTHER = "other"


# What happens to an entry, and by the clock


class EntryRefusal(OpenEnum):
    """Why an entry changed nothing; each with what would be legal."""

    ENGAGEMENT_UNKNOWN = "engagement_unknown"
    ENGAGEMENT_NOT_OPEN = "engagement_not_open"
    ALREADY_OPEN = "already_open"
    ROLE_MAY_NOT = "role_may_not"
    STEP_SKIPPED = "step_skipped"
    SAME_STEP = "same_step"
    EVIDENCE_MISSING = "evidence_missing"
    REASON_MISSING = "reason_missing"
    DAY_TOO_EARLY = "day_too_early"
    SUPPLIER_WORD_ALONE = "supplier_word_alone"
    NOT_BY_RIGHTSHOLDERS = "not_by_rightsholders"
    NO_CONSULTATION = "no_consultation"
    TESTIMONY_NOT_CLEARED = "testimony_not_cleared"
    NOTHING_LEFT_TO_GO_ON = "nothing_left_to_go_on"
    TOO_MANY_ENTRIES = "too_many_entries"
    ASK_UNKNOWN = "ask_unknown"
    ASK_SETTLED = "ask_settled"
    COMMITMENT_UNKNOWN = "commitment_unknown"
    COMMITMENT_SETTLED = "commitment_settled"
    COMMITMENT_MISSING = "commitment_missing"
    COMMITMENT_OPEN = "commitment_open"
    ESCALATION_UNKNOWN = "escalation_unknown"
    CURE_PERIOD_MISSING = "cure_period_missing"
    CURE_PERIOD_RUNNING = "cure_period_running"
    OUTCOME_NOT_REACHED = "outcome_not_reached"
    RESTED_UPON = "rested_upon"
    CONTRACT_UNKNOWN = "contract_unknown"
    CONDITION_UNKNOWN = "condition_unknown"
    NOT_FROM_THIS_STATE = "not_from_this_state"
    MEMBER_NOT_BOUND = "member_not_bound"
    CLAUSE_UNKNOWN = "clause_unknown"
    CONTRACT_ENDED = "contract_ended"
    BEYOND_TWO_MONTHS = "beyond_two_months"
    TOLD_TOO_LATE = "told_too_late"
    REQUEST_UNKNOWN = "request_unknown"
    OTHER = "other"


class ObligationKind(OpenEnum):
    """What is due by a day; a stage is due when an engagement has stood at one milestone for too long."""

    ASK = "ask"
    COMMITMENT = "commitment"
    CURE_PERIOD = "cure_period"
    CONDITION = "condition"
    INFORMATION_REQUEST = "information_request"
    ANNUAL_ACCOUNT = "annual_account"
    STAGE = "stage"
    OTHER = "other"
