"""HTTP as every service speaks it: keys as bearer tokens, errors as RFC 9457 problems that never quote the input."""

import hashlib
import hmac
from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, SecretStr
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.postgres import TRANSIENT


class Fault(BaseModel):
    """One thing that is wrong with a request: where (a JSON pointer), what (a code) and how to mend it."""

    pointer: str
    code: str
    remedy: str | None = None


class Problem(Exception):
    """An answer other than success. `code` is stable and meant for machines; `detail` says what to do."""

    def __init__(self, status: int, code: str, detail: str, faults: Sequence[Fault] = ()) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.detail = detail
        self.faults = faults

    def body(self) -> dict[str, Any]:
        """The RFC 9457 document."""
        errors = [fault.model_dump(exclude_none=True) for fault in self.faults]
        document = {"type": "about:blank", "status": self.status, "code": self.code, "detail": self.detail}
        return document | ({"errors": errors} if errors else {})


def open_api(title: str, summary: str, maximum_body: int) -> FastAPI:
    """A FastAPI application with our errors and a limit on bodies (bytes). It documents itself at `/openapi.json`."""
    api = FastAPI(title=title, summary=summary, docs_url=None, redoc_url=None)
    api.add_middleware(BodyLimit, maximum=maximum_body)
    api.add_exception_handler(Problem, answer_problem)
    api.add_exception_handler(RequestValidationError, answer_invalid)
    api.add_exception_handler(HTTPException, answer_http)
    for transient in TRANSIENT:
        api.add_exception_handler(transient, answer_unavailable)
    return api


def digest(key: str) -> str:
    """How a key is stored: SHA-256 in hex. Keys are random and of 256 bits, so that no slow hash is needed."""
    return hashlib.sha256(key.encode()).hexdigest()


def bearer(request: Request) -> str:
    """The key that a request carries. Raises Problem 401 without one."""
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        raise Problem(401, "key_missing", "Send your key as 'Authorization: Bearer KEY'.")
    return key.strip()


def require_key(request: Request, expected: SecretStr | None) -> None:
    """Let only the holder of a key pass whose digest is a setting. Raises Problem 401."""
    found = digest(bearer(request))
    if expected is None or not hmac.compare_digest(found, expected.get_secret_value()):
        raise Problem(401, "key_unknown", "This key is not known here.")


class BodyLimit:
    """Refuses bodies beyond a limit while they arrive, so that memory stays bounded whatever a client declares."""

    def __init__(self, app: ASGIApp, maximum: int) -> None:
        self.app = app
        self.maximum = maximum

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        problem = Problem(413, "too_large", f"At most {self.maximum} bytes are taken at once.")
        received = 0

        async def limited() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self.maximum:
                raise problem
            return message

        async def unless_refused(message: Message) -> None:
            if received <= self.maximum:
                await send(message)

        await self.app(scope, limited, unless_refused)
        if received > self.maximum:  # what the application made of the interruption was held back
            answer = await answer_problem(Request(scope), problem)
            await answer(scope, receive, send)


async def answer_problem(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Problem)
    headers = {"www-authenticate": "Bearer"} if error.status == 401 else None
    return JSONResponse(error.body(), error.status, headers, media_type="application/problem+json")


async def answer_invalid(request: Request, error: Exception) -> JSONResponse:
    """What pydantic found wrong, by place and code only: unknown names are input, too, and are not repeated."""
    assert isinstance(error, RequestValidationError)
    faults = [
        Fault(pointer=pointer(found["loc"][1:], found["type"]), code=found["type"]) for found in error.errors()[:100]
    ]
    return await answer_problem(request, Problem(422, "schema_invalid", "The request does not fit the schema.", faults))


def pointer(location: Sequence[int | str], code: str) -> str:
    """A JSON pointer to a field; that of an unknown field ends at its parent."""
    steps = location[:-1] if code == "extra_forbidden" else location
    return "".join(f"/{step}" for step in steps)


async def answer_http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    return await answer_problem(request, Problem(error.status_code, "http_error", error.detail))


async def answer_unavailable(request: Request, _error: Exception) -> JSONResponse:
    """The database is away: nothing was accepted, and the same request may be sent again."""
    return await answer_problem(request, Problem(503, "unavailable", "Not accepted: try the same request again."))
