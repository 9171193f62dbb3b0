"""The OpenAPI document of `risk` says what its doors do: a program that follows it meets nothing else."""

from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from services.risk.api import build
from services.risk.settings import RiskSettings
from shared.events.ingest import KeyIssued
from shared.events.vocabulary import Category
from shared.http import digest
from shared.member_keys import PURPOSES, key_of
from tests.conftest import EmptySchema, Schema
from tests.risk.given import (
    contract,
    disclosed,
    event,
    group,
    joined,
    linked,
    named,
    registered,
    reported,
    site_registered,
)
from tests.risk.world import World
from tests.shared.documented import is_documented, met_at, operations, served, tells_its_methods

OPERATOR = "operator-key-of-a-test"
KID = "0123456789ab"
KEY = key_of(KID, "k" * 43)
OPERATORS = ("/facts", "/summary")
"""Paths that want the operator's key; the others want a member's, or the operator's."""
OTHERS = {"/explanations", "/exposure", "/exposure/flags", "/timeline"}
"""Paths by which a member may ask for another's view, and is refused."""


@pytest.fixture
async def schema(empty_schema: EmptySchema) -> Schema:
    """What `risk` knows of a member with a contract, a site, a working group and a flag."""
    world = World(await empty_schema("risk"))
    key = KeyIssued(kid=KID, member="oslo", digest=digest(KEY), purposes=PURPOSES)
    await world.hears(
        joined("oslo"),
        event(key, KID, member="oslo"),
        registered(),
        site_registered(),
        *group("example-group", "oslo", categories=(Category.FORCED_LABOUR,)),
        contract(),
        disclosed(),
        linked(),
        reported(),
    )
    return world.schema


@pytest.fixture
async def document(schema: Schema) -> dict[str, Any]:
    """The document that the doors publish."""
    async with client_of(schema) as client:
        found: dict[str, Any] = (await client.get("/openapi.json")).json()
        return found


def settings_of(schema: Schema) -> RiskSettings:
    given: dict[str, Any] = {"kafka_bootstrap": "", "database_dsn": schema.dsn, "requests_at_once": 10**9}
    return RiskSettings(**given, operator_key_sha256=SecretStr(digest(OPERATOR)))


def client_of(schema: Schema) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=build(schema.runtime(settings_of(schema))))
    return httpx.AsyncClient(transport=transport, base_url="http://risk")


async def test_what_the_document_says_is_what_the_doors_do(schema: Schema, document: dict[str, Any]) -> None:
    def keys_of(path: str) -> tuple[str, ...]:
        return (OPERATOR,) if path.startswith(OPERATORS) else (OPERATOR, KEY)

    async with served("risk", build, settings_of(schema)) as url:
        met = await met_at(url, document, keys_of)

    assert not [one for one in met if one[2] in (401, 429) or one[2] >= 500]
    assert {path for _, path, status in met if status == 403} <= OTHERS
    assert len({path for _, path, status in met if status == 200}) >= 5, "little was answered: the world is too small"


def test_every_operation_is_documented_with_its_problems_and_its_key(document: dict[str, Any]) -> None:
    is_documented(document)


async def test_no_operation_answers_without_a_key_or_to_one_that_is_not_known(
    schema: Schema, document: dict[str, Any]
) -> None:
    unknown = {"authorization": f"Bearer {key_of('ba9876543210', 'k' * 43)}"}
    async with client_of(schema) as client:
        for method, path in operations(document):
            filled = path.format(flag=named("flag"), group="example-group")
            answers = [await client.request(method, filled, headers=headers) for headers in ({}, unknown)]

            # what is asked is looked at first where FastAPI reads it: nothing of `risk` is told by that
            assert {one.status_code for one in answers} <= {401, 422}, path
            assert not any(one.status_code == 422 and one.json()["code"] != "schema_invalid" for one in answers), path


async def test_what_is_the_operators_is_not_a_members(schema: Schema, document: dict[str, Any]) -> None:
    paths = [(method, path) for method, path in operations(document) if path.startswith(OPERATORS)]
    query = {"format": "rows", "source": "Example list", "edition": "2026"}
    async with client_of(schema) as client:
        for method, path in paths:
            answer = await client.request(
                method, path, params=query, json={}, headers={"authorization": f"Bearer {KEY}"}
            )
            assert answer.status_code == 401 or answer.json()["code"] == "schema_invalid", path

    assert len(paths) >= 4


async def test_a_method_that_a_path_does_not_have_is_answered_with_those_that_it_has(
    schema: Schema, document: dict[str, Any]
) -> None:
    async with client_of(schema) as client:
        await tells_its_methods(client, document)
