"""How the demo plays its steps: types a command, shows what it says, and waits for the services to have done it."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from deploy.demo.command_line import CommandLine
from deploy.demo.screen import Progress, Screen
from shared.client import CommandError

PATIENCE = 120
"""Seconds that any one step may take."""

Moved = tuple[int, int]
"""How many events a service has applied and published."""


@dataclass
class Course:
    """What happened, for the summary."""

    imports: dict[str, dict[str, Any]] = field(default_factory=dict)
    moved: dict[str, Moved] = field(default_factory=dict)
    started: float = field(default_factory=time.monotonic)


def typed(screen: Screen, line: CommandLine, *arguments: str) -> None:
    """Show a command and run it."""
    screen.typed(*arguments)
    line.run(*arguments)


def excerpt(screen: Screen, line: CommandLine, most: int, *arguments: str) -> None:
    """Show a command, run it, and show the beginning of what it says."""
    screen.typed(*arguments)
    said = line.run(*arguments).splitlines()
    for one in said[:most]:
        screen.say(f"  {one}")
    if len(said) > most:
        screen.say(f"  ... {len(said) - most} lines more")


def settle(screen: Screen, line: CommandLine, course: Course, what: str) -> None:
    """Wait until every service has applied everything and published what follows; say how much that was at each."""
    with screen.following(what) as progress:
        quiet = 0

        def settled() -> bool:
            nonlocal quiet
            progress.update(line.status())
            quiet = quiet + 1 if progress.settled else 0
            return quiet >= 2

        wait(settled, progress, what)
    progress.require_no_dead_letter()
    now = {service: line.moved(service) for service in progress.services}
    screen.say(f"  {moves(course.moved, now)}")
    course.moved = now


def moves(before: dict[str, Moved], now: dict[str, Moved]) -> str:
    """What each service has done between two looks, in words; nothing of those that did nothing."""
    told = []
    for service, counts in now.items():
        news = zip(("applied", "published"), counts, before.get(service, (0, 0)), strict=True)
        if done := [f"{word} {count - earlier:,}" for word, count, earlier in news if count > earlier]:
            told.append(f"{service} {', '.join(done)}")
    return f"events: {'; '.join(told) or 'none'}"


def wait_for_mail(screen: Screen, line: CommandLine, template: str, what: str) -> None:
    """Wait until a mail of this template has been accepted by the mail server."""
    with screen.following(what) as progress:
        wait(lambda: sent(line, template) > 0, progress, what)


def sent(line: CommandLine, template: str) -> int:
    """Mails of a template that the mail server has accepted."""
    summary = line.ask("notify", "/mails/summary")
    return sum(row["mails"] for row in summary["counts"] if row["template"] == template and row["state"] == "sent")


def wait(condition: Callable[[], bool], progress: Progress, what: str) -> None:
    """Wait for a condition, within the limit. Raises CommandError with what was waited for."""
    limit = time.monotonic() + PATIENCE
    while not condition():
        progress.changed()
        if time.monotonic() > limit:
            raise CommandError(f"Waited {PATIENCE} s in vain for {what}. 'engage status' and .engage/logs tell more.")
        time.sleep(0.2)
