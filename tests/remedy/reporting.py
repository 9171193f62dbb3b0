"""A reporter in the tests: testimony that was taken in, and the receipt that leads to it."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx
from asyncpg import Record

from services.remedy import trustee
from services.remedy.audit import Action
from services.remedy.casework import Actor, Decide, Work, act
from services.remedy.domain import life
from services.remedy.domain.dossier import Dossier, Moment
from services.remedy.office import Office
from services.remedy.receipts import draw_receipt
from services.remedy.store import cases
from services.remedy.taking_in import take_in
from services.remedy.vault import Part, Writing
from shared.events.remedy.cases import CaseFact
from shared.events.remedy.words import Party
from tests.remedy.given import OPEN_CASES, handle, received, sealed, testimony

HANDLER = Actor(Party.HANDLER, uuid4())


@dataclass(frozen=True, slots=True)
class Reporter:
    """Somebody with a receipt, at the door; `key` is the trustee's public key."""

    client: httpx.AsyncClient
    case: UUID
    receipt: str
    key: str

    async def ask(self, path: str, **said: Any) -> httpx.Response:
        """What the door answers to this reporter."""
        return await self.client.post(f"/door/{path}", json={"receipt": self.receipt} | said)

    async def told(self, path: str, **said: Any) -> dict[str, Any]:
        """The same, where it was done."""
        answer = await self.ask(path, **said)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def write(self, **fields: Any) -> httpx.Response:
        """Send a message, sealed."""
        return await self.ask("messages", sealed=sealed(testimony(**fields), self.key))


async def reporter(office: Office, client: httpx.AsyncClient, **fields: Any) -> Reporter:
    """Somebody whose testimony was taken in."""
    key = (await trustee.current_key(office))["public_key"]
    receipt, case = draw_receipt(), uuid4()
    box = sealed(testimony(receipt=receipt, **fields), key)
    async with office.runtime.transaction() as tx:
        await handle(OPEN_CASES, tx, received(case=case, box=box, key=key))
    while await take_in(office.runtime):
        pass
    return Reporter(client, case, receipt, key)


async def handled(office: Office, case: UUID, decide: Decide, *writings: Writing) -> None:
    """A handler does something to a case."""
    async with office.runtime.transaction() as tx:
        row = await cases.lock_by_id(tx, case)
        assert isinstance(row, Record)
        await act(office, tx, row, Work(HANDLER, Action.MOVED, decide, writings))


async def happened(office: Office, case: UUID, *facts: CaseFact) -> None:
    """These facts happen to a case, whatever its rules say."""

    def decide(_dossier: Dossier, _moment: Moment) -> list[CaseFact]:
        return list(facts)

    await handled(office, case, decide)


async def asked(office: Office, case: UUID, question: str) -> None:
    """A handler asks the reporter something."""
    words = Writing(Part.MESSAGE_OUT, question.encode())
    await handled(office, case, lambda dossier, _: life.write(dossier, Party.HANDLER), words)
