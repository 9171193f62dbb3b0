"""What is new between what was last written and published of a site and how it stands now: only that is published."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from services.risk.domain.assessment import Assessment, Grades, Indicator
from services.risk.domain.facts.catalogue import word_key
from services.risk.domain.sites import Described
from shared.events.envelope import EventData
from shared.events.lifecycles import CauseKind, Finding, IndicatorEnd
from shared.events.risk import AssessmentCause, AssessmentMade, CategoryGrades, IndicatorRaised, IndicatorWithdrawn
from shared.events.vocabulary import Category, ForcedLabourIndicator, Instrument

Graded = tuple[str, str, int, int | None, int | None, int | None, int | None, int | None]
"""Category, finding, priority, scale, scope, irremediability, severity, likelihood."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a site stands for an audience, as it is kept: `grades` and `instruments` in the order of their words."""

    site: UUID
    audience: str
    supplier: UUID
    supplier_name: str
    site_name: str | None
    country: str | None
    sectors: tuple[str, ...]
    minerals: tuple[str, ...]
    disclosures: int
    instruments: tuple[tuple[str, str], ...]
    forced_labour: tuple[str, ...]
    gaps: tuple[str, ...]
    model: str
    grades: tuple[Graded, ...]

    @property
    def published(self) -> tuple[object, ...]:
        """What all members are told of it. A newer model that finds the same is no news."""
        return self.supplier, self.instruments, self.forced_labour, self.gaps, self.grades


@dataclass(frozen=True, slots=True)
class Held:
    """An indicator in force: for which supplier it was raised, and what it says (not in which edition that stands)."""

    supplier: UUID
    kind: str
    category: str
    statement: str
    confidence: str | None


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """An indicator that no longer holds as it was raised, the supplier it was raised for, and why it ends."""

    indicator: UUID
    supplier: UUID
    reason: IndicatorEnd


@dataclass(frozen=True, slots=True)
class Change:
    """How a site stood for an audience and stands now; None where nothing is known of it."""

    site: UUID
    audience: str
    before: Standing | None
    after: Standing | None
    raised: tuple[Indicator, ...]
    withdrawn: tuple[Withdrawal, ...]

    @property
    def is_news(self) -> bool:
        """Whether how it stands now differs from what was last published of it."""
        return self.after is not None and (self.before is None or self.before.published != self.after.published)

    @property
    def moves(self) -> bool:
        """Whether whoever builds on the site's standing has to look at it again."""
        return self.is_news or bool(self.raised or self.withdrawn) or (self.before is None) != (self.after is None)


def standing_of(site: Described, audience: str, found: Assessment, model: str, unknown: int) -> Standing:
    """An assessment as it is kept; `unknown` is the grade by which what is unknown is ordered."""
    return Standing(
        site=site.site,
        audience=audience,
        supplier=site.supplier,
        supplier_name=site.supplier_name,
        site_name=site.site_name,
        country=site.country,
        sectors=tuple(sorted(map(word_key, site.sectors))),
        minerals=tuple(sorted({word_key(use.mineral) for use in site.minerals})),
        disclosures=site.disclosures,
        instruments=_instruments(tuple(found.instruments.items())),
        forced_labour=tuple(sorted(one.value for one in found.forced_labour)),
        gaps=found.gaps,
        model=model,
        grades=_grades(tuple(found.categories.items()), unknown),
    )


# Most sites of a country and sector stand alike: what they share is put into its kept form once.


@lru_cache(maxsize=4096)
def _instruments(found: tuple[tuple[Instrument, Finding], ...]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((instrument.value, finding.value) for instrument, finding in found))


@lru_cache(maxsize=4096)
def _grades(found: tuple[tuple[Category, Grades], ...], unknown: int) -> tuple[Graded, ...]:
    return tuple(
        sorted(
            (
                category.value,
                one.finding.value,
                one.priority(unknown),
                one.scale,
                one.scope,
                one.irremediability,
                one.severity,
                one.likelihood,
            )
            for category, one in found
        )
    )


def change(
    before: Standing | None,
    held: Mapping[UUID, Held],
    after: Standing | None,
    indicators: Iterable[Indicator],
    ended: IndicatorEnd,
) -> Change | None:
    """Compare; None where there was nothing and is nothing.

    `ended` is why an indicator that is no longer found ends. One that now says something else, or whose site was first
    named by another supplier, is withdrawn as it was and raised as it is.
    """
    one = after or before
    if one is None:
        return None
    found = {} if after is None else {indicator.indicator: indicator for indicator in indicators}
    same = {key for key, indicator in found.items() if after and held.get(key) == held_as(indicator, after.supplier)}
    return Change(
        one.site,
        one.audience,
        before,
        after,
        raised=tuple(indicator for key, indicator in found.items() if key not in same),
        withdrawn=tuple(
            Withdrawal(key, former.supplier, IndicatorEnd.SITE_CORRECTED if key in found else ended)
            for key, former in held.items()
            if key not in same
        ),
    )


def held_as(indicator: Indicator, supplier: UUID) -> Held:
    """An indicator as it is held while it is in force."""
    confidence = None if indicator.confidence is None else indicator.confidence.value
    return Held(supplier, indicator.kind.value, indicator.category.value, indicator.statement, confidence)


def ending(cause: CauseKind, is_gone: bool, is_merged: bool) -> IndicatorEnd:
    """Why an indicator ends that is no longer found: the list changed, or the site is gone or described otherwise."""
    if is_merged:
        return IndicatorEnd.SITE_CORRECTED
    if is_gone:
        return IndicatorEnd.SITE_GONE
    if cause in (CauseKind.FACTS, CauseKind.MODEL):
        return IndicatorEnd.LIST_CHANGED
    return IndicatorEnd.SITE_CORRECTED


def events_of(change: Change, cause: AssessmentCause) -> Iterable[EventData]:
    """What all members are told of a change: withdrawals first, then what is new."""
    for end in change.withdrawn:
        yield IndicatorWithdrawn(indicator=end.indicator, supplier=end.supplier, site=change.site, reason=end.reason)
    site = change.after
    if site is None:
        return
    for one in change.raised:
        yield IndicatorRaised(
            indicator=one.indicator,
            supplier=site.supplier,
            supplier_name=site.supplier_name,
            site=site.site,
            site_name=site.site_name,
            country=site.country,
            kind=one.kind,
            category=one.category,
            statement=one.statement,
            evidence=one.evidence,
            confidence=one.confidence,
        )
    if change.is_news:
        yield AssessmentMade(
            supplier=site.supplier,
            site=site.site,
            model=site.model,
            cause=cause,
            categories=dict(_grades_told(site.grades)),
            instruments=dict(_instruments_told(site.instruments)),
            forced_labour=tuple(ForcedLabourIndicator(one) for one in site.forced_labour),
            gaps=site.gaps,
        )


@lru_cache(maxsize=4096)
def _instruments_told(instruments: tuple[tuple[str, str], ...]) -> Mapping[Instrument, Finding]:
    """Findings by instrument as they are published."""
    return {Instrument(key): Finding(finding) for key, finding in instruments}


@lru_cache(maxsize=4096)
def _grades_told(grades: tuple[Graded, ...]) -> Mapping[Category, CategoryGrades]:
    """Grades as they are published."""
    return {
        Category(category): CategoryGrades(
            finding=Finding(finding),
            priority=priority,
            scale=scale,
            scope=scope,
            irremediability=irremediability,
            severity=severity,
            likelihood=likelihood,
        )
        for category, finding, priority, scale, scope, irremediability, severity, likelihood in grades
    }
