"""A member's own lists by HTTP."""

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import AfterValidator, BaseModel, Field

from services.ingest.api.access import parts_of, sender_of
from services.ingest.imports.withdrawing import ListUnknown, withdraw
from services.ingest.store import lists
from shared.events.reading import short_text
from shared.events.values import Label, Name
from shared.events.vocabulary import KeyPurpose
from shared.http import CLOSED, Problem

router = APIRouter()


class ListEntry(BaseModel):
    """A list of the member: the edition in force, all that were imported, and the disclosures that hold."""

    name: str
    edition: str | None
    editions: tuple[str, ...]
    disclosures: int


class Withdraw(BaseModel):
    """Which list to take back, whole or one edition of it."""

    model_config = CLOSED

    list: Annotated[Name, AfterValidator(short_text)]
    edition: Annotated[Label, AfterValidator(short_text)] | None = None
    dry_run: Annotated[bool, Field(description="Say what would be taken back; keep everything.")] = False


class Withdrawal(BaseModel):
    """What was taken back, or would be."""

    list: str
    edition: str | None
    disclosures: int
    sites: int
    dry_run: bool


@router.get("/lists")
async def show_lists(request: Request) -> tuple[ListEntry, ...]:
    """The lists that the member has imported."""
    sender = await sender_of(request, KeyPurpose.READ, KeyPurpose.IMPORT)
    rows = await lists.read_lists(parts_of(request)[0].pool, sender.member)
    return tuple(
        ListEntry(name=row["name"], edition=row["edition"], editions=row["editions"], disclosures=row["holding"])
        for row in rows
    )


@router.post("/lists/withdrawals")
async def withdraw_list(request: Request, order: Withdraw) -> Withdrawal:
    """Take back everything that a list of the member said, or what came with one of its editions.

    Another member's list and an unknown one are the same 404.
    """
    runtime, _ = parts_of(request)
    sender = await sender_of(request, KeyPurpose.IMPORT)
    try:
        found = await withdraw(runtime, sender.member, order.list, order.edition, order.dry_run)
    except ListUnknown:
        raise Problem(404, "list_unknown", "You have no list with this name and edition.") from None
    told = order.model_dump(include={"list", "edition", "dry_run"})
    return Withdrawal(**told, disclosures=found.disclosures, sites=found.sites)
