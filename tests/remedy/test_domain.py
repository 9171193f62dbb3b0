"""The rules of `remedy`, with nothing around them."""

import re
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.remedy import domain
from services.remedy.domain import CROCKFORD, Case, DeadlineState, Flag, WorkingGroup
from services.remedy.handlers import draw_reference
from services.remedy.settings import RemedySettings
from shared import sealing
from shared.events import lifecycles
from shared.events.lifecycles import CaseState
from shared.events.vocabulary import Category
from tests.remedy.given import NOON, PRIVATE_KEY, PUBLIC_KEY, SETTINGS

SHAPE = re.compile(r"R-[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){2}")


def case_at(received_at: datetime) -> Case:
    return Case(uuid4(), lifecycles.TestimonyKind.GRIEVANCE, "R-0000-0000-0000", "0" * 16, "", True, received_at)


def symbols(reference: str) -> str:
    return reference.removeprefix("R-").replace("-", "")


def valid(twelve: str) -> bool:
    """Whether twelve symbols are a number with its check symbol, calculated apart from the code under test."""
    number = 0
    for symbol in twelve[:-1]:
        number = number * 32 + CROCKFORD.index(symbol)
    return number % 37 == CROCKFORD.index(twelve[-1])


# References.


@given(st.integers(0, 2**55 - 1))
def test_a_reference_has_three_groups_of_four_symbols_and_its_check_symbol(number: int) -> None:
    reference = domain.reference_of(number)

    assert reference is None or (SHAPE.fullmatch(reference) and valid(symbols(reference)))


@given(st.integers(0, 2**55 - 1), st.integers(0, 11), st.sampled_from(CROCKFORD))
def test_one_wrong_symbol_never_gives_another_valid_reference(number: int, place: int, other: str) -> None:
    reference = domain.reference_of(number)
    if reference is None or symbols(reference)[place] == other:
        return
    twelve = symbols(reference)

    assert not valid(twelve[:place] + other + twelve[place + 1 :])


@given(st.integers(0, 2**55 - 1), st.integers(0, 10))
def test_two_exchanged_symbols_never_give_another_valid_reference(number: int, place: int) -> None:
    reference = domain.reference_of(number)
    if reference is None or symbols(reference)[place] == symbols(reference)[place + 1]:
        return
    twelve = symbols(reference)

    assert not valid(twelve[:place] + twelve[place + 1] + twelve[place] + twelve[place + 2 :])


def test_references_are_drawn_from_the_whole_space_and_do_not_repeat() -> None:
    drawn = [draw_reference() for _ in range(5000)]

    assert len(set(drawn)) == len(drawn)
    for place in range(11):
        assert {symbols(reference)[place] for reference in drawn} == set(CROCKFORD)


@pytest.mark.parametrize("typed", ["r-01ab-cdef-ghjk", " R-O1AB-CDEF-GHJK ", "R-oLab-cdef-ghjk", "0IAB-CDEF-GHJK"])
def test_a_reference_is_known_as_people_type_it(typed: str) -> None:
    assert domain.as_written(typed) == "R-01AB-CDEF-GHJK"


@pytest.mark.parametrize(
    "typed", ["", "R-", "R-01AB", "R-01AB-CDEF-GHJU", "R-01AB-CDEF-GHJ\x00", "R-01AB-CDEF-GHJK\n;"]
)
def test_what_cannot_be_a_reference_is_none(typed: str) -> None:
    assert domain.as_written(typed) is None


def test_the_id_of_a_key_is_half_of_its_fingerprint() -> None:
    assert domain.key_id_of(sealing.encode(bytes(32))) == "66687aadf862bd77"


# Deadlines.


