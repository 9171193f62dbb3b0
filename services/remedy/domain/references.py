"""Codes that people read and type: references of cases, receipts of reporters, and the ids of keys."""

import hashlib
import re

from shared import sealing

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O or U, which are misread or make words."""
REFERENCE_BITS = 55
RECEIPT_BITS = 115
"""Random bits of a receipt; 100 are asked for, and six groups of four symbols hold 115 and the check symbol."""
RECEIPT_SYMBOLS = RECEIPT_BITS // 5 + 1
SYMBOLS = re.compile(f"[{CROCKFORD}]{{4}}(?:-[{CROCKFORD}]{{4}}){{2}}")
TYPED_AS = str.maketrans("ILO", "110")


def reference_of(number: int) -> str | None:
    """The reference for a random number of 55 bits: eleven symbols and Crockford's check symbol (modulo 37).

    None where the check symbol is one of the five that are no letter or digit: draw again.
    A wrong symbol or two exchanged ones never give another valid reference.
    """
    symbols = checked(number, REFERENCE_BITS)
    return f"R-{in_groups(symbols)}" if symbols else None


def receipt_of(number: int) -> str | None:
    """The receipt for a random number of 115 bits: 23 symbols and the check symbol, in groups for reading.

    None where the check symbol is one of the five that are no letter or digit: draw again (a fifth of a bit is lost).
    """
    symbols = checked(number, RECEIPT_BITS)
    return in_groups(symbols) if symbols else None


def receipt_as_written(typed: str) -> str | None:
    """A receipt as it is kept, from what a person typed: case, blanks and hyphens do not matter, nor O for 0, I or L
    for 1. None where it is none, as after any one wrong symbol or two exchanged neighbours.
    """
    symbols = re.sub(r"[\s-]+", "", typed).upper().translate(TYPED_AS)
    if len(symbols) != RECEIPT_SYMBOLS or any(symbol not in CROCKFORD for symbol in symbols):
        return None
    number = 0
    for symbol in symbols[:-1]:
        number = number << 5 | CROCKFORD.index(symbol)
    return in_groups(symbols) if checked(number, RECEIPT_BITS) == symbols else None


def checked(number: int, bits: int) -> str | None:
    """A number in Crockford's base 32 with its check symbol; None where that is no letter or digit."""
    check = number % 37
    if check >= len(CROCKFORD):
        return None
    return "".join(CROCKFORD[number >> shift & 31] for shift in range(bits - 5, -1, -5)) + CROCKFORD[check]


def in_groups(symbols: str) -> str:
    """Symbols as people read them: in fours."""
    return "-".join(symbols[at : at + 4] for at in range(0, len(symbols), 4))


def as_written(typed: str) -> str | None:
    """A reference as it is kept, from what a person typed: case does not matter, nor O for 0, I or L for 1.

    None where it cannot be a reference.
    """
    symbols = typed.strip().upper().removeprefix("R-").translate(TYPED_AS)
    return f"R-{symbols}" if SYMBOLS.fullmatch(symbols) else None


def key_id_of(public_key: str) -> str:
    """The id of a public key (base64): the first 16 hex digits of the SHA-256 of its bytes."""
    return hashlib.sha256(sealing.decode(public_key)).hexdigest()[:16]
