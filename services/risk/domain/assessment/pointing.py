"""Risk indicators: a site matches a fact. Each says what the list says and what it does not; it accuses nobody."""

from collections.abc import Collection, Iterable
from uuid import UUID, uuid5

from services.risk.domain.assessment.contribution import Pointer, ReasonKind, clipped
from services.risk.domain.assessment.result import Indicator
from services.risk.domain.assessment.wording import quoted, says
from services.risk.domain.entities import EntityMatch, said
from services.risk.domain.facts.catalogue import word_key
from services.risk.domain.facts.fact import Listed
from services.risk.domain.model.rules import Rule
from shared.events.lifecycles import IndicatorKind
from shared.events.values import SourceFact
from shared.events.vocabulary import Category

NAMESPACE = UUID("5a0c2a4e-6f0b-5d0e-9d5c-0b1f5f6f7a31")
STATEMENT_MOST = 500
QUOTED_MOST = 20
"""Rows that one indicator quotes: with texts of 2,000 characters of any script its event stays below 256 KiB."""
KIND = {
    ReasonKind.GOOD: IndicatorKind.COUNTRY_GOOD,
    ReasonKind.SECTOR: IndicatorKind.COUNTRY_GOOD,
    ReasonKind.MINERAL: IndicatorKind.MINERAL,
}


def pointers(read: Iterable[tuple[ReasonKind, Listed, Rule]]) -> tuple[Pointer, ...]:
    """One pointer for each list, thing and category, with its facts quoted, the first of many."""
    groups: dict[tuple[ReasonKind, Category, str, str], list[tuple[Listed, Rule]]] = {}
    for kind, listed, rule in read:
        identity = f"{listed.fact.about}/{listed.fact.country or ''}/{word_key(listed.fact.name)}"
        for category in rule.categories:
            groups.setdefault((kind, category, listed.source, identity), []).append((listed, rule))
    return tuple(
        Pointer(
            kind=KIND[kind],
            category=category,
            identity=f"{source}/{identity}",
            statement=_statement(kind, source, group),
            evidence=_quoted(listed for listed, _ in group),
        )
        for (kind, category, source, identity), group in sorted(groups.items(), key=lambda one: one[0])
    )


def pointers_by_name(matches: Iterable[tuple[EntityMatch, Rule]]) -> tuple[Pointer, ...]:
    """One pointer for each entry of a list and category, by the surest match of its name."""
    groups: dict[tuple[Category, str, str], list[tuple[EntityMatch, Rule]]] = {}
    for match, rule in matches:
        fact = match.listed.fact
        for category in rule.categories:
            identity = f"{fact.country or ''}/{word_key(fact.name)}"
            groups.setdefault((category, match.listed.source, identity), []).append((match, rule))
    return tuple(
        Pointer(
            kind=IndicatorKind.ENTITY_LIST,
            category=category,
            identity=f"{source}/entity/{identity}",
            statement=_joined(
                source,
                (says(one.listed.fact, rule) for one, rule in group),
                f"It {said(group[0][0])}" + _not_quoted(one.listed for one, _ in group),
            ),
            evidence=_quoted(one.listed for one, _ in group),
            confidence=group[0][0].confidence,
        )
        for (category, source, identity), group in sorted(groups.items(), key=lambda one: one[0])
    )


def indicator(site: UUID, pointer: Pointer) -> Indicator:
    """The indicator of a site. Its id is the same whenever the same is found again, in any edition."""
    return Indicator(
        indicator=uuid5(NAMESPACE, f"{site}/{pointer.kind}/{pointer.category}/{pointer.identity}"),
        kind=pointer.kind,
        category=pointer.category,
        statement=pointer.statement,
        evidence=pointer.evidence,
        confidence=pointer.confidence,
    )


def _quoted(facts: Iterable[Listed]) -> tuple[SourceFact, ...]:
    """The rows as their list gives them, in an order that does not depend on that of loading."""
    return tuple(sorted(set(map(quoted, facts)), key=lambda one: (one.edition, one.text))[:QUOTED_MOST])


def _not_quoted(facts: Iterable[Listed]) -> str:
    more = len(set(map(quoted, facts))) - QUOTED_MOST
    return f" It has {more} {'row' if more == 1 else 'rows'} more than are quoted here." if more > 0 else ""


def _statement(kind: ReasonKind, source: str, group: Collection[tuple[Listed, Rule]]) -> str:
    tail = f"It speaks of a {kind} and a country, and says nothing about this site itself."
    tail += _not_quoted(listed for listed, _ in group)
    return _joined(source, (says(listed.fact, rule) for listed, rule in group), tail)


def _joined(source: str, told: Iterable[str], tail: str) -> str:
    """No edition in it: a newer edition that says the same is the same indicator."""
    head = f"{source} {', and '.join(dict.fromkeys(told))}"
    return f"{clipped(head, STATEMENT_MOST - len(tail) - 2)}. {tail}"
