"""Contacts are issued by a member of the working group or the operator, for a time, and revoked at once.

A secret is shown once and kept as a digest. No person is named: the label says which part of the company it is.
"""

import secrets
from datetime import timedelta
from uuid import UUID

from asyncpg import Record
from pydantic import AwareDatetime, BaseModel, Field

from services.ingest.contacts.keys import key_of, link_of
from services.ingest.settings import IngestSettings
from services.ingest.store import asks, contacts, members
from services.ingest.store.contacts import Contact
from shared.events.values import Label, Name, Slug
from shared.http import CLOSED, Fault, Problem, digest, key_unknown
from shared.postgres import Connection, now
from shared.service import Runtime


class IssueContact(BaseModel):
    """Who may answer for a supplier: to one working group or, where `ask` is given, to that ask only."""

    model_config = CLOSED

    workinggroup: Slug
    supplier: UUID
    ask: UUID | None = None
    label: Label = Field(description="Which part of the company, such as 'compliance desk'; no person's name.")
    valid_days: int | None = Field(default=None, ge=1, le=365)


class ShownContact(BaseModel):
    """What is told of a contact, never its secret. `used_on` is the last day (UTC) on which it was used."""

    kid: str
    workinggroup: Slug
    supplier: UUID
    supplier_name: Name
    ask: UUID | None
    label: str
    issued_by: Slug | None
    issued: AwareDatetime
    used_on: str | None
    expires: AwareDatetime
    revoked: AwareDatetime | None


class NewContact(BaseModel):
    """A contact with its key, and the link that holds it; both shown this once."""

    kid: str
    key: str
    link: str
    workinggroup: Slug
    supplier: UUID
    supplier_name: Name
    label: str
    expires: AwareDatetime


async def issue(
    runtime: Runtime, settings: IngestSettings, address: str, member: str | None, order: IssueContact
) -> NewContact:
    """Issue a key for a contact of a supplier; `member` is who issues it, None the operator.

    Raises Problem 401 where the member has left meanwhile, 404 for a group that is closed or not the member's, and for
    a supplier or an ask that is not there, 409 where no ask stands: a company that is asked nothing learns of no group.
    """
    async with runtime.transaction() as tx:
        if member is not None and await members.kind_of(tx, member) is None:
            raise key_unknown()
        if not await contacts.speaks_for(tx, order.workinggroup, member):
            raise refused(404, "not_a_member", "/workinggroup", "You are of no open working group with this id.")
        supplier = await contacts.root_of(tx, order.supplier)
        if supplier is None:
            raise refused(404, "supplier_unknown", "/supplier", "There is no such supplier: engage list shows them.")
        await require_ask(tx, order, supplier)
        kid = secrets.token_hex(6)
        key = key_of(kid, secrets.token_urlsafe(32))
        within = settings.contact_valid if order.valid_days is None else timedelta(days=order.valid_days)
        expires = await now(tx) + within
        row = Contact(kid, digest(key), order.workinggroup, supplier, order.ask, order.label, member, expires)
        name = await contacts.insert_contact(tx, row)
    whose = {"workinggroup": order.workinggroup, "supplier": supplier, "supplier_name": name, "label": order.label}
    return NewContact(kid=kid, key=key, link=link_of(address, key), expires=expires, **whose)


async def require_ask(tx: Connection, order: IssueContact, supplier: UUID) -> None:
    """Raises Problem 404 where the group never asked this of the supplier, 409 where no ask takes answers (yet)."""
    if order.ask is not None and not await asks.was_asked(tx, order.ask, order.workinggroup, supplier):
        raise refused(404, "ask_unknown", "/ask", "This working group has not asked that of this supplier.")
    if not await asks.any_stands(tx, order.workinggroup, supplier, order.ask):
        detail = "No such ask of this group takes answers, or not yet: engage engagement show says how its asks stand."
        raise refused(409, "ask_not_standing", "/supplier" if order.ask is None else "/ask", detail)


def refused(status: int, code: str, pointer: str, detail: str) -> Problem:
    return Problem(status, code, detail, [Fault(pointer=pointer, code=code, remedy=detail)])


async def revoke(runtime: Runtime, member: str | None, kid: str) -> ShownContact:
    """End a contact at once. Repeating changes nothing. Raises Problem 404 where the member may know of none such."""
    async with runtime.transaction() as tx:
        ended = await contacts.revoke(tx, member, kid)
    if ended is None:
        raise Problem(404, "contact_unknown", "There is no such contact: engage contact list")
    return shown(ended)


def shown(row: Record) -> ShownContact:
    told = dict(row) | {"issued": row["issued_at"], "expires": row["expires_at"], "revoked": row["revoked_at"]}
    return ShownContact.model_validate(told | {"used_on": row["used_on"] and row["used_on"].isoformat()})
