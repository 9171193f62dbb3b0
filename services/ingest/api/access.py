"""Who may ask: a member by one of its keys, for what the key is for and as often as it may; the operator by theirs."""

import hmac
import math
import time

from fastapi import Request, Security
from fastapi.security import HTTPBearer

from services.ingest.domain.keys import Purpose, kid_of
from services.ingest.domain.rates import Buckets, Rate
from services.ingest.door import Sender
from services.ingest.settings import IngestSettings
from services.ingest.store import keys
from shared.events.vocabulary import MemberKind
from shared.http import Problem, bearer, digest, holds_operator_key, key_unknown, require_key
from shared.limits import ADDED_HEADERS
from shared.service import Runtime

KEYS = Security(HTTPBearer(auto_error=False, scheme_name="key", description="A member's key, or the operator's."))
"""Says in the OpenAPI document that every operation needs a key; `sender_of` and the others check it."""


class Rates:
    """What is left to each key, in this process."""

    def __init__(self, settings: IngestSettings) -> None:
        requests = Rate("requests", settings.requests_per_second, settings.requests_at_once)
        events = Rate("events", settings.events_per_second, settings.events_at_once)
        self.requests, self.events = Buckets(requests), Buckets(events)


def parts_of(request: Request) -> tuple[Runtime, IngestSettings]:
    """What `build` was given."""
    state = request.app.state
    assert isinstance(state.runtime, Runtime)
    assert isinstance(state.settings, IngestSettings)
    return state.runtime, state.settings


async def sender_of(request: Request, *purposes: Purpose) -> Sender:
    """The member whose key a request carries, where the key is for one of the purposes.

    Raises Problem 401, the same for a key that was never given, has expired or was revoked; 403 where it is for other
    purposes; 429 where it was used too often.
    """
    key = bearer(request)
    kid = kid_of(key)
    found = None if kid is None else await keys.read_valid(parts_of(request)[0].pool, kid)
    if kid is None or found is None or not hmac.compare_digest(found["digest"], digest(key)):
        raise key_unknown()
    if not set(purposes) & set(found["purposes"]):
        raise Problem(403, "purpose_missing", f"This key is not for this: one with purpose {purposes[0]} is needed.")
    spend(request, rates_of(request).requests, kid, 1)
    if not found["used_today"]:
        await keys.note_use(parts_of(request)[0].pool, kid)
    request.state.kid = kid
    return Sender(found["slug"], MemberKind(found["kind"]))


async def reader_of(request: Request) -> str | None:
    """The member that asks by a key for reading; None for the operator. Raises Problem as `sender_of` does."""
    if holds_operator_key(request, parts_of(request)[1].operator_key_sha256):
        return None
    return (await sender_of(request, Purpose.READ)).member


def only_operator(request: Request) -> Runtime:
    """Let only the operator pass. Raises Problem 401."""
    runtime, settings = parts_of(request)
    require_key(request, settings.operator_key_sha256)
    return runtime


def rates_of(request: Request) -> Rates:
    """What is left to each key."""
    rates = request.app.state.rates
    assert isinstance(rates, Rates)
    return rates


def spend_events(request: Request, events: int) -> None:
    """Count events against the key with which `sender_of` let a request pass. Raises Problem 429."""
    spend(request, rates_of(request).events, request.state.kid, events)


def spend(request: Request, buckets: Buckets, kid: str, amount: int) -> None:
    """Count something against a key. Raises Problem 429, with when to try again, once there is nothing left."""
    moment = time.monotonic()
    bucket = buckets.of(kid, moment)
    wait = bucket.take(amount, moment)
    # draft-ietf-httpapi-ratelimit-headers-10: the policy, and what is left of it
    request.scope[ADDED_HEADERS] |= {"ratelimit-policy": bucket.rate.policy, "ratelimit": bucket.remaining()}
    if wait:
        retry = {"retry-after": str(math.ceil(wait))}
        raise Problem(429, "rate_limited", f"Too many {bucket.rate.name}: wait as Retry-After says.", headers=retry)
