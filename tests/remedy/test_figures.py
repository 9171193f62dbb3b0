"""Figures: what one case adds to those of a year."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import product
from uuid import UUID, uuid4

import pytest

from services.remedy.domain.dossier import Happened
from services.remedy.domain.figures import COUNTS, DAYS
from services.remedy.domain.measuring import Measured, measure
from shared.events.remedy.cases import (
    CaseFact,
    CaseMoved,
    CaseOpened,
    DeadlineMet,
    DeadlineMissed,
    RemedyItemMoved,
    RetaliationChecked,
)
from shared.events.remedy.words import (
    Bearer,
    CaseReason,
    CaseState,
    DeadlineKind,
    EvidenceSource,
    FindingGrade,
    ItemState,
    Party,
    RemedyForm,
    RetaliationResult,
    TestimonyKind,
)

BEGIN, END = datetime(2025, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)
CASE, ITEM = UUID("7a0a9a52-0000-4000-8000-000000000001"), UUID("7a0a9a52-0000-4000-8000-000000000002")


def on(day: int) -> datetime:
    """A day of the year, the first of January being 0; those before lie in the year before."""
    return BEGIN + timedelta(days=day)


def of(*happened: tuple[int, CaseFact]) -> Measured:
    return measure([Happened(on(day), Party.HANDLER, fact) for day, fact in happened], BEGIN, END)


OPENED = CaseOpened(case=CASE, kind=TestimonyKind.GRIEVANCE)


def moved(before: CaseState, after: CaseState, reason: CaseReason = CaseReason.NEXT_STEP) -> CaseMoved:
    return CaseMoved(case=CASE, before=before, after=after, reason=reason)


def met(kind: DeadlineKind, in_time: bool = True) -> DeadlineMet:
    return DeadlineMet(case=CASE, deadline=kind, clock="ours", in_time=in_time)


def missed(kind: DeadlineKind) -> DeadlineMissed:
    return DeadlineMissed(case=CASE, deadline=kind, clock="ours", due=END)


def item(after: ItemState = ItemState.VERIFIED_EFFECTIVE, **fields: object) -> RemedyItemMoved:
    told = {
        "case": CASE,
        "item": ITEM,
        "after": after,
        "form": RemedyForm.COMPENSATION,
        "grade": FindingGrade.MAJOR,
        "responsible": Bearer.SUPPLIER,
        "cost_bearer": Bearer.SUPPLIER,
    }
    return RemedyItemMoved.model_validate(told | fields)


def checked(result: RetaliationResult) -> RetaliationChecked:
    return RetaliationChecked(case=CASE, result=result)


def test_a_case_counts_as_received_in_the_year_in_which_it_came() -> None:
    assert of((0, OPENED)).counts == {"cases_received"}
    assert of((-1, OPENED)).counts == set()


def test_the_days_in_a_stage_count_in_the_year_in_which_it_is_left() -> None:
    acknowledged = moved(CaseState.RECEIVED, CaseState.ACKNOWLEDGED)

    assert of((-20, OPENED), (10, acknowledged)).days == {"days_in.received": 30}
    assert of((-20, OPENED), (-10, acknowledged)).days == {}


def test_two_stays_in_one_stage_are_one_sum() -> None:
    back_and_forth = [
        (0, OPENED),
        (3, moved(CaseState.RECEIVED, CaseState.SUSPENDED_FOR_SAFETY)),
        (5, moved(CaseState.SUSPENDED_FOR_SAFETY, CaseState.RECEIVED)),
        (9, moved(CaseState.RECEIVED, CaseState.ACKNOWLEDGED)),
    ]

    assert of(*back_and_forth).days == {"days_in.received": 7, "days_in.suspended_for_safety": 2}


def test_a_deadline_that_was_missed_and_met_later_was_missed() -> None:
    acknowledge = DeadlineKind.ACKNOWLEDGE

    assert of((9, missed(acknowledge)), (12, met(acknowledge))).shares == {"acknowledged_in_time": False}
    assert of((-2, missed(acknowledge)), (12, met(acknowledge))).shares == {}
    assert of((3, met(DeadlineKind.FEEDBACK))).shares == {"feedback_in_time": True}
    assert of((3, met(DeadlineKind.PLAN))).shares == {}


def test_a_case_ends_as_it_last_ended_in_the_year() -> None:
    closed = moved(CaseState.RETALIATION_WATCH, CaseState.CLOSED, CaseReason.REMEDY_VERIFIED)
    reopened = moved(CaseState.CLOSED, CaseState.REOPENED, CaseReason.NEW_INFORMATION)
    again = moved(CaseState.REOPENED, CaseState.REFERRED, CaseReason.OUT_OF_SCOPE)

    assert of((1, closed)).counts == {"closed.remedy_verified"}
    assert of((1, closed), (2, reopened)).counts == set()
    assert of((1, closed), (2, reopened), (3, again)).counts == {"referred.out_of_scope"}
    assert of((-1, closed)).counts == set()


@pytest.mark.parametrize(
    ("verifiers", "by_workers"),
    [
        ([EvidenceSource.WORKERS], True),
        ([EvidenceSource.UNION, EvidenceSource.WORKERS], True),
        ([EvidenceSource.WORKERS, EvidenceSource.AUDITOR], False),
    ],
)
def test_a_case_is_verified_by_workers_if_each_of_its_remedies_is(
    verifiers: Sequence[EvidenceSource], by_workers: bool
) -> None:
    facts = [(day, item(verified_by=one)) for day, one in enumerate(verifiers)]

    assert of(*facts).shares == {"remedies_verified_by_workers": by_workers}


def test_a_case_is_paid_in_full_if_nothing_that_was_promised_is_owed() -> None:
    promised: dict[str, object] = {"amount_promised": Decimal(100), "workers_entitled": 4, "currency": "EUR"}
    short = item(ItemState.IN_PROGRESS, **promised, amount_paid=Decimal(100), workers_paid=3)
    full = item(ItemState.IN_PROGRESS, **promised, amount_paid=Decimal(100), workers_paid=4)
    another = item(ItemState.AGREED, **promised, item=uuid4())

    assert of((1, short)).shares == {"remedies_paid_in_full": False}
    assert of((1, short), (2, full)).shares == {"remedies_paid_in_full": True}
    assert of((1, full), (2, another)).shares == {"remedies_paid_in_full": False}
    assert of((-1, short), (400, full)).shares == {}


def test_whom_nobody_could_reach_is_not_without_a_sign_of_retaliation() -> None:
    assert of((1, checked(RetaliationResult.NONE_SEEN))).shares == {"no_sign_of_retaliation": True}
    for sign in (RetaliationResult.UNREACHABLE, RetaliationResult.SUSPECTED, RetaliationResult.CONFIRMED):
        assert of((1, checked(sign)), (2, checked(RetaliationResult.NONE_SEEN))).shares == {
            "no_sign_of_retaliation": False
        }


def test_what_happens_after_a_year_changes_nothing_of_it() -> None:
    """So that no second edition of a year can be compared with the first."""
    within = [(0, OPENED), (5, moved(CaseState.RECEIVED, CaseState.CLOSED, CaseReason.MEDIATED)), (6, item())]
    later = [(365, moved(CaseState.CLOSED, CaseState.REOPENED)), (370, item(amount_promised=Decimal(5)))]

    assert of(*within, *later) == of(*within)


def test_there_are_names_for_every_stage_and_every_reason() -> None:
    for state, reason in product(CaseState, CaseReason):
        if state is not CaseState.OTHER and reason is not CaseReason.OTHER:
            assert f"days_in.{state}" in DAYS
            assert {f"closed.{reason}", f"referred.{reason}"} <= set(COUNTS)
