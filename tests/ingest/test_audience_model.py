"""Whatever is said of contracts and disclosures, in any order: each member sees what a plain model says it should."""

from dataclasses import dataclass, field
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.events import decode
from shared.events.ingest import (
    ContractClosed,
    ContractRecorded,
    DisclosureAccepted,
    DisclosureLinked,
    DisclosureRetired,
    DisclosureUnlinked,
)
from shared.packing import unpack
from tests.ingest.conftest import Doors
from tests.ingest.given import DISCLOSURE, SITE, event
from tests.ingest.seen import contract, ended, join, withdrawn
from tests.ingest.test_audience import NOT_DISCLOSED

MEMBERS = ("oslo", "watch", "county")
REFERENCES = ("A", "B")
SITES = (1, 1, 2)
EVERYONE = ""
Own = tuple[str, str]
"""A contract by its owner and reference."""


@dataclass(frozen=True)
class Register:
    member: str
    reference: str
    parent: Own | None
    end_users: frozenset[str]
    awarded: bool


@dataclass(frozen=True)
class End:
    member: str
    reference: str


@dataclass(frozen=True)
class Disclose:
    member: str
    site: int | None
    published: bool
    reference: str | None


@dataclass(frozen=True)
class TakeBack:
    """The member's submission of this number, counted from its newest; none where it has not sent so many."""

    member: str
    back: int


Step = Register | End | Disclose | TakeBack
member = st.sampled_from(MEMBERS)
reference = st.sampled_from(REFERENCES)
steps = st.one_of(
    st.builds(
        Register,
        member,
        reference,
        st.none() | st.tuples(member, st.just("A")),
        st.frozensets(member, max_size=2),
        st.sampled_from((True, True, False)),
    ),
    st.builds(End, member, reference),
    st.builds(Disclose, member, st.none() | st.sampled_from(SITES), st.booleans(), st.none() | reference),
    st.builds(Disclose, member, st.sampled_from(SITES), st.just(False), reference),
    st.builds(TakeBack, member, st.integers(0, 3)),
)
batches = st.lists(st.lists(steps, min_size=1, max_size=3), min_size=8, max_size=12)


@dataclass
class Sent:
    """A submission of the model: which step it was, whether it still stands, and the event that was sent."""

    step: Step
    event: dict[str, Any]
    stands: bool = True


@dataclass
class Model:
    """What was sent, in order; everything else is concluded from it, slowly and plainly."""

    sent: list[Sent] = field(default_factory=list)

    def contracts(self) -> dict[Own, Register]:
        """The contracts that bind."""
        binding: dict[Own, Register] = {}
        for one in self.sent:
            if isinstance(one.step, Register) and one.stands:
                binding[one.step.member, one.step.reference] = one.step
            if isinstance(one.step, End) and one.stands:
                binding.pop((one.step.member, one.step.reference), None)
        return binding

    def registered(self, own: Own) -> bool:
        return any(
            isinstance(one.step, Register) and one.stands and (one.step.member, one.step.reference) == own
            for one in self.sent
        )

    def above(self, own: Own) -> set[Own]:
        """The contracts above one that binds, as far as each names the buyer below."""
        binding, found, current = self.contracts(), set[Own](), own
        while current in binding:
            parent = binding[current].parent
            if parent is None or parent not in binding or parent in found:
                break
            if parent[0] != current[0] and current[0] not in binding[parent].end_users:
                break
            found.add(parent)
            current = parent
        return found

    def parties(self, own: Own) -> set[str]:
        """Who may know of a contract."""
        binding = self.contracts()
        if own not in binding:
            return set()
        known = {own[0]} | binding[own].end_users | {above[0] for above in self.above(own)}
        for below in binding:
            if own in self.above(below):
                known |= {below[0]} | binding[below].end_users
        return known

    def linked(self, disclose: Disclose) -> set[str]:
        """Who is linked by the contract of a disclosure."""
        own = (disclose.member, disclose.reference or "")
        binding = self.contracts()
        return self.parties(own) if own in binding and binding[own].awarded else set()

    def standing(self) -> list[tuple[str, Disclose]]:
        return [(str(one.event["id"]), one.step) for one in self.sent if isinstance(one.step, Disclose) and one.stands]

    def visible(self) -> set[tuple[str, str]]:
        """(reader, disclosure by the id under which it was sent)."""
        found: set[tuple[str, str]] = set()
        for name, one in self.standing():
            readers = {one.member} | self.linked(one)
            if one.site is not None:
                readers |= {who for _, other in self.standing() if other.site == one.site for who in self.linked(other)}
            found |= {(reader, name) for reader in ({EVERYONE} if one.published else readers)}
        return found

    def links(self) -> set[tuple[str, str, Own]]:
        """(reader, disclosure, contract) where a member is told that the disclosure belongs to its contract."""
        found: set[tuple[str, str, Own]] = set()
        for name, one in self.standing():
            if one.reference is not None:
                own = (one.member, one.reference)
                owner = {one.member} if own in self.contracts() or not self.registered(own) else set()
                found |= {(reader, name, own) for reader in self.linked(one) | owner}
        return found

    def known(self) -> set[tuple[str, Own]]:
        return {(reader, own) for own in self.contracts() for reader in self.parties(own)}


