"""What `remedy` does with the events of others: testimony becomes a case, a flag a reason to propose an engagement."""

from collections.abc import Callable

from services.remedy.engaging import dialogue_handler
from services.remedy.exposing import follow_exposure
from services.remedy.following import follow_up_handler
from services.remedy.proposing import risk_handler
from services.remedy.receiving import testimony_handler
from services.remedy.registering import follow_keys, registry_handler
from services.remedy.settings import RemedySettings
from shared.consumer import Handler


def build(settings: Callable[[], RemedySettings]) -> tuple[Handler, ...]:
    """The handlers of this service; `settings` is called when a first batch is at hand."""
    return (
        testimony_handler(settings),
        registry_handler(settings),
        follow_keys,
        risk_handler(settings),
        dialogue_handler(settings),
        follow_up_handler(settings),
        follow_exposure,
    )
