"""How a reported risk becomes a flag, and which flag comes first."""

from dataclasses import dataclass

from shared.events.ingest import FlagReported
from shared.events.risk import FlagOpened
from shared.events.values import SeverityParts


@dataclass(frozen=True, slots=True)
class Ranking:
    """What orders flags; the numbers are settings."""

    serious_from: int
    likelihood_unknown: int

    def priority(self, parts: SeverityParts) -> int:
        """Higher comes first: severity outranks likelihood (UNGP 24), whatever the likelihood is."""
        likelihood = self.likelihood_unknown if parts.likelihood is None else parts.likelihood
        return parts.severity * 10 + likelihood


def open_flag(report: FlagReported, ranking: Ranking) -> FlagOpened:
    """The flag of a report. Its id is the report's, so that one report is one flag.

    The parts of severity are those of UNGP 14; that the greatest of them counts is ours.
    """
    return FlagOpened(
        flag=report.report,
        supplier=report.supplier,
        supplier_name=report.supplier_name,
        site=report.site,
        site_name=report.site_name,
        country=report.country,
        category=report.category,
        source_class=report.source_class,
        parts=report.severity,
        severity=report.severity.severity,
        priority=ranking.priority(report.severity),
        serious=report.severity.severity >= ranking.serious_from,
        instruments=report.instruments,
        headline=report.headline,
        evidence=report.evidence,
    )
