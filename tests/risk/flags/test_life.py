"""How a flag stands by its entries: the steps it takes and refuses, its grades, and what is awaited of it."""

from itertools import pairwise, permutations, product
from random import Random

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from services.risk.domain.flags import (
    Entry,
    FlagStanding,
    FollowedUp,
    Ranking,
    Replied,
    Reported,
    Terms,
    before,
    clock_of,
    flag_of,
    fold,
    gravest,
)
from services.risk.domain.flags.clocks import basis_of
from shared.events.envelope import Event
from shared.events.ingest import FlagReported, FollowUpRecorded, ReplyRecorded
from shared.events.lifecycles import FlagClock, FlagReason, FlagState, FollowUpRefusal
from shared.events.values import SeverityParts
from shared.events.vocabulary import Category, SourceClass
from tests.risk.flags.told import PATHS, followed_up, moment, replied, reported, way_to
from tests.risk.given import named

S = FlagState
RANKING = Ranking(serious_from=4, unknown_grade=3)
TERMS = Terms(triage_days=14, response_days=45, response_basis="an invented benchmark")
ALLOWED = {
    (S.RAISED, S.TRIAGED),
    (S.RAISED, S.DISMISSED),
    (S.RAISED, S.CORROBORATING),
    (S.RAISED, S.CONFIRMED),
    (S.TRIAGED, S.DISMISSED),
    (S.TRIAGED, S.CORROBORATING),
    (S.TRIAGED, S.CONFIRMED),
    (S.CORROBORATING, S.CONFIRMED),
    (S.CORROBORATING, S.DISMISSED),
    (S.CONFIRMED, S.ENGAGED),
    (S.CONFIRMED, S.MITIGATING),
    (S.ENGAGED, S.MITIGATING),
    (S.MITIGATING, S.MITIGATED),
    (S.MITIGATED, S.VERIFIED),
    (S.MITIGATED, S.MITIGATING),
    (S.MITIGATED, S.REOPENED),
    (S.VERIFIED, S.CLOSED),
    (S.VERIFIED, S.REOPENED),
    (S.DISMISSED, S.REOPENED),
    (S.CLOSED, S.REOPENED),
    (S.REOPENED, S.TRIAGED),
    (S.REOPENED, S.CORROBORATING),
    (S.REOPENED, S.CONFIRMED),
    (S.REOPENED, S.DISMISSED),
    (S.REOPENED, S.ENGAGED),
}


def entry_of(event: Event, withdrawn_at: float | None = None) -> Entry:
    """An event as an entry of a flag."""
    at, back = event.recordedtime or event.time, None if withdrawn_at is None else moment(withdrawn_at)
    match event.data:
        case FlagReported() as said:
            return Reported(
                said.report,
                said.source_class,
                said.severity,
                said.model_dump_json(),
                at,
                said.supplier,
                said.site,
                back,
            )
        case FollowUpRecorded() as said:
            return FollowedUp(said, at, back)
        case ReplyRecorded() as said:
            return Replied(said, at, back)
    raise AssertionError(event.type)


def standing(*entries: Event | Entry) -> FlagStanding:
    found = fold([entry_of(one) if isinstance(one, Event) else one for one in entries], RANKING)
    assert found is not None
    return found


@pytest.mark.parametrize(("here", "wanted"), list(product(PATHS, [*PATHS, S.OTHER])), ids=str)
def test_a_flag_takes_the_steps_of_its_life_and_refuses_all_others(here: FlagState, wanted: FlagState) -> None:
    found = standing(*way_to(here), followed_up(wanted, at=20, member="malmo", basis=SourceClass.AUDIT))

    if (here, wanted) in ALLOWED:
        assert (found.state, found.refused) == (wanted, ())
        assert (found.steps[-1].before, found.steps[-1].after) == (here, wanted)
    else:
        assert found.state is here
        assert [(one.wanted, one.standing, one.refusal) for one in found.refused] == [
            (wanted, here, FollowUpRefusal.NOT_FROM_THIS_STATE)
        ]


