"""What `notify` publishes: what became of each mail, never to which address. Subject: `lane-00` to `lane-15`."""

from typing import ClassVar
from uuid import UUID

from shared.events.envelope import Classification, EventData
from shared.events.lifecycles import DeliveryEnd
from shared.events.values import Count, Label, Name

OPERATORS = frozenset({Classification.OPERATORS})


class NotificationDelivered(EventData):
    """The mail server accepted a mail; one intent is one mail, however often it was tried."""

    type: ClassVar[str] = "notification.delivered.v1"
    family: ClassVar[str] = "outcome"
    classifications: ClassVar[frozenset[Classification]] = OPERATORS

    intent: UUID
    template: Label
    attempts: Count
    message_id: Name | None = None


class NotificationFailed(EventData):
    """A mail will not be tried again; somebody must be told another way."""

    type: ClassVar[str] = "notification.failed.v1"
    family: ClassVar[str] = "outcome"
    classifications: ClassVar[frozenset[Classification]] = OPERATORS

    intent: UUID
    template: Label
    attempts: Count
    reason: DeliveryEnd
    message_id: Name | None = None


class NotificationCancelled(EventData):
    """A mail was no longer needed before it was sent."""

    type: ClassVar[str] = "notification.cancelled.v1"
    family: ClassVar[str] = "outcome"
    classifications: ClassVar[frozenset[Classification]] = OPERATORS

    intent: UUID
    template: Label
    attempts: Count
    reason: DeliveryEnd
