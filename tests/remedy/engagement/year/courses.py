"""The courses that an engagement can take: kept, late, never answered, joined, taken back, refused, cured."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from tests.remedy.engagement.year.acts import Acts, Named, sending

SUPPLIER_SAYS = "supplier says"
"""What no member sends: an answer at the suppliers' own door."""
FILE = {"uri": "https://example.com/evidence.pdf", "sha256": "0" * 64, "media_type": "application/pdf"}


@dataclass(slots=True)
class Course:
    """One engagement under way: who takes part of the group, and where it has come to."""

    acts: Acts
    chance: Random
    name: str
    group: str
    supplier: str
    category: str
    lead: str
    second: str
    supporting: str
    opens: date

    def send(
        self, day: date, kind: str, by: str | None = None, name: str = "", legal: bool = True, **data: Any
    ) -> date:
        """An entry of this engagement."""
        named: dict[str, Any] = {"workinggroup": self.group, "engagement": Named("engagement", self.name)}
        named["supplier"] = Named("supplier", self.supplier)
        return self.acts.send(
            day, by or self.lead, kind, self.name, name and f"{self.name}/{name}", legal, **named, **data
        )

    def ref(self, name: str) -> Named:
        """What an entry of this engagement became."""
        return Named("entry", f"{self.name}/{name}")

    def later(self, day: date, least: int, most: int) -> date:
        """A day so many days later, on which members send."""
        return sending(day + timedelta(days=self.chance.randint(least, most)))

    def due(self, day: date, least: int, most: int) -> date:
        """A day so many days later, any day."""
        return day + timedelta(days=self.chance.randint(least, most))

    def open(self, **more: Any) -> date:
        """A person opens it; `more` may name what gives reason."""
        return self.send(
            self.opens,
            "opening.decided.v1",
            name="opening",
            objective=f"Objective of {self.name}",
            category=self.category,
            decided_on=sending(self.opens),
            **(more or {"reason": "The group has agreed on it."}),
        )

    def ask(self, day: date, name: str, due: date | None, by: str | None = None, legal: bool = True) -> date:
        """The supplier is asked for something."""
        text = f"What {self.name} asks for: {name}"
        return self.send(day, "ask.made.v1", by, name, legal, ask=text, category=self.category, due=due)

    def commit(self, day: date, name: str, ask: str | None, due: date | None, by: str | None = None) -> date:
        """The supplier commits itself."""
        return self.send(
            day,
            "commitment.made.v1",
            by,
            name,
            ask=ask and self.ref(ask),
            commitment=f"What was promised of {self.name}: {name}",
            category=self.category,
            measure="The file shows it.",
            due=due,
        )

    def say(self, day: date, name: str, **data: Any) -> date:
        """The supplier answers the ask by itself; the lead has issued it a link."""
        day = sending(day)
        named: dict[str, Any] = {
            "supplier": Named("supplier", self.supplier),
            "workinggroup": self.group,
            "ask": self.ref("ask"),
        }
        return self.acts.send(day, self.lead, SUPPLIER_SAYS, self.name, f"{self.name}/{name}", **named, **data)

    def evidence(self, day: date, commitment: str, basis: str = "supplier") -> date:
        """Evidence for a commitment."""
        kind = "evidence.submitted.v1"
        return self.send(day, kind, self.supporting, commitment=self.ref(commitment), basis=basis, evidence=[FILE])

    def assess(
        self, day: date, found: str, *, basis: str = "audit", legal: bool = True, by: str | None = None, **what: str
    ) -> date:
        """A commitment or ask is assessed: `commitment=` or `ask=`, by name."""
        told: dict[str, Any] = {kind: self.ref(name) for kind, name in what.items()}
        kind = "commitment.assessed.v1"
        more: dict[str, Any] = {"assessed_on": sending(day), "evidence": [FILE], "reason": "So it was found."}
        return self.send(day, kind, by, legal=legal, found=found, basis=basis, **told, **more)

    def milestone(self, day: date, milestone: str, legal: bool = True, **more: Any) -> date:
        """A milestone is reached, with evidence unless `more` says otherwise."""
        more = {"evidence": [FILE], **more}
        return self.send(
            day, "milestone.reported.v1", legal=legal, milestone=milestone, reached_on=sending(day), **more
        )

    def consult(self, day: date, name: str) -> date:
        """Rightsholders are consulted."""
        day = sending(day)
        quarter = f"{day.year}-Q{(day.month + 2) // 3}"
        told: dict[str, Any] = {"rightsholders": "union", "quarter": quarter, "priorities": [self.category]}
        return self.send(day, "consultation.held.v1", self.supporting, name, **told)

    def escalate(self, day: date, step: str, cure: date | None = None, legal: bool = True) -> date:
        """A step of the ladder is taken."""
        told: dict[str, Any] = {"step": step, "taken_on": sending(day), "reason": "No answer came.", "cure_until": cure}
        return self.send(day, "escalation.taken.v1", name=step, legal=legal, **told)

    def effect(self, day: date, step: str, effect: str) -> date:
        """What a step brought about."""
        kind = "escalation.effect-observed.v1"
        return self.send(day, kind, escalation=self.ref(step), effect=effect, observed_on=sending(day))

    def conclude(self, day: date, outcome: str, legal: bool = True) -> date:
        """A person ends it."""
        reason = None if outcome == "achieved" else "So it was decided."
        return self.send(
            day, "engagement.concluded.v1", legal=legal, outcome=outcome, concluded_on=sending(day), reason=reason
        )

    def withdraw(self, day: date, name: str) -> date:
        """Its sender, the lead, takes an entry back."""
        told: dict[str, Any] = {"submission": Named("submission", f"{self.name}/{name}"), "reason": "sent_by_mistake"}
        return self.acts.send(day, self.lead, "submission.withdrawn.v1", self.name, **told)


