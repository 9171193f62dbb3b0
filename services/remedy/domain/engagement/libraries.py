"""The clause library and the library of standard asks: data, in `clauses.toml` and `asks.toml`, by reference alone."""

import re
import tomllib
from collections.abc import Iterable, Sequence
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, InstanceOf, TypeAdapter, model_validator

from services.remedy.domain.benchmarks import Written
from services.remedy.domain.calendar import Span
from shared.events.values import Conditions, Label, Name, Paragraph, Sentence
from shared.events.vocabulary import CATEGORY_OF_INSTRUMENT, Category, DueDiligenceStep, Instrument, Known

FROZEN = ConfigDict(frozen=True, extra="forbid")


class Routine(BaseModel):
    """When something of a clause is due by itself: once, some time after the contract starts, or each year."""

    model_config = FROZEN

    wanted: Sentence
    basis: Name
    within: Written | None = None
    yearly: bool = False

    @model_validator(mode="after")
    def once_or_yearly(self) -> Self:
        """Raises ValueError where it is both, or neither."""
        if (self.within is not None) == self.yearly:
            raise ValueError("what is due has a span after the start, or comes each year")
        return self


class ClauseSet(BaseModel):
    """A set of conditions: its source and edition, and the words by which a contract's own name of it is known."""

    model_config = FROZEN

    id: Label
    name: Name
    source: Sentence
    edition: Label
    known_by: tuple[str, ...] = ()
    default: bool = False
    note: str = ""


class Clause(BaseModel):
    """One clause: where it stands, what it is about in our own words, what evidence shows it, and what is routine."""

    model_config = FROZEN

    id: Label
    set: Label
    clause: Label
    title: Name
    evidence: Sentence
    step: Known[DueDiligenceStep] | None = None
    categories: tuple[Known[Category], ...] = ()
    instruments: tuple[Known[Instrument], ...] = ()
    whole: bool = False
    """It stands for its whole set, whatever clauses a contract names."""
    routine: tuple[Routine, ...] = ()

    @model_validator(mode="after")
    def instruments_fit(self) -> Self:
        """Raises ValueError for an instrument of another category than the clause's."""
        fits(self.instruments, self.categories)
        return self


class StandardAsk(BaseModel):
    """A standard ask of a supplier, in our own words: what, of which clause, and after how many days an answer is due.

    The days are ours: no source fixes them. Without a category it fits any issue.
    """

    model_config = FROZEN

    id: Label
    title: Name
    wording: Paragraph
    category: Known[Category] | None = None
    instruments: tuple[Known[Instrument], ...] = ()
    clause: Label
    days: Annotated[int, Field(ge=1, le=730)]

    @model_validator(mode="after")
    def instruments_fit(self) -> Self:
        """Raises ValueError for an instrument of another category than the ask's."""
        fits(self.instruments, (self.category,) if self.category else ())
        return self


class Clauses(BaseModel):
    """The clause library. An id, once given, is kept: conditions are known by it for ever."""

    model_config = FROZEN

    sets: tuple[ClauseSet, ...]
    clauses: tuple[Clause, ...]

    @classmethod
    def read(cls, text: str) -> Self:
        """The library of a file's text. Raises ValidationError, and ValueError where it is no TOML."""
        found = tomllib.loads(text)
        return cls.model_validate({"sets": found.get("set", ()), "clauses": found.get("clause", ())})

    @model_validator(mode="after")
    def agrees_with_itself(self) -> Self:
        """Raises ValueError for an id that is there twice, a clause of no set, and sets without one default."""
        once("clause", (one.id for one in self.clauses))
        once("set", (one.id for one in self.sets))
        known = {one.id for one in self.sets}
        for one in self.clauses:
            if one.set not in known:
                raise ValueError(f"clause {one.id}: there is no set {one.set}")
        if sum(one.default for one in self.sets) != 1:
            raise ValueError("one set is the default, for contracts whose conditions have another name")
        return self

    def get(self, clause: str) -> Clause | None:
        """The clause with this id."""
        return next((one for one in self.clauses if one.id == clause), None)

    def set_of(self, clause: Clause) -> ClauseSet:
        """The set to which a clause belongs."""
        return next(one for one in self.sets if one.id == clause.set)

    def of_step(self, step: DueDiligenceStep) -> Clause | None:
        """The clause of a step of due diligence in the default set, on which the self-report rests."""
        default = self.default.id
        return next((one for one in self.clauses if one.set == default and one.step is step and not one.whole), None)

    @property
    def default(self) -> ClauseSet:
        """The set of contracts whose conditions have a name that no other set is known by."""
        return next(one for one in self.sets if one.default)

    def binding(self, conditions: Conditions | None) -> list[Clause]:
        """The clauses whose routine a contract follows: of the sets its conditions are known by, else of the default.

        Where it names clauses these alone, and what stands for a set as a whole.
        """
        name = conditions.name if conditions else ""
        sets = {one.id for one in self.sets if any(says(name, words) for words in one.known_by)} or {self.default.id}
        named = frozenset(conditions.clauses) if conditions else frozenset()
        return [
            one
            for one in self.clauses
            if one.set in sets and (not named or one.whole or one.clause in named or one.id in named)
        ]

    def reporting_within(self, within: InstanceOf[Span] | None) -> Self:
        """The library with another span for what is due once after the start; as it is for None."""
        if within is None:
            return self
        clauses = tuple(one.model_copy(update={"routine": spanned(one.routine, within)}) for one in self.clauses)
        return self.model_copy(update={"clauses": clauses})


def says(name: str, words: str) -> bool:
    """Whether a name has these words, whole and whatever their case."""
    return re.search(rf"\b{re.escape(words)}\b", name, re.IGNORECASE) is not None


def spanned(routine: Sequence[Routine], within: Span) -> tuple[Routine, ...]:
    """A routine with another span for what is due once."""
    return tuple(one if one.within is None else one.model_copy(update={"within": within}) for one in routine)


ASKS = TypeAdapter(tuple[StandardAsk, ...])


def read_asks(text: str, clauses: Clauses) -> tuple[StandardAsk, ...]:
    """The standard asks of a file's text.

    Raises ValidationError, and ValueError for no TOML, an id that is there twice, or a clause that the library lacks.
    """
    asks = ASKS.validate_python(tomllib.loads(text).get("ask", ()))
    once("ask", (one.id for one in asks))
    for one in asks:
        if clauses.get(one.clause) is None:
            raise ValueError(f"ask {one.id}: there is no clause {one.clause}")
    return asks


def once(what: str, ids: Iterable[str]) -> None:
    """Raises ValueError for an id that is there twice."""
    seen: set[str] = set()
    for one in ids:
        if one in seen:
            raise ValueError(f"{what} {one} is there twice")
        seen.add(one)


def fits(instruments: Sequence[Instrument], categories: Sequence[Category]) -> None:
    """Raises ValueError for an instrument of none of the categories."""
    for one in instruments:
        if CATEGORY_OF_INSTRUMENT.get(one) not in categories:
            raise ValueError(f"{one.value} is of another category")
