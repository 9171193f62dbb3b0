"""Grades out of contributions: of several reasons for one part the greatest counts, and what lowers lowers last."""

from collections.abc import Collection, Iterable

from services.risk.domain.assessment.contribution import Contribution, Lowering
from services.risk.domain.assessment.result import Grades
from services.risk.domain.model.rules import greater
from shared.events.lifecycles import Finding

LEAST = 1


def likelihood_of(one: Contribution, lowerings: Collection[Lowering], cap: int) -> int | None:
    """The likelihood that a contribution gives, after what lowers it: by `cap` at most, never below 1.

    Nothing lowers the word of a source that weighs more.
    """
    stated = one.parts.likelihood
    if stated is None or not (one.remedied or lowerings):
        return stated
    able = (low.lowers for low in lowerings if low.weight >= one.reason.weight and one.category in low.categories)
    return max(LEAST, stated - min(cap, one.remedied + max(able, default=0)))


def graded(contributions: Iterable[Contribution], lowerings: Collection[Lowering], cap: int, *, listed: bool) -> Grades:
    """The grades of one category. `listed`: a list that is loaded covers it for this site.

    Each part is the greatest that a contribution gives it, None where none does.
    """
    scale = scope = irremediability = likelihood = None
    points = False
    for one in contributions:
        parts = one.parts
        scale = greater(scale, parts.scale)
        scope = greater(scope, parts.scope)
        irremediability = greater(irremediability, parts.irremediability)
        likelihood = greater(likelihood, likelihood_of(one, lowerings, cap))
        points = points or one.points
    finding = Finding.INDICATED if points else Finding.NOT_LISTED if listed else Finding.UNKNOWN
    return Grades(finding, scale, scope, irremediability, likelihood)
