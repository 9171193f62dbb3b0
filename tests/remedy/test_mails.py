"""Which acts of a reporter bring mail to those who handle the case."""

from datetime import date
from uuid import uuid4

import pytest

from services.remedy.domain import mails
from shared.events.remedy.cases import CaseFact, CaseMoved, ConsentGiven, ErasureAsked, RungTaken, WithdrawalAsked
from shared.events.remedy.words import (
    CaseReason,
    CaseState,
    Erased,
    ErasureBasis,
    MailKind,
    Party,
    Pressure,
    Rung,
    RungStep,
)

CASE, DAY, S = uuid4(), date(2026, 11, 22), CaseState
APPEAL = CaseMoved(case=CASE, before=S.FINDING, after=S.APPEALED, reason=CaseReason.APPEAL_LODGED)
TAKEN_BACK = ConsentGiven(case=CASE, rung=Rung.EMPLOYER, given=False, by=Party.REPORTER)
REVERSED = RungTaken(case=CASE, rung=Rung.MEMBERS, step=RungStep.REVERSED, on=DAY, by=Party.REPORTER)
ERASURE = ErasureAsked(case=CASE, basis=ErasureBasis.REPORTER_ASKED, what=Erased.CONTENT)


@pytest.mark.parametrize("fact", [APPEAL, TAKEN_BACK, REVERSED], ids=["appeal", "consent taken back", "rung reversed"])
def test_who_handles_a_case_hears_what_its_reporter_appeals_or_takes_back(fact: CaseFact) -> None:
    assert mails.called_for(Party.REPORTER, fact) is MailKind.REPORTER_WROTE


def test_erasure_by_the_reporter_and_pressure_on_them_are_urgent() -> None:
    pressed = WithdrawalAsked(case=CASE, pressure=Pressure.YES)
    free = WithdrawalAsked(case=CASE, pressure=Pressure.NO)

    kinds = [mails.called_for(Party.REPORTER, fact) for fact in (ERASURE, pressed, free)]

    assert kinds == [MailKind.URGENT, MailKind.URGENT, MailKind.REPORTER_WROTE]


@pytest.mark.parametrize("by", [Party.HANDLER, Party.CLOCK])
def test_what_handlers_and_clocks_do_themselves_brings_no_such_mail(by: Party) -> None:
    assert {mails.called_for(by, fact) for fact in (APPEAL, TAKEN_BACK, REVERSED, ERASURE)} == {None}


def test_consent_that_is_given_waits_until_the_case_is_read() -> None:
    given = ConsentGiven(case=CASE, rung=Rung.EMPLOYER, given=True, by=Party.REPORTER)

    assert mails.called_for(Party.REPORTER, given) is None
