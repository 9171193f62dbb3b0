"""Explain an assessment: the tree of reasons from which its numbers are taken, and what would change them."""

from collections.abc import Iterable
from functools import partial

from services.risk.domain.assessment.changing import Again, changes, counted, decides, shown
from services.risk.domain.assessment.contribution import SPEAKERS, Contribution
from services.risk.domain.assessment.explained_known import claims_of, flags_of
from services.risk.domain.assessment.explanation import (
    ExplainedCategory,
    ExplainedGap,
    ExplainedIndicator,
    ExplainedInstrument,
    ExplainedMineral,
    ExplainedReason,
    Explanation,
)
from services.risk.domain.assessment.known import statement_says
from services.risk.domain.assessment.reckoning import Reckoning, reckon
from services.risk.domain.evidence import Evidence
from services.risk.domain.facts.catalogue import Catalogue
from services.risk.domain.model import CATEGORIES, Model
from services.risk.domain.sites import Described
from shared.events.lifecycles import Finding
from shared.events.vocabulary import Category, ForcedLabourIndicator, Instrument

BECAUSE = {
    Finding.INDICATED: "A fact or a report points at it.",
    Finding.NOT_LISTED: "A list that is loaded covers it, and says nothing of this country and these goods.",
    Finding.UNKNOWN: "Nothing that is known points at it, and no list that is loaded covers it for this site.",
}


def explain(site: Described, evidence: Evidence, catalogue: Catalogue, model: Model) -> Explanation:
    """Why `assess` finds what it finds, with the same arguments: both take everything from one reckoning."""
    found = reckon(site, evidence, catalogue, model)
    again = partial(_again, site, catalogue, model)
    return Explanation(
        site=site.site,
        site_name=site.site_name,
        supplier=site.supplier,
        supplier_name=site.supplier_name,
        country=site.country,
        sectors=tuple(sorted(set(site.sectors))),
        minerals=tuple(
            ExplainedMineral(one.mineral, one.from_conflict_affected_area, one.recycled_only)
            for one in sorted(set(site.minerals), key=repr)
        ),
        model=model.version,
        categories=tuple(_category(one, found, evidence, again) for one in CATEGORIES),
        instruments=tuple(_instrument(one, finding, found) for one, finding in found.instruments().items()),
        forced_labour=tuple(ExplainedIndicator(one, _pointing(one, found)) for one in found.forced_labour()),
        flags=flags_of(evidence, model),
        statements=tuple(sorted(statement_says(one) for one in evidence.statements)),
        claims=claims_of(site, found, model),
        gaps=tuple(ExplainedGap(gap.label, gap.why) for gap in found.gaps),
    )


def _again(site: Described, catalogue: Catalogue, model: Model, evidence: Evidence) -> Reckoning:
    return reckon(site, evidence, catalogue, model)


def _category(category: Category, found: Reckoning, evidence: Evidence, again: Again) -> ExplainedCategory:
    grades = found.grades(category)
    return ExplainedCategory(
        category=category,
        grades=shown(grades),
        finding_because=BECAUSE[grades.finding],
        reasons=_reasons(category, found),
        lowered_by=tuple(low.says for low in found.lowerings if category in low.categories),
        changes=changes(category, found, evidence, again),
    )


def _reasons(category: Category, found: Reckoning) -> tuple[ExplainedReason, ...]:
    """Every reason of a category: those that decide first, then in a fixed order."""
    told = sorted(found.contributions(category), key=lambda one: (not decides(one, found), one.reason.order))
    return tuple(_reason(one, found) for one in told)


def _reason(one: Contribution, found: Reckoning) -> ExplainedReason:
    reason = one.reason
    return ExplainedReason(
        kind=reason.kind,
        says=reason.says,
        source=SPEAKERS[reason.source] if reason.source else "a list",
        weight=reason.weight,
        grades=one.parts,
        likelihood_counted=counted(one, found).likelihood,
        decides=decides(one, found),
        points=one.points,
        instruments=one.instruments,
        indicators=one.indicators,
        facts=reason.facts,
        confidence=reason.confidence,
        flag=reason.flag,
        report=reason.report,
    )


def _instrument(instrument: Instrument, finding: Finding, found: Reckoning) -> ExplainedInstrument:
    pointing = (one for one in _every(found) if one.points and instrument in one.instruments)
    return ExplainedInstrument(instrument, finding, tuple(dict.fromkeys(one.reason.says for one in pointing)))


def _pointing(indicator: ForcedLabourIndicator, found: Reckoning) -> tuple[str, ...]:
    pointing = (one for one in _every(found) if one.points and indicator in one.indicators)
    return tuple(dict.fromkeys(one.reason.says for one in pointing))


def _every(found: Reckoning) -> Iterable[Contribution]:
    return (one for category in CATEGORIES for one in found.contributions(category))
