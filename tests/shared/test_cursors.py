"""A list is read on where the page before ended, and only by a cursor that was given out."""

from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi import Request
from hypothesis import given
from hypothesis import strategies as st

from shared.cursors import page_after, place_of
from shared.http import Problem


def asked(query: str) -> Request:
    """A question for a page."""
    scope = {"type": "http", "path": "/flags", "query_string": query.encode(), "headers": [], "server": ("risk", 80)}
    return Request(scope | {"scheme": "http", "method": "GET"})


@given(last=st.text(st.characters(codec="ascii"), max_size=70))
def test_the_next_page_begins_after_the_last_entry_of_the_one_before(last: str) -> None:
    link = urlsplit(page_after(asked("open=true&cursor=b2xk"), last))

    found = parse_qs(link.query, keep_blank_values=True)
    assert (link.path, found["open"], len(found["cursor"])) == ("/flags", ["true"], 1)
    assert place_of(found["cursor"][0], str) == last


@pytest.mark.parametrize("cursor", ["A", "_w", "Zm8", "-"])
def test_what_was_not_given_out_is_refused(cursor: str) -> None:
    with pytest.raises(Problem) as refused:
        place_of(cursor, int)

    assert (refused.value.status, refused.value.code) == (422, "cursor_invalid")
