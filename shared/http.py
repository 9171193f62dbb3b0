"""HTTP as every service speaks it: keys as bearer tokens, errors as RFC 9457 problems that never quote the input."""

import asyncio
import hashlib
import hmac
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, SecretStr
from starlette.exceptions import HTTPException
from starlette.types import Scope

from shared.events.words import UnknownWord
from shared.limits import REQUEST_ID, Admission, Limits, Refusal
from shared.postgres import TRANSIENT

CLOSED = ConfigDict(extra="forbid", hide_input_in_errors=True)
"""For models of what is sent: a field that they do not have is refused, and no error quotes the input."""
PROBLEM = "application/problem+json"
TRY_AGAIN = {"retry-after": "2"}
"""Seconds after which a request that met a database away may be sent again: a restart takes about as long."""


class Fault(BaseModel):
    """One thing that is wrong with a request: where (a JSON pointer), what (a code) and how to mend it."""

    pointer: str
    code: str
    remedy: str | None = None


class ProblemDocument(BaseModel):
    """An answer other than success, as RFC 9457 has it. `code` is stable and meant for machines."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    instance: str
    errors: list[dict[str, Any]] = []


class Problem(Exception):
    """An answer other than success. `code` is stable and meant for machines; `detail` says what to do."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        faults: Sequence[Fault] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.detail = detail
        self.faults = faults
        self.headers = headers or {}

    def body(self, instance: str) -> dict[str, Any]:
        """The RFC 9457 document; `instance` names the request, as the header `x-request-id` does."""
        errors = [fault.model_dump(exclude_none=True) for fault in self.faults]
        document = {"type": "about:blank", "title": HTTPStatus(self.status).phrase, "status": self.status}
        document |= {"code": self.code, "detail": self.detail, "instance": instance}
        return document | ({"errors": errors} if errors else {})


PROBLEMS: dict[int | str, dict[str, Any]] = {
    "default": {"description": "Not done; the document says why.", "model": ProblemDocument}
}
"""For `responses`: whatever is not a success is a problem document."""


def open_api(title: str, summary: str, maximum_body: int, limits: Limits | None = None) -> FastAPI:
    """A FastAPI application with our errors and our limits. It documents itself at `/openapi.json`.

    A body has at most `maximum_body` bytes, unless `limits` say otherwise.
    """
    api = Documented(title=title, summary=summary, docs_url=None, redoc_url=None)
    api.add_middleware(Admission, limits=limits or Limits(body=maximum_body), answer=answer_refusal)
    api.add_exception_handler(Problem, answer_problem)
    api.add_exception_handler(RequestValidationError, answer_invalid)
    api.add_exception_handler(HTTPException, answer_http)
    for transient in TRANSIENT:
        api.add_exception_handler(transient, answer_unavailable)
    api.add_exception_handler(Exception, answer_unforeseen)
    return api


class Documented(FastAPI):
    """An application whose OpenAPI document has problems under their own media type."""

    def openapi(self) -> dict[str, Any]:
        return with_problems(super().openapi())


def with_problems(document: dict[str, Any]) -> dict[str, Any]:
    """The document with problems under their own media type, which FastAPI cannot say of a model."""
    for path in document.get("paths", {}).values():
        for operation in path.values():
            for response in operation["responses"].values():
                content = response.get("content", {})
                named = content.get("application/json", {}).get("schema", {}).get("$ref", "")
                if named.endswith("ProblemDocument"):
                    content[PROBLEM] = content.pop("application/json")
    return document


def digest(key: str) -> str:
    """How a key is stored: SHA-256 in hex. Keys are random and of 256 bits, so that no slow hash is needed."""
    return hashlib.sha256(key.encode()).hexdigest()


def bearer(request: Request) -> str:
    """The key that a request carries. Raises Problem 401 without one."""
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        raise Problem(401, "key_missing", "Send your key as 'Authorization: Bearer KEY'.")
    return key.strip()


def holds_operator_key(request: Request, expected: SecretStr | None) -> bool:
    """Whether a request carries the key whose digest is a setting. Raises Problem 401 where it carries none."""
    found = digest(bearer(request))
    return expected is not None and hmac.compare_digest(found, expected.get_secret_value())


