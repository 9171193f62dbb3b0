"""The story that the demo plays, step by step, by the same commands that people type."""

from pathlib import Path

from deploy.demo.command_line import CommandLine
from deploy.demo.course import Course, excerpt, settle, typed, wait_for_mail
from deploy.demo.engaging import engage
from deploy.demo.screen import Screen
from shared.client import CommandError

HERE = Path(__file__).parent
EDITIONS = ("2017", "2018")
ACKNOWLEDGE, WARN = "PT16S", "PT10S"  # instead of 7 days, and 2 days before
CLOCKS = {
    "ENGAGE_DIGEST_EVERY": "PT15S",  # instead of a day
}
MEMBERS = (
    ("oslo", "City of Oslo", "NO", "buyer"),
    ("sykehusinnkjop", "Sykehusinnkjøp", "NO", "buyer"),
    ("dfo", "DFØ", "NO", "buyer"),
    ("electronics-watch", "Electronics Watch", "NL", "secretariat"),
)
BUYERS = ("oslo", "sykehusinnkjop", "dfo")
SHARED = "Several buyers buy from the same maker and cannot see its factories"
GROUPS = (
    ("apple", "Apple", "Engage Apple together", ("--supplier", "Apple", "--why", SHARED)),
    ("cisco", "Cisco", "Engage Cisco together", ("--supplier", "Cisco", "--why", SHARED)),
    (
        "foa-cb",
        "Freedom of Association and Collective Bargaining",
        "Engage the industry on the enabling rights",
        ("--category", "freedom_of_association", "--why", "Without these rights no other can be claimed"),
    ),
)


ILAB = "US Department of Labor, ILAB"
LISTS = (
    ("ilab_goods_2022.csv", "ilab-goods", f"{ILAB}: List of Goods Produced by Child Labor or Forced Labor"),
    ("ilab_findings_2022.csv", "ilab-findings", f"{ILAB}: Findings on the Worst Forms of Child Labor"),
)


def play(screen: Screen, line: CommandLine) -> Course:
    """Play the whole story; what happened. Raises CommandError at the first step that fails."""
    course = Course()
    for chapter in (start, gather, learn, disclose, report, engage, testify):
        chapter(screen, line, course)
    return course


def start(screen: Screen, line: CommandLine, _course: Course) -> None:
    """Bring the stack up."""
    screen.heading("1. A real Kafka, a real Postgres, a mail server and the four services")
    screen.typed("up", "--detach")
    if line.shown("up", "--detach") != 0:
        raise CommandError("The stack did not come up; what it says above tells why.")


def gather(screen: Screen, line: CommandLine, _course: Course) -> None:
    """Add members, secretariat and working groups."""
    screen.heading("2. Three public buyers, their secretariat, three working groups")
    for slug, name, country, kind in MEMBERS:
        typed(screen, line, "member", "add", slug, "--name", name, "--country", country, "--kind", kind)
    roles = [word for slug in BUYERS for word in ("--member", slug)]
    for slug, name, purpose, scope in GROUPS:
        words = ("group", "add", slug, "--name", name, "--purpose", purpose, "--secretariat", "electronics-watch")
        cause = ("--cause", "compliance-concern")
        typed(screen, line, *words, *cause, *scope, *roles)
    who = ("--name", "Secretariat", "--role", "secretariat")
    typed(screen, line, "recipient", "add", "secretariat@example.org", *who)


def learn(screen: Screen, line: CommandLine, _course: Course) -> None:
    """Load the facts of the risk model."""
    screen.heading("3. What the risk model knows: two lists of the US Department of Labor")
    for name, form, source in LISTS:
        words = ("facts", "load", str(HERE / name), "--format", form, "--edition", "2022", "--source", source)
        typed(screen, line, *words, "--licence", "public domain")


def disclose(screen: Screen, line: CommandLine, course: Course) -> None:
    """Import two years of a real supplier list."""
    screen.heading("4. Apple's published supplier list of two years, sent by the City of Oslo")
    for edition in EDITIONS:
        words = ("import", str(HERE / f"apple-suppliers-{edition}.csv"), "--member", "oslo")
        screen.typed(*words)
        answer = course.imports[edition] = line.json(*words)
        screen.say(
            f"{answer['rows']} rows: {answer['accepted']} accepted, {answer['duplicate']} known already, "
            f"{answer['rejected']} rejected; {answer['sites_new']} sites new, {answer['sites_gone']} gone"
        )
        settle(screen, line, course, f"edition {edition} through Kafka and the services")
    screen.say("What is known of one of them, by which rows of which list, and what would change it:")
    excerpt(screen, line, 24, "risk", "explain", "BOE")


def report(screen: Screen, line: CommandLine, course: Course) -> None:
    """A member tells of an invented contract and its site, and passes on a media report about the site."""
    screen.heading("5. An invented contract, its site, and a media report about it: a serious flag, mailed at once")
    typed(screen, line, "publish", str(HERE / "flag.json"), "--member", "dfo")
    wait_for_mail(screen, line, "flag_serious", "the flag's mail")
    settle(screen, line, course, "the flag and the proposal to the working group")
    screen.say("Each member is told which of its own contracts a flag touches, and all of them how many there are:")
    excerpt(screen, line, 12, "risk", "exposure", "--member", "oslo")


def testify(screen: Screen, line: CommandLine, course: Course) -> None:
    """Seal and file one invented testimony, and let its clock run out."""
    screen.heading("7. One invented testimony, sealed on this machine, and a clock that runs out")
    for name, role in PEOPLE:
        typed(screen, line, "handler", "add", name, "--role", role)
    box, receipt = line.state / "testimony.sealed.json", line.state / "receipt.txt"
    words = ("--kind", "grievance", "--out", str(box), "--receipt-to", str(receipt))
    typed(screen, line, "seal", str(HERE / "testimony.json"), *words)
    typed(screen, line, "publish", str(box), "--member", "electronics-watch")
    screen.say("The acknowledgement is due in 16 s here; the benchmark is 7 days (Directive (EU) 2019/1937, Art. 9).")
    for template, what in MAILS_OF_A_CASE:
        wait_for_mail(screen, line, template, what)
    wait_for_mail(screen, line, "digest", "the digest for the rest")
    handle(screen, line)
    screen.say("Whoever filed it comes back with the receipt, and with nothing else:")
    excerpt(screen, line, 24, "report", "status", "--receipt-file", str(receipt))
    settle(screen, line, course, "everything")


def handle(screen: Screen, line: CommandLine) -> None:
    """A coordinator assigns the case, and a handler reads and acknowledges it."""
    (case,) = line.json("case", "list", "--as", "ingrid")
    reference = str(case["reference"])
    typed(screen, line, "case", "assign", reference, "amina", "--as", "ingrid")
    excerpt(screen, line, 12, "case", "read", reference, "--motivation", "First reading", "--as", "amina")
    typed(screen, line, "case", "acknowledge", reference, "--as", "amina")
    screen.say("What may be done next, and what is missing for it:")
    excerpt(screen, line, 24, "case", "show", reference, "--as", "amina")


PEOPLE = (("ingrid", "coordinator"), ("amina", "handler"), ("jonas", "custodian"), ("maja", "auditor"))
"""Invented people who work on cases, each with a key of their own."""

MAILS_OF_A_CASE = (
    ("restricted_testimony_received", "the mail about new testimony (a reference and a date, nothing else)"),
    ("restricted_deadline_approaching", "the warning before the deadline"),
    ("restricted_deadline_missed", "the mail about the missed deadline"),
)
