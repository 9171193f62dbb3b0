"""How something follows from what was written: flags, assessments, then whose contracts they touch.

What ought to hold now is reckoned from what was told, and compared with what was last published: only the difference is
published, nothing twice, and the order in which things arrived makes no difference to where it ends.
"""

from collections.abc import AsyncIterator, Sequence
from uuid import UUID

from services.risk.assessing import reassess
from services.risk.assessing_contracts import assess_contracts
from services.risk.exposing import expose
from services.risk.flagging import regroup
from services.risk.news import Cause
from services.risk.settings import RiskSettings
from services.risk.touched import Touched
from shared.events.envelope import Event
from shared.logs import log
from shared.postgres import Connection

PAGE = 2000
"""Sites that are looked at together."""


async def settle(tx: Connection, touched: Touched, settings: RiskSettings) -> list[Event]:
    """Publish what follows from what a transaction has written. The caller has taken the turn (`store.turn`).

    Each step adds to `touched` what it changes for the next ones.
    """
    events = await regroup(tx, touched, settings)
    events += await reassess(tx, touched, settings)
    events += await expose(tx, touched, settings)
    return events + await assess_contracts(tx, touched, settings)


async def settle_again(
    tx: Connection, sites: Sequence[UUID], cause: Cause, settings: RiskSettings
) -> AsyncIterator[list[Event]]:
    """The same where the facts or the model changed, to publish page by page: no flag and no exposure moves by that.

    Each contract that reaches a site that changed is assessed once, at the end.
    """
    reached = Touched()
    for start in range(0, len(sites), PAGE):
        page = Touched()
        page.touch(page.sites, sites[start : start + PAGE], cause)
        yield await reassess(tx, page, settings)
        reached.contracts |= page.contracts
        log.info("sites assessed again", cause=cause.kind, count=min(start + PAGE, len(sites)))
    yield await assess_contracts(tx, reached, settings)
