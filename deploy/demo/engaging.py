"""The chapter in which a working group engages an invented supplier, and the supplier answers by itself."""

from datetime import UTC, datetime, timedelta

from deploy.demo.command_line import CommandLine
from deploy.demo.course import Course, excerpt, settle, typed
from deploy.demo.screen import Screen, from_here
from shared.client import CommandError, call
from shared.events.values import quarter_of

GROUP, SUPPLIER = "foa-cb", "Example Electronics Ltd"
WITHIN = timedelta(days=90)
"""By when the invented supplier is asked to deliver, from the day of the demo."""
MINUTES = "Invented minutes of a meeting, for the demonstration.\n"
AT = "https://example.org/minutes.txt"


def engage(screen: Screen, line: CommandLine, course: Course) -> None:
    """A person opens what was proposed; the group asks, the supplier answers by itself; what came of it is shown."""
    screen.heading("6. The working group engages the invented supplier: one ask, its own answer, and no step skipped")
    excerpt(screen, line, 8, "board", "--group", GROUP)
    id_ = proposed(line)
    words = ("--objective", "The union that the workers elect is recognised at Plant 1", "--member", "oslo")
    typed(screen, line, "engagement", "open", id_, *words)
    ask = asked(screen, line, id_)
    typed(screen, line, "engagement", "milestone", id_, "M1", *evidence(line), "--member", "oslo")
    answer(screen, line, ask)
    spoken = (
        "--quarter",
        quarter_of(datetime.now(UTC).date()),
        "--priority",
        "freedom_of_association",
        "--member",
        "electronics-watch",
    )
    typed(screen, line, "engagement", "consult", id_, "union", *spoken)
    refused(screen, line, id_)
    show(screen, line, id_)
    settle(screen, line, course, "the engagement")


def proposed(line: CommandLine) -> str:
    """The beginning of the id of what was proposed, as one types it."""
    found = line.json("engagement", "list", "--group", GROUP)["items"]
    return str(found[0]["engagement"])[:8]


def asked(screen: Screen, line: CommandLine, id_: str) -> str:
    """Two members ask for the same, and a person joins the asks: the supplier answers once. The id of the ask."""
    due = (datetime.now(UTC) + WITHIN).date().isoformat()
    asks = []
    for member, text in (("oslo", "Recognise the union that the workers elect"), ("dfo", "Recognise the union")):
        words = ("engagement", "ask", id_, text, "--due", due, "--member", member)
        screen.typed(*words)
        asks.append(str(line.json(*words)["entry"]))
    typed(screen, line, "engagement", "join", id_, asks[1], "--into", asks[0], "--member", "oslo")
    return asks[0]


def evidence(line: CommandLine) -> tuple[str, ...]:
    """A file whose hash proves it unchanged, and where it can be read."""
    file = line.state / "minutes.txt"
    file.write_text(MINUTES)
    return "--evidence", str(file), "--uri", AT


def answer(screen: Screen, line: CommandLine, ask: str) -> None:
    """The supplier commits itself, with a key that shows it this ask and nothing else."""
    words = ("contact", "issue", SUPPLIER, "--group", GROUP, "--member", "oslo", "--ask", ask, "--label", "compliance")
    screen.typed(*words)
    issued = line.json(*words)
    screen.say("The supplier opens its link, or sends by HTTP; its word verifies nothing:")
    said = {"answer": "committed", "wording": "We recognise the elected union", "measure": "A signed agreement"}
    call("ingest", "POST", f"/supplier/asks/{ask}/answers", issued["key"], json=said)
    screen.say(f'  POST /supplier/asks/{ask[:8]}.../answers: "{said["wording"]}"')


def refused(screen: Screen, line: CommandLine, id_: str) -> None:
    """A step that is skipped is refused, with what would be legal."""
    words = ("engagement", "milestone", id_, "M4", *evidence(line), "--member", "oslo")
    screen.typed(*words)
    try:
        line.run(*words)
    except CommandError as error:
        for one in str(error).splitlines()[1:]:
            screen.say(f"  {one}")
    else:
        raise CommandError("A skipped milestone was taken: that must not be.")


def show(screen: Screen, line: CommandLine, id_: str) -> None:
    """Where it stands: on the board, as one thread, and as a document."""
    screen.say("Where it stands, what led to it, and a report that one can print:")
    excerpt(screen, line, 8, "board", "--group", GROUP)
    excerpt(screen, line, 16, "timeline", id_, "--member", "oslo")
    report = line.state / "documents" / "group.html"
    report.parent.mkdir(exist_ok=True)
    year = datetime.now(UTC).year
    words = ("--from", f"{year}-01-01", "--to", f"{year}-12-31", "--member", "oslo", "--out", str(report))
    typed(screen, line, "document", "group", GROUP, *words)
    screen.say(f"Open {from_here(str(report))} in a browser.")
