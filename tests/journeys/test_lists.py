"""A member joins and its list goes in, edition by edition; an integrator reads along."""

import csv
from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4

import httpx

from tests.journeys import topics
from tests.journeys.conftest import NewMember
from tests.journeys.door import Door, disclosure
from tests.journeys.topics import Told
from tests.live_stack import LiveStack

Row = tuple[str, str, str]
HEADER = ("country", "name", "address", "sector")


def write_list(file: Path, rows: Sequence[Row]) -> Path:
    """A list with the columns of Open Supply Hub."""
    with file.open("w", newline="", encoding="utf-8") as out:
        csv.writer(out).writerows([HEADER, *((*row, "Electronics") for row in rows)])
    return file


def import_list(stack: LiveStack, member: Door, file: Path, edition: str) -> dict[str, int]:
    words = ("--member", member.member, "--list", "journey", "--edition", edition, "--published")
    report: dict[str, int] = stack.json("import", str(file), *words)
    return report


async def naming(stack: LiveStack, words: str) -> dict[str, list[Told]]:
    """The events on the registry and on disclosures that hold certain words, by type."""
    found: dict[str, list[Told]] = {}
    bootstrap = stack.status()["kafka"]["bootstrap"]
    for one in await topics.events(bootstrap, "members.registry", "members.disclosure"):
        if words in str(one.data):
            found.setdefault(one.type, []).append(one)
    return found


async def test_a_new_member_has_its_topics_an_entry_and_a_key_that_works(
    stack: LiveStack, new_member: NewMember, fresh: str
) -> None:
    member = new_member()

    own = {f"{kind}.{member.member}" for kind in ("intake", "outcome")}
    own |= {f"member.{member.member}.{kind}" for kind in ("contract", "disclosure", "exposure", "key")}
    bootstrap = stack.status()["kafka"]["bootstrap"]
    assert own <= await topics.topics(bootstrap)
    assert [receipt["outcome"] for receipt in member.send(disclosure(f"Example Electronics {fresh}"))] == ["accepted"]
    stack.settled()
    entries = [e for e in await topics.events(bootstrap, "members.registry") if e.subject == member.member]
    assert [entry.type for entry in entries] == ["member.registered.v1"]


def test_adding_a_member_again_shows_no_key_and_a_new_key_does_not_end_the_old_one(
    stack: LiveStack, new_member: NewMember, fresh: str
) -> None:
    first = new_member()
    words = ("member", "add", first.member, "--name", f"Example City {first.member}", "--country", "NO")

    told = stack.engage(*words)
    stack.engage("member", "key", "add", first.member, "--keep")

    second = stack.member_key(first.member)
    assert first.key not in told and second not in told
    assert second != first.key
    for key in (first.key, second):
        assert first.post(b"[]", "application/cloudevents-batch+json", key).status_code == 202


async def test_two_editions_of_a_list_add_sites_know_them_again_and_tell_which_are_gone(
    stack: LiveStack, new_member: NewMember, fresh: str, tmp_path: Path
) -> None:
    member = new_member()
    kept, gone, came = f"Éxample Mükro {fresh}", f"Example Gone {fresh}", f"Example New {fresh}"
    first = write_list(
        tmp_path / "2024.csv", [("VN", f"{kept} Co., Ltd.", "1 Hauptstraße"), ("MY", gone, "2 Sample Rd")]
    )
    second = write_list(
        tmp_path / "2025.csv",
        [("Viet Nam", f"EXAMPLE MUKRO {fresh} LIMITED", "1, Hauptstrasse"), ("MYS", came, "3 Sample Road")],
    )

    before, after = (import_list(stack, member, file, file.stem) for file in (first, second))
    again = import_list(stack, member, second, "2025")
    stack.settled()

    counts = ("rows", "accepted", "duplicate", "rejected", "sites_new", "sites_known", "sites_gone")
    assert [before[name] for name in counts] == [2, 2, 0, 0, 2, 0, 0]
    assert [after[name] for name in counts] == [2, 1, 1, 0, 1, 1, 1]
    assert [again[name] for name in counts] == [2, 0, 2, 0, 0, 2, 0]
    told = await naming(stack, fresh)
    assert sorted(e.data["name"] for e in told["site.registered.v1"]) == sorted([f"{kept} Co., Ltd.", gone, came])
    assert len(told["supplier.registered.v1"]) == 3
    accepted = {e.data["site_name"]: e.data["disclosure"] for e in told["disclosure.accepted.v1"]}
    assert accepted.keys() == {f"{kept} Co., Ltd.", gone, came}
    ended = {e.data["disclosure"]: e.data["reason"] for e in (await naming(stack, "not_in_newer_edition")).popitem()[1]}
    assert accepted.values() & ended.keys() == {accepted[gone]}


async def test_what_a_source_has_not_published_goes_to_its_member_alone(
    stack: LiveStack, new_member: NewMember, fresh: str
) -> None:
    member = new_member()

    member.send(disclosure(f"Example Quiet {fresh}", published=False))
    stack.settled()

    bootstrap = stack.status()["kafka"]["bootstrap"]
    own = await topics.events(bootstrap, f"member.{member.member}.disclosure")
    assert [e.type for e in own] == ["disclosure.accepted.v1"]
    assert "disclosure.accepted.v1" not in await naming(stack, fresh)


async def test_every_stream_on_every_wide_topic_is_gapless(stack: LiveStack, member: Door, fresh: str) -> None:
    member.send(*(disclosure(f"Example Electronics {fresh}", number) for number in range(40)))
    stack.settled()

    bootstrap = stack.status()["kafka"]["bootstrap"]
    for topic in ("members.registry", "members.disclosure", "members.report", "members.risk"):
        assert topics.with_gaps(await topics.events(bootstrap, topic)) == {}, topic


def test_a_receipt_is_shown_to_its_member_and_another_member_sees_what_a_stranger_sees(
    stack: LiveStack, new_member: NewMember, fresh: str
) -> None:
    owner, other = new_member(), new_member()
    receipt = owner.send(disclosure(f"Example Electronics {fresh}"))[0]["receipt"]

    own, anothers, unknown = owner.receipt(receipt), other.receipt(receipt), other.receipt(str(uuid4()))

    assert (own.status_code, own.json()["outcome"]) == (200, "accepted")
    assert anothers.status_code == unknown.status_code == 404
    assert anothers.json() | {"instance": ""} == unknown.json() | {"instance": ""}
    assert httpx.get(f"{owner.url}/receipts/{receipt}").status_code == 401
    assert receipt in stack.engage("receipt", receipt, "--member", owner.member)
    assert "404" in stack.engage("receipt", receipt, "--member", other.member, code=1)
