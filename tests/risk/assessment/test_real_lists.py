"""The model against the real lists: what they say is read, and what they leave out stays unknown."""

from pathlib import Path

import pytest

from services.risk.domain.assessment import Assessment, assess
from services.risk.domain.evidence import Evidence
from services.risk.domain.facts.catalogue import Catalogue, catalogue
from services.risk.domain.facts.fact import Listed
from services.risk.domain.facts.formats import read_facts
from services.risk.settings import current_model
from shared.events.lifecycles import Finding, IndicatorKind
from shared.events.vocabulary import Category, Confidence
from tests.risk.assessment.told import site

DATA = Path(__file__).parents[3].parent / "shared" / "data" / "risk"
LISTS = (
    ("ilab-goods", "extract_ilab_goods_2022list.csv"),
    ("ilab-findings", "extract_ilab_conventions_advancement.csv"),
    ("cbp-orders", "extract_us_cbp_wro_findings_industrial.csv"),
    ("series", "flsri_worldbank.csv"),
    ("series", "flsri_vdem.csv"),
    ("series", "flsri_ilostat.csv"),
    ("ucdp", "flsri_ucdp_ged_country_year_2019_2023.csv"),
)


@pytest.fixture(scope="module")
def lists() -> Catalogue:
    if not DATA.is_dir():
        pytest.skip(f"the real lists are not at {DATA}")
    register = (DATA / "flsri_data_register.csv").read_bytes()
    return catalogue(
        Listed(fact, name, "2022", None, None)
        for form, name in LISTS
        for fact in read_facts(form, (DATA / name).read_bytes(), register if form == "series" else None)
    )


def of(lists: Catalogue, country: str, *names: str) -> Assessment:
    return assess(site(country, "Electronics", names=names), Evidence(), lists, current_model())


def test_electronics_from_china_are_indicated_for_child_and_forced_labour(lists: Catalogue) -> None:
    found = of(lists, "CN")

    indicated = {category for category, one in found.categories.items() if one.finding is Finding.INDICATED}
    assert indicated == {Category.CHILD_LABOUR, Category.FORCED_LABOUR}
    assert all(one.likelihood is not None for one in found.categories.values())
    assert len(found.indicators) == 2


def test_taiwan_is_in_no_series_and_has_no_grade_for_it(lists: Catalogue) -> None:
    found = of(lists, "TW")

    assert all(one.likelihood is None and one.severity is None for one in found.categories.values())
    assert "country indicators: none for this country" in found.gaps


def test_the_customs_row_for_hefei_bitland_is_found_by_name_and_quoted(lists: Catalogue) -> None:
    found = of(lists, "CN", "Hefei Bitland Information Technology")

    (match,) = (one for one in found.indicators if one.kind is IndicatorKind.ENTITY_LIST)
    assert match.confidence is Confidence.HIGH
    assert "Hefei Bitland Information Technology Co., Ltd." in match.evidence[0].text
    assert "withhold release order" in match.statement
