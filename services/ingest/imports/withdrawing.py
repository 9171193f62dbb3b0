"""Lists as a whole: what a member has imported, and taking back what a list said."""

from dataclasses import dataclass
from uuid import UUID

from services.ingest import rehearsal
from services.ingest.imports.changes import withdraw_listed
from services.ingest.store import disclosures, lists
from shared.postgres import now
from shared.service import Runtime


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """What was taken back, or would be."""

    disclosures: int
    sites: int


class ListUnknown(LookupError):
    """The member has no such list, or the list no such edition."""


async def withdraw(runtime: Runtime, member: str, name: str, edition: str | None, dry_run: bool) -> Withdrawn:
    """Take back everything that a list said, or what came with one of its editions, new or changed.

    Whoever was told is told of the end. The same file may be imported again afterwards. Raises ListUnknown.
    """
    async with rehearsal.transaction(runtime, dry_run) as tx:
        if not await lists.lock_known(tx, member, name):
            raise ListUnknown
        if edition is not None and edition not in await disclosures.read_editions(tx, member, name):
            raise ListUnknown
        holding = (await disclosures.read_standing(tx, member, name)).values()
        taken = [one for one in holding if edition in (None, one.edition)]
        sites: set[UUID] = {one.site for one in taken if one.site is not None}
        await runtime.publish(tx, await withdraw_listed(tx, taken, await now(tx)))
        await lists.forget_editions(tx, member, name, edition)
    return Withdrawn(len(taken), len(sites))
