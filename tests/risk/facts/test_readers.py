"""Each list is read as its publisher gives it: every row becomes facts, and what it leaves open stays unknown."""

from collections import Counter
from datetime import date

import pytest

from services.risk.domain.facts.editions import digest_of
from services.risk.domain.facts.fact import Fact, FactAbout
from services.risk.domain.facts.formats import FORMATS, read_facts
from tests.risk.facts.files import GOODS, HEADER, ROW, XML, published


def measures(facts: list[Fact]) -> dict[str, int]:
    return dict(Counter(fact.measure for fact in facts))


def of(facts: list[Fact], country: str | None, measure: str) -> Fact | None:
    return next((one for one in facts if (one.country, one.measure) == (country, measure)), None)


@pytest.mark.parametrize("name", FORMATS)
def test_the_example_of_each_format_can_be_loaded(name: str) -> None:
    form = FORMATS[name]

    facts = read_facts(name, form.example.encode(), form.register_example.encode() or None)

    assert facts
    assert all(fact.text and fact.text.isprintable() and fact.measure for fact in facts)


# Goods by country


def test_the_shipped_list_of_goods_is_read_whole() -> None:
    facts = read_facts("ilab-goods", GOODS.read_bytes())

    assert len({(fact.country, fact.name) for fact in facts}) == 467
    assert measures(facts) == {"child_labour": 414, "forced_labour": 121, "forced_child_labour": 54, "derived": 10}
    assert {(one.country, one.measure) for one in facts if one.name == "Electronics"} == {
        ("CN", "child_labour"), ("CN", "forced_labour"), ("CN", "forced_child_labour"), ("MY", "forced_labour"),
        ("PK", "child_labour"),
    }  # fmt: skip
    assert {"MM", "CD", "KR"} & {fact.country for fact in facts} >= {"MM", "CD"}


def test_a_good_listed_for_an_input_made_elsewhere_names_where() -> None:
    facts = read_facts("ilab-goods", GOODS.read_bytes())

    assert [(one.country, one.measure, one.text) for one in facts if one.name == "Lithium-Ion Batteries"] == [
        (
            "CN",
            "derived",
            "Lithium-Ion Batteries (Manufacturing), China: child labor: No, forced labor: No, forced child labor: No, "
            "derived labor exploitation: Yes, from Congo, Democratic Republic of the",
        )
    ]


def test_the_list_of_goods_as_xml_and_as_csv_states_the_same_facts() -> None:
    assert read_facts("ilab-goods", XML.encode()) == read_facts("ilab-goods", f"{HEADER}\n{ROW}\n".encode())

    as_xml = read_facts("ilab-goods", published("ilab_goods_2016.xml"))
    as_csv = read_facts("ilab-goods", published("extract_ilab_goods_2022list.csv"))

    assert digest_of(as_xml) == digest_of(as_csv) == digest_of(read_facts("ilab-goods", GOODS.read_bytes()))


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("Burma", "MM"),
        ('"Congo, Democratic Republic of the"', "CD"),
        ("Korea", "KR"),
        ("North Korea", "KP"),
        ("my", "MY"),
        ("MYS", "MY"),
    ],
)
def test_names_of_countries_resolve_as_lists_write_them(written: str, code: str) -> None:
    facts = read_facts("ilab-goods", f"{HEADER}\n{ROW.replace('Malaysia', written)}\n".encode())

    assert [fact.country for fact in facts] == [code]


# Findings, ratifications, series and conflicts by country


def test_the_findings_by_country_are_read_whole_and_a_blank_is_unknown() -> None:
    facts = read_facts("ilab-findings", published("extract_ilab_conventions_advancement.csv"))

    assert measures(facts) == {
        "advancement": 128, "ratified_c138": 127, "ratified_c182": 127, "ratified_crc": 129, "ratified_palermo": 129,
        "ratified_crc_armed_conflict": 129, "ratified_crc_sale_of_children": 129,
    }  # fmt: skip
    assert Counter(one.word for one in facts if one.measure == "ratified_c182") == {"yes": 123, "no": 4}
    assert {one.word for one in facts if one.measure == "advancement"} == {
        "significant_advancement", "moderate_advancement", "minimal_advancement", "no_advancement",
    }  # fmt: skip
    assert [one for one in facts if one.country in ("CN", "MY", "VN", "TW")] == []


