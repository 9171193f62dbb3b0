"""Sealed testimony: it becomes a case whose clock survives a kill, and nobody else learns of it."""

import signal
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import psutil

from tests.journeys import topics
from tests.journeys.conftest import NewMember
from tests.journeys.door import Door, disclosure, flag
from tests.journeys.mailbox import RESTRICTED, mails, wait_for_mail
from tests.journeys.scanner import leaks
from tests.live_stack import LiveStack, wait_until

CASE = "SELECT case_id FROM grievance_case WHERE reference = $1"
FACTS = "SELECT type, data::jsonb->>'deadline' AS deadline FROM case_fact WHERE case_id = $1 ORDER BY position"


@dataclass(frozen=True)
class Filed:
    """A case: its own id, which only the case store knows, and the reference that stands for it."""

    case: UUID
    reference: str


async def rows(stack: LiveStack, query: str, argument: object) -> list[asyncpg.Record]:
    """What stands in the case store, as its administrator sees it."""
    connection = await asyncpg.connect(stack.dsn("remedy"))
    try:
        await connection.execute("SET search_path = remedy")
        return list(await connection.fetch(query, argument))
    finally:
        await connection.close()


def references(stack: LiveStack) -> set[str]:
    """The references of all cases, as the coordinator sees them."""
    return {str(case["reference"]) for case in stack.json("case", "list", "--as", "ingrid")}


async def file_testimony(stack: LiveStack, member: Door, text: str, folder: Path) -> Filed:
    """Seal a text and publish the box by the commands, and find the case that it has become; amina works on it."""
    plain, sealed = folder / "testimony.txt", folder / f"sealed-{uuid4()}.json"
    plain.write_text(text)
    stack.engage("seal", str(plain), "--kind", "grievance", "--out", str(sealed), "--no-receipt")
    assert text not in sealed.read_text()
    before = references(stack)
    assert "1 accepted" in stack.engage("publish", str(sealed), "--member", member.member)
    wait_until(lambda: bool(references(stack) - before), 30, lambda: "no case came of it")
    (reference,) = references(stack) - before
    stack.engage("case", "assign", reference, "amina", "--as", "ingrid")
    return Filed((await rows(stack, CASE, reference))[0]["case_id"], reference)


def restricted_mails(stack: LiveStack, filed: Filed) -> list[str]:
    """What the mails about a case say that it is about, in order."""
    kinds = ("new testimony", "deadline is near", "deadline has passed")
    bodies = [mail.body for mail in mails(stack) if mail.subject == RESTRICTED and filed.reference in mail.body]
    return [next(kind for kind in kinds if kind in body) for body in bodies]


def kill(stack: LiveStack, service: str) -> None:
    """SIGKILL a service; the supervisor starts it again."""
    pid = stack.state().children[service].pid
    psutil.Process(pid).send_signal(signal.SIGKILL)
    wait_until(lambda: stack.state().children[service].pid != pid, 30, lambda: f"{service} was not started again")


async def test_testimony_becomes_a_case_that_warns_and_fires_across_a_kill_and_is_seen_nowhere_else(
    stack: LiveStack, new_member: NewMember, fresh: str, tmp_path: Path
) -> None:
    marked = f"Invented: the plant's papers are kept, Zeichen {fresh} ü"

    filed = await file_testimony(stack, new_member(), marked, tmp_path)
    wait_until(lambda: "deadline is near" in restricted_mails(stack, filed), 40, lambda: "no warning came")
    kill(stack, "remedy")
    wait_until(lambda: "deadline has passed" in restricted_mails(stack, filed), 60, lambda: "the deadline never fired")
    stack.settled()

    assert restricted_mails(stack, filed) == ["new testimony", "deadline is near", "deadline has passed"]
    happened = await rows(stack, FACTS, filed.case)
    acknowledging = [row["type"] for row in happened if row["deadline"] == "acknowledge"]
    assert acknowledging == ["deadline.set.v1", "deadline.approaching.v1", "deadline.missed.v1"]
    told = await topics.events(stack.status()["kafka"]["bootstrap"], "restricted.case")
    assert [e.type for e in told if e.subject == str(filed.case)] == [row["type"] for row in happened]
    assert await leaks(stack, f"Zeichen {fresh} ü", fresh, str(filed.case), filed.case.hex, filed.case.bytes) == set()


