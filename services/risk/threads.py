"""Which of what `risk` has told belongs to the thread of a subject, and what that leads to."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from services.risk.store import threads
from shared.postgres import Connection
from shared.thread import Found, Thread


@dataclass(frozen=True, slots=True)
class Finding:
    """For whom a thread is found; `reader` None is the operator, who reads all."""

    connection: Connection
    reader: str | None

    async def begin(self, thread: Thread, subject: UUID) -> None:
        """Take in what was told of a subject by any of its ids, and lead to flags and their reports."""
        thread.whole.add(subject)
        await self.of_flags(thread, [subject])
        await self.of_indicator(thread, subject)
        await self.of_contract(thread, subject)
        if ids := await threads.ids_of(self.connection, "site", subject):
            thread.whole.update(ids)
            thread.lead_to("flag", await threads.flags_at(self.connection, ids))
        if ids := await threads.ids_of(self.connection, "supplier", subject):
            thread.whole.update(ids)
            await self.of_flags(thread, await threads.flags_of(self.connection, ids))

    async def follow(self, thread: Thread, one: Found) -> None:
        """Take in what was told of something that a thread led to; of kinds that are another's nothing."""
        if one.kind == "flag":
            await self.of_flags(thread, [one.id])
        elif one.kind == "indicator":
            await self.of_indicator(thread, one.id)
        elif one.kind == "contract":
            await self.of_contract(thread, one.id)

    async def of_flags(self, thread: Thread, flags: Collection[UUID]) -> None:
        """What was told of flags, and of whose contracts they touch; it leads to their reports."""
        for row in await threads.read_flags(self.connection, flags):
            thread.name(row["keys"], row["flag"])
            thread.whole.add(row["flag"])
            thread.lead_to("flag", [row["flag"]], row["category"])
            thread.lead_to("report", row["reports"])

    async def of_indicator(self, thread: Thread, indicator: UUID) -> None:
        """What was told of an indicator."""
        thread.name(await threads.keys_of_indicator(self.connection, indicator), indicator)

    async def of_contract(self, thread: Thread, contract: UUID) -> None:
        """How what a contract reaches stands; it leads to the flags that touch it."""
        thread.whole.add(contract)
        flags = await threads.flags_touching(self.connection, contract, self.reader)
        thread.name(flags, contract)
        thread.lead_to("flag", flags)