@pytest.mark.parametrize(("here", "wanted"), sorted(ALLOWED), ids=str)
def test_a_suppliers_word_alone_suffices_for_its_own_measures_and_for_nothing_else(
    here: FlagState, wanted: FlagState
) -> None:
    found = standing(*way_to(here), followed_up(wanted, at=20, member="malmo", basis=SourceClass.SUPPLIER))

    if wanted in {S.MITIGATING, S.MITIGATED}:
        assert found.state is wanted
    else:
        assert found.state is here
        assert found.refused[0].refusal is FollowUpRefusal.SUPPLIER_WORD_ALONE


def test_the_member_that_reported_the_mitigation_does_not_verify_it() -> None:
    own = followed_up(S.VERIFIED, entry="own", at=20, member="oslo")
    another = followed_up(S.VERIFIED, entry="another", at=21, member="malmo")

    found = standing(*way_to(S.MITIGATED), own, another)

    assert [(one.entry, one.refusal) for one in found.refused] == [
        (named("own"), FollowUpRefusal.VERIFIER_IS_IMPLEMENTER)
    ]
    assert found.state is S.VERIFIED


def test_a_partner_is_not_named_and_counts_as_another_beside_a_member_that_is() -> None:
    assert standing(*way_to(S.MITIGATED), followed_up(S.VERIFIED, at=20, member=None)).state is S.VERIFIED


def test_where_neither_the_implementer_nor_the_verifier_is_named_they_may_be_one() -> None:
    by_partner = [*way_to(S.MITIGATING), followed_up(S.MITIGATED, at=19, member=None)]

    found = standing(*by_partner, followed_up(S.VERIFIED, at=20, member=None))

    assert (found.state, found.refused[0].refusal) == (S.MITIGATED, FollowUpRefusal.VERIFIER_IS_IMPLEMENTER)
    assert standing(*by_partner, followed_up(S.VERIFIED, at=20, member="malmo")).state is S.VERIFIED


def test_a_serious_flag_is_dismissed_with_evidence_only() -> None:
    silent = followed_up(S.DISMISSED, at=20, evidence=False)
    serious, mild = reported(parts=(1, 4, 1, None)), reported(parts=(3, 3, 3, 5))

    found = standing(serious, silent)

    assert (found.state, found.refused[0].refusal) == (S.RAISED, FollowUpRefusal.EVIDENCE_MISSING)
    assert standing(serious, followed_up(S.DISMISSED, at=20)).state is S.DISMISSED
    assert standing(mild, silent).state is S.DISMISSED


def test_what_counts_for_a_dismissal_is_how_serious_the_flag_was_then() -> None:
    silent = followed_up(S.DISMISSED, at=20, evidence=False)
    mild, grave = reported(parts=(2, 2, 2, None)), reported("report 2", at=1, parts=(5, 1, 1, None))

    assert standing(mild, grave, silent).state is S.RAISED
    assert standing(mild, entry_of(grave, withdrawn_at=19), silent).state is S.DISMISSED
    assert standing(mild, entry_of(grave, withdrawn_at=21), silent).state is S.RAISED
    assert standing(mild, reported("report 2", at=21, parts=(5, 1, 1, None)), silent).state is S.REOPENED


@pytest.mark.parametrize("basis", [SourceClass.AUDIT, SourceClass.PUBLIC, SourceClass.MEDIA])
def test_audit_public_and_media_sources_verify(basis: SourceClass) -> None:
    assert (
        standing(*way_to(S.MITIGATED), followed_up(S.VERIFIED, at=20, member="malmo", basis=basis)).state is S.VERIFIED
    )


def test_a_word_of_a_newer_release_verifies_nothing() -> None:
    found = standing(*way_to(S.MITIGATED), followed_up(S.VERIFIED, at=20, member="malmo", basis=SourceClass.OTHER))

    assert (found.state, found.refused[0].refusal) == (S.MITIGATED, FollowUpRefusal.OTHER)


@pytest.mark.parametrize("ended", [S.DISMISSED, S.CLOSED])
def test_a_new_report_reopens_what_was_dismissed_or_closed(ended: FlagState) -> None:
    found = standing(*way_to(ended), reported("report 2", at=30, source=SourceClass.MEDIA))

    step = found.steps[-1]
    assert found.state is S.REOPENED
    assert (step.reason, step.basis, step.report) == (FlagReason.NEW_EVIDENCE, SourceClass.MEDIA, named("report 2"))


