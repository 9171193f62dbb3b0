"""Ids that others gave to companies and sites: which cannot be right, and which are the same id.

Only the form and the check digits are looked at; whether an id was ever issued is not known here.
"""

import re
from collections.abc import Callable, Mapping

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Base 32 as OS ID writes it: without I, L, O and U."""
OS_ID = re.compile(rf"[A-Z]{{2}}[0-9]{{7}}[{CROCKFORD}]{{6}}")
LEI = re.compile(r"[0-9A-Z]{18}[0-9]{2}")
DUNS = re.compile(r"[0-9]{9}")
SMELTER = re.compile(r"CID[0-9]{6}")
RBA = re.compile(r"[0-9A-Za-z][0-9A-Za-z._/-]{2,39}")
NATIONAL = re.compile(r"(?=.*[0-9])[0-9A-Za-z][0-9A-Za-z ./-]{2,39}")
NORWEGIAN = re.compile(r"(?:NO)?([0-9]{9})(?:MVA)?")
NORWEGIAN_WEIGHTS = (3, 2, 7, 6, 5, 4, 3, 2)


def problem_of(identifiers: Mapping[str, str], country: str | None = None) -> tuple[str, str] | None:
    """The field and the code of the first id that cannot be one of its scheme, or None.

    `country` (ISO 3166-1 alpha-2) says whose the national number is; without it only its form is looked at.
    """
    for field, value in identifiers.items():
        national = field == "organisation_number" and country == "NO"
        check = is_norwegian if national else CHECKS.get(field)
        if check is not None and not check(value):
            return field, f"{field}_invalid"
    return None


def valid_identifiers(identifiers: Mapping[str, str], country: str | None = None) -> dict[str, str]:
    """The ids that can be right, each in one form: two descriptions with the same id hold equal values."""
    found = {field: normalised(value) for field, value in identifiers.items() if field in CHECKS and value}
    return {field: value for field, value in found.items() if problem_of({field: value}, country) is None}


def normalised(value: str) -> str:
    """An id without blanks, in capitals."""
    return "".join(value.split()).upper()


def is_lei(value: str) -> bool:
    """ISO 17442: twenty characters; letters read as 10 to 35, the whole leaves 1 modulo 97 (ISO/IEC 7064).

    A wrong digit or a wrong letter is always found. A digit for a letter is not always, for that changes the length of
    the number: about one in a hundred passes, and so do 1B, 2M and 3X turned round.
    """
    return LEI.fullmatch(value) is not None and int("".join(str(int(c, 36)) for c in value)) % 97 == 1


def is_os_id(value: str) -> bool:
    """Open Supply Hub: country, year and day, five characters, and one that checks them.

    The last is the sum of the two letters' character codes and of the others' values in base 32, modulo 32.
    """
    if OS_ID.fullmatch(value) is None or not 1 <= int(value[6:9]) <= 366:
        return False
    total = ord(value[0]) + ord(value[1]) + sum(map(CROCKFORD.index, value[2:-1]))
    return CROCKFORD[total % 32] == value[-1]


def is_duns(value: str) -> bool:
    """Dun & Bradstreet: nine digits; its former check digit is no longer kept to."""
    return DUNS.fullmatch(value) is not None


def is_smelter_id(value: str) -> bool:
    """Responsible Minerals Initiative: CID and six digits, as in the smelter list of CMRT and EMRT."""
    return SMELTER.fullmatch(value) is not None


def is_rba_id(value: str) -> bool:
    """Responsible Business Alliance: letters, digits and signs between them; no rule for it is published."""
    return RBA.fullmatch(value) is not None


def is_national(value: str) -> bool:
    """A number of any national register: letters, digits and signs between them, with at least one digit."""
    return NATIONAL.fullmatch(value) is not None


def is_norwegian(value: str) -> bool:
    """Brønnøysund Register Centre: nine digits, the last by modulo 11; blanks, NO and MVA may stand with them."""
    found = NORWEGIAN.fullmatch(re.sub(r"[\s.-]", "", value))
    if found is None or not int(found[1]):
        return False
    digits = [int(digit) for digit in found[1]]
    rest = sum(weight * digit for weight, digit in zip(NORWEGIAN_WEIGHTS, digits, strict=False)) % 11
    return rest != 1 and digits[8] == (11 - rest) % 11


CHECKS: Mapping[str, Callable[[str], bool]] = {
    "organisation_number": is_national,
    "lei": is_lei,
    "duns": is_duns,
    "os_id": is_os_id,
    "rba_id": is_rba_id,
    "smelter_id": is_smelter_id,
}
