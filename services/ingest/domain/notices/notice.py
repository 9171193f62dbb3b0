"""What one notice, release or row says of one contract, as the door takes it; and what can be wrong with it."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from services.ingest.domain.identity.identifiers import valid_identifiers
from services.ingest.domain.lists.findings import Advice, FileInvalid, Finding
from shared.countries import resolve
from shared.events.vocabulary import ContractEnd

LONGEST_LABEL = 100
LONGEST_NAME = 200
Data = dict[str, Any]
"""Data of an event as its sender would write it in JSON."""

ADVICE = {
    "ocid_missing": Advice("this release does not say which process it belongs to", "Ask its publisher for the ocid."),
    "id_missing": Advice("this has no id, so that it could not be known again", "Ask its publisher for the id."),
    "date_invalid": Advice("the date is missing or cannot be read", "Give it as in ISO 8601, such as 2024-06-30."),
    "shape_invalid": Advice("this field holds something else than its standard says", "Check it against OCDS 1.1.5."),
    "releases_linked": Advice("the record only links to its releases", "Send a record package that holds them."),
    "supplier_missing": Advice(
        "it does not say who the supplier is", "Send it with the releases before it, or as a row that names it."
    ),
    "supplier_is_a_person": Advice(
        "the supplier is a natural person", "Register the contract as a row, under the name of the business."
    ),
    "contract_missing": Advice("the notice awards, but names no contract", "Register the contract as a row."),
    "form_unsupported": Advice(
        "this kind of notice names its supplier elsewhere", "Take the eForms notice in XML, or send a row."
    ),
    "buyer_missing": Advice("the notice does not say who buys", "Register the contract as a row."),
    "country_unknown": Advice("no country is known by this code or name", "Use the ISO 3166 code, such as VN."),
    "level_unknown": Advice(
        "this is no level of a contract", "Write framework, call_off, end_user, single or unknown."
    ),
    "reason_unknown": Advice(
        "this is no reason why a contract ends",
        "Write expired, terminated, not_awarded, replaced or sent_by_mistake.",
    ),
    "amount_invalid": Advice("this is no amount that has one reading", "Write it as 1250000.50, without other signs."),
    "currency_invalid": Advice("this is no currency", "Write the three letters of ISO 4217, such as NOK."),
    "value_missing": Advice("this cell is empty", "Fill it in: a contract is known by reference, supplier and level."),
    "fields_apart": Advice("this cell needs another one beside it", "Fill in both cells, or neither."),
}
"""What can be wrong with one notice, beside what the door itself objects to."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a notice cannot become events; `column` is one of our own names."""

    code: str
    column: str | None = None


class Unusable(ValueError):
    """Nothing can be made of a notice."""

    def __init__(self, code: str, column: str | None = None) -> None:
        super().__init__(code)
        self.problem = Problem(code, column)


@dataclass(frozen=True, slots=True)
class Notice:
    """What is said of one contract at one place: it is registered, ended, both, or there is a problem.

    `place` is made of names of the standard and positions, `name` is the notice's own, `said` when it was published
    (None: now, as for rows). `buyers` are organisation numbers of those who buy, `managers` of those who only manage
    the procurement. `framework` is the notice or process of the framework above, where its reference is not told.
    `earlier` are references that the same procurement had before this contract came of it.
    """

    row: int
    place: str
    name: str = ""
    said: datetime | None = None
    contract: Data | None = None
    end: Data | None = None
    buyers: tuple[str, ...] = ()
    managers: tuple[str, ...] = ()
    framework: str | None = None
    earlier: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    problem: Problem | None = None

    @property
    def reference(self) -> str | None:
        data = self.contract or self.end
        return None if data is None else str(data["reference"])


@dataclass(slots=True)
class Notices:
    """What a file says. `silent` are the places that say nothing of a contract; unknown columns go by their letters."""

    format: str
    most: int
    found: list[Notice] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)
    ignored_columns: tuple[str, ...] = ()

    def add(self, notice: Notice) -> None:
        """Add what is said of one contract. Raises FileInvalid where there are more than `most`."""
        if len(self.found) >= self.most:
            raise FileInvalid(Finding("too_many_notices"))
        self.found.append(notice)


def clean(text: str | None, longest: int | None = None) -> str | None:
    """The text on one line, shortened to `longest` characters where that is given; None where nothing is left."""
    line = " ".join((text or "").split())
    if longest is not None and len(line) > longest:
        line = line[: longest - 1].rstrip() + "…"
    return line or None


def label(*parts: str) -> str:
    """A reference of several parts. One that is too long keeps its beginning and a digest, so that it stays itself."""
    whole = " ".join(part for part in parts if part)
    if len(whole) <= LONGEST_LABEL:
        return whole
    return f"{whole[: LONGEST_LABEL - 13].rstrip()} {digest(whole)[:12]}"


def digest(value: object) -> str:
    """What tells two values apart, as hexadecimal digits; the order of keys does not matter."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()


def day(text: str | None) -> date:
    """The day of a date or moment in ISO 8601, as it is written there. Raises Unusable."""
    try:
        return date.fromisoformat((text or "").strip()[:10])
    except ValueError:
        raise Unusable("date_invalid") from None


def number(text: str | None) -> str | None:
    """An organisation number without the blanks that people put between its digits."""
    return re.sub(r"\s", "", text or "") or None


def as_supplier(name: str | None, country: str | None, identifiers: Mapping[str, str | None]) -> tuple[Data, list[str]]:
    """A supplier as the door takes it, and which of its ids were left aside because they cannot be.

    A public notice cannot be mended by the member that has it, and a mistyped id must not cost the contract. Raises
    Unusable without a name.
    """
    named = clean(name)
    if named is None:
        raise Unusable("supplier_missing", "supplier")
    code = resolve(country) if country else None
    given = {scheme: found for scheme, found in identifiers.items() if found}
    known = valid_identifiers(given, code)
    data: Data = {"name": named} | ({"country": code} if code else {}) | ({"identifiers": known} if known else {})
    return data, sorted(given.keys() - known.keys())


def ended(reference: str, on: date, reason: ContractEnd, notice: str | None) -> Data:
    """The data of an end, as the door takes it."""
    data = {"reference": reference, "ended_on": on.isoformat(), "reason": reason.value}
    return data | ({"notice": notice} if notice else {})


def filled(**fields: Any) -> Data:
    """The fields that hold something, dates as text."""
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in fields.items()
        if value not in (None, (), [])
    }
