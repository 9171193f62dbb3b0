"""What `remedy` does with the events of others: testimony becomes a case, a flag a reason to propose an engagement."""

from collections.abc import Callable

from services.remedy.proposing import propose_for_flags, propose_for_groups
from services.remedy.receiving import testimony_handler
from services.remedy.settings import RemedySettings
from shared.consumer import Handler


def build(settings: Callable[[], RemedySettings]) -> tuple[Handler, ...]:
    """The handlers of this service; `settings` is called when a batch of testimony is at hand."""
    return testimony_handler(settings), propose_for_flags, propose_for_groups
