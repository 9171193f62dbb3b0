"""Which flag comes first."""

from dataclasses import dataclass

from shared.events.values import SeverityParts


@dataclass(frozen=True, slots=True)
class Ranking:
    """What orders flags; the numbers are settings."""

    serious_from: int
    unknown_grade: int

    def priority(self, parts: SeverityParts) -> int:
        """Higher comes first: severity outranks likelihood (UNGP 24), whatever the likelihood is.

        A likelihood that nobody knows is ordered as `unknown_grade`, never as none.
        """
        likelihood = self.unknown_grade if parts.likelihood is None else parts.likelihood
        return parts.severity * 10 + likelihood

    def is_serious(self, parts: SeverityParts) -> bool:
        """Whether it asks for an immediate mail."""
        return parts.severity >= self.serious_from
