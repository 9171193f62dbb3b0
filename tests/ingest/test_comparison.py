"""When two descriptions are one supplier or one site. All companies here are invented."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.domain.identity.comparison import (
    Description,
    Verdict,
    blocking_tokens,
    compare_sites,
    compare_suppliers,
    describe,
    verdict,
)
from services.ingest.settings import IngestSettings

LEI = "EXAMPLE0000000000087"
OTHER_LEI = "EXAMPLE0000000000184"
OS_ID = "NO2020001EXAMP1"
STREET = "No 12 Example Road, Gaobu Town, Dongguan, Guangdong"


def default(name: str) -> float:
    return float(IngestSettings.model_fields[f"identity_{name}"].default)


def supplier(name: str, country: str | None = None, **identifiers: str) -> Description:
    return describe(name, None, country, identifiers)


def site(name: str, address: str, country: str = "CN", **identifiers: str) -> Description:
    return describe(name, address, country, identifiers)


def of_suppliers(left: Description, right: Description) -> Verdict:
    score = compare_suppliers(left, right).score
    return verdict(score, default("suppliers_same_from"), default("suppliers_review_from"))


def of_sites(left: Description, right: Description) -> Verdict:
    score = compare_sites(left, right).score
    return verdict(score, default("sites_same_from"), default("sites_review_from"))


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Example Electronics Co., Ltd.", "EXAMPLE ELECTRONIC COMPANY LIMITED"),
        ("Exámple Précision GmbH", "Example Precision"),
        ("MÃ¼ster Examplon", "Müster Examplon"),
        ("Example Opto-Electronics", "Example Optoelectronics Corp."),
        ("Example Widgets Mfg.", "Example Widgets Manufacturing Inc"),
        ("Examplewidgets (Mfg) Ltd", "Example Widgets Manufacturing Limited"),
        ("Example & Sons Widgets", "Example and Sons Widgets Ltd"),
        ("Examplewerke Holding", "Examplewerke Group"),
        ("Shenzhen Examplon Technology Co., Ltd.", "Examplon Technology Co., Ltd."),
        ("Examplon Technology (Ho Chi Minh) Ltd", "Examplon Technology"),
        ("Examplon Widgets", "Widgets Examplon Ltd"),
        ("Examplon Widgets Ltd. (Continued)", "Examplon Widgets Ltd."),
        ("Examplon Widgets (Examplix)", "Examplon Widgets"),
        ("Examplon Widget Works (EWW)", "Examplon Widget Works"),
        ("Exampllon Broadwidget", "Examplon Broadwidget"),
        ("Example Garments Pvt. Ltd. - Examplepur", "Example Garments Pvt. Ltd. Unit 4"),
        ("Эксамплон Электроникс ООО", "Eksamplon Elektroniks"),
        ("삼플온전자 주식회사", "삼플온 전자"),
    ],
)
def test_spellings_of_one_company_are_one_supplier(left: str, right: str) -> None:
    assert of_suppliers(supplier(left), supplier(right)) is Verdict.SAME


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Examplon Display", "Examplon Chemical"),
        ("Examplon Electronics", "Examplon Electro-Mechanics"),
        ("Examplon Technology", "Examplon One Technology"),
        ("Examplon Widgets", "Samplion Widgets"),
        ("Shenzhen Electronics Technology", "Shanghai Electronics Technology"),
        ("China Circuit Technology", "China Precision Technology"),
        ("Examplon Plant 2", "Examplon Plant 3"),
        ("Examplon No. 4 Ltd", "Examplon No. 5 Ltd"),
        ("Jiangsu Huaxin Electronics", "Jiangsu Huaxing Electronics"),
        ("Lishen Battery", "Lisheng Battery"),
        ("Examplon Kunshan", "Examplon Zhengzhou"),
        ("Exa", "Exo"),
    ],
)
def test_names_that_only_resemble_each_other_are_never_one_supplier_without_a_person(left: str, right: str) -> None:
    assert of_suppliers(supplier(left), supplier(right)) is not Verdict.SAME


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Examplon", "Examplon Electronics"),
        ("EWW Ltd", "Examplon Widget Works"),
        ("Examplix", "Examplon Widgets (Examplix)"),
        ("Huaxin Electronics", "Huaxing Electronics"),
        ("Examplon", "Examplon 2"),
        ("Exam Plon Electronics", "Examplon"),
    ],
)
def test_a_short_name_an_abbreviation_or_another_syllable_is_for_a_person(left: str, right: str) -> None:
    assert of_suppliers(supplier(left), supplier(right)) is Verdict.REVIEW


@pytest.mark.parametrize("other", ["Fuyang Technology", "Advance Electronics", "Advance Tech Fuyang Plastics"])
def test_trades_and_places_alone_do_not_make_two_names_alike(other: str) -> None:
    assert of_suppliers(supplier("Advance Tech"), supplier(other)) is not Verdict.SAME
    assert compare_suppliers(supplier("Advance Tech"), supplier("Fuyang Technology")).score == 0


def test_a_native_name_meets_its_romanised_form() -> None:
    left = describe("Examplon Widgets", None, "CN", {}, native_name="华新精密有限公司")

    assert of_suppliers(left, supplier("Huaxin Precision Co., Ltd.", "CN")) is Verdict.SAME


def test_the_same_lei_means_one_company_whatever_the_names() -> None:
    likeness = compare_suppliers(supplier("Examplon", lei=LEI), supplier("Quite Another", lei=LEI))

    assert (likeness.score, likeness.reasons) == (1.0, ("same_lei",))


def test_two_valid_leis_mean_two_companies_and_two_sites_whatever_the_names() -> None:
    assert compare_suppliers(supplier("Examplon", lei=LEI), supplier("Examplon", lei=OTHER_LEI)).score == 0
    assert compare_sites(site("Examplon", STREET, lei=LEI), site("Examplon", STREET, lei=OTHER_LEI)).score == 0


def test_an_lei_that_cannot_be_right_says_nothing() -> None:
    assert compare_suppliers(supplier("Examplon", lei=LEI), supplier("Another", lei="EXAMPLE0000000000088")).score == 0
    assert of_suppliers(supplier("Examplon", lei=LEI), supplier("Examplon", lei="X")) is Verdict.SAME


def test_the_same_lei_does_not_make_two_sites_of_one_company_one() -> None:
    assert of_sites(site("Examplon", STREET, lei=LEI), site("Examplon", "9 Other Street, Wuxi", lei=LEI)) is Verdict.NEW


@pytest.mark.parametrize("identifier", [{"os_id": OS_ID}, {"rba_id": "RBA-1234"}, {"smelter_id": "CID000000"}])
def test_the_same_id_of_a_site_means_one_site(identifier: dict[str, str]) -> None:
    left = site("Examplon", STREET, **identifier)
    right = site("Quite Another", "9 Other Street, Wuxi", **identifier)

    assert of_sites(left, right) is Verdict.SAME


def test_another_id_of_a_site_leaves_the_decision_to_a_person() -> None:
    left, right = site("Examplon", STREET, smelter_id="CID000000"), site("Examplon", STREET, smelter_id="CID000001")

    assert of_sites(left, right) is Verdict.REVIEW


def test_a_national_number_decides_only_beside_an_alike_name_and_within_its_country() -> None:
    left = supplier("Examplon", "NO", organisation_number="310000000")

    same = supplier("Examplon Electronics", "NO", organisation_number="310 000 000")
    other = supplier("Quite Another", "NO", organisation_number="310000000")
    abroad = supplier("Examplon Electronics", "SE", organisation_number="310000000")
    differing = supplier("Examplon", "NO", organisation_number="310000027")
    assert of_suppliers(left, same) is Verdict.SAME
    assert of_suppliers(left, other) is Verdict.NEW
    assert of_suppliers(left, abroad) is Verdict.REVIEW
    assert of_suppliers(left, differing) is Verdict.REVIEW


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (STREET, "12 Example Rd Gaobu Town Dongguan Guangdong China"),
        (STREET, "Example Road 12, Gaobu, DongGuan"),
        ("No 8 Jiang Xing East Road, Wujiang, Suzhou", "8 Jiangxing E Rd, Wujiang, Suzhou"),
        ("5 Examplewei Dong Lu, Kunshan", "No. 5 Examplewei East Road, Kunshan"),
        ("Building D No 875 Examplexing Road Shanghai", "No 875 Examplexing Road Bldg D Shanghai"),
        ("Example Indus- trial Park 17 Beisheng Street Shen- zhen", "17 Beisheng St Example Industrial Park Shenzhen"),
        ("1/80 Moo 5 Examplana Rd Ayutthaya", "1/80 Moo 5 Examplana Road Tambol Kanham Ayutthaya Thailand"),
        ("Examplestraße 6, Dresden", "Examplestrasse 6 Dresden Saxony"),
    ],
)
def test_two_ways_to_write_an_address_are_one_site(left: str, right: str) -> None:
    assert of_sites(site("Examplon Ltd", left), site("EXAMPLON LIMITED", right)) is Verdict.SAME


@pytest.mark.parametrize(
    "other",
    [
        "No 14 Example Road, Gaobu Town, Dongguan, Guangdong",
        "No 12 Example Road, Wuxi, Jiangsu",
        "No 12 Samplers Lane, Gaobu Town, Dongguan, Guangdong",
        "Gaobu Town, Dongguan, Guangdong",
        "Guangdong",
        "",
    ],
)
def test_the_same_company_elsewhere_is_another_site_or_a_question(other: str) -> None:
    assert of_sites(site("Examplon", STREET), site("Examplon", other)) is not Verdict.SAME


def test_the_number_of_a_park_is_not_the_number_of_a_house_in_it() -> None:
    park, house = "2nd Examplewei Industrial Park, Gaobu", "No 19, 2nd Examplewei Industrial Park, Gaobu"

    assert of_sites(site("Examplon", park), site("Examplon", house)) is Verdict.REVIEW


@pytest.mark.parametrize("address", ["No 1688 Examplexing Road, {}", "No 3 Examplexing Road, {}"])
def test_the_same_street_and_number_in_another_city_is_never_one_site(address: str) -> None:
    left, right = site("Examplon", address.format("Wuxi")), site("Examplon", address.format("Suzhou"))

    assert of_sites(left, right) is not Verdict.SAME


@pytest.mark.parametrize("name", ["Samplers Electronics", "Example Widgets", "Examplex"])
def test_another_company_at_the_same_address_is_another_site(name: str) -> None:
    likeness = compare_sites(site("Examplon", STREET), site(name, STREET))

    assert verdict(likeness.score, default("sites_same_from"), default("sites_review_from")) is not Verdict.SAME


@pytest.mark.parametrize("code", ["BD", "KH", "NSW", "EPZ", "DEPZ", "Pvt", "Unit", "Branch"])
def test_a_code_or_a_generic_word_in_brackets_makes_no_two_companies_alike(code: str) -> None:
    left, right = f"Examplon Toy ({code}) Ltd", f"Samplers Bag ({code}) Ltd"

    assert of_suppliers(supplier(left), supplier(right)) is Verdict.NEW
    assert of_sites(site(left, STREET), site(right, STREET)) is Verdict.NEW


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Examplon Toy (Examplix) Ltd", "Samplers Bag (Examplix) Ltd"),
        ("Examplon Toy (Examplix) Ltd", "Examplon Bag (Examplix) Ltd"),
        ("Examplon Toy (Examplix) Ltd", "Examplix"),
    ],
)
def test_the_same_word_in_brackets_is_never_enough_without_a_person_even_at_one_address(left: str, right: str) -> None:
    assert of_suppliers(supplier(left), supplier(right)) is Verdict.REVIEW
    assert of_sites(site(left, STREET), site(right, STREET)) is Verdict.REVIEW


def test_the_code_of_a_country_in_brackets_is_the_country() -> None:
    bangladesh, cambodia = supplier("Examplon Toy (BD) Ltd"), supplier("Examplon Toy (KH) Ltd")

    assert of_suppliers(bangladesh, supplier("Examplon Toy Bangladesh Ltd")) is Verdict.SAME
    assert of_suppliers(bangladesh, supplier("Examplon Toy Ltd")) is Verdict.SAME
    assert of_suppliers(bangladesh, cambodia) is Verdict.NEW


def test_a_number_in_brackets_tells_two_plants_apart() -> None:
    left, right = "Examplon Toy (No. 2) Ltd", "Examplon Toy (No. 3) Ltd"

    assert of_suppliers(supplier(left), supplier(right)) is Verdict.NEW
    assert of_sites(site(left, STREET), site(right, STREET)) is Verdict.NEW


@pytest.mark.parametrize(("left", "right"), [("East", "West"), ("North", "South"), ("Upper", "Lower")])
def test_opposite_ends_of_a_street_are_two_sites(left: str, right: str) -> None:
    template = "No 12 {} Example Road, Gaobu Town, Dongguan"

    assert of_sites(site("Examplon", template.format(left)), site("Examplon", template.format(right))) is Verdict.NEW


def test_two_plants_of_one_company_at_one_address_are_two_sites() -> None:
    assert of_sites(site("Examplon Plant 2", STREET), site("Examplon Plant 3", STREET)) is Verdict.NEW


def test_a_slip_in_a_name_is_believed_where_the_address_is_the_same() -> None:
    assert of_sites(site("Jiangsu Huaxin", STREET), site("Jiangsu Huaxing", STREET)) is Verdict.SAME


def test_another_country_is_another_site() -> None:
    assert compare_sites(site("Examplon", STREET, "CN"), site("Examplon", STREET, "VN")).score == 0


def test_the_reasons_are_codes_and_hold_nothing_of_what_was_compared() -> None:
    left, right = site("Examplon Secretive", STREET), site("Examplon Secret Ltd", "No 12 Example Rd")

    reasons = compare_sites(left, right).reasons

    assert reasons and all(reason.replace("_", "").isalpha() and reason.islower() for reason in reasons)
    assert not any("examplon" in reason or "secret" in reason for reason in reasons)


NAMES = st.text(max_size=60) | st.sampled_from(
    ["Examplon Technology (Shenzhen) Co., Ltd.", "Examplon", "Shenzhen Examplon", "EWW", "Examplon Widget Works (EWW)"]
)
DESCRIPTIONS = st.builds(
    describe, NAMES, st.none() | NAMES, st.sampled_from([None, "CN", "NO"]), st.just({}), st.none() | NAMES
)


@given(DESCRIPTIONS, DESCRIPTIONS)
def test_a_likeness_is_the_same_from_both_sides_and_lies_between_0_and_1(left: Description, right: Description) -> None:
    for compare in (compare_suppliers, compare_sites):
        there, back = compare(left, right).score, compare(right, left).score
        assert there == pytest.approx(back)
        assert 0 <= there <= 1


@given(DESCRIPTIONS)
def test_blocking_words_are_few_and_short_and_shared_by_equal_descriptions(description: Description) -> None:
    for kind in ("supplier", "site"):
        words = blocking_tokens(description, "supplier" if kind == "supplier" else "site")
        assert len(words) <= 12
        assert all(0 < len(word) <= 24 for word in words)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Eypllion", "Epyllion"),
        ("Broadwidget", "Broadwidgget"),
        ("Tian Jin Examplon", "Tianjin Examplon"),
        ("EWW", "Examplon Widget Works"),
        ("Mini Exam Plon", "MiniExamplon"),
    ],
)
def test_names_that_a_slip_parts_still_share_a_blocking_word(left: str, right: str) -> None:
    assert blocking_tokens(supplier(left), "supplier") & blocking_tokens(supplier(right), "supplier")


def test_a_site_is_found_by_its_address_where_its_name_is_too_common() -> None:
    left, right = site("Examplon", STREET), site("Examplon Ltd", "12 Example Rd, Gaobu, Dongguan")

    shared = blocking_tokens(left, "site") & blocking_tokens(right, "site")

    assert any("12" in word for word in shared)


@pytest.mark.parametrize("text", ["xian" * 50 + "q", "(" * 200, "a " * 100, "()" * 100, "-" * 200, "é" * 200])
def test_a_name_made_to_be_slow_is_compared_at_once(text: str) -> None:
    before = time.process_time()

    compare_sites(site(text, text + "1"), site(text + "x", text + "y 1"))

    assert time.process_time() - before < 0.5
