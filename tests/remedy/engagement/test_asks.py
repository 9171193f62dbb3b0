"""Asked once, answered once: a person joins asks, commitments answer them, and no supplier's word settles any."""

from time import process_time
from uuid import uuid4

import pytest

from services.remedy.domain.engagement.folding import fold
from shared.events.engagement_words import (
    AskState,
    Assessment,
    CommitmentState,
    EntryRefusal,
    SupplierAnswer,
)
from shared.events.ingest import (
    AskRecorded,
    AsksJoinedRecorded,
    AssessmentRecorded,
    CommitmentRecorded,
    ConsultationRecorded,
    EvidenceRecorded,
    SupplierAnswered,
)
from shared.events.remedy import AskMoved, CommitmentMoved
from shared.events.vocabulary import SourceClass
from tests.remedy.engagement.dialogues import FILE, day, opened

R, A, C = EntryRefusal, AskState, CommitmentState


def test_an_ask_goes_from_open_to_met_by_way_of_answer_commitment_and_assessment() -> None:
    course = opened()
    ask = course.say(AskRecorded)
    course.say(SupplierAnswered, ask=ask)
    promise = course.say(CommitmentRecorded, ask=ask)
    course.say(EvidenceRecorded, commitment=promise)
    course.say(AssessmentRecorded, commitment=promise)

    moves = [(fact.before, fact.after) for fact in course.told_of(AskMoved)]
    assert moves == [
        (None, A.OPEN),
        (A.OPEN, A.ACKNOWLEDGED),
        (A.ACKNOWLEDGED, A.COMMITTED),
        (A.COMMITTED, A.MET),
    ]
    assert [(fact.before, fact.after) for fact in course.told_of(CommitmentMoved)] == [
        (None, C.MADE),
        (C.MADE, C.EVIDENCE_SUBMITTED),
        (C.EVIDENCE_SUBMITTED, C.MET),
    ]


def test_the_same_need_of_several_members_is_one_ask_of_all_of_them_due_on_the_earliest_day() -> None:
    course = opened()
    into = course.say(AskRecorded, member="oslo", due=day(60))
    other = course.say(AskRecorded, member="bergen", due=day(40))
    third = course.say(AskRecorded, member="aarhus")
    course.say(SupplierAnswered, ask=other)

    course.say(AsksJoinedRecorded, into=into, asks=(other, third))

    united = course.engagement.asks[into]
    assert (united.askers, united.due, united.joined) == (("aarhus", "bergen", "oslo"), day(40), (other, third))
    assert united.state is A.ACKNOWLEDGED
    assert {course.engagement.asks[one].state for one in (other, third)} == {A.JOINED}
    told = course.told_of(AskMoved)
    assert {(fact.ask, fact.into) for fact in told if fact.after is A.JOINED} == {(other, into), (third, into)}
    assert [fact.askers for fact in told if fact.ask == into][-1] == ("aarhus", "bergen", "oslo")


def test_what_is_answered_to_a_joined_ask_answers_the_one_that_it_was_joined_to() -> None:
    course = opened()
    into, other = course.say(AskRecorded), course.say(AskRecorded)
    course.say(CommitmentRecorded, ask=other)
    course.say(AsksJoinedRecorded, into=into, asks=(other,))
    assert course.engagement.asks[into].state is A.COMMITTED

    promise = course.say(SupplierAnswered, ask=other, answer=SupplierAnswer.COMMITTED, wording="We repay.")

    assert course.engagement.commitments[promise].state in course.engagement.states_of(into)


def test_asks_are_joined_to_one_that_stands_for_itself() -> None:
    course = opened()
    first, second, third = (course.say(AskRecorded) for _ in range(3))
    course.say(AsksJoinedRecorded, into=first, asks=(second,))

    assert course.why(AsksJoinedRecorded, into=second, asks=(third,)) == {R.ASK_SETTLED}
    assert course.why(AsksJoinedRecorded, into=third, asks=(second,)) == {R.ASK_SETTLED}
    assert course.why(AsksJoinedRecorded, into=third, asks=(uuid4(),)) == {R.ASK_UNKNOWN}
    course.say(AsksJoinedRecorded, into=third, asks=(first,))
    root = course.engagement.root(second)
    assert root is not None
    assert (root.id, set(root.joined)) == (third, {first, second})


@pytest.mark.parametrize("found", [Assessment.MET, Assessment.PARTLY_MET])
def test_the_suppliers_word_alone_never_settles_anything_as_met(found: Assessment) -> None:
    course = opened()
    ask = course.say(AskRecorded)
    promise = course.say(SupplierAnswered, ask=ask, answer=SupplierAnswer.COMMITTED, evidence=(FILE,))
    said = {"commitment": promise, "found": found, "evidence": (FILE,)}

    for basis in (SourceClass.SUPPLIER, SourceClass.OTHER):
        assert course.why(AssessmentRecorded, **said, basis=basis) == {R.SUPPLIER_WORD_ALONE}

    assert course.engagement.commitments[promise].by_supplier
    course.say(AssessmentRecorded, **said, basis=SourceClass.AUDIT)


