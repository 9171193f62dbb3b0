"""Who may ask: a member by one of its keys for reading, as often as it may; the operator by theirs."""

from functools import partial

from fastapi import Request

from services.risk.settings import RiskSettings
from services.risk.store import keys
from shared.events.vocabulary import KeyPurpose
from shared.http import holds_operator_key, require_key
from shared.member_access import key_held
from shared.rates import Buckets, Rate
from shared.service import Runtime


def requests_of(settings: RiskSettings) -> Buckets:
    """What is left to each key, in this process."""
    return Buckets(Rate("requests", settings.requests_per_second, settings.requests_at_once))


def runtime_of(request: Request) -> Runtime:
    """What `build` was given."""
    runtime = request.app.state.runtime
    assert isinstance(runtime, Runtime)
    return runtime


async def reader_of(request: Request) -> str | None:
    """The member that asks by a key for reading; None for the operator.

    Raises Problem 401 where the key is not in force or its member has left, 403 where it is for other purposes, 429
    where it was used too often.
    """
    runtime, requests = runtime_of(request), request.app.state.requests
    if holds_operator_key(request, runtime.settings.operator_key_sha256):
        return None
    assert isinstance(requests, Buckets)
    found = await key_held(request, partial(keys.read_valid, runtime.pool), requests, KeyPurpose.READ)
    member: str = found["member"]
    return member


def only_operator(request: Request) -> Runtime:
    """Let only the operator pass. Raises Problem 401."""
    runtime = runtime_of(request)
    require_key(request, runtime.settings.operator_key_sha256)
    return runtime
