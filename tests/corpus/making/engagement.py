"""What is said in working groups and of contracts: by whom it may be, of whom, and what cannot be said at all."""

import random
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from shared.events import DOOR_TYPES
from shared.events.members import GroupEntry
from tests.corpus.cases import BOTH, CANARY, refused
from tests.corpus.events import Document, event, good
from tests.corpus.making.domain import NOBODY, bad, sends
from tests.corpus.making.syntax import Made

ENTRIES = tuple(sorted(kind.type for kind in GroupEntry.__subclasses__()))
STEPS = ("condition.scheduled.v1", "condition.followed-up.v1", "self-report.received.v1")
DUTIES = ("information-request.handled.v1", "account.published.v1")
LATER = "2199-12-31"


def engagement(_draw: random.Random) -> Iterator[Made]:
    yield from entries()
    yield from dialogue()
    yield from practices()
    yield from contracts()
    yield from duties()
    yield from days()


def entry(kind: str, **fields: Any) -> Document:
    """An entry in the group, of its supplier; None takes a field away."""
    data = good(kind)["data"] | {"workinggroup": "$GROUP", "supplier": "$SUPPLIER"}
    if "sites" in data:
        data["sites"] = ["$SITE"]
    return {name: value for name, value in (data | fields).items() if value is not None}


def entries() -> Iterator[Made]:
    """Every entry: taken of the group's members, and of nobody else, and no more once it is closed."""
    for kind in ENTRIES:
        yield bad(kind, entry(kind))
        for group in ("no-such-group", "$OTHERS"):
            yield bad(kind, entry(kind, workinggroup=group), ("not_a_member", "/data/workinggroup"))
        yield bad(kind, entry(kind, workinggroup="$CLOSED"), ("group_closed", "/data/workinggroup"))
        yield bad(kind, entry(kind, supplier=NOBODY), ("supplier_unknown", "/data/supplier"))
        yield bad(kind, entry(kind, engagement=CANARY), ("uuid_parsing", "/data/engagement"))
        for field in ("narrative", "identity", "contact"):
            yield bad(kind, entry(kind) | {field: CANARY}, ("unsealed", "/data"))
        if "sites" in DOOR_TYPES[kind].model_fields:
            yield bad(kind, entry(kind, sites=["$SITE", NOBODY]), ("site_unknown", "/data/sites/1"))


def dialogue() -> Iterator[Made]:
    """What the schema of one entry cannot say."""
    ask = "ask.made.v1"
    spelt = (NOBODY.upper(), f"{{{NOBODY}}}", f"urn:uuid:{NOBODY}", NOBODY.replace("-", ""), str(UUID(int=0)))
    for supplier in spelt:
        yield bad(ask, entry(ask, supplier=supplier), ("supplier_unknown", "/data/supplier"))
    for group in ("*", "$GROUP.dialogue", "../x", "A", "a" * 41, ""):
        yield bad(ask, entry(ask, workinggroup=group), ("string_pattern_mismatch", "/data/workinggroup"))
    held = "consultation.held.v1"
    for few in (0, 1, 9):
        yield bad(held, entry(held, participants=few), ("greater_than_equal", "/data/participants"))
    for quarter in ("2026-Q5", "2026-Q0", "Q1-2026", "2026-01"):
        yield bad(held, entry(held, quarter=quarter), ("string_pattern_mismatch", "/data/quarter"))
    for source in ("worker", "union", "monitoring_partner"):
        for kind in ("evidence.submitted.v1", "commitment.assessed.v1"):
            yield bad(kind, entry(kind, basis=source), ("unsealed", "/data/basis"))
    unreasoned = entry("opening.decided.v1", flags=[], indicators=[], statements=[], reason=None)
    yield bad("opening.decided.v1", unreasoned, ("reason_required", "/data/reason"))
    proof = good("evidence.submitted.v1")["data"]["evidence"]
    yield bad("milestone.reported.v1", entry("milestone.reported.v1", evidence=proof), ("unsealed", "/data/evidence"))
    concluded = entry("engagement.concluded.v1", reason=None)
    yield bad("engagement.concluded.v1", concluded, ("reason_required", "/data/reason"))
    into = entry("asks.joined.v1")["into"]
    yield bad("asks.joined.v1", entry("asks.joined.v1", asks=[into]), ("joined_into_itself", "/data/asks"))
    yield bad("asks.joined.v1", entry("asks.joined.v1", asks=[]), ("too_short", "/data/asks"))
    for fields in ({"ask": NOBODY}, {"commitment": None}):
        both = ("commitment_or_ask", "/data/commitment")
        yield bad("commitment.assessed.v1", entry("commitment.assessed.v1", **fields), both)
    cured = entry("escalation.taken.v1", taken_on="2026-01-02", cure_until="2026-01-01")
    yield bad("escalation.taken.v1", cured, ("due_before_asked", "/data/cure_until"))
    yield bad("escalation.taken.v1", entry("escalation.taken.v1", step="lawsuit"), ("value_error", "/data/step"))
    sent = event(ask, entry(ask))
    gone = {"submission": "$ID", "reason": "sent_by_mistake"}
    taken_back = event("submission.withdrawn.v1", gone) | {"id": "$ID-again"}
    yield sends([("http", sent), ("http", taken_back)], ["accepted", "accepted"])
    yield sends([("http", sent), ("other", taken_back)], ["accepted", "submission_unknown"])


