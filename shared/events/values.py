"""Small values that events share: limited texts, ids, and the facts of a site. Readers are tolerant, as for events."""

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

from shared.events.vocabulary import Mineral, Obtained, Representation, SiteStatus

# Control characters (NUL is refused by PostgreSQL), line separators, and the overrides that make a name read backwards.
PRINTABLE = r"^[^\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]*$"

Name = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True, pattern=PRINTABLE)]
Label = Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True, pattern=PRINTABLE)]
Sentence = Annotated[str, StringConstraints(min_length=1, max_length=500, strip_whitespace=True, pattern=PRINTABLE)]
Paragraph = Annotated[str, StringConstraints(min_length=1, max_length=2000, strip_whitespace=True, pattern=PRINTABLE)]

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]  # ISO 3166-1 alpha-2
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]  # ISO 4217
Quarter = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-Q[1-4]$")]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
MediaType = Annotated[str, StringConstraints(max_length=100, pattern=r"^[a-z]+/[a-z0-9.+-]+$")]
KeyId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
Lane = Annotated[str, StringConstraints(pattern=r"^lane-(?:0[0-9]|1[0-5])$")]

# Credentials in a web address are refused: events are kept for ever.
Uri = Annotated[str, StringConstraints(max_length=1000, pattern=r"^(?:https?://[!-.0-?A-~]+(?:/[!-~]*)?|urn:[!-~]+)$")]
BASE64 = r"^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"
Base64 = Annotated[str, StringConstraints(min_length=4, pattern=BASE64)]
SealedBox = Annotated[str, StringConstraints(min_length=4, max_length=200 * 1024, pattern=BASE64)]

Count = Annotated[int, Field(ge=0, le=100_000_000)]
Percent = Annotated[int, Field(ge=0, le=100)]
Grade = Annotated[int, Field(ge=1, le=5)]
Amount = Annotated[Decimal, Field(ge=0, max_digits=14, decimal_places=2)]


def within_reach(at: datetime) -> datetime:
    """A moment that every part can store and convert to UTC. Raises ValueError before 1900 and after 2199."""
    if not 1900 <= at.year <= 2199:
        raise ValueError("a moment lies between 1900 and 2199")
    return at


Moment = Annotated[AwareDatetime, AfterValidator(within_reach)]


def day_as_written(said: object) -> object:
    """A day as RFC 3339 writes it: pydantic itself takes a text of digits for seconds since 1970.

    Raises PydanticCustomError `day_invalid`, also before 1900 and after 2199: later parts reckon with it.
    """
    if isinstance(said, str):
        try:
            said = date.fromisoformat(said) if DAY.fullmatch(said) else None
        except ValueError:
            said = None
        if said is None:
            raise PydanticCustomError("day_invalid", "a day is written as 2026-01-15")
    return said


def day_within_reach(day: date) -> date:
    """The day itself. Raises PydanticCustomError `day_invalid` before 1900 and after 2199."""
    if not 1900 <= day.year <= 2199:
        raise PydanticCustomError("day_invalid", "a day lies between 1900 and 2199")
    return day


def quarter_of(day: date) -> str:
    """The quarter of a day, such as 2026-Q1: what comes later sorts after it."""
    return f"{day.year:04}-Q{(day.month + 2) // 3}"


DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
Day = Annotated[date, BeforeValidator(day_as_written), AfterValidator(day_within_reach)]


def at_field(*place: str, code: str) -> ValidationError:
    """What a model raises where its fields do not go together, and one of them is at fault: `code`, at its `place`."""
    fault = InitErrorDetails(type=PydanticCustomError(code, "fields do not go together"), loc=place, input=None)
    return ValidationError.from_exception_data("fields", [fault], hide_input=True)


