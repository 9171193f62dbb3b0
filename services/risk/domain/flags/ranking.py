"""Which flag comes first."""

from dataclasses import dataclass

from services.risk.domain.assessment.result import priority_of
from shared.events.values import SeverityParts


@dataclass(frozen=True, slots=True)
class Ranking:
    """What orders flags; the numbers are settings."""

    serious_from: int
    unknown_grade: int

    def priority(self, parts: SeverityParts) -> int:
        """Its place among flags and among what is found of sites, as `priority_of` gives it."""
        return priority_of(parts.severity, parts.likelihood, self.unknown_grade)

    def is_serious(self, parts: SeverityParts) -> bool:
        """Whether it asks for an immediate mail."""
        return parts.severity >= self.serious_from