def practices() -> Iterator[Made]:
    """A practice is recorded by its group, and offered by it to other groups that are open."""
    kind, offering = "practice.described.v1", "practice.offered-to.v1"
    described = good(kind)["data"] | {"workinggroup": "$GROUP", "supplier": "$SUPPLIER"}
    offered = {"workinggroup": "$GROUP", "practice": "$PRACTICE", "groups": ["$OTHERS"]}
    yield bad(kind, described)
    yield bad(offering, offered)
    for of_group, data in ((kind, described), (offering, offered)):
        yield bad(of_group, data | {"workinggroup": "$OTHERS"}, ("not_a_member", "/data/workinggroup"))
        yield bad(of_group, data | {"workinggroup": "$CLOSED"}, ("group_closed", "/data/workinggroup"))
    yield bad(kind, described | {"supplier": NOBODY}, ("supplier_unknown", "/data/supplier"))
    yield bad(kind, described | {"evidence": []}, ("too_short", "/data/evidence"))
    yield bad(offering, offered | {"practice": NOBODY}, ("practice_unknown", "/data/practice"))
    yield bad(offering, offered | {"groups": ["$OTHERS", "nobody"]}, ("group_unknown", "/data/groups/1"))
    yield bad(offering, offered | {"groups": ["$CLOSED"]}, ("group_closed", "/data/groups/0"))
    yield bad(offering, offered | {"groups": ["$GROUP"]}, ("offered_to_itself", "/data/groups/0"))
    yield bad(offering, offered | {"groups": []}, ("too_short", "/data/groups"))


def contracts() -> Iterator[Made]:
    """A step with a condition is of a contract that the sender has registered, or uses."""
    for kind in STEPS:
        step = good(kind)["data"] | {"contract": "corpus"}
        yield bad(kind, step)
        for reference in ("nothing", NOBODY, CANARY, "Corpus"):
            yield bad(kind, step | {"contract": reference}, ("contract_unknown", "/data/contract"))
        yield sends([("other", event(kind, step))], ["contract_unknown"])
        yield bad(kind, step | {"narrative": CANARY}, ("unsealed", "/data"))
    report = good("self-report.received.v1")["data"] | {"contract": "corpus"}
    twice = [{"step": "embed", "yes": True}, {"step": "embed", "yes": False}]
    yield bad("self-report.received.v1", report | {"answers": twice}, ("step_twice", "/data/answers"))
    yield bad("self-report.received.v1", report | {"answers": []}, ("too_short", "/data/answers"))
    for step in ("M4", "other", CANARY):
        answers = [{"step": step, "yes": True}]
        yield bad("self-report.received.v1", report | {"answers": answers}, ("value_error", "/data/answers/0/step"))


def duties() -> Iterator[Made]:
    """What the Transparency Act asks of whom it binds."""
    handled = {name: value for name, value in good(DUTIES[0])["data"].items() if name != "contract"}
    account = good(DUTIES[1])["data"]
    for kind, data in zip(DUTIES, (handled, account), strict=True):
        yield bad(kind, data)
        yield sends([("other", event(kind, data))], ["member_not_bound"])
    yield bad(DUTIES[0], handled | {"contract": "corpus"})
    yield bad(DUTIES[0], handled | {"contract": CANARY}, ("contract_unknown", "/data/contract"))
    for state, field in (("extended", "reasons"), ("extended", "until"), ("refused", "ground")):
        told = {name: value for name, value in handled.items() if name != field} | {"state": state}
        yield bad(DUTIES[0], told, ("reason_required", f"/data/{field}"))
    for requester in ("requester", "asked_by", "name"):
        yield bad(DUTIES[0], handled | {requester: CANARY}, ("extra_forbidden", "/data"))
    for year, code in ((2021, "greater_than_equal"), (2200, "less_than_equal"), ("2025", "int_type")):
        yield bad(DUTIES[1], account | {"year": year}, (code, "/data/year"))


def days() -> Iterator[Made]:
    """Nobody has done yet what is to come."""
    for kind in (*ENTRIES, *STEPS, *DUTIES):
        data = entry(kind) if kind in ENTRIES else good(kind)["data"]
        for field in sorted(data.keys() & DONE_ON):
            changed = {name: value for name, value in data.items() if name != "cure_until"} | {field: LATER}
            yield BOTH, {"event": event(kind, changed)}, refused(("day_in_future", f"/data/{field}"))


DONE_ON = {
    "assessed_on", "concluded_on", "decided_on", "observed_on", "on", "published_on", "reached_on", "received_on",
    "taken_on",
}  # fmt: skip
