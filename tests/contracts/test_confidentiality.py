"""Who may read an event follows from its classification alone; nothing confidential has a field in any event."""

import re
from dataclasses import replace

import pytest

from shared.events import DOOR_TYPES, EVENT_TYPES, Event, decode
from shared.events.envelope import Classification, encode_headers, topic_of
from shared.events.schemas import schema_of
from shared.topics import manifest
from tests.contracts.golden import ALL_TYPES, as_record

CONFIDENTIAL = re.compile(
    r"narrative|story|contact|identity|reporter|complainant|witness|informant|victim|person|phone|mobile|e_?mail(?!s)"
    r"|telegram|whatsapp|address_of|birth|gender|nationality|password|token|secret(?!ariat)|case_key|job_title|shift|dormitory"
)
ALLOWED = {"category", "categories"}

TOPICS = {
    ("member", "contract.recorded.v1"): "member.example-city.contract",
    ("members", "disclosure.accepted.v1"): "members.disclosure",
    ("member", "disclosure.accepted.v1"): "member.example-city.disclosure",
    ("members", "site.registered.v1"): "members.registry",
    ("members", "flag.reported.v1"): "members.report",
    ("member", "submission.answered.v1"): "outcome.example-city",
    ("restricted", "testimony.received.v1"): "restricted.testimony",
    ("group", "ask.recorded.v1"): "group.example-group.dialogue",
    ("members", "flag.opened.v1"): "members.risk",
    ("member", "exposure.changed.v1"): "member.example-city.exposure",
    ("member", "contract.assessed.v1"): "member.example-city.exposure",
    ("members", "assessment.made.v1"): "members.risk",
    ("members", "flag.evidence-added.v1"): "members.risk",
    ("members", "leverage.changed.v1"): "members.risk",
    ("members", "follow-up.recorded.v1"): "members.report",
    ("member", "key.issued.v1"): "member.example-city.key",
    ("member", "key.ended.v1"): "member.example-city.key",
    ("restricted", "case.opened.v1"): "restricted.case",
    ("restricted", "retaliation.checked.v1"): "restricted.case",
    ("restricted", "case.erased.v1"): "restricted.case",
    ("members", "remedy.verified.v1"): "members.remedy",
    ("public", "figures.published.v1"): "public.figures",
    ("public", "audit.head-published.v1"): "public.audit",
    ("operators", "mail.requested.v1"): "notify.request",
    ("group", "engagement.opened.v1"): "group.example-group.engagement",
    ("members", "statement.released.v1"): "members.remedy",
    ("public", "trustee.key-published.v1"): "public.keys",
    ("operators", "notification.delivered.v1"): "notify.outcome",
}


def published_as(name: str, classification: Classification) -> Event:
    event = decode(*as_record(name))
    return replace(event, classification=classification, member="example-city", workinggroup="example-group")


@pytest.mark.parametrize(("classification", "name"), sorted(TOPICS))
def test_an_event_goes_to_the_topic_of_its_classification(classification: str, name: str) -> None:
    assert topic_of(published_as(name, Classification(classification))) == TOPICS[classification, name]


@pytest.mark.parametrize("name", sorted(EVENT_TYPES.keys() - {"deadletter.recorded.v1"}))
@pytest.mark.parametrize("classification", sorted(Classification))
def test_every_type_goes_to_a_topic_of_its_publisher_or_nowhere(name: str, classification: Classification) -> None:
    event = published_as(name, classification)

    if classification in EVENT_TYPES[name].classifications:
        assert manifest().topic(topic_of(event)).publisher == EVENT_TYPES[name].__module__.split(".")[2]
    else:
        with pytest.raises(ValueError, match="may not be published"):
            topic_of(event)


@pytest.mark.parametrize("classification", sorted(Classification))
def test_a_dead_letter_has_no_topic_but_the_one_that_the_runtime_names(classification: Classification) -> None:
    with pytest.raises(ValueError, match="may not be published"):
        topic_of(published_as("deadletter.recorded.v1", classification))


@pytest.mark.parametrize("name", sorted(DOOR_TYPES))
def test_what_a_member_sends_is_never_published_as_it_is(name: str) -> None:
    assert DOOR_TYPES[name].classifications == frozenset()


