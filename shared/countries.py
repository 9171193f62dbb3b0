"""Countries and territories of ISO 3166-1, found by code or by the names that real lists use for them.

The table `countries.csv` beside this file has one line per country: alpha-2 and alpha-3 code, a short English name, and
further spellings separated by `|`. Adding a spelling is a change to that file alone.
"""

import csv
import re
import unicodedata
from functools import cache
from importlib import resources

_NOT_A_WORD = re.compile(r"[\W_]+")
_SHORT_FORMS = {"st": "saint", "rep": "republic", "dem": "democratic"}


def resolve(text: str) -> str | None:
    """The alpha-2 code of the country that `text` names, or None if the table does not know it.

    Takes an alpha-2 code, an alpha-3 code or a name; case, accents, punctuation, "the", "&", "St" and "Rep." make no
    difference. A name that could mean two countries ("Congo", "Virgin Islands") gives None: the caller asks and does
    not guess. The one exception is "Korea", which supplier lists use for the Republic of Korea.
    """
    return _codes_by_spelling().get(_fold(text))


def name_of(alpha2: str) -> str:
    """The short English name of an alpha-2 code; raises KeyError if there is no such country."""
    return _names_by_code()[alpha2]


def alpha2_codes() -> frozenset[str]:
    """The alpha-2 codes of all 249 countries and territories."""
    return frozenset(_names_by_code())


def _fold(text: str) -> str:
    """The spelling with everything removed that does not tell two countries apart."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    dotless = plain.replace(".", "").replace("&", " and ")
    words = _NOT_A_WORD.sub(" ", dotless.casefold()).split()
    return " ".join(_SHORT_FORMS.get(word, word) for word in words if word != "the")


@cache
def _rows() -> tuple[dict[str, str], ...]:
    text = resources.files(__package__).joinpath("countries.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


@cache
def _names_by_code() -> dict[str, str]:
    return {row["alpha2"]: row["name"] for row in _rows()}


@cache
def _codes_by_spelling() -> dict[str, str]:
    found: dict[str, str] = {}
    for row in _rows():
        for spelling in (row["alpha2"], row["alpha3"], row["name"], *filter(None, row["aliases"].split("|"))):
            if found.setdefault(_fold(spelling), row["alpha2"]) != row["alpha2"]:
                raise ValueError(f"countries.csv gives the spelling {spelling!r} to two countries")
    return found
