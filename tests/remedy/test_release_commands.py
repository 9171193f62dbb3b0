"""What people type to release a statement and to read figures, against the service's real HTTP."""

import json
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from asyncpg import Record

from services.remedy.domain.people import Role
from services.remedy.office import KEYS, office_of
from shared.client import CommandError
from tests.conftest import Schema
from tests.remedy.given import SETTINGS, Keyed, assign, kept_case, somebody
from tests.remedy.telling import SUPPLIER, WHY, may_be_told
from tests.remedy.typing_in import http_of, typed

STATEMENT = ("--supplier", str(SUPPLIER), "--category", "forced_labour", "--quarter", "2020-Q1", "--workers", "120")


@pytest.fixture
async def case(schema: Schema, keys: Schema, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Record]:
    """A case of which members may be told; whoever types is its handler, and coordinates as well."""
    new = uuid4()
    await office_of(schema.runtime(SETTINGS, {KEYS: keys.pool})).vault.make_keys([new])
    async with schema.pool.acquire() as tx, tx.transaction():
        row = await kept_case(tx, *may_be_told(new))
    keyed: Keyed = await somebody(schema.pool, Role.HANDLER, Role.COORDINATOR)
    await assign(schema.pool, new, keyed)
    async with http_of(schema, keys) as address:
        monkeypatch.setenv("ENGAGE_REMEDY_URL", address)
        monkeypatch.setenv("ENGAGE_HANDLER_KEY", keyed.key)
        monkeypatch.delenv("ENGAGE_AS", raising=False)
        yield row


async def waiting(schema: Schema) -> int:
    number: int = await schema.pool.fetchval("SELECT count(*) FROM statement_waiting")
    return number


async def test_a_dry_run_shows_exactly_what_members_would_read_and_releases_nothing(
    case: Record, schema: Schema
) -> None:
    shown = await typed("case", "release", case["reference"], "--motivation", WHY, *STATEMENT, "--dry-run", "--json")

    assert shown.exit_code == 0, shown.output
    assert json.loads(shown.output)["says"] == {
        "supplier": str(SUPPLIER),
        "quarter": "2020-Q1",
        "category": "forced_labour",
        "workers": "100-999",
        "source_class": "worker_side",
        "approach": "not_cleared",
    }
    assert await waiting(schema) == 0


@pytest.mark.parametrize(("answer", "released"), [("n\n", 0), ("y\n", 1)])
async def test_who_releases_reads_it_first_and_is_asked(
    case: Record, schema: Schema, answer: str, released: int
) -> None:
    done = await typed("case", "release", case["reference"], "--motivation", WHY, *STATEMENT, stdin=answer)

    assert "100-999" in done.output
    assert (done.exit_code == 0) == bool(released)
    assert await waiting(schema) == released


async def test_a_statement_that_may_not_be_released_says_why_and_what_to_do(case: Record) -> None:
    refused = await typed("case", "release", case["reference"], "--motivation", WHY, *STATEMENT[:-1], "9")

    assert isinstance(refused.exception, CommandError)
    assert "too_few" in str(refused.exception)


async def test_the_ladder_is_shown_rung_by_rung(case: Record) -> None:
    taken = await typed("case", "rung", case["reference"], "workers")
    shown = await typed("case", "ladder", case["reference"])

    assert taken.exit_code == 0, taken.output
    order = [shown.output.index(rung) for rung in ("workers", "employer", "brand", "members", "public")]
    assert order == sorted(order)
    assert "Statements that wait for their day: 0." in shown.output


async def test_figures_are_shown_to_everybody_and_measures_to_coordinators(
    case: Record, monkeypatch: pytest.MonkeyPatch, schema: Schema
) -> None:
    year = await schema.pool.fetchval("SELECT extract(year FROM now() AT TIME ZONE $1)::int", SETTINGS.zone)

    exact = await typed("figures", "--year", str(year))
    monkeypatch.delenv("ENGAGE_HANDLER_KEY")
    public = await typed("figures")

    assert "cases received" in exact.output
    assert public.output == "No figure counts ten cases yet.\n"