@pytest.mark.parametrize(
    "name",
    [
        "exposure.changed.v1",
        "contract.assessed.v1",
        "key.issued.v1",
        "contract.recorded.v1",
        "ask.recorded.v1",
        "engagement.opened.v1",
    ],
)
def test_without_its_audience_an_event_is_not_published(name: str) -> None:
    event = replace(decode(*as_record(name)), member=None, workinggroup=None)

    with pytest.raises(ValueError, match="audience"):
        topic_of(event)


@pytest.mark.parametrize("name", sorted(ALL_TYPES))
def test_restricted_matter_is_never_wider(name: str) -> None:
    classifications = ALL_TYPES[name].classifications

    assert Classification.RESTRICTED not in classifications or classifications == {Classification.RESTRICTED}


@pytest.mark.parametrize("name", sorted(ALL_TYPES))
def test_no_field_has_a_confidential_name(name: str) -> None:
    assert [field for field in fields(name) if CONFIDENTIAL.search(field) and field not in ALLOWED] == []


@pytest.mark.parametrize(
    "name", sorted(name for name in EVENT_TYPES if Classification.RESTRICTED not in EVENT_TYPES[name].classifications)
)
def test_no_event_outside_restricted_topics_names_a_case(name: str) -> None:
    assert [field for field in fields(name) if re.fullmatch(r"case|case_.*|grievance|testimony", field)] == []


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("mail.requested.v1", {"reference", "kind", "due"}),
        (
            "statement.released.v1",
            {"statement", "supplier", "quarter", "category", "workers", "source_class", "approach"},
        ),
        ("testimony.received.v1", {"case", "kind", "key", "sealed"}),
        ("testimony.submitted.v1", {"kind", "key", "sealed"}),
        ("case.opened.v1", {"case", "kind"}),
    ],
)
def test_what_touches_testimony_has_these_fields_and_no_other(name: str, allowed: set[str]) -> None:
    assert fields(name) == allowed


@pytest.mark.parametrize("name", ["contract.assessed.v1", "exposure.changed.v1", "key.issued.v1", "key.ended.v1"])
def test_what_is_one_member_s_own_is_never_told_to_others(name: str) -> None:
    assert ALL_TYPES[name].classifications == {Classification.MEMBER}


def test_what_all_are_told_of_leverage_names_no_member_and_no_contract() -> None:
    assert not fields("leverage.changed.v1") & {"member", "members", "contract", "contributor", "reader"}


def test_a_key_is_told_by_its_digest_to_the_services_alone() -> None:
    assert fields("key.issued.v1") == {"kid", "member", "digest", "purposes", "expires"}
    assert fields("key.ended.v1") == {"kid", "member", "ends"}
    assert set(manifest().topic("member.example-city.key").readers) <= set(manifest().services)


@pytest.mark.parametrize("name", ["case.moved.v1", "deadline.set.v1", "remedy.item-moved.v1", "retaliation.checked.v1"])
def test_a_case_is_told_in_codes_and_counts_without_site_or_supplier(name: str) -> None:
    assert not fields(name) & {
        "site",
        "supplier",
        "flag",
        "engagement",
        "member",
        "workinggroup",
        "headline",
        "reporter",
    }
    longest = [limit for limit in find(schema_of(EVENT_TYPES[name]), "maxLength") if limit > 100]
    assert longest == []


def fields(name: str) -> set[str]:
    """The names of all fields of a type and of its parts."""
    schema = schema_of(ALL_TYPES[name])
    parts = [schema, *schema.get("$defs", {}).values()]
    return {field for part in parts for field in part.get("properties", {})}


def find(schema: object, key: str) -> list[int]:
    """The values of this key, wherever it stands."""
    if isinstance(schema, dict):
        return [value for name, inner in schema.items() for value in ([inner] if name == key else find(inner, key))]
    return [value for inner in schema for value in find(inner, key)] if isinstance(schema, list) else []


@pytest.mark.parametrize("name", sorted(EVENT_TYPES.keys() - {"deadletter.recorded.v1"}))
def test_every_record_that_is_exempt_from_public_access_says_so_and_no_other(name: str) -> None:
    for classification in EVENT_TYPES[name].classifications:
        headers = dict(encode_headers(published_as(name, classification)))

        narrow = classification in (Classification.RESTRICTED, Classification.OPERATORS)
        assert headers.get("ce_exemption") == (b"offl-13 offl-24" if narrow else None)
