"""Working groups: formed for a reason, joined, left and joined again, and closed; told in this order to all members."""

import asyncio
from typing import Any
from uuid import uuid4

import httpx
import pytest

from shared.events.engagement_words import GroupCause, GroupEnd
from shared.events.ingest import (
    WorkingGroupClosed,
    WorkingGroupEstablished,
    WorkingGroupJoined,
    WorkingGroupLeft,
)
from tests.ingest.conftest import Doors
from tests.ingest.seen import withdrawn
from tests.ingest.speaking import FOUNDING, close, entry, establish
from tests.ingest.waiting import until_one_waits

GROUP: dict[str, Any] = {
    "workinggroup": "batteries",
    "name": "Batteries",
    "purpose": "Cobalt in batteries.",
    "secretariat": "watch",
    "founding": FOUNDING | {"about": str(uuid4())},
    "categories": ["child_labour", "child_labour"],
    "instruments": ["C182", "C138", "C182"],
    "suppliers": ["Example Electronics Ltd", "EXAMPLE ELECTRONICS", "Example Mining"],
    "rightsholders": ["Example Miners' Union", "Example Miners' Union"],
    "members": [{"member": "oslo", "role": "lead"}],
}
OF_GROUPS = WorkingGroupEstablished | WorkingGroupJoined | WorkingGroupLeft | WorkingGroupClosed


async def told(doors: Doors, slug: str = "batteries") -> list[Any]:
    """What all members are told of a group, in order, under the group's own key."""
    found = [(topic, key, one.data) for topic, key, one in await doors.published() if isinstance(one.data, OF_GROUPS)]
    assert {topic for topic, _, _ in found} <= {"members.registry"}
    return [data for _, key, data in found if key == slug]


async def operate(doors: Doors, **change: Any) -> httpx.Response:
    return await doors.operate("POST", "/workinggroups", GROUP | change)


async def join(doors: Doors, member: str = "oslo", slug: str = "batteries", **order: Any) -> httpx.Response:
    return await doors.operate("POST", f"/workinggroups/{slug}/members", {"member": member} | order)


async def leave(doors: Doors, member: str = "oslo", **query: Any) -> httpx.Response:
    path = f"/workinggroups/batteries/members/{member}"
    return await doors.operate("DELETE", path + ("?dry_run=true" if query.get("dry_run") else ""))


async def test_a_working_group_is_told_whole_and_once_with_why_it_was_formed(doors: Doors) -> None:
    first, again = await operate(doors), await operate(doors)

    group, joined = await told(doors)
    ids = first.json()["suppliers"]
    assert (first.status_code, again.status_code) == (201, 200)
    assert ids["Example Electronics Ltd"] == ids["EXAMPLE ELECTRONICS"]
    assert [str(one) for one in group.suppliers] == [ids["Example Electronics Ltd"], ids["Example Mining"]]
    assert (group.categories, group.instruments) == (("child_labour",), ("C182", "C138"))
    assert group.rightsholders == ("Example Miners' Union",)
    assert (group.founding.cause, group.founding.reason) == (GroupCause.COMPLIANCE_CONCERN, FOUNDING["reason"])
    assert str(group.founding.about) == GROUP["founding"]["about"]
    assert (joined.member, joined.role) == ("oslo", "lead")


async def test_a_new_group_says_why_it_is_formed_and_a_correction_keeps_that(doors: Doors) -> None:
    without = {name: value for name, value in GROUP.items() if name != "founding"}

    refused = await doors.operate("POST", "/workinggroups", without)
    await operate(doors)
    corrected = await doors.operate("POST", "/workinggroups", without | {"name": "Cells"})

    assert (refused.status_code, refused.json()["code"]) == (422, "founding_missing")
    assert refused.json()["errors"][0]["pointer"] == "/founding"
    assert "--cause compliance-concern --why" in refused.json()["errors"][0]["remedy"]
    assert corrected.status_code == 200
    groups = [one for one in await told(doors) if isinstance(one, WorkingGroupEstablished)]
    assert [one.name for one in groups] == ["Batteries", "Cells"]
    assert groups[0].founding == groups[1].founding


@pytest.mark.parametrize(
    ("change", "pointers"),
    [
        ({"secretariat": "nobody"}, ["/secretariat"]),
        ({"members": [{"member": "oslo"}, {"member": "nobody"}]}, ["/members/1/member"]),
    ],
)
async def test_a_working_group_is_made_of_members(doors: Doors, change: dict[str, Any], pointers: list[str]) -> None:
    answer = await operate(doors, **change)

    assert (answer.status_code, answer.json()["code"]) == (422, "member_unknown")
    assert [one["pointer"] for one in answer.json()["errors"]] == pointers
    assert (await doors.count("workinggroup"), await doors.count("supplier")) == (0, 0)


