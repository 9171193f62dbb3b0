"""Who may ask: a member by one of its keys, for what the key is for and as often as it may; the operator by theirs."""

from functools import partial

from fastapi import Request

from services.ingest.door import Sender
from services.ingest.settings import IngestSettings
from services.ingest.store import keys
from shared.events.vocabulary import KeyPurpose, MemberKind
from shared.http import holds_operator_key, require_key
from shared.member_access import key_held, spend
from shared.rates import Buckets, Rate
from shared.service import Runtime


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


async def sender_of(request: Request, *purposes: KeyPurpose) -> Sender:
    """The member whose key a request carries, where the key is for one of the purposes.

    Raises Problem 401, 403 and 429 as `key_held` does.
    """
    pool = parts_of(request)[0].pool
    found = await key_held(request, partial(keys.read_valid, pool), rates_of(request).requests, *purposes)
    if not found["used_today"]:
        await keys.note_use(pool, request.state.kid)
    return Sender(found["slug"], MemberKind(found["kind"]))


async def reader_of(request: Request) -> str | None:
    """The member that asks by a key for reading; None for the operator. Raises Problem as `sender_of` does."""
    if holds_operator_key(request, parts_of(request)[1].operator_key_sha256):
        return None
    return (await sender_of(request, KeyPurpose.READ)).member


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
