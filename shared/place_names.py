"""Names of cities, provinces and states, as they stand in names of companies and in addresses: `places.txt`."""

import re
from functools import cache
from importlib import resources

LETTERS = re.compile("[a-z0-9]+")


@cache
def place_names() -> frozenset[str]:
    """The names in lower case without accents, those of several words written together: "hochiminh"."""
    lines = resources.files(__package__).joinpath("places.txt").read_text(encoding="utf-8").splitlines()
    named = " ".join(line for line in lines if not line.startswith("#")).split("|")
    return frozenset("".join(LETTERS.findall(name)) for name in named)