def kept(course: Course) -> None:
    """Everything comes in time, to the last milestone."""
    day = course.open()
    day = course.milestone(course.later(day, 3, 20), "M1")
    day = course.ask(course.later(day, 1, 8), "ask", course.due(day, 70, 110))
    day = course.milestone(course.later(day, 5, 25), "M2")
    day = course.commit(course.later(day, 1, 20), "promise", "ask", course.due(day, 50, 90))
    day = course.milestone(course.later(day, 4, 15), "M3")
    day = course.evidence(course.later(day, 3, 12), "promise")
    day = course.assess(course.later(day, 1, 8), "met", commitment="promise")
    day = course.milestone(course.later(day, 5, 30), "M4")
    day = course.consult(course.later(day, 4, 20), "talk")
    told: dict[str, Any] = {"evidence": None, "verified_by": "union", "consultations": [course.ref("talk")]}
    day = course.milestone(course.later(day, 1, 5), "M5", **told)
    course.conclude(course.later(day, 1, 20), "achieved")


def late(course: Course) -> None:
    """What was promised is assessed only after its day; part of it is met."""
    day = course.open()
    day = course.ask(course.later(day, 1, 8), "ask", course.due(day, 15, 40), course.supporting)
    day = course.milestone(course.later(day, 3, 12), "M1")
    promised = course.due(day, 30, 70)
    day = course.commit(course.later(day, 1, 25), "promise", "ask", promised, course.supporting)
    day = course.milestone(course.later(day, 2, 10), "M2")
    day = course.assess(course.later(promised, 3, 40), "partly_met", commitment="promise")
    course.conclude(course.later(day, 1, 60), "partly_achieved")


def never(course: Course) -> None:
    """No answer comes: up the ladder, to the notice, whose period runs out, and the sanction."""
    day = course.open()
    asked = course.due(day, 10, 30)
    day = course.ask(course.later(day, 1, 8), "ask", asked)
    day = course.later(asked, 2, 10)
    for step in ("informal", "formal_letter", "joint_letter", "contract_meeting"):
        day = course.escalate(course.later(day, 4, 20), step)
    cure = course.due(day, 20, 40)
    day = course.escalate(course.later(day, 2, 10), "notice_with_cure_period", cure)
    course.escalate(cure - timedelta(days=9), "sanction", legal=False)
    day = course.escalate(course.later(cure, 4, 20), "sanction")
    course.conclude(course.later(day, 10, 60), "stalled")


