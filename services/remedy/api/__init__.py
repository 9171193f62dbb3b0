"""HTTP: for reporters with a receipt, for the people who work on cases, for operators. Nothing is stored on the way."""

import asyncio

from fastapi import FastAPI
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.remedy.api import (
    assignments,
    audit,
    cases,
    clearance,
    deadlines,
    door,
    erasure,
    figures,
    identity,
    keys,
    people,
    plans,
    releases,
    rungs,
    steps,
    watch,
)
from services.remedy.api.engagement import (
    board,
    calendar,
    conditions,
    documents,
    entries,
    library,
    practices,
    showing,
    timeline,
)
from services.remedy.api.readers import requests_of
from services.remedy.door import Door
from services.remedy.office import office_of
from shared.http import PROBLEMS, open_api
from shared.service import Runtime

MAXIMUM_BODY = 256 * 1024
"""Bytes of a request: the largest sealed box in base64 with its envelope."""
PARTS = (
    calendar,
    conditions,
    library,
    board,
    entries,
    practices,
    showing,
    timeline,
    documents,
    people,
    assignments,
    identity,
    audit,
    plans,
    watch,
    keys,
    releases,
    clearance,
    rungs,
    figures,
    cases,
    steps,
    deadlines,
    erasure,
    door,
)


def build(runtime: Runtime) -> FastAPI:
    """The application. Each part says itself whose key it asks for."""
    api = open_api("Engage: remedy", "Cases, remedy, and the reporter's own door.", MAXIMUM_BODY)
    api.state.runtime, api.state.office = runtime, office_of(runtime)
    api.state.door = Door.of(api.state.office)
    api.state.requests = requests_of(api.state.office.settings)
    api.state.documenting = asyncio.Semaphore(documents.AT_ONCE)
    api.add_middleware(NotStored)
    for part in PARTS:
        api.include_router(part.router, responses=PROBLEMS)
    return api


class NotStored:
    """Tells every cache on the way to keep nothing, whatever is answered."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_unstored(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["cache-control"] = "no-store"
            await send(message)

        await self.app(scope, receive, send_unstored)
