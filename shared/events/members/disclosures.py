"""What members send of sites: what suppliers disclose, and that they were asked."""

from typing import Annotated, ClassVar, Self
from uuid import UUID

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from shared.events.members.door import DoorData
from shared.events.submitted import (
    SubmittedEvidence,
    SubmittedList,
    SubmittedMineral,
    SubmittedNotDisclosed,
    SubmittedProduct,
    SubmittedSite,
    SubmittedSupplier,
    SubmittedSupplyLink,
)
from shared.events.values import (
    Day,
    Label,
    Percent,
    at_field,
)
from shared.events.vocabulary import (
    Confidence,
    DisclosureScope,
    Known,
    Tier,
)


class DisclosureSubmitted(DoorData):
    """A source names one site of a supplier, or says that it asked and was not told.

    Vocabulary: Open Supply Hub (site), CMRT and EMRT (scope, mineral), Electronics Watch (product-specific disclosure).
    Exactly one of `site` and `not_disclosed` is given; a declaration about a product names its model.
    """

    type: ClassVar[str] = "disclosure.submitted.v1"

    supplier: SubmittedSupplier
    site: SubmittedSite | None = None
    not_disclosed: SubmittedNotDisclosed | None = None
    list: SubmittedList
    published: Annotated[bool, Field(description="The source has published this itself.")] = False
    request: Annotated[UUID | None, Field(description="The receipt of the request that this answers.")] = None
    contract: Annotated[Label | None, Field(description="The sender's own reference of a contract.")] = None
    scope: Known[DisclosureScope] = DisclosureScope.COMPANY
    period_start: Day | None = None
    period_end: Day | None = None
    effective: Day | None = None
    completeness_percent: Percent | None = None
    product: SubmittedProduct | None = None
    tier: Known[Tier] = Tier.UNKNOWN
    component: Label | None = None
    mineral: SubmittedMineral | None = None
    link: SubmittedSupplyLink | None = None
    confidence: Known[Confidence] | None = None
    evidence: tuple[SubmittedEvidence, ...] = ()

    @model_validator(mode="after")
    def complete(self) -> Self:
        if (self.site is None) == (self.not_disclosed is None):
            raise PydanticCustomError("site_or_not_disclosed", "either a site or what was not disclosed")
        if self.scope is DisclosureScope.PRODUCT and (self.product is None or self.product.model is None):
            raise at_field("product", "model", code="product_model_missing")
        return self


class DisclosureRequested(DoorData):
    """A buyer asked a supplier for a self-report or a list of sites; its clock starts on the day of the request.

    Without `due` the service's default holds (DFØ: six weeks after signature). The request is known by its receipt.
    """

    type: ClassVar[str] = "disclosure.requested.v1"

    supplier: SubmittedSupplier
    contract: Annotated[Label | None, Field(description="The sender's own reference of a contract.")] = None
    wanted: Label
    asked_on: Day
    due: Day | None = None
    template: Annotated[Label | None, Field(description="The form that was sent, with its version.")] = None

    @model_validator(mode="after")
    def ordered(self) -> Self:
        if self.due is not None and self.due < self.asked_on:
            raise at_field("due", code="due_before_asked")
        return self
