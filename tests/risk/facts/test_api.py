"""The door for lists: whole or not at all, for the operator alone, and every refusal says what to do."""

import base64
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from services.risk.api import build
from services.risk.domain.facts.faults import MAXIMUM_FILE
from services.risk.domain.facts.formats import FORMATS
from services.risk.settings import RiskSettings
from shared.http import digest
from tests.conftest import Schema
from tests.risk.facts.conftest import Disclose
from tests.risk.facts.files import GOODS, HEADER, ROW, published
from tests.risk.facts.test_loading import tables
from tests.risk.given import disclosed

KEY = "an-operator's-key-of-these-tests"
LIST = {"format": "ilab-goods", "source": "Example list", "edition": "2022", "licence": "public domain"}
SERIES = FORMATS["series"]


@pytest.fixture
async def client(schema: Schema) -> AsyncIterator[httpx.AsyncClient]:
    settings = RiskSettings(
        kafka_bootstrap="127.0.0.1:1", database_dsn=schema.dsn, operator_key_sha256=SecretStr(digest(KEY))
    )
    transport = httpx.ASGITransport(build(schema.runtime(settings)))
    headers = {"authorization": f"Bearer {KEY}"}
    async with httpx.AsyncClient(transport=transport, base_url="http://risk", headers=headers) as client:
        yield client


def both(table: str, register: str) -> dict[str, str]:
    return {
        "table": base64.b64encode(table.encode()).decode(),
        "register": base64.b64encode(register.encode()).decode(),
    }


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/facts"), ("POST", "/facts/with-register"), ("GET", "/facts"), ("GET", "/facts/formats")],
)
@pytest.mark.parametrize(
    ("headers", "code"), [({"authorization": ""}, "key_missing"), ({"authorization": "Bearer wrong"}, "key_unknown")]
)
async def test_only_the_operator_passes(
    client: httpx.AsyncClient, method: str, path: str, headers: dict[str, str], code: str
) -> None:
    body = both("a", "b") if path.endswith("register") else None

    answer = await client.request(method, path, params=LIST, headers=headers, json=body)

    assert (answer.status_code, answer.json()["code"]) == (401, code)


async def test_a_body_with_a_register_is_not_read_without_a_key(client: httpx.AsyncClient) -> None:
    params, broken = LIST | {"format": "series"}, b'{"table": [['
    stranger = {"authorization": "Bearer unknown", "content-type": "application/json"}

    refused = await client.post("/facts/with-register", params=params, content=broken, headers=stranger)
    unread = await client.post("/facts/with-register", params=params, content=broken)

    assert (refused.status_code, refused.json()["code"]) == (401, "key_unknown")
    assert (unread.status_code, unread.json()["code"]) == (422, "schema_invalid")