@pytest.mark.parametrize("here", sorted(PATHS.keys() - {S.DISMISSED, S.CLOSED}))
def test_further_reports_move_no_open_flag_by_themselves(here: FlagState) -> None:
    further = [reported(f"report {n}", at=30 + n, source=SourceClass.AUDIT, member=f"city-{n}") for n in range(2, 9)]

    found = standing(*way_to(here), *further)

    assert (found.state, len(found.reports)) == (here, 8)


def test_a_report_that_came_to_be_known_late_does_not_reopen_what_was_dismissed_after_it() -> None:
    found = standing(*way_to(S.DISMISSED), reported("report 2", at=0.5))

    assert found.state is S.DISMISSED


def test_a_flag_closes_when_its_last_report_is_taken_back() -> None:
    first = entry_of(reported(), withdrawn_at=5)
    second = entry_of(reported("report 2", at=1), withdrawn_at=9)

    assert standing(first, entry_of(reported("report 2", at=1))).state is S.RAISED
    found = standing(first, second)
    assert (found.state, found.steps[-1].reason) == (S.CLOSED, FlagReason.REPORT_WITHDRAWN)
    assert (found.moved_at, found.steps[-1].report) == (moment(9), named("report 2"))


def test_what_holds_no_report_any_more_is_not_followed_up() -> None:
    found = standing(entry_of(reported(), withdrawn_at=5), followed_up(S.REOPENED, at=6, reason=FlagReason.RECURRED))

    assert (found.state, found.refused[0].refusal) == (S.CLOSED, FollowUpRefusal.NOT_FROM_THIS_STATE)


def test_a_step_that_was_taken_back_counts_as_if_it_had_never_been_told() -> None:
    dismissed = followed_up(S.DISMISSED, at=1)
    confirmed = followed_up(S.CONFIRMED, at=2)

    assert standing(reported(), dismissed, confirmed).state is S.DISMISSED
    assert standing(reported(), entry_of(dismissed, withdrawn_at=3), confirmed).state is S.CONFIRMED


def test_more_severe_evidence_raises_each_part_and_never_lowers_one() -> None:
    found = standing(reported(parts=(4, 2, 3, None)), reported("report 2", at=1, parts=(1, 5, 1, 2)))

    assert found.parts == SeverityParts(scale=4, scope=5, irremediability=3, likelihood=2)


def test_an_unknown_likelihood_stays_unknown_and_is_ordered_by_the_middle() -> None:
    parts = standing(reported(parts=(2, 2, 2, None))).parts

    assert parts.likelihood is None
    assert RANKING.priority(parts) == 23
    assert RANKING.priority(parts.model_copy(update={"likelihood": 5})) < RANKING.priority(
        SeverityParts(scale=3, scope=1, irremediability=1, likelihood=1)
    )


def test_a_report_that_was_taken_back_no_longer_counts_in_the_grades() -> None:
    grave = entry_of(reported(parts=(5, 5, 5, 5)), withdrawn_at=5)

    assert standing(grave, reported("report 2", at=1, parts=(2, 2, 2, None))).severity == 2
    assert standing(grave).severity == 5


def test_triage_is_awaited_from_the_opening_and_from_each_reopening() -> None:
    opened = clock_of(standing(reported()), TERMS)
    reopened = clock_of(standing(*way_to(S.REOPENED)), TERMS)

    assert opened is not None
    assert (opened.awaits, opened.due.isoformat()) == (FlagClock.TRIAGE, "2026-03-16")
    assert reopened is not None
    assert reopened.awaits is FlagClock.TRIAGE
    assert clock_of(standing(*way_to(S.TRIAGED)), TERMS) is None


def test_an_answer_is_awaited_from_the_confirmation_until_a_reply_or_mitigation() -> None:
    confirmed = way_to(S.CONFIRMED)
    day = 24 * 60
    engaged = [*confirmed, followed_up(S.ENGAGED, at=10 * day)]

    for entries in (confirmed, engaged):
        clock = clock_of(standing(*entries), TERMS)
        assert clock is not None
        assert (clock.awaits, clock.due.isoformat()) == (FlagClock.RESPONSE, "2026-04-16")
    assert clock_of(standing(*engaged, replied(at=11 * day)), TERMS) is None
    assert clock_of(standing(*way_to(S.MITIGATING)), TERMS) is None


