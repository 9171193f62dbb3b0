"""The words in which cases, remedies, retaliation and publication are told; open enumerations."""

from shared.events.words import OpenEnum

# Testimony and who is behind it


class TestimonyKind(OpenEnum):
    """What a sealed box holds. Protection is the same for each: it follows the source, not the kind."""

    GRIEVANCE = "grievance"
    FLAG = "flag"
    EVIDENCE = "evidence"
    REMEDY_REPORT = "remedy_report"
    OTHER = "other"


class Filer(OpenEnum):
    """Who speaks, by type only (the Accord's complaint log tells no more)."""

    WORKER = "worker"
    WORKERS = "group_of_workers"
    UNION = "union"
    PARTNER = "monitoring_partner"
    NGO = "civil_society"
    UNKNOWN = "unknown"
    OTHER = "other"


class ReleasedSource(OpenEnum):
    """The contributor of a released statement, by type only."""

    WORKER_SIDE = "worker_side"
    OTHER = "other"


class Party(OpenEnum):
    """Who did or said something in a case."""

    REPORTER = "reporter"
    HANDLER = "handler"
    CLOCK = "clock"
    OTHER = "other"


# The life of a case


class CaseState(OpenEnum):
    """The life of a case, after the complaint procedures of Fair Wear, the Accord and the FLA."""

    RECEIVED = "received"
    ACKNOWLEDGED = "acknowledged"
    GENUINENESS_CHECK = "genuineness_check"
    ADMISSIBILITY = "admissibility"
    SAFETY_ASSESSMENT = "safety_assessment"
    PROTECTION_PLAN = "protection_plan"
    PARTIES_INFORMED = "parties_informed"
    INVESTIGATING = "investigating"
    FINDING = "finding"
    MEDIATION = "mediation"
    APPEALED = "appealed"
    REMEDY_AGREED = "remedy_agreed"
    IMPLEMENTING = "implementing"
    VERIFICATION = "verification"
    RESOLVED = "resolved"
    RETALIATION_WATCH = "retaliation_watch"
    SUSPENDED_FOR_SAFETY = "suspended_for_safety"
    WITHDRAWN = "withdrawn"
    REFERRED = "referred"
    REOPENED = "reopened"
    CLOSED = "closed"
    OTHER = "other"


class CaseReason(OpenEnum):
    """Why a case moved. A case that is not processed, and each that is closed, has one of its own."""

    NEXT_STEP = "next_step"
    ADMISSIBLE = "admissible"
    GROUNDED = "grounded"
    PARTLY_GROUNDED = "partly_grounded"
    NOT_GROUNDED = "not_grounded"
    INCONCLUSIVE = "inconclusive"
    NOT_GENUINE = "not_genuine"
    NOT_ADMISSIBLE = "not_admissible"
    OUT_OF_SCOPE = "out_of_scope"
    ANOTHER_BODY_COMPETENT = "another_body_competent"
    CONSENT_WITHHELD = "consent_withheld"
    SAFETY = "safety"
    SAFETY_RESTORED = "safety_restored"
    COMPLAINANT_WITHDREW = "complainant_withdrew"
    COMPLAINANT_UNREACHABLE = "complainant_unreachable"
    APPEAL_LODGED = "appeal_lodged"
    APPEAL_UPHELD = "appeal_upheld"
    APPEAL_DISMISSED = "appeal_dismissed"
    REMEDY_VERIFIED = "remedy_verified"
    MEDIATED = "mediated"
    JOINED = "joined_to_another_case"
    NEW_INFORMATION = "new_information"
    OTHER = "other"


class Referral(OpenEnum):
    """To what kind of body a case is referred that is not processed here."""

    LABOUR_INSPECTORATE = "labour_inspectorate"
    COURT = "court"
    UNION = "union"
    OTHER_MECHANISM = "other_grievance_mechanism"
    OECD_CONTACT_POINT = "oecd_national_contact_point"
    CIVIL_SOCIETY = "civil_society"
    NONE_SAFE = "none_that_is_safe"
    OTHER = "other"


class SafetyLevel(OpenEnum):
    """How dangerous it is for the workers that a case becomes known, as a handler has assessed."""

    LOW = "low"
    ELEVATED = "elevated"
    HIGH = "high"
    OTHER = "other"


class Rung(OpenEnum):
    """The ladder of publication, in its order (Electronics Watch): who hears of a finding, and when."""

    WORKERS = "workers"
    EMPLOYER = "employer"
    BRAND = "brand"
    MEMBERS = "members"
    PUBLIC = "public"
    OTHER = "other"


class RungStep(OpenEnum):
    """What happened to a rung. Only the workers' side waives or reverses; a waiver never replaces consent."""

    REACHED = "reached"
    WAIVED = "waived"
    REVERSED = "reversed"
    OTHER = "other"


