"""Reports of one concern are one flag, on a real Postgres: opened, added to, merged, unmerged, and told once each."""

from collections.abc import Sequence
from itertools import permutations
from random import Random
from typing import TypeVar
from uuid import UUID

import pytest

from services.risk.domain.flags import Reported, flag_of
from services.risk.flagging import regroup
from services.risk.news import Cause
from services.risk.registering import record_registry
from services.risk.touched import Touched
from shared.events.envelope import Event, EventData
from shared.events.ingest import FlagReported
from shared.events.lifecycles import CauseKind, FlagReason, FlagState, FollowUpRefusal
from shared.events.risk import FlagEvidenceAdded, FlagMoved, FlagOpened, FollowUpRefused
from shared.events.vocabulary import Category, SourceClass
from tests.conftest import Schema
from tests.risk.flags.conftest import SETTINGS, Tell
from tests.risk.flags.told import (
    followed_up,
    moment,
    published,
    replied,
    reply_taken_back,
    reported,
    site_merged,
    site_unmerged,
    step_taken_back,
    supplier_merged,
    taken_back,
    way_to,
)
from tests.risk.given import named

S = FlagState
Data = TypeVar("Data", bound=EventData)
FLAG = flag_of(named("site 1"), Category.FORCED_LABOUR)
OTHER_FLAG = flag_of(named("site 2"), Category.FORCED_LABOUR)


def of(kind: type[Data], events: Sequence[Event]) -> list[Data]:
    return [one.data for one in events if isinstance(one.data, kind)]


def moves(events: Sequence[Event]) -> list[tuple[FlagState, FlagState, FlagReason | None]]:
    return [(one.before, one.after, one.reason) for one in of(FlagMoved, events)]


async def states(schema: Schema) -> dict[UUID, str]:
    """The state of each flag that holds reports."""
    rows = await schema.rows("SELECT flag, state FROM flag WHERE merged_into IS NULL")
    return {row["flag"]: row["state"] for row in rows}


async def tables(schema: Schema) -> dict[str, list[tuple[object, ...]]]:
    """Everything that follows from what was told, whatever the order in which it was."""
    wanted = {
        "flag": "flag WHERE merged_into IS NULL ORDER BY flag",
        "report": "report ORDER BY report",
        "follow_up": "follow_up ORDER BY entry",
        "reply": "reply ORDER BY reply",
        "withdrawal": "withdrawal ORDER BY what",
    }
    return {name: [tuple(row) for row in await schema.rows(f"SELECT * FROM {query}")] for name, query in wanted.items()}


async def test_one_concern_told_by_three_sources_is_one_flag_with_three_pieces_of_evidence(
    schema: Schema, tell: Tell
) -> None:
    events = await tell(
        reported(parts=(3, 2, 3, None)),
        reported("report 2", at=1, source=SourceClass.MEDIA, member="malmo", parts=(5, 1, 1, 2)),
    )
    events += await tell(reported("report 3", at=2, source=SourceClass.AUDIT, member=None, parts=(1, 1, 1, 1)))

    (opened,), added = of(FlagOpened, events), of(FlagEvidenceAdded, events)
    assert (opened.flag, opened.report, opened.severity, opened.priority) == (FLAG, named("report 1"), 3, 33)
    assert not opened.serious
    assert [(one.report, one.source_class, one.reports) for one in added] == [
        (named("report 2"), SourceClass.MEDIA, 2),
        (named("report 3"), SourceClass.AUDIT, 3),
    ]
    assert [(one.severity, one.priority, one.serious, one.made_serious) for one in added] == [
        (5, 52, True, True),
        (5, 52, True, False),
    ]
    assert {one.subject for one in events} == {str(named("site 1"))}
    (row,) = await schema.rows("SELECT * FROM flag")
    assert (row["state"], row["severity"], row["likelihood"], row["priority"]) == ("raised", 5, 2, 52)
    assert (row["is_open"], row["serious"], row["clock"]) == (True, True, "triage")


