"""Reading the model's file. What is missing, unknown or would lower a risk wrongly is refused with its place."""

import tomllib
from collections.abc import Iterable, Mapping
from typing import TypeVar

from services.risk.domain.facts.catalogue import word_key
from services.risk.domain.facts.fact import FactAbout
from services.risk.domain.model.model import Model
from services.risk.domain.model.rules import Mapped, Relief, Reporting, Rule, Testimony
from services.risk.domain.model.shapes import ClauseShape, Document, GoodsShape


def parse_model(text: str) -> Model:
    """Read a model. Raises ValueError where a part is missing or unknown, contradicts another, or is there twice."""
    told = Document.model_validate(tomllib.loads(text))
    return Model(
        version=told.version,
        goods=_keyed("sector", told.sector),
        minerals=_keyed("mineral", told.mineral),
        rules=_by_measure([*(one.rule() for one in told.rule), *told.ratification.rules()]),
        weights=told.weights,
        cap=told.cap,
        reporting=Reporting(**told.reports.model_dump()),
        testimony=Testimony(told.testimony.likelihood, told.testimony.scope),
        representation={kind: one.claimed() for kind, one in told.representation.items()},
        relief=Relief(frozenset(told.relief.sources), frozenset(told.relief.categories), told.relief.lowers),
        conflict_area=told.conflict_area.claimed(),
        clauses=_once(
            "clause",
            (
                ((word_key(one.conditions), word_key(one.edition), word_key(one.clause)), _mapped(one))
                for one in told.clause
            ),
        ),
    )


Key = TypeVar("Key")
Told = TypeVar("Told")


def _once(what: str, pairs: Iterable[tuple[Key, Told]]) -> dict[Key, Told]:
    found: dict[Key, Told] = {}
    for key, told in pairs:
        if key in found:
            raise ValueError(f"the model names a {what} twice")
        found[key] = told
    return found


def _keyed(what: str, told: Iterable[GoodsShape]) -> Mapping[str, frozenset[str]]:
    return _once(what, ((word_key(name), frozenset(map(word_key, one.goods))) for one in told for name in one.names))


def _mapped(clause: ClauseShape) -> Mapped:
    return Mapped(clause.category, tuple(clause.instruments))


def _by_measure(rules: Iterable[Rule]) -> dict[tuple[FactAbout, str], tuple[Rule, ...]]:
    found: dict[tuple[FactAbout, str], tuple[Rule, ...]] = {}
    for rule in rules:
        for measure in rule.measures:
            found[rule.about, measure] = (*found.get((rule.about, measure), ()), rule)
    return found
