"""`engage risk rebuild`: conclude everything again from the topics, and prove it equal to what the service has."""

from typing import Annotated

import typer

from deploy.local.rebuild_command import Rebuild, run
from services.risk.commands.options import AsJson


def register(app: typer.Typer) -> None:
    """Add the command to an application."""
    app.command("rebuild")(rebuild)


def rebuild(
    keep: Annotated[bool, typer.Option("--keep", help="Keep the rebuilt schema and the copy of the live one.")] = False,
    as_json: AsJson = False,
) -> None:
    """Conclude everything again from the topics, in a schema beside the live one, and compare all tables row by row.

    Exit code 0: equal; 1: it is not, and where. The service may go on meanwhile; nothing of it is changed. Facts are
    taken over, each edition checked: they are an operator's input and on no topic, for not all may be handed on. Needs
    the administrator's way to the database (ENGAGE_POSTGRES_DSN, or the local stack's) and the service's own settings.

    Example: engage risk rebuild
    """
    run("risk", load, keep, as_json)


def load() -> Rebuild:
    """What rebuilds; imported only here, for the other commands start without it."""
    from services.risk.rebuilding import rebuild  # noqa: PLC0415

    return rebuild
