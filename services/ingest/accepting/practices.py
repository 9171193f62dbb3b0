"""Good practices that groups recorded, and their offer to other groups."""

import json
from typing import Any
from uuid import UUID

from services.ingest.accepting.batch import Batch
from services.ingest.accepting.dialogue import fault_of_part
from services.ingest.domain.publication import TOLD_TO_OTHERS, practice_recorded
from services.ingest.news import news
from services.ingest.store import groups, practices, registry
from services.ingest.store.submissions import Became
from shared.events.envelope import Classification
from shared.events.ingest import PracticeOffered
from shared.events.members import PracticeDescribed, PracticeOfferedTo
from shared.postgres import Connection


async def record_practices(tx: Connection, batch: Batch) -> None:
    """Tell a working group of the practices that its members describe; refuses strangers, and unknown suppliers."""
    sent = list(batch.sent(PracticeDescribed))
    if not sent:
        return
    parts = await groups.parts_of(tx, batch.member, {data.workinggroup for _, _, data in sent})
    named = {data.supplier for _, _, data in sent if data.supplier is not None}
    suppliers = await registry.roots_of_suppliers(tx, named) if named else {}
    rows: list[tuple[UUID, str, str]] = []
    for receipt, submission, data in sent:
        fault = fault_of_part(parts.get(data.workinggroup))
        if fault is None and data.supplier is not None and data.supplier not in suppliers:
            fault = "supplier_unknown", "/data/supplier"
        if fault is not None:
            batch.refuse(receipt, *fault)
            continue
        supplier = None if data.supplier is None else suppliers[data.supplier]
        told = practice_recorded(data, receipt, batch.member, supplier)
        said = told.model_dump_json(include=set(TOLD_TO_OTHERS), exclude_none=True)
        rows.append((told.practice, data.workinggroup, said))
        of = {"workinggroup": data.workinggroup, "supplier": supplier, "about": told.practice}
        batch.became(receipt, Became.PRACTICE, told.practice, **of)
        heard = news(told, told.practice, submission.time, Classification.GROUP, workinggroup=data.workinggroup)
        batch.events.append(heard)
    if rows:
        await practices.insert(tx, rows)


async def offer_practices(tx: Connection, batch: Batch) -> None:
    """Tell other groups, once each, of practices that a group offers; after what the batch itself describes.

    Refuses practices that the group has not recorded or has taken back, and groups that are unknown or closed.
    """
    sent = list(batch.sent(PracticeOfferedTo))
    if not sent:
        return
    named = {group for _, _, data in sent for group in (data.workinggroup, *data.groups)}
    parts = await groups.parts_of(tx, batch.member, named)
    known = await practices.read(tx, {data.practice for _, _, data in sent})
    offers: list[tuple[UUID, str, UUID]] = []
    for receipt, _, data in sent:
        if fault := fault_of_offer(data, parts, known):
            batch.refuse(receipt, *fault)
            continue
        offers += [(data.practice, group, receipt) for group in dict.fromkeys(data.groups)]
        of = {"workinggroup": data.workinggroup, "about": data.practice}
        batch.became(receipt, Became.PRACTICE_OFFER, data.practice, **of)
    fresh = await practices.offer(tx, offers) if offers else set()
    for _, submission, data in batch.sent(PracticeOfferedTo):
        said = json.loads(known[data.practice]["said"])
        told = PracticeOffered.model_validate(said | {"practice": data.practice, "offered_by": data.workinggroup})
        for group in dict.fromkeys(data.groups):
            if (data.practice, group) in fresh:
                fresh.remove((data.practice, group))
                heard = news(told, told.practice, submission.time, Classification.GROUP, workinggroup=group)
                batch.events.append(heard)


def fault_of_offer(
    data: PracticeOfferedTo, parts: dict[str, groups.Part], known: dict[UUID, Any]
) -> tuple[str, str] | None:
    """Why a practice cannot be offered so, as code and pointer."""
    if fault := fault_of_part(parts.get(data.workinggroup)):
        return fault
    if data.practice not in known or known[data.practice]["workinggroup"] != data.workinggroup:
        return "practice_unknown", "/data/practice"
    for place, group in enumerate(data.groups):
        if group == data.workinggroup:
            return "offered_to_itself", f"/data/groups/{place}"
        if group not in parts:
            return "group_unknown", f"/data/groups/{place}"
        if parts[group].closed:
            return "group_closed", f"/data/groups/{place}"
    return None
