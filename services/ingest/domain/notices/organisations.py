"""The organisations of an eForms notice: name, number and country, and nothing else of them.

Contacts (BT-502, BT-503, BT-506, BT-739), touch points by name and beneficial owners are not read.
"""

from dataclasses import dataclass
from xml.etree.ElementTree import Element

from services.ingest.domain.notices.notice import number
from services.ingest.domain.notices.ubl import EXTENSION, every, languages, text


@dataclass(frozen=True, slots=True)
class Organisation:
    """One organisation as a party to a contract. `is_person` where the notice says that it is a natural person."""

    name: str | None
    number: str | None
    country: str | None
    is_person: bool


def organisations_of(root: Element) -> dict[str, Organisation]:
    """The organisations by their technical ids (OPT-200), and by those of their touch points (OPT-201)."""
    found: dict[str, Organisation] = {}
    for one in every(root, f"{EXTENSION}/efac:Organizations/efac:Organization"):
        known = Organisation(
            languages(one, "efac:Company/cac:PartyName/cbc:Name"),
            number(text(one, "efac:Company/cac:PartyLegalEntity/cbc:CompanyID")),
            text(one, "efac:Company/cac:PostalAddress/cac:Country/cbc:IdentificationCode"),
            text(one, "efbc:NaturalPersonIndicator") == "true",
        )
        for part in (*every(one, "efac:Company"), *every(one, "efac:TouchPoint")):
            found.setdefault(referred(part), known)
    return found


def referred(party: Element) -> str:
    """The technical id by which a party is referred to, or an empty text."""
    return text(party, "cac:PartyIdentification/cbc:ID") or ""


def identifier(tenderer: Element) -> str:
    """The technical id of a tenderer (OPT-300), or an empty text."""
    return text(tenderer, "cbc:ID") or ""
