"""The dialogue of working groups with suppliers."""

from uuid_utils.compat import uuid7

from services.ingest.accepting.batch import Batch
from services.ingest.domain.publication import Dialogue, dialogue_recorded
from services.ingest.news import news
from services.ingest.store import members, registry
from services.ingest.store.submissions import Became
from shared.events.envelope import Classification
from shared.postgres import Connection


async def record_dialogue(tx: Connection, batch: Batch) -> None:
    """Tell a working group what its members report; refuse strangers to the group, and unknown suppliers."""
    entries = [(r, s, s.data) for r, s in batch.fresh.items() if isinstance(s.data, Dialogue)]
    if not entries:
        return
    groups = await members.groups_of_member(tx, batch.member)
    suppliers = await registry.known_suppliers(tx, {data.supplier for _, _, data in entries})
    for receipt, submission, data in entries:
        if data.workinggroup not in groups:
            batch.refuse(receipt, "not_a_member", "/data/workinggroup")
        elif data.supplier not in suppliers:
            batch.refuse(receipt, "supplier_unknown", "/data/supplier")
        else:
            entry = uuid7()
            told = dialogue_recorded(data, entry, batch.member)
            of = {"supplier": data.supplier, "workinggroup": data.workinggroup, "engagement": data.engagement}
            batch.became(receipt, Became.DIALOGUE, entry, **of)
            subject = data.engagement or data.supplier
            batch.events.append(
                news(told, subject, submission.time, Classification.GROUP, workinggroup=data.workinggroup)
            )
