"""What is told of every deadline of the year, reckoned plainly: day by day, one act after the other, in no database.

It shares no code with the service. Each morning it looks at what is due; at noon members send. What is due comes near
on the morning six days before its last day, a week after the end of the day before: there are seven nights left.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from tests.remedy.engagement.year.acts import FIRST, Act, Named, days
from tests.remedy.engagement.year.generating import BOUND, Contract, Year, routine

STAGE_DAYS = 180
RECTIFY_DAYS = 14
NEAR_DAYS = 7
NEAR_DAYS_OF_ACCOUNTS = 30

Key = tuple[str, str]
"""A kind, and the name of what is due."""


@dataclass(frozen=True, slots=True, order=True)
class Told:
    """What is told one morning of something that is due: that it comes near, or was missed."""

    day: date
    what: str
    kind: str
    about: str
    due: date


@dataclass(slots=True)
class Due:
    """Something that is due by a day; `ended` is the day on which it was met, or stood no more."""

    due: date
    ended: date | None = None
    warned: bool = False
    missed: bool = False


@dataclass(slots=True)
class Talk:
    """An engagement, as far as its deadlines need it."""

    is_open: bool = False
    milestone: str = ""
    since: date = FIRST
    asks: dict[str, dict[str, Any]] = field(default_factory=dict)
    promises: dict[str, dict[str, Any]] = field(default_factory=dict)
    steps: list[dict[str, Any]] = field(default_factory=list)

    def root(self, ask: str) -> str:
        """The ask by which an ask is answered."""
        while self.asks[ask]["into"]:
            ask = self.asks[ask]["into"]
        return ask

    def answered(self, ask: str) -> bool:
        """Whether a promise with a day of its own answers an ask."""
        return any(
            one["running"] and one["due"] and one["ask"] and self.root(one["ask"]) == ask
            for one in self.promises.values()
        )


@dataclass(slots=True)
class Reckoning:
    """The year as it is reckoned: what stands due, and what was told of it."""

    year: Year
    due: dict[Key, Due] = field(default_factory=dict)
    told: list[Told] = field(default_factory=list)
    talks: dict[str, Talk] = field(default_factory=dict)
    withdrawn: set[str] = field(default_factory=set)

    def morning(self, day: date) -> None:
        """Look at what is due."""
        for (kind, about), one in self.due.items():
            lead = NEAR_DAYS_OF_ACCOUNTS if kind == "annual_account" else NEAR_DAYS
            near = one.due - timedelta(days=lead - 1)
            stood_then = one.ended is None or one.ended >= near
            if day > one.due and not one.missed and (one.ended is None or one.ended > one.due):
                one.warned = one.missed = True
                self.told.append(Told(day, "missed", kind, about, one.due))
            elif near <= day <= one.due and not one.warned and stood_then:
                one.warned = True
                if one.ended is None:
                    self.told.append(Told(day, "near", kind, about, one.due))

    def stands(self, day: date, kinds: tuple[str, ...], of: str, now: dict[Key, date]) -> None:
        """Of all that is of these kinds and of this name, or begins with it, these are due now and nothing else."""
        for key, one in self.due.items():
            if key[0] in kinds and (key[1] == of or key[1].startswith(f"{of}/")) and key not in now:
                one.ended = one.ended or day
        for key, due in now.items():
            known = self.due.setdefault(key, Due(due))
            if due > known.due:
                known.warned = known.missed = False
            known.due, known.ended = due, None

    def noon(self, day: date, act: Act) -> None:
        """Something is sent, and applied."""
        if act.type == "contract.registered.v1":
            self.register(act)
        elif act.type.startswith(("condition.", "contract.", "self-report.", "information-request.", "account.")):
            self.follow_up(day, act)
        else:
            talk = self.talks.setdefault(act.about, Talk())
            hear(talk, act)
            self.stands(day, ("ask", "commitment", "cure_period", "stage"), act.about, due_of(act.about, talk))

    def register(self, act: Act) -> None:
        """A contract is told: what is due of it by itself."""
        (contract,) = (one for one in self.year.contracts if one.reference == act.name)
        for clause, due in routine(contract):
            self.due[condition_key(contract, clause, due)] = Due(due)

    def follow_up(self, day: date, act: Act) -> None:
        """Something about a contract, a request or an account."""
        data = act.data
        match act.type:
            case "condition.scheduled.v1":
                self.due["condition", act.name] = Due(data["due"])
            case "condition.followed-up.v1":
                self.step(day, data["condition"].name, data)
            case "self-report.received.v1":
                self.end(("condition", data["condition"].name), day)
                due = data["received_on"] + timedelta(days=RECTIFY_DAYS)
                self.due["condition", f"{act.about}/dfo-2.6/{due}"] = Due(due)
            case "contract.ended.v1":
                for (kind, name), one in self.due.items():
                    if kind == "condition" and name.startswith(f"{act.about}/") and one.due > data["ended_on"]:
                        one.ended = one.ended or day
            case "information-request.handled.v1":
                self.request(day, data)
            case "account.published.v1":
                self.end(("annual_account", act.member), day)

    def step(self, day: date, about: str, data: dict[str, Any]) -> None:
        """A step with a condition: it is no longer due; a cure period has its own day, until evidence comes."""
        self.end(("condition", about), day)
        if data["state"] == "cure":
            self.due["cure_period", about] = Due(data["cure_until"])
        elif data["state"] == "submitted":
            self.end(("cure_period", about), day)

    def request(self, day: date, data: dict[str, Any]) -> None:
        """A request for information: three weeks, or the day to which it was extended."""
        key = "information_request", data["reference"]
        if data["state"] == "received":
            self.due[key] = Due(data["on"] + timedelta(days=21))
        elif data["state"] == "extended":
            self.stands(day, ("information_request",), key[1], {key: data["until"]})
        else:
            self.end(key, day)

    def end(self, key: Key, day: date) -> None:
        """Something was met; what ended before stays ended since then."""
        if key in self.due:
            self.due[key].ended = self.due[key].ended or day


def hear(talk: Talk, act: Act) -> None:
    """An entry of an engagement."""
    data = act.data
    match act.type:
        case "opening.decided.v1":
            talk.is_open, talk.milestone, talk.since = True, "M0", data["decided_on"]
        case "milestone.reported.v1":
            talk.milestone, talk.since = data["milestone"], data["reached_on"]
        case "engagement.concluded.v1":
            talk.is_open = False
        case "escalation.taken.v1":
            talk.steps.append({**data, "name": act.name, "remedied": False})
        case "escalation.effect-observed.v1":
            step = next(one for one in talk.steps if one["name"] == data["escalation"].name)
            step["remedied"] = data["effect"] == "remedied"
        case "submission.withdrawn.v1":
            gone: Named = data["submission"]
            talk.asks.pop(gone.name, None)
            talk.promises.pop(gone.name, None)
        case _:
            hear_of_asks(talk, act)


def hear_of_asks(talk: Talk, act: Act) -> None:
    """An entry about asks and what was promised."""
    data = act.data
    match act.type:
        case "ask.made.v1":
            talk.asks[act.name] = {"due": data.get("due"), "into": None, "settled": False}
        case "asks.joined.v1":
            into = talk.asks[data["into"].name]
            for other in data["asks"]:
                talk.asks[other.name]["into"] = data["into"].name
                into["due"] = min(into["due"], talk.asks[other.name]["due"])
        case "commitment.made.v1" | "supplier says":
            ask = data["ask"].name if "ask" in data else None
            talk.promises[act.name] = {"due": data["due"], "ask": ask, "running": True}
        case "commitment.assessed.v1" if "commitment" in data:
            promise = talk.promises[data["commitment"].name]
            promise["running"] = False
            if promise["ask"]:
                talk.asks[talk.root(promise["ask"])]["settled"] = True
        case "commitment.assessed.v1":
            talk.asks[talk.root(data["ask"].name)]["settled"] = True


def due_of(name: str, talk: Talk) -> dict[Key, date]:
    """What is due of an engagement as it stands."""
    now: dict[Key, date] = {}
    if not talk.is_open:
        return now
    for ask, one in talk.asks.items():
        if one["due"] and not one["into"] and not one["settled"] and not talk.answered(ask):
            now["ask", ask] = one["due"]
    for promise, one in talk.promises.items():
        if one["due"] and one["running"]:
            now["commitment", promise] = one["due"]
    last = talk.steps[-1] if talk.steps else None
    if last and last["step"] == "notice_with_cure_period" and not last["remedied"]:
        now["cure_period", last["name"]] = last["cure_until"]
    if talk.milestone != "M5":
        now["stage", name] = talk.since + timedelta(days=STAGE_DAYS)
    return now


def condition_key(contract: Contract, clause: str, due: date) -> Key:
    """What is due by itself under a contract, by name."""
    return "condition", f"{contract.reference}/{clause}/{due}"


def reckon(year: Year) -> list[Told]:
    """All that is told of the deadlines of a year, in order."""
    reckoning = Reckoning(year)
    acts: dict[date, list[Act]] = {}
    for act in year.acts:
        if act.legal:
            acts.setdefault(act.day, []).append(act)
    for member in BOUND:
        reckoning.due["annual_account", member] = Due(date(FIRST.year + 1, 6, 30))
    for day in days():
        reckoning.morning(day)
        for act in acts.get(day, ()):
            reckoning.noon(day, act)
    return sorted(reckoning.told)