async def test_acknowledging_a_case_stops_its_clock(
    stack: LiveStack, new_member: NewMember, fresh: str, tmp_path: Path
) -> None:
    member = new_member()
    heard = await file_testimony(stack, member, f"Invented testimony {fresh}", tmp_path)

    assert "acknowledged" in stack.engage("case", "acknowledge", heard.reference, "--as", "amina")

    later = await file_testimony(stack, member, f"Invented testimony, too {fresh}", tmp_path)
    wait_until(lambda: "deadline has passed" in restricted_mails(stack, later), 60, lambda: "the later one never fired")
    assert "deadline has passed" not in restricted_mails(stack, heard)
    assert "409" in stack.engage("case", "acknowledge", heard.reference, "--as", "amina", code=1)


async def test_only_an_assigned_handler_reads_testimony_and_the_reading_is_in_the_audit(
    stack: LiveStack, new_member: NewMember, fresh: str, tmp_path: Path
) -> None:
    filed = await file_testimony(stack, new_member(), f"Invented words {fresh}", tmp_path)
    why = ("--motivation", f"First reading {fresh}")

    read = stack.engage("case", "read", filed.reference, *why, "--as", "amina")
    refused = [
        stack.engage("case", "read", filed.reference, *why, "--as", name, code=1)
        for name in ("samir", "ingrid", "jonas", "maja")
    ]

    assert f"Invented words {fresh}" in read
    assert all(fresh not in answer for answer in refused)
    entries = await rows(stack, "SELECT action FROM audit_entry WHERE case_id = $1 ORDER BY position", filed.case)
    assert [row["action"] for row in entries if row["action"] == "read"] == ["read"]
    stack.settled()
    assert await leaks(stack, fresh) == set()


async def test_the_mails_about_testimony_say_a_reference_a_kind_and_a_day_and_are_all_of_one_length(
    stack: LiveStack, new_member: NewMember, fresh: str, tmp_path: Path
) -> None:
    filed = await file_testimony(stack, new_member(), f"Invented words {fresh}", tmp_path)

    mail = wait_for_mail(stack, lambda mail: filed.reference in mail.body)

    assert mail.subject == RESTRICTED
    lengths = {(len(one.text), len(one.html)) for one in mails(stack) if one.subject == RESTRICTED}
    assert len(lengths) == 1


async def test_a_flag_of_the_workers_side_sent_unsealed_is_refused_with_the_remedy_and_leaves_no_trace(
    stack: LiveStack, member: Door, fresh: str
) -> None:
    worker_side = ("worker", "union", "monitoring_partner")
    plain = [flag(f"Example Electronics {fresh}", source_class=source, headline=fresh) for source in worker_side]

    answers = member.send(*plain)
    stack.settled()

    assert [answer["outcome"] for answer in answers] == ["rejected"] * 3
    for answer in answers:
        assert [error["code"] for error in answer["errors"]] == ["unsealed"]
        assert "engage seal" in answer["errors"][0]["remedy"]
    assert await leaks(stack, fresh) == set()


async def test_a_text_passed_off_as_a_sealed_box_is_refused_and_leaves_no_trace(
    stack: LiveStack, member: Door, fresh: str
) -> None:
    data = {"kind": "grievance", "key": "0" * 16, "sealed": f"Inv{fresh}e="[:12]}
    answers = member.send(
        disclosure(f"Example Electronics {uuid4().hex}") | {"type": "testimony.submitted.v1", "data": data}
    )
    stack.settled()

    assert [error["code"] for error in answers[0]["errors"]] == ["not_sealed"]
    assert await leaks(stack, fresh) == set()


async def test_a_plain_text_that_reached_the_restricted_topic_is_a_dead_letter_that_shows_nothing(
    stack: LiveStack, fresh: str
) -> None:
    bootstrap = stack.status()["kafka"]["bootstrap"]
    before = len(await topics.records(bootstrap, "dead-letter.remedy"))

    key, text = f"case {fresh}", f'{{"narrative": "Invented words {fresh}"}}'
    await topics.publish(bootstrap, "restricted.testimony", (key.encode(), text.encode(), [("ce_id", fresh.encode())]))
    stack.settled()

    letters = await topics.events(bootstrap, "dead-letter.remedy")
    assert len(letters) == before + 1
    assert letters[-1].data["reason"] == "header_invalid"
    assert "payload" not in letters[-1].data and letters[-1].data["sealed"]
    assert await leaks(stack, fresh) == set()
