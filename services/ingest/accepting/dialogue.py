"""The dialogue of working groups with suppliers: who may speak in it, and of what."""

from collections.abc import Container
from uuid import UUID

from services.ingest.accepting.batch import Batch
from services.ingest.news import news
from services.ingest.store import asks, groups, registry
from services.ingest.store.groups import Part
from services.ingest.store.submissions import Became
from shared.events.envelope import Classification
from shared.events.ingest import AskRecorded
from shared.events.members import GroupEntry
from shared.events.recorded import dialogue_recorded
from shared.postgres import Connection


async def record_dialogue(tx: Connection, batch: Batch) -> None:
    """Tell a working group what its members report, in the role that each has now.

    Refuses strangers to the group, closed groups, and unknown suppliers and sites. Whether an engagement takes the
    entry is decided by `remedy`, which keeps engagements. An entry's id is its receipt: its sender finds it by that.
    """
    sent = list(batch.sent(GroupEntry))
    if not sent:
        return
    parts = await groups.parts_of(tx, batch.member, {data.workinggroup for _, _, data in sent})
    suppliers = await registry.roots_of_suppliers(tx, {data.supplier for _, _, data in sent})
    named = {site for _, _, data in sent for site in sites_of(data)}
    sites = await registry.roots_of_sites(tx, named) if named else {}
    asked: list[tuple[str, AskRecorded]] = []
    for receipt, submission, data in sent:
        part = parts.get(data.workinggroup)
        if fault := fault_of_part(part) or fault_of_names(data, suppliers, sites):
            batch.refuse(receipt, *fault)
            continue
        assert part is not None
        assert part.role is not None
        told = dialogue_recorded(data, receipt, batch.member, part.role, suppliers, sites)
        of = {"supplier": told.supplier, "workinggroup": data.workinggroup, "engagement": data.engagement}
        batch.became(receipt, Became.DIALOGUE, told.entry, **of)
        heard = news(told, data.engagement, submission.time, Classification.GROUP, workinggroup=data.workinggroup)
        batch.events.append(heard)
        if isinstance(told, AskRecorded):
            asked.append((data.workinggroup, told))
    await asks.keep_asks(tx, asked, batch.at)


def fault_of_part(part: Part | None) -> tuple[str, str] | None:
    """Why a member may not speak in a working group, as code and pointer."""
    if part is None or part.role is None:
        return "not_a_member", "/data/workinggroup"
    return ("group_closed", "/data/workinggroup") if part.closed else None


def fault_of_names(data: GroupEntry, suppliers: Container[UUID], sites: Container[UUID]) -> tuple[str, str] | None:
    """The first supplier or site that the registry does not have, as code and pointer."""
    if data.supplier not in suppliers:
        return "supplier_unknown", "/data/supplier"
    places = (place for place, site in enumerate(sites_of(data)) if site not in sites)
    return next((("site_unknown", f"/data/sites/{place}") for place in places), None)


def sites_of(data: GroupEntry) -> tuple[UUID, ...]:
    """The sites that an entry names."""
    sites: tuple[UUID, ...] = getattr(data, "sites", ())
    return sites
