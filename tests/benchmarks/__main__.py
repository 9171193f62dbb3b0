"""`python -m tests.benchmarks`: the spine beside its peers, then the whole stack.

The exit code is 1 when anything was lost, doubled or assessed for nothing; how fast it went is for a person to judge.
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console

from tests.benchmarks import engagement_views, latency, ratios, report, risk_assessment, risk_exposure, together
from tests.benchmarks.ground import engines
from tests.benchmarks.stack import running_stack

ROUNDS_WITHIN = 95.0
"""Seconds for all rounds: on a slow or busy machine there are fewer."""
LATENCY_SECONDS = 10.0
MAIL_EVERY = (10, 1)
"""Of so many events one is mailed at once: a busy day, and the worst that can be."""
DISCLOSURES = 20_000
PAGE = 150
"""Columns where no terminal says how many there are."""
ONE_BY_ONE_SHARE = 200
"""One message at a time is a hundred times slower: that peer gets so many times fewer events."""


def main() -> int:
    """Measure, print, and say whether anything was lost or doubled."""
    options = read_options()
    console = Console(stderr=options.json, highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else PAGE)
    began = time.monotonic()
    console.print(report.load_line(os.getloadavg()[0], os.cpu_count() or 1))
    with tempfile.TemporaryDirectory(prefix="engage-bench-") as folder:
        figures, faults = measure_spine(console, Path(folder), options.events, options.rounds)
        if not options.spine_only:
            more, more_faults = measure_stack(console, Path(folder) / "stack")
            figures, faults = figures | more, faults + more_faults
            more, more_faults = measure_assessment(console, Path(folder) / "sites", options.sites)
            figures, faults = figures | more, faults + more_faults
            figures |= measure_exposure(console, Path(folder) / "graph", options.edges)
            figures |= measure_views(console, Path(folder) / "views", options.engagements)
    for fault in faults:
        console.print(f"WRONG  {fault}", style="bold red")
    if not faults:
        console.print("\nNothing was lost, nothing was doubled.", style="green")
    console.print(f"Measured in {time.monotonic() - began:.0f} s.")
    if options.json:
        print(json.dumps(figures | {"faults": faults}, indent=2))
    return 1 if faults else 0


def read_options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description="Measure the system's speed.")
    parser.add_argument("--rounds", type=int, default=3, help="how often each peer runs, if time allows (3)")
    parser.add_argument("--events", type=int, default=50_000, help="events that a batching peer takes per round")
    parser.add_argument("--spine-only", action="store_true", help="leave out the stack of four services")
    parser.add_argument("--sites", type=int, default=risk_assessment.SHORT, help="sites that are assessed")
    parser.add_argument("--edges", type=int, default=risk_exposure.SHORT, help="edges of the graph of exposure")
    parser.add_argument("--engagements", type=int, default=engagement_views.FULL, help="engagements on the board")
    parser.add_argument("--json", action="store_true", help="the figures as JSON on standard output")
    return parser.parse_args()


def measure_spine(console: Console, folder: Path, events: int, rounds: int) -> tuple[dict[str, Any], list[str]]:
    """The spine beside its peers."""
    few = max(100, events // ONE_BY_ONE_SHARE)
    console.print(f"Starting Kafka and Postgres, loading {events:,} events ...")
    with engines(folder, events, few) as ground:
        console.print(f"Running {rounds} rounds ...")
        played = asyncio.run(ratios.play(ground, rounds, ROUNDS_WITHIN))
    report.show_rounds(console, played)
    return {"spine": ratios.as_json(played)}, ratios.faults(played)


def measure_stack(console: Console, folder: Path) -> tuple[dict[str, Any], list[str]]:
    """The time to a mail, and the four services under load."""
    console.print("\nStarting the four services ...")
    with running_stack(folder) as stack:
        count = int(latency.RATE * LATENCY_SECONDS)
        report.show_latency_heading(console)
        delays = [
            asyncio.run(latency.measure(stack, range(place * count, (place + 1) * count), mail_every))
            for place, mail_every in enumerate(MAIL_EVERY)
        ]
        for delay in delays:
            report.show_latency(console, delay)
        load = asyncio.run(together.measure(stack, DISCLOSURES))
        report.show_together(console, load)
    faults = [fault for delay in delays for fault in delay.faults]
    return {"latency": [asdict(delay) for delay in delays], "together": asdict(load)}, [*faults, *load.faults]


def measure_assessment(console: Console, folder: Path, sites: int) -> tuple[dict[str, Any], list[str]]:
    """Sites assessed, and assessed again by a list and by a new edition that touches few of them."""
    console.print("\nAssessing sites, and again by a list", style="bold")
    measured = asyncio.run(risk_assessment.measure(folder, sites, with_real=False))
    risk_assessment.show(console, measured)
    return {"assessment": asdict(measured)}, risk_assessment.faults(measured, sites)


def measure_exposure(console: Console, folder: Path, edges: int) -> dict[str, Any]:
    """Whose contracts a site touches, in a small graph and in a great one."""
    console.print("\nWhich contracts of a member touch a site, and whose a batch of flags does", style="bold")
    measured = risk_exposure.measure(folder, edges)
    console.print(risk_exposure.table_of(measured))
    return {"exposure": [asdict(one) for one in measured]}


def measure_views(console: Console, folder: Path, engagements: int) -> dict[str, Any]:
    """The board, one engagement and a thread, with few engagements and with many."""
    console.print("\nThe board, one engagement and a thread", style="bold")
    measured = engagement_views.measure(folder, engagements)
    console.print(engagement_views.table_of(measured))
    return {"views": [asdict(one) for one in measured]}


if __name__ == "__main__":
    sys.exit(main())
