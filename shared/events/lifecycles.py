"""The states and reasons through which flags, assessments, mail and dead letters move; open enumerations."""

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
