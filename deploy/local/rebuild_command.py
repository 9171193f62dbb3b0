"""The commands that rebuild a service, without what differs between them."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from typing import Any

import typer
from rich.console import Console

from deploy.local.rebuilt import Rebuilt, document, tell
from shared.client import CommandError, kafka_bootstrap

Rebuild = Callable[..., Coroutine[Any, Any, Rebuilt]]
"""Takes the administrator's DSN, where Kafka answers and what to report to; `keep` by name."""


def run(service: str, load: Callable[[], Rebuild], keep: bool, as_json: bool) -> None:
    """Rebuild a service, tell what was found, and exit: 0 where it is equal. `load` imports what rebuilds it.

    Raises CommandError.
    """
    console = Console(highlight=False, markup=False, stderr=as_json, soft_wrap=True)
    found = rebuilt(service, load, console, keep)
    if as_json:
        typer.echo(json.dumps(document(found), indent=2, ensure_ascii=False))
    else:
        tell(console, found)
    raise typer.Exit(0 if found.is_equal else 1)


def rebuilt(service: str, load: Callable[[], Rebuild], console: Console, keep: bool) -> Rebuilt:
    """What a rebuild found; how far it is, is told on the console. Raises CommandError."""
    # The other commands start without a Kafka client, a database's and the service's handlers.
    from aiokafka.errors import KafkaError  # noqa: PLC0415

    from deploy.local.beside import operator_dsn  # noqa: PLC0415
    from deploy.local.errors import StackError  # noqa: PLC0415
    from deploy.local.rebuilding import RebuildRefused  # noqa: PLC0415
    from deploy.local.state import StateFolder  # noqa: PLC0415
    from shared.logs import configure  # noqa: PLC0415
    from shared.replaying import ReadingStopped  # noqa: PLC0415

    rebuild = load()
    configure(service, "WARNING")
    try:
        admin, bootstrap = operator_dsn(StateFolder()), kafka_bootstrap()
        return asyncio.run(rebuild(admin, bootstrap, console.print, keep=keep))
    except (StackError, RebuildRefused) as error:
        raise CommandError(str(error)) from error
    except (ReadingStopped, KafkaError, OSError) as error:
        remedy = "Nothing was changed: try again when Kafka and the database answer."
        raise CommandError(f"The rebuild was interrupted ({type(error).__name__}). {remedy}") from error