async def test_of_many_reports_of_a_concern_only_the_leading_one_and_what_is_told_are_read_whole(
    tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    await tell(*(reported(f"report {n}", at=n) for n in range(20)))
    read: set[UUID] = set()

    def said(one: Reported) -> FlagReported:
        read.add(one.id)
        return FlagReported.model_validate_json(one.text)

    monkeypatch.setattr(Reported, "said", property(said))
    await tell(reported("one more", at=20))

    assert read == {named("report 0"), named("one more")}


async def test_another_category_or_place_is_another_concern(schema: Schema, tell: Tell) -> None:
    await tell(
        reported(),
        reported("report 2", category=Category.CHILD_LABOUR),
        reported("report 3", site="site 2"),
        reported("report 4", site=None),
    )

    assert len(await states(schema)) == 4


async def test_the_same_again_says_nothing_new(schema: Schema, tell: Tell) -> None:
    told = [reported(), reported("report 2", at=1), followed_up(S.CONFIRMED), followed_up(S.TRIAGED, at=11), replied()]
    await tell(*told)

    assert await tell(*told) == []


async def test_each_step_is_told_with_its_entry_and_basis_and_each_refused_one_once(schema: Schema, tell: Tell) -> None:
    await tell(reported())

    events = await tell(
        followed_up(S.CONFIRMED, entry="entry 1", at=1),
        followed_up(S.MITIGATING, entry="entry 2", at=2, basis=SourceClass.SUPPLIER),
        followed_up(S.CLOSED, entry="entry 3", at=3),
    )
    again = await tell(followed_up(S.CLOSED, entry="entry 4", at=4, basis=SourceClass.SUPPLIER))

    assert [(one.after, one.entry, one.basis) for one in of(FlagMoved, events)] == [
        (S.CONFIRMED, named("entry 1"), SourceClass.AUDIT),
        (S.MITIGATING, named("entry 2"), SourceClass.SUPPLIER),
    ]
    assert [(one.entry, one.wanted, one.standing, one.refusal) for one in of(FollowUpRefused, events + again)] == [
        (named("entry 3"), S.CLOSED, S.MITIGATING, FollowUpRefusal.NOT_FROM_THIS_STATE),
        (named("entry 4"), S.CLOSED, S.MITIGATING, FollowUpRefusal.SUPPLIER_WORD_ALONE),
    ]
    assert len(again) == 1


async def test_a_serious_flag_that_is_dismissed_without_evidence_stays_and_that_is_told(
    schema: Schema, tell: Tell
) -> None:
    await tell(reported())

    (refused,) = of(FollowUpRefused, await tell(followed_up(S.DISMISSED, evidence=False)))

    assert (refused.standing, refused.refusal) == (S.RAISED, FollowUpRefusal.EVIDENCE_MISSING)
    assert moves(await tell(followed_up(S.DISMISSED, entry="with minutes", at=11))) == [(S.RAISED, S.DISMISSED, None)]


async def test_a_step_that_comes_before_its_report_is_taken_when_the_report_comes(schema: Schema, tell: Tell) -> None:
    assert await tell(followed_up(S.CONFIRMED, at=5), taken_back("report 2", at=9), replied(at=6)) == []

    events = await tell(reported(), reported("report 2", at=1))

    assert [one.data.type for one in events if one.data] == ["flag.opened.v1", "flag.moved.v1"]
    assert await states(schema) == {FLAG: "confirmed"}


async def test_a_dismissed_flag_is_reopened_by_new_evidence(schema: Schema, tell: Tell) -> None:
    await tell(*way_to(S.DISMISSED))

    events = await tell(reported("report 2", at=30))

    assert [one.type for one in events] == ["flag.evidence-added.v1", "flag.moved.v1"]
    assert moves(events) == [(S.DISMISSED, S.REOPENED, FlagReason.NEW_EVIDENCE)]
    assert (await schema.rows("SELECT is_open FROM flag"))[0]["is_open"]


async def test_a_flag_closes_with_its_last_report_and_opens_again_with_a_new_one(schema: Schema, tell: Tell) -> None:
    await tell(reported(), reported("report 2", at=1))

    assert moves(await tell(taken_back())) == []
    assert moves(await tell(taken_back("report 2", at=51))) == [(S.RAISED, S.CLOSED, FlagReason.REPORT_WITHDRAWN)]
    assert moves(await tell(reported("report 3", at=60))) == [(S.CLOSED, S.REOPENED, FlagReason.NEW_EVIDENCE)]


@pytest.mark.parametrize("moments", [(50, 70), (70, 50)])
async def test_what_is_taken_back_twice_went_the_first_time(
    schema: Schema, tell: Tell, moments: tuple[float, float]
) -> None:
    await tell(reported())

    for at in moments:
        await tell(taken_back(at=at))

    assert [row["moved_at"] for row in await schema.rows("SELECT moved_at FROM flag")] == [moment(50)]


async def test_a_report_that_was_taken_back_in_the_same_batch_opened_a_flag_that_is_closed(
    schema: Schema, tell: Tell
) -> None:
    events = await tell(reported(), taken_back())

    assert [one.type for one in events] == ["flag.opened.v1", "flag.moved.v1"]
    assert await states(schema) == {FLAG: "closed"}


async def test_what_came_late_changes_what_holds_by_one_move(schema: Schema, tell: Tell) -> None:
    await tell(reported(), followed_up(S.CONFIRMED, at=5), followed_up(S.MITIGATING, at=6))

    events = await tell(followed_up(S.DISMISSED, entry="late", at=4))

    assert moves(events) == [(S.MITIGATING, S.DISMISSED, None)]
    assert of(FlagMoved, events)[0].entry == named("late")
    assert {one.entry for one in of(FollowUpRefused, events)} == {
        named("confirmed at 5"),
        named("mitigating at 6"),
    }


async def test_a_step_that_is_taken_back_is_undone(schema: Schema, tell: Tell) -> None:
    await tell(reported(), followed_up(S.DISMISSED, entry="mistaken", at=5))

    assert moves(await tell(step_taken_back("mistaken"))) == [(S.DISMISSED, S.RAISED, None)]
    assert await states(schema) == {FLAG: "raised"}


async def test_a_reply_that_is_taken_back_starts_the_clock_again(schema: Schema, tell: Tell) -> None:
    await tell(*way_to(S.CONFIRMED), replied())
    assert [row["clock"] for row in await schema.rows("SELECT clock FROM flag")] == [None]

    await tell(reply_taken_back())

    assert [row["clock"] for row in await schema.rows("SELECT clock FROM flag")] == ["response"]


async def test_when_two_sites_turn_out_to_be_one_so_do_their_flags(schema: Schema, tell: Tell) -> None:
    await tell(*way_to(S.CONFIRMED), reported("report 2", at=20, site="site 2", source=SourceClass.AUDIT))

    events = await tell(site_merged("site 2", "site 1"))

    (gone,) = of(FlagMoved, events)
    assert (gone.flag, gone.before, gone.after, gone.reason, gone.into) == (
        OTHER_FLAG,
        S.RAISED,
        S.CLOSED,
        FlagReason.MERGED,
        FLAG,
    )
    assert [(one.flag, one.report, one.reports) for one in of(FlagEvidenceAdded, events)] == [
        (FLAG, named("report 2"), 2)
    ]
    assert [one.subject for one in events] == [str(named("site 2")), str(named("site 1"))]
    assert await states(schema) == {FLAG: "confirmed"}
    (row,) = await schema.rows("SELECT * FROM flag WHERE merged_into IS NOT NULL")
    assert (row["flag"], row["merged_into"], row["is_open"], row["due"]) == (OTHER_FLAG, FLAG, False, None)


async def test_when_a_merge_is_undone_a_flag_comes_back_as_it_was(schema: Schema, tell: Tell) -> None:
    second = reported("report 2", at=20, site="site 2")
    await tell(*way_to(S.CONFIRMED), second, followed_up(S.TRIAGED, report="report 2", at=21))
    await tell(site_merged("site 2", "site 1"))

    events = await tell(site_unmerged("site 2", "site 1"))

    assert [(one.flag, one.before, one.after) for one in of(FlagMoved, events)] == [
        (OTHER_FLAG, S.CLOSED, S.REOPENED),
        (OTHER_FLAG, S.REOPENED, S.TRIAGED),
    ]
    assert not of(FlagOpened, events)
    assert not of(FlagEvidenceAdded, events)
    assert await states(schema) == {FLAG: "confirmed", OTHER_FLAG: "triaged"}


async def test_a_flag_without_a_counterpart_follows_its_site(schema: Schema, tell: Tell) -> None:
    await tell(*way_to(S.CONFIRMED))

    events = await tell(site_merged("site 1", "site 2"))

    assert [(one.flag, one.after, one.into) for one in of(FlagMoved, events)] == [
        (FLAG, S.CLOSED, OTHER_FLAG),
        (OTHER_FLAG, S.CONFIRMED, None),
    ]
    assert [one.flag for one in of(FlagOpened, events)] == [OTHER_FLAG]


async def test_flags_of_suppliers_follow_their_merges_and_those_of_sites_keep_to_the_site(
    schema: Schema, tell: Tell
) -> None:
    await tell(reported(), reported("report 2", site=None))

    events = await tell(supplier_merged("supplier 1", "supplier 2"))

    rows = await schema.rows(
        "SELECT flag, supplier, site FROM flag WHERE merged_into IS NULL ORDER BY site NULLS FIRST"
    )
    assert [tuple(row) for row in rows] == [
        (flag_of(named("supplier 2"), Category.FORCED_LABOUR), named("supplier 2"), None),
        (FLAG, named("supplier 2"), named("site 1")),
    ]
    assert [one.flag for one in of(FlagOpened, events)] == [flag_of(named("supplier 2"), Category.FORCED_LABOUR)]


async def test_a_chain_of_merges_is_followed_to_its_end(schema: Schema, tell: Tell) -> None:
    await tell(reported())
    await tell(site_merged("site 2", "site 3"))
    await tell(site_merged("site 1", "site 2", at=101))
    end = flag_of(named("site 3"), Category.FORCED_LABOUR)
    assert await states(schema) == {end: "raised"}

    await tell(site_unmerged("site 2", "site 3"))

    assert await states(schema) == {OTHER_FLAG: "raised"}


async def test_the_turn_touches_the_flags_and_places_that_changed(schema: Schema, tell: Tell) -> None:
    await tell(reported(), reported("report 2", site=None))
    async with schema.pool.acquire() as tx, tx.transaction():
        touched = Touched()
        for report in ("report 1", "report 2"):
            touched.touch(touched.reports, [named(report)], Cause.of(CauseKind.FLAG, reported(report)))

        assert await regroup(tx, touched, SETTINGS) == []

    assert touched.flags.keys() == {FLAG, flag_of(named("supplier 1"), Category.FORCED_LABOUR)}
    assert touched.sites.keys() == {named("site 1")}
    assert touched.suppliers.keys() == {named("supplier 1")}


async def test_a_merge_touches_the_flag_that_went_and_the_one_that_holds_its_reports(
    schema: Schema, tell: Tell
) -> None:
    await tell(reported(), reported("report 2", site="site 2"))
    async with schema.pool.acquire() as tx, tx.transaction():
        touched = await record_registry(tx, [site_merged("site 2", "site 1")])

        await regroup(tx, touched, SETTINGS)

    assert touched.flags.keys() == {FLAG, OTHER_FLAG}
    assert touched.sites.keys() == {named("site 1"), named("site 2")}


@pytest.mark.parametrize("given", ["site 1", "site 2"])
async def test_a_site_may_be_touched_as_it_was_reported_or_by_its_former_root(
    schema: Schema, tell: Tell, given: str
) -> None:
    await tell(reported())
    await tell(site_merged("site 1", "site 2"))
    async with schema.pool.acquire() as tx, tx.transaction():
        merge = site_merged("site 2", "site 3", at=101)
        await record_registry(tx, [merge])
        touched = Touched()
        touched.touch(touched.sites, [named(given)], Cause.of(CauseKind.REGISTRY, merge))

        await regroup(tx, touched, SETTINGS)

    assert await states(schema) == {flag_of(named("site 3"), Category.FORCED_LABOUR): "raised"}


async def test_a_site_of_which_nothing_was_reported_costs_nothing(schema: Schema) -> None:
    async with schema.pool.acquire() as tx, tx.transaction():
        touched = Touched()
        touched.touch(touched.sites, [named("site 1")], Cause(CauseKind.DISCLOSURE, moment(0)))

        assert await regroup(tx, touched, SETTINGS) == []

    assert touched.flags == {}


TOLD = [
    *way_to(S.MITIGATED),
    reported("report 2", at=1.5, site="site 2", source=SourceClass.MEDIA, parts=(5, 1, 1, None)),
    followed_up(S.DISMISSED, report="report 2", at=2.5),
    reported("report 3", at=4, source=SourceClass.AUDIT, site="site 3"),
    taken_back("report 3", at=12, site="site 3"),
    replied(at=3.5),
    followed_up(S.VERIFIED, entry="verified", at=20, member="malmo"),
    step_taken_back("verified", at=30),
]
REGISTRY = [site_merged("site 2", "site 1"), site_merged("site 3", "site 2", at=101), site_unmerged("site 2", "site 1")]


@pytest.mark.parametrize("seed", range(12))
async def test_the_order_of_arrival_makes_no_difference(schema: Schema, tell: Tell, seed: int) -> None:
    await tell(*REGISTRY)
    await tell(*TOLD)
    expected = await tables(schema)
    names = "flag, report, follow_up, reply, withdrawal, site, supplier"
    async with schema.pool.acquire() as tx:
        await tx.execute(f"DELETE FROM flag; {' '.join(f'DELETE FROM {name};' for name in names.split(', ')[1:])}")
    random = Random(seed)
    told: list[tuple[Event, ...]] = [(one,) for one in random.sample(TOLD, len(TOLD))]
    for place, one in zip(sorted(random.sample(range(len(told)), len(REGISTRY))), REGISTRY, strict=True):
        told.insert(place, (one,))

    for batch in told:
        await tell(*batch)

    assert await tables(schema) == expected


async def test_every_order_of_a_few_entries_ends_the_same_and_what_was_told_says_so(schema: Schema, tell: Tell) -> None:
    few = [reported(), reported("report 2", at=1), followed_up(S.DISMISSED, at=2), reported("report 3", at=3)]
    ends = set()
    for order in permutations(few):
        async with schema.pool.acquire() as tx:
            await tx.execute("DELETE FROM flag; DELETE FROM report; DELETE FROM follow_up; DELETE FROM outbox_todo")
            await tx.execute("DELETE FROM outbox")
        for one in order:
            await tell(one)
        told = await published(schema)
        last = of(FlagMoved, told)[-1].after if of(FlagMoved, told) else S.RAISED
        evidence = {one.report for one in of(FlagOpened, told)} | {one.report for one in of(FlagEvidenceAdded, told)}
        ends.add((last, (await states(schema))[FLAG], len(evidence), len(of(FlagOpened, told))))

    assert ends == {(S.REOPENED, "reopened", 3, 1)}