class Value(BaseModel):
    """A part of an event: immutable, tolerant of fields that a newer publisher adds."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True, allow_inf_nan=False)


class Identifiers(Value):
    """The ids others gave to a company or site (Open Supply Hub, RBA, GLEIF, Dun & Bradstreet, RMI)."""

    organisation_number: Label | None = None
    lei: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{18}[0-9]{2}$")] | None = None
    duns: Annotated[str, StringConstraints(pattern=r"^[0-9]{9}$")] | None = None
    os_id: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}[A-Z0-9]{13}$")] | None = None
    rba_id: Label | None = None
    smelter_id: Label | None = None


class Evidence(Value):
    """A file that supports a statement: where it is, and the hash that proves it unchanged."""

    uri: Uri
    sha256: Sha256
    media_type: MediaType


class WorkerRange(Value):
    """The number of workers of a site, as Open Supply Hub gives it; without a maximum it is "at least"."""

    minimum: Count
    maximum: Count | None = None

    @model_validator(mode="after")
    def ordered(self) -> "WorkerRange":
        if self.maximum is not None and self.maximum < self.minimum:
            raise at_field("maximum", code="maximum_below_minimum")
        return self


class SeverityParts(Value):
    """UNGP 14: scale, scope and irremediability; UNGP 24: likelihood comes after them. 1 is least, None is unknown."""

    scale: Grade
    scope: Grade
    irremediability: Grade
    likelihood: Grade | None = None

    @property
    def severity(self) -> int:
        """The greatest of the three parts, not their mean: one grave part is enough."""
        return max(self.scale, self.scope, self.irremediability)


class ListReference(Value):
    """The list that a statement was read from. Two editions of a `source` by one member show what came and went."""

    source: Name
    edition: Label
    row: Count | None = None
    uri: Uri | None = None


class SourceFact(Value):
    """One fact of a public source that an indicator rests on, in the words of the source."""

    source: Name
    edition: Label
    text: Paragraph
    licence: Label | None = None
    uri: Uri | None = None
    retrieved: date | None = None


class Product(Value):
    """The product that a site works for."""

    manufacturer: Name
    model: Label | None = None
    category: Label | None = None


class SiteFacts(Value):
    """What a source says of a site beside its name and place. A missing fact is unknown, never "no"."""

    native_name: Name | None = None
    latitude: Annotated[float, Field(ge=-90, le=90)] | None = None
    longitude: Annotated[float, Field(ge=-180, le=180)] | None = None
    parent_company: Name | None = None
    facility_types: tuple[Label, ...] = ()
    processing_types: tuple[Label, ...] = ()
    product_types: tuple[Label, ...] = ()
    sector: Label | None = None
    isic_4: Annotated[str, StringConstraints(pattern=r"^[A-U]?[0-9]{1,4}$")] | None = None
    workers: WorkerRange | None = None
    women_percent: Percent | None = None
    migrants_percent: Percent | None = None
    representation: Representation = Representation.UNKNOWN
    collective_agreement: bool | None = None
    grievance_mechanisms: tuple[Label, ...] = ()
    status: SiteStatus | None = None
    identifiers: Identifiers | None = None


class SupplyLink(Value):
    """How product, site and component hang together, since when, and how that is known."""

    share_band: Label | None = None
    valid_from: Day | None = None
    valid_to: Day | None = None
    obtained: Obtained | None = None


class MineralDeclaration(Value):
    """One mineral of a CMRT or EMRT declaration; its smelter is the site of the disclosure."""

    mineral: Mineral
    smelters_complete: bool | None = None
    responding_percent: Percent | None = None
    from_conflict_affected_area: bool | None = None
    recycled_only: bool | None = None


class Money(Value):
    """An amount of a currency (ISO 4217), without value added tax where the source tells it so."""

    amount: Amount
    currency: Currency


class Conditions(Value):
    """The contract performance conditions that bind a supplier: which, in which edition, and the clauses that apply."""

    name: Name
    edition: Label
    clauses: tuple[Label, ...] = ()


class Clause(Value):
    """The clause that an issue is coded by; the ILO category is mapped from it."""

    conditions: Name
    edition: Label
    clause: Label