async def test_the_document_says_what_a_body_with_a_register_holds(client: httpx.AsyncClient) -> None:
    document = (await client.get("/openapi.json")).json()

    body = document["paths"]["/facts/with-register"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert (set(body["properties"]), set(body["required"])) == ({"table", "register"}, {"table", "register"})


async def test_a_list_is_loaded_and_told_with_what_it_changed(client: httpx.AsyncClient, disclose: Disclose) -> None:
    await disclose(disclosed(), disclosed("disclosure 2", site="site 2", country="NO"))

    answer = await client.post("/facts", params=LIST | {"retrieved": "2026-03-01"}, content=GOODS.read_bytes())

    assert answer.status_code == 200
    loaded = answer.json()
    counts = {"facts": 599, "facts_new": 599, "facts_gone": 0, "facts_changed": 0, "sites_assessed": 2}
    assert loaded | counts | {"new": True, "dry_run": False, "not_used_by_the_model": []} == loaded
    assert loaded["indicators_raised"] >= 2
    assert len(loaded["changes"]) == 50
    (edition,) = (await client.get("/facts")).json()["editions"]
    expected = LIST | {"facts": 599, "in_force": True, "retrieved": "2026-03-01", "valid_from": None}
    assert edition | expected == edition


async def test_a_change_is_told_as_rows_before_and_after(client: httpx.AsyncClient) -> None:
    await client.post("/facts", params=LIST, content=f"{HEADER}\n{ROW}\n")

    answer = await client.post(
        "/facts", params=LIST | {"edition": "2024"}, content=f"{HEADER}\n{ROW.replace('Malaysia', 'Pakistan')}\n"
    )

    assert [(len(one["before"]), len(one["after"])) for one in answer.json()["changes"]] == [(0, 1), (1, 0)]
    assert answer.json()["changes"][0]["after"][0] == {
        "about": "good",
        "country": "PK",
        "name": "Electronics",
        "measure": "forced_labour",
        "text": "Electronics (Manufacturing), Pakistan: child labor: No, forced labor: Yes, forced child labor: No",
    }


async def test_series_come_with_their_register(client: httpx.AsyncClient) -> None:
    params = LIST | {"format": "series"}

    alone = await client.post("/facts", params=params, content=SERIES.example)
    together = await client.post(
        "/facts/with-register", params=params, json=both(SERIES.example, SERIES.register_example)
    )
    faulty = await client.post("/facts/with-register", params=params, json=both(SERIES.example, "indicator\nx\n"))
    unread = await client.post("/facts/with-register", params=params, json={"table": "AAAA"})

    assert (alone.status_code, alone.json()["errors"][0]["code"]) == (422, "register_missing")
    assert (together.status_code, together.json()["facts"]) == (200, 3)
    assert together.json()["not_used_by_the_model"] == [
        "country example_rule_of_law",
        "country example_union_density",
    ]
    assert faulty.json()["errors"][0]["pointer"] == "/register/rows/1"
    assert (unread.status_code, unread.json()["code"]) == (422, "schema_invalid")


async def test_a_faulty_list_leaves_the_tables_as_they_were(client: httpx.AsyncClient, schema: Schema) -> None:
    await client.post("/facts", params=LIST, content=GOODS.read_bytes())
    before = await tables(schema)
    secret = "Zanzibaria"

    answer = await client.post(
        "/facts", params=LIST | {"edition": "2024"}, content=f"{HEADER}\n{ROW}\n{ROW.replace('Malaysia', secret)}\n"
    )

    assert (answer.status_code, answer.json()["code"]) == (422, "facts_invalid")
    assert [(one["pointer"], one["code"]) for one in answer.json()["errors"]] == [
        ("/rows/3/country", "country_unknown")
    ]
    assert answer.json()["errors"][0]["remedy"]
    assert secret not in answer.text
    assert await tables(schema) == before


@pytest.mark.parametrize(
    ("params", "status", "code"),
    [
        ({}, 409, "edition_differs"),
        ({"edition": "2020"}, 409, "edition_older"),
        ({"edition": "latest"}, 422, "edition_invalid"),
        ({"format": "rumours"}, 422, "format_unknown"),
        ({"source": ""}, 422, "schema_invalid"),
        ({"source": "S" * 201}, 422, "schema_invalid"),
        ({"source": "turned\u202earound"}, 422, "schema_invalid"),
        ({"retrieved": "yesterday"}, 422, "schema_invalid"),
        ({"retrieved": "20260301"}, 422, "schema_invalid"),
        ({"valid_from": "0001-01-01"}, 422, "schema_invalid"),
    ],
)
async def test_an_edition_that_cannot_be_placed_is_refused_with_a_remedy(
    client: httpx.AsyncClient, schema: Schema, params: dict[str, str], status: int, code: str
) -> None:
    await client.post("/facts", params=LIST, content=GOODS.read_bytes())
    before = await tables(schema)

    answer = await client.post("/facts", params=LIST | params, content=f"{HEADER}\n{ROW}\n")

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["detail"]
    assert await tables(schema) == before


async def test_a_file_of_two_hundred_megabytes_is_refused_while_it_arrives(
    client: httpx.AsyncClient, schema: Schema
) -> None:
    before, sent = await tables(schema), 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(200):
            sent += 1
            yield b" " * 1024 * 1024

    answer = await client.post("/facts", params=LIST, content=endless())

    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert await tables(schema) == before


async def test_a_file_beyond_the_limit_is_refused_unread(client: httpx.AsyncClient) -> None:
    answer = await client.post("/facts", params=LIST, content=b" " * (MAXIMUM_FILE + 1))

    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


async def test_the_formats_are_told_with_an_example_that_can_be_loaded(client: httpx.AsyncClient) -> None:
    told = (await client.get("/facts/formats")).json()["formats"]

    assert [one["format"] for one in told] == list(FORMATS)
    for one in told:
        params = LIST | {"format": one["format"], "source": f"Example {one['format']}", "dry_run": "true"}
        answer = await (
            client.post("/facts/with-register", params=params, json=both(one["example"], one["register_example"]))
            if one["register"]
            else client.post("/facts", params=params, content=one["example"])
        )
        assert (answer.status_code, answer.json()["new"]) == (200, True)


@pytest.mark.parametrize(
    ("form", "name", "facts"),
    [
        ("ilab-goods", "ilab_goods_2016.xml", 599),
        ("ilab-findings", "extract_ilab_conventions_advancement.csv", 898),
        ("cbp-orders", "extract_us_cbp_wro_findings_industrial.csv", 19),
        ("ucdp", "flsri_ucdp_ged_country_year_2019_2023.csv", 87),
    ],
)
async def test_the_published_lists_load(client: httpx.AsyncClient, form: str, name: str, facts: int) -> None:
    answer = await client.post("/facts", params=LIST | {"format": form}, content=published(name))

    assert (answer.status_code, answer.json()["facts"]) == (200, facts)


@pytest.mark.parametrize(("name", "facts"), [("vdem", 692), ("worldbank", 1083), ("ilostat", 409)])
async def test_the_published_series_load(client: httpx.AsyncClient, name: str, facts: int) -> None:
    body: Any = both(published(f"flsri_{name}.csv").decode(), published("flsri_data_register.csv").decode())

    answer = await client.post("/facts/with-register", params=LIST | {"format": "series"}, json=body)

    assert (answer.status_code, answer.json()["facts"]) == (200, facts)
