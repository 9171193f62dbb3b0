"""`engage engagement rebuild`: conclude engagements again from the topics, and prove them equal to what stands."""

from typing import Annotated

import typer

from deploy.local.rebuild_command import Rebuild, run
from services.remedy.commands.options import AsJson

Keep = Annotated[bool, typer.Option("--keep", help="Keep the rebuilt schema and the copy of the live one.")]


def rebuild(keep: Keep = False, as_json: AsJson = False) -> None:
    """Conclude engagements and the follow-up of contracts again from the topics, beside the live schema, and compare.

    Exit code 0: equal, row by row; 1: it is not, and where. The service may go on meanwhile; nothing of it is changed,
    and no case is read. Needs the administrator's way to the database (ENGAGE_POSTGRES_DSN, or the local stack's) and
    the service's own settings, but no key.

    Example: engage engagement rebuild
    """
    run("remedy", load, keep, as_json)


def load() -> Rebuild:
    """What rebuilds; imported only here, for the other commands start without it."""
    from services.remedy.rebuilding import rebuild  # noqa: PLC0415

    return rebuild
