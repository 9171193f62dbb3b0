"""Cases and their keys lie in databases of their own, and nobody but `remedy` can so much as connect to them."""

import asyncpg
import pytest

from deploy.local.database import in_database, service_dsn
from deploy.local.postgres import Postgres
from deploy.local.servers import APART, DATABASE
from services.remedy.office import KEYS
from shared.service import Runtime
from tests.conftest import Schema


async def test_cases_and_keys_lie_in_databases_of_their_own(runtime: Runtime, schema: Schema) -> None:
    cases = await schema.pool.fetchrow("SELECT current_database(), current_user")
    keys = await runtime.databases[KEYS].fetchrow("SELECT current_database(), current_user")

    assert tuple(cases or ()) == ("engage_remedy", "remedy")
    assert tuple(keys or ()) == ("engage_remedy_keys", "remedy_keys")


@pytest.mark.parametrize("database", [DATABASE, *APART.values()])
async def test_only_the_roles_of_a_database_can_connect_to_it(
    provisioned: Postgres, passwords: dict[str, str], database: str
) -> None:
    let_in = set()
    for service, password in passwords.items():
        try:
            connection = await asyncpg.connect(
                in_database(service_dsn(provisioned.admin_dsn, service, password), database)
            )
        except asyncpg.InsufficientPrivilegeError:
            continue
        await connection.close()
        let_in.add(service)

    owners = {name for name, base in APART.items() if base == database}
    assert let_in == (owners or passwords.keys() - APART.keys())
