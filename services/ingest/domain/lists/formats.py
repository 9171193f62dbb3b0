"""The kinds of list that are known by their header, and the fields that any other can be mapped to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from services.ingest.domain.lists.cells import Entry, read_apple, read_site, read_smelter
from services.ingest.domain.lists.columns import FACT_COLUMNS, Cells

FIELDS: dict[str, str] = {
    "name": "name of the site (required)",
    "address": "its address: street, city (required)",
    "country": "its country, as ISO 3166 code or name (required)",
    "supplier_name": "the supplier it works for, where that is another company",
    "supplier_country": "the supplier's country",
    "supplier_organisation_number": "the supplier's number in its national register",
    "supplier_lei": "the supplier's LEI",
    "supplier_duns": "the supplier's DUNS number",
    "contract": "your own reference of the contract that this is disclosed for",
    "effective": "the day for which the source says this, such as 2026-01-31",
    "tier": "final_assembly, component, material, smelter, mine or logistics",
    "component": "the component made there",
    "product_manufacturer": "who sells the product that it is made for",
    "product_model": "the product's model",
    "product_category": "the product's kind",
    "mineral": "tin, tantalum, tungsten, gold, cobalt, mica",
    "not_disclosed": "why no site is named: supplier_does_not_know, supplier_refuses, confidentiality_claimed, "
    "not_yet_answered",
    "missing": "what is not disclosed; the component unless given",
    "asked_on": "the day on which it was asked for (required where not disclosed)",
    "asked_company": "the company that was asked (required where not disclosed)",
    "answer": "no_answer, refused, partial or promised (required where not disclosed)",
    "answered_on": "the day of the answer",
    "sector": "the site's sector; several are separated by |",
    "product_type": "what is made there; several are separated by |",
    "facility_type": "the kind of site",
    "processing_type": "what is done there",
    "parent_company": "the company that owns the site",
    "native_language_name": "the site's name in its own script",
    "number_of_workers": "a number or a range, such as 100-200",
    "female_percent": "women among the workers, in percent",
    "migrant_percent": "migrants among the workers, in percent",
    "isic_4": "ISIC code, revision 4",
    "lat": "latitude",
    "lng": "longitude",
    "os_id": "Open Supply Hub's id of the site",
    "lei_id": "the site's LEI",
    "duns_id": "the site's DUNS number",
    "rba_id": "the id of the Responsible Business Alliance",
    "organisation_number": "the site's number in its national register",
    "smelter_id": "the smelter's id of the Responsible Minerals Initiative, such as CID000000",
}
"""What a column of a list may hold, in words for the person who maps it."""


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of list: its columns, how a row is read, and what is known of the list as such.

    `columns` gives the field that a header's word stands for, and `labels` those of a form above or beside the table.
    `published` holds where the source itself has published every such list.
    """

    name: str
    required: tuple[str, ...]
    read: Callable[[Cells, int, str], Entry]
    columns: Mapping[str, str]
    labels: Mapping[str, str] = field(default_factory=dict)
    edition_column: str | None = None
    published: bool = False
    list_name: str | None = None


def own_words(*fields: str) -> dict[str, str]:
    """Columns that are called as the fields are."""
    return {name: name for name in fields}


OPEN_SUPPLY_HUB = Format(
    name="open-supply-hub",
    required=("country", "name", "address"),
    read=read_site,
    columns=own_words("country", "name", "address", *FACT_COLUMNS, *FIELDS),
)
"""Its template, and further columns of ours."""
MAPPED = Format("mapped", OPEN_SUPPLY_HUB.required, read_site, OPEN_SUPPLY_HUB.columns)
APPLE = Format(
    name="apple-supplier-list",
    required=("year", "supplier_name", "country", "supplier_address"),
    read=read_apple,
    columns=own_words("year", "supplier_name", "country", "supplier_address", "country_area"),
    edition_column="year",
    published=True,
    list_name="apple-supplier-list",
)
RMI = Format(
    name="rmi-smelter-list",
    required=("mineral", "name", "country"),
    read=read_smelter,
    columns={
        "metal": "mineral",
        "mineral": "mineral",
        "smelter_look_up": "smelter_look_up",
        "smelter_name": "name",
        "smelter_country": "country",
        "smelter_identification": "smelter_id",
        "smelter_identification_number_input_column": "smelter_id",
        "smelter_street": "street",
        "smelter_city": "city",
        "smelter_facility_location_state_province": "province",
    },
    labels={
        "company_name": "supplier_name",
        "declaration_scope_or_class": "scope",
        "effective_date": "effective",
    },
)
"""The names of columns and labels of the CMRT and EMRT; persons named in them are never read."""
SELF_REPORT = Format(
    name="self-report",
    required=("tier", "name", "address", "country"),
    read=read_site,
    columns={
        **own_words(*FIELDS),
        "ledd": "tier",
        "komponent": "component",
        "site": "name",
        "site_name": "name",
        "produksjonssted": "name",
        "adresse": "address",
        "land": "country",
        "not_disclosed_because": "not_disclosed",
        "ikke_opplyst_fordi": "not_disclosed",
        "request_sent_on": "asked_on",
        "spurt_dato": "asked_on",
        "request_sent_to": "asked_company",
        "spurt_virksomhet": "asked_company",
        "answer_received_on": "answered_on",
        "svar": "answer",
        "svar_dato": "answered_on",
    },
    labels={
        "supplier": "supplier_name",
        "leverandør": "supplier_name",
        "organisation_number": "supplier_organisation_number",
        "organisasjonsnummer": "supplier_organisation_number",
        "contract_reference": "contract",
        "kontraktsreferanse": "contract",
        "date": "effective",
        "dato": "effective",
    },
)
FORMATS = (APPLE, RMI, SELF_REPORT, OPEN_SUPPLY_HUB)
"""In the order in which a header is compared with them: the more special come first."""

WORDS: dict[str, str] = {
    "name": "site name, facility name, factory name, factory, supplier, company, manufacturer, vendor, "
    "produksjonssted, fabrikk, bedrift, leverandør, hersteller, lieferant, fournisseur, fabricante",
    "address": "street address, site address, facility address, location, full address, adresse, "
    "beliggenhet, anschrift, dirección, endereço",
    "country": "country code, country region, land, pays, país, nation, origin",
    "supplier_name": "supplier, vendor, brand, leverandør",
    "contract": "contract number, kontrakt, avtale",
    "component": "part, komponent, commodity",
    "product_type": "product, products, produkt, goods",
    "number_of_workers": "workers, employees, headcount, ansatte, antall ansatte",
    "parent_company": "parent, group, owner, konsern",
    "native_language_name": "native name, local name, chinese name",
    "sector": "industry, category, bransje, sektor",
    "lat": "latitude",
    "lng": "longitude",
    "tier": "level, ledd, tier level",
    "organisation_number": "org nr, organisasjonsnummer, registration number",
}
"""What lists call their columns, beside the field's own name; to propose a mapping, never to take one."""

FOREIGN = (
    frozenset({"good", "country", "child_labor", "forced_labor"}),
    frozenset({"entity", "industry", "effective_date", "type"}),
    frozenset({"country", "advancement_level"}),
    frozenset({"indicator", "source", "series_id"}),
    frozenset({"country", "type_of_violence", "best_deaths"}),
    frozenset({"iso3"}),
)
"""Headers of public lists of risk facts, which name no supplier's site."""
