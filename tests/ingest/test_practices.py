"""Good practices: recorded by a group, offered to others without a word of whom, and taken back everywhere."""

from typing import Any
from uuid import uuid4

import pytest

from shared.events.ingest import PracticeOffered, PracticeRecorded, PracticeWithdrawn
from tests.ingest.conftest import Doors
from tests.ingest.given import event
from tests.ingest.seen import objections, outcomes, withdrawn
from tests.ingest.speaking import ENGAGEMENT, EVIDENCE, close, establish

PRACTICE: dict[str, Any] = {
    "workinggroup": "group",
    "title": "Fees are paid by the employer",
    "description": "The agency's bill goes to the factory, and workers sign that they paid nothing.",
    "category": "forced_labour",
    "evidence": [EVIDENCE],
}


def described(**fields: Any) -> dict[str, Any]:
    return event("practice.described.v1", PRACTICE | fields)


def offered(practice: str, *groups: str, **fields: Any) -> dict[str, Any]:
    data = {"workinggroup": "group", "practice": practice, "groups": list(groups)}
    return event("practice.offered-to.v1", data | fields)


async def told(doors: Doors) -> list[tuple[str, str, Any]]:
    """What groups are told of practices: the group, the key and what."""
    kinds = PracticeRecorded | PracticeOffered | PracticeWithdrawn
    found = [(topic, key, one.data) for topic, key, one in await doors.published() if isinstance(one.data, kinds)]
    return [(topic.split(".")[1], key, data) for topic, key, data in found]


async def recorded(doors: Doors, **fields: Any) -> tuple[dict[str, Any], str]:
    """A practice that `group` recorded: the event, and its id."""
    sent = described(**fields)
    return sent, str((await doors.send(sent)).json()["receipts"][0]["entry"])


async def test_a_practice_is_told_to_its_own_group_with_its_evidence(doors: Doors) -> None:
    supplier = await establish(doors, "oslo")

    _, practice = await recorded(doors, supplier=supplier, engagement=str(ENGAGEMENT))

    ((group, key, data),) = await told(doors)
    assert (group, key, str(data.practice)) == ("group", practice, practice)
    assert (data.member, str(data.supplier), data.engagement) == ("oslo", supplier, ENGAGEMENT)
    assert data.evidence[0].uri == EVIDENCE["uri"]


async def test_another_group_is_told_of_a_practice_and_neither_of_whom_nor_by_whom(doors: Doors) -> None:
    supplier = await establish(doors, "oslo")
    await establish(doors, slug="other")
    _, practice = await recorded(doors, supplier=supplier, engagement=str(ENGAGEMENT))

    answer = await doors.send(offered(practice, "other"))

    group, key, data = (await told(doors))[-1]
    said = data.model_dump_json()
    assert outcomes(answer) == ["accepted"]
    assert (group, key, data.offered_by, data.title) == ("other", practice, "group", PRACTICE["title"])
    assert isinstance(data, PracticeOffered)
    assert not [word for word in ("oslo", supplier, str(ENGAGEMENT)) if word in said]


async def test_a_group_is_told_once_however_often_a_practice_is_offered_to_it(doors: Doors) -> None:
    await establish(doors, "oslo")
    for slug in ("first", "second"):
        await establish(doors, slug=slug)
    _, practice = await recorded(doors)

    await doors.send(offered(practice, "first", "first"), offered(practice, "first"))
    await doors.send(offered(practice, "second", "first"))

    assert [group for group, _, _ in await told(doors)] == ["group", "first", "second"]


async def test_only_members_of_a_group_record_and_offer_its_practices(doors: Doors) -> None:
    await establish(doors)
    await establish(doors, "oslo", slug="other")
    answer = await doors.send(described(), member="watch")
    practice = answer.json()["receipts"][0]["entry"]
    stranger = [("not_a_member", "/data/workinggroup")]

    assert objections(await doors.send(described())) == stranger
    assert objections(await doors.send(offered(practice, "other"))) == stranger
    foreign = offered(practice, "group", workinggroup="other")
    assert objections(await doors.send(foreign)) == [("practice_unknown", "/data/practice")]


async def test_a_practice_is_of_a_known_supplier(doors: Doors) -> None:
    await establish(doors, "oslo")

    answer = await doors.send(described(supplier=str(uuid4())))

    assert objections(answer) == [("supplier_unknown", "/data/supplier")]


@pytest.mark.parametrize(
    ("groups", "objection"),
    [
        (["other", "nothing"], ("group_unknown", "/data/groups/1")),
        (["closed"], ("group_closed", "/data/groups/0")),
        (["group"], ("offered_to_itself", "/data/groups/0")),
    ],
)
async def test_a_practice_is_offered_to_other_open_groups(
    doors: Doors, groups: list[str], objection: tuple[str, str]
) -> None:
    await establish(doors, "oslo")
    for slug in ("other", "closed"):
        await establish(doors, slug=slug)
    await close(doors, "closed")
    _, practice = await recorded(doors)

    answer = await doors.send(offered(practice, *groups))

    assert objections(answer) == [objection]
    assert [group for group, _, _ in await told(doors)] == ["group"]


async def test_a_closed_group_records_and_offers_nothing(doors: Doors) -> None:
    await establish(doors, "oslo")
    await establish(doors, slug="other")
    _, practice = await recorded(doors)
    await close(doors)

    answer = await doors.send(described(), offered(practice, "other"))

    assert objections(answer) == [("group_closed", "/data/workinggroup")] * 2


async def test_a_practice_is_taken_back_wherever_it_was_told_and_not_offered_again(doors: Doors) -> None:
    await establish(doors, "oslo")
    await establish(doors, slug="other")
    sent, practice = await recorded(doors)
    await doors.send(offered(practice, "other"))

    await doors.send(withdrawn(sent))

    gone = [(group, key) for group, key, data in await told(doors) if isinstance(data, PracticeWithdrawn)]
    assert gone == [("group", practice), ("other", practice)]
    again = await doors.send(offered(practice, "other"), withdrawn(sent))
    assert objections(again) == [("practice_unknown", "/data/practice"), ("submission_unknown", "/data/submission")]


async def test_an_offer_is_taken_back_by_itself_and_may_be_made_again(doors: Doors) -> None:
    await establish(doors, "oslo")
    await establish(doors, slug="other")
    _, practice = await recorded(doors)
    offer = offered(practice, "other")
    await doors.send(offer)

    await doors.send(withdrawn(offer))
    await doors.send(offered(practice, "other"))

    assert [(group, type(data)) for group, _, data in await told(doors)] == [
        ("group", PracticeRecorded),
        ("other", PracticeOffered),
        ("other", PracticeWithdrawn),
        ("other", PracticeOffered),
    ]