@pytest.mark.parametrize(
    "received",
    [
        NOON,
        datetime(2026, 10, 24, 23, 30, tzinfo=UTC),  # clocks in Oslo go back in the night after
        datetime(2026, 3, 28, 23, 30, tzinfo=UTC),  # and forward
        datetime(2028, 2, 25, tzinfo=UTC),  # a leap year
        datetime(2026, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
    ],
)
def test_seven_days_are_seven_times_24_hours_whatever_the_calendar(received: datetime) -> None:
    deadline = domain.start(SETTINGS.first_clock, case_at(received))

    assert (deadline.due_at - received).total_seconds() == 7 * 86_400
    assert (deadline.due_at - deadline.warn_at).total_seconds() == 2 * 86_400


@pytest.mark.parametrize(
    ("now", "met", "expected"),
    [
        (0, None, DeadlineState.RUNNING),
        (4.9, None, DeadlineState.RUNNING),
        (5, None, DeadlineState.NEAR),
        (6.9, None, DeadlineState.NEAR),
        (7, None, DeadlineState.MISSED),
        (700, None, DeadlineState.MISSED),
        (1, 1, DeadlineState.MET),
        (700, 6.9, DeadlineState.MET),
        (700, 7, DeadlineState.MET_LATE),
        (700, 699, DeadlineState.MET_LATE),
    ],
)
def test_a_deadline_runs_is_near_and_is_missed_unless_it_was_met(
    now: float, met: float | None, expected: DeadlineState
) -> None:
    due = domain.start(SETTINGS.first_clock, case_at(NOON))
    met_at = None if met is None else NOON + timedelta(days=met)

    assert domain.standing(due.due_at, due.warn_at, met_at, NOON + timedelta(days=now)) is expected


def test_no_time_finer_than_a_day_is_told() -> None:
    assert domain.day_of(datetime.fromisoformat("2026-11-22T00:30:15+02:00")) == datetime(2026, 11, 21, tzinfo=UTC)


def test_a_received_case_may_be_acknowledged_and_no_other() -> None:
    assert [state for state in CaseState if domain.may_move(state, CaseState.ACKNOWLEDGED)] == [CaseState.RECEIVED]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("trustee_key", "not a key"),
        ("trustee_key", PUBLIC_KEY[:-4]),
        ("warn_before", "P7D"),
        ("acknowledge_within", "PT0S"),
        ("key_valid_days", "0"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused_and_not_echoed(name: str, value: str) -> None:
    good = {"kafka_bootstrap": "k", "database_dsn": "d", "trustee_key": PRIVATE_KEY}

    with pytest.raises(ValidationError) as refused:
        RemedySettings.model_validate(good | {name: value})

    assert name in str(refused.value)
    assert value not in str(refused.value)


# Engagements.


ACME, OTHER = UUID(int=1), UUID(int=2)


@pytest.mark.parametrize(
    ("suppliers", "categories", "expected"),
    [
        ({ACME}, set(), True),
        ({ACME}, {Category.CHILD_LABOUR}, True),  # its suppliers are its choice, whatever the category
        ({OTHER}, {Category.FORCED_LABOUR}, False),
        (set(), {Category.FORCED_LABOUR}, True),
        (set(), {Category.CHILD_LABOUR}, False),
        (set(), set(), False),
    ],
)
def test_a_flag_concerns_the_groups_that_work_on_its_supplier_or_else_on_its_category(
    suppliers: set[UUID], categories: set[Category], expected: bool
) -> None:
    found = Flag(uuid4(), ACME, "Example Electronics", Category.FORCED_LABOUR, serious=False)

    assert domain.concerns(found, WorkingGroup("g", frozenset(suppliers), frozenset(categories))) is expected


def test_several_flags_of_one_supplier_and_category_are_one_proposal_that_names_them_all() -> None:
    flags = [Flag(uuid4(), ACME, "Example Electronics", Category.FORCED_LABOUR, serious=False) for _ in range(3)]
    other = Flag(uuid4(), ACME, "Example Electronics", Category.CHILD_LABOUR, serious=True)

    first, second = domain.propose([WorkingGroup("g", frozenset({ACME}), frozenset())], [*flags, other])

    assert first.flags == tuple(flag.id for flag in flags)
    assert (second.category, second.flags) == (Category.CHILD_LABOUR, (other.id,))


def test_an_engagement_has_the_same_id_whenever_it_is_proposed_and_another_for_another_group() -> None:
    flag = Flag(uuid4(), ACME, "Example Electronics", Category.FORCED_LABOUR, serious=False)
    later = Flag(uuid4(), ACME, "Example Electronics Ltd", Category.FORCED_LABOUR, serious=True)
    g, h = (WorkingGroup(slug, frozenset({ACME}), frozenset()) for slug in "gh")

    ids = [proposal.engagement for proposal in domain.propose([g, h], [flag]) + domain.propose([g, h], [later])]

    assert ids[:2] == ids[2:]
    assert ids[0] != ids[1]
