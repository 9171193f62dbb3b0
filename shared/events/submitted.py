"""The parts of what members send: `values`, closed. An unknown field or word is refused, and types are strict."""

import re
from decimal import Decimal
from typing import Annotated, Any

from pydantic import ConfigDict, Field, WithJsonSchema, field_validator, model_validator
from pydantic_core import PydanticCustomError

from shared.events.values import (
    Amount,
    Clause,
    Conditions,
    Country,
    Day,
    Evidence,
    Identifiers,
    Label,
    ListReference,
    MineralDeclaration,
    Money,
    Name,
    Product,
    SeverityParts,
    SiteFacts,
    SupplyLink,
    Value,
    WorkerRange,
    at_field,
)
from shared.events.vocabulary import Answer, Known, Mineral, NotDisclosedReason, Obtained, Representation, SiteStatus

CLOSED = ConfigDict(extra="forbid", strict=True)


class SubmittedIdentifiers(Identifiers):
    """Identifiers, closed."""

    model_config = CLOSED


class SubmittedEvidence(Evidence):
    """Evidence, closed."""

    model_config = CLOSED


class SubmittedWorkerRange(WorkerRange):
    """A worker range, closed."""

    model_config = CLOSED


class SubmittedSeverity(SeverityParts):
    """Severity parts, closed."""

    model_config = CLOSED


class SubmittedList(ListReference):
    """A list reference, closed."""

    model_config = CLOSED


class SubmittedProduct(Product):
    """A product, closed."""

    model_config = CLOSED


class SubmittedConditions(Conditions):
    """Contract conditions, closed."""

    model_config = CLOSED


class SubmittedClause(Clause):
    """A clause, closed."""

    model_config = CLOSED


class SubmittedSupplyLink(SupplyLink):
    """A supply link, closed."""

    model_config = CLOSED

    obtained: Known[Obtained] | None = None


class SubmittedMineral(MineralDeclaration):
    """A mineral declaration, closed."""

    model_config = CLOSED

    mineral: Known[Mineral]


class SubmittedSupplier(Value):
    """A supplier as its source names it; `ingest` knows it again by name and identifiers."""

    model_config = CLOSED

    name: Name
    country: Country | None = None
    address: Name | None = None
    identifiers: SubmittedIdentifiers | None = None


class SubmittedPlace(Value):
    """A site as its source names it; the three fields that Open Supply Hub requires."""

    model_config = CLOSED

    name: Name
    address: Name
    country: Country
    identifiers: SubmittedIdentifiers | None = None


class SubmittedSite(SiteFacts):
    """A site with what its source says of it."""

    model_config = CLOSED

    name: Name
    address: Name
    country: Country
    workers: SubmittedWorkerRange | None = None
    representation: Known[Representation] = Representation.UNKNOWN
    status: Known[SiteStatus] | None = None
    identifiers: SubmittedIdentifiers | None = None


class SubmittedRequest(Value):
    """The formal request upstream that proves due diligence: when, to which company, and what came back."""

    model_config = CLOSED

    asked_on: Day
    asked_company: Name
    answer: Known[Answer]
    answered_on: Day | None = None
    evidence: tuple[SubmittedEvidence, ...] = ()

    @model_validator(mode="after")
    def ordered(self) -> "SubmittedRequest":
        if self.answered_on is not None and self.answered_on < self.asked_on:
            raise at_field("answered_on", code="answered_before_asked")
        return self


class SubmittedNotDisclosed(Value):
    """What was not disclosed, why, and the proof that it was asked for."""

    model_config = CLOSED

    missing: Label
    reason: Known[NotDisclosedReason]
    requests: Annotated[tuple[SubmittedRequest, ...], Field(min_length=1)]


PLAIN_AMOUNT = re.compile(r"-?\d{1,20}(\.\d{1,2})?", re.ASCII)
PLAINLY: dict[str, Any] = {
    "anyOf": [
        {"type": "integer", "minimum": 0, "maximum": 999_999_999_999},
        {"type": "string", "pattern": r"^[0-9]{1,12}(\.[0-9]{1,2})?$"},
    ]
}
"""An amount with decimals is best sent as a text: as a number it is what the sender's system makes of it."""


class SubmittedMoney(Money):
    """Money, closed; an amount in a text is plain digits with a point, so that no writing has two readings."""

    model_config = CLOSED

    amount: Annotated[Amount, WithJsonSchema(PLAINLY)]

    @field_validator("amount", mode="before")
    @classmethod
    def plainly_written(cls, said: object) -> object:
        """The amount as a number. Raises PydanticCustomError `amount_invalid` for any other writing."""
        if isinstance(said, Decimal):
            return said
        written = said if isinstance(said, str) else repr(said)
        if isinstance(said, bool) or not PLAIN_AMOUNT.fullmatch(written):
            raise PydanticCustomError("amount_invalid", "an amount is written as 1250000.50")
        return Decimal(written)
