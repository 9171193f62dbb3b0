"""Every number traces to its reasons, and what would change it is reckoned, not written."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from services.risk.domain.assessment import canonical
from services.risk.domain.assessment.canonical import plain
from services.risk.domain.assessment.explanation import (
    Change,
    ChangeKind,
    ExplainedCategory,
    Explanation,
)
from services.risk.domain.evidence import Evidence
from services.risk.domain.sites import MineralUse
from shared.events.lifecycles import FlagState
from shared.events.vocabulary import Category, Instrument, Representation, SourceClass
from tests.risk.assessment.told import (
    assessed,
    claim,
    entity,
    explained,
    flag,
    flags,
    good,
    ratified,
    report,
    series,
    site,
    statement,
)

FORCED, SAFETY = Category.FORCED_LABOUR, Category.SAFETY_AND_HEALTH
PLACE = site(
    "CN",
    "Electronics",
    names=("Example Listed Works",),
    claims=(claim(SourceClass.SUPPLIER), claim(SourceClass.AUDIT, Representation.NONE, mechanisms=("hotline",))),
    minerals=(MineralUse("gold", from_conflict_affected_area=True),),
)
FACTS = (
    good("Electronics", "CN", "forced_labour"),
    good("Electronics", "CN", "child_labour"),
    entity("Example Listed Works"),
    series("CN", "v2x_rule", 0.6),
    ratified("CN", "C182", "no"),
)
EVIDENCE = Evidence(
    flags=(
        flag(report("a"), report("b", source=SourceClass.AUDIT, parts=(4, 4, 2, 5), at=1), name="one"),
        flag(report("c", source=SourceClass.SUPPLIER), category=FORCED, state=FlagState.DISMISSED, name="two"),
    ),
    statements=(statement(),),
)


def of(category: Category, told: Explanation) -> ExplainedCategory:
    return next(one for one in told.categories if one.category is category)


def change(told: ExplainedCategory, how: ChangeKind, what: str) -> Change:
    return next(one for one in told.changes if one.how is how and what in one.what)


def test_the_grades_are_those_of_the_assessment_and_each_is_decided_by_a_reason() -> None:
    found, told = assessed(PLACE, FACTS, EVIDENCE), explained(PLACE, FACTS, EVIDENCE)

    for category in told.categories:
        grades = found.categories[category.category]
        assert (category.grades.severity, category.grades.likelihood) == (grades.severity, grades.likelihood)
        for part in ("scale", "scope", "irremediability", "likelihood"):
            deciding = [one for one in category.reasons if part in one.decides]
            assert bool(deciding) == (getattr(grades, part) is not None)
    assert [one.label for one in told.gaps] == list(found.gaps)
    assert {one.instrument: one.finding for one in told.instruments} == found.instruments


def test_a_reason_by_a_fact_quotes_the_row_with_its_source_and_edition() -> None:
    reason = next(one for one in of(FORCED, explained(PLACE, FACTS)).reasons if one.kind == "good")

    assert [(fact.source, fact.edition, fact.text) for fact in reason.facts] == [
        ("Example list of goods", "2022", "Electronics; CN; forced_labour: Yes")
    ]


def test_deciding_reasons_come_first_and_a_report_names_its_flag() -> None:
    reasons = of(SAFETY, explained(PLACE, FACTS, EVIDENCE)).reasons

    deciding = [bool(one.decides) for one in reasons]
    assert deciding == sorted(deciding, reverse=True)
    assert flag(name="one").flag in {one.flag for one in reasons}


def test_an_instrument_tells_what_points_at_it() -> None:
    told = {one.instrument: one.because for one in explained(PLACE, FACTS).instruments}

    assert any("Electronics" in text for text in told[Instrument.C029])
    assert told[Instrument.C155] == ()


def test_leaving_out_the_deciding_reason_gives_the_next_grade() -> None:
    told = of(FORCED, explained(PLACE, FACTS))

    without = change(told, ChangeKind.WITHOUT, "Example Listed Works")
    assert (without.before.likelihood, without.after.likelihood) == (5, 4)


def test_reasons_that_hold_a_grade_together_are_left_out_together() -> None:
    safety = of(SAFETY, explained(site("NO"), evidence=flags(flag(report("a"), report("b")))))

    assert change(safety, ChangeKind.WITHOUT, "all 2 reasons that give scale 3").after.scale is None


def test_an_independent_representation_would_lower_the_likelihood_and_no_severity() -> None:
    told = of(SAFETY, explained(site("CN"), [series("CN", "v2x_rule", 0.9)]))

    with_it = change(told, ChangeKind.WITH, "independent representation")
    assert (with_it.before.likelihood, with_it.after.likelihood) == (4, 3)
    assert with_it.after.severity == with_it.before.severity


def test_a_verified_remedy_of_a_flag_would_take_its_severity_away() -> None:
    told = of(SAFETY, explained(site("NO"), evidence=flags(flag(report(parts=(4, 4, 2, 5))))))

    verified = change(told, ChangeKind.WITH, "remedy")
    assert verified.flag == flag().flag
    assert (verified.before.severity, verified.after.severity) == (4, None)
    assert (verified.before.likelihood, verified.after.likelihood) == (5, 3)


def test_a_gap_tells_the_most_that_knowing_it_could_give() -> None:
    told = of(FORCED, explained(site(None, "Electronics"), FACTS))

    known = change(told, ChangeKind.IF_KNOWN, "country not given")
    assert (known.before.severity, known.after.severity) == (None, 5)
    assert known.before.likelihood is None and known.after.likelihood == 5


def test_what_would_change_nothing_is_not_told() -> None:
    told = explained(PLACE, FACTS, EVIDENCE)

    assert all(one.before != one.after for category in told.categories for one in category.changes)


def test_the_json_has_no_set_and_no_time_and_reads_back() -> None:
    told = explained(PLACE, FACTS, EVIDENCE)

    text = canonical(told.to_json())
    assert json.loads(text) == told.to_json()
    assert "recorded" not in text and "2026-11-02" not in text


def test_a_value_without_one_form_is_refused() -> None:
    with pytest.raises(TypeError):
        plain(frozenset({1}))


def test_the_order_of_names_makes_no_difference_to_the_bytes() -> None:
    assert canonical({"b": 1, "a": "Å"}) == canonical({"a": "Å", "b": 1}) == '{"a":"Å","b":1}'


SCRIPT = """
from services.risk.domain.assessment import canonical
from tests.risk.assessment.told import explained
from tests.risk.assessment.test_explanation import EVIDENCE, FACTS, PLACE
print(canonical(explained(PLACE, FACTS, EVIDENCE).to_json()), end="")
"""


def test_another_process_gives_the_same_bytes() -> None:
    def told(seed: str) -> bytes:
        return subprocess.run(
            [sys.executable, "-c", SCRIPT],
            check=True,
            capture_output=True,
            cwd=Path(__file__).parents[3],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ".", "PYTHONUTF8": "1"},
        ).stdout

    assert told("1") == told("2") == canonical(explained(PLACE, FACTS, EVIDENCE).to_json()).encode()
