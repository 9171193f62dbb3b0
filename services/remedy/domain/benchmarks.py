"""Benchmarks: how long something may take, by whose rule, in which edition, for whom. Data, in `benchmarks.toml`."""

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, InstanceOf, model_validator

from services.remedy.domain.calendar import Span, end_of, later, next_worked
from shared.events.remedy.words import CaseState, DeadlineKind
from shared.events.values import Label

LONGEST_BASIS = 100
"""Characters: the basis is a label in events."""


class Start(StrEnum):
    """What starts a clock, beside the entry into a state."""

    OPENED = "opened"
    REPRISAL = "taken_in_as_reprisal"
    CONSULTED = "workers_consulted"
    CONTACTED = "contacted"
    ITEM_AGREED = "item_agreed"


DATED_OTHERWISE = frozenset({Start.CONTACTED, Start.ITEM_AGREED})


class MetBy(StrEnum):
    """What meets a deadline, beside the entry into one of the states that its benchmark lists."""

    STATE_LEFT = "state_left"
    PLAN_AGREED = "plan_agreed"
    RESPONSE = "response"
    """A safety assessment, a protection plan, or a step that follows up retaliation."""
    CHECK = "check"
    ITEM_VERIFIED = "item_verified"
    ERASED = "erased"


def read_span(said: object) -> object:
    """A span from its text, for models. Raises ValueError."""
    return Span.read(said) if isinstance(said, str) else said


Written = Annotated[InstanceOf[Span], BeforeValidator(read_span)]


class Source(BaseModel):
    """Where a benchmark comes from, and for whom it is a rule."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: Label
    edition: Label
    jurisdiction: Label
    applies_to: str
    note: str = ""

    @property
    def basis(self) -> str:
        """What is shown with every deadline: source, edition, jurisdiction."""
        return f"{self.source} [{self.edition}; {self.jurisdiction}]"

    @model_validator(mode="after")
    def fits(self) -> Self:
        """Raises ValueError where the basis would not fit into an event."""
        if len(self.basis) > LONGEST_BASIS:
            raise ValueError(f"source, edition and jurisdiction together have at most {LONGEST_BASIS - 5} characters")
        return self


class Benchmark(Source):
    """One clock. `protective`: against danger to workers, so that no holiday moves it and no withdrawal ends it."""

    id: Label
    kind: DeadlineKind
    starts: Start | None = None
    state: CaseState | None = None
    """The state whose entry starts it."""
    met_by: MetBy | None = None
    met_in: frozenset[CaseState] = frozenset()
    priority_only: bool = False
    within: Written | None = None
    """None where the setting `check_days`, or an item's own date, says when it is due."""
    warn: Written = Span(days=1)
    working_days: bool = False
    rolls: bool = False
    protective: bool = False
    extendable_to: Written | None = None
    enabled: bool = True

    @model_validator(mode="after")
    def agrees_with_itself(self) -> Self:
        """Raises ValueError for a clock that never starts or stops, or a protective one that a holiday would move."""
        if (self.starts is None) == (self.state is None):
            raise ValueError("a clock starts with a fact or with a state, one of the two")
        if self.met_by is None and not self.met_in:
            raise ValueError("a clock is met by a fact or in a state")
        if (self.within is None) != (self.starts in DATED_OTHERWISE):
            raise ValueError("a clock has a span, but for checks for retaliation and remedy items")
        if self.warn.months:
            raise ValueError("a warning comes days or weeks before, not months")
        if self.protective and (self.rolls or self.extendable_to):
            raise ValueError("a protective clock never moves later")
        return self

    def due(self, day: date, at: datetime, zone: ZoneInfo, within: Span | None = None) -> tuple[datetime, datetime]:
        """When it is due and when to warn, for an event on a day, which was told at a moment.

        A span by the clock counts from the moment; all others end with a local day.
        """
        within = within or self.within or Span()
        if within.is_by_clock:
            due = at + within.clock
            return due, due - self.warn.clock - timedelta(days=self.warn.days)
        last = later(day, within, self.working_days)
        last = next_worked(last) if self.rolls else last
        return end_of(last, zone), self.warning(last, zone)

    def warning(self, last: date, zone: ZoneInfo) -> datetime:
        """When to warn of a deadline that ends with a day: days before it by the calendar, or by the clock."""
        return end_of(last - timedelta(days=self.warn.days), zone) - self.warn.clock


class Stages(Source):
    """The indicative time of each state (UNGP 31(c): predictable)."""

    warn: Written = Span(days=3)
    within: dict[CaseState, Written]

    def benchmarks(self) -> list[Benchmark]:
        """One clock for each state, which is met when the state is left."""
        told = {name: getattr(self, name) for name in (*Source.model_fields, "warn")}
        return [
            Benchmark(
                **told,
                id=f"stage-{state}",
                kind=DeadlineKind.STAGE,
                state=state,
                met_by=MetBy.STATE_LEFT,
                within=within,
                rolls=not within.is_by_clock,
            )
            for state, within in self.within.items()
        ]


class Document(BaseModel):
    """The file of benchmarks."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    stages: Stages
    benchmark: tuple[Benchmark, ...] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Benchmarks:
    """All benchmarks. One that is switched off starts nothing; what it had started goes on to its end."""

    all: tuple[Benchmark, ...]

    @classmethod
    def read(cls, text: str) -> Self:
        """The benchmarks of a file in TOML.

        Raises ValueError (pydantic's ValidationError and TOMLDecodeError are such) for a file that does not fit, and
        for two benchmarks of one id.
        """
        document = Document.model_validate(tomllib.loads(text))
        found = (*document.benchmark, *document.stages.benchmarks())
        if len({one.id for one in found}) < len(found):
            raise ValueError("two benchmarks have the same id")
        return cls(found)

    def switched(self, on: Collection[str], off: Collection[str]) -> Self:
        """The benchmarks with these switched on and those off. Raises ValueError for a switch that names none."""
        if unknown := {*on, *off} - {one.id for one in self.all}:
            raise ValueError(f"there is no benchmark {sorted(unknown)[0]!r}")
        return replace(
            self,
            all=tuple(
                one.model_copy(update={"enabled": one.id not in off and (one.enabled or one.id in on)})
                for one in self.all
            ),
        )

    def within(self, spans: Mapping[str, Span | None]) -> Self:
        """The benchmarks with other spans for some of them; None leaves one as it is."""
        found = [one.model_copy(update={"within": spans.get(one.id) or one.within}) for one in self.all]
        return replace(self, all=tuple(found))

    def get(self, name: str) -> Benchmark | None:
        """A benchmark by its id, switched on or off."""
        return next((one for one in self.all if one.id == name), None)

    def started_by(self, start: Start) -> list[Benchmark]:
        """Those that a fact starts."""
        return [one for one in self.all if one.enabled and one.starts is start]

    def started_in(self, state: CaseState) -> list[Benchmark]:
        """Those that the entry into a state starts."""
        return [one for one in self.all if one.enabled and one.state is state]
