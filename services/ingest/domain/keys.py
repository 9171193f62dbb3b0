"""Keys of members: what they look like, and what they are for."""

import re
from enum import StrEnum

KEY = re.compile(r"eng_([0-9a-f]{12})_[A-Za-z0-9_-]{43}")
"""A known prefix, so that a leaked key is recognised; the public id; 256 random bits in base64url."""


class Purpose(StrEnum):
    """What the holder of a key may do for its member."""

    PUBLISH = "publish"
    READ = "read"
    IMPORT = "import"


def kid_of(key: str) -> str | None:
    """The public id in a key; None for what cannot be one."""
    found = KEY.fullmatch(key)
    return found[1] if found else None


def key_of(kid: str, secret: str) -> str:
    """The key that its owner is shown, of a public id and 256 random bits in base64url."""
    return f"eng_{kid}_{secret}"
