"""The names under which an entry of an entity list is known."""

import re

from shared.company_names import normalise_name

_ALIAS = re.compile(r",?\s*\b(?:a/k/a|f/k/a|d/b/a)\b:?\s*", re.IGNORECASE)
_IN_BRACKETS = re.compile(r"\([^()]*\)")


def entity_keys(entry: str) -> frozenset[str]:
    """The keys under which an entry of an entity list is known: its name and each "a/k/a" alias.

    Each counts as written and without what stands in brackets.
    """
    spellings = [part for part in _ALIAS.split(entry) if part.strip()]
    keys = {normalise_name(text) for part in spellings for text in (part, _IN_BRACKETS.sub(" ", part))}
    return frozenset(keys - {""})
