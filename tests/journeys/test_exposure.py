"""From a flag to the contracts that it touches, to the steps that members take with it, and all of it once more."""

from typing import Any
from uuid import UUID

import httpx

from deploy.local.state import service_url
from tests.journeys import topics
from tests.journeys.conftest import NewMember
from tests.journeys.door import Document, Door, disclosure, event, flag
from tests.live_stack import LiveStack


def contract(supplier: str, reference: str, **more: Any) -> Document:
    """An invented contract with a supplier."""
    data = {"reference": reference, "supplier": {"name": supplier}, "level": "single", "starts": "2026-01-01"}
    return event("contract.registered.v1", data | more)


def followed_up(report: str, state: str, **more: Any) -> Document:
    """A step that a member took with the flag of a report."""
    data = {"report": report, "state": state, "basis": "media", "decided_on": "2026-01-20"}
    return event("flag.followed-up.v1", data | more)


async def told(stack: LiveStack, topic: str, kind: str, words: str) -> list[dict[str, Any]]:
    """The data of the events of one type on a topic that hold certain words."""
    found = await topics.events(stack.status()["kafka"]["bootstrap"], topic)
    return [one.data for one in found if one.type == kind and words in str(one.data)]


def exposure(stack: LiveStack, member: Door, **query: str) -> httpx.Response:
    """What the exposure of a member is, asked with its own key."""
    url = f"{service_url(stack.state().ports['risk'])}/exposure"
    return httpx.get(url, params=query, headers={"authorization": f"Bearer {member.key}"}, timeout=60)


async def test_a_flag_tells_each_member_which_of_its_contracts_it_touches_and_nobody_anothers(
    stack: LiveStack, new_member: NewMember, fresh: str
) -> None:
    linked, stranger, supplier = new_member(), new_member(), f"Example Exposed {fresh}"
    linked.send(contract(supplier, f"C-{fresh}"), disclosure(supplier, published=False, contract=f"C-{fresh}"))
    stranger.send(contract(f"Example Elsewhere {fresh}", f"D-{fresh}"))
    stack.settled()

    linked.send(flag(supplier))
    stack.settled()

    (mine,) = await told(stack, f"member.{linked.member}.exposure", "exposure.changed.v1", "exposed")
    assert (mine["exposure"], mine["reach"]) == ("exposed", "disclosed_for_contract")
    (all_of_us,) = await told(stack, "members.risk", "leverage.changed.v1", mine["flag"])
    assert (all_of_us["buyers"], all_of_us.get("contracts")) == (1, None)
    assert not {mine["contract"], linked.member, f"C-{fresh}"} & set(map(str, all_of_us.values()))
    assert await told(stack, f"member.{stranger.member}.exposure", "exposure.changed.v1", "") == []

    answer = exposure(stack, linked, site=mine["site"], on="2026-12-01").json()
    assert f"C-{fresh}" in str(answer)
    assert f"C-{fresh}" not in exposure(stack, stranger, site=mine["site"], on="2026-12-01").text
    assert f"C-{fresh}" in stack.engage("risk", "exposure", mine["site"], "--member", linked.member)


async def test_members_move_a_flag_by_their_events_and_a_step_that_is_not_open_to_it_is_refused_with_the_reason(
    stack: LiveStack, new_member: NewMember, fresh: str
) -> None:
    one, other, supplier = new_member(), new_member(), f"Example Followed {fresh}"
    one.send(flag(supplier))
    other.send(flag(supplier, source_class="audit", headline=None) | {"source": "urn:engage:another"})
    stack.settled()
    opened = await told(stack, "members.risk", "flag.opened.v1", supplier)
    assert len(opened) == 1
    report = str(UUID(opened[0]["report"]))

    one.send(followed_up(report, "verified"))
    one.send(followed_up(report, "confirmed"))
    stack.settled()

    (refused,) = await told(stack, "members.risk", "follow-up.refused.v1", opened[0]["flag"])
    assert (refused["wanted"], refused["standing"], refused["refusal"]) == ("verified", "raised", "not_from_this_state")
    moved = await told(stack, "members.risk", "flag.moved.v1", opened[0]["flag"])
    assert [(data["before"], data["after"]) for data in moved] == [("raised", "confirmed")]
    assert "confirmed" in stack.engage("risk", "flag", opened[0]["flag"])


def test_all_that_was_concluded_is_concluded_again_from_the_topics(
    stack: LiveStack, new_member: NewMember, fresh: str
) -> None:
    member, supplier = new_member(), f"Example Rebuilt {fresh}"
    member.send(contract(supplier, f"C-{fresh}"), disclosure(supplier, contract=f"C-{fresh}"), flag(supplier))
    stack.settled()

    found = stack.json("risk", "rebuild")

    assert found["equal"] is True
    assert found["events"] > 0