@dataclass
class Told:
    """What was told, event by event; `names` gives the id under which a disclosure was sent."""

    doors: Doors
    last: int = 0
    visible: set[tuple[str, UUID]] = field(default_factory=set)
    links: set[tuple[str, UUID, UUID]] = field(default_factory=set)
    known: set[tuple[str, UUID]] = field(default_factory=set)

    async def read(self) -> None:
        """Follow what was published since; an end without a beginning fails."""
        query = "SELECT id, topic, headers, value FROM outbox WHERE id > $1 ORDER BY id"
        for row in await self.doors.schema.rows(query, self.last):
            self.last = row["id"]
            parts = row["topic"].split(".")
            reader = parts[1] if parts[0] == "member" else EVERYONE
            self.follow(reader, decode(unpack(row["headers"]), row["value"]).data)

    def follow(self, reader: str, data: Any) -> None:
        match data:
            case DisclosureAccepted():
                assert (reader, data.disclosure) not in self.visible, "told twice"
                self.visible.add((reader, data.disclosure))
            case DisclosureRetired():
                self.visible.remove((reader, data.disclosure))
            case DisclosureLinked():
                assert (reader, data.disclosure, data.contract) not in self.links, "linked twice"
                self.links.add((reader, data.disclosure, data.contract))
            case DisclosureUnlinked():
                self.links.remove((reader, data.disclosure, data.contract))
            case ContractRecorded():
                self.known.add((reader, data.contract))
            case ContractClosed():
                self.known.remove((reader, data.contract))
            case _:
                pass


EXAMPLES = count(1)


def to_send(model: Model, step: Step, example: int) -> dict[str, Any] | None:
    """The event of a step, with names of this example's own; None where there is nothing to take back."""

    def name(own: str) -> str:
        return f"{own}-{example}"

    match step:
        case Register():
            fields: dict[str, Any] = {"end_users": sorted(step.end_users)}
            if step.parent is not None:
                fields |= {"parent_member": step.parent[0], "parent": name(step.parent[1])}
            if not step.awarded:
                fields |= {"supplier": None}
            return contract(name(step.reference), **fields)
        case End():
            return ended(name(step.reference))
        case Disclose():
            site = SITE | {"name": f"Example Works {step.site}-{example}", "address": f"{step.site} Road {example}"}
            place = {"site": None, "not_disclosed": NOT_DISCLOSED} if step.site is None else {"site": site}
            belongs = {"published": step.published, "contract": step.reference and name(step.reference)}
            return event("disclosure.submitted.v1", DISCLOSURE | place | belongs)
        case TakeBack():
            own = [one for one in model.sent if one.step.member == step.member]
            return withdrawn(own[-1 - step.back].event) if len(own) > step.back else None


def learn(model: Model, step: Step, sent: dict[str, Any], outcome: str) -> None:
    """Let the model follow a step; the answer must be the one that the model expects."""
    if isinstance(step, TakeBack):
        target = next(one for one in model.sent if one.event["id"] == sent["data"]["submission"])
        assert outcome == ("accepted" if target.stands else "rejected")
        target.stands = False
        return
    expected = not isinstance(step, End) or model.registered((step.member, step.reference))
    assert outcome == ("accepted" if expected else "rejected")
    if expected:
        model.sent.append(Sent(step, sent))


async def compare(doors: Doors, model: Model, told: Told, example: int) -> None:
    await told.read()
    names = {row["id"]: row["submission"] for row in await doors.schema.rows("SELECT id, submission FROM disclosure")}
    rows = await doors.schema.rows("SELECT id, member, reference FROM contract")
    contracts = {row["id"]: (row["member"], row["reference"].removesuffix(f"-{example}")) for row in rows}
    assert {(reader, names[one]) for reader, one in told.visible} == model.visible()
    assert {(reader, names[one], contracts[own]) for reader, one, own in told.links} == model.links()
    assert {(reader, contracts[own]) for reader, own in told.known} == model.known()


@pytest.fixture
async def three(doors: Doors) -> Doors:
    """The doors with all three members."""
    await join(doors, *MEMBERS[2:])
    return doors


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(plan=batches)
async def test_each_member_is_told_what_it_should_see_and_nothing_else(three: Doors, plan: list[list[Step]]) -> None:
    example, model = next(EXAMPLES), Model()
    last = (await three.schema.rows("SELECT coalesce(max(id), 0) FROM outbox"))[0][0]
    told = Told(three, last)
    for batch in plan:
        for step in batch:
            sent = to_send(model, step, example)
            if sent is not None:
                answer = await three.send(sent, member=step.member)
                learn(model, step, sent, answer.json()["receipts"][0]["outcome"])
        await compare(three, model, told, example)
