"""What is known of the site itself: what people report, what workers' testimony says, and what sources claim of it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from services.risk.domain.assessment.claims import in_order, lowerings_of, of_claims, of_minerals
from services.risk.domain.assessment.contribution import (
    SPEAKERS,
    WORDS,
    WORKER_SIDE,
    Contribution,
    Gap,
    Lowering,
    Reason,
    ReasonKind,
)
from services.risk.domain.assessment.gaps import (
    CLAUSE_UNKNOWN,
    NO_AUDIT,
    NO_MECHANISM,
)
from services.risk.domain.evidence import Evidence, FlagKnown, ReportedRisk, StatementKnown
from services.risk.domain.model import CATEGORIES, Model, Parts
from services.risk.domain.sites import Claim, Described
from shared.events.lifecycles import FlagState
from shared.events.vocabulary import (
    CATEGORY_OF_INSTRUMENT,
    Actuality,
    Instrument,
    SourceClass,
    WorkersBand,
)

REMEDIED = frozenset({FlagState.VERIFIED, FlagState.CLOSED})
GRAVEST = 5
BANDS = {
    WorkersBand.FROM_10: "10-99 workers",
    WorkersBand.FROM_100: "100-999 workers",
    WorkersBand.FROM_1000: "1000-9999 workers",
    WorkersBand.FROM_10000: "10000 workers or more",
}


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a site: reasons for grades, what lowers likelihoods, and what is missing."""

    contributions: tuple[Contribution, ...]
    lowerings: tuple[Lowering, ...]
    gaps: tuple[Gap, ...]


def known(site: Described, evidence: Evidence, model: Model) -> Known:
    """What is known of a site itself."""
    if not (evidence.flags or evidence.statements or site.claims or site.minerals):
        return _nothing(model)
    claims = in_order(site.claims)
    lowerings, unclear = lowerings_of(claims, model)
    contributions = (
        *(one for flag in evidence.flags for one in _of_flag(flag, model)),
        *(one for statement in evidence.statements for one in _of_statement(statement, model)),
        *of_claims(claims, model),
        *of_minerals(site, model),
    )
    return Known(contributions, lowerings, (*unclear, *_gaps(claims, evidence, model)))


@lru_cache(maxsize=2)
def _nothing(model: Model) -> Known:
    """Most sites are only named: that is the same for all of them."""
    lowerings, unclear = lowerings_of([], model)
    return Known((), lowerings, (*unclear, *_gaps((), Evidence(), model)))


def counts(flag: FlagKnown) -> bool:
    """Whether a flag has a part in the grades: one that was dismissed is shown only."""
    return flag.state is not FlagState.DISMISSED and flag.category in CATEGORIES


def reports_of(flag: FlagKnown) -> list[ReportedRisk]:
    """The reports of a flag in the order of their recording, whatever the order in which they are given."""
    return sorted(flag.reports, key=lambda one: (one.recorded_at, one.report))


def _of_flag(flag: FlagKnown, model: Model) -> Iterator[Contribution]:
    if not counts(flag):
        return
    remedied = flag.state in REMEDIED
    for report in reports_of(flag):
        likelihood = _likelihood(flag, report, model)
        parts = report.parts
        yield Contribution(
            category=flag.category,
            reason=Reason(
                kind=ReasonKind.REPORT,
                says=_reported(flag, report),
                weight=model.weight(report.source_class),
                source=report.source_class,
                confidence=report.confidence,
                flag=flag.flag,
                report=report.report,
            ),
            parts=Parts(likelihood=likelihood)
            if remedied
            else Parts(parts.scale, parts.scope, parts.irremediability, likelihood),
            points=not remedied,
            instruments=_instruments(flag, report, model),
            indicators=tuple(sorted(set(report.indicators))),
            remedied=model.reporting.remedied_lowers if remedied else 0,
        )


def _likelihood(flag: FlagKnown, report: ReportedRisk, model: Model) -> int | None:
    """As stated; at least that of an actual impact where it is one, and more where the flag was opened again."""
    stated = report.parts.likelihood
    if report.actuality is Actuality.ACTUAL:
        stated = max(stated or 0, model.reporting.actual_at_least)
    if stated is None or flag.state is not FlagState.REOPENED:
        return stated
    return min(GRAVEST, stated + model.reporting.reopened_raises)


def _instruments(flag: FlagKnown, report: ReportedRisk, model: Model) -> tuple[Instrument, ...]:
    """Those of the report, and those of its clause where the model maps it to the same category."""
    mapped = model.mapped(report.clause) if report.clause else None
    clause = mapped.instruments if mapped and mapped.category is flag.category else ()
    return tuple(one for one in CATEGORY_OF_INSTRUMENT if one in report.instruments or one in clause)


def _reported(flag: FlagKnown, report: ReportedRisk) -> str:
    kind = "an impact that has happened" if report.actuality is Actuality.ACTUAL else "an impact that may happen"
    speaker = SPEAKERS[report.source_class]
    return f"{speaker[0].upper()}{speaker[1:]} reports {kind}: {WORDS[flag.category]}."


def statement_says(statement: StatementKnown) -> str:
    """All that may be shown of a released statement: it is about the supplier, never a site."""
    band = BANDS.get(statement.workers, "fewer than 10 workers, or not known")
    return f"{WORKER_SIDE}, {statement.quarter}, {WORDS.get(statement.category, 'another matter')}, {band}"


def _of_statement(statement: StatementKnown, model: Model) -> Iterator[Contribution]:
    if statement.category in CATEGORIES:
        yield Contribution(
            category=statement.category,
            reason=Reason(
                kind=ReasonKind.STATEMENT,
                says=f"Of the supplier: {statement_says(statement)}.",
                weight=model.weight(SourceClass.WORKER),
                source=SourceClass.WORKER,
            ),
            parts=Parts(scope=model.testimony.scope.get(statement.workers), likelihood=model.testimony.likelihood),
            points=True,
        )


def _gaps(claims: Iterable[Claim], evidence: Evidence, model: Model) -> Iterator[Gap]:
    counted = [report for flag in evidence.flags if counts(flag) for report in flag.reports]
    if any(one.clause and model.mapped(one.clause) is None for one in counted):
        yield Gap(CLAUSE_UNKNOWN, "The model does not say what a clause that a report names is about.")
    if not any(one.grievance_mechanisms for one in claims):
        yield Gap(NO_MECHANISM, "No source names a grievance mechanism at the site.")
    if not any(report.source_class is SourceClass.AUDIT for flag in evidence.flags for report in flag.reports):
        yield Gap(NO_AUDIT, "No report from an audit is known; one without findings would not be known either.")