def test_on_the_suppliers_own_word_a_commitment_is_found_missed() -> None:
    course = opened()
    promise = course.say(CommitmentRecorded)

    course.say(AssessmentRecorded, commitment=promise, found=Assessment.MISSED, basis=SourceClass.SUPPLIER)

    assert course.engagement.commitments[promise].state is C.MISSED


def test_nothing_is_found_met_without_evidence() -> None:
    course = opened()
    ask, promise = course.say(AskRecorded), course.say(CommitmentRecorded)
    assert course.why(AssessmentRecorded, commitment=promise) == {R.EVIDENCE_MISSING}
    assert course.why(AssessmentRecorded, ask=ask) == {R.EVIDENCE_MISSING}

    course.say(EvidenceRecorded, commitment=promise, basis=SourceClass.AUDIT)
    course.say(EvidenceRecorded, ask=ask, basis=SourceClass.AUDIT)

    course.say(AssessmentRecorded, commitment=promise)
    course.say(AssessmentRecorded, ask=ask)
    assert course.engagement.asks[ask].state is A.MET


def test_an_ask_with_commitments_is_settled_through_them() -> None:
    course = opened()
    ask = course.say(AskRecorded)
    course.say(CommitmentRecorded, ask=ask)

    assert course.why(AssessmentRecorded, ask=ask, evidence=(FILE,)) == {R.COMMITMENT_OPEN}


def test_what_is_settled_takes_no_more() -> None:
    course = opened()
    ask = course.say(AskRecorded)
    promise = course.say(CommitmentRecorded, ask=ask)
    course.say(AssessmentRecorded, commitment=promise, evidence=(FILE,))

    assert course.why(CommitmentRecorded, ask=ask) == {R.ASK_SETTLED}
    assert course.why(SupplierAnswered, ask=ask) == {R.ASK_SETTLED}
    assert course.why(EvidenceRecorded, ask=ask) == {R.ASK_SETTLED}
    assert course.why(EvidenceRecorded, commitment=promise) == {R.COMMITMENT_SETTLED}
    assert course.why(AssessmentRecorded, commitment=promise, evidence=(FILE,)) == {R.COMMITMENT_SETTLED}


def test_an_ask_is_as_the_best_of_its_commitments_and_a_missed_one_may_be_committed_to_anew() -> None:
    course = opened()
    ask = course.say(AskRecorded)
    first = course.say(CommitmentRecorded, ask=ask)
    course.say(AssessmentRecorded, commitment=first, found=Assessment.MISSED)
    assert course.engagement.asks[ask].state is A.MISSED

    second = course.say(CommitmentRecorded, ask=ask)
    assert course.engagement.asks[ask].state is A.COMMITTED

    course.say(AssessmentRecorded, commitment=second, found=Assessment.PARTLY_MET, evidence=(FILE,))
    assert course.engagement.asks[ask].state is A.PARTLY_MET


def test_what_is_named_is_known() -> None:
    course = opened()
    nothing = uuid4()

    assert course.why(CommitmentRecorded, ask=nothing) == {R.ASK_UNKNOWN}
    assert course.why(EvidenceRecorded, commitment=nothing) == {R.COMMITMENT_UNKNOWN}
    assert course.why(AssessmentRecorded, commitment=nothing, found=Assessment.MISSED) == {R.COMMITMENT_UNKNOWN}
    assert course.why(SupplierAnswered, ask=nothing) == {R.ASK_UNKNOWN}
    assert course.why(ConsultationRecorded, asks=(nothing,)) == {R.ASK_UNKNOWN}


def test_evidence_that_a_supplier_sends_has_a_file() -> None:
    course = opened()
    ask = course.say(AskRecorded)

    assert course.why(SupplierAnswered, ask=ask, answer=SupplierAnswer.EVIDENCE_SENT) == {R.EVIDENCE_MISSING}


def test_the_suppliers_answers_are_told_from_what_members_passed_on() -> None:
    course = opened()
    ask = course.say(AskRecorded)
    own = course.say(SupplierAnswered, ask=ask, answer=SupplierAnswer.COMMITTED, wording="We repay.", due=day(50))
    passed_on = course.say(CommitmentRecorded, ask=ask)

    kept = course.engagement.commitments
    assert (kept[own].by_supplier, kept[own].due, kept[passed_on].by_supplier) == (True, day(50), False)
    assert course.engagement.answers == [own]


def test_a_supplier_that_answers_thousands_of_times_stops_nobody() -> None:
    course = opened()
    ask = course.say(AskRecorded)
    answers = [course.entry(SupplierAnswered, ask=ask, answer=SupplierAnswer.COMMITTED) for _ in range(6_000)]

    began = process_time()
    engagement = fold([*course.dialogue.entries, *answers])

    assert process_time() - began < 2  # it grows with their number alone: a tenth of it
    assert len(engagement.commitments) == 6_000
    assert engagement.asks[ask].state is A.COMMITTED
