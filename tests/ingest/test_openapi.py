"""The OpenAPI document says what the doors do: a program that follows it meets nothing else."""

from typing import Any

import pytest

from services.ingest.api import build
from tests.ingest.answering import begin
from tests.ingest.conftest import OPERATOR, Doors, settings_of
from tests.shared.documented import is_documented, met_at, served, tells_its_methods

OPERATORS = ("/members", "/workinggroups", "/registry/summary", "/identity")
"""Paths that want the operator's key; those below /supplier a contact's, the others a member's."""


@pytest.fixture
async def document(doors: Doors) -> dict[str, Any]:
    """The document that the doors publish."""
    found: dict[str, Any] = (await doors.client.get("/openapi.json")).json()
    return found


async def test_what_the_document_says_is_what_the_doors_do(doors: Doors, document: dict[str, Any]) -> None:
    group = await begin(doors)
    await group.ask()
    contact = await group.key()

    def keys_of(path: str) -> tuple[str, ...]:
        if path.startswith("/supplier/"):
            return (contact,)
        return (OPERATOR if path.startswith(OPERATORS) and "export" not in path else doors.keys["oslo"],)

    changed = settings_of(doors.schema, requests_per_second=1e6, requests_at_once=10**9, events_at_once=10**9)
    async with served("ingest", build, changed) as url:
        met = await met_at(url, document, keys_of)

    assert not [one for one in met if one[2] in (401, 429) or one[2] >= 500]
    assert {path for _, path, status in met if status == 403} <= {"/timeline"}  # a member that asks for another's view


def test_every_operation_is_documented_with_its_problems_and_its_key(document: dict[str, Any]) -> None:
    is_documented(document, without_body="/rotation")


async def test_a_method_that_a_path_does_not_have_is_answered_with_those_that_it_has(
    doors: Doors, document: dict[str, Any]
) -> None:
    await tells_its_methods(doors.client, document)


async def test_the_examples_of_the_document_are_accepted(doors: Doors, document: dict[str, Any]) -> None:
    operation = document["paths"]["/events"]["post"]
    attributes = {one["name"]: one["example"] for one in operation["parameters"] if one["in"] == "header"}

    outcomes = []
    for media_type, content in operation["requestBody"]["content"].items():
        headers = doors.as_member() | {"content-type": media_type} | (attributes if "events" not in media_type else {})
        answer = await doors.client.post("/events", json=content["example"], headers=headers)
        outcomes.append((media_type, answer.json()["receipts"][0]["outcome"]))

    assert [outcome for _, outcome in outcomes] == ["accepted", "duplicate", "duplicate"]
