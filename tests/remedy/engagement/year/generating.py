"""The year, made by chance from a seed: three groups, forty suppliers, twenty members, and what they do."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any

from tests.remedy.engagement.year.acts import FIRST, LAST, Act, Acts, Named, sending
from tests.remedy.engagement.year.courses import COURSES, FILE, Course

MEMBERS = tuple(f"member-{number:02}" for number in range(1, 21))
BOUND = MEMBERS[:8]
"""Those whom the Transparency Act binds."""
SUPPLIERS = tuple(f"Example Electronics {number:02}" for number in range(1, 41))
FLAGGED = SUPPLIERS[30:]
"""Those of which flags are told; the groups open engagements with the others without being proposed any."""
SECRETARIAT = "watch"
CATEGORIES = {
    "phones": "forced_labour",
    "network": "safety_and_health",
    "organising": "freedom_of_association",
}
"""The groups, each with the issue of its engagements."""
DFO = {"name": "DFØ contract terms for social responsibility", "edition": "2024"}
WATCH = {"name": "Electronics Watch Contract Conditions", "edition": "2.1"}
ENGAGEMENTS_OF_EACH = 18
PROPOSED = "proposed "
"""How names of engagements begin that the system proposed: group and supplier follow."""


@dataclass(frozen=True, slots=True)
class Contract:
    """A contract of a member with a supplier; `told` is the day on which it is registered."""

    reference: str
    member: str
    supplier: str
    told: date
    starts: date
    ends: date | None
    conditions: dict[str, str] | None


@dataclass(frozen=True, slots=True)
class Flag:
    """A flag that `risk` tells of, and perhaps dismisses later."""

    name: str
    supplier: str
    category: str
    opened: date
    dismissed: date | None


@dataclass(slots=True)
class Year:
    """What is there from the first day, and what is sent."""

    groups: dict[str, dict[str, str]] = field(default_factory=dict)
    """Of each group, the role of each of its members."""
    contracts: list[Contract] = field(default_factory=list)
    flags: list[Flag] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)


def generate(seed: int) -> Year:
    """A year; the same for the same seed."""
    chance, acts, year = Random(seed), Acts(), Year()
    for number, group in enumerate(CATEGORIES):
        year.groups[group] = roles(chance, number)
        for engagement in range(ENGAGEMENTS_OF_EACH):
            begin(chance, acts, group, year.groups[group], engagement)
    for number in range(len(SUPPLIERS)):
        year.contracts.append(contract(chance, number))
        follow_up(chance, acts, year.contracts[-1])
    for member in BOUND:
        inform(chance, acts, member)
    for number in range(len(FLAGGED)):
        year.flags.append(flag(chance, number))
        if year.flags[-1].dismissed is None:
            take_up(chance, acts, year, year.flags[-1])
    year.acts = sorted(acts.found, key=lambda act: act.day)
    return year


def roles(chance: Random, number: int) -> dict[str, str]:
    """Who takes part in a group: two lead, some work with them, some support."""
    taking_part = chance.sample(MEMBERS, 10 + number)
    parts = ["lead"] * 2 + ["collaborating"] * 4
    return {member: parts[place] if place < len(parts) else "supporting" for place, member in enumerate(taking_part)}


def begin(chance: Random, acts: Acts, group: str, parts: dict[str, str], number: int) -> None:
    """One engagement, on one of the courses."""
    of = {part: [member for member, own in parts.items() if own == part] for part in set(parts.values())}
    course = Course(
        acts,
        chance,
        f"{group} {number}",
        group,
        chance.choice(SUPPLIERS[:30]),
        CATEGORIES[group],
        chance.choice(of["lead"]),
        chance.choice(of["collaborating"]),
        chance.choice(of["supporting"]),
        sending(FIRST + timedelta(days=chance.randint(4, 200))),
    )
    COURSES[number % len(COURSES)](course)


def flag(chance: Random, number: int) -> Flag:
    """A flag about a supplier of its own; one in three is dismissed."""
    opened = sending(FIRST + timedelta(days=chance.randint(2, 250)))
    dismissed = sending(opened + timedelta(days=chance.randint(8, 60))) if number % 3 == 0 else None
    return Flag(f"flag {number}", FLAGGED[number], chance.choice(tuple(CATEGORIES.values())), opened, dismissed)


def take_up(chance: Random, acts: Acts, year: Year, flag: Flag) -> None:
    """A group opens the engagement that was proposed to it because of a flag, and asks for something."""
    (group,) = (name for name, category in CATEGORIES.items() if category == flag.category)
    lead, second, *_, supporting = year.groups[group]
    opens = sending(flag.opened + timedelta(days=chance.randint(5, 40)))
    name = f"{PROPOSED}{group}/{flag.supplier}"
    course = Course(acts, chance, name, group, flag.supplier, flag.category, lead, second, supporting, opens)
    day = course.open(flags=[Named("flag", flag.name)])
    course.ask(course.later(day, 4, 30), "ask", course.due(day, 40, 80))


def contract(chance: Random, number: int) -> Contract:
    """A contract that began before the year or begins in it, and is told on some day of it."""
    starts = FIRST + timedelta(days=chance.randint(-700, 200))
    ends = chance.choice([None, starts + timedelta(days=chance.randint(300, 1500))])
    return Contract(
        f"C-{number:03}",
        MEMBERS[number % len(MEMBERS)],
        SUPPLIERS[number],
        sending(max(FIRST, starts + timedelta(days=chance.randint(-60, 90)))),
        starts,
        ends,
        (None, WATCH, DFO, DFO)[number % 4],
    )


def anniversaries(starts: date) -> list[date]:
    """The days from the first one on which a contract is one or more years old; of a 29 February the month's last."""
    found = []
    for year in (FIRST.year, LAST.year):
        leap = (starts.month, starts.day) == (2, 29) and year % 4 != 0
        day = starts.replace(year=year, day=28 if leap else starts.day)
        if year > starts.year and day >= FIRST:
            found.append(day)
    return found


