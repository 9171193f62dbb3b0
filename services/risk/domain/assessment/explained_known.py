"""Flags and claims as an explanation shows them, with the part that each has in the grades."""

from services.risk.domain.assessment.contribution import SPEAKERS
from services.risk.domain.assessment.explanation import (
    ExplainedClaim,
    ExplainedClause,
    ExplainedFlag,
    ExplainedReport,
)
from services.risk.domain.assessment.known import REMEDIED, reports_of
from services.risk.domain.assessment.reckoning import Reckoning
from services.risk.domain.evidence import Evidence, FlagKnown, ReportedRisk
from services.risk.domain.model import Model
from services.risk.domain.sites import Claim, Described
from shared.events.lifecycles import FlagState
from shared.events.vocabulary import Category, Representation, SourceClass


def flags_of(evidence: Evidence, model: Model) -> tuple[ExplainedFlag, ...]:
    """Every flag, also one that counts for nothing, in the order of their ids."""
    return tuple(
        ExplainedFlag(
            flag=flag.flag,
            category=flag.category,
            state=flag.state,
            counts=_counts(flag),
            reports=tuple(_report(one, flag.category, model) for one in reports_of(flag)),
        )
        for flag in sorted(evidence.flags, key=lambda one: one.flag)
    )


def claims_of(site: Described, found: Reckoning, model: Model) -> tuple[ExplainedClaim, ...]:
    """Everything that a source says of representation, agreements and mechanisms, in a fixed order."""
    told = {
        (SPEAKERS[one.source], one.representation, str(one.collective_agreement), one.grievance_mechanisms): one
        for one in sorted(site.claims, key=repr)
    }
    return tuple(
        ExplainedClaim(
            source=SPEAKERS[one.source],
            representation=one.representation,
            collective_agreement=one.collective_agreement,
            grievance_mechanisms=one.grievance_mechanisms,
            counts=_follows(one, found, model),
        )
        for _, one in sorted(told.items(), key=lambda pair: pair[0])
    )


def _counts(flag: FlagKnown) -> str:
    if flag.state is FlagState.DISMISSED:
        return "Dismissed: shown, and counts for nothing."
    if flag.state in REMEDIED:
        return "Remedied: counts by its likelihood alone, lowered."
    if flag.state is FlagState.REOPENED:
        return "Counts as reported, its likelihood raised: it was opened again."
    return "Counts as reported."


def _report(report: ReportedRisk, category: Category, model: Model) -> ExplainedReport:
    return ExplainedReport(
        report=report.report,
        source_class=report.source_class,
        parts=report.parts,
        actuality=report.actuality,
        workers=report.workers,
        confidence=report.confidence,
        headline=report.headline,
        clause=_clause(report, category, model),
        evidence=report.evidence,
        replies=report.replies,
    )


def _clause(report: ReportedRisk, category: Category, model: Model) -> ExplainedClause | None:
    if report.clause is None:
        return None
    mapped = model.mapped(report.clause)
    if mapped is None:
        return ExplainedClause(report.clause, None, (), differs=False)
    return ExplainedClause(report.clause, mapped.category, mapped.instruments, differs=mapped.category is not category)


def _follows(claim: Claim, found: Reckoning, model: Model) -> str:
    """What follows from a claim about representation; mechanisms and agreements are shown and lower nothing."""
    if claim.representation is Representation.INDEPENDENT:
        if claim.source is SourceClass.SUPPLIER:
            return "Shown: the supplier's own word lowers nothing."
        counting = any(SPEAKERS[low.source] == SPEAKERS[claim.source] for low in found.lowerings)
        return "Lowers likelihoods." if counting else "Shown: lowers nothing beside what other sources say."
    return "Raises a likelihood." if claim.representation in model.representation else "Shown: changes no grade."
