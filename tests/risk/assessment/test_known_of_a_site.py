"""What is known of a site itself: reports, released statements, and what sources say of its workers' representation."""

import pytest

from services.risk.domain.assessment import Grades
from services.risk.domain.evidence import Evidence, FlagKnown
from services.risk.domain.sites import Claim
from shared.events.lifecycles import Finding, FlagState
from shared.events.values import Clause
from shared.events.vocabulary import (
    Actuality,
    Category,
    ForcedLabourIndicator,
    Instrument,
    Representation,
    SourceClass,
    WorkersBand,
)
from tests.risk.assessment.told import (
    NOTHING,
    assessed,
    claim,
    explained,
    flag,
    flags,
    report,
    series,
    site,
    statement,
)

SAFETY, FREEDOM = Category.SAFETY_AND_HEALTH, Category.FREEDOM_OF_ASSOCIATION
OTHERS = [one for one in SourceClass if one not in (SourceClass.SUPPLIER, SourceClass.OTHER)]


def of_flags(*told: FlagKnown, claims: tuple[Claim, ...] = ()) -> Grades:
    return assessed(site("NO", claims=claims), evidence=flags(*told)).categories[SAFETY]


def test_the_parts_of_a_report_stand_as_its_reporter_gave_them() -> None:
    assert of_flags(flag(report(parts=(3, 2, 1, None)))) == Grades(Finding.INDICATED, 3, 2, 1, None)


def test_of_several_reports_the_gravest_of_each_part_counts() -> None:
    found = of_flags(flag(report("a", parts=(5, 1, 1, 1)), report("b", parts=(1, 1, 4, 3))))

    assert (found.scale, found.scope, found.irremediability, found.likelihood, found.severity) == (5, 1, 4, 3, 5)


def test_an_impact_that_has_happened_is_at_least_likely() -> None:
    assert of_flags(flag(report(parts=(1, 1, 1, None), actuality=Actuality.ACTUAL))).likelihood == 4
    assert of_flags(flag(report(parts=(1, 1, 1, 5), actuality=Actuality.ACTUAL))).likelihood == 5


def test_a_reopened_flag_is_likelier() -> None:
    assert of_flags(flag(report(parts=(1, 1, 1, 3)), state=FlagState.REOPENED)).likelihood == 4
    assert of_flags(flag(report(parts=(1, 1, 1, 5)), state=FlagState.REOPENED)).likelihood == 5


def test_a_dismissed_flag_is_shown_and_counts_for_nothing() -> None:
    dismissed = flags(flag(report(instruments=(Instrument.C155,)), state=FlagState.DISMISSED))

    found = assessed(site("NO"), evidence=dismissed)

    assert found.categories[SAFETY] == Grades(Finding.UNKNOWN)
    assert found.instruments[Instrument.C155] is Finding.UNKNOWN
    (shown,) = explained(site("NO"), evidence=dismissed).flags
    assert "counts for nothing" in shown.counts


@pytest.mark.parametrize("state", [FlagState.VERIFIED, FlagState.CLOSED])
def test_a_verified_remedy_leaves_a_lowered_likelihood_and_no_severity(state: FlagState) -> None:
    found = of_flags(flag(report(parts=(5, 5, 5, 4)), state=state))

    assert found == Grades(Finding.UNKNOWN, None, None, None, 2)
    assert of_flags(flag(report(parts=(5, 5, 5, 1)), state=state)).likelihood == 1


@pytest.mark.parametrize("state", [FlagState.MITIGATING, FlagState.MITIGATED, FlagState.ENGAGED])
def test_a_remedy_that_nobody_has_verified_lowers_nothing(state: FlagState) -> None:
    assert of_flags(flag(state=state)) == of_flags(flag())


def test_a_flag_of_a_category_that_this_release_does_not_know_is_shown_and_counts_for_nothing() -> None:
    found = assessed(site("NO"), evidence=flags(flag(category=Category.OTHER)))

    assert {one.finding for one in found.categories.values()} == {Finding.UNKNOWN}
    assert explained(site("NO"), evidence=flags(flag(category=Category.OTHER))).flags


