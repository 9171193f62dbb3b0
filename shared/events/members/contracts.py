"""What members send of their contracts."""

from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from shared.events.members.door import DoorData
from shared.events.submitted import (
    SubmittedConditions,
    SubmittedMoney,
    SubmittedSupplier,
)
from shared.events.values import (
    Day,
    Label,
    Name,
    Slug,
    at_field,
)
from shared.events.vocabulary import (
    ContractEnd,
    ContractLevel,
    Known,
)


class ContractRegistered(DoorData):
    """A member has a contract, or announces one; under the same reference again it is modified.

    Level and parent follow framework, call-off and end user. Under another member's framework a call-off counts only if
    that framework names its buyer among `end_users`. Without a supplier the contract is not awarded yet.
    """

    type: ClassVar[str] = "contract.registered.v1"

    reference: Label
    supplier: SubmittedSupplier | None = None
    level: Known[ContractLevel]
    parent: Annotated[Label | None, Field(description="The reference of the framework or call-off above it.")] = None
    parent_member: Annotated[Slug | None, Field(description="Whose reference `parent` is, unless the sender's.")] = None
    end_users: Annotated[
        tuple[Slug, ...], Field(max_length=1000, description="Members that buy or use under this contract.")
    ] = ()
    ocid: Label | None = None
    notice: Annotated[Label | None, Field(description="The public notice that tells of it.")] = None
    title: Name | None = None
    starts: Day | None = None
    ends: Day | None = None
    value_band: Label | None = None
    value: Annotated[SubmittedMoney | None, Field(description="The estimated or awarded value.")] = None
    conditions: SubmittedConditions | None = None

    @model_validator(mode="after")
    def ordered(self) -> Self:
        if self.starts and self.ends and self.ends < self.starts:
            raise at_field("ends", code="ends_before_start")
        if self.parent_member is not None and self.parent is None:
            raise at_field("parent", code="parent_missing")
        return self


class ContractEnded(DoorData):
    """A contract no longer binds. What was disclosed for it is no longer shown to its buyers."""

    type: ClassVar[str] = "contract.ended.v1"

    reference: Label
    ended_on: Day
    reason: Known[ContractEnd]
    notice: Label | None = None
