"""What `notify` does by the clock: it sends what is due, makes digests, and tells how long the oldest mail waits."""

from typing import cast

from services.notify import digest, domain, store
from services.notify.domain import Role
from services.notify.letters import Template
from services.notify.metrics import OLDEST_UNSENT
from services.notify.sender import Sender
from services.notify.settings import NotifySettings
from shared.postgres import Connection, borrow
from shared.service import Runtime, Task
from shared.settings import Settings

LOOK_SECONDS = 5.0


def settings_of(settings: Settings) -> NotifySettings:
    """The settings, as what `notify` was started with."""
    return cast(NotifySettings, settings)


async def send_mail(runtime: Runtime) -> bool:
    """Send mail for as long as the service runs."""
    await Sender(runtime, settings_of(runtime.settings)).run()
    return False


async def make_digest(runtime: Runtime) -> bool:
    """Make the digest of the window that ended last, once among all processes, if there is somebody to read it."""
    length = settings_of(runtime.settings).digest_every.total_seconds()
    async with borrow(runtime.pool) as connection:
        until = await store.window_end(connection, length)
        if await store.has_digest(connection, until):
            return False
    async with runtime.transaction() as tx:
        await write_digest(tx, length)
    return False


async def write_digest(tx: Connection, length: float) -> int:
    """Put what waits into the digest of the window that is over, and write its mails; the number of mails.

    Nothing is sent about a window in which nothing happened. While nobody is registered the entries go on waiting.
    """
    until = await store.window_end(tx, length)
    recipients = await store.recipients_with(tx, Role.SECRETARIAT)
    if not recipients or not await store.take_window(tx, until):
        return 0
    await store.take_entries(tx, until)
    since = await store.previous_window(tx, until)
    letter = digest.compose(since, until, await store.tallies(tx, until, digest.NAMES_SHOWN))
    if letter is None:
        return 0
    variables = letter.model_dump_json(exclude_none=True)
    key = until.isoformat()
    mails = [domain.intent(key, Template.DIGEST, variables, recipient, until) for recipient in recipients]
    await store.add_intents(tx, mails)
    return len(mails)


async def look_at_age(runtime: Runtime) -> bool:
    """Set the gauge of the oldest unsent mail."""
    async with borrow(runtime.pool) as connection:
        OLDEST_UNSENT.set(await store.oldest_unsent_age(connection))
    return False


TASKS = (
    Task("send mail", send_mail),
    Task("make digest", make_digest, lambda settings: min(1.0, settings_of(settings).digest_every.total_seconds() / 4)),
    Task("look at mail age", look_at_age, lambda _settings: LOOK_SECONDS),
)