def test_a_longer_level_keeps_its_words_in_the_text() -> None:
    header = ",".join(FORMATS["ilab-findings"].columns)
    row = "Nepal,Indo-Pacific,Minimal Advancement – Efforts Made but Continued Law that Delayed Advancement,,,N/A,,,Yes"

    facts = read_facts("ilab-findings", f"{header}\n{row}\n".encode())

    assert [(one.measure, one.word) for one in facts] == [
        ("advancement", "minimal_advancement"),
        ("ratified_palermo", "yes"),
    ]
    assert facts[0].text.endswith("Efforts Made but Continued Law that Delayed Advancement")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("vdem", {"v2xcl_dmove": 173, "v2xcl_slave": 173, "v2xnp_client": 173, "v2x_rule": 173}),
        (
            "worldbank",
            {
                "wb_wgi_rule_of_law": 194, "wb_remittances_pct_gdp": 187, "wb_lower_secondary_completion": 184,
                "wb_bribery_incidence": 175, "wb_labor_productivity": 173, "wb_gini": 170,
            },
        ),
        (
            "ilostat",
            {
                "ilr_tumt_noc_rt_a": 135, "ilr_cbct_noc_rt_a": 99, "sdg_f881_sex_mig_rt_a": 92,
                "lai_inde_noc_rt_a": 83,
            },
        ),
    ],
)  # fmt: skip
def test_the_series_are_read_with_their_register_and_a_blank_is_unknown(name: str, expected: dict[str, int]) -> None:
    facts = read_facts("series", published(f"flsri_{name}.csv"), published("flsri_data_register.csv"))

    assert measures(facts) == expected
    assert all(one.value is not None and 0 <= one.value <= 1 for one in facts)
    assert not {"TW", "HK"} & {one.country for one in facts}


def test_a_value_quotes_the_source_and_licence_of_its_own_series() -> None:
    facts = read_facts("series", published("flsri_vdem.csv"), published("flsri_data_register.csv"))

    rule_of_law = of(facts, "AL", "v2x_rule")
    assert rule_of_law is not None
    assert rule_of_law.value == 0.408
    assert rule_of_law.text.endswith("V-Dem Country-Year Core v16, v2x_rule; CC BY 4.0")


def test_deaths_in_conflict_are_summed_by_country() -> None:
    facts = read_facts("ucdp", published("flsri_ucdp_ged_country_year_2019_2023.csv"))

    assert measures(facts) == {"conflict_deaths": 87}
    afghanistan = of(facts, "AF", "conflict_deaths")
    assert afghanistan is not None
    assert (afghanistan.value, afghanistan.text) == (
        89558,
        "Afghanistan: 89558 deaths in conflict from 2019 to 2023 (best estimate)",
    )
    assert of(facts, "CG", "conflict_deaths") and of(facts, "CD", "conflict_deaths")
    assert of(facts, "NO", "conflict_deaths") is None


def test_ratifications_say_yes_no_or_denounced_and_nothing_of_what_is_left_out() -> None:
    rows = [
        "country,convention,ratification,status",
        "Norway,C087,1949-07-04,In force",
        "NOR,C98,1955-02-17,",
        "Norway,P029 - Protocol of 2014,2015-11-09,Not yet in force",
        "Burma,C182,not ratified,",
        "Korea,C105,Not ratified,",
        "Viet Nam,C105,2020-07-14,Denounced",
    ]

    facts = read_facts("normlex", "\n".join(rows).encode())

    assert [(one.country, one.measure, one.word, one.valid_from) for one in facts] == [
        ("NO", "ratified_c087", "yes", date(1949, 7, 4)),
        ("NO", "ratified_c098", "yes", date(1955, 2, 17)),
        ("NO", "ratified_p029", "yes", date(2015, 11, 9)),
        ("MM", "ratified_c182", "no", None),
        ("KR", "ratified_c105", "no", None),
        ("VN", "ratified_c105", "denounced", date(2020, 7, 14)),
    ]


