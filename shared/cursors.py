"""Lists over HTTP that are read page by page: an opaque mark of where a page ends, and the link to the next."""

import base64
from collections.abc import Callable
from typing import Annotated, TypeVar

from fastapi import Query, Request
from pydantic import StringConstraints
from starlette.datastructures import URL

from shared.http import Fault, Problem

Place = TypeVar("Place")
Cursor = Annotated[
    Annotated[str, StringConstraints(max_length=100, pattern=r"^[A-Za-z0-9_-]*$")] | None,
    Query(description="Where the page begins; from `next` of the page before."),
]


def page_after(request: Request, last: str) -> str:
    """The link to the page of the same question that begins after an entry."""
    cursor = base64.urlsafe_b64encode(last.encode()).decode().rstrip("=")
    url = URL(scope=request.scope).include_query_params(cursor=cursor)
    return f"{url.path}?{url.query}"


def place_of(cursor: str, read: Callable[[str], Place]) -> Place:
    """After what a page begins, as `read` has it from what `page_after` was given; it raises ValueError.

    Raises Problem 422 where nothing gave out such a cursor.
    """
    try:
        return read(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii"))
    except ValueError:
        fault = Fault(pointer="/cursor", code="cursor_invalid", remedy="Follow `next`, or begin without a cursor.")
        raise Problem(422, "cursor_invalid", "This is no cursor that was given out here.", [fault]) from None
