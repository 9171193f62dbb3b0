"""Knowing a supplier or site again, whatever the case, accents, punctuation or legal form of its name.

Two spellings meet only where they are equal after normalising. A misspelling stays another company until a person
merges the two.
"""

import hashlib

from shared.company_names import normalise_name, normalise_text


def supplier_key(name: str, lei: str | None = None) -> bytes:
    """What two spellings of one supplier's name have in common, as a digest of fixed length.

    With an LEI it is another one: two companies of one name are told apart by theirs.
    """
    parts = (normalise_name(name), *([lei] if lei else []))
    return hashlib.sha256("\0".join(parts).encode()).digest()


def site_key(name: str, address: str, country: str) -> bytes:
    """What two spellings of one site have in common: name, address and country, whichever supplier named it."""
    parts = (normalise_name(name), normalise_text(address), country)
    return hashlib.sha256("\0".join(parts).encode()).digest()
