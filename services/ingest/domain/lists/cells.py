"""What one row says, read from its cells."""

import re
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from typing import Any

from pydantic_core import to_json

from services.ingest.domain.lists.columns import (
    ANSWERS,
    LONGEST_LABEL,
    LONGEST_NAME,
    MINERALS,
    REASONS,
    SCOPES,
    TIERS,
    Cells,
    country,
    day,
    label,
    required_text,
    site_facts,
    supplier_ids,
    text,
    word,
)
from services.ingest.domain.lists.findings import CellInvalid
from shared.events.ingest import NotDisclosed, UpstreamRequest
from shared.events.values import Identifiers, MineralDeclaration, Product, SiteFacts
from shared.events.vocabulary import Answer, DisclosureScope, Mineral, NotDisclosedReason, Tier

CONTINUED = re.compile(r"\s*\(continued\)$", re.IGNORECASE)
NOT_GIVEN = "NA"
"""How Apple's list, as compiled, writes an address that the source left out."""
UNIDENTIFIED = "smelter not yet identified"
UNLISTED = "smelter not listed"


@dataclass(frozen=True, slots=True)
class Entry:
    """What one row says: a supplier works at a site, or would not say where (`not_disclosed`).

    Without `supplier_name` the site's own name is the supplier's. Where nothing was disclosed there is no site: `name`
    is then the supplier's, and address and country are empty.
    """

    row: int
    edition: str
    name: str
    address: str
    country: str
    facts: SiteFacts
    supplier_name: str | None = None
    supplier_country: str | None = None
    supplier_identifiers: Identifiers | None = None
    contract: str | None = None
    scope: DisclosureScope = DisclosureScope.COMPANY
    effective: date | None = None
    tier: Tier = Tier.UNKNOWN
    component: str | None = None
    product: Product | None = None
    mineral: MineralDeclaration | None = None
    not_disclosed: NotDisclosed | None = None

    @property
    def has_site(self) -> bool:
        """Whether the row names a site."""
        return self.not_disclosed is None

    @property
    def supplier(self) -> str:
        """The supplier's name as the row gives it."""
        return self.supplier_name or self.name

    @property
    def statement(self) -> dict[str, Any]:
        """What the row says beside supplier and site, by the fields of an accepted disclosure."""
        facts = None if not self.has_site or self.facts == SiteFacts() else self.facts
        fields = ("scope", "effective", "tier", "component", "product", "mineral", "not_disclosed")
        return {"facts": facts} | {name: getattr(self, name) for name in fields}


def said_as_json(entry: Entry) -> bytes:
    """What a row says of a site beside naming it, as the bytes to be compared; what is left out is not in them."""
    said = {name: value for name, value in entry.statement.items() if value is not None}
    return to_json(said | {"contract": entry.contract}, exclude_none=True)


def aspect_of(entry: Entry, supplier: bytes) -> str:
    """What sets this statement apart from others on the same site; empty where a list only names sites.

    `supplier` is the key of the supplier's name.
    """
    product, mineral, missing = entry.product, entry.mineral, entry.not_disclosed
    parts = (
        supplier.hex() if entry.supplier_name and entry.has_site else None,
        None if entry.tier is Tier.UNKNOWN else entry.tier.value,
        entry.component,
        None if product is None else product.model or product.manufacturer,
        None if mineral is None else mineral.mineral.value,
        None if missing is None else missing.missing,
    )
    if not any(parts):
        return ""
    return sha256(to_json(parts)).hexdigest()[:32]


def read_site(cells: Cells, row: int, edition: str) -> Entry:
    """A row about a site, or about one that was not disclosed. Raises CellInvalid."""
    missing = not_disclosed(cells)
    if missing is None:
        place = (required_text(cells, "name"), required_text(cells, "address"), country(cells, "country"))
    else:
        place = (required_text(cells, "supplier_name"), "", "")
    return Entry(
        row,
        edition,
        *place,
        facts=site_facts(cells) if missing is None else SiteFacts(),
        supplier_name=text(cells, "supplier_name") or None,
        supplier_country=country(cells, "supplier_country") if text(cells, "supplier_country") else None,
        supplier_identifiers=supplier_ids(cells),
        contract=label(cells, "contract"),
        scope=word(cells, "scope", DisclosureScope, SCOPES) or DisclosureScope.COMPANY,
        effective=day(cells, "effective"),
        tier=word(cells, "tier", Tier, TIERS) or Tier.UNKNOWN,
        component=label(cells, "component"),
        product=product_of(cells),
        mineral=mineral_of(cells),
        not_disclosed=missing,
    )