def test_a_reply_to_what_was_not_confirmed_yet_or_one_taken_back_stops_no_clock() -> None:
    early = replied(at=0.5)
    mistaken = entry_of(replied("reply 2", at=5), withdrawn_at=6)

    clock = clock_of(standing(*way_to(S.CONFIRMED), early, mistaken), TERMS)

    assert clock is not None
    assert clock.awaits is FlagClock.RESPONSE


def test_a_clock_names_its_benchmark() -> None:
    assert basis_of(FlagClock.RESPONSE, TERMS) == "45 days to respond; an invented benchmark"
    assert "14 days" in basis_of(FlagClock.TRIAGE, TERMS)


def test_a_clock_of_no_days_is_switched_off() -> None:
    off = Terms(triage_days=0, response_days=0)

    assert clock_of(standing(reported()), off) is None
    assert clock_of(standing(*way_to(S.CONFIRMED)), off) is None


def test_the_same_concern_is_the_same_flag() -> None:
    site, other = named("site 1"), named("site 2")

    assert flag_of(site, Category.FORCED_LABOUR) == flag_of(site, Category.FORCED_LABOUR)
    assert len({flag_of(place, category) for place in (site, other) for category in Category}) == 2 * len(Category)


def test_without_a_report_there_is_no_flag() -> None:
    assert fold([entry_of(followed_up(S.CONFIRMED)), entry_of(replied())], RANKING) is None


def test_what_was_known_before_a_day_leaves_out_what_came_and_went_later() -> None:
    entries = [entry_of(one) for one in way_to(S.CONFIRMED)]
    gone = entry_of(reported("report 2", at=0.1), withdrawn_at=30)

    then = fold(before([*entries, gone], moment(0.5)), RANKING)

    assert then is not None
    assert (then.state, len(then.standing_reports)) == (S.RAISED, 2)


ENTRIES = [
    entry_of(reported()),
    entry_of(reported("report 2", at=3, source=SourceClass.MEDIA, parts=(5, 1, 1, None)), withdrawn_at=30),
    entry_of(reported("report 3", at=3, source=SourceClass.AUDIT, parts=(1, 1, 4, 5))),
    entry_of(followed_up(S.TRIAGED, at=4)),
    entry_of(followed_up(S.DISMISSED, at=4, entry="of the same moment")),
    entry_of(followed_up(S.CONFIRMED, at=5)),
    entry_of(replied(at=6)),
]
STATES = st.sampled_from(sorted(PATHS))


@pytest.mark.parametrize("seed", range(20))
def test_the_order_in_which_entries_came_to_be_known_makes_no_difference(seed: int) -> None:
    shuffled = Random(seed).sample(ENTRIES, len(ENTRIES))

    assert fold(shuffled, RANKING) == fold(ENTRIES, RANKING)


def test_entries_of_one_moment_are_taken_in_one_order() -> None:
    same = [entry_of(reported(at=4)), *(entry_of(followed_up(s, at=4)) for s in (S.CONFIRMED, S.DISMISSED, S.TRIAGED))]

    assert len({standing(*order).state for order in permutations(same)}) == 1


@for_all(
    st.lists(st.tuples(STATES, st.sampled_from(list(SourceClass)), st.sampled_from(["oslo", "malmo"])), max_size=12)
)
def test_every_step_that_a_member_reported_is_either_taken_or_kept_as_refused(
    steps: list[tuple[FlagState, SourceClass, str]],
) -> None:
    told = [
        followed_up(state, entry=f"entry {n}", at=n, basis=basis, member=member)
        for n, (state, basis, member) in enumerate(steps, 1)
    ]

    found = standing(reported(), *told)

    shown = {one.entry for one in found.steps} | {one.entry for one in found.refused}
    assert shown == {named(f"entry {n}") for n in range(1, len(steps) + 1)}
    assert all(earlier.after is later.before for earlier, later in pairwise(found.steps))


@for_all(st.lists(st.tuples(*[st.integers(1, 5)] * 3, st.none() | st.integers(1, 5)), min_size=1, max_size=6))
def test_adding_a_report_lowers_no_part(parts: list[tuple[int, int, int, int | None]]) -> None:
    reports = [reported(f"report {n}", at=n, parts=each) for n, each in enumerate(parts)]
    grades = [standing(*reports[: n + 1]).parts for n in range(len(reports))]

    for less, more in pairwise(grades):
        assert gravest((less, more)) == more
