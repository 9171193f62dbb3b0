"""The value of a contract as a notice or row states it. A wrong value is worse than none."""

import re
from typing import Any

from services.ingest.domain.notices.notice import Data, Unusable

CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)
STATED = re.compile(r"0*[1-9]\d{0,11}(\.\d{1,2})?", re.ASCII)
"""More than nothing: publishers write 0 where they state no value."""
WRITTEN = re.compile(r"\d{1,3}(?: \d{3})+(?:[.,]\d{1,2})?|\d{1,12}(?:[.,]\d{1,2})?", re.ASCII)
"""As people write amounts where that has one reading: 1250000, 1250000.50, 1 250 000,50; not 1.250.000."""


def stated(amount: Any, currency: Any) -> Data | None:
    """What a notice states, as the door takes it; None where it states nothing or not plainly."""
    if isinstance(amount, bool) or not isinstance(amount, (str, int, float)):
        return None
    said = str(amount).strip()
    if not STATED.fullmatch(said) or not isinstance(currency, str) or not CURRENCY.fullmatch(currency.strip()):
        return None
    return {"amount": said, "currency": currency.strip()}


def in_cells(amount: str | None, currency: str | None) -> Data | None:
    """What the two cells of a row state. Raises Unusable where one is empty or cannot be read."""
    if amount is None and currency is None:
        return None
    if amount is None or currency is None:
        raise Unusable("fields_apart", "value" if amount is None else "currency")
    if not WRITTEN.fullmatch(amount):
        raise Unusable("amount_invalid", "value")
    if not CURRENCY.fullmatch(currency.upper()):
        raise Unusable("currency_invalid", "currency")
    return {"amount": amount.replace(" ", "").replace(",", "."), "currency": currency.upper()}
