"""`engage demo`: the whole of Engage on real supplier lists, in about a minute."""

import sys
from typing import Annotated

import typer
from rich.console import Console

from deploy.demo.clocks import write_short_clocks
from deploy.demo.command_line import CommandLine
from deploy.demo.screen import Screen
from deploy.demo.stage import clear_stage
from deploy.demo.story import ACKNOWLEDGE, CLOCKS, WARN, play
from deploy.demo.summary import show_summary
from shared.client import CommandError, state_folder


def register(app: typer.Typer) -> None:
    """Add the command to an application."""
    app.command()(demo)


def demo(
    stop: Annotated[
        bool, typer.Option("--stop", help="Stop the stack at the end instead of leaving it to you.")
    ] = False,
) -> None:
    """Watch real supplier lists go from a file, through Kafka and four services, to e-mails.

    It starts a stack in the state folder (.engage, or $ENGAGE_STATE), adds three public buyers, their secretariat and
    three working groups, imports two years of Apple's published supplier list, reports one invented risk, engages the
    invented supplier, files one invented testimony and lets its clock run out. It is safe to repeat: what an earlier
    demo left is removed first. It never touches a stack that is not its own; 'engage up' makes the demo's stack yours.

    Example: `engage demo`; beside a stack of your own: `ENGAGE_STATE=.engage-demo engage demo`
    """
    state = state_folder()
    screen = Screen(Console(highlight=False))
    clocks = state / "benchmarks.toml"
    line = CommandLine(state, {**CLOCKS, "ENGAGE_BENCHMARKS_FILE": str(clocks), "ENGAGE_DEMO": "yes"})
    try:
        clear_stage(state, line)
        write_short_clocks(clocks, ACKNOWLEDGE, WARN)
        show_summary(screen, line, play(screen, line))
    except KeyboardInterrupt:
        raise CommandError("Interrupted. 'engage down' stops what is running; the demo can be started again.") from None
    if stop:
        line.shown("down")
    sys.stdout.flush()
