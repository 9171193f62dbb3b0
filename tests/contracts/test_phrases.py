"""Every event that a thread may show reads as a plain sentence; what is missing from threads is left out on purpose."""

import re

import pytest

from services.ingest.phrases import PHRASES as OF_INGEST
from services.remedy.phrases import PHRASES as OF_REMEDY
from services.risk.phrases import PHRASES as OF_RISK
from shared.events import EVENT_TYPES, EventData
from shared.events.envelope import Classification
from tests.contracts.golden import example

PHRASES = {**OF_INGEST, **OF_RISK, **OF_REMEDY}
SHOWN = {Classification.MEMBERS, Classification.GROUP, Classification.MEMBER}
LEFT_OUT = {
    "member.registered.v1",
    "member.left.v1",
    "workinggroup.established.v1",
    "workinggroup.joined.v1",
    "workinggroup.left.v1",
    "workinggroup.closed.v1",
    "key.issued.v1",
    "key.ended.v1",
    "submission.answered.v1",
}
"""Of members, groups, keys and receipts: no subject of a thread."""


def test_every_event_on_topics_that_threads_read_is_shown_or_left_out_on_purpose() -> None:
    readable = {name for name, model in EVENT_TYPES.items() if model.classifications & SHOWN}

    assert readable - set(PHRASES) == LEFT_OUT
    assert not [one for one in PHRASES if EVENT_TYPES[one].classifications & {Classification.RESTRICTED}]


@pytest.mark.parametrize("name", sorted(PHRASES))
def test_an_event_reads_as_a_plain_sentence(name: str) -> None:
    data = read(name)

    says = PHRASES[name].says(data)

    assert re.match(r"[A-Z].{8,}", says) and "None" not in says and "_" not in says and "{" not in says
    told_by = PHRASES[name].by(data)
    assert told_by is None or told_by


def read(name: str) -> EventData:
    """The golden example of a type."""
    return EVENT_TYPES[name].model_validate(example(name)["data"])
