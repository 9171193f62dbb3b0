"""What of a file's notices is news: against what its sender has said of the same contracts before.

A statement is known again by what it says, not by its file, so that a file sent again, under whatever name, changes
nothing and a changed row is a modification. A notice that is older than what holds changes nothing either.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote

from services.ingest.domain.notices.notice import Data, Notice, digest, ended
from shared.company_names import normalise_name
from shared.events.members import ContractEnded, ContractRegistered
from shared.events.vocabulary import ContractEnd, ContractLevel

SOURCE = "urn:engage:import:"
DIGITS = 32
"""Hexadecimal digits of a digest by which a statement is known again."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What its owner said last of a contract: the event ids of the newest statement and of the newest registration.

    `is_announced` holds for a contract that binds and has no supplier yet.
    """

    newest: str | None = None
    registered: str | None = None
    said: datetime | None = None
    is_announced: bool = False


@dataclass(frozen=True, slots=True)
class Framework:
    """A contract by which a call-off's framework may be known: its `notice` or `ocid` is one of the `keys`."""

    reference: str
    keys: frozenset[str]
    level: str
    supplier: str | None


@dataclass(frozen=True, slots=True)
class Buyers:
    """The members among the buyers: their slugs by organisation number, and the number of who imports."""

    slugs: Mapping[str, str]
    own: str | None


@dataclass(slots=True)
class Step:
    """One statement of a notice. Without an `event` it says nothing new; `side` for one that no notice made itself."""

    notice: Notice
    type: str
    data: Data
    side: bool = False
    event: Data | None = None


@dataclass(slots=True)
class Plan:
    """The steps, and what is to be told beside them: the places of the notices by the code of a warning."""

    steps: list[Step] = field(default_factory=list)
    warnings: dict[str, dict[str, None]] = field(default_factory=lambda: defaultdict(dict))

    def warn(self, code: str, notice: Notice) -> None:
        self.warnings[code][notice.place] = None


def plan(
    notices: Sequence[Notice],
    standing: Mapping[str, Standing],
    frameworks: Sequence[Framework],
    buyers: Buyers,
    source: str,
    at: datetime,
) -> Plan:
    """What to send for the notices of one file, in their order; one without a date says it now, `at`."""
    made = Plan()
    known = by_key([*frameworks, *(framework_in(one) for one in notices if one.contract is not None)])
    for notice in notices:
        for code in told_aside(notice, buyers):
            made.warn(code, notice)
        if notice.contract is not None:
            data = joined(notice, known, buyers, made)
            made.steps.append(Step(notice, ContractRegistered.type, data))
        if notice.end is not None:
            made.steps.append(Step(notice, ContractEnded.type, notice.end))
    made.steps += overtaken(made.steps, standing)
    by_reference: dict[str, list[Step]] = defaultdict(list)
    for step in made.steps:
        by_reference[str(step.data["reference"])].append(step)
    for reference, steps in by_reference.items():
        number(steps, standing.get(reference, Standing()), made, source, at)
    return made


def told_aside(notice: Notice, buyers: Buyers) -> list[str]:
    """What the sender should know of a notice that is taken all the same."""
    parties = (*notice.buyers, *notice.managers)
    told = ["identifier_ignored"] if notice.ignored else []
    if parties and buyers.own is None:
        told.insert(0, "buyer_not_compared")
    elif parties and buyers.own not in parties:
        told.insert(0, "buyer_is_another")
    return told


def framework_in(notice: Notice) -> Framework:
    """The contract of a notice, as what a call-off in the same file may belong to."""
    data = notice.contract or {}
    keys = frozenset(str(data[name]) for name in ("notice", "ocid") if name in data)
    return Framework(data["reference"], keys, data["level"], data.get("supplier", {}).get("name"))


def by_key(frameworks: Sequence[Framework]) -> dict[str, list[Framework]]:
    """The framework agreements among contracts, by what they may be known by."""
    found: dict[str, list[Framework]] = defaultdict(list)
    for one in frameworks:
        if one.level == ContractLevel.FRAMEWORK:
            for key in one.keys:
                found[key].append(one)
    return found


def joined(notice: Notice, known: Mapping[str, Sequence[Framework]], buyers: Buyers, made: Plan) -> Data:
    """The data of a contract with its framework and with those of its buyers that are members."""
    assert notice.contract is not None
    users = sorted({buyers.slugs[one] for one in notice.buyers if one in buyers.slugs and one != buyers.own})
    data = notice.contract | ({"end_users": users} if users else {})
    if notice.framework is not None and "parent" not in data:
        above = framework_of(notice, known)
        if above is None:
            made.warn("framework_unknown", notice)
        else:
            data["parent"] = above
    return data


def framework_of(notice: Notice, known: Mapping[str, Sequence[Framework]]) -> str | None:
    """The reference of the framework above: of several, that with the same supplier; None where it cannot be told."""
    assert notice.contract is not None
    candidates = [one for one in known.get(notice.framework or "", ()) if one.reference != notice.reference]
    found = {one.reference: one for one in candidates}
    if len(found) > 1:
        name = normalise_name(notice.contract.get("supplier", {}).get("name", ""))
        same = (one for one in found.values() if one.supplier is not None and normalise_name(one.supplier) == name)
        found = {one.reference: one for one in same}
    return next(iter(found)) if len(found) == 1 else None


def overtaken(steps: Sequence[Step], standing: Mapping[str, Standing]) -> list[Step]:
    """The ends of announcements of which contracts have come under references of their own."""
    announced = {name for name, one in standing.items() if one.is_announced}
    own: set[str] = set()
    for step in steps:
        if step.type == ContractRegistered.type:
            (own if "supplier" in step.data else announced).add(step.data["reference"])
    ends: dict[str, Step] = {}
    for step in steps:
        if step.type == ContractRegistered.type and "supplier" in step.data and step.notice.said is not None:
            for name in step.notice.earlier:
                if name in announced and name not in own:
                    end = ended(name, step.notice.said.date(), ContractEnd.REPLACED, step.data.get("notice"))
                    ends.setdefault(name, Step(step.notice, ContractEnded.type, end, side=True))
    return list(ends.values())


def number(steps: Sequence[Step], before: Standing, made: Plan, source: str, at: datetime) -> None:
    """Give an event to each statement on one contract that is news.

    Its id is what it says and after what; so it is another one where a contract is changed back to what it was.
    """
    marks = [digest([step.type, step.data])[:DIGITS] for step in steps]
    known = {mark for mark in (mark_of(before.newest), mark_of(before.registered)) if mark is not None}
    repeated = max((place for place, mark in enumerate(marks) if mark in known), default=-1)
    previous = before.newest
    for step, mark in list(zip(steps, marks, strict=True))[repeated + 1 :]:
        said = step.notice.said
        if said is not None and before.said is not None and said < before.said:
            made.warn("older_than_known", step.notice)
            continue
        name = f"{mark}-{digest(previous)[:16]}"
        step.event = event(step, name, source, said or at)
        previous = name


def mark_of(name: str | None) -> str | None:
    """By what a statement is known again, where its event was made here."""
    return None if name is None else name.partition("-")[0]


def event(step: Step, name: str, source: str, at: datetime) -> dict[str, Any]:
    """A statement as a CloudEvent."""
    envelope = {"specversion": "1.0", "id": name, "source": source, "type": step.type}
    return envelope | {"time": at.isoformat(), "data": step.data}


def source_of(list_name: str) -> str:
    """The source of events that are made of a file: the name of its list."""
    quoted = quote(list_name, safe="")
    return SOURCE + (quoted if len(quoted) <= 150 else digest(list_name)[:DIGITS])
