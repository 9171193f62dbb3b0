"""Keys of members: what one looks like, and what it may be for. Kept apart from HTTP: commands need no more."""

import re
from collections.abc import Sequence

from shared.events.envelope import Event
from shared.events.ingest import KeyEnded, KeyIssued
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


def keys_told(batch: Sequence[Event]) -> tuple[list[KeyIssued], list[KeyEnded]]:
    """The keys that a batch tells of, and which end when, each once; in whatever order that is told.

    The earliest end that was told holds: no key is brought back.
    """
    issued: dict[str, KeyIssued] = {}
    ended: dict[str, KeyEnded] = {}
    for event in batch:
        match event.data:
            case KeyIssued(kid=kid) as data:
                issued[kid] = data
            case KeyEnded(kid=kid) as data:
                ended[kid] = min(ended.get(kid, data), data, key=lambda one: one.ends)
            case _:
                pass
    return list(issued.values()), list(ended.values())
