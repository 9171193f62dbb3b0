"""The trustee's key pairs: made here, announced to senders, destroyed once no box can need them any more.

The private halves lie wrapped in the database of keys. A new pair comes on schedule, before the one in use ends; boxes
sealed with an older one open until that one is destroyed, with whatever copy of a box still lies anywhere.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Self

from asyncpg import Record
from prometheus_client import Gauge
from uuid_utils.compat import uuid7

from services.remedy.domain.references import key_id_of
from services.remedy.office import KEYS, SOURCE, Office, office_of
from services.remedy.store import keys as store
from services.remedy.store import receiving as arrivals
from services.remedy.timing import Timer
from services.remedy.wrapping import KeyLost
from shared import sealing
from shared.events.envelope import Classification, Event
from shared.events.remedy import TrusteeKeyPublished
from shared.logs import log
from shared.postgres import borrow, transaction
from shared.service import Runtime

OVERDUE = Gauge(
    "engage_remedy_trustee_keys_overdue",
    "Private keys of the trustee kept beyond their days of grace, because testimony waits that may need them.",
)


@dataclass(frozen=True, slots=True)
class Keyring:
    """The trustee's private keys by their ids, the newest first; for as long as boxes are being opened."""

    keys: Mapping[str, str] = field(repr=False)

    @classmethod
    async def read(cls, office: Office) -> Self:
        """Every private key that there is. One that cannot be unwrapped is left out, which is logged."""
        async with borrow(office.runtime.databases[KEYS]) as connection:
            rows = await store.read_live_trustee_keys(connection)
        found = {}
        for row in rows:
            with suppress(KeyLost):
                private = await office.vault.service.unwrap(row["wrapped"], context_of_trustee(row["key_id"]))
                found[row["key_id"]] = sealing.encode(private)
        if lost := len(rows) - len(found):
            log.error("keys of the trustee cannot be unwrapped with the wrapping keys that are set", count=lost)
        return cls(found)

    def open(self, box: str, key_id: str | None = None) -> bytes:
        """What a box of testimony holds, by the key it is said to be sealed with, else by any. Raises CannotOpen."""
        for key in (self.keys[own] for own in sorted(self.keys, key=lambda own: own != key_id)):
            try:
                return sealing.open_box(box, key, sealing.TESTIMONY)
            except sealing.CannotOpen:
                continue
        raise sealing.CannotOpen


async def open_box(office: Office, box: str, key_id: str | None = None) -> bytes:
    """What a box holds that was sealed to one of the trustee's keys. Raises sealing.CannotOpen."""
    return (await Keyring.read(office)).open(box, key_id)


def context_of_trustee(key_id: str) -> bytes:
    """What a private key of the trustee is wrapped for."""
    return f"engage/trustee-key/v1|{key_id}".encode()


async def current_key(office: Office) -> Record:
    """The newest of the trustee's keys; made here, once, where there is none or it soon ends."""
    settings, keys = office.settings, office.runtime.databases[KEYS]
    async with borrow(keys) as connection:
        if found := await store.read_current_trustee_key(connection, settings.trustee_key_overlap_days):
            return found
    private, public = sealing.generate_key()
    key_id, service = key_id_of(public), office.vault.service
    wrapped = await service.wrap(sealing.decode(private), context_of_trustee(key_id))
    made_with = await service.current()
    async with transaction(keys) as tx:
        await store.take_turn(tx)
        found = await store.read_current_trustee_key(tx, settings.trustee_key_overlap_days)
        days = settings.trustee_key_days
        return found or await store.insert_trustee_key(tx, key_id, public, wrapped, made_with, days)


# By the clock


async def rotate(runtime: Runtime) -> bool:
    """Have a key in use that does not end soon, and announce each key on `public.keys` once; never more to do.

    Boxes that were set aside are tried again, for a key may have come back, and a release may read what one before
    could not.
    """
    office = office_of(runtime)
    await current_key(office)
    async with borrow(runtime.databases[KEYS]) as connection:
        keys = await store.read_live_trustee_keys(connection)
    async with runtime.transaction() as tx:
        new = await arrivals.note_announced(tx, [key["key_id"] for key in keys])
        await runtime.publish(tx, [key_published(key) for key in keys if key["key_id"] in new])
        await arrivals.retry_set_aside(tx)
    return False


def key_published(key: Record) -> Event:
    """The announcement of a key."""
    data = TrusteeKeyPublished(
        key=key["key_id"],
        algorithm=sealing.ALGORITHM,
        public_key=key["public_key"],
        valid_from=key["valid_from"],
        valid_to=key["valid_to"],
    )
    return Event(
        id=uuid7(),
        source=SOURCE,
        type=data.type,
        subject=data.key,
        time=data.valid_from,
        classification=Classification.PUBLIC,
        data=data,
    )


async def destroy_old(runtime: Runtime, timer: Timer) -> bool:
    """Destroy private keys that ended long ago and that no box needs which is still to be opened; never more to do.

    Nothing is destroyed while the clock is wrong. A box that was set aside counts: it may be that its key could not be
    unwrapped for a time. One that has not come yet does not: the days of grace are longer than any topic on the way
    keeps a record. The gauge tells of keys that are kept beyond their time, for boxes that somebody must look at.
    """
    office = office_of(runtime)
    if not await timer.clock_is_right(office):
        return False
    async with borrow(runtime.databases[KEYS]) as connection:
        ended = await store.read_ended_trustee_keys(connection, office.settings.trustee_key_grace_days)
    async with borrow(runtime.pool) as data:
        needed = await arrivals.read_keys_needed(data, ended)
    OVERDUE.set(len(needed))
    if len(needed) == len(ended):
        return False
    async with transaction(runtime.databases[KEYS]) as tx:
        destroyed = await store.destroy_trustee_keys(tx, [key for key in ended if key not in needed])
        if destroyed:
            await store.note_remains(tx)
            log.info("private keys of the trustee destroyed", count=destroyed)
    return False
