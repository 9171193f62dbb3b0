"""What documents are computed from, read for one reader: dialogues, names, risks, contracts and what became of them."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

import orjson
from asyncpg import Record

from services.remedy.domain.engagement.documents.account import Exposure
from services.remedy.domain.engagement.documents.holdings import TESTIMONY, Contract, Holdings, Leverage, Reason
from services.remedy.domain.engagement.documents.sheet import Source
from services.remedy.domain.engagement.documents.told import Dialogue, Names, still_true, taken_back
from services.remedy.store.engagement import documents as store
from services.remedy.store.engagement import entries
from shared.countries import name_of
from shared.events.engagement_words import CompanyContact
from shared.events.ingest import ContractRecorded
from shared.events.risk import ExposureChanged, LeverageChanged
from shared.events.values import Conditions, Money
from shared.postgres import Connection

FORMER = "a member that has left"
"""What a member is called that has left: what it contributed stays, not by name."""


async def read_dialogue(
    connection: Connection, groups: set[str] | None, suppliers: Collection[UUID] | None, *, practices: bool = False
) -> Dialogue:
    """All that was told of the engagements of these groups with these suppliers; None for all."""
    wanted = await store.read_ids(connection, groups, suppliers)
    slugs = groups if groups is not None else {row["slug"] for row in await store.read_groups(connection)}
    chosen = None if suppliers is None else wanted
    told = await store.read_entries(connection, groups, chosen)
    facts = await store.read_facts(connection, [f"group.{slug}.engagement" for slug in slugs], chosen)
    folded = await entries.read_engagements(connection, wanted)
    opened = {one: found for one, found in folded.items() if found.opening is not None}
    described = await store.read_practices(connection, groups) if practices else []
    return Dialogue(opened, [*told, *described], still_true(facts, taken_back(told)))


async def read_names(connection: Connection) -> Names:
    """What everybody is called."""
    suppliers = await store.read_supplier_names(connection)
    members = await store.read_participants(connection)
    return Names(
        suppliers={row["supplier"]: row["name"] for row in suppliers if row["name"]},
        groups={row["slug"]: row["name"] for row in await store.read_groups(connection)},
        members={row["member"]: FORMER if row["has_left"] else row["name"] for row in members},
        roots={row["supplier"]: row["now"] for row in suppliers},
    )


async def read_reasons(connection: Connection, suppliers: Collection[UUID]) -> list[Reason]:
    """What all members may know of risks at a supplier; of testimony no moment finer than a day is a source."""
    return [
        Reason(
            kind=row["kind"],
            id=row["id"],
            category=row["category"],
            since=row["since"],
            contact=CompanyContact(row["contact"]) if row["contact"] else None,
            quarter=row["quarter"],
            ended_at=row["ended_at"],
            source=source(
                row["event"],
                REASON_TYPES.get(row["kind"], row["kind"]),
                row["since"].date() if row["kind"] in TESTIMONY else row["since"],
            ),
        )
        for row in await store.read_reasons(connection, suppliers)
    ]


REASON_TYPES = {
    "flag": "flag.opened.v1",
    "indicator": "indicator.raised.v1",
    "statement": "statement.released.v1",
    "verification": "remedy.verified.v1",
}
"""By what each kind of reason is told."""


async def read_leverage(connection: Connection, suppliers: Collection[UUID]) -> list[Leverage]:
    """What all members were told of the leverage on a supplier."""
    return [
        Leverage(
            row["flag"],
            row["category"],
            row["buyers"],
            row["contracts"],
            [Money.model_validate(one) for one in orjson.loads(row["values"])],
            source(row["event"], LeverageChanged.type, row["told_at"]),
        )
        for row in await store.read_leverage(connection, suppliers)
    ]


async def read_holdings(
    connection: Connection, member: str | None, suppliers: Collection[UUID] | None
) -> Holdings | None:
    """A member's own contracts with these suppliers (None for all) and their follow-up; None where nobody's is read."""
    if member is None:
        return None
    rows = await store.read_contracts(connection, member, suppliers)
    facts = await store.read_facts(connection, [f"member.{member}.condition"], None)
    gone = await store.read_taken_back(connection, member)
    return Holdings(member, {row["contract"]: contract_of(row) for row in rows}, still_true(facts, gone))


def contract_of(row: Record) -> Contract:
    """A contract from its row."""
    terms = row["conditions"]
    return Contract(
        id=row["contract"],
        reference=row["reference"],
        title=row["title"],
        owner=row["member"],
        supplier=row["supplier"],
        starts=row["starts"],
        ends=row["ends"],
        ended_on=row["ended_on"],
        conditions=Conditions.model_validate_json(terms) if terms else None,
        source=source(row["event"], ContractRecorded.type, row["recorded_at"]),
    )


def exposure_of(row: Record) -> Exposure:
    """That a flag touched a contract, from its row."""
    told = {name: row[name] for name in ("contract", "flag", "supplier", "category", "reach", "since", "ended_at")}
    ended_by = source(row["ended_by"], ExposureChanged.type, row["ended_at"])
    return Exposure(**told, source=Source(row["event"], ExposureChanged.type, row["since"]), ended_by=ended_by)


def source(event: UUID | None, kind: str, at: Any) -> Source | None:
    """An event as a source; None where its id was not kept."""
    return Source(event, kind, at) if event else None


def country_of(code: str | None) -> str | None:
    """The name of a country, or its code."""
    try:
        return name_of(code) if code else None
    except KeyError:
        return code
