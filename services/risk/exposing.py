"""Whose contracts each flag touches, and the leverage of all of them together."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from uuid import UUID

from asyncpg import Record

from services.risk.domain.exposure import NONE, Leverage, Limits, told
from services.risk.news import Cause
from services.risk.settings import RiskSettings
from services.risk.store import concerned, exposure, leverage
from services.risk.store.leverage import Standing
from services.risk.touched import Touched
from shared.events.envelope import Event
from shared.events.lifecycles import Exposure
from shared.events.risk import ExposureChanged, LeverageChanged
from shared.postgres import Connection


async def expose(tx: Connection, touched: Touched, settings: RiskSettings) -> list[Event]:
    """Tell each member which of its contracts touched flags reach, or no longer do, and all members the leverage.

    Touched are the flags themselves, those of touched sites and suppliers, those that touched contracts reach, and
    those that touched working groups concern. Only what differs from what was last published is published.
    Adds to `touched` the contracts whose exposure changed.
    """
    causes = await flags_concerned(tx, touched)
    if not causes:
        return []
    rows = await exposure.settle_exposure(tx, causes)
    events = []
    for row in rows:
        # what the batch tells of the contract itself is the nearer cause, and the reader's own
        cause = touched.contracts.setdefault((row["contract"], row["member"]), causes[row["flag"]])
        events.append(exposure_changed(row, cause))
    limits = Limits(settings.leverage_buyers, settings.leverage_dominance_percent)
    return events + await settle_leverage(tx, causes, limits)


async def flags_concerned(tx: Connection, touched: Touched) -> dict[UUID, Cause]:
    """The flags that what is touched concerns, each with a cause."""
    causes: dict[UUID, Cause] = {}
    if touched.groups:
        rows = await concerned.flags_of_groups(tx, touched.groups)
        causes |= {row["flag"]: touched.groups[row["about"]] for row in rows}
    if touched.suppliers:
        rows = await concerned.flags_of(tx, touched.suppliers)
        causes |= {row["flag"]: touched.suppliers[row["about"]] for row in rows}
    if touched.contracts:
        rows = await concerned.flags_reached(tx, touched.contracts)
        causes |= {row["flag"]: touched.contracts[row["contract"], row["reader"]] for row in rows}
    if touched.sites:
        rows = await concerned.flags_at(tx, touched.sites)
        causes |= {row["flag"]: touched.sites[row["about"]] for row in rows}
    return causes | touched.flags


def exposure_changed(row: Record, cause: Cause) -> Event:
    """What a member is told of its own contract and a flag."""
    fields = {
        name: row[name]
        for name in ("flag", "member", "contract", "supplier", "site", "category", "reach", "tier", "workinggroups")
    }
    state = Exposure.EXPOSED if row["holds"] else Exposure.NO_LONGER_EXPOSED
    data = ExposureChanged.model_validate(fields | {"exposure": state})
    return cause.news(data, row["flag"], row["member"])


async def settle_leverage(tx: Connection, causes: Mapping[UUID, Cause], limits: Limits) -> list[Event]:
    """Tell all members, within the limits, of the flags whose leverage is not what was last published."""
    changed = await changed_leverage(tx, causes, limits)
    if kept := [(one.flag, one.now) for one in changed if one.now != NONE]:
        await leverage.write_leverage(tx, kept)
    if gone := [one.flag for one in changed if one.now == NONE]:
        await leverage.delete_leverage(tx, gone)
    return [leverage_changed(one, causes[one.flag]) for one in changed]


async def changed_leverage(tx: Connection, flags: Collection[UUID], limits: Limits) -> list[Standing]:
    """Those of the flags whose leverage is not what was last published, with what holds now."""
    stakes = await leverage.read_stakes(tx, flags)
    standings = [
        replace(one, now=told(one.now, stakes.get(one.flag, ()), limits))
        for one in await leverage.read_standings(tx, flags)
    ]
    return [one for one in standings if one.now != one.before]


def leverage_changed(standing: Standing, cause: Cause) -> Event:
    """What all members are told of the leverage on a flag."""
    now: Leverage = standing.now
    data = LeverageChanged(
        flag=standing.flag,
        supplier=standing.supplier,
        category=standing.category,
        buyers=now.buyers,
        contracts=now.contracts,
        workinggroups=now.workinggroups,
        values=now.sums,
        site=standing.site,
    )
    return cause.news(data, standing.site or standing.supplier)
