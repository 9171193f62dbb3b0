"""A door takes what its contract names and nothing else, and its refusal repeats nothing of what was sent."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.events import DOOR_TYPES, MalformedEvent, members
from shared.events.envelope import decode_data
from shared.events.members import DisclosureSubmitted, FlagRaised
from tests.contracts.golden import example

CANARY = "Jane-Canary-7319"


def send(name: str, data: object) -> Any:
    return decode_data(DOOR_TYPES[name], json.dumps(data).encode())


def refused_at(name: str, data: object) -> str:
    with pytest.raises(MalformedEvent) as refusal:
        send(name, data)
    assert refusal.value.reason == "schema_invalid"
    return refusal.value.pointer


@pytest.mark.parametrize("name", sorted(DOOR_TYPES))
def test_an_unknown_field_is_refused_and_its_name_is_not_repeated(name: str) -> None:
    assert refused_at(name, example(name)["data"] | {CANARY: 1}) == "/"


@pytest.mark.parametrize(("name", "part"), [("disclosure.submitted.v1", "site"), ("flag.raised.v1", "severity")])
def test_an_unknown_field_of_a_part_is_refused_too(name: str, part: str) -> None:
    data = example(name)["data"]
    data[part][CANARY] = 1

    assert refused_at(name, data) == f"/{part}"


@pytest.mark.parametrize("word", ["environment", "other", "", "FORCED_LABOUR", 3, True, None])
def test_a_word_that_is_not_of_the_list_is_refused(word: object) -> None:
    assert refused_at("flag.raised.v1", example("flag.raised.v1")["data"] | {"category": word}) == "/category"


@pytest.mark.parametrize(
    ("field", "value"),
    [("scale", "4"), ("scale", 4.0), ("scale", True), ("scale", 0), ("scale", 6), ("scale", None)],
)
def test_types_are_strict_and_severity_runs_from_one_to_five(field: str, value: object) -> None:
    data = example("flag.raised.v1")["data"]
    data["severity"][field] = value

    assert refused_at("flag.raised.v1", data) == f"/severity/{field}"


@pytest.mark.parametrize("source", ["worker", "union", "monitoring_partner"])
def test_the_workers_side_cannot_raise_an_unsealed_flag(source: str) -> None:
    data = example("flag.raised.v1")["data"] | {"source_class": source}
    data.pop("headline")

    refused_at("flag.raised.v1", data)


@pytest.mark.parametrize("source", ["audit", "supplier"])
def test_only_a_published_source_has_a_headline(source: str) -> None:
    data = example("flag.raised.v1")["data"] | {"source_class": source}

    refused_at("flag.raised.v1", data)
    data.pop("headline")
    assert isinstance(send("flag.raised.v1", data), FlagRaised)


@pytest.mark.parametrize(
    ("name", "fields", "place"),
    [
        ("disclosure.submitted.v1", {"scope": "product", "product": None}, "/product/model"),
        ("disclosure.requested.v1", {"asked_on": "2026-01-15", "due": "2026-01-14"}, "/due"),
        ("flag.raised.v1", {"source_class": "union", "headline": None}, "/source_class"),
        ("flag.raised.v1", {"source_class": "audit"}, "/headline"),
        ("contract.registered.v1", {"starts": "2026-02-01", "ends": "2026-01-31"}, "/ends"),
        ("contract.registered.v1", {"parent": None, "parent_member": "somebody"}, "/parent"),
        ("flag.followed-up.v1", {"basis": "worker"}, "/basis"),
        ("flag.followed-up.v1", {"state": "raised"}, "/state"),
        ("flag.followed-up.v1", {"state": "dismissed", "reason": None}, "/reason"),
    ],
)
def test_where_fields_do_not_go_together_the_one_at_fault_is_named(
    name: str, fields: dict[str, Any], place: str
) -> None:
    assert refused_at(name, example(name)["data"] | fields) == place


@pytest.mark.parametrize("field", ["narrative", "site", "supplier", "member", "sender", "country", "language"])
def test_nothing_travels_beside_a_sealed_box(field: str) -> None:
    assert refused_at("testimony.submitted.v1", example("testimony.submitted.v1")["data"] | {field: "x"}) == "/"


@pytest.mark.parametrize("box", ["", "AAA", "plain words", "AAAA\n", "A" * (200 * 1024 + 4)])
def test_a_box_that_is_no_base64_or_too_large_is_refused(box: str) -> None:
    data = {"kind": "grievance", "key": "k", "sealed": box}

    assert refused_at("testimony.submitted.v1", data) == "/sealed"


def test_a_box_of_200_kib_is_taken() -> None:
    box = "A" * (200 * 1024)

    assert isinstance(
        send("testimony.submitted.v1", {"kind": "flag", "key": "k", "sealed": box}), members.TestimonySubmitted
    )


@pytest.mark.parametrize(
    "name",
    ["a\x00b", "a\nb", "a\r\nBcc: x", "a\x1b[31m", "a\u2028b", "a\u202eb", "a\u2066b", "x" * 201, "", "   "],
)
def test_a_name_with_a_control_character_or_no_name_is_refused(name: str) -> None:
    data = example("disclosure.submitted.v1")["data"]
    data["supplier"]["name"] = name

    assert refused_at("disclosure.submitted.v1", data) == "/supplier/name"


@pytest.mark.parametrize("name", ["Exämple Électronics (株式会社)", "x" * 200, "O'Example & Söhne", "=1+1"])
def test_a_name_is_taken_as_it_is_written(name: str) -> None:
    data = example("disclosure.submitted.v1")["data"]
    data["supplier"]["name"] = name

    assert send("disclosure.submitted.v1", data).supplier.name == name


@pytest.mark.parametrize("country", ["no", "NOR", "N", "Norway", "N1", ""])
def test_a_country_is_two_capitals(country: str) -> None:
    data = example("disclosure.submitted.v1")["data"]
    data["site"]["country"] = country

    assert refused_at("disclosure.submitted.v1", data) == "/site/country"


@pytest.mark.parametrize(
    "uri", ["https://user:secret@example.org/x", "javascript:alert(1)", "file:///etc", "https://a b"]
)
def test_evidence_is_a_plain_address_without_credentials(uri: str) -> None:
    data = example("disclosure.submitted.v1")["data"]
    data["evidence"][0]["uri"] = uri

    assert refused_at("disclosure.submitted.v1", data) == "/evidence/0/uri"


def test_a_disclosure_names_a_site_or_what_was_not_disclosed_but_not_both() -> None:
    data = example("disclosure.submitted.v1")["data"]
    proof = {"asked_on": "2026-01-15", "asked_company": "Example Components Ltd", "answer": "no_answer"}
    missing = {"missing": "sites", "reason": "not_yet_answered", "requests": [proof]}

    refused_at("disclosure.submitted.v1", data | {"not_disclosed": missing})
    refused_at("disclosure.submitted.v1", {k: v for k, v in data.items() if k != "site"})
    without_site = {k: v for k, v in data.items() if k != "site"} | {"not_disclosed": missing}
    assert isinstance(send("disclosure.submitted.v1", without_site), DisclosureSubmitted)


def test_not_disclosed_needs_the_proof_that_somebody_asked() -> None:
    data = {k: v for k, v in example("disclosure.submitted.v1")["data"].items() if k != "site"}
    unproven = {"missing": "sites", "reason": "not_yet_answered", "requests": []}

    assert refused_at("disclosure.submitted.v1", data | {"not_disclosed": unproven}) == "/not_disclosed/requests"


def test_a_declaration_about_a_product_names_its_model() -> None:
    data = example("disclosure.submitted.v1")["data"]
    data["product"].pop("model")

    refused_at("disclosure.submitted.v1", data)


def test_fewer_than_ten_participants_are_not_counted() -> None:
    data = example("consultation.held.v1")["data"] | {"participants": 9}

    assert refused_at("consultation.held.v1", data) == "/participants"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.just(CANARY),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([CANARY, "name"]), inner, max_size=2),
    max_leaves=8,
)


@given(name=st.sampled_from(sorted(DOOR_TYPES)), garbage=JSON, at=st.integers(min_value=0))
def test_whatever_is_sent_a_refusal_holds_nothing_of_it(name: str, garbage: object, at: int) -> None:
    data = example(name)["data"]
    field = sorted(data)[at % len(data)]
    try:
        send(name, data | {field: garbage, CANARY: garbage})
    except MalformedEvent as refusal:
        assert CANARY not in f"{refusal} {refusal!r} {refusal.args} {refusal.pointer}"
    else:
        pytest.fail("an unknown field was taken")
