"""Whether two descriptions denote one supplier, or one site: a likeness between 0 and 1 with its reasons.

A wrong merge accuses the wrong factory: precision comes before recall. The rules speak of kinds of words, never of a
particular company.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from services.ingest.domain.identity.addresses import compare_addresses
from services.ingest.domain.identity.blocking import blocking_tokens
from services.ingest.domain.identity.description import Description, describe
from services.ingest.domain.identity.name_comparison import compare_names

__all__ = [
    "Description",
    "Likeness",
    "Verdict",
    "blocking_tokens",
    "compare_sites",
    "compare_suppliers",
    "describe",
    "verdict",
]


class Verdict(StrEnum):
    """What follows from a likeness: one entry, one for a person to look at, or another entry."""

    SAME = "same"
    REVIEW = "review"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Likeness:
    """How like two descriptions are, from 0 to 1, and the codes of what spoke for and against it."""

    score: float
    reasons: tuple[str, ...]


COMPANY_IDS = ("lei", "smelter_id", "os_id", "rba_id")
SITE_IDS = ("os_id", "rba_id", "smelter_id")
"""Ids of which one denotes one site. An LEI denotes a company, which may have many sites (ISO 17442)."""
SUPPORTING_IDS = ("duns", "organisation_number")
"""Ids whose check digits are not known everywhere: they count only beside a name that is alike."""
DOUBT = 0.8
"""The most that a likeness amounts to where an id or the country speaks against it: a person decides."""
UNIT = 0.98
ALIKE = 0.5
RENAMED = 0.6
"""Another name at the same address: as a rule a neighbour, seldom a new name."""


def compare_suppliers(left: Description, right: Description) -> Likeness:
    """How likely both are one company. Symmetric; the same description is 1.

    The same LEI (or another id that only one company has) means one company, two LEIs two, whatever the names.
    """
    if differ(left, right, "lei"):
        return Likeness(0.0, ("other_lei",))
    if reason := same_id(left, right, COMPANY_IDS):
        return Likeness(1.0, (reason,))
    score, reasons = max(best_name(left, right), whole_company(left, right), key=lambda found: found[0])
    if score < 1 and left.country and right.country and left.country != right.country:
        score, reasons = min(score, DOUBT), (*reasons, "other_country")
    return supported(left, right, score, reasons)


def compare_sites(left: Description, right: Description) -> Likeness:
    """How likely both are one facility of one company at one place. Symmetric.

    Name, address and country count together: another company at the same address is another site, and so is the same
    company at another address. Without an address nothing is the same site; where it names a region only, the name must
    be the same.
    """
    if differ(left, right, "lei"):
        return Likeness(0.0, ("other_lei",))
    if reason := same_id(left, right, SITE_IDS):
        return Likeness(1.0, (reason,))
    if left.country and right.country and left.country != right.country:
        return Likeness(0.0, ("other_country",))
    by_name, why_name = best_name(left, right)
    if by_name < ALIKE:
        return other_company(left, right, by_name, why_name)
    by_address, why_address = compare_addresses(left.address, right.address)
    score = eased(by_name) * by_address
    if any(differ(left, right, field) for field in SITE_IDS):
        return Likeness(min(score, DOUBT), (*why_name, *why_address, "other_id"))
    return supported(left, right, score, (*why_name, *why_address))


def other_company(left: Description, right: Description, by_name: float, reasons: tuple[str, ...]) -> Likeness:
    """Another name: another site, but at exactly the same number and street perhaps one that was renamed or sold."""
    one, other = left.address, right.address
    if one.all_words == other.all_words and one.numbers and one.precise:
        return Likeness(RENAMED, (*reasons, "same_address"))
    return Likeness(by_name / 2, reasons)


def eased(by_name: float) -> float:
    """A name's likeness beside an address: what is missing from an alike name counts half."""
    return (1 + by_name) / 2 if by_name >= DOUBT else by_name


def best_name(left: Description, right: Description) -> tuple[float, tuple[str, ...]]:
    """The likeness of the two names, or of a name and one in another script, whichever is greater."""
    best = compare_names(left.name, right.name)
    for one, other in ((left.native, right.native), (left.native, right.name), (left.name, right.native)):
        if best[0] < 1 and one and other:
            best = max(best, compare_names(one, other), key=lambda found: found[0])
    return best


def whole_company(left: Description, right: Description) -> tuple[float, tuple[str, ...]]:
    """The likeness of the companies that two names are parts of: units of one company are one supplier."""
    if left.company is None and right.company is None:
        return 0.0, ()
    score, reasons = compare_names(left.company or left.name, right.company or right.name)
    return score * UNIT, (*reasons, "unit_of_company")


def same_id(left: Description, right: Description, fields: Iterable[str]) -> str | None:
    """The reason `same_...` of the first id that both have."""
    for field in fields:
        if field in left.identifiers and left.identifiers[field] == right.identifiers.get(field):
            return f"same_{field}"
    return None


def differ(left: Description, right: Description, field: str) -> bool:
    """Whether both have an id of the scheme, and not the same."""
    mine, other = left.identifiers.get(field), right.identifiers.get(field)
    return mine is not None and other is not None and mine != other


def supported(left: Description, right: Description, score: float, reasons: tuple[str, ...]) -> Likeness:
    """The likeness with what national numbers and DUNS say: the same lifts an alike name, another casts doubt."""
    same_country = left.country == right.country
    for field in SUPPORTING_IDS:
        comparable = field == "duns" or same_country
        if comparable and differ(left, right, field):
            score, reasons = min(score, DOUBT), (*reasons, f"other_{field}")
        elif comparable and score >= ALIKE and (reason := same_id(left, right, (field,))):
            score, reasons = (1 + score) / 2, (*reasons, reason)
    return Likeness(score, reasons)


def verdict(score: float, same_from: float, review_from: float) -> Verdict:
    """SAME from `same_from` on, REVIEW from `review_from` on, else NEW."""
    if score >= same_from:
        return Verdict.SAME
    return Verdict.REVIEW if score >= review_from else Verdict.NEW