async def test_joining_leaving_and_joining_again_are_told_in_order_and_once_each(doors: Doors) -> None:
    await operate(doors, members=[])

    answers = [await join(doors), await join(doors), await join(doors, role="lead"), await leave(doors)]
    answers += [await join(doors, role="supporting")]

    assert [one.status_code for one in answers] == [201, 200, 200, 200, 201]
    _, *parts = await told(doors)
    assert [(type(one), getattr(one, "role", None)) for one in parts] == [
        (WorkingGroupJoined, "collaborating"),
        (WorkingGroupJoined, "lead"),
        (WorkingGroupLeft, None),
        (WorkingGroupJoined, "supporting"),
    ]


async def test_nobody_leaves_by_being_left_out_of_a_correction(doors: Doors) -> None:
    await operate(doors)

    await operate(doors, members=[{"member": "watch"}])

    assert [one.member for one in await told(doors) if isinstance(one, WorkingGroupJoined)] == ["oslo", "watch"]
    assert not [one for one in await told(doors) if isinstance(one, WorkingGroupLeft)]


@pytest.mark.parametrize(
    ("member", "slug", "code"),
    [("nobody", "batteries", "member_unknown"), ("oslo", "nothing", "group_unknown"), ("oslo", "%00", "not_found")],
)
async def test_only_members_join_and_only_groups_that_are_there(
    doors: Doors, member: str, slug: str, code: str
) -> None:
    await operate(doors)

    answer = await join(doors, member, slug)

    assert (answer.status_code, answer.json()["code"]) == (404, code)


async def test_who_takes_no_part_does_not_leave(doors: Doors) -> None:
    await operate(doors)

    answer = await leave(doors, "watch")

    assert (answer.status_code, answer.json()["code"]) == (404, "not_a_member")


async def test_what_would_end_is_said_before_a_member_leaves_or_a_group_closes(doors: Doors) -> None:
    supplier = await establish(doors, "oslo", "watch", slug="batteries")
    told_of = {"workinggroup": "batteries"}
    taken_back = entry("ask.made.v1", supplier, **told_of)
    await doors.send(entry("ask.made.v1", supplier, **told_of), taken_back)
    await doors.send(withdrawn(taken_back), entry("ask.made.v1", supplier, engagement=str(uuid4()), **told_of))
    await doors.send(entry("commitment.made.v1", supplier, **told_of), member="watch")
    before = await told(doors)

    of_oslo = (await leave(doors, dry_run=True)).json()
    of_all = await close(doors, "batteries", dry_run=True)

    assert [of_oslo[name] for name in ("ended", "members", "engagements", "entries")] == [None, 1, 2, 2]
    assert [of_all[name] for name in ("ended", "members", "engagements", "entries")] == [None, 2, 2, 3]
    assert await told(doors) == before


async def test_a_group_is_closed_once_and_for_good(doors: Doors) -> None:
    await operate(doors)

    first, again = await close(doors, "batteries", reason="discontinued"), await close(doors, "batteries")

    assert first["ended"] == again["ended"] is not None
    assert [one.reason for one in await told(doors) if isinstance(one, WorkingGroupClosed)] == [GroupEnd.DISCONTINUED]
    for answer in (await operate(doors, name="Cells"), await join(doors, "watch")):
        assert (answer.status_code, answer.json()["code"]) == (409, "group_closed")
    assert (await leave(doors)).status_code == 200
    assert isinstance((await told(doors))[-1], WorkingGroupLeft)


async def test_a_closed_group_is_not_counted(doors: Doors) -> None:
    await operate(doors)
    await close(doors, "batteries")

    assert (await doors.operate("GET", "/registry/summary")).json()["groups"] == 0


async def test_a_member_that_is_leaving_does_not_come_into_a_working_group(doors: Doors) -> None:
    async with doors.schema.pool.acquire() as leaving, doors.schema.pool.acquire() as watcher:
        async with leaving.transaction():
            await leaving.execute("SELECT FROM member WHERE slug = 'oslo' FOR NO KEY UPDATE")
            establishing = asyncio.create_task(operate(doors))
            await until_one_waits(watcher)
            await leaving.execute("UPDATE member SET left_at = now() WHERE slug = 'oslo'")

        answer = await establishing

    assert (answer.status_code, answer.json()["code"]) == (422, "member_unknown")
    assert await doors.count("workinggroup") == 0


async def test_who_joins_while_a_group_closes_comes_too_late(doors: Doors) -> None:
    await operate(doors, members=[])
    async with doors.schema.pool.acquire() as closing, doors.schema.pool.acquire() as watcher:
        async with closing.transaction():
            await closing.execute("SELECT FROM workinggroup FOR NO KEY UPDATE")
            joining = asyncio.create_task(join(doors))
            await until_one_waits(watcher)
            await closing.execute("UPDATE workinggroup SET closed_at = now(), close_reason = 'other'")

        answer = await joining

    assert (answer.status_code, answer.json()["code"]) == (409, "group_closed")
