"""Names of companies and places, made comparable: two spellings of one name become the same words.

Nothing is guessed: a misspelling stays another name until a person says otherwise.
"""

import re
import unicodedata
from functools import lru_cache

LETTERS = str.maketrans({"ø": "o", "đ": "d", "ð": "d", "ł": "l", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i", "ħ": "h"})
"""Letters with a stroke and ligatures, which Unicode does not decompose."""

FORMS = """
    ab | ag | aktiebolag | aktiengesellschaft | and co | and company | aps | as | asa | berhad | bhd | bv |
    bvba | co | company | corp | corporation | doo | eirl | gesellschaft mit beschrankter haftung | gk | gmbh |
    godo kaisha | inc | incorporated | joint stock company | jsc | kabushiki kaisha | kft | kg | kgaa | kk |
    limitada | limited | llc | llp | lp | ltd | ltda | mbh | nv | oao | ooo | oy | oyj | plc | private | pt |
    pte | pty | pvt | s de rl de cv | sa | sa de cv | sac | sae | sagl | sapi de cv | sarl | sas | sasu | sdn |
    se | sl | slu | snc | sociedad anonima | societe anonyme | sp z oo | spa | spol | spol sro | srl | sro |
    tbk | yk | yugen kaisha | zoo | zrt
"""
LEGAL_FORMS = frozenset(form.strip() for form in FORMS.split("|"))
LONGEST_FORM = 5
"""Words."""

DOT_OF_INITIALS = re.compile(r"(?<=\b\w)[./](?=\w\b)")
TRAILING_ALIAS = re.compile(r"^(.*)\(([^()]*)\)\s*$", re.DOTALL)


@lru_cache(maxsize=8192)  # a list names each company many times
def normalise_name(name: str) -> str:
    """A company's name in lower-case words, without accents, punctuation and the legal form at its end.

    A legal form before an alias in brackets is dropped, too: "Hon Hai Co., Ltd. (Foxconn)". A name that is nothing but
    legal forms keeps them. Normalising twice changes nothing.
    """
    text = DOT_OF_INITIALS.sub("", fold(name)).replace("&", " and ")
    alias = TRAILING_ALIAS.match(text)
    found = words(text) if alias is None else without_legal_forms(words(alias[1])) + words(alias[2])
    return " ".join(without_legal_forms(found)) or collapse(text)


def normalise_text(text: str) -> str:
    """An address in lower-case words, without accents and punctuation."""
    folded = fold(text)
    return " ".join(words(folded)) or collapse(folded)


def without_legal_forms(found: list[str]) -> list[str]:
    """The words before the legal forms at the end; all of them where nothing would be left."""
    end = len(found)
    while end and (length := form_before(found, end)):
        end -= length
    return found[:end] if end else found


def form_before(found: list[str], end: int) -> int:
    """The number of words of the longest legal form that ends there, or 0."""
    lengths = range(min(LONGEST_FORM, end), 0, -1)
    return next((n for n in lengths if " ".join(found[end - n : end]) in LEGAL_FORMS), 0)


def fold(text: str) -> str:
    """Compatible forms made one (NFKC and NFKD), no case, no accents."""
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(c for c in decomposed if not "\u0300" <= c <= "\u036f").translate(LETTERS)


def words(text: str) -> list[str]:
    """The runs of letters, digits and the marks that belong to a script; all else separates."""
    return "".join(c if unicodedata.category(c)[0] in "LNM" else " " for c in text).split()


def collapse(text: str) -> str:
    return " ".join(text.split())
