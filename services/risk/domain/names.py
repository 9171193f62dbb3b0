"""Names of companies, made comparable: two spellings of one name give the same key, two companies do not."""

import re
import unicodedata
from functools import lru_cache

# Longest first where one ends with another. They are dropped at the end of a name only.
LEGAL_FORMS = (
    ("kabushiki", "kaisha"), ("joint", "stock", "company"), ("sdn", "bhd"), ("co", "ltd"), ("pte", "ltd"),
    ("pvt", "ltd"), ("private", "limited"),
    *((form,) for form in (
        "ab", "ag", "as", "asa", "aps", "berhad", "bhd", "bv", "co", "company", "corp", "corporation", "doo", "gmbh",
        "inc", "incorporated", "jsc", "kg", "kk", "limited", "llc", "llp", "lp", "ltd", "ltda", "nv", "oy", "oyj",
        "plc", "pt", "pte", "pvt", "sa", "sarl", "sas", "se", "sl", "spa", "spol", "srl", "sro", "zoo",
    )),
)  # fmt: skip
_FORMS_BY_END = {last: [form for form in LEGAL_FORMS if form[-1] == last] for *_, last in LEGAL_FORMS}
_ALIAS = re.compile(r",?\s*\b(?:a/k/a|f/k/a|d/b/a)\b:?\s*", re.IGNORECASE)
_IN_BRACKETS = re.compile(r"\([^()]*\)")
_NOT_A_WORD = re.compile(r"[\W_]+")
_SPELLED = re.compile(r"\b\w(?: \w\b)+")


@lru_cache(maxsize=8192)  # a list names the same suppliers again and again
def name_key(name: str) -> str:
    """The key of a name: without case, accents, punctuation, and legal forms at its end. Repeating it changes nothing.

    A name that consists of legal forms only keeps them. An empty key means that the name has no letter or digit.
    """
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", name).casefold())
    plain = "".join(c for c in folded if not unicodedata.combining(c))
    spaced = " ".join(_NOT_A_WORD.sub(" ", plain).split())
    words = _SPELLED.sub(_joined_letters, spaced).split()
    return " ".join(_without_legal_form(words))


def entity_keys(entry: str) -> frozenset[str]:
    """The keys under which an entry of an entity list is known: its name and each "a/k/a" alias.

    Each counts as written and without what stands in brackets.
    """
    spellings = [part for part in _ALIAS.split(entry) if part.strip()]
    keys = {name_key(text) for part in spellings for text in (part, _IN_BRACKETS.sub(" ", part))}
    return frozenset(keys - {""})


def _joined_letters(match: re.Match[str]) -> str:
    """ "S.p.A." and "d.o.o." as one word; digits stay apart."""
    letters = match.group().split()
    return "".join(letters) if all(letter.isalpha() for letter in letters) else match.group()


def _without_legal_form(words: list[str]) -> list[str]:
    kept = words
    while kept and (form := next((f for f in _FORMS_BY_END.get(kept[-1], ()) if tuple(kept[-len(f) :]) == f), None)):
        kept = kept[: -len(form)]
    return kept or words
