"""Assessing a site: grades for each category with the reasons for each, what is not known, and what would change it."""

from services.risk.domain.assessment.assess import assess
from services.risk.domain.assessment.canonical import canonical
from services.risk.domain.assessment.explain import explain
from services.risk.domain.assessment.explanation import Explanation
from services.risk.domain.assessment.result import Assessment, Grades, Indicator, gravest, priority_of

__all__ = [
    "Assessment",
    "Explanation",
    "Grades",
    "Indicator",
    "assess",
    "canonical",
    "explain",
    "gravest",
    "priority_of",
]
