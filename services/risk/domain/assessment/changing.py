"""What would change a grade: reckoned by leaving out a reason, adding what could be known, or filling a gap."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from uuid import UUID

from services.risk.domain.assessment.claims import independent
from services.risk.domain.assessment.contribution import WORDS, Contribution, Lowering
from services.risk.domain.assessment.explanation import Change, ChangeKind, ExplainedGrades
from services.risk.domain.assessment.grading import likelihood_of
from services.risk.domain.assessment.known import REMEDIED, counts
from services.risk.domain.assessment.reckoning import Reckoning
from services.risk.domain.assessment.result import Grades
from services.risk.domain.evidence import Evidence
from services.risk.domain.model import Parts
from services.risk.domain.model.rules import PART_NAMES
from shared.events.lifecycles import FlagState
from shared.events.vocabulary import Category, SourceClass

Again = Callable[[Evidence], Reckoning]
"""Reckons the same site with other evidence."""


def shown(grades: Grades) -> ExplainedGrades:
    """Grades with their severity."""
    return ExplainedGrades(
        grades.finding,
        grades.scale,
        grades.scope,
        grades.irremediability,
        grades.severity,
        grades.likelihood,
    )


def counted(one: Contribution, found: Reckoning) -> Parts:
    """What a contribution gives after what lowers it."""
    return one.parts.with_likelihood(likelihood_of(one, found.lowerings, found.model.cap))


def decides(one: Contribution, found: Reckoning) -> tuple[str, ...]:
    """The parts of its category that have their grade by this contribution, perhaps with others."""
    grades, parts = found.grades(one.category), counted(one, found)
    return tuple(
        part
        for part in PART_NAMES
        if getattr(parts, part) is not None and getattr(parts, part) == getattr(grades, part)
    )


def changes(category: Category, found: Reckoning, evidence: Evidence, again: Again) -> tuple[Change, ...]:
    """What would change the grades of a category, in a fixed order. A gap is told by the most that it could be."""
    before = found.grades(category)
    told = (
        *_without_one(category, found),
        *_without_all(category, found),
        *_with_representation(category, found),
        *_with_remedy(category, evidence, again),
        *_if_known(category, found),
    )
    return tuple(
        Change(how, what, shown(before), shown(after), flag) for how, what, after, flag in told if after != before
    )


Told = Iterator[tuple[ChangeKind, str, Grades, UUID | None]]


def _without_one(category: Category, found: Reckoning) -> Told:
    """Each reason that decides a part, left out."""
    every = found.contributions(category)
    for reason in dict.fromkeys(one.reason for one in every if decides(one, found)):
        rest = (one for one in every if one.reason != reason)
        yield ChangeKind.WITHOUT, reason.says, found.regraded(category, rest, found.lowerings), reason.flag


def _without_all(category: Category, found: Reckoning) -> Told:
    """All reasons together that give a part its grade, where there are several."""
    every = found.contributions(category)
    for part in PART_NAMES:
        together = {one.reason for one in every if part in decides(one, found)}
        if len(together) > 1:
            rest = (one for one in every if one.reason not in together)
            grade = getattr(found.grades(category), part)
            what = f"all {len(together)} reasons that give {part} {grade}"
            yield ChangeKind.WITHOUT, what, found.regraded(category, rest, found.lowerings), None


def _with_representation(category: Category, found: Reckoning) -> Told:
    """An independent representation by the word of the workers' side, where none counts yet."""
    lowering: Lowering = independent(SourceClass.WORKER, found.model)
    if not found.lowerings and SourceClass.WORKER in found.model.relief.sources:
        after = found.regraded(category, found.contributions(category), (lowering,))
        yield ChangeKind.WITH, lowering.says, after, None


def _with_remedy(category: Category, evidence: Evidence, again: Again) -> Told:
    """The remedy of each open flag verified."""
    for flag in sorted(evidence.flags, key=lambda one: one.flag):
        if flag.category is category and counts(flag) and flag.state not in REMEDIED:
            others = (one for one in evidence.flags if one.flag != flag.flag)
            remedied = replace(evidence, flags=(*others, replace(flag, state=FlagState.VERIFIED)))
            what = f"The remedy of the flag ({WORDS[category]}) verified"
            yield ChangeKind.WITH, what, again(remedied).grades(category), flag.flag


def _if_known(category: Category, found: Reckoning) -> Told:
    """What each gap could give at most."""
    before = found.grades(category)
    for gap in found.gaps:
        could = Parts(before.scale, before.scope, before.irremediability, before.likelihood)
        for concerned, parts in gap.could:
            could = could.joined(parts) if concerned is category else could
        after = Grades(before.finding, could.scale, could.scope, could.irremediability, could.likelihood)
        yield ChangeKind.IF_KNOWN, gap.label, after, None
