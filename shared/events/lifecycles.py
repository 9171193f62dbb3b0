"""The states, milestones and reasons through which flags, cases, remedies and engagements move; open enumerations."""

from shared.events.words import OpenEnum


class FlagState(OpenEnum):
    """The life of a risk flag."""

    RAISED = "raised"
    TRIAGED = "triaged"
    DISMISSED = "dismissed"
    CORROBORATING = "corroborating"
    CONFIRMED = "confirmed"
    ENGAGED = "engaged"
    MITIGATING = "mitigating"
    MITIGATED = "mitigated"
    VERIFIED = "verified"
    CLOSED = "closed"
    REOPENED = "reopened"
    OTHER = "other"


class FlagReason(OpenEnum):
    """Why a flag was dismissed, closed or reopened. The last two are given by the system, not by a person."""

    NOT_CREDIBLE = "not_credible"
    NOT_THIS_SITE = "not_this_site"
    OUT_OF_SCOPE = "out_of_scope"
    REMEDIED_BEFORE = "remedied_before"
    REMEDY_VERIFIED = "remedy_verified"
    NO_BUSINESS_LEFT = "no_business_left"
    NEW_EVIDENCE = "new_evidence"
    RECURRED = "recurred"
    NOT_EFFECTIVE = "not_effective"
    REPORT_WITHDRAWN = "report_withdrawn"
    MERGED = "merged"
    OTHER = "other"


class FlagClock(OpenEnum):
    """What is awaited of a flag: that somebody looks at it, and that the company answers."""

    TRIAGE = "triage"
    RESPONSE = "response"
    OTHER = "other"


class FollowUpRefusal(OpenEnum):
    """Why a flag did not take a step that a member reported.

    The verifier may be the implementer also where neither of them is named. A serious flag is dismissed with evidence.
    """

    NOT_FROM_THIS_STATE = "not_from_this_state"
    SUPPLIER_WORD_ALONE = "supplier_word_alone"
    VERIFIER_IS_IMPLEMENTER = "verifier_is_implementer"
    EVIDENCE_MISSING = "evidence_missing"
    OTHER = "other"


class CauseKind(OpenEnum):
    """What made an assessment change."""

    DISCLOSURE = "disclosure"
    FACTS = "facts"
    MODEL = "model"
    FLAG = "flag"
    STATEMENT = "statement"
    REGISTRY = "registry"
    CONTRACT = "contract"
    OTHER = "other"


class Reach(OpenEnum):
    """How a contract reaches what a flag is about, the surest first.

    A disclosure names the site for this contract; the flag is about the contract's supplier itself; the contract's
    supplier works at the site, by a disclosure that does not name the contract or by the flag.
    """

    DISCLOSED_FOR_CONTRACT = "disclosed_for_contract"
    SUPPLIER_OF_CONTRACT = "supplier_of_contract"
    SUPPLIER_AT_SITE = "supplier_at_site"
    OTHER = "other"


class IndicatorKind(OpenEnum):
    """The kind of list a site, its supplier or a mineral was matched with."""

    COUNTRY_GOOD = "country_good"
    ENTITY_LIST = "entity_list"
    MINERAL = "mineral"
    OTHER = "other"


class IndicatorEnd(OpenEnum):
    """Why an indicator no longer holds."""

    LIST_CHANGED = "list_changed"
    SITE_GONE = "site_gone"
    SITE_CORRECTED = "site_corrected"
    OTHER = "other"


class Finding(OpenEnum):
    """What the lists say of a category at a site; a missing fact is unknown, never an absence of risk."""

    INDICATED = "indicated"
    NOT_LISTED = "not_listed"
    UNKNOWN = "unknown"
    OTHER = "other"


class Exposure(OpenEnum):
    """Whether a contract reaches the site or supplier."""

    EXPOSED = "exposed"
    NO_LONGER_EXPOSED = "no_longer_exposed"
    OTHER = "other"


class TestimonyKind(OpenEnum):
    """What a sealed box holds."""

    GRIEVANCE = "grievance"
    FLAG = "flag"
    EVIDENCE = "evidence"
    REMEDY_REPORT = "remedy_report"
    OTHER = "other"


class ReleasedSource(OpenEnum):
    """The contributor of a released statement, by type only."""

    WORKER_SIDE = "worker_side"
    OTHER = "other"


class CaseState(OpenEnum):
    """The life of a case, after the complaint procedures of Fair Wear, the Accord and the FLA."""

    RECEIVED = "received"
    ACKNOWLEDGED = "acknowledged"
    GENUINENESS_CHECK = "genuineness_check"
    ADMISSIBILITY = "admissibility"
    SAFETY_ASSESSMENT = "safety_assessment"
    PARTIES_INFORMED = "parties_informed"
    INVESTIGATING = "investigating"
    FINDING = "finding"
    MEDIATION = "mediation"
    REMEDY_AGREED = "remedy_agreed"
    IMPLEMENTING = "implementing"
    VERIFICATION = "verification"
    RESOLVED = "resolved"
    RETALIATION_WATCH = "retaliation_watch"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    REFERRED = "referred"
    SUSPENDED_FOR_SAFETY = "suspended_for_safety"
    APPEALED = "appealed"
    REOPENED = "reopened"
    OTHER = "other"


