"""Lists that are read page by page: an opaque mark of where a page ends, and a search by words of a name."""

import base64
import binascii
import unicodedata
from uuid import UUID

from shared.company_names import words

MOST_WORDS = 10
"""Words of a search that count, so that its cost is bounded."""


class CursorInvalid(ValueError):
    """What was given as a cursor is none that this service gave out."""


def cursor_after(last: str) -> str:
    """The cursor of the page that begins after an entry."""
    return base64.urlsafe_b64encode(last.encode()).decode().rstrip("=")


def slug_after(cursor: str | None) -> str:
    """The slug after which a page begins; '' for the first. Raises CursorInvalid."""
    if cursor is None:
        return ""
    try:
        last = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
    except (binascii.Error, ValueError):
        raise CursorInvalid from None
    if not last.isprintable():
        raise CursorInvalid
    return last


def id_after(cursor: str | None) -> UUID:
    """The id after which a page begins; the least of all for the first. Raises CursorInvalid."""
    try:
        return UUID(slug_after(cursor)) if cursor is not None else UUID(int=0)
    except ValueError:
        raise CursorInvalid from None


def search_of(text: str) -> str | None:
    """A text search (Postgres, configuration `simple`) for names in which each word begins with one of the text's.

    None where the text has no word. Case and accents make no difference.
    """
    decomposed = unicodedata.normalize("NFKD", text.lower())
    found = words("".join(c for c in decomposed if not "\u0300" <= c <= "\u036f"))[:MOST_WORDS]
    return " & ".join(f"'{word}':*" for word in found) or None
