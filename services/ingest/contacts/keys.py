"""The secrets of suppliers' contacts, and the links that carry them."""

import re

KEY = re.compile(r"engc_([0-9a-f]{12})_[A-Za-z0-9_-]{43}")
"""Made as a member's key is, with a prefix of its own: neither can be taken for the other."""
PAGE = "/supplier/answer"
"""Where the page for contacts is."""


def kid_of(key: str) -> str | None:
    """The public id in a contact's key; None for what cannot be one."""
    found = KEY.fullmatch(key)
    return found[1] if found else None


def key_of(kid: str, secret: str) -> str:
    """The key that a contact is given, of a public id and 256 random bits in base64url."""
    return f"engc_{kid}_{secret}"


def link_of(address: str, key: str) -> str:
    """The link that a contact opens. The key stands in the fragment, which no browser sends: no log ever holds it."""
    return f"{address.rstrip('/')}{PAGE}#{key}"
