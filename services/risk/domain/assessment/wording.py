"""Facts in words: the sentence of the rule that reads them, and the row as its source gives it."""

from services.risk.domain.assessment.contribution import clipped
from services.risk.domain.facts.fact import Fact, Listed
from services.risk.domain.model.rules import Rule
from shared.countries import alpha2_codes, name_of
from shared.events.values import SourceFact

NAME_MOST, SOURCE_MOST, TEXT_MOST = 120, 200, 2000


def country_name(code: str | None) -> str:
    """The country in words."""
    return "any country" if code is None else name_of(code) if code in alpha2_codes() else code


def says(fact: Fact, rule: Rule) -> str:
    """What a fact says, in the words of its rule, without its source."""
    return rule.says.format(
        name=clipped(fact.name, NAME_MOST),
        country=country_name(fact.country),
        value="" if fact.value is None else f"{fact.value:.10g}",
        word=(fact.word or "").replace("_", " "),
    )


def quoted(listed: Listed) -> SourceFact:
    """The row, in the words of its source, with its edition."""
    return SourceFact(
        source=clipped(listed.source, SOURCE_MOST),
        edition=listed.edition,
        text=clipped(listed.fact.text, TEXT_MOST),
        licence=listed.licence,
        retrieved=listed.retrieved,
    )
