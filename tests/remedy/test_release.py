"""What members may learn of testimony, and which guards a statement passes before it is released."""

from datetime import date
from uuid import uuid4

import pytest

from services.remedy.domain import release
from services.remedy.domain.dossier import Dossier, Happened, fold
from services.remedy.domain.refusals import Refused
from services.remedy.domain.release import About, Asked, Incomplete
from shared.events.remedy.cases import (
    CaseFact,
    CaseMoved,
    CaseOpened,
    EmployerContacted,
    ProtectionPlanned,
    RungTaken,
    SafetyAssessed,
)
from shared.events.remedy.released import RemedyVerified
from shared.events.remedy.words import (
    CaseReason,
    CaseRefusal,
    CaseState,
    Party,
    RemedyForm,
    Rung,
    RungStep,
    SafetyLevel,
    TestimonyKind,
)
from shared.events.vocabulary import Category, WorkersBand
from tests.remedy.given import NOON
from tests.remedy.telling import ABOUT, DAY, MOMENT, SUPPLIER, agreed, may_be_told, step, verified


def dossier_of(*facts: CaseFact) -> Dossier:
    return fold(facts[0].case, [Happened(NOON, Party.HANDLER, fact) for fact in facts])


def refusals(dossier: Dossier, asked: Asked, about: About = ABOUT) -> set[CaseRefusal]:
    with pytest.raises(Refused) as refused:
        release.release(dossier, MOMENT, release.write(uuid4(), asked, about, date(2026, 8, 3)))
    return set(refused.value.why)


def test_a_statement_has_supplier_quarter_category_and_band_and_no_other_field() -> None:
    statement = release.write(uuid4(), Asked(), ABOUT, date(2026, 8, 3))

    assert statement.model_dump(exclude={"statement"}) == {
        "supplier": SUPPLIER,
        "quarter": "2026-Q3",
        "category": Category.FORCED_LABOUR,
        "workers": WorkersBand.FROM_100,
        "source_class": "worker_side",
        "approach": "not_cleared",
    }


@pytest.mark.parametrize(
    ("workers", "word"),
    [
        (None, WorkersBand.BELOW_10_OR_UNKNOWN),
        (0, WorkersBand.BELOW_10_OR_UNKNOWN),
        (9, WorkersBand.BELOW_10_OR_UNKNOWN),
        (10, WorkersBand.FROM_10),
        (99, WorkersBand.FROM_10),
        (100, WorkersBand.FROM_100),
        (9_999, WorkersBand.FROM_1000),
        (10_000, WorkersBand.FROM_10000),
    ],
)
def test_a_number_of_workers_becomes_a_band(workers: int | None, word: WorkersBand) -> None:
    assert release.band(workers) is word


@pytest.mark.parametrize("workers", [None, 1, 9])
def test_fewer_than_ten_workers_are_never_told(workers: int | None) -> None:
    few = About(SUPPLIER, (Category.FORCED_LABOUR,), workers)

    assert refusals(dossier_of(*may_be_told(uuid4())), Asked(), few) == {CaseRefusal.TOO_FEW}


@pytest.mark.parametrize("quarter", ["2026-Q4", "2027-Q1"])
def test_a_quarter_that_is_not_over_is_not_told(quarter: str) -> None:
    assert refusals(dossier_of(*may_be_told(uuid4())), Asked(quarter=quarter)) == {CaseRefusal.TOO_SOON}


def test_without_consent_and_out_of_turn_nothing_is_told_and_every_reason_is_named() -> None:
    case = uuid4()

    assert refusals(dossier_of(CaseOpened(case=case, kind=TestimonyKind.FLAG)), Asked(quarter="2026-Q4")) == {
        CaseRefusal.CONSENT_MISSING,
        CaseRefusal.EARLIER_RUNG_OPEN,
        CaseRefusal.NOT_TAKEN_IN,
        CaseRefusal.TOO_SOON,
    }


def test_a_case_that_is_stopped_for_safety_is_not_told_of() -> None:
    case = uuid4()
    stopped = CaseMoved(
        case=case, before=CaseState.RECEIVED, after=CaseState.SUSPENDED_FOR_SAFETY, reason=CaseReason.SAFETY
    )

    assert refusals(dossier_of(*may_be_told(case), stopped), Asked()) == {CaseRefusal.NOT_FROM_THIS_STATE}


def test_what_testimony_does_not_say_once_the_handler_says() -> None:
    unclear = About(None, (Category.FORCED_LABOUR, Category.CHILD_LABOUR), None)

    with pytest.raises(Incomplete) as incomplete:
        release.write(uuid4(), Asked(), unclear, DAY)

    assert incomplete.value.fields == ("supplier", "category")
    said = Asked(SUPPLIER, "2026-Q1", Category.CHILD_LABOUR, 12)
    told = release.write(uuid4(), said, unclear, DAY)
    assert (told.category, told.workers) == (Category.CHILD_LABOUR, WorkersBand.FROM_10)


def test_a_remedy_is_told_once_it_was_found_effective_and_only_in_its_form() -> None:
    case = uuid4()
    asked = Asked(form=RemedyForm.COMPENSATION)
    before, after = dossier_of(*may_be_told(case)), dossier_of(*may_be_told(case), *verified(case))

    assert refusals(before, asked) == {CaseRefusal.ITEM_OPEN, CaseRefusal.ITEM_UNKNOWN}
    assert refusals(after, Asked(form=RemedyForm.APOLOGY)) == {CaseRefusal.ITEM_UNKNOWN}
    told = release.write(uuid4(), asked, ABOUT, date(2026, 8, 3))
    assert isinstance(told, RemedyVerified)
    assert [fact.type for fact in release.release(after, MOMENT, told)] == ["case.rung-taken.v1"]


def test_the_members_rung_is_reached_by_the_first_statement_and_not_again_by_the_second() -> None:
    case, told = uuid4(), release.write(uuid4(), Asked(), ABOUT, date(2026, 8, 3))
    first = release.release(dossier_of(*may_be_told(case)), MOMENT, told)

    assert first == [RungTaken(case=case, rung=Rung.MEMBERS, step=RungStep.REACHED, on=DAY, by=Party.HANDLER)]
    assert release.release(dossier_of(*may_be_told(case), *first), MOMENT, told) == []


@pytest.mark.parametrize("rung", [Rung.EMPLOYER, Rung.BRAND])
def test_to_tell_a_company_is_to_contact_it_and_needs_what_a_contact_needs(rung: Rung) -> None:
    case = uuid4()
    agrees = [
        CaseOpened(case=case, kind=TestimonyKind.FLAG),
        step(case, Rung.WORKERS),
        step(case, Rung.EMPLOYER, RungStep.WAIVED),
        agreed(case, rung),
    ]
    protected = [SafetyAssessed(case=case, level=SafetyLevel.LOW), ProtectionPlanned(case=case)]

    with pytest.raises(Refused) as refused:
        release.tell(dossier_of(*agrees), MOMENT, rung, DAY)

    assert set(refused.value.why) == {CaseRefusal.SAFETY_NOT_ASSESSED, CaseRefusal.PROTECTION_PLAN_MISSING}
    facts = release.tell(dossier_of(*agrees, *protected), MOMENT, rung, DAY)
    assert [type(fact) for fact in facts] == [EmployerContacted, RungTaken]
