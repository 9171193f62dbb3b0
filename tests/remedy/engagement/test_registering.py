"""What the registry tells is known here: participants, working groups and who is in them, suppliers."""

from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID, uuid4

from shared.events.engagement_words import GroupEnd, Regime
from shared.events.envelope import Classification, Event
from shared.events.ingest import (
    MemberLeft,
    MemberRegistered,
    SupplierMerged,
    SupplierUnmerged,
    WorkingGroupClosed,
    WorkingGroupEstablished,
    WorkingGroupJoined,
    WorkingGroupLeft,
)
from shared.events.vocabulary import Category, DecidedBy, GroupRole, Instrument, MemberKind
from shared.postgres import Connection
from tests.remedy.given import FOLLOW_REGISTRY, NOON, event, group, handle, registered

TABLES = ("participant", "working_group", "group_member", "supplier", "account")


def later(hours: float) -> datetime:
    return NOON + timedelta(hours=hours)


def told(data: MemberRegistered | MemberLeft, at: datetime = NOON) -> Event:
    return event(data, data.member, Classification.MEMBERS, at)


def of_group(data: WorkingGroupJoined | WorkingGroupLeft | WorkingGroupClosed, at: datetime = NOON) -> Event:
    return event(data, data.workinggroup, Classification.MEMBERS, at)


def member(slug: str = "oslo", *regimes: Regime, name: str = "City of Oslo", at: datetime = NOON) -> Event:
    return told(MemberRegistered(member=slug, name=name, kind=MemberKind.BUYER, bound_by=regimes), at)


def left(slug: str = "oslo", at: datetime = NOON) -> Event:
    return told(MemberLeft(member=slug, kind=MemberKind.BUYER), at)


def joined(role: GroupRole = GroupRole.LEAD, slug: str = "oslo", at: datetime = NOON) -> Event:
    return of_group(WorkingGroupJoined(workinggroup="acme", member=slug, role=role), at)


def left_group(slug: str = "oslo", at: datetime = NOON) -> Event:
    return of_group(WorkingGroupLeft(workinggroup="acme", member=slug), at)


def merged(one: UUID, into: UUID) -> Event:
    data = SupplierMerged(supplier=one, into=into, decision=uuid4(), decided_by=DecidedBy.PERSON)
    return event(data, str(one), Classification.MEMBERS)


def parted(one: UUID, was_into: UUID) -> Event:
    data = SupplierUnmerged(supplier=one, was_into=was_into, decision=uuid4(), decided_by=DecidedBy.PERSON)
    return event(data, str(one), Classification.MEMBERS)


async def part(tx: Connection, slug: str = "oslo") -> tuple[object, ...]:
    """Role, since when and until when of a member in its group."""
    row = await tx.fetchrow("SELECT role, joined_at, left_at FROM group_member WHERE member = $1", slug)
    assert row is not None
    return tuple(row)


async def test_the_newest_word_on_a_member_holds_and_one_that_left_loses_its_name(tx: Connection) -> None:
    await handle(FOLLOW_REGISTRY, tx, member(name="Oslo"), member(name="City of Oslo"), member("bergen"))
    named = [tuple(row) for row in await tx.fetch("SELECT member, name, left_at FROM participant ORDER BY member")]
    await handle(FOLLOW_REGISTRY, tx, left(at=later(1)), left(at=later(2)))

    assert named == [("bergen", "City of Oslo", None), ("oslo", "City of Oslo", None)]
    row = await tx.fetchrow("SELECT name, kind, left_at FROM participant WHERE member = 'oslo'")
    assert row is not None and tuple(row) == ("", "buyer", later(1))


async def test_a_group_is_known_with_its_scope_and_its_end(tx: Connection) -> None:
    data = WorkingGroupEstablished(
        workinggroup="foa-cb",
        name="Freedom of association",
        purpose="To learn from it.",
        secretariat="electronics-watch",
        instruments=(Instrument.C087,),
    )
    first, wider = data, data.model_copy(update={"categories": (Category.DISCRIMINATION,)})

    await handle(FOLLOW_REGISTRY, tx, event(first, "foa-cb", Classification.MEMBERS))
    instruments = await tx.fetchval("SELECT instruments FROM working_group")
    await handle(
        FOLLOW_REGISTRY, tx, *(event(wider, "foa-cb", Classification.MEMBERS, later(hours)) for hours in (0.5, 1))
    )
    ended = WorkingGroupClosed(workinggroup="foa-cb", reason=GroupEnd.PURPOSE_ACHIEVED)
    await handle(FOLLOW_REGISTRY, tx, of_group(ended, later(2)))

    assert instruments == ["C087"]
    (row,) = await tx.fetch("SELECT categories, established_at, closed_at FROM working_group")
    assert tuple(row) == (["discrimination"], NOON, later(2))


