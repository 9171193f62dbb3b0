"""What the demo shows while it runs: headings, the commands it types, and how far the events have come."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.table import Table

from shared.client import CommandError


class Screen:
    """A terminal gets colour and a live table; a file or pipe gets plain lines."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.started = time.monotonic()

    def heading(self, text: str) -> None:
        """A new chapter."""
        self.console.print(f"\n{text}", style="bold")

    def typed(self, *arguments: str) -> None:
        """A command that the demo runs, as a person would type it."""
        words = " ".join(f'"{word}"' if " " in word else from_here(word) for word in arguments)
        self.console.print(f"  $ engage {words}", style="cyan", markup=False, soft_wrap=True)

    def say(self, text: str) -> None:
        """One line of what happened."""
        self.console.print(f"  {text}", markup=False, soft_wrap=True)

    @contextmanager
    def following(self, what: str) -> Iterator["Progress"]:
        """Show how far the services have come until the block ends."""
        progress = Progress(what)
        if not self.console.is_terminal:
            yield progress
            self.say(progress.line())
            return
        with Live(progress.table(), console=self.console, refresh_per_second=8, transient=True) as live:
            progress.changed = lambda: live.update(progress.table())
            yield progress
        self.say(progress.line())


def from_here(word: str) -> str:
    """A path below the current folder as one types it there; any other word as it is."""
    path = Path(word)
    return str(path.relative_to(Path.cwd())) if path.is_absolute() and path.is_relative_to(Path.cwd()) else word


class Progress:
    """The last known state of each service."""

    def __init__(self, what: str) -> None:
        self.what = what
        self.services: dict[str, dict[str, Any]] = {}
        self.started = time.monotonic()
        self.changed: Any = lambda: None

    def update(self, status: dict[str, Any]) -> None:
        """Take over what `engage status --json` says."""
        self.services = status["services"]
        self.changed()

    @property
    def settled(self) -> bool:
        """Whether every service has applied what there is and published what follows."""
        return bool(self.services) and all(
            service["ready"] and service["lag"] == 0 and service["outbox"] == 0 for service in self.services.values()
        )

    def require_no_dead_letter(self) -> None:
        """Raises CommandError when a service could not handle an event: the demo's input has none of that kind."""
        stuck = [name for name, service in self.services.items() if service["dead_letters"]]
        if stuck:
            raise CommandError(f"{', '.join(stuck)} set events aside as dead letters. That is a defect of Engage.")

    def table(self) -> Table:
        """The state as a table."""
        table = Table("service", "events waiting", "to publish", title=self.what, title_justify="left", box=None)
        for name, service in self.services.items():
            table.add_row(name, *("?" if service[k] is None else str(service[k]) for k in ("lag", "outbox")))
        return table

    def line(self) -> str:
        """The state as one line."""
        return f"{self.what}: done in {time.monotonic() - self.started:.1f} s"
