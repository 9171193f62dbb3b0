"""Keys of members: made, listed, rotated and revoked by the operator. A key is shown once and kept as a digest.

The services that a member may ask are told of each key and of its end in the same transaction, on the member's topic.
"""

import secrets
from datetime import datetime, timedelta
from typing import Any

from asyncpg import Record
from pydantic import AwareDatetime, BaseModel, Field

from services.ingest.news import news
from services.ingest.settings import IngestSettings
from services.ingest.store import keys, members
from services.ingest.store.keys import Key
from shared.events.envelope import Classification, Event
from shared.events.ingest import KeyEnded, KeyIssued
from shared.events.values import Label
from shared.events.vocabulary import KeyPurpose, Known
from shared.http import CLOSED, Problem, digest
from shared.member_keys import PURPOSES, key_of
from shared.postgres import Connection, now
from shared.service import Runtime


class MakeKey(BaseModel):
    """A further key of a member: what it is for, what its owner calls it, and for how many days it is valid."""

    model_config = CLOSED

    purposes: list[Known[KeyPurpose]] = Field(default=list(PURPOSES), min_length=1, max_length=len(PURPOSES))
    label: Label | None = None
    valid_days: int | None = Field(default=None, ge=1, le=3650)


class ShownKey(BaseModel):
    """What is told of a key. `used_on` is the last day (UTC) on which it was used."""

    kid: str
    member: str
    purposes: list[KeyPurpose]
    label: str | None
    made: AwareDatetime
    used_on: str | None
    expires: AwareDatetime | None
    revoked: AwareDatetime | None


class NewKey(BaseModel):
    """A key, shown this once."""

    kid: str
    key: str
    purposes: list[KeyPurpose]
    label: str | None
    expires: AwareDatetime | None
    replaces: str | None = None
    replaced_valid_until: AwareDatetime | None = None


async def give_key(
    tx: Connection, member: str, purposes: list[KeyPurpose], label: str | None = None, expires: datetime | None = None
) -> tuple[NewKey, Event]:
    """Make a key for a member, and the event that tells of it. The key itself is nowhere but in what this returns."""
    kid = secrets.token_hex(6)
    key = key_of(kid, secrets.token_urlsafe(32))
    chosen = [one for one in PURPOSES if one in purposes]
    await keys.insert_key(tx, Key(kid, member, digest(key), chosen, label, expires))
    told = KeyIssued(kid=kid, member=member, digest=digest(key), purposes=tuple(chosen), expires=expires)
    new = NewKey(kid=kid, key=key, purposes=chosen, label=label, expires=expires)
    return new, news(told, kid, await now(tx), Classification.MEMBER, member=member)


def key_ended(member: str, kid: str, ends: datetime, at: datetime) -> Event:
    """The event that tells of a key's end."""
    return news(KeyEnded(kid=kid, member=member, ends=ends), kid, at, Classification.MEMBER, member=member)


async def make_key(runtime: Runtime, member: str, order: MakeKey) -> NewKey:
    """A further key of a member. Raises Problem 404 for a member that is not there, 409 for one that has left."""
    async with runtime.transaction() as tx:
        await require_member(tx, member)
        days = order.valid_days
        expires = None if days is None else await now(tx) + timedelta(days=days)
        new, told = await give_key(tx, member, order.purposes, order.label, expires)
        await runtime.publish(tx, [told])
    return new


async def rotate_key(runtime: Runtime, settings: IngestSettings, member: str, kid: str) -> NewKey:
    """A new key for the same purposes; the old one stays valid for the grace period, and no longer than it was.

    Raises Problem 404 where the member has no such key in force.
    """
    async with runtime.transaction() as tx:
        await require_member(tx, member)
        old = await keys.lock_valid(tx, member, kid)
        if old is None:
            raise no_such_key()
        until = await keys.end_within(tx, kid, settings.key_grace)
        new, told = await give_key(tx, member, [KeyPurpose(one) for one in old["purposes"]], old["label"])
        await runtime.publish(tx, [told, key_ended(member, kid, until, told.time)])
    return new.model_copy(update={"replaces": kid, "replaced_valid_until": until})


async def revoke_key(runtime: Runtime, member: str, kid: str) -> ShownKey:
    """End a key at once. Repeating changes nothing. Raises Problem 404 where the member has no such key."""
    async with runtime.transaction() as tx:
        ended = await keys.revoke(tx, member, kid)
        if ended is None:
            raise no_such_key()
        if ended["is_news"]:
            at = ended["revoked_at"]
            await runtime.publish(tx, [key_ended(member, kid, at, at)])
    return shown(ended)


async def list_keys(runtime: Runtime, member: str) -> list[ShownKey]:
    """The keys of a member, without the keys themselves. Raises Problem 404 for a member that is not there."""
    if await members.read_member(runtime.pool, member) is None:
        raise no_such_member()
    return [shown(row) for row in await keys.list_keys(runtime.pool, member)]


async def require_member(tx: Connection, member: str) -> None:
    """Keep a member from leaving until the transaction ends. Raises Problem 404 or 409 where it is not there."""
    found = await members.lock_member(tx, member)
    if found is None:
        raise no_such_member()
    if found["left_at"] is not None:
        raise Problem(409, "member_left", "This member has left.")


def no_such_member() -> Problem:
    return Problem(404, "member_unknown", "There is no such member.")


def no_such_key() -> Problem:
    return Problem(404, "key_id_unknown", "This member has no such key in force: engage member key list")


def shown(row: Record) -> ShownKey:
    facts: dict[str, Any] = {"made": row["made_at"], "expires": row["expires_at"], "revoked": row["revoked_at"]}
    used_on = None if row["used_on"] is None else row["used_on"].isoformat()
    named = {name: row[name] for name in ("kid", "member", "purposes", "label")}
    return ShownKey(**named, **facts, used_on=used_on)
