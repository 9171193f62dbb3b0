"""The HTTP door of `risk`, for operators: load lists, and read what is concluded from them."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, FastAPI, Query, Request

from services.risk.domain.facts import EditionRefused, FactKind, digest_of, is_edition
from services.risk.domain.files import read_facts
from services.risk.domain.rows import FactsInvalid
from services.risk.loading import Upload, load
from services.risk.settings import current_model
from services.risk.store import views
from shared.events.values import Label
from shared.http import Fault, Problem, open_api, require_key
from shared.postgres import borrow
from shared.service import Runtime

MAXIMUM_FILE = 64 * 1024 * 1024
"""Bytes of a list; the greatest one known has 0.2 MB."""


def build(runtime: Runtime) -> FastAPI:
    """The application; every path needs the operator's key."""
    api = open_api("Engage risk", "Lists of facts, and what they say of disclosed sites.", MAXIMUM_FILE)
    operator = [Depends(only_operators(runtime))]
    api.post("/facts", dependencies=operator)(loader(runtime))
    api.get("/facts", dependencies=operator)(reading(runtime, editions))
    api.get("/indicators/summary", dependencies=operator)(reading(runtime, summary))

    @api.get("/sites/{site}/explanation", dependencies=operator)
    async def explanation(site: UUID) -> dict[str, Any]:
        """What is said of one site, the evidence of each indicator, and what is not known."""
        async with borrow(runtime.pool) as connection:
            found = await views.explain_site(connection, site)
        if found is None:
            raise Problem(404, "site_unknown", "No disclosure to all members has named this site.")
        return found

    return api


def only_operators(runtime: Runtime) -> Callable[[Request], None]:
    """Lets only the holder of the operator's key pass."""

    def check(request: Request) -> None:
        require_key(request, runtime.settings.operator_key_sha256)

    return check


def loader(runtime: Runtime) -> Callable[..., Awaitable[dict[str, Any]]]:
    """The endpoint that loads a list."""

    async def load_list(
        request: Request,
        kind: FactKind,
        source: Annotated[Label, Query(description="The publisher and its list.")],
        edition: Annotated[Label, Query(description="A year, month or day: 2022, 2022-09, 2022-09-28.")],
        licence: Label | None = None,
        retrieved: date | None = None,
        dry_run: bool = False,
    ) -> dict[str, Any]:
        """Put an edition of a list into force and assess again the sites that it can touch.

        The body is the file. All of it is taken, or nothing; the same edition again changes nothing. With `dry_run`
        the answer says what would change.
        """
        if not is_edition(edition):
            raise Problem(422, "edition_invalid", "Name the edition by year, month or day: 2022, 2022-09, 2022-09-28.")
        body = await request.body()
        try:
            found = await asyncio.to_thread(read_facts, kind, body)
            upload = Upload(kind, source, edition, licence, retrieved, digest_of(found), tuple(found))
            return await load(runtime, upload, dry_run=dry_run)
        except FactsInvalid as error:
            faults = [Fault(pointer=one.place, code=one.code, remedy=one.remedy) for one in error.faults]
            raise Problem(
                422, "facts_invalid", "Nothing was loaded. Mend the file and send it again.", faults
            ) from None
        except EditionRefused as error:
            raise Problem(409, error.code, error.remedy) from None

    return load_list


def reading(
    runtime: Runtime, read: Callable[[Any], Awaitable[dict[str, Any]]]
) -> Callable[[], Awaitable[dict[str, Any]]]:
    """An endpoint that answers with what `read` finds on a connection."""

    async def answer() -> dict[str, Any]:
        async with borrow(runtime.pool) as connection:
            return await read(connection)

    answer.__name__, answer.__doc__ = read.__name__, read.__doc__
    return answer


async def editions(connection: Any) -> dict[str, Any]:
    """The editions of lists that were loaded, and which are in force."""
    return {"editions": await views.read_editions(connection)}


async def summary(connection: Any) -> dict[str, Any]:
    """Counts of indicators, flags, sites and findings."""
    return {
        "model": current_model().version,
        "sites": await views.count_sites(connection),
        "findings": await views.count_findings(connection),
        "indicators": await views.count_indicators(connection),
        "flags": await views.count_flags(connection),
    }
