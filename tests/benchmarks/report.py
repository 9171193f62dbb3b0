"""The figures as a person reads them."""

import os
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from tests.benchmarks.ground import PEERS, SPINE
from tests.benchmarks.latency import RATE, Latency
from tests.benchmarks.ratios import AIMS, Round, Spread, cpu, paired, rate, ratio
from tests.benchmarks.together import Together

WHAT_IS_COMPARED = """Every peer reads the same events from Kafka, writes one state row per key and publishes one \
consequence per event, in one process, on the same engines, with every commit on disk. Rounds are interleaved.
  (a) aiokafka and asyncpg in batches, no inbox, no outbox: a crash doubles what it did, a gap is not seen
  (b) the same with inbox, outbox and relay written straight on: the spine's promises without its parts
  (c) one message, one transaction, one published reply, acknowledged after the handler"""


def load_line(load: float, processors: int) -> str:
    """How busy the machine was before the benchmark, and what that means for the figures."""
    line = f"Load of the machine before the start: {load:.1f} on {processors} processors."
    return line if load < processors / 4 else f"{line} It is busy: rates and delays say little, processor time more."


def show_rounds(console: Console, rounds: Sequence[Round]) -> None:
    """The table of rates and ratios."""
    console.print("\nThe spine beside its peers", style="bold")
    console.print(WHAT_IS_COMPARED)
    columns = ("peer", "events", "events/s", "own CPU, us/event", "spine is (range)", "aim", "round by round")
    table = Table(*columns, box=None, pad_edge=False)
    for peer in PEERS:
        cells = [peer.title, f"{rounds[0][peer.name].events:,}", spread(rate(rounds, peer), ",.0f")]
        cells.append(f"{cpu(rounds, peer).median:,.0f}")
        if peer is not SPINE:
            each = "  ".join(f"{one:.2f}" for one in paired(rounds, peer))
            cells += [f"{spread(ratio(rounds, peer), '.2f')} x", f"{AIMS[peer.name]:g} x", each]
        table.add_row(*cells)
    console.print(table)
    console.print(f"Median of {len(rounds)} round(s), with the least and the most.")


def spread(values: Spread, form: str) -> str:
    """Median and range."""
    return f"{values.median:{form}} ({values.least:{form}} - {values.most:{form}})"


def show_latency_heading(console: Console) -> None:
    """What the times to the mail are."""
    console.print(f"\nFrom the start of a POST to a mail on the SMTP server's disk, {RATE} flags/s", style="bold")
    console.print("Through ingest, risk and notify with Kafka between them; a serious flag is one mail.")


def show_latency(console: Console, latency: Latency) -> None:
    """The time to the mail, for one share of serious flags."""
    share = "each one mailed" if latency.mail_every == 1 else f"one in {latency.mail_every} mailed"
    table = Table("", "p50", "p99", "most", "aim", box=None, pad_edge=False)
    mail = (latency.mail_p50, latency.mail_p99, latency.mail_most)
    table.add_row(f"{latency.events:,} flags, {share}", *map(milliseconds, mail), "p50 50 ms, p99 200 ms")
    table.add_row("of it the POST alone", milliseconds(latency.post_p50), milliseconds(latency.post_p99), "", "")
    console.print(table)
    show_cpu(console, latency)


def show_cpu(console: Console, latency: Latency) -> None:
    """What an event costs each part, beside what the machine has at this rate."""
    parts = ", ".join(f"{name} {seconds * 1000:.1f}" for name, seconds in sorted(latency.cpu.items()))
    has = (os.cpu_count() or 1) / RATE
    console.print(
        f"Processor time per event, ms: {parts}; together {sum(latency.cpu.values()) * 1000:.1f} "
        f"of the {has * 1000:.0f} that this machine has at {RATE} events/s."
    )


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"


def show_together(console: Console, together: Together) -> None:
    """The four services under load."""
    console.print("\nThe four services together, an import-like load", style="bold")
    console.print(
        f"{together.events:,} published disclosures were posted within {together.posted_after:.1f} s and applied by "
        f"risk and notify, with every queue empty, after {together.applied_after:.1f} s: "
        f"{together.events / together.applied_after:,.0f} disclosures/s, "
        f"{together.consumed / together.applied_after:,.0f} events/s consumed in all."
    )
    memory = ", ".join(f"{name} {size / 2**20:,.0f}" for name, size in sorted(together.memory.items()))
    console.print(f"Resident memory after it, MiB: {memory}")
