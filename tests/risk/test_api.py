"""The door of `risk`: lists go in whole or not at all, and operators can see what is concluded and why."""

from collections.abc import AsyncIterator

import httpx
import pytest
from pydantic import SecretStr

from services.risk.api import build
from services.risk.handlers import assess_disclosures, open_reported_flags
from services.risk.settings import RiskSettings
from shared import outbox
from shared.http import digest
from tests.conftest import EmptySchema, Schema
from tests.risk.builders import accepted, named, reported
from tests.risk.test_files import HEADER, ROW, SHIPPED, given
from tests.risk.test_handlers import RANKING, tables

KEY = "an-operator's-key-of-these-tests"
GOODS = {
    "kind": "country_goods",
    "source": "US Department of Labor, ILAB",
    "edition": "2022",
    "licence": "public domain",
}
ORDERS = {"kind": "entities", "source": "US Customs and Border Protection", "edition": "2025-12-18"}


@pytest.fixture
async def schema(empty_schema: EmptySchema) -> Schema:
    return await empty_schema("risk")


@pytest.fixture
async def client(schema: Schema) -> AsyncIterator[httpx.AsyncClient]:
    settings = RiskSettings(
        kafka_bootstrap="127.0.0.1:1", database_dsn=schema.dsn, operator_key_sha256=SecretStr(digest(KEY))
    )
    transport = httpx.ASGITransport(build(schema.runtime(settings)))
    headers = {"authorization": f"Bearer {KEY}"}
    async with httpx.AsyncClient(transport=transport, base_url="http://risk", headers=headers) as client:
        yield client


async def disclose(schema: Schema) -> None:
    """Two invented sites, one of a company that bears the name of a listed one, and a flag."""
    async with schema.pool.acquire() as tx, tx.transaction():
        batch = [accepted(), accepted("disclosure 2", site="site 2", country="NO"), reported()]
        events = [*await assess_disclosures.handle(batch, tx), *await open_reported_flags(batch, tx, RANKING)]
        await outbox.append(tx, events)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/facts"),
        ("GET", "/facts"),
        ("GET", "/indicators/summary"),
        ("GET", f"/sites/{named('site 1')}/explanation"),
    ],
)
@pytest.mark.parametrize(
    ("headers", "code"), [({"authorization": ""}, "key_missing"), ({"authorization": "Bearer wrong"}, "key_unknown")]
)
async def test_only_operators_pass(
    client: httpx.AsyncClient, method: str, path: str, headers: dict[str, str], code: str
) -> None:
    answer = await client.request(method, path, params=GOODS, headers=headers)

    assert answer.status_code == 401
    assert answer.json()["code"] == code


async def test_a_list_is_loaded_listed_and_explains_a_site(client: httpx.AsyncClient, schema: Schema) -> None:
    await disclose(schema)

    answer = await client.post("/facts", params=GOODS, content=SHIPPED.read_bytes())

    assert answer.status_code == 200
    assert answer.json() | {"facts": 467, "new": True, "indicators_raised": 2, "sites_assessed": 2} == answer.json()
    editions = (await client.get("/facts")).json()["editions"]
    assert [(one["source"], one["edition"], one["facts"], one["in_force"]) for one in editions] == [
        (GOODS["source"], "2022", 467, True)
    ]
    explained = (await client.get(f"/sites/{named('site 1')}/explanation")).json()
    assert explained["categories"]["forced_labour"] == "indicated"
    assert explained["categories"]["discrimination"] == "unknown"
    assert "discrimination: no list loaded" in explained["gaps"]
    assert explained["indicators"][0]["evidence"][0]["text"] == (
        "Electronics (Manufacturing), China: child labor: Yes, forced labor: Yes, forced child labor: Yes"
    )


async def test_the_summary_counts_indicators_flags_and_what_is_unknown(
    client: httpx.AsyncClient, schema: Schema
) -> None:
    await disclose(schema)
    await client.post("/facts", params=GOODS, content=SHIPPED.read_bytes())

    counts = (await client.get("/indicators/summary")).json()

    assert counts["sites"] == {"assessed": 2, "gone": 0, "indicated": 1}
    assert {"kind": "country_good", "category": "child_labour", "count": 1} in counts["indicators"]
    assert counts["flags"] == [{"state": "raised", "category": "forced_labour", "count": 1, "serious": 1}]
    assert counts["findings"]["child_labour"] == {"indicated": 1, "not_listed": 1}
    assert counts["findings"]["discrimination"] == {"unknown": 2}


