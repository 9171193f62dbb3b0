"""What is new between what was last published of a site and what the lists say of it now: only that is published."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from services.risk.domain.assessment import Assessment, Indicator
from services.risk.domain.sites import Site
from shared.events.envelope import EventData
from shared.events.lifecycles import Finding, IndicatorEnd
from shared.events.risk import AssessmentMade, IndicatorRaised, IndicatorWithdrawn
from shared.events.vocabulary import Category


@dataclass(frozen=True, slots=True)
class Standing:
    """What was last published of a site: the indicators in force with their supplier, and the last assessment."""

    site: UUID
    indicators: Mapping[UUID, UUID] = field(default_factory=dict)
    categories: Mapping[Category, Finding] | None = None
    gaps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """An indicator that no longer holds, the supplier it was raised for, and why it ends."""

    indicator: UUID
    supplier: UUID
    reason: IndicatorEnd


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be published and kept. `site` and `assessment` are None where no disclosure of the site is left."""

    standing: Standing
    site: Site | None
    assessment: Assessment | None
    raised: tuple[Indicator, ...]
    withdrawn: tuple[Withdrawal, ...]
    newly_assessed: bool


def change(standing: Standing, site: Site | None, assessment: Assessment | None, ended: IndicatorEnd) -> Change:
    """Compare. `ended` is why an indicator that is no longer found ends, where the site itself is still disclosed.

    A site that nobody discloses any more loses its indicators, and nothing else is said of it. An indicator whose
    supplier no longer names the site is withdrawn, and raised for a supplier that does.
    """
    if site is None or assessment is None:
        gone = (Withdrawal(*held, IndicatorEnd.SITE_GONE) for held in standing.indicators.items())
        return Change(standing, None, None, (), tuple(gone), False)
    found = {indicator.indicator: indicator for indicator in assessment.indicators}
    orphans = {held for held, supplier in standing.indicators.items() if supplier not in site.suppliers}
    return Change(
        standing,
        site,
        assessment,
        raised=tuple(one for key, one in found.items() if key not in standing.indicators or key in orphans),
        withdrawn=tuple(
            Withdrawal(held, supplier, ended if held not in found else IndicatorEnd.SITE_CORRECTED)
            for held, supplier in standing.indicators.items()
            if held not in found or held in orphans
        ),
        newly_assessed=(standing.categories, standing.gaps) != (assessment.categories, assessment.gaps),
    )


def events_of(change: Change) -> Iterable[EventData]:
    """What is published of a change: withdrawals first, then what is new."""
    place = change.standing.site
    for end in change.withdrawn:
        yield IndicatorWithdrawn(indicator=end.indicator, supplier=end.supplier, site=place, reason=end.reason)
    if (site := change.site) is None or (assessment := change.assessment) is None:
        return
    for one in change.raised:
        yield IndicatorRaised(
            indicator=one.indicator,
            supplier=site.supplier,
            supplier_name=site.supplier_name,
            site=place,
            site_name=site.site_name,
            country=site.country,
            kind=one.kind,
            category=one.category,
            statement=one.statement,
            evidence=one.evidence,
        )
    if change.newly_assessed:
        yield AssessmentMade(
            supplier=site.supplier, site=place, categories=dict(assessment.categories), gaps=assessment.gaps
        )
