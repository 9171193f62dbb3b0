"""The HTTP interface of `risk`: for the operator, and for members by their own keys where the path says so."""

import asyncio

from fastapi import FastAPI

from services.risk.api import explanations, exposure, facts, flags, groups, timeline
from services.risk.api.access import requests_of
from services.risk.settings import RiskSettings
from shared.http import PROBLEMS, open_api
from shared.member_access import KEYS
from shared.service import Runtime

MAXIMUM_BODY = 64 * 1024 * 1024
"""Bytes of a request: a list of 32 MiB with its register, in base64."""


def build(runtime: Runtime) -> FastAPI:
    """The application."""
    api = open_api("Engage risk", "Facts, assessments, flags, and whose contracts they touch.", MAXIMUM_BODY)
    assert isinstance(runtime.settings, RiskSettings)
    api.state.runtime, api.state.requests = runtime, requests_of(runtime.settings)
    api.state.explaining = asyncio.Semaphore(explanations.AT_ONCE)
    for part in (facts, explanations, flags, exposure, groups, timeline):
        api.include_router(part.router, dependencies=[KEYS], responses=PROBLEMS)
    return api