async def test_a_site_that_nobody_named_has_no_explanation(client: httpx.AsyncClient) -> None:
    answer = await client.get(f"/sites/{named('nowhere')}/explanation")

    assert (answer.status_code, answer.json()["code"]) == (404, "site_unknown")


async def test_faulty_lists_leave_the_tables_as_they_were(client: httpx.AsyncClient, schema: Schema) -> None:
    await client.post("/facts", params=GOODS, content=SHIPPED.read_bytes())
    before = await tables(schema)
    secret = "Zanzibaria"

    answer = await client.post(
        "/facts", params=GOODS | {"edition": "2024"}, content=f"{HEADER}\n{ROW}\n{ROW.replace('Malaysia', secret)}\n"
    )

    assert answer.status_code == 422
    problem = answer.json()
    assert problem["code"] == "facts_invalid"
    assert [(fault["pointer"], fault["code"]) for fault in problem["errors"]] == [
        ("/rows/3/country", "country_unknown")
    ]
    assert problem["errors"][0]["remedy"]
    assert secret not in answer.text
    assert await tables(schema) == before


@pytest.mark.parametrize(
    ("params", "status", "code"),
    [
        ({}, 409, "edition_differs"),
        ({"edition": "2020"}, 409, "edition_older"),
        ({"edition": "latest"}, 422, "edition_invalid"),
        ({"kind": "rumours"}, 422, "schema_invalid"),
        ({"source": ""}, 422, "schema_invalid"),
        ({"source": "S" * 101}, 422, "schema_invalid"),
        ({"source": "turned\u202earound"}, 422, "schema_invalid"),
    ],
)
async def test_an_edition_that_cannot_be_placed_is_refused_with_a_remedy(
    client: httpx.AsyncClient, schema: Schema, params: dict[str, str], status: int, code: str
) -> None:
    await client.post("/facts", params=GOODS, content=SHIPPED.read_bytes())
    before = await tables(schema)

    answer = await client.post("/facts", params=GOODS | params, content=f"{HEADER}\n{ROW}\n")

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["detail"]
    assert await tables(schema) == before


async def test_the_same_list_again_is_harmless_and_a_dry_run_has_no_effect(
    client: httpx.AsyncClient, schema: Schema
) -> None:
    tried = await client.post("/facts", params=GOODS | {"dry_run": "true"}, content=SHIPPED.read_bytes())
    nothing = await tables(schema)
    await client.post("/facts", params=GOODS, content=SHIPPED.read_bytes())
    again = await client.post("/facts", params=GOODS, content=SHIPPED.read_bytes())

    assert (tried.json()["new"], tried.json()["dry_run"], nothing["country_good"]) == (True, True, 0)
    assert (again.status_code, again.json()["new"]) == (200, False)


async def test_a_list_that_is_too_large_is_refused_while_it_arrives(client: httpx.AsyncClient) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(65):
            yield b" " * 1024 * 1024

    answer = await client.post("/facts", params=GOODS, content=endless())

    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


async def test_a_supplier_on_the_list_of_us_customs_is_found_by_its_name(
    client: httpx.AsyncClient, schema: Schema
) -> None:
    """The file does not ship with the project; what it says of a named company is quoted from it, not written here."""
    body = given("extract_us_cbp_wro_findings_industrial.csv")
    listed = accepted(supplier_name="HEFEI BITLAND INFORMATION TECHNOLOGY CO LTD", site_name="Example Plant")
    async with schema.pool.acquire() as tx, tx.transaction():
        await assess_disclosures.handle([listed], tx)

    answer = await client.post("/facts", params=ORDERS, content=body)

    assert answer.json()["indicators_raised"] == 1
    explained = (await client.get(f"/sites/{named('site 1')}/explanation")).json()
    assert explained["indicators"][0]["kind"] == "entity_list"
    assert "WRO, effective 2020-09-08. A match by name" in explained["indicators"][0]["statement"]
