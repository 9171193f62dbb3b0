"""Assess a site by the facts in force and by what is known of it."""

from services.risk.domain.assessment.pointing import indicator
from services.risk.domain.assessment.reckoning import reckon
from services.risk.domain.assessment.result import Assessment
from services.risk.domain.evidence import Evidence
from services.risk.domain.facts.catalogue import Catalogue
from services.risk.domain.model import CATEGORIES, Model
from services.risk.domain.sites import Described


def assess(site: Described, evidence: Evidence, catalogue: Catalogue, model: Model) -> Assessment:
    """Assess a site. The same arguments give the same assessment; the order of anything told makes no difference."""
    found = reckon(site, evidence, catalogue, model)
    return Assessment(
        categories={category: found.grades(category) for category in CATEGORIES},
        instruments=found.instruments(),
        forced_labour=found.forced_labour(),
        indicators=tuple(indicator(site.site, pointer) for pointer in found.pointers),
        gaps=tuple(gap.label for gap in found.gaps),
    )