# Companies, areas, and anything else


def test_the_orders_of_us_customs_are_read_whole_with_their_aliases() -> None:
    facts = read_facts("cbp-orders", published("extract_us_cbp_wro_findings_industrial.csv"))

    assert measures(facts) == {"cbp_wro": 18, "cbp_finding": 1}
    bitland = next(fact for fact in facts if fact.name.startswith("Hefei Bitland"))
    assert (bitland.country, bitland.valid_from, bitland.text) == (
        "CN",
        date(2020, 9, 8),
        "Hefei Bitland Information Technology Co., Ltd., China, Electronics: WRO, effective 2020-09-08",
    )
    assert any(fact.name.startswith("All gold mined") and fact.country == "CD" for fact in facts)
    assert any("a/k/a Golden Horse (JinMa) Diesel Factory" in fact.name for fact in facts)


def test_an_entity_list_keeps_aliases_where_names_are_compared() -> None:
    header = "name,aliases,country,list,effective_date,sector"
    rows = ["Example Works,Golden Example | Example Mill,China,UFLPA,2022-06-21,Textiles", "Other Works,,,UFLPA,,"]

    facts = read_facts("entities", "\n".join([header, *rows]).encode())

    assert [(one.name, one.country, one.measure, one.valid_from) for one in facts] == [
        ("Example Works, a/k/a Golden Example, a/k/a Example Mill", "CN", "listed_uflpa", date(2022, 6, 21)),
        ("Other Works", None, "listed_uflpa", None),
    ]


def test_areas_are_one_fact_for_each_country_or_mineral_of_it() -> None:
    rows = [
        "country,region,minerals,edition",
        '"Congo, Democratic Republic of the",North Example,Tin; gold,2026-01',
        "COD,South Example,gold,2026-01",
        "Burma,,,2026-01",
    ]

    facts = read_facts("cahra", "\n".join(rows).encode())

    assert [(one.about, one.country, one.name, one.measure) for one in facts] == [
        (FactAbout.MINERAL, "CD", "gold", "conflict_affected_area"),
        (FactAbout.MINERAL, "CD", "tin", "conflict_affected_area"),
        (FactAbout.COUNTRY, "MM", "", "conflict_affected_area"),
    ]
    assert "North Example; South Example" in facts[0].text


def test_many_regions_of_one_country_fit_into_one_text() -> None:
    rows = [f"Burma,Example region number {n} of many that make a long list,," for n in range(400)]

    (fact,) = read_facts("cahra", "\n".join(["country,region,minerals,edition", *rows]).encode())

    assert len(fact.text) <= 2000
    assert fact.text.endswith("more")


def test_any_other_list_is_told_by_the_documented_rows() -> None:
    rows = [
        "about,country,name,measure,value,word,valid_from,valid_to,text",
        "country,Korea,,example_index,.5,,2026-01-01,2026-12-31,",
        "Sector,,Solar,example_concern,,high,,,As the list words it",
        "mineral,CD,Cobalt,forced_labour,,,,,",
        "entity,,Example Works,listed_example,,,,,",
    ]

    facts = read_facts("rows", "\n".join(rows).encode())

    assert facts == [
        Fact(FactAbout.COUNTRY, "KR", "", "example_index", "Korea: example index: 0.5", 0.5, None,
             date(2026, 1, 1), date(2026, 12, 31)),
        Fact(FactAbout.SECTOR, None, "Solar", "example_concern", "As the list words it", None, "high"),
        Fact(FactAbout.MINERAL, "CD", "Cobalt", "forced_labour", "Cobalt, CD: forced labour"),
        Fact(FactAbout.ENTITY, None, "Example Works", "listed_example", "Example Works: listed example"),
    ]  # fmt: skip


def test_a_value_that_is_missing_is_no_zero() -> None:
    rows = "about,country,name,measure,value,word,valid_from,valid_to\ncountry,NO,,example_index,,,,\n"

    assert [(one.value, one.word) for one in read_facts("rows", rows.encode())] == [(None, None)]
