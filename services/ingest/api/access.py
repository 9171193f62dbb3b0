"""Who may ask: a member by one of its keys, the operator by theirs."""

from fastapi import Request

from services.ingest.door import Sender
from services.ingest.settings import IngestSettings
from services.ingest.store import members
from shared.events.vocabulary import MemberKind
from shared.http import Problem, bearer, digest, require_key
from shared.service import Runtime


def parts_of(request: Request) -> tuple[Runtime, IngestSettings]:
    """What `build` was given."""
    state = request.app.state
    assert isinstance(state.runtime, Runtime)
    assert isinstance(state.settings, IngestSettings)
    return state.runtime, state.settings


async def sender_of(request: Request) -> Sender:
    """The member whose key a request carries. Raises Problem 401."""
    key = bearer(request)
    found = await members.member_of_key(parts_of(request)[0].pool, digest(key))
    if found is None:
        raise Problem(401, "key_unknown", "This key is not known here.")
    return Sender(found["slug"], MemberKind(found["kind"]), key)


def only_operator(request: Request) -> Runtime:
    """Let only the operator pass. Raises Problem 401."""
    runtime, settings = parts_of(request)
    require_key(request, settings.operator_key_sha256)
    return runtime
