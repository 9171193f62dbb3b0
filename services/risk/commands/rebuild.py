"""`engage risk rebuild`: conclude everything again from the topics, and prove it equal to what the service has."""

import asyncio
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from services.risk.commands.options import AsJson, console, print_json
from shared.client import CommandError, kafka_bootstrap

if TYPE_CHECKING:
    from services.risk.rebuilding import Rebuilt


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
    out = console(stderr=as_json, soft_wrap=True)
    found = run(out)(keep)
    if as_json:
        print_json(document(found))
    else:
        tell(out, found)
    raise typer.Exit(0 if found.is_equal else 1)


def run(console: Console) -> Any:
    """What rebuilds, and tells on the console how far it is. It raises CommandError."""
    # The other commands start without a Kafka client and the service's handlers.
    from aiokafka.errors import KafkaError  # noqa: PLC0415

    from deploy.local.beside import operator_dsn  # noqa: PLC0415
    from deploy.local.errors import StackError  # noqa: PLC0415
    from deploy.local.state import StateFolder  # noqa: PLC0415
    from services.risk import rebuilding  # noqa: PLC0415
    from shared.logs import configure  # noqa: PLC0415
    from shared.replaying import ReadingStopped  # noqa: PLC0415

    def work(keep: bool) -> "Rebuilt":
        configure("risk", "WARNING")
        try:
            admin, bootstrap = operator_dsn(StateFolder()), kafka_bootstrap()
            return asyncio.run(rebuilding.rebuild(admin, bootstrap, console.print, keep=keep))
        except (StackError, rebuilding.RebuildRefused) as error:
            raise CommandError(str(error)) from error
        except (ReadingStopped, KafkaError, OSError) as error:
            remedy = "Nothing was changed: try again when Kafka and the database answer."
            raise CommandError(f"The rebuild was interrupted ({type(error).__name__}). {remedy}") from error

    return work


def document(found: "Rebuilt") -> dict[str, Any]:
    """The outcome for a program."""
    return {"equal": found.is_equal, **asdict(found)}


def tell(console: Console, found: "Rebuilt") -> None:
    """The outcome for a person."""
    console.print(table_of(found))
    for table in found.tables:
        for one in table.first:
            key = ", ".join(f"{column} {value}" for column, value in one.key.items())
            console.print(f"{table.table}: {key}: {WORDS[one.found]}{', '.join(one.columns)}")
    for line in remarks(found):
        console.print(line)
    console.print(verdict(found))


WORDS = {"only_in_first": "only in the live schema", "only_in_second": "only rebuilt", "differs": "differs in "}
"""What is found of a row."""


def table_of(found: "Rebuilt") -> Table:
    """Rows per table: live, rebuilt, differing."""
    table = Table("table", "live", "rebuilt", "differing", "not compared", box=None, pad_edge=False)
    for one in found.tables:
        table.add_row(one.table, *(f"{count:,}" for count in (*one.rows, one.differing, one.left_out)))
    return table


def remarks(found: "Rebuilt") -> list[str]:
    """What else there is to say of a rebuild."""
    told = [
        (found.dead_letters, "{} dead letters wait in the live schema; neither has applied them."),
        (found.parked, "{} events wait behind a dead letter or a gap in the live schema; neither has applied them."),
        (
            found.passed_over,
            "{} events were passed over: the handler fails on them, and the live inbox is past them (given up, or "
            "applied by an earlier release).",
        ),
        (found.clocks, "{} clocks of flags had run out that the live service had yet to look at."),
        (found.behind, "{} keys lack events: Kafka no longer has all that the live schema has applied."),
        (len(found.gone), "{} members have left, with their topics: rows for them alone are not compared."),
        (len(found.lost), "{} members have no topics though they have not left: what was on them is lost."),
    ]
    lines = [words.format(f"{count:,}") for count, words in told if count]
    if found.schema:
        both = f'"{found.schema}", "{found.schema}_live"'
        lines.append(f"Kept: {both}. An administrator drops them by DROP SCHEMA {both} CASCADE;")
    return lines


def verdict(found: "Rebuilt") -> str:
    """The outcome in one line."""
    rows = sum(table.rows[1] for table in found.tables)
    done = f"{found.events:,} events applied again in {found.seconds:.0f} s"
    if found.is_equal:
        return f"Equal: {rows:,} rows in {len(found.tables)} tables; {done}."
    return f"Not equal; {done}."
