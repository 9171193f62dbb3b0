"""The words that events use, with where they come from.

Inside, a word that this release does not know reads as OTHER, so that a newer publisher never breaks an older
consumer. At a door it is refused (`Known`), and so is "other" itself: a coding must be one of the list.
"""

from shared.events.words import Known as Known  # noqa: PLC0414 - a door's models need both
from shared.events.words import OpenEnum

# ILO Declaration on Fundamental Principles and Rights at Work (1998, amended 2022)


class Category(OpenEnum):
    """The five categories of the ILO declaration."""

    FREEDOM_OF_ASSOCIATION = "freedom_of_association"
    FORCED_LABOUR = "forced_labour"
    CHILD_LABOUR = "child_labour"
    DISCRIMINATION = "discrimination"
    SAFETY_AND_HEALTH = "safety_and_health"
    OTHER = "other"


class Instrument(OpenEnum):
    """The eleven fundamental instruments: ten conventions (C) and the protocol of 2014 (P029)."""

    C087 = "C087"
    C098 = "C098"
    C029 = "C029"
    P029 = "P029"
    C105 = "C105"
    C138 = "C138"
    C182 = "C182"
    C100 = "C100"
    C111 = "C111"
    C155 = "C155"
    C187 = "C187"
    OTHER = "other"


CATEGORY_OF_INSTRUMENT = {
    Instrument.C087: Category.FREEDOM_OF_ASSOCIATION,
    Instrument.C098: Category.FREEDOM_OF_ASSOCIATION,
    Instrument.C029: Category.FORCED_LABOUR,
    Instrument.P029: Category.FORCED_LABOUR,
    Instrument.C105: Category.FORCED_LABOUR,
    Instrument.C138: Category.CHILD_LABOUR,
    Instrument.C182: Category.CHILD_LABOUR,
    Instrument.C100: Category.DISCRIMINATION,
    Instrument.C111: Category.DISCRIMINATION,
    Instrument.C155: Category.SAFETY_AND_HEALTH,
    Instrument.C187: Category.SAFETY_AND_HEALTH,
}


class ForcedLabourIndicator(OpenEnum):
    """The eleven indicators of forced labour of the ILO."""

    ABUSE_OF_VULNERABILITY = "abuse_of_vulnerability"
    DECEPTION = "deception"
    RESTRICTION_OF_MOVEMENT = "restriction_of_movement"
    ISOLATION = "isolation"
    PHYSICAL_AND_SEXUAL_VIOLENCE = "physical_and_sexual_violence"
    INTIMIDATION_AND_THREATS = "intimidation_and_threats"
    RETENTION_OF_IDENTITY_DOCUMENTS = "retention_of_identity_documents"
    WITHHOLDING_OF_WAGES = "withholding_of_wages"
    DEBT_BONDAGE = "debt_bondage"
    ABUSIVE_WORKING_AND_LIVING_CONDITIONS = "abusive_working_and_living_conditions"
    EXCESSIVE_OVERTIME = "excessive_overtime"
    OTHER = "other"


# Members, suppliers and sites


class MemberKind(OpenEnum):
    """A public buyer, the secretariat, or a monitoring partner."""

    BUYER = "buyer"
    SECRETARIAT = "secretariat"
    PARTNER = "partner"
    OTHER = "other"


class KeyPurpose(OpenEnum):
    """What the holder of a key may do for its member."""

    PUBLISH = "publish"
    READ = "read"
    IMPORT = "import"
    OTHER = "other"


class GroupRole(OpenEnum):
    """The part of a member in a working group, as investor coalitions name it (Climate Action 100+)."""

    LEAD = "lead"
    COLLABORATING = "collaborating"
    SUPPORTING = "supporting"
    OTHER = "other"


class ContractLevel(OpenEnum):
    """Most public buyers buy through consortia: framework, call-off, end user.

    A single contract stands under no framework; unknown is the level of a notice that does not tell it.
    """

    FRAMEWORK = "framework"
    CALL_OFF = "call_off"
    END_USER = "end_user"
    SINGLE = "single"
    UNKNOWN = "unknown"
    OTHER = "other"


class ContractEnd(OpenEnum):
    """Why a contract no longer binds. What was announced is replaced by what is awarded under another reference."""

    EXPIRED = "expired"
    TERMINATED = "terminated"
    NOT_AWARDED = "not_awarded"
    REPLACED = "replaced"
    SENT_BY_MISTAKE = "sent_by_mistake"
    OTHER = "other"


class Tier(OpenEnum):
    """What a site does for the product."""

    FINAL_ASSEMBLY = "final_assembly"
    COMPONENT = "component"
    MATERIAL = "material"
    SMELTER = "smelter"
    MINE = "mine"
    LOGISTICS = "logistics"
    UNKNOWN = "unknown"
    OTHER = "other"


class Representation(OpenEnum):
    """How workers are represented; only an independent union can lower a risk."""

    INDEPENDENT = "independent"
    STATE_OR_MANAGEMENT_CONTROLLED = "state_or_management_controlled"
    NONE = "none"
    UNKNOWN = "unknown"
    OTHER = "other"


