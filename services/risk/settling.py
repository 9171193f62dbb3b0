"""The one path by which something follows from what was written: flags, assessments, then whose contracts they touch.

What ought to hold now is reckoned from what was told, and compared with what was last published: only the difference is
published, nothing twice, and the order in which things arrived makes no difference to where it ends.
"""

from services.risk.assessing import reassess
from services.risk.assessing_contracts import assess_contracts
from services.risk.exposing import expose
from services.risk.flagging import regroup
from services.risk.settings import RiskSettings
from services.risk.touched import Touched
from shared.events.envelope import Event
from shared.postgres import Connection


async def settle(tx: Connection, touched: Touched, settings: RiskSettings) -> list[Event]:
    """Publish what follows from what a transaction has written. The caller has taken the turn (`store.turn`).

    Each step adds to `touched` what it changes for the next ones.
    """
    events = await regroup(tx, touched, settings)
    events += await reassess(tx, touched, settings)
    events += await expose(tx, touched, settings)
    return events + await assess_contracts(tx, touched, settings)
