"""What everything that a member sends has in common."""

from typing import ClassVar

from pydantic import ConfigDict

from shared.events.envelope import Classification, EventData
from shared.events.values import (
    Name,
)
from shared.events.vocabulary import (
    Known,
    SourceClass,
    WithdrawalReason,
)


class DoorData(EventData):
    """What a member sends. It is never published as it is: `ingest` checks it, resolves it and passes it on."""

    model_config = ConfigDict(extra="forbid", strict=True)

    family: ClassVar[str] = "intake"
    classifications: ClassVar[frozenset[Classification]] = frozenset()


class SubmissionWithdrawn(DoorData):
    """The sender takes back one of its own events; `submission` is the CloudEvents id under which it was sent.

    Testimony is taken back by its reporter, not here: nothing leads from a sender to a case.
    """

    type: ClassVar[str] = "submission.withdrawn.v1"

    submission: Name
    reason: Known[WithdrawalReason]


WORKER_SIDE = frozenset({SourceClass.WORKER, SourceClass.UNION, SourceClass.MONITORING_PARTNER})
"""Their word is sent sealed, as testimony, or not at all."""