def test_instruments_and_forced_labour_indicators_are_those_that_a_report_points_at() -> None:
    told = report(
        instruments=(Instrument.C105,),
        indicators=(ForcedLabourIndicator.DEBT_BONDAGE, ForcedLabourIndicator.DECEPTION),
    )

    found = assessed(site("NO"), evidence=flags(flag(told, category=Category.FORCED_LABOUR)))

    assert found.instruments[Instrument.C105] is Finding.INDICATED
    assert found.instruments[Instrument.C029] is Finding.UNKNOWN
    assert found.forced_labour == (ForcedLabourIndicator.DECEPTION, ForcedLabourIndicator.DEBT_BONDAGE)


# Clauses.

ARTICLE_32 = Clause(conditions="convention on the rights  of the child", edition="1989", clause="article 32")


def test_a_clause_adds_the_instruments_that_the_model_maps_it_to() -> None:
    told = flags(flag(report(clause=ARTICLE_32), category=Category.CHILD_LABOUR))

    found = assessed(site("NO"), evidence=told)

    assert found.instruments[Instrument.C138] is found.instruments[Instrument.C182] is Finding.INDICATED
    assert "clause not in the model" not in found.gaps


def test_where_a_clause_is_mapped_to_another_category_the_reporters_stands_and_the_difference_is_shown() -> None:
    told = flags(flag(report(clause=ARTICLE_32)))

    found = assessed(site("NO"), evidence=told)

    assert found.categories[SAFETY].finding is Finding.INDICATED
    assert found.categories[Category.CHILD_LABOUR].finding is Finding.UNKNOWN
    assert found.instruments[Instrument.C138] is Finding.UNKNOWN
    clause = explained(site("NO"), evidence=told).flags[0].reports[0].clause
    assert clause is not None and clause.differs and clause.mapped_to is Category.CHILD_LABOUR


def test_a_clause_of_another_edition_is_not_in_the_model_and_a_gap() -> None:
    other = ARTICLE_32.model_copy(update={"edition": "2030"})

    assert "clause not in the model" in assessed(site("NO"), evidence=flags(flag(report(clause=other)))).gaps


# Testimony.


@pytest.mark.parametrize(
    ("workers", "scope"),
    [(WorkersBand.BELOW_10_OR_UNKNOWN, None), (WorkersBand.FROM_10, 2), (WorkersBand.FROM_10000, 5)],
)
def test_a_released_statement_gives_a_likelihood_and_a_scope_by_its_band_and_nothing_else(
    workers: WorkersBand, scope: int | None
) -> None:
    found = assessed(site("NO"), evidence=Evidence(statements=(statement(workers=workers),)))

    assert found.categories[SAFETY] == Grades(Finding.INDICATED, None, scope, None, 4)


def test_a_statement_is_shown_by_quarter_category_and_band_and_has_no_id() -> None:
    told = explained(site("NO"), evidence=Evidence(statements=(statement(),)))

    assert told.statements == ("a worker-side source, 2026-Q2, safety and health, 100-999 workers",)
    safety = next(one for one in told.categories if one.category is SAFETY)
    assert [(one.source, one.flag, one.report, one.facts) for one in safety.reasons] == [
        ("a worker-side source", None, None, ())
    ]
    assert str(statement().statement) not in str(told.to_json())


# Representation, mechanisms, audits.

LIKELY = series("NO", "v2x_rule", 0.9)


def likelihood_of(category: Category, *claims: Claim, evidence: Evidence = NOTHING) -> int | None:
    return assessed(site("NO", claims=claims), [LIKELY], evidence).categories[category].likelihood


@pytest.mark.parametrize("source", OTHERS)
def test_an_independent_representation_lowers_by_the_word_of_any_source_but_the_supplier(source: SourceClass) -> None:
    assert likelihood_of(FREEDOM, claim(source)) == 3
    assert likelihood_of(SAFETY, claim(source)) == 3


@pytest.mark.parametrize("source", [SourceClass.SUPPLIER, SourceClass.OTHER])
def test_the_suppliers_own_word_of_an_independent_representation_lowers_nothing_and_is_shown(
    source: SourceClass,
) -> None:
    assert likelihood_of(FREEDOM, claim(source)) == 4
    told = explained(site("NO", claims=(claim(SourceClass.SUPPLIER),)), [LIKELY])
    assert "own word" in told.claims[0].counts
    assert "representation of workers: by the supplier's word only" in [one.label for one in told.gaps]


