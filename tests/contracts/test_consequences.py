"""What follows from an event has an id of its own, and tells of its cause only to those who may know it."""

from dataclasses import replace
from uuid import uuid4

import pytest

from shared.events import Event, EventData, decode
from shared.events.envelope import Classification
from shared.events.remedy import CaseMoved
from shared.events.remedy.words import CaseReason, CaseState
from tests.contracts.golden import as_record

C = Classification


def heard(classification: Classification, member: str | None = None, workinggroup: str | None = None) -> Event:
    cause = decode(*as_record("flag.opened.v1"))
    return replace(cause, classification=classification, member=member, workinggroup=workinggroup)


def conclude(
    cause: Event, classification: Classification, member: str | None = None, group: str | None = None
) -> Event:
    return Event.caused_by(
        cause,
        moved(CaseState.ACKNOWLEDGED),
        source="/engage/remedy",
        subject="s",
        classification=classification,
        member=member,
        workinggroup=group,
    )


CASE = uuid4()


def moved(after: CaseState) -> EventData:
    return CaseMoved(case=CASE, before=CaseState.RECEIVED, after=after, reason=CaseReason.NEXT_STEP)


def test_the_same_conclusion_has_the_same_id_and_the_time_at_which_its_cause_was_recorded() -> None:
    cause = heard(C.MEMBERS)

    first, again = (conclude(cause, C.MEMBERS) for _ in range(2))

    assert first == again
    assert first.time == cause.recordedtime


def test_two_conclusions_of_one_type_about_one_subject_are_two_events() -> None:
    cause = heard(C.RESTRICTED)

    ids = {
        Event.caused_by(cause, moved(state), source="/engage/remedy", subject="s", classification=C.RESTRICTED).id
        for state in CaseState
    }

    assert len(ids) == len(CaseState)


@pytest.mark.parametrize(
    ("cause", "classification", "member", "group"),
    [
        (heard(C.MEMBERS), C.MEMBERS, None, None),
        (heard(C.MEMBERS), C.MEMBER, "a", None),
        (heard(C.MEMBERS), C.GROUP, None, "a"),
        (heard(C.MEMBER, member="a"), C.MEMBER, "a", None),
        (heard(C.GROUP, workinggroup="a"), C.GROUP, None, "a"),
        (heard(C.GROUP, workinggroup="a"), C.RESTRICTED, None, None),
    ],
)
def test_the_same_or_a_narrower_audience_is_told_the_cause(
    cause: Event, classification: Classification, member: str | None, group: str | None
) -> None:
    event = conclude(cause, classification, member, group)

    assert event.causationid == str(cause.id)
    assert event.correlationid == cause.correlationid


@pytest.mark.parametrize(
    ("cause", "classification", "member", "group"),
    [
        (heard(C.RESTRICTED), C.OPERATORS, None, None),
        (heard(C.RESTRICTED), C.MEMBERS, None, None),
        (heard(C.GROUP, workinggroup="a"), C.MEMBERS, None, None),
        (heard(C.GROUP, workinggroup="a"), C.GROUP, None, "b"),
        (heard(C.MEMBER, member="a"), C.MEMBER, "b", None),
        (heard(C.MEMBERS), C.PUBLIC, None, None),
    ],
)
def test_a_wider_or_another_audience_is_not_told_the_cause(
    cause: Event, classification: Classification, member: str | None, group: str | None
) -> None:
    event = conclude(cause, classification, member, group)

    assert (event.causationid, event.correlationid) == (None, None)
