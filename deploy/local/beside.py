"""Schemas of a service beside its own: made of the same migrations, owned by the same role, not seen by the service."""

import os
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import asyncpg

from deploy.local.database import in_database, migrate, without_password
from deploy.local.errors import StackError
from deploy.local.migrate import admin_dsn
from deploy.local.servers import database_of
from deploy.local.state import StateFolder
from deploy.local.waiting import run_apart


def operator_dsn(folder: StateFolder) -> str:
    """The administrator's DSN: ENGAGE_POSTGRES_DSN, else the local stack's. Raises StackError without either."""
    if os.environ.get("ENGAGE_POSTGRES_DSN"):
        return admin_dsn()
    if known := folder.read().postgres:
        return known
    remedy = f"Start one with 'engage up --detach', or set ENGAGE_POSTGRES_DSN. Looked in {folder.path}."
    raise StackError("postgres", f"No database is known. {remedy}")


def make_beside(admin: str, service: str, schema: str, *, with_tables: bool) -> None:
    """Make a schema of a service's owner, empty or with the tables of the service, without rows.

    Raises StackError where the server refuses, or the schema is there already.
    """
    _run(admin, service, f'CREATE SCHEMA "{schema}" AUTHORIZATION "{service}_owner"')
    if with_tables:
        migrate(admin, service, schema)


def drop_beside(admin: str, service: str, schema: str) -> None:
    """Drop a schema in a service's database, with all that is in it. Raises StackError where the server refuses."""
    _run(admin, service, f'DROP SCHEMA IF EXISTS "{schema}" CASCADE')


def owner_dsn(admin: str, service: str, schema: str) -> str:
    """The DSN by which to act as a service's owner, with all names that are not qualified in `schema`."""
    parts = urlsplit(in_database(admin, database_of(service)))
    query = dict(parse_qsl(parts.query)) | {"role": f"{service}_owner", "search_path": schema}
    return urlunsplit(parts._replace(query=urlencode(query)))


def _run(admin: str, service: str, statement: str) -> None:
    try:
        run_apart(_execute(in_database(admin, database_of(service)), statement))
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        shown = without_password(admin)
        raise StackError("postgres", f"the database server at {shown} refused: {error}") from error


async def _execute(dsn: str, statement: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
