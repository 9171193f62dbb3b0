"""Why something stands as it does: what a reader may know of a subject, with the reasons and their sources.

Read in one snapshot and reckoned by the very functions that assess, so that an explanation is of what is published.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson

from services.risk import assessing
from services.risk.domain import explained
from services.risk.domain.assessment import explain
from services.risk.domain.entities import EntityMatch, in_order, match_entities, near_entries
from services.risk.domain.evidence import Evidence
from services.risk.domain.explained import Document
from services.risk.domain.facts.fact import Listed
from services.risk.domain.flags import fold
from services.risk.domain.sites import NOBODY, Described, product_key, without_site
from services.risk.domain.standings import Standing, leading, ranked, together
from services.risk.domain.subjects import Known, SubjectKind
from services.risk.finding import Asking, SubjectUnknown, find
from services.risk.flagging import ranking_of
from services.risk.settings import RiskSettings, current_model
from services.risk.store import exposure, facts, flags, registry, reports, subjects
from services.risk.store.assessments import Place
from services.risk.touched import Reader
from shared.postgres import Connection

NOTHING_REACHED = (
    "No disclosure that you may read names a site for this contract. This is what is said of its supplier."
)
NOT_DISCLOSED = "No disclosure that you may read names it. This is what the lists in force say of the name alone."
NOT_LISTED = "No disclosure that you may read names it. No list in force has this name; that is not 'no risk'."
OF_A_MEMBER = "A contract's reference needs --member."


async def explain_subject(
    tx: Connection,
    subject: str,
    settings: RiskSettings,
    *,
    reader: Reader | None = None,
    country: str | None = None,
    sites: int = 5,
) -> Document:
    """What is known of a subject, and why, for one reader; the same knowledge gives the same document.

    `subject` is an id, a contract's reference, a name, or a product. A name that nobody has disclosed is compared with
    the lists alone. `tx` reads in one snapshot. Raises SubjectUnknown for an id, Ambiguous for a name.
    """
    catalogue = await facts.read_catalogue(tx)
    asking = Asking(tx, reader, country, sites, settings, catalogue, current_model())
    known = await find(asking, subject)
    head = {"audience": reader or "all members", "model": asking.model.version}
    if known is None:
        return head | await of_name(asking, subject)
    return head | await EXPLAIN[known.kind](asking, known)


async def of_site(asking: Asking, known: Known) -> Document:
    """A site: the tree of its reasons, its flags, and the statements about its suppliers."""
    found = await known_sites(asking, [known.id])
    if known.id not in found:
        raise SubjectUnknown
    site, evidence = found[known.id]
    roots = await registry.roots_of(asking.tx, "supplier", [site.supplier])
    head = {
        "kind": "site",
        "id": str(site.site),
        "name": site.site_name or site.supplier_name,
        "country": site.country,
        "supplier": {"id": str(roots.get(site.supplier, site.supplier)), "name": site.supplier_name},
        "address": await subjects.address_of(asking.tx, site.site),
        "disclosures": site.disclosures,
    }
    return {
        "subject": explained.given(head),
        "reasons": tree_of(asking, site, evidence),
        "flags": await flags_of(asking, flags=[flag.flag for flag in evidence.flags]),
        "statements": [explained.of_statement(one) for one in evidence.statements],
    }


async def of_supplier(asking: Asking, known: Known) -> Document:
    """A supplier: its sites together, what names it bears on entity lists, and what is said of it without a site."""
    supplier = known.id
    places = await subjects.sites_of_supplier(asking.tx, supplier, asking.audiences)
    evidence = (await flags.evidence_of_suppliers(asking.tx, [supplier]))[supplier]
    names = await subjects.names_of(asking.tx, supplier, asking.audiences)
    called = next((row["name"] for row in names if row["registered"]), names[0]["name"] if names else "")
    head = {"kind": "supplier", "id": str(supplier), "name": called}
    document = {"subject": head, "names": matches(asking, names)}
    if standing := await subjects.standings(asking.tx, places, asking.audiences):
        document |= await of_sites(asking, standing)
    else:
        country = next((row["country"] for row in names if row["country"]), None)
        document["reasons"] = tree_of(asking, without_site(called, country, supplier, (called,)), evidence)
    return document | {
        "flags": await flags_of(asking, sites=places, suppliers=[supplier]),
        "statements": [explained.of_statement(one) for one in evidence.statements],
    }


async def of_product(asking: Asking, known: Known) -> Document:
    """A product: the sites that work for it, together."""
    places = await subjects.sites_of_product(asking.tx, product_key(known.name), asking.audiences)
    standing = await subjects.standings(asking.tx, places, asking.audiences)
    return {
        "subject": {"kind": "product", "name": known.name},
        **await of_sites(asking, standing),
        "flags": await flags_of(asking, sites=places),
        "statements": [],
    }


async def of_contract(asking: Asking, known: Known) -> Document:
    """A contract: the sites that it reaches by what its reader may know, together, and its supplier."""
    assert asking.reader is not None
    row = await subjects.read_contract(asking.tx, known.id, asking.reader)
    if row is None:
        raise SubjectUnknown
    places = [one["site"] for one in await exposure.reached(asking.tx, [(known.id, asking.reader)])]
    suppliers = [row["supplier"]] if row["supplier"] else []
    evidence = await flags.evidence_of_suppliers(asking.tx, suppliers)
    document: Document = {"subject": explained.of_contract(row)}
    if standing := await subjects.standings(asking.tx, places, asking.audiences):
        document |= await of_sites(asking, standing)
    for supplier in suppliers if not standing else ():
        bare = without_site(row["supplier_name"] or "", None, supplier)
        document |= {"note": NOTHING_REACHED, "reasons": tree_of(asking, bare, evidence[supplier])}
    touching = await subjects.flags_touching(asking.tx, known.id, asking.reader)
    return document | {
        "flags": await flags_of(asking, sites=places, suppliers=suppliers, flags=touching),
        "statements": [explained.of_statement(one) for found in evidence.values() for one in found.statements],
    }


async def of_flag(asking: Asking, known: Known) -> Document:
    """A flag: its reports, steps and replies, and the reasons for its category at the site, else the supplier."""
    found = await flags_of(asking, flags=[known.id])
    if not found:
        raise SubjectUnknown
    flag = found[0]
    kind = SubjectKind.SITE if "site" in flag else SubjectKind.SUPPLIER
    about = await EXPLAIN[kind](asking, Known(kind, UUID(flag[kind.value]), ""))
    return {
        "subject": {"kind": "flag", "id": flag["id"], "category": flag["category"], "about": about["subject"]},
        **{name: about[name] for name in ("reasons", "categories", "sites", "gaps", "names") if name in about},
        "flags": found,
        "statements": about["statements"],
    }


async def of_name(asking: Asking, name: str) -> Document:
    """What the lists say of a name that nobody has disclosed."""
    found = matches(asking, [{"name": name, "country": asking.country}])
    notes = [NOT_DISCLOSED if found else NOT_LISTED, *([OF_A_MEMBER] if asking.reader is None else [])]
    document = {
        "subject": explained.given({"kind": "name", "name": name, "country": asking.country}),
        "note": " ".join(notes),
        "names": found,
        "near": [] if found else list(map(explained.of_near, near_entries(name, asking.catalogue))),
    }
    if document["names"] or asking.country:
        document["reasons"] = tree_of(asking, without_site(name, asking.country, NOBODY, (name,)), Evidence())
    return document


EXPLAIN = {
    SubjectKind.SITE: of_site,
    SubjectKind.SUPPLIER: of_supplier,
    SubjectKind.PRODUCT: of_product,
    SubjectKind.CONTRACT: of_contract,
    SubjectKind.FLAG: of_flag,
}


def tree_of(asking: Asking, site: Described, evidence: Evidence) -> Document:
    """The tree of reasons of a site, the category of the highest priority first."""
    return explained.of_tree(explain(site, evidence, asking.catalogue, asking.model), asking.settings.unknown_grade)


def matches(asking: Asking, names: Iterable[Mapping[str, Any]]) -> list[Document]:
    """The entries of entity lists that may be about these names, each once, the surest first."""
    by_country: dict[str | None, set[str]] = {}
    for row in names:
        by_country.setdefault(row["country"], set()).add(row["name"])
    found = [one for country, ones in by_country.items() for one in match_entities(ones, country, asking.catalogue)]
    surest: dict[Listed, EntityMatch] = {}
    for one in sorted(found, key=in_order):
        surest.setdefault(one.listed, one)
    return [explained.of_match(one) for one in surest.values()]


async def of_sites(asking: Asking, standing: Collection[Standing]) -> Document:
    """Several sites together: the gravest grades with the reasons of the site that has them, and the sites in order."""
    unknown = asking.settings.unknown_grade
    order = ranked(standing, unknown)
    grades = together(standing, unknown)
    leaders = {category: leading(order, category, unknown) for category, _ in grades}
    shown = order[: asking.sites]
    wanted = dict.fromkeys(one.site for one in (*leaders.values(), *shown))
    trees = {
        site: explain(*known, asking.catalogue, asking.model)
        for site, known in (await known_sites(asking, list(wanted))).items()
    }
    return {
        "categories": [
            explained.of_category(category, found, leaders[category], trees[leaders[category].site], unknown)
            for category, found in grades
        ],
        "sites": {
            "count": len(order),
            "more": len(order) - len(shown),
            "ranked": [explained.of_ranked(one, trees[one.site], unknown) for one in shown],
        },
        "gaps": explained.gaps_among(standing),
    }


async def known_sites(asking: Asking, sites: Sequence[UUID]) -> dict[UUID, tuple[Described, Evidence]]:
    """What the reader may know of these sites (roots), as it is assessed; without those of which it knows nothing."""
    known = await assessing.read_known(asking.tx, sites)
    places: dict[Place, Described] = {}
    for site in sites:
        told_more = asking.reader is not None and asking.reader in known.told.get(site, ())
        place = (site, asking.reader if asking.reader and told_more else assessing.ALL)
        if (found := assessing.site_of(known, place)) is not None:
            places[place] = found
    evidence = await assessing.evidence_at(asking.tx, places)
    return {place[0]: (site, evidence[place]) for place, site in places.items()}


async def flags_of(
    asking: Asking, *, sites: Collection[UUID] = (), suppliers: Collection[UUID] = (), flags: Collection[UUID] = ()
) -> list[Document]:
    """These flags, those about these sites, and about these suppliers where they name no site, the gravest first.

    With their reports and replies; a member is told how many contracts of its own each touches.
    """
    found = await subjects.flags_about(asking.tx, sites, suppliers, flags)
    ids = [row["flag"] for row in found]
    entries = await reports.read_entries(asking.tx, ids)
    own = await subjects.own_exposure(asking.tx, ids, asking.reader) if asking.reader else None
    documents, ranking = [], ranking_of(asking.settings)
    for row in found:
        if (standing := fold(entries.get(row["flag"], ()), ranking)) is not None:
            mine = None if own is None else own.get(row["flag"], 0)
            documents.append(explained.of_flag(row, standing, mine, orjson.loads(row["sums"] or "{}")))
    return documents