def routine(one: Contract) -> list[tuple[str, date]]:
    """What is due by itself under a contract, by clause and day, from the day on which it is told."""
    if one.conditions is None:
        return []
    first, yearly = ("dfo-2", "dfo-2") if one.conditions is DFO else ("ew-due-diligence", "ew-disclosure")
    found = [(first, one.starts + timedelta(days=42))] + [(yearly, day) for day in anniversaries(one.starts)]
    return [(clause, day) for clause, day in found if one.told <= day and (one.ends is None or day <= one.ends)]


def follow_up(chance: Random, acts: Acts, one: Contract) -> None:
    """What its member sends of a contract: what was due comes in time, late or never, and is found good or wanting.

    Some contracts end before their time, and with them what would have been due.
    """
    acts.send(one.told, one.member, "contract.registered.v1", one.reference, one.reference, **registered(one))
    ended = sending(one.told + timedelta(days=chance.randint(20, 200))) if chance.random() < 0.2 else None
    if ended is not None and (one.ends is None or ended < one.ends):
        told: dict[str, Any] = {"reference": one.reference, "ended_on": ended, "reason": "terminated"}
        acts.send(ended, one.member, "contract.ended.v1", one.reference, **told)
    last = min(ended or LAST, one.ends or LAST)
    for clause, due in routine(one):
        condition = Named("condition", f"{one.reference}/{clause}/{due}")
        come = chance.choice([due - timedelta(days=5), due - timedelta(days=12), due + timedelta(days=9), None])
        if come is not None and due <= last:
            come = max(come, one.told + timedelta(days=4))
            report = clause == "dfo-2" and due == one.starts + timedelta(days=42) and chance.random() < 0.5
            (say_no if report else answer)(chance, acts, one, condition, come)
    want(chance, acts, one, last)


def want(chance: Random, acts: Acts, one: Contract, last: date) -> None:
    """Its member wants something beside the routine, by a day on which the contract still binds."""
    day = sending(one.told + timedelta(days=chance.randint(5, 60)))
    name, due = f"{one.reference}/wanted", day + timedelta(days=chance.randint(10, 60))
    if due <= last and chance.random() < 0.5:
        wanted: dict[str, Any] = {
            "contract": one.reference,
            "clause": "ew-access",
            "wanted": "Access to one site",
            "due": due,
        }
        acts.send(day, one.member, "condition.scheduled.v1", one.reference, name, **wanted)
        if chance.random() < 0.5:
            answer(chance, acts, one, Named("entry", name), day + timedelta(days=chance.randint(4, 70)))


