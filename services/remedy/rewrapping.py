"""Wrapping keys anew, and clearing away what destroyed keys leave in the files of the database of keys."""

from uuid import UUID

from services.remedy.office import KEYS, Office, office_of
from services.remedy.store import keys as store
from services.remedy.store.keys import CaseKey, Wrapped
from services.remedy.trustee import context_of_trustee
from services.remedy.vault import context_of
from services.remedy.wrapping import KeyLost
from shared.logs import log
from shared.postgres import borrow, transaction
from shared.service import Runtime

AT_ONCE = 100
"""Keys that are wrapped anew in one transaction: few, where a key management service is asked for each."""


async def rewrap(runtime: Runtime) -> bool:
    """Wrap anew each key that is under an older wrapping key than the present one; never more to do.

    Afterwards `case_key_before` is not needed; without it no old copy of a destroyed key is of use to anybody.
    A key that cannot be unwrapped is left as it is, and the log tells how many.
    """
    office = office_of(runtime)
    current = await office.vault.service.current()
    done, lost = await rewrap_case_keys(office, current)
    more, more_lost = await rewrap_trustee_keys(office, current)
    if lost + more_lost:
        log.error("keys cannot be unwrapped with the wrapping keys that are set", count=lost + more_lost)
    if done + more:
        log.info("keys wrapped anew", count=done + more)
        async with transaction(runtime.databases[KEYS]) as tx:
            await store.note_remains(tx)
    return False


async def rewrap_case_keys(office: Office, current: str) -> tuple[int, int]:
    """How many keys of cases were wrapped anew, and how many could not be."""
    after, done, lost = (UUID(int=0), ""), 0, 0
    while True:
        async with transaction(office.runtime.databases[KEYS]) as tx:
            found = await store.take_outdated(tx, current, after, AT_ONCE)
            new = [key for one in found if (key := await wrapped_anew(office, one, current))]
            await store.replace_case_keys(tx, new)
        done, lost = done + len(new), lost + len(found) - len(new)
        if len(found) < AT_ONCE:
            return done, lost
        after = (found[-1].case, found[-1].kind)


async def wrapped_anew(office: Office, key: Wrapped, current: str) -> Wrapped | None:
    """A key of a case in its new wrapping; None where the old one cannot be taken off."""
    context = context_of(CaseKey(key.case, key.kind))
    try:
        return key._replace(wrapped=await rewrapped(office, key.wrapped, context), made_with=current)
    except KeyLost:
        return None


async def rewrap_trustee_keys(office: Office, current: str) -> tuple[int, int]:
    """How many private keys of the trustee were wrapped anew, and how many could not be."""
    done = lost = 0
    async with transaction(office.runtime.databases[KEYS]) as tx:
        for row in await store.read_live_trustee_keys(tx):
            if row["made_with"] != current:
                try:
                    wrapped = await rewrapped(office, row["wrapped"], context_of_trustee(row["key_id"]))
                except KeyLost:
                    lost += 1
                else:
                    await store.rewrap_trustee_key(tx, row["key_id"], wrapped, current)
                    done += 1
    return done, lost


async def rewrapped(office: Office, wrapped: bytes, context: bytes) -> bytes:
    """A key under the present wrapping key. Raises KeyLost."""
    service = office.vault.service
    return await service.wrap(await service.unwrap(wrapped, context), context)


async def clear_remains(runtime: Runtime) -> bool:
    """Write the tables of keys anew where keys were destroyed, so that their files do not hold them; never more to do.

    The server's log of changes still does until it is recycled, and so do backups: they hold keys wrapped, and are of
    no use once the wrapping key has been changed.
    """
    async with borrow(runtime.databases[KEYS]) as connection:
        until = await store.read_remains(connection)
        if until is not None:
            await store.rewrite_tables(connection)
            await store.forget_remains(connection, until)
    return False
