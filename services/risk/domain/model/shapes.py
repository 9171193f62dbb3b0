"""The closed shape of the model's file. What is missing, unknown or would lower a risk wrongly is refused."""

from collections.abc import Iterable
from itertools import pairwise
from string import Formatter
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from services.risk.domain.facts.catalogue import word_key
from services.risk.domain.facts.fact import FactAbout
from services.risk.domain.model.model import RATIFIED
from services.risk.domain.model.rules import Claimed, Parts, Rule
from shared.events.values import Grade, Label, Sentence
from shared.events.vocabulary import (
    CATEGORY_OF_INSTRUMENT,
    Category,
    Confidence,
    ForcedLabourIndicator,
    Instrument,
    Known,
    Representation,
    SourceClass,
    WorkersBand,
)

PLACES = frozenset({"name", "country", "value", "word"})
"""What a sentence of a rule may quote of a fact."""
FOLLOWERS = frozenset({SourceClass.SUPPLIER, SourceClass.OTHER})
"""Whose word can never lower a risk."""


def _quotes_known(says: str) -> str:
    if unknown := {place for _, place, _, _ in Formatter().parse(says) if place is not None} - PLACES:
        raise ValueError(f"a sentence quotes {', '.join(sorted(PLACES))}, not {', '.join(sorted(unknown))}")
    return says


Says = Annotated[Sentence, AfterValidator(_quotes_known)]


class Closed(BaseModel):
    model_config = ConfigDict(extra="forbid")


class GradedShape(Closed):
    """Categories with grades and instruments: each instrument belongs to one of the categories."""

    categories: list[Known[Category]] = Field(min_length=1)
    instruments: list[Known[Instrument]] = []
    scale: Grade | None = None
    scope: Grade | None = None
    irremediability: Grade | None = None
    likelihood: Grade | None = None

    @model_validator(mode="after")
    def instruments_belong(self) -> "GradedShape":
        if any(CATEGORY_OF_INSTRUMENT[one] not in self.categories for one in self.instruments):
            raise ValueError("an instrument belongs to none of the categories")
        return self

    @property
    def parts(self) -> Parts:
        return Parts(self.scale, self.scope, self.irremediability, self.likelihood)


class StepShape(Closed):
    at_least: float
    likelihood: Grade


class WordShape(Closed):
    word: Label
    likelihood: Grade


class RuleShape(GradedShape):
    about: FactAbout
    measures: list[Label] = Field(min_length=1)
    says: Says
    points: bool = False
    covers: bool = False
    indicators: list[Known[ForcedLabourIndicator]] = []
    steps: list[StepShape] = []
    words: list[WordShape] = []
    confidence: dict[Known[Confidence], Grade] = {}
    gap: Label | None = None

    @model_validator(mode="after")
    def sensible(self) -> "RuleShape":
        if self.about is FactAbout.COUNTRY and (self.points or self.covers):
            raise ValueError("a fact about a country is context: it neither points nor covers")
        if (self.about is FactAbout.ENTITY) != bool(self.confidence):
            raise ValueError("rules about entities, and only they, grade by the confidence of the match")
        if self.steps and self.words:
            raise ValueError("a rule grades by steps or by words")
        for one, other in pairwise(self.steps):
            if other.at_least <= one.at_least or other.likelihood < one.likelihood:
                raise ValueError("steps ascend: a graver number never gives a lower grade")
        return self

    def rule(self) -> Rule:
        return Rule(
            about=self.about,
            measures=tuple(self.measures),
            says=self.says,
            categories=tuple(self.categories),
            instruments=tuple(self.instruments),
            indicators=tuple(self.indicators),
            points=self.points,
            covers=self.covers,
            parts=self.parts,
            steps=tuple((step.at_least, step.likelihood) for step in self.steps),
            words=tuple((word_key(one.word), one.likelihood) for one in self.words),
            confidence=self.confidence,
            gap=self.gap,
        )


class RatificationShape(Closed):
    says: Says
    words: list[WordShape] = Field(min_length=1)

    def rules(self) -> Iterable[Rule]:
        for measure, instrument in RATIFIED.items():
            yield Rule(
                about=FactAbout.COUNTRY,
                measures=(measure,),
                says=self.says.replace("{name}", instrument.value),
                categories=(CATEGORY_OF_INSTRUMENT[instrument],),
                instruments=(instrument,),
                words=tuple((word_key(one.word), one.likelihood) for one in self.words),
            )


class GoodsShape(Closed):
    names: list[Label] = Field(min_length=1)
    goods: list[Label] = Field(min_length=1)


class ClaimedShape(GradedShape):
    says: Sentence
    points: bool = False

    def claimed(self) -> Claimed:
        return Claimed(self.says, tuple(self.categories), tuple(self.instruments), self.points, self.parts)


class ReportsShape(Closed):
    actual_at_least: Grade
    reopened_raises: int = Field(ge=0, le=4)
    remedied_lowers: int = Field(ge=0, le=4)


class TestimonyShape(Closed):
    likelihood: Grade
    scope: dict[Known[WorkersBand], Grade]

    @model_validator(mode="after")
    def band_known(self) -> "TestimonyShape":
        if WorkersBand.BELOW_10_OR_UNKNOWN in self.scope:
            raise ValueError("below ten or unknown says nothing of the scope")
        return self


class ReliefShape(Closed):
    sources: list[Known[SourceClass]]
    categories: list[Known[Category]]
    lowers: int = Field(ge=0, le=4)

    @model_validator(mode="after")
    def nobodys_own_word(self) -> "ReliefShape":
        if FOLLOWERS & set(self.sources):
            raise ValueError("the word of the supplier lowers nothing")
        return self


class ClauseShape(Closed):
    conditions: Label
    edition: Label
    clause: Label
    category: Known[Category]
    instruments: list[Known[Instrument]] = []

    @model_validator(mode="after")
    def instruments_belong(self) -> "ClauseShape":
        if any(CATEGORY_OF_INSTRUMENT[one] is not self.category for one in self.instruments):
            raise ValueError("an instrument does not belong to the category of its clause")
        return self


class Document(Closed):
    version: Label
    weights: dict[Known[SourceClass], Annotated[int, Field(ge=0, le=3)]]
    cap: int = Field(ge=0, le=4)
    reports: ReportsShape
    testimony: TestimonyShape
    relief: ReliefShape
    conflict_area: ClaimedShape
    representation: dict[Known[Representation], ClaimedShape]
    ratification: RatificationShape
    rule: list[RuleShape]
    sector: list[GoodsShape]
    mineral: list[GoodsShape]
    clause: list[ClauseShape] = []

    @model_validator(mode="after")
    def supplier_weighs_least(self) -> "Document":
        others = {source: weight for source, weight in self.weights.items() if source is not SourceClass.SUPPLIER}
        if self.weights.get(SourceClass.SUPPLIER, 0) >= min(others.values(), default=0):
            raise ValueError("the word of the supplier weighs less than any other source")
        if {Representation.INDEPENDENT, Representation.UNKNOWN} & set(self.representation):
            raise ValueError("an independent or unknown representation raises nothing")
        return self
