"""Keys of members: what one looks like, and what it may be for. Kept apart from HTTP: commands need no more."""

import re

from shared.events.vocabulary import KeyPurpose

KEY = re.compile(r"eng_([0-9a-f]{12})_[A-Za-z0-9_-]{43}")
"""A known prefix, so that a leaked key is recognised; the public id; 256 random bits in base64url."""
PURPOSES = tuple(one for one in KeyPurpose if one is not KeyPurpose.OTHER)
"""All that a key can be for."""


def kid_of(key: str) -> str | None:
    """The public id in a key; None for what cannot be one."""
    found = KEY.fullmatch(key)
    return found[1] if found else None


def key_of(kid: str, secret: str) -> str:
    """The key that its owner is shown, of a public id and 256 random bits in base64url."""
    return f"eng_{kid}_{secret}"
