"""The HTTP doors of ingest: what members send and ask, and what operators register."""

import asyncio

from fastapi import FastAPI

from services.ingest.api import (
    contacts,
    departures,
    events,
    groups,
    identity,
    imports,
    lists,
    members,
    registry,
    suppliers,
    timeline,
)
from services.ingest.api.access import Rates
from services.ingest.settings import IngestSettings
from shared.http import PROBLEMS, open_api
from shared.limits import Limits
from shared.member_access import KEYS
from shared.service import Runtime


def build(runtime: Runtime) -> FastAPI:
    """The application. It answers 202 or 200 only for what is committed."""
    settings = runtime.settings
    assert isinstance(settings, IngestSettings)
    summary = "What members send, and who they are."
    api = open_api("Engage: ingest", summary, settings.maximum_file_bytes, limits_of(settings))
    api.state.runtime, api.state.settings, api.state.rates = runtime, settings, Rates(settings)
    api.state.turns, api.state.reading = asyncio.Semaphore(1), asyncio.Semaphore(settings.files_at_once)
    parts = (events, imports, lists, registry, members, groups, departures, identity, contacts, suppliers, timeline)
    for part in parts:
        api.include_router(part.router, dependencies=[KEYS], responses=PROBLEMS)
    api.include_router(suppliers.page)
    return api


def limits_of(settings: IngestSettings) -> Limits:
    """What one process takes in at a time."""
    return Limits(
        body=max(settings.maximum_file_bytes, settings.maximum_events_bytes),
        headers=settings.maximum_header_bytes,
        requests=settings.maximum_requests,
        bodies=settings.maximum_bytes_in_hand,
        within=settings.body_within,
        bytes_per_second=settings.body_rate,
    )
