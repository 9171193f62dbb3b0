"""Worlds for the tests of exposure, and the door at which members ask."""

import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from services.risk.api import build
from services.risk.settings import RiskSettings
from shared.events.ingest import KeyIssued
from shared.events.vocabulary import Category, KeyPurpose
from shared.http import digest
from tests.conftest import EmptySchema
from tests.risk.given import contract, disclosed, event, group, linked, reported, site_registered
from tests.risk.world import KEYS, OPERATOR, World


@pytest.fixture
async def two_members(empty_schema: EmptySchema) -> World:
    """Two members with contracts of one supplier, of which one is told of a site; and a flag of that site."""
    world = World(await empty_schema("risk"))
    for number, (member, key) in enumerate(KEYS.items(), 1):
        kid = f"{number:012}"
        issued = KeyIssued(kid=kid, member=member, digest=digest(key), purposes=(KeyPurpose.READ,))
        await world.hears(event(issued, kid, member=member))
    await world.hears(*group("example-group", "oslo", categories=(Category.FORCED_LABOUR,)))
    await world.hears(site_registered())
    await world.hears(contract("ours", title="Laptops"), contract("theirs", reader="bergen"))
    await world.hears(disclosed(member="oslo"), linked(to="ours"), reported(supplier="supplier 9"))
    return world


@pytest.fixture
def door(two_members: World) -> FastAPI:
    """The application."""
    settings = RiskSettings(
        kafka_bootstrap="none", database_dsn=two_members.schema.dsn, operator_key_sha256=SecretStr(digest(OPERATOR))
    )
    return build(two_members.schema.runtime(settings))