class SiteStatus(OpenEnum):
    """Whether a site works, as Open Supply Hub records it."""

    OPEN = "open"
    CLOSED = "closed"
    OTHER = "other"


# Disclosure (CMRT, EMRT, IPC-1755; Electronics Watch contract conditions)


class DisclosureScope(OpenEnum):
    """The declaration scope of the CMRT: the company, a product, or as the sender defines it."""

    COMPANY = "company"
    PRODUCT = "product"
    USER_DEFINED = "user_defined"
    OTHER = "other"


class Obtained(OpenEnum):
    """How the sender came to know the link of supplier and site."""

    SUPPLIER_STATEMENT = "supplier_statement"
    PUBLIC_LIST = "public_list"
    MONITORING_PARTNER = "monitoring_partner"
    OTHER = "other"


class Mineral(OpenEnum):
    """Minerals of the CMRT (tin, tantalum, tungsten, gold) and the EMRT (cobalt, mica)."""

    TIN = "tin"
    TANTALUM = "tantalum"
    TUNGSTEN = "tungsten"
    GOLD = "gold"
    COBALT = "cobalt"
    MICA = "mica"
    OTHER = "other"


class Answer(OpenEnum):
    """What a supplier did with a formal request."""

    NO_ANSWER = "no_answer"
    REFUSED = "refused"
    PARTIAL = "partial"
    PROMISED = "promised"
    OTHER = "other"


class NotDisclosedReason(OpenEnum):
    """Why a site is not named."""

    SUPPLIER_DOES_NOT_KNOW = "supplier_does_not_know"
    SUPPLIER_REFUSES = "supplier_refuses"
    CONFIDENTIALITY_CLAIMED = "confidentiality_claimed"
    NOT_YET_ANSWERED = "not_yet_answered"
    OTHER = "other"


class Retirement(OpenEnum):
    """Why a disclosure no longer holds."""

    NOT_IN_NEWER_EDITION = "not_in_newer_edition"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"
    NO_LONGER_LINKED = "no_longer_linked"
    OTHER = "other"


class WithdrawalReason(OpenEnum):
    """Why a sender takes back what it sent."""

    SENT_BY_MISTAKE = "sent_by_mistake"
    NO_LONGER_TRUE = "no_longer_true"
    OTHER = "other"


class DecidedBy(OpenEnum):
    """Who found that two names are one company or site, or are not: the rules alone, or a person."""

    RULES = "rules"
    PERSON = "person"
    OTHER = "other"


class ReplySpeaker(OpenEnum):
    """Who replies to what was reported of it."""

    SUPPLIER = "supplier"
    SITE = "site"
    OTHER = "other"


class ReplyStance(OpenEnum):
    """What a reply says, coded: a free text could name the people concerned."""

    ACCEPTS = "accepts"
    DISPUTES = "disputes"
    REMEDYING = "remedying"
    REMEDIED = "remedied"
    NO_BUSINESS_HERE = "no_business_here"
    OTHER = "other"


class Outcome(OpenEnum):
    """What a door answers to one event, as EPCIS 2.0 services do."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"
    OTHER = "other"


# Flags (UN Guiding Principles 14, 19, 24; OECD due diligence guidance)


class SourceClass(OpenEnum):
    """Who says it. Worker, union and monitoring partner are worker-side: their word is restricted and sealed."""

    WORKER = "worker"
    UNION = "union"
    MONITORING_PARTNER = "monitoring_partner"
    MEDIA = "media"
    AUDIT = "audit"
    SUPPLIER = "supplier"
    PUBLIC = "public"
    OTHER = "other"


class Actuality(OpenEnum):
    """UNGP 17: an impact that has happened, or that may."""

    ACTUAL = "actual"
    POTENTIAL = "potential"
    OTHER = "other"


class Relation(OpenEnum):
    """UNGP 19: how the company is involved in the impact."""

    CAUSED = "caused"
    CONTRIBUTED = "contributed"
    DIRECTLY_LINKED = "directly_linked"
    UNKNOWN = "unknown"
    OTHER = "other"


class Confidence(OpenEnum):
    """How well a statement is supported."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    OTHER = "other"


class WorkersBand(OpenEnum):
    """How many workers are affected; a number below ten is never given."""

    BELOW_10_OR_UNKNOWN = "below_10_or_unknown"
    FROM_10 = "10-99"
    FROM_100 = "100-999"
    FROM_1000 = "1000-9999"
    FROM_10000 = "10000+"
    OTHER = "other"


class VulnerableGroup(OpenEnum):
    """Groups at a heightened risk (UNGP 18 commentary)."""

    MIGRANTS = "migrants"
    STUDENTS = "students"
    AGENCY_WORKERS = "agency_workers"
    YOUNG_WORKERS = "young_workers"
    WOMEN = "women"
    MINORITIES = "minorities"
    OTHER = "other"


class DueDiligenceStep(OpenEnum):
    """The six steps of the OECD guidance for responsible business conduct."""

    EMBED = "embed"
    IDENTIFY = "identify"
    MITIGATE = "mitigate"
    TRACK = "track"
    COMMUNICATE = "communicate"
    REMEDIATE = "remediate"
    OTHER = "other"
