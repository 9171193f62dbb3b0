"""Which steps a flag can take, and whose word suffices for them.

The states are those that due diligence goes through (OECD guidance: identify and assess; cease, prevent or mitigate;
track; communicate); which step may follow which is ours.
"""

from dataclasses import dataclass

from shared.events.ingest import FollowUpRecorded
from shared.events.lifecycles import FlagState, FollowUpRefusal
from shared.events.vocabulary import SourceClass

FOLLOWING = {
    FlagState.RAISED: {FlagState.TRIAGED, FlagState.DISMISSED, FlagState.CORROBORATING, FlagState.CONFIRMED},
    FlagState.TRIAGED: {FlagState.DISMISSED, FlagState.CORROBORATING, FlagState.CONFIRMED},
    FlagState.CORROBORATING: {FlagState.CONFIRMED, FlagState.DISMISSED},
    FlagState.CONFIRMED: {FlagState.ENGAGED, FlagState.MITIGATING},
    FlagState.ENGAGED: {FlagState.MITIGATING},
    FlagState.MITIGATING: {FlagState.MITIGATED},
    FlagState.MITIGATED: {FlagState.VERIFIED, FlagState.MITIGATING, FlagState.REOPENED},
    FlagState.VERIFIED: {FlagState.CLOSED, FlagState.REOPENED},
    FlagState.DISMISSED: {FlagState.REOPENED},
    FlagState.CLOSED: {FlagState.REOPENED},
    FlagState.REOPENED: {
        FlagState.TRIAGED,
        FlagState.CORROBORATING,
        FlagState.CONFIRMED,
        FlagState.DISMISSED,
        FlagState.ENGAGED,
    },
}
"""The states that may follow each one, by a member's word."""

ENDED = frozenset({FlagState.DISMISSED, FlagState.CLOSED})
"""A flag in these states is not open: it exposes nobody until it is reopened."""

OWN_WORD = frozenset({FlagState.MITIGATING, FlagState.MITIGATED})
"""What a supplier's own word suffices for: that it does something, and that it has done it."""

VERIFYING = frozenset({SourceClass.AUDIT, SourceClass.PUBLIC, SourceClass.MEDIA})
"""Whose word verifies. That of the workers' side counts for more still, but is never told here in the open."""


@dataclass(frozen=True, slots=True)
class Course:
    """Where a flag stands when a step is asked of it.

    `holds_reports`: not all of them were taken back. `is_serious`: one of those that stand is serious.
    `implementer` is the member that reported the last mitigation; None is one that is not named.
    """

    state: FlagState
    holds_reports: bool
    is_serious: bool
    implementer: str | None


def following_of(state: FlagState, *, holds_reports: bool) -> tuple[FlagState, ...]:
    """The states that may follow, in the order in which a flag goes through them; none where it holds no report."""
    return tuple(one for one in FlagState if holds_reports and one in FOLLOWING.get(state, ()))


def refusal_of(wanted: FollowUpRecorded, course: Course) -> FollowUpRefusal | None:
    """Why a flag does not take a step; None where it does.

    Whoever is said to have caused harm does not judge it: a supplier's word alone neither confirms, dismisses, verifies
    nor closes (UNGP 17 and 20: impacts and responses are assessed with those affected and with independent expertise;
    the rule is ours). Whether a response is effective is tracked by others than who gave it (UNGP 20): the member that
    reported the mitigation does not verify it. Partners are not named: where neither of the two is, they may be one,
    and count as one; beside a named member a partner counts as another.
    A serious flag is not dismissed without evidence: whoever dismisses it silences what may be grave (ours).
    A flag of which all reports were taken back holds nothing that could be followed up.
    """
    if wanted.basis is SourceClass.SUPPLIER and wanted.state not in OWN_WORD:
        return FollowUpRefusal.SUPPLIER_WORD_ALONE
    if not course.holds_reports or wanted.state not in FOLLOWING.get(course.state, ()):
        return FollowUpRefusal.NOT_FROM_THIS_STATE
    if wanted.state is FlagState.DISMISSED and course.is_serious and not wanted.evidence:
        return FollowUpRefusal.EVIDENCE_MISSING
    return refusal_to_verify(wanted, course) if wanted.state is FlagState.VERIFIED else None


def refusal_to_verify(wanted: FollowUpRecorded, course: Course) -> FollowUpRefusal | None:
    """Why a mitigation is not verified by this source or this member; None where it is."""
    if wanted.basis not in VERIFYING:
        return FollowUpRefusal.OTHER
    return FollowUpRefusal.VERIFIER_IS_IMPLEMENTER if wanted.member == course.implementer else None
