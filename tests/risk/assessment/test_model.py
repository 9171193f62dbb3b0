"""The model is one closed file: what it cannot mean is refused, and what would lower a risk wrongly too."""

import re
from importlib import resources

import pytest

from services.risk.domain.facts.fact import FactAbout
from services.risk.domain.model import CATEGORIES, INSTRUMENTS, parse_model, sectors_in
from services.risk.settings import current_model
from shared.events.vocabulary import Category, Representation, SourceClass


def text() -> str:
    return resources.files("services.risk").joinpath("model.toml").read_text(encoding="utf-8")


def changed(before: str, after: str) -> str:
    """The model with the first occurrence of a part changed."""
    assert before in text()
    return text().replace(before, after, 1)


def test_the_model_of_this_release_is_well_formed_and_speaks_of_all_categories() -> None:
    model = current_model()

    assert model.version == "2"
    assert len(CATEGORIES) == 5 and len(INSTRUMENTS) == 11
    ruled = {category for rules in model.rules.values() for rule in rules for category in rule.categories}
    assert ruled == set(CATEGORIES)
    assert all(model.uses(FactAbout.COUNTRY, f"ratified_{one.lower()}") for one in INSTRUMENTS)


def test_workers_weigh_more_than_audits_and_audits_more_than_the_supplier() -> None:
    weight = current_model().weight

    assert weight(SourceClass.WORKER) == weight(SourceClass.UNION) == weight(SourceClass.MONITORING_PARTNER)
    assert weight(SourceClass.WORKER) > weight(SourceClass.AUDIT) > weight(SourceClass.SUPPLIER)
    assert weight(SourceClass.OTHER) == 0


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ('version = "2"', 'version = ""', "version"),
        ("cap = 2", "cap = 2\nsurprise = 1", "surprise"),
        ("cap = 2", "", "cap"),
        ("scale = 5", "scale = 6", "scale"),
        ("scale = 5", "scale = 0", "scale"),
        ('about = "good"', 'about = "weather"', "about"),
        ('categories = ["forced_labour"]', 'categories = ["something"]', "categories"),
        ('instruments = ["C029", "P029"]', 'instruments = ["C155"]', "an instrument belongs to none"),
        ("produced with forced labour", "produced with {surprise}", "a sentence quotes"),
        ("produced with forced labour", "produced with {name.__class__}", "a sentence quotes"),
        ('sources = ["worker"', 'sources = ["supplier", "worker"', "the word of the supplier lowers nothing"),
        ("supplier = 1", "supplier = 2", "the word of the supplier weighs less"),
        ("{ at_least = 0.35, likelihood = 2 }", "{ at_least = 0.35, likelihood = 0 }", "likelihood"),
        ("{ at_least = 0.7, likelihood = 4 }", "{ at_least = 0.7, likelihood = 1 }", "steps ascend"),
        ("{ at_least = 0.7, likelihood = 4 }", "{ at_least = 0.2, likelihood = 4 }", "steps ascend"),
        ('measures = ["wb_gini"]', 'measures = ["wb_gini"]\npoints = true', "a fact about a country is context"),
        ("confidence = { high = 5, medium = 4, low = 2 }", "", "grade by the confidence"),
        ("[representation.none]", "[representation.independent]", "raises nothing"),
        ('names = ["Footwear"]', 'names = ["FOOTWEAR", "footwear"]', "names a sector twice"),
        ('clause = "4.2"', 'clause = "4.1"', "names a clause twice"),
        ('scope = { "10-99" = 2', 'scope = { "below_10_or_unknown" = 1, "10-99" = 2', "says nothing of the scope"),
    ],
)
def test_a_model_that_makes_no_sense_is_refused_and_says_where(before: str, after: str, says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)):
        parse_model(changed(before, after))


def test_a_text_that_is_no_toml_is_refused() -> None:
    with pytest.raises(ValueError, match="line 2"):
        parse_model("version = 2\ncap = two\n")


def test_a_good_concerns_the_sectors_that_make_it_and_the_minerals_that_are_won_from_it() -> None:
    model = current_model()

    assert "ict hardware" in model.makers_of("ELECTRONICS").sectors
    assert model.makers_of("Tin ore (cassiterite)").minerals == {"tin"}
    assert not model.makers_of("Bananas").sectors
    assert model.knows(" Footwear ") and not model.knows("Bananas")
    assert "electronics" in model.goods_of(["Computers", "Unheard of"])


def test_a_measure_is_used_where_a_rule_reads_it() -> None:
    model = current_model()

    assert model.uses(FactAbout.ENTITY, "listed_uflpa")
    assert not model.uses(FactAbout.COUNTRY, "v2xnp_client")
    assert not model.uses(FactAbout.ENTITY, "v2x_rule")


def test_the_greatest_that_facts_could_give_is_the_greatest_of_the_rules() -> None:
    could = current_model().could((FactAbout.ENTITY,), Category.FORCED_LABOUR)

    assert (could.scale, could.scope, could.irremediability, could.likelihood) == (5, None, 4, 5)
    assert Representation.INDEPENDENT not in current_model().representation


def test_several_sectors_of_a_disclosure_are_told_apart() -> None:
    assert sectors_in(" Electronics| Footwear;Toys , ") == {"Electronics", "Footwear", "Toys"}
    assert sectors_in(None) == frozenset()