def cured(course: Course) -> None:
    """The notice works: the supplier remedies within its period."""
    day = course.open()
    day = course.ask(course.later(day, 1, 8), "ask", course.due(day, 20, 40))
    for step in ("informal", "formal_letter", "joint_letter", "contract_meeting"):
        day = course.escalate(course.later(day, 4, 12), step)
    cure = course.due(day, 45, 70)
    day = course.escalate(course.later(day, 4, 12), "notice_with_cure_period", cure)
    day = course.effect(course.later(day, 8, 20), "notice_with_cure_period", "remedied")
    day = course.assess(course.later(day, 1, 6), "met", ask="ask")
    course.conclude(course.later(day, 4, 30), "partly_achieved")


def joined(course: Course) -> None:
    """Three members ask for the same: one need, due on the earliest day."""
    day = course.open()
    first, second, third = course.due(day, 60, 90), course.due(day, 35, 58), course.due(day, 100, 120)
    day = course.ask(course.later(day, 1, 8), "ask", first)
    course.ask(day, "ask 2", second, course.second)
    day = course.ask(course.later(day, 1, 4), "ask 3", third, course.supporting)
    into, others = course.ref("ask"), [course.ref("ask 2"), course.ref("ask 3")]
    day = course.send(course.later(day, 1, 9), "asks.joined.v1", into=into, asks=others)
    course.assess(course.later(day, 1, 4), "met", legal=False, basis="supplier", ask="ask 2")
    course.assess(course.later(day, 8, 90), course.chance.choice(["met", "missed"]), ask="ask 2", by=course.second)


def taken_back(course: Course) -> None:
    """An ask is taken back before its day, a commitment after its own."""
    day = course.open()
    day = course.ask(course.later(day, 1, 8), "ask", course.due(day, 25, 50))
    promised = course.due(day, 15, 30)
    course.commit(course.later(day, 4, 4), "promise", None, promised)
    course.withdraw(course.later(day, 9, 12), "ask")
    day = course.withdraw(course.later(promised, 3, 9), "promise")
    course.ask(course.later(day, 1, 8), "ask 2", course.due(day, 20, 60), course.second)


def refused(course: Course) -> None:
    """Steps that are not open change nothing; it then goes on as if they had not been tried."""
    course.ask(course.opens, "too early", None, legal=False)
    day = course.later(course.opens, 4, 4)
    course.opens = day
    course.open()
    day = course.milestone(course.later(day, 1, 5), "M2", legal=False)
    day = course.milestone(course.later(day, 1, 5), "M1", legal=False, evidence=None)
    day = course.milestone(course.later(day, 1, 5), "M1")
    day = course.milestone(course.later(day, 1, 5), "M1", legal=False)
    day = course.milestone(course.later(day, 1, 9), "M0", evidence=None, reason="It was told too early.")
    day = course.ask(course.later(day, 1, 8), "ask", course.due(day, 12, 45))
    day = course.escalate(course.later(day, 1, 8), "sanction", legal=False)
    day = course.conclude(course.later(day, 1, 8), "achieved", legal=False)
    day = course.conclude(course.later(day, 20, 80), "discontinued")
    course.ask(course.later(day, 1, 8), "too late", course.due(day, 5, 9), legal=False)


def quiet(course: Course) -> None:
    """It is opened, and nothing more comes of it, or little."""
    day = course.open()
    if course.chance.random() < 0.5:
        course.milestone(course.later(day, 30, 80), "M1")


def by_supplier(course: Course) -> None:
    """The supplier itself commits, with a link of its own; whether it kept its word a member finds, in time or late."""
    day = course.open()
    day = course.ask(course.later(day, 1, 8), "ask", course.due(day, 30, 60))
    promised = course.due(day, 35, 60)
    told: dict[str, Any] = {
        "answer": "committed",
        "wording": "It will be done.",
        "measure": "The file shows it.",
        "due": promised,
    }
    day = course.say(course.later(day, 4, 12), "promise", **told)
    course.assess(course.later(day, 1, 4), "met", legal=False, basis="supplier", commitment="promise")
    course.assess(promised + timedelta(days=course.chance.choice([-9, 3, 20])), "met", commitment="promise")


COURSES: tuple[Callable[[Course], None], ...] = (
    kept,
    late,
    never,
    cured,
    joined,
    taken_back,
    refused,
    quiet,
    by_supplier,
)
