"""Assessing contracts by what they reach, for each reader: published where it differs from what was last published."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import orjson
from asyncpg import Record

from services.risk.domain.assessment import Assessment, Grades, assess, gravest
from services.risk.domain.evidence import Evidence
from services.risk.domain.model import CATEGORIES
from services.risk.domain.sites import without_site
from services.risk.news import Cause
from services.risk.settings import RiskSettings, current_model
from services.risk.store import contract_standings, facts, flags
from services.risk.store.exposure import Pair
from services.risk.touched import Touched
from shared.events.envelope import Event
from shared.events.lifecycles import Finding
from shared.events.risk import ContractAssessed
from shared.events.vocabulary import Category
from shared.postgres import Connection

NOTHING_REACHED = "No disclosure names a site for this contract"
NOT_KNOWN = Grades(Finding.UNKNOWN)
MOST_GAPS = 40
"""Gaps that are told of one contract, in the order of their words: an event has its limit."""


async def assess_contracts(tx: Connection, touched: Touched, settings: RiskSettings) -> list[Event]:
    """Tell each reader of a touched contract how what it reaches stands, where that has changed.

    Also the contracts of touched suppliers. Nothing is told of a contract that binds no more or has no supplier yet.
    """
    causes = dict(touched.contracts)
    if touched.suppliers:
        for contract, reader, supplier in await contract_standings.contracts_of(tx, touched.suppliers):
            causes.setdefault((contract, reader), touched.suppliers[supplier])
    if not causes:
        return []
    asked = sorted(causes)
    rows = await contract_standings.read_standings(tx, asked)
    alone = await assess_suppliers(tx, {row["root"] for row in rows if not row["sites"]})
    told: dict[Pair, ContractAssessed] = {}
    for row in rows:
        key = (row["contract"], row["reader"])
        # in the same batch, another contract of this supplier may reach no site
        bare = None if row["sites"] else alone.get(row["root"])
        told[key] = contract_assessed(row, bare, settings.unknown_grade, causes[key])
    before = await contract_standings.read_told(tx, asked)
    changed = {key: data for key, data in told.items() if before.get(key) != said_by(data)}
    if changed:
        await contract_standings.write_told(tx, {key: said_by(data) for key, data in changed.items()})
    if ended := before.keys() - told.keys():
        await contract_standings.forget_told(tx, ended)
    return [
        causes[contract, reader].news(data, contract, member=reader) for (contract, reader), data in changed.items()
    ]


async def assess_suppliers(tx: Connection, suppliers: set[UUID]) -> Mapping[UUID, Assessment]:
    """Assess suppliers (roots) of which no site is known by what people have reported of them, where they have."""
    if not suppliers:
        return {}
    evidence = await flags.evidence_of_suppliers(tx, suppliers)
    known = {supplier: found for supplier, found in evidence.items() if found != Evidence()}
    if not known:
        return {}
    catalogue, model = await facts.read_catalogue(tx), current_model()
    return {
        supplier: assess(without_site("", None, supplier), found, catalogue, model) for supplier, found in known.items()
    }


def contract_assessed(row: Record, alone: Assessment | None, unknown: int, cause: Cause) -> ContractAssessed:
    """What is told of a contract; `alone` is how its supplier stands where the contract reaches no site."""
    graded = {Category(one["category"]): grades_of(one) for one in orjson.loads(row["grades"])}
    if alone is not None:
        graded = dict(alone.categories)
    return ContractAssessed(
        contract=row["contract"],
        member=row["reader"],
        model=current_model().version,
        cause=cause.told,
        categories={one: graded.get(one, NOT_KNOWN).told(unknown) for one in CATEGORIES},
        sites=row["sites"],
        flags=row["flags"],
        indicators=row["indicators"],
        supplier=row["supplier"],
        gaps=tuple(row["gaps"][:MOST_GAPS]) if row["sites"] else (NOTHING_REACHED,),
    )


def grades_of(row: Mapping[str, Any]) -> Grades:
    """The gravest grades of a category among several sites."""
    finding = gravest(Grades(Finding(one)) for one in row["findings"]).finding
    return Grades(finding, row["scale"], row["scope"], row["irremediability"], row["likelihood"])


def said_by(told: ContractAssessed) -> dict[str, Any]:
    """What a reader is told of a contract, by which two tellings are compared: neither why nor by which model."""
    return told.model_dump(mode="json", exclude={"cause", "model"}, exclude_none=True)