class CaseReason(OpenEnum):
    """Why a case moved; "not processed" always has a reason."""

    NEXT_STEP = "next_step"
    ADMISSIBLE = "admissible"
    NOT_ADMISSIBLE = "not_admissible"
    GROUNDED = "grounded"
    PARTLY_GROUNDED = "partly_grounded"
    NOT_GROUNDED = "not_grounded"
    INCONCLUSIVE = "inconclusive"
    CONSENT_WITHHELD = "consent_withheld"
    SAFETY = "safety"
    COMPLAINANT_WITHDREW = "complainant_withdrew"
    REMEDY_VERIFIED = "remedy_verified"
    NEW_INFORMATION = "new_information"
    OTHER = "other"


class DeadlineKind(OpenEnum):
    """What must be done by then."""

    ACKNOWLEDGE = "acknowledge"
    FEEDBACK = "feedback"
    PLAN = "plan"
    REMEDY_ITEM = "remedy_item"
    RETALIATION_CHECK = "retaliation_check"
    OTHER = "other"


class ItemState(OpenEnum):
    """The life of one item of a remedy plan; a supplier's own evidence never verifies it."""

    PROPOSED = "proposed"
    CONSULTED = "consulted"
    AGREED = "agreed"
    IN_PROGRESS = "in_progress"
    EVIDENCE_SUBMITTED = "evidence_submitted"
    VERIFYING = "verifying"
    VERIFIED_EFFECTIVE = "verified_effective"
    VERIFIED_INEFFECTIVE = "verified_ineffective"
    DISPUTED = "disputed"
    REOPENED = "reopened"
    CLOSED = "closed"
    OTHER = "other"


class FindingGrade(OpenEnum):
    """The grades of an audit finding (RBA)."""

    PRIORITY = "priority"
    MAJOR = "major"
    MINOR = "minor"
    OTHER = "other"


class RemedyForm(OpenEnum):
    """The forms of remedy of UNGP 25."""

    APOLOGY = "apology"
    RESTITUTION = "restitution"
    REHABILITATION = "rehabilitation"
    COMPENSATION = "compensation"
    SANCTION = "sanction"
    NON_REPETITION = "guarantee_of_non_repetition"
    OTHER = "other"


class Bearer(OpenEnum):
    """Who does something, or pays for it."""

    SITE = "site"
    SUPPLIER = "supplier"
    BRAND = "brand"
    BUYER = "buyer"
    SHARED = "shared"
    OTHER = "other"


class RetaliationResult(OpenEnum):
    """The result of a check; "unreachable" counts as a warning."""

    NONE_SEEN = "none_seen"
    SUSPECTED = "suspected"
    CONFIRMED = "confirmed"
    UNREACHABLE = "unreachable"
    OTHER = "other"


class RetaliationForm(OpenEnum):
    """Forms of retaliation, after the list of Directive (EU) 2019/1937, Article 19."""

    DISMISSAL = "dismissal"
    DEMOTION = "demotion"
    TRANSFER = "transfer"
    PAY_CUT = "pay_cut"
    HOURS = "hours"
    BLACKLISTING = "blacklisting"
    THREATS = "threats"
    DISCIPLINE = "discipline"
    OTHER = "other"


class Milestone(OpenEnum):
    """Milestones of an engagement, after the practice of investor stewardship; M5 is ours."""

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


class RightsholderKind(OpenEnum):
    """Who was consulted, by type."""

    UNION = "union"
    WORKER_COMMITTEE = "worker_committee"
    CIVIL_SOCIETY = "civil_society"
    COMMUNITY = "community"
    OTHER = "other"


class MailKind(OpenEnum):
    """What a mail about restricted matter is for."""

    TESTIMONY_RECEIVED = "testimony_received"
    DEADLINE_APPROACHING = "deadline_approaching"
    DEADLINE_MISSED = "deadline_missed"
    OTHER = "other"


class DeliveryEnd(OpenEnum):
    """Why a mail was not delivered."""

    REFUSED = "refused"
    EXPIRED = "expired"
    NO_RECIPIENT = "no_recipient"
    NO_LONGER_NEEDED = "no_longer_needed"
    OTHER = "other"


class DeadLetterReason(OpenEnum):
    """Why a record could not be handled."""

    NOT_JSON = "not_json"
    DUPLICATE_KEY = "duplicate_key"
    HEADER_INVALID = "header_invalid"
    SCHEMA_INVALID = "schema_invalid"
    KEY_MISMATCH = "key_mismatch"
    TOO_LARGE = "too_large"
    HANDLER_FAILED = "handler_failed"
    SEQUENCE_CONFLICT = "sequence_conflict"
    OTHER = "other"
