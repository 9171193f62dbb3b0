"""The last page of the demo: what came of it, where the mails are, and what to type next."""

import email
import email.policy
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from rich.table import Table

from deploy.demo.command_line import CommandLine
from deploy.demo.course import Course
from deploy.demo.screen import Screen

NEXT = (
    ("engage status", "what runs, where, and how far behind it is"),
    ("engage facts list", "what the risk model knows, with source and edition"),
    ("engage risk summary", "what the lists say of the sites, and what nobody knows"),
    ("engage risk explain BYD", "why a supplier stands where it does, and what would change it"),
    ("engage risk salient foa-cb", "what a working group should look at first"),
    ("engage risk rebuild", "concludes everything again from the topics, and compares"),
    ("engage mail list", "every mail, without addresses"),
    ("engage case list --as ingrid", "the coordinator's list: references, states, deadlines"),
    ("engage audit verify --as maja", "who opened what, in a chain that nobody can change unseen"),
    ("engage board", "where each engagement stands, what is due next, and who sees to it"),
    ("engage timeline DEMO-2026-1 --member dfo", "one thread from a contract to what came of it, event by event"),
    ('engage document supplier "Example Electronics Ltd" --out tracker.html', "how a supplier performs, to print"),
    ("engage import FILE --member oslo --dry-run", "your own list, tried without effect"),
    ("engage down", "stop everything; the data stay"),
)


def show_summary(screen: Screen, line: CommandLine, course: Course) -> None:
    """Print the summary. Figures come from the services, not from the story."""
    registry = line.ask("ingest", "/registry/summary")
    indicators = line.ask("risk", "/summary")
    mails = line.ask("notify", "/mails/summary")
    screen.heading("What happened")
    for table in (import_table(course), risk_table(indicators), mail_table(mails)):
        screen.console.print(table)
    screen.say(f"The registry knows {registry['suppliers']} suppliers and {registry['sites']} sites.")
    if (delay := mails["delay_seconds"])["mails"]:
        p50, p99 = delay["p50"] * 1000, delay["p99"] * 1000
        screen.say(
            f"From publish to accepted mail: median {p50:.0f} ms, 99th percentile {p99:.0f} ms (digests not counted)."
        )
    show_mailbox(screen, Path(line.status()["smtp"]["mailbox"]))
    show_next(screen, course)


def import_table(course: Course) -> Table:
    """Rows in, sites added and gone, per edition."""
    names = ("rows", "accepted", "duplicate", "rejected", "suppliers_new", "sites_new", "sites_gone")
    table = plain("Supplier lists", ["edition"], [name.replace("_", "\n") for name in names])
    for edition, answer in course.imports.items():
        table.add_row(edition, *(str(answer[name]) for name in names))
    return table


def risk_table(summary: dict[str, Any]) -> Table:
    """Indicators and flags by kind."""
    table = plain("Indicators (from lists) and flags (by people)", ["kind", "category"], ["number"])
    for row in summary["indicators"]:
        table.add_row(f"indicator: {words(row['kind'])}", words(row["category"]), str(row["count"]))
    for row in summary["flags"]:
        table.add_row("flag", words(row["category"]), str(row["count"]))
    return table


def mail_table(summary: dict[str, Any]) -> Table:
    """Mails by template and state."""
    table = plain("E-mails", ["template", "state"], ["number"])
    for row in summary["counts"]:
        table.add_row(words(row["template"]), row["state"], str(row["mails"]))
    return table


def words(code: str) -> str:
    """A code as a person reads it."""
    return code.replace("_", " ")


def plain(title: str, texts: Sequence[str], numbers: Sequence[str]) -> Table:
    """A table without lines, headed by its title, that fits a terminal of 80 columns."""
    table = Table(title=f"\n  {title}", title_justify="left", title_style="bold", box=None, padding=(0, 1, 0, 2))
    for name in texts:
        table.add_column(name, vertical="bottom", no_wrap=True)
    for name in numbers:
        table.add_column(name, justify="right", vertical="bottom", no_wrap=True)
    return table


def show_mailbox(screen: Screen, mailbox: Path) -> None:
    """The subjects in the mailbox, and where to open them."""
    screen.heading("The secretariat's mailbox; each file opens in a mail program or an editor")
    screen.say(str(mailbox))
    for name, subject in subjects(mailbox):
        screen.say(f"{name}  {subject}")


def subjects(mailbox: Path) -> Iterator[tuple[str, str]]:
    """File name and subject of each mail, in the order of arrival."""
    for file in sorted(mailbox.glob("*.eml")):
        message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
        yield file.name, str(message["subject"])


def show_next(screen: Screen, course: Course) -> None:
    """What to type next, and a word on the clocks."""
    screen.heading("What to type next (with .venv/bin in your PATH, in this folder)")
    for command, meaning in NEXT:
        screen.say(f"{command:<46}{meaning}")
    screen.say("")
    screen.say("The clocks of this stack run fast. 'engage down' and 'engage up --detach' give them back their days.")
    screen.say(f"The demo took {time.monotonic() - course.started:.0f} s.")