def not_disclosed(cells: Cells) -> NotDisclosed | None:
    """What was not disclosed, why, and the proof that it was asked for: without proof it is no due diligence.

    Electronics Watch, contract conditions: a site that is missing is answered by a documented request. Raises
    CellInvalid.
    """
    reason = word(cells, "not_disclosed", NotDisclosedReason, REASONS)
    if reason is None:
        return None
    if text(cells, "name"):
        raise CellInvalid("site_and_none", "not_disclosed")
    what = label(cells, "missing") or label(cells, "component") or label(cells, "tier")
    if what is None:
        raise CellInvalid("value_missing", "missing")
    asked, answer = day(cells, "asked_on"), word(cells, "answer", Answer, ANSWERS)
    if asked is None or answer is None:
        raise CellInvalid("proof_missing", "asked_on" if asked is None else "answer")
    company, answered = required_text(cells, "asked_company", code="proof_missing"), day(cells, "answered_on")
    if answered is not None and answered < asked:
        raise CellInvalid("day_invalid", "answered_on")
    request = UpstreamRequest(asked_on=asked, asked_company=company, answer=answer, answered_on=answered)
    return NotDisclosed(missing=what, reason=reason, requests=(request,))


def product_of(cells: Cells) -> Product | None:
    """The product that a site works for; without a manufacturer it is the supplier's. Raises CellInvalid."""
    model, category = label(cells, "product_model"), label(cells, "product_category")
    made_by = text(cells, "product_manufacturer")
    if not (made_by or model or category):
        return None
    return Product(manufacturer=made_by or required_text(cells, "supplier_name"), model=model, category=category)


def mineral_of(cells: Cells) -> MineralDeclaration | None:
    found = word(cells, "mineral", Mineral, MINERALS)
    return None if found is None else MineralDeclaration(mineral=found)


def read_smelter(cells: Cells, row: int, edition: str) -> Entry:
    """A row of the smelter list of a CMRT or EMRT; the declaring company is the supplier. Raises CellInvalid.

    A smelter that is not yet identified is no site. The template leaves street and city optional: a smelter of which
    neither is given is known by its country alone.
    """
    looked_up, named = text(cells, "smelter_look_up"), text(cells, "name")
    if UNIDENTIFIED in (looked_up.casefold(), named.casefold()):
        raise CellInvalid("smelter_unidentified", "name")
    required_text(cells, "mineral")
    name = named or ("" if looked_up.casefold() == UNLISTED else looked_up)
    parts = [text(cells, column) for column in ("street", "city", "province")]
    address = ", ".join(part for part in parts if part)[:LONGEST_NAME] or required_text(cells, "country")
    entry = read_site({**cells, "name": name, "address": address, "tier": Tier.SMELTER.value}, row, edition)
    if entry.scope is DisclosureScope.PRODUCT and (entry.product is None or entry.product.model is None):
        return replace(entry, scope=DisclosureScope.USER_DEFINED)
    return entry


def read_apple(cells: Cells, row: int, _edition: str) -> Entry:
    """A row of Apple's supplier list; since 2020 its address is a province. Raises CellInvalid.

    "(continued)" marks a company that goes on after a page break of the source: it is no part of the name.
    """
    year = text(cells, "year", LONGEST_LABEL)
    if not re.fullmatch(r"(19|20)[0-9]{2}", year, re.ASCII):
        raise CellInvalid("year_invalid", "year")
    name = CONTINUED.sub("", required_text(cells, "supplier_name"))
    address = required_text(cells, "supplier_address")
    if address == NOT_GIVEN:
        raise CellInvalid("value_missing", "supplier_address")
    return Entry(row, year, name, address, country(cells, "country"), SiteFacts(sector="Electronics"))