class LinkKind(OpenEnum):
    """How one case belongs to another."""

    REPRISAL = "reprisal"
    JOINED = "joined"
    OTHER = "other"


class Pressure(OpenEnum):
    """The answer to "are you under pressure to do this?", which is asked before a case is withdrawn."""

    NO = "no"
    YES = "yes"
    NOT_SAID = "not_said"
    OTHER = "other"


class CaseRefusal(OpenEnum):
    """Why something may not be done to a case, as it stands."""

    NOT_FROM_THIS_STATE = "not_from_this_state"
    NOT_THIS_REASON = "not_this_reason"
    REFERRAL_MISSING = "referral_missing"
    SAFETY_NOT_ASSESSED = "safety_not_assessed"
    PROTECTION_PLAN_MISSING = "protection_plan_missing"
    CONSENT_MISSING = "consent_missing"
    EARLIER_RUNG_OPEN = "earlier_rung_open"
    NOT_FOR_THIS_PARTY = "not_for_this_party"
    ITEM_UNKNOWN = "item_unknown"
    ITEM_INCOMPLETE = "item_incomplete"
    WORKERS_NOT_CONSULTED = "workers_not_consulted"
    PLAN_MISSING = "plan_missing"
    ITEM_OPEN = "item_open"
    SUPPLIER_WORD_ALONE = "supplier_word_alone"
    VERIFIER_IS_IMPLEMENTER = "verifier_is_implementer"
    PAYMENT_SHORT = "payment_short"
    PAID_LESS_THAN_BEFORE = "paid_less_than_before"
    CURRENCY_DIFFERS = "currency_differs"
    CONTACT_NOT_RECORDED = "contact_not_recorded"
    CHECK_UNKNOWN = "check_unknown"
    CHECK_OPEN = "check_open"
    RETALIATION_OPEN = "retaliation_open"
    TRUSTED_CONTACT_FIRST = "trusted_contact_first"
    OBJECTION_OPEN = "objection_open"
    PRESSURE_NOT_ASKED = "pressure_not_asked"
    UNDER_PRESSURE = "under_pressure"
    NOT_EXTENDABLE = "not_extendable"
    TOO_SOON = "too_soon"
    TOO_FEW = "too_few"
    LEGAL_HOLD = "legal_hold"
    COPY_NOT_OFFERED = "copy_not_offered"
    ERASED = "erased"
    NOT_TAKEN_IN = "not_taken_in"
    OTHER = "other"


# Deadlines


class DeadlineKind(OpenEnum):
    """What must be done by then."""

    ACKNOWLEDGE = "acknowledge"
    FEEDBACK = "feedback"
    STAGE = "stage"
    PLAN = "plan"
    REMEDY_ITEM = "remedy_item"
    RETALIATION_CHECK = "retaliation_check"
    RESPOND_TO_REPRISAL = "respond_to_reprisal"
    RETENTION = "retention"
    OTHER = "other"


class ExtensionReason(OpenEnum):
    """Why a deadline was extended; told to the reporter."""

    COMPLEX = "complex"
    AWAITING_WORKERS = "awaiting_workers"
    AWAITING_PARTY = "awaiting_party"
    SAFETY = "safety"
    OTHER = "other"


# Remedy


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
    DROPPED = "dropped"
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


class EvidenceSource(OpenEnum):
    """Whose word evidence of a remedy is, and who verifies it; the supplier's alone never does."""

    WORKERS = "workers"
    UNION = "union"
    PARTNER = "monitoring_partner"
    AUDITOR = "independent_auditor"
    AUTHORITY = "authority"
    SUPPLIER = "supplier"
    OTHER = "other"


# Retaliation


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


class RetaliationStep(OpenEnum):
    """What follows a sign of retaliation, in this order: the worker's trusted contact hears first."""

    TRUSTED_CONTACT_TOLD = "trusted_contact_told"
    ESCALATED = "escalated"
    ENDED = "ended"
    OTHER = "other"


# Erasure


class ErasureBasis(OpenEnum):
    """Why a case was erased."""

    REPORTER_ASKED = "reporter_asked"
    TWO_PERSONS = "two_persons"
    RETENTION_ENDED = "retention_ended"
    OTHER = "other"


class Erased(OpenEnum):
    """What was erased: who the reporter is, or all that the case says."""

    IDENTITY = "identity"
    CONTENT = "content"
    OTHER = "other"


# Mail


class MailKind(OpenEnum):
    """What a mail about restricted matter is for. Which case it is about stands behind its reference only."""

    TESTIMONY_RECEIVED = "testimony_received"
    REPORTER_WROTE = "reporter_wrote"
    DEADLINE_APPROACHING = "deadline_approaching"
    DEADLINE_MISSED = "deadline_missed"
    URGENT = "urgent"
    DECISION_AWAITED = "decision_awaited"
    OTHER = "other"
