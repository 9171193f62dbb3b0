"""The HTTP doors of ingest: what members send and ask, and what operators register."""

from fastapi import FastAPI

from services.ingest.api import events, imports, members, registry
from services.ingest.settings import IngestSettings
from shared.http import open_api
from shared.service import Runtime


def build(runtime: Runtime) -> FastAPI:
    """The application. It answers 202 or 200 only for what is committed."""
    settings = runtime.settings
    assert isinstance(settings, IngestSettings)
    api = open_api("Engage: ingest", "What members send, and who they are.", settings.maximum_file_bytes)
    api.state.runtime, api.state.settings = runtime, settings
    for part in (events, imports, registry, members):
        api.include_router(part.router)
    return api
