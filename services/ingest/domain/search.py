"""A search of the registry by words of a name."""

import unicodedata

from shared.company_names import words

MOST_WORDS = 10
"""Words of a search that count, so that its cost is bounded."""


def search_of(text: str) -> str | None:
    """A text search (Postgres, configuration `simple`) for names in which each word begins with one of the text's.

    None where the text has no word. Case and accents make no difference.
    """
    decomposed = unicodedata.normalize("NFKD", text.lower())
    found = words("".join(c for c in decomposed if not "\u0300" <= c <= "\u036f"))[:MOST_WORDS]
    return " & ".join(f"'{word}':*" for word in found) or None
