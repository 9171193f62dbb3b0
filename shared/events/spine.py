"""What the runtime of every service publishes: the records that it could not handle."""

from typing import Annotated, ClassVar, Self

from pydantic import Field, StringConstraints, model_validator

from shared.events.envelope import Classification, EventData
from shared.events.lifecycles import DeadLetterReason
from shared.events.values import BASE64, Label, Name

Offset = Annotated[int, Field(ge=0)]
Payload = Annotated[str, StringConstraints(pattern=BASE64)]


class DeadLetterRecorded(EventData):
    """A record could not be handled and waits for an operator.

    Its topic, `dead-letter.<service>`, is the runtime's choice.
    `payload` is the record's value in base64 ("" for a null), or `sealed` is, where its topic was restricted.
    """

    type: ClassVar[str] = "deadletter.recorded.v1"
    family: ClassVar[str] = ""
    classifications: ClassVar[frozenset[Classification]] = frozenset({Classification.OPERATORS})

    consumer: Label
    topic: Name
    partition: Offset
    offset: Offset
    reason: DeadLetterReason
    key: Name | None = None
    sequence: Annotated[int, Field(ge=1)] | None = None
    event_type: Name | None = None
    error: Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_.]{0,99}$")] | None = None
    payload: Payload | None = None
    sealed: Payload | None = None

    @model_validator(mode="after")
    def one_or_none(self) -> Self:
        if self.payload is not None and self.sealed is not None:
            raise ValueError("a payload is given openly or sealed, not both")
        return self
