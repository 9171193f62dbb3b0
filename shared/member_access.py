"""What every service asks of a request that a member makes: a key in force, for this purpose, not used too often.

`ingest` makes keys and publishes their digests; each service keeps those that it needs.
"""

import hmac
import math
import time
from collections.abc import Awaitable, Callable
from typing import Annotated

from asyncpg import Record
from fastapi import Query, Request, Security
from fastapi.security import HTTPBearer

from shared.events.values import Slug
from shared.events.vocabulary import KeyPurpose
from shared.http import Problem, bearer, digest, key_unknown
from shared.limits import ADDED_HEADERS
from shared.member_keys import kid_of
from shared.rates import Buckets

KEYS = Security(HTTPBearer(auto_error=False, scheme_name="key", description="A member's key, or the operator's."))
"""Says in the OpenAPI document that every operation needs a key; the operations check it."""
AsMember = Annotated[
    Slug | None, Query(alias="member", description="Whose view; only an operator names another member.")
]


async def key_held(
    request: Request, read: Callable[[str], Awaitable[Record | None]], requests: Buckets, *purposes: KeyPurpose
) -> Record:
    """The key of a member that a request carries, as `read` finds it by its kid: with its `digest` and `purposes`.

    `read` finds only keys that are in force. Raises Problem 401, the same for a key that was never given, has expired
    or was revoked; 403 where it is for other purposes than these; 429 where it was used too often.
    """
    key = bearer(request)
    kid = kid_of(key)
    found = None if kid is None else await read(kid)
    if kid is None or found is None or not hmac.compare_digest(found["digest"], digest(key)):
        raise key_unknown()
    if not set(purposes) & set(found["purposes"]):
        raise Problem(403, "purpose_missing", f"This key is not for this: one with purpose {purposes[0]} is needed.")
    spend(request, requests, kid, 1)
    request.state.kid = kid
    return found


def view_of(reader: str | None, member: str | None) -> str | None:
    """Whose view is shown: of the member that asks (`reader`), or that an operator names; None for that of all members.

    Raises Problem 403 where a member names another.
    """
    if reader is not None and member not in (None, reader):
        raise Problem(403, "not_your_view", "A member is shown its own view only: leave out member.")
    return reader or member


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
