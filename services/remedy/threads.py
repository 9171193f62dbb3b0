"""Which of what `remedy` has told belongs to the thread of a subject, and what that leads to; never a case."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from services.remedy.store.engagement import threads
from services.remedy.store.engagement.board import ids_of_suppliers
from shared.postgres import Connection
from shared.thread import Found, Thread


@dataclass(frozen=True, slots=True)
class Finding:
    """For whom a thread is found: one who reads these groups, or (None) all."""

    connection: Connection
    groups: Collection[str] | None

    async def begin(self, thread: Thread, subject: UUID) -> None:
        """Take in what was told of a subject by any of its ids, and lead to what gives reason for its engagements."""
        thread.whole.add(subject)
        await self.of_engagements(thread, await threads.known(self.connection, [subject], self.groups))
        await self.of_reason(thread, subject)
        if await threads.is_supplier(self.connection, subject):
            suppliers = await ids_of_suppliers(self.connection, subject, None)
            thread.whole.update(await threads.statements_on(self.connection, suppliers))
            await self.of_engagements(thread, await threads.engagements_with(self.connection, suppliers, self.groups))

    async def follow(self, thread: Thread, one: Found) -> None:
        """Take in what was told of something that a thread led to; of kinds that are another's nothing."""
        if one.kind in ("flag", "indicator", "statement"):
            await self.of_reason(thread, one.id)
        elif one.kind == "contract":
            thread.whole.add(one.id)
        elif one.kind == "supplier":
            suppliers = await ids_of_suppliers(self.connection, one.id, None)
            await self.of_engagements(thread, await threads.engagements_with(self.connection, suppliers, self.groups))

    async def of_reason(self, thread: Thread, reason: UUID) -> None:
        """The engagements for which a flag, an indicator or a statement gives reason."""
        await self.of_engagements(
            thread, await threads.engagements_for(self.connection, reason, self.groups), further=False
        )

    async def of_engagements(self, thread: Thread, engagements: Collection[UUID], *, further: bool = True) -> None:
        """All that was told of engagements; it leads to their entries and, `further`, to what gives reason for them."""
        thread.whole.update(engagements)
        thread.lead_to("engagement", engagements)
        if further:
            for row in await threads.read_reasons(self.connection, engagements, self.groups):
                thread.lead_to(row["kind"], [row["id"]])
                if row["kind"] == "statement":
                    thread.whole.add(row["id"])