async def test_a_group_was_established_when_it_was_told_of_first_also_within_a_batch(tx: Connection) -> None:
    await handle(FOLLOW_REGISTRY, tx, group("acme", at=later(1)), group("acme", at=later(2)))

    assert await tx.fetchval("SELECT established_at FROM working_group") == later(1)


async def test_a_member_changes_its_part_leaves_and_comes_again(tx: Connection) -> None:
    await handle(FOLLOW_REGISTRY, tx, group("acme"), joined(at=later(1)))
    await handle(FOLLOW_REGISTRY, tx, joined(GroupRole.SUPPORTING, at=later(2)))
    other_part = await part(tx)
    await handle(FOLLOW_REGISTRY, tx, left_group(at=later(3)))
    gone = await part(tx)
    await handle(FOLLOW_REGISTRY, tx, joined(GroupRole.COLLABORATING, at=later(4)))

    assert other_part == ("supporting", later(1), None)
    assert gone == ("supporting", later(1), later(3))
    assert await part(tx) == ("collaborating", later(4), None)


async def test_joins_and_leaves_of_one_batch_are_followed_in_their_order(tx: Connection) -> None:
    batch = [group("acme"), joined(at=later(1)), left_group(at=later(2)), joined(at=later(3))]

    await handle(FOLLOW_REGISTRY, tx, *batch, joined(slug="bergen"), left_group("bergen", later(5)))

    assert await part(tx) == ("lead", later(3), None)
    assert await part(tx, "bergen") == ("lead", NOON, later(5))


async def test_of_a_member_that_the_transparency_act_binds_an_account_is_due(tx: Connection) -> None:
    known = datetime(2026, 3, 2, 9, tzinfo=UTC)

    await handle(FOLLOW_REGISTRY, tx, member(at=known), member("bergen", Regime.TRANSPARENCY_ACT, at=known))
    due = await tx.fetch("SELECT member, due, ended_at FROM obligation WHERE kind = 'annual_account'")
    await handle(FOLLOW_REGISTRY, tx, member("bergen", at=later(1)))
    (row,) = await tx.fetch("SELECT ended_at FROM obligation WHERE kind = 'annual_account'")

    assert [(row["member"], row["due"].month, row["due"].day) for row in due] == [("bergen", 6, 30)]
    assert (due[0]["ended_at"], row["ended_at"]) == (None, later(1))


async def test_a_supplier_merged_before_it_is_named_is_known_by_the_other(tx: Connection) -> None:
    one, other = uuid4(), uuid4()

    await handle(FOLLOW_REGISTRY, tx, merged(one, other))
    await handle(FOLLOW_REGISTRY, tx, registered(other, "Example Electronics"), registered(one, "Exmple Electronics"))

    rows = {row["supplier"]: (row["name"], row["alias_of"]) for row in await tx.fetch("SELECT * FROM supplier")}
    assert rows == {one: ("Exmple Electronics", other), other: ("Example Electronics", None)}


async def test_a_ring_of_merges_that_another_word_opens_again_keeps_nobody_waiting(tx: Connection) -> None:
    one, other = UUID(int=1), UUID(int=2)

    await handle(FOLLOW_REGISTRY, tx, merged(one, other), merged(other, one))
    await handle(FOLLOW_REGISTRY, tx, parted(one, other))

    rows = {row["supplier"]: row["alias_of"] for row in await tx.fetch("SELECT supplier, alias_of FROM supplier")}
    assert rows == {one: None, other: one}


async def test_the_registry_leaves_the_same_rows_in_whatever_order_its_subjects_come(tx: Connection) -> None:
    a, b, c = (UUID(int=number) for number in range(1, 4))
    subjects = [
        [member("oslo", Regime.TRANSPARENCY_ACT), member("oslo", at=later(1)), left(at=later(2))],
        [member("bergen", Regime.TRANSPARENCY_ACT)],
        [group("acme", suppliers=[a]), joined(), left_group(at=later(1)), joined(at=later(2))],
        [registered(a), merged(a, b)],
        [registered(b), merged(b, c), parted(b, c)],
        [registered(c)],
    ]
    drawn, outcomes = Random(3), set()
    for _ in range(25):
        attempt = tx.transaction()
        await attempt.start()
        order = [subject for subject in subjects for _ in subject]
        drawn.shuffle(order)
        streams = {id(subject): iter(subject) for subject in subjects}
        for subject in order:
            await handle(FOLLOW_REGISTRY, tx, next(streams[id(subject)]))
        rows = [await tx.fetch(f"SELECT t::text FROM {table} t ORDER BY 1") for table in TABLES]
        outcomes.add(tuple(tuple(row[0] for row in table) for table in rows))
        await attempt.rollback()

    assert len(outcomes) == 1
