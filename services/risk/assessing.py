"""Assessing sites: published where it differs from what was last published.

A site is assessed by what all members are told of it (audience ''), and again for each member that is told more. What
one member alone is told makes nothing known to all, not even when: it leaves the first of these as it is.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from services.risk.domain.assessment import Assessment, assess
from services.risk.domain.changes import Change, Held, Standing, change, ending, events_of, standing_of
from services.risk.domain.evidence import Evidence
from services.risk.domain.sites import Described, Told, described
from services.risk.news import Cause
from services.risk.settings import RiskSettings, current_model
from services.risk.store import assessments, contract_standings, disclosures, facts, flags, registry
from services.risk.store.assessments import Place
from services.risk.touched import Touched, note
from shared.events.envelope import Event
from shared.events.lifecycles import CauseKind
from shared.postgres import Connection

ALL = ""
"""The audience of all members."""
MOVING = frozenset({CauseKind.DISCLOSURE, CauseKind.REGISTRY, CauseKind.FLAG})
"""What can change whom a site concerns, even where the site itself stands as before."""


@dataclass(slots=True)
class Known:
    """What is known of some sites (by their roots), and what was last written of each."""

    told: dict[UUID, dict[str, list[Told]]] = field(default_factory=dict)
    reported: dict[UUID, list[Told]] = field(default_factory=dict)
    standings: dict[Place, Standing] = field(default_factory=dict)
    held: dict[Place, dict[UUID, Held]] = field(default_factory=dict)


async def reassess(tx: Connection, touched: Touched, settings: RiskSettings) -> list[Event]:
    """Assess the touched sites anew, for each audience that may know more than all members, and keep the result.

    Also the sites of touched suppliers. Adds to `touched` the contracts that reach what has changed.
    """
    causes, merged = await concerned(tx, touched)
    if not causes:
        return []
    known = await read_known(tx, list(causes))
    places = {place: causes[place[0]] for place in places_of(known, causes, merged)}
    sites = {place: site for place in places if (site := site_of(known, place)) is not None}
    found = await assess_places(tx, sites)
    model = current_model().version
    changes = []
    for place, cause in places.items():
        site = sites.get(place)
        after = standing_of(site, place[1], found[place], model, settings.unknown_grade) if site else None
        indicators = found[place].indicators if site else ()
        ended = ending(cause.kind, site is None, place[0] in merged)
        one = change(known.standings.get(place), known.held.get(place, {}), after, indicators, ended)
        if one is not None:
            changes.append(one)
    await assessments.save(tx, changes)
    await touch_contracts(tx, causes, changes, touched)
    return [event for one in changes if one.audience == ALL for event in news_of(one, causes[one.site])]


async def concerned(tx: Connection, touched: Touched) -> tuple[dict[UUID, Cause], set[UUID]]:
    """The roots of touched sites and of the sites of touched suppliers, and ids that were roots and no longer are."""
    causes: dict[UUID, Cause] = {}
    if touched.suppliers:
        for supplier, root in await assessments.sites_of_suppliers(tx, touched.suppliers):
            causes[root] = touched.suppliers[supplier]
    roots = await registry.roots_of(tx, "site", touched.sites) if touched.sites else {}
    merged = {site for site, root in roots.items() if site != root}
    for site, cause in touched.sites.items():
        note(causes, roots.get(site, site), cause)
    return causes | {site: touched.sites[site] for site in merged}, merged


async def read_known(tx: Connection, sites: Sequence[UUID]) -> Known:
    """All that is known of sites but what people have reported."""
    known = Known(
        standings=await assessments.read_standings(tx, sites),
        held=await assessments.read_held(tx, sites),
    )
    for one in await disclosures.read_told(tx, sites):
        known.told.setdefault(one.site, {}).setdefault(one.audience, []).append(one)
    if unnamed := [site for site in sites if ALL not in known.told.get(site, ())]:
        for one in await disclosures.read_reported(tx, unnamed):
            known.reported.setdefault(one.site, []).append(one)
    return known


def places_of(known: Known, causes: Mapping[UUID, Cause], merged: Collection[UUID]) -> Iterable[Place]:
    """The sites and audiences to look at: those that are told of a site now, or were when it was last assessed."""
    stood: dict[UUID, set[str]] = defaultdict(set)
    for site, audience in known.standings:
        stood[site].add(audience)
    for site, cause in causes.items():
        audiences = {ALL, *known.told.get(site, ()), *stood[site]}
        yield from ((site, one) for one in sorted(audiences) if one != ALL or site in merged or not is_private(cause))


def is_private(cause: Cause) -> bool:
    """Whether only one member knows of it."""
    return cause.reader is not None


def site_of(known: Known, place: Place) -> Described | None:
    """A site as an audience is told of it; None where it is not. Where none discloses it, reports of it describe it."""
    site, audience = place
    told = known.told.get(site, {})
    if audience == ALL and ALL not in told:
        reported = known.reported.get(site)
        return replace(described(reported), disclosures=0) if reported else None
    if audience not in told:
        return None
    return described(told[audience] if audience == ALL else [*told.get(ALL, ()), *told[audience]])


async def assess_places(tx: Connection, sites: Mapping[Place, Described]) -> dict[Place, Assessment]:
    """Assess sites by the facts in force and by what people have reported of them and of those who work there."""
    if not sites:
        return {}
    catalogue, model = await facts.read_catalogue(tx), current_model()
    evidence = await evidence_at(tx, sites)
    return {place: assess(site, evidence[place], catalogue, model) for place, site in sites.items()}


async def evidence_at(tx: Connection, sites: Mapping[Place, Described]) -> dict[Place, Evidence]:
    """What people have reported of sites, and of those who work there by what each audience is told."""
    of_sites = await flags.evidence_of_sites(tx, {site for site, _ in sites})
    suppliers = {supplier for site in sites.values() for supplier in site.suppliers}
    roots = await registry.roots_of(tx, "supplier", suppliers)
    of_suppliers = await flags.evidence_of_suppliers(tx, set(roots.values()))
    return {
        place: together(of_sites[place[0]], {roots[one] for one in site.suppliers if one in roots}, of_suppliers)
        for place, site in sites.items()
    }


def together(own: Evidence, suppliers: Collection[UUID], of_suppliers: Mapping[UUID, Evidence]) -> Evidence:
    """What is known of a site itself, and of its suppliers (roots) where no site is named."""
    more = [found for one in suppliers if (found := of_suppliers[one]) != Evidence()]
    if not more:
        return own
    return Evidence(
        tuple(sorted((flag for one in (own, *more) for flag in one.flags), key=lambda flag: flag.flag)),
        tuple(sorted((said for one in (own, *more) for said in one.statements), key=lambda said: said.statement)),
    )


async def touch_contracts(
    tx: Connection, causes: Mapping[UUID, Cause], changes: Iterable[Change], touched: Touched
) -> None:
    """Touch the contracts that reach sites that have changed, or that others may reach than before."""
    moved = {one.site for one in changes if one.moves}
    moved |= {site for site, cause in causes.items() if cause.kind in MOVING}
    if moved:
        for contract, reader, site in await contract_standings.contracts_near(tx, moved):
            touched.contracts.setdefault((contract, reader), causes[site])


def news_of(change: Change, cause: Cause) -> Iterable[Event]:
    """What all members are told of a change."""
    return (cause.news(data, change.site) for data in events_of(change, cause.told))
