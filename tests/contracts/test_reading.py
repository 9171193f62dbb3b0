"""A record that is no event is refused with one reason, and the reason holds nothing of the record."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.events import EVENT_TYPES, Event, MalformedEvent, decode
from shared.events.envelope import Classification, decode_attributes, decode_data, encode_data, encode_headers
from shared.events.remedy import CaseOpened, words
from shared.events.vocabulary import CATEGORY_OF_INSTRUMENT, Category, Instrument
from tests.contracts.golden import as_record, example

CASE = b'"0d3f9a9e-6a43-4b5e-9a3e-2b6f0f0f7d11"'
GOOD = b'{"case": %s, "kind": "grievance"}' % CASE
CANARY = "Jane-Canary-7319"


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, "not_json"),
        (b"", "not_json"),
        (b"not json", "not_json"),
        (GOOD[:-1], "not_json"),
        (GOOD + b"x", "not_json"),
        (b"\xef\xbb\xbf" + GOOD, "not_json"),
        (GOOD.decode().encode("utf-16"), "not_json"),
        (GOOD.replace(b"grievance", b"\xff"), "not_json"),
        (GOOD.replace(b"grievance", b"\\ud800"), "not_json"),
        (b'{"case": %s, "kind": NaN}' % CASE, "not_json"),
        (b'{"case": %s, "kind": "flag", "later": NaN}' % CASE, "not_json"),
        (b'{"case": %s, "kind": "flag", "later": -Infinity}' % CASE, "not_json"),
        (b'{"case": %s, "kind": "flag", "later": %s}' % (CASE, b"9" * 5000), "not_json"),
        (b'{"case": %s, "kind": "flag", "later": %s}' % (CASE, b"[" * 100_000), "not_json"),
        (b'{"case": %s, "kind": "flag", "later": %s%s}' % (CASE, b"[" * 5000, b"]" * 5000), "not_json"),
        (b'{"case": %s, "kind": "flag", "kind": "flag"}' % CASE, "duplicate_key"),
        (b'{"case": %s, "kind": "flag", "later": {"a": 1, "a": 1}}' % CASE, "duplicate_key"),
        (b'{"case": %s, "kind": "flag", "k\\u0069nd": "evidence"}' % CASE, "duplicate_key"),
        (b"null", "schema_invalid"),
        (b"[]", "schema_invalid"),
        (b'"text"', "schema_invalid"),
        (b"{}", "schema_invalid"),
        (b'{"case": null, "kind": "flag"}', "schema_invalid"),
        (b'{"case": %s, "kind": null}' % CASE, "schema_invalid"),
        (b'{"case": %s}' % CASE, "schema_invalid"),
        (b'{"case": "no uuid", "kind": "flag"}', "schema_invalid"),
    ],
)
def test_data_that_cannot_be_read_is_refused_with_its_reason(value: bytes | None, reason: str) -> None:
    with pytest.raises(MalformedEvent) as refusal:
        decode_data(CaseOpened, value)

    assert refusal.value.reason == reason


def test_a_word_that_a_newer_publisher_uses_reads_as_other() -> None:
    data = decode_data(CaseOpened, GOOD.replace(b"grievance", b"telepathy"))

    assert data.kind is words.TestimonyKind.OTHER


@pytest.mark.parametrize(
    ("header", "value", "pointer"),
    [
        ("ce_subject", b"\xff", "subject"),
        ("ce_subject", b"", "subject"),
        ("ce_subject", b"a\x00b", "subject"),
        ("ce_subject", b" a", "subject"),
        ("ce_subject", b"a" * 201, "subject"),
        ("ce_id", b"7", "id"),
        ("ce_specversion", b"0.3", "specversion"),
        ("ce_time", b"2026-03-03T10:00:00", "time"),
        ("ce_time", b"yesterday", "time"),
        ("ce_time", b"9999-12-31T23:59:59-14:00", "time"),
        ("ce_recordedtime", b"0001-01-01T00:00:00+14:00", "recordedtime"),
        ("ce_sequence", b"0", "sequence"),
        ("ce_sequence", b"-1", "sequence"),
        ("ce_sequence", b"1.0", "sequence"),
        ("ce_sequence", b"1_0", "sequence"),
        ("ce_sequence", "１".encode(), "sequence"),
        ("ce_sequence", b"9223372036854775808", "sequence"),
        ("ce_sequence", b"9" * 5000, "sequence"),
        ("ce_classification", b"secret", "classification"),
        ("ce_member", b"", "member"),
        ("traceparent", b"\xff", ""),
        (f"ce_{CANARY}", b"\xff", ""),
    ],
)
def test_a_header_that_cannot_be_read_is_refused_with_its_name(header: str, value: bytes, pointer: str) -> None:
    headers, _ = as_record("case.opened.v1")
    spoilt = [(name, value if name == header else raw) for name, raw in headers]
    spoilt += [] if header in dict(headers) else [(header, value)]

    with pytest.raises(MalformedEvent) as refusal:
        decode_attributes(spoilt)

    assert (refusal.value.reason, refusal.value.pointer) == ("header_invalid", pointer)


@pytest.mark.parametrize("name", ["specversion", "id", "source", "type", "subject", "time", "recordedtime", "sequence"])
def test_a_required_attribute_is_given_once(name: str) -> None:
    headers, _ = as_record("case.opened.v1")
    others = [pair for pair in headers if pair[0] != f"ce_{name}"]

    for spoilt in (others, [*headers, (f"ce_{name}", dict(headers)[f"ce_{name}"])]):
        with pytest.raises(MalformedEvent, match=f"header_invalid at {name}"):
            decode_attributes(spoilt)


def test_an_extension_that_this_release_does_not_know_is_passed_over() -> None:
    headers, value = as_record("case.opened.v1")

    assert decode([*headers, ("ce_weather", b"fine"), ("traceparent", b"00-1")], value) == decode(headers, value)


def test_a_type_that_this_release_does_not_know_has_no_data_and_is_no_error() -> None:
    headers, _ = as_record("case.opened.v1")
    newer = [(name, b"case.sung.v1" if name == "ce_type" else raw) for name, raw in headers]

    event = decode(newer, b"whatever")

    assert (event.type, event.data) == ("case.sung.v1", None)


headers_of_anybody = st.lists(
    st.tuples(
        st.sampled_from([*(name for name, _ in as_record("case.opened.v1")[0]), CANARY, f"ce_{CANARY}"]),
        st.none() | st.binary(max_size=40) | st.just(CANARY.encode()) | st.sampled_from([b"1", b"case.opened.v1"]),
    ),
    max_size=14,
)


@given(headers=headers_of_anybody, value=st.none() | st.binary() | st.just(CANARY.encode()))
def test_whatever_a_record_holds_it_is_an_event_or_malformed_and_is_not_repeated(
    headers: list[tuple[str, bytes | None]], value: bytes | None
) -> None:
    for attempt in (headers, [*as_record("case.opened.v1")[0], *headers], as_record("case.opened.v1")[0]):
        try:
            decode(attempt, value)
        except MalformedEvent as refusal:
            assert refusal.reason in {"header_invalid", "not_json", "duplicate_key", "schema_invalid"}
            assert CANARY not in f"{refusal!r} {refusal.pointer}"


texts = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=200).filter(
    lambda text: text == text.strip()
)
moments = st.datetimes(datetime(1950, 1, 1), datetime(2150, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds


@given(
    event=st.builds(
        Event,
        id=st.uuids(),
        source=texts,
        type=st.just("case.opened.v1"),
        subject=texts,
        time=moments,
        classification=st.sampled_from(Classification),
        data=st.builds(CaseOpened, case=st.uuids(), kind=st.sampled_from(words.TestimonyKind)),
        recordedtime=moments,
        sequence=st.integers(1, 2**63 - 1),
        member=st.none() | texts,
        workinggroup=st.none() | texts,
        correlationid=st.none() | texts,
        causationid=st.none() | texts,
    )
)
def test_what_is_written_is_read_as_it_was(event: Event) -> None:
    assert event.data is not None
    assert decode(encode_headers(event), encode_data(event.data)) == event


def test_every_instrument_belongs_to_one_of_the_five_categories() -> None:
    assert set(CATEGORY_OF_INSTRUMENT) == set(Instrument) - {Instrument.OTHER}
    assert set(CATEGORY_OF_INSTRUMENT.values()) == set(Category) - {Category.OTHER}


def test_severity_is_the_greatest_part_and_likelihood_is_none_of_them() -> None:
    parts = example("flag.opened.v1")["data"]["parts"] | {"scale": 1, "scope": 5, "irremediability": 2, "likelihood": 1}
    flag = decode_data(
        EVENT_TYPES["flag.opened.v1"], json.dumps(example("flag.opened.v1")["data"] | {"parts": parts}).encode()
    )

    assert flag.model_dump()["parts"]["scope"] == 5
    assert getattr(flag, "parts").severity == 5  # noqa: B009 - the registry gives the general type