def say_no(chance: Random, acts: Acts, one: Contract, condition: Named, day: date) -> None:
    """The self-report came, with a no, which is a breach; it is remedied, or not."""
    answers = [{"step": "embed", "yes": True}, {"step": "remediate", "yes": False}]
    told: dict[str, Any] = {
        "contract": one.reference,
        "condition": condition,
        "received_on": sending(day),
        "answers": answers,
    }
    day = acts.send(day, one.member, "self-report.received.v1", one.reference, **told)
    breach = Named("condition", f"{one.reference}/dfo-2.6/{day + timedelta(days=14)}")
    if chance.random() < 0.7:
        day += timedelta(days=chance.choice([4, 8, 20]))
        told = {"contract": one.reference, "condition": breach, "state": "remedied", "evidence": [FILE]}
        kind = "condition.followed-up.v1"
        acts.send(day, one.member, kind, one.reference, decided_on=sending(day), **told)


def registered(one: Contract) -> dict[str, Any]:
    """A contract as its member sends it."""
    return {
        "reference": one.reference,
        "supplier": {"name": one.supplier},
        "level": "single",
        "starts": one.starts,
        "ends": one.ends,
        "conditions": one.conditions,
    }


def answer(chance: Random, acts: Acts, one: Contract, condition: Named, day: date) -> None:
    """What is due came; it is verified, or deficient and cured in time, too late or never."""

    def step(day: date, state: str, legal: bool = True, **more: Any) -> date:
        told: dict[str, Any] = {"contract": one.reference, "condition": condition, "state": state, **more}
        kind = "condition.followed-up.v1"
        return acts.send(day, one.member, kind, one.reference, legal=legal, decided_on=sending(day), **told)

    day = step(day, "submitted")
    if chance.random() < 0.4:
        step(day + timedelta(days=chance.randint(4, 20)), "verified", evidence=[FILE])
        return
    if chance.random() < 0.3:
        step(day + timedelta(days=1), "verified", legal=False)
        day += timedelta(days=4)
    day = step(day + timedelta(days=chance.randint(4, 12)), "deficient", reason="Two documents are missing.")
    cure = day + timedelta(days=chance.randint(18, 40))
    day = step(day + timedelta(days=4), "cure", cure_until=cure)
    if chance.random() < 0.5:
        day = step(day + timedelta(days=chance.randint(4, 8)), "submitted")
        step(day + timedelta(days=4), "verified", evidence=[FILE])
    elif chance.random() < 0.7:
        step(cure + timedelta(days=chance.randint(5, 40)), "remedied", evidence=[FILE])


def inform(chance: Random, acts: Acts, member: str) -> None:
    """Requests for information to a member that the Transparency Act binds, and its account."""
    for number in range(3):
        name = f"{member}/request {number}"
        came = FIRST + timedelta(days=chance.randint(4, 280))

        def step(day: date, state: str, name: str = name, legal: bool = True, **more: Any) -> date:
            told: dict[str, Any] = {"reference": name, "state": state, "on": sending(day), **more}
            return acts.send(day, member, "information-request.handled.v1", name, legal=legal, **told)

        day = step(came, "received")
        course = chance.choice(["answered", "late", "extended", "never", "refused"])
        if course == "answered":
            step(day + timedelta(days=chance.randint(4, 17)), "answered")
        elif course == "late":
            step(day + timedelta(days=chance.randint(26, 50)), "answered")
        elif course == "refused":
            step(day + timedelta(days=chance.randint(4, 17)), "refused", ground="unreasonable")
        elif course == "extended":
            reasons: dict[str, Any] = {"reasons": "Many sites are concerned."}
            step(day + timedelta(days=4), "extended", legal=False, until=day + timedelta(days=90), **reasons)
            step(day + timedelta(days=8), "extended", until=day + timedelta(days=55), **reasons)
            step(day + timedelta(days=chance.choice([30, 49, 60])), "answered")
    if chance.random() < 0.5:
        day = chance.choice([date(2032, 6, 20), date(2032, 7, 6)])
        published: dict[str, Any] = {"year": FIRST.year, "published_on": sending(day), "account": FILE}
        acts.send(day, member, "account.published.v1", f"{member}/account {FIRST.year}", **published)