@pytest.mark.parametrize("representation", [one for one in Representation if one is not Representation.INDEPENDENT])
def test_no_other_representation_lowers(representation: Representation) -> None:
    assert likelihood_of(FREEDOM, claim(SourceClass.UNION, representation, agreement=True)) == 4


def test_a_controlled_representation_raises_freedom_of_association_and_points_at_its_instruments() -> None:
    controlled = claim(SourceClass.UNION, Representation.STATE_OR_MANAGEMENT_CONTROLLED)

    found = assessed(site("NO", claims=(controlled,)))

    assert found.categories[FREEDOM] == Grades(Finding.INDICATED, 3, None, None, 4)
    assert found.instruments[Instrument.C098] is Finding.INDICATED


def test_no_representation_raises_freedom_of_association_alone() -> None:
    found = assessed(site("NO", claims=(claim(SourceClass.SUPPLIER, Representation.NONE),)))

    assert found.categories[FREEDOM] == Grades(Finding.UNKNOWN, None, None, None, 3)
    assert found.categories[SAFETY] == Grades(Finding.UNKNOWN)


def test_a_word_of_equal_weight_against_it_suspends_a_relief_and_a_lighter_one_does_not() -> None:
    good, bad = claim(SourceClass.AUDIT), Representation.STATE_OR_MANAGEMENT_CONTROLLED

    assert likelihood_of(SAFETY, good, claim(SourceClass.MEDIA, bad)) == 4
    assert likelihood_of(SAFETY, good, claim(SourceClass.SUPPLIER, bad)) == 3


def test_a_relief_never_lowers_what_a_weightier_source_says() -> None:
    testimony = Evidence(statements=(statement(),))
    union_report = flags(flag(report(source=SourceClass.UNION, parts=(1, 1, 1, 4))))

    assert likelihood_of(SAFETY, claim(SourceClass.AUDIT), evidence=testimony) == 4
    assert likelihood_of(SAFETY, claim(SourceClass.AUDIT), evidence=union_report) == 4
    assert likelihood_of(SAFETY, claim(SourceClass.UNION), evidence=testimony) == 3


def test_everything_together_lowers_by_no_more_than_the_cap_and_never_below_one() -> None:
    claims = (claim(SourceClass.UNION),)

    def remedied(likelihood: int) -> int | None:
        told = flags(flag(report(parts=(1, 1, 1, likelihood)), state=FlagState.VERIFIED))
        return assessed(site("NO", claims=claims), evidence=told).categories[SAFETY].likelihood

    assert [remedied(likelihood) for likelihood in (5, 4, 2, 1)] == [3, 2, 1, 1]


def test_severity_is_never_lowered() -> None:
    assert of_flags(flag(report(parts=(4, 3, 2, 3))), claims=(claim(SourceClass.UNION),)) == Grades(
        Finding.INDICATED, 4, 3, 2, 2
    )


def test_a_grievance_mechanism_and_an_agreement_are_shown_and_lower_nothing() -> None:
    heard = claim(SourceClass.UNION, Representation.UNKNOWN, agreement=True, mechanisms=("hotline",))

    told = explained(site("NO", claims=(heard,)), [LIKELY])

    assert likelihood_of(SAFETY, heard) == 4
    assert told.claims[0].grievance_mechanisms == ("hotline",)
    assert "grievance mechanisms: none known" not in [one.label for one in told.gaps]


def test_that_no_audit_and_no_representation_is_known_are_gaps() -> None:
    gaps = assessed(site("NO")).gaps
    audited = assessed(site("NO"), evidence=flags(flag(report(source=SourceClass.AUDIT))))

    assert {"representation of workers: unknown", "audits: none known"} <= set(gaps)
    assert "audits: none known" not in audited.gaps


def test_differing_words_about_the_representation_are_a_gap() -> None:
    told = (claim(SourceClass.UNION), claim(SourceClass.WORKER, Representation.NONE))

    assert "representation of workers: sources differ" in assessed(site("NO", claims=told)).gaps