def require_key(request: Request, expected: SecretStr | None) -> None:
    """Let only the holder of a key pass whose digest is a setting. Raises Problem 401."""
    if not holds_operator_key(request, expected):
        raise key_unknown()


def key_unknown() -> Problem:
    """The one answer to a key that was never given, has expired or was revoked."""
    return Problem(401, "key_unknown", "This key is not known here.")


def instance_of(scope: Scope) -> str:
    """The name of a request, by which a person can ask about it."""
    return f"urn:uuid:{scope[REQUEST_ID]}"


async def answer_problem(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Problem)
    headers = dict(error.headers) | ({"www-authenticate": "Bearer"} if error.status == 401 else {})
    return JSONResponse(error.body(instance_of(request.scope)), error.status, headers, media_type=PROBLEM)


async def answer_refusal(scope: Scope, refusal: Refusal) -> JSONResponse:
    """The answer to what `Admission` has no room or patience for."""
    headers = {"retry-after": str(refusal.retry_after)} if refusal.retry_after else {}
    headers |= {"connection": "close"} if refusal.closes else {}
    problem = Problem(refusal.status, refusal.code, refusal.detail, headers=headers)
    return await answer_problem(Request(scope), problem)


async def answer_invalid(request: Request, error: Exception) -> JSONResponse:
    """What pydantic found wrong, by place and code only: unknown names are input, too, and are not repeated."""
    assert isinstance(error, RequestValidationError)
    faults = [
        Fault(pointer=pointer(found["loc"][1:], found["type"]), code=found["type"], remedy=words_allowed(found))
        for found in error.errors()[:100]
    ]
    return await answer_problem(request, Problem(422, "schema_invalid", "The request does not fit the schema.", faults))


def words_allowed(found: Mapping[str, Any]) -> str | None:
    """The words that a field takes, where it takes only some: they come from the model, never from the input."""
    context = found.get("ctx", {})
    if found["type"] in ("enum", "literal_error"):
        return f"Give one of {context['expected']}."
    return f"Give {context['error']}." if isinstance(context.get("error"), UnknownWord) else None


def pointer(location: Sequence[int | str], code: str) -> str:
    """A JSON pointer to a field; that of an unknown field ends at its parent."""
    steps = location[:-1] if code == "extra_forbidden" else location
    return "".join(f"/{step}" for step in steps)


async def answer_http(request: Request, error: Exception) -> JSONResponse:
    """What the framework refuses, such as an unknown path (404) or a method that a path does not have (405)."""
    assert isinstance(error, HTTPException)
    phrase = HTTPStatus(error.status_code).phrase
    code = phrase.lower().replace(" ", "_")
    return await answer_problem(request, Problem(error.status_code, code, f"{phrase}.", headers=error.headers))


async def answer_unavailable(request: Request, _error: Exception) -> JSONResponse:
    """The database is away: nothing was accepted, and the same request may be sent again."""
    problem = Problem(503, "unavailable", "Not accepted: try the same request again.", headers=TRY_AGAIN)
    return await answer_problem(request, problem)


@asynccontextmanager
async def in_turn(turns: asyncio.Semaphore, within: float) -> AsyncIterator[None]:
    """One of a few turns to do what takes long. Raises Problem 503 where none comes within so many seconds."""
    try:
        async with asyncio.timeout(within):
            await turns.acquire()
    except TimeoutError:
        detail = "Too much is asked for at this moment: ask again."
        raise Problem(503, "busy", detail, headers={"retry-after": "5"}) from None
    try:
        yield
    finally:
        turns.release()


async def answer_unforeseen(request: Request, _error: Exception) -> JSONResponse:
    """A fault of ours. The exception itself goes to the log, not into the answer."""
    problem = Problem(500, "internal", "This failed on our side; nothing was accepted.")
    answer = await answer_problem(request, problem)
    answer.headers["x-request-id"] = str(request.scope[REQUEST_ID])  # sent from outside of `Admission`
    return answer
