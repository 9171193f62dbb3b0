"""What gives a working group reason to engage a supplier, and what is proposed by that, on a real database."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from uuid import UUID, uuid4, uuid5

import pytest

from services.remedy import statements
from services.remedy.domain.engagement import proposals as domain
from services.remedy.domain.engagement.proposals import Engaged, Ground, Rules, WorkingGroup
from shared import outbox
from shared.consumer import Handler
from shared.events.engagement_words import CompanyContact, GroupEnd, ReasonKind
from shared.events.envelope import Classification, Event
from shared.events.ingest import (
    ConclusionRecorded,
    DialogueEntry,
    DialogueWithdrawn,
    OpeningRecorded,
    SupplierMerged,
    SupplierUnmerged,
    WorkingGroupClosed,
)
from shared.events.lifecycles import FlagReason, FlagState, IndicatorEnd, IndicatorKind
from shared.events.remedy.engagements import EngagementProposalLapsed, EngagementProposed
from shared.events.remedy.released import RemedyVerified, StatementReleased, StatementReversed
from shared.events.remedy.words import RemedyForm
from shared.events.risk import FlagMoved, FlagOpened, IndicatorRaised, IndicatorWithdrawn, LeverageChanged
from shared.events.values import Money, SourceFact
from shared.events.vocabulary import Category, DecidedBy, Instrument, WithdrawalReason, WorkersBand
from shared.postgres import Connection, Pool
from tests.conftest import Schema
from tests.remedy.given import (
    FOLLOW_REGISTRY,
    FOLLOW_RISK,
    HANDLERS,
    NOON,
    SETTINGS,
    data_of,
    event,
    flag,
    further_report,
    group,
    handle,
    published,
    registered,
)

ACME, OTHER = UUID(int=1), UUID(int=2)
RULES = SETTINGS.proposal_rules
FOLLOW_DIALOGUE = HANDLERS["follow_dialogue"]


def later(hours: float) -> datetime:
    return NOON + timedelta(hours=hours)


# The rules


def ground(
    kind: ReasonKind = ReasonKind.FLAG,
    *,
    root: UUID = ACME,
    category: Category = Category.FORCED_LABOUR,
    since: datetime = NOON,
    severity: int | None = 4,
    serious: bool = False,
    contact: CompanyContact | None = None,
    instruments: Sequence[Instrument] = (),
) -> Ground:
    return Ground(kind, uuid4(), root, root, category, since, severity, serious, contact, frozenset(instruments))


def scope(
    slug: str = "g",
    *,
    suppliers: Sequence[UUID] = (),
    categories: Sequence[Category] = (),
    instruments: Sequence[Instrument] = (),
) -> WorkingGroup:
    return WorkingGroup(slug, NOON, frozenset(suppliers), frozenset(categories), frozenset(instruments))


@pytest.mark.parametrize(
    ("group_scope", "expected"),
    [
        (scope(suppliers=[ACME]), True),
        (scope(suppliers=[ACME], categories=[Category.CHILD_LABOUR]), True),  # its suppliers are its choice
        (scope(suppliers=[OTHER], categories=[Category.FORCED_LABOUR]), False),
        (scope(categories=[Category.FORCED_LABOUR]), True),
        (scope(categories=[Category.CHILD_LABOUR]), False),
        (scope(instruments=[Instrument.C029]), True),
        (scope(instruments=[Instrument.C138]), False),
        (scope(), False),
    ],
)
def test_a_flag_concerns_the_groups_that_work_on_its_supplier_or_else_on_its_issue(
    group_scope: WorkingGroup, expected: bool
) -> None:
    assert domain.concerns(ground(), group_scope) is expected


def test_a_reason_that_names_an_instrument_is_of_no_other_of_its_category() -> None:
    coded = ground(category=Category.FREEDOM_OF_ASSOCIATION, instruments=[Instrument.C087])

    assert domain.concerns(coded, scope(instruments=[Instrument.C087]))
    assert not domain.concerns(coded, scope(instruments=[Instrument.C098]))


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        (ground(severity=3), True),
        (ground(severity=2), False),
        (ground(severity=2, serious=True), True),
        (ground(ReasonKind.INDICATOR, severity=None), False),
        (ground(ReasonKind.STATEMENT, severity=None, contact=CompanyContact.CLEARED), True),
        (ground(ReasonKind.STATEMENT, severity=None, contact=CompanyContact.NOT_CLEARED), False),
        (ground(ReasonKind.STATEMENT, severity=None, contact=CompanyContact.OTHER), False),
        (ground(ReasonKind.STATEMENT, severity=None), False),
    ],
)
def test_what_proposes_an_engagement_by_itself(reason: Ground, expected: bool) -> None:
    assert bool(domain.propose([scope(suppliers=[ACME])], [reason], [], RULES)) is expected


def test_an_indicator_is_told_beside_a_flag_and_proposes_where_that_is_set() -> None:
    pointer, found = ground(ReasonKind.INDICATOR, since=later(-1)), ground()
    eager = Rules(frozenset({ReasonKind.INDICATOR}), 3)

    (proposal,) = domain.propose([scope(suppliers=[ACME])], [found, pointer], [], RULES)

    assert proposal.reasons == (pointer, found)
    assert domain.propose([scope(suppliers=[ACME])], [pointer], [], eager)


def test_a_statement_that_is_not_cleared_is_named_nowhere_also_beside_a_flag() -> None:
    untold = ground(ReasonKind.STATEMENT, contact=CompanyContact.NOT_CLEARED)

    (proposal,) = domain.propose([scope(suppliers=[ACME])], [ground(), untold], [], RULES)

    assert untold not in proposal.reasons


def test_while_an_engagement_goes_on_nothing_is_proposed_and_after_it_only_what_came_later() -> None:
    groups, old, new = [scope(suppliers=[ACME])], ground(since=NOON), ground(since=later(2))
    (first,) = domain.propose(groups, [old], [], RULES)
    opened = Engaged(first.engagement, "g", ACME, Category.FORCED_LABOUR)
    closed = Engaged(first.engagement, "g", ACME, Category.FORCED_LABOUR, closed_at=later(1))

    assert domain.propose(groups, [old, new], [opened], RULES) == []
    assert domain.propose(groups, [old], [closed], RULES) == []
    (second,) = domain.propose(groups, [old, new], [closed], RULES)
    assert second.reasons == (new,)
    assert second.engagement != first.engagement


def test_a_reason_that_another_engagement_named_proposes_nothing_more() -> None:
    found = ground()
    elsewhere = Engaged(uuid4(), "g", ACME, Category.CHILD_LABOUR, reasons=frozenset({found.id}))

    assert domain.propose([scope(suppliers=[ACME])], [found], [elsewhere], RULES) == []
    assert domain.propose([scope("h", suppliers=[ACME])], [found], [elsewhere], RULES)


def test_an_id_that_somebody_used_for_something_else_is_not_proposed() -> None:
    groups, found = [scope(suppliers=[ACME])], ground()
    (first,) = domain.propose(groups, [found], [], RULES)
    guessed = Engaged(first.engagement, "h", OTHER, Category.CHILD_LABOUR)

    (second,) = domain.propose(groups, [found], [guessed], RULES)

    assert second.engagement != first.engagement


@pytest.mark.parametrize("category", list(Category))
@pytest.mark.parametrize("kind", [ReasonKind.FLAG, ReasonKind.INDICATOR, ReasonKind.STATEMENT])
def test_a_proposal_accuses_nobody(category: Category, kind: ReasonKind) -> None:
    reason = domain.reason_for(category, [ground(kind, category=category)])

    assert reason.endswith("is for the working group to decide.")
    assert not any(word in reason.lower() for word in ("guilty", "violat", "commit", "abus", "illegal", "offen"))


# On a database

REGISTRY = (registered(ACME), registered(OTHER, "Sample Components"), group("acme", suppliers=[ACME]))


def moved(opened: Event, after: FlagState, reason: FlagReason | None = None, at: datetime = NOON) -> Event:
    """A flag that went to another state."""
    data = opened.data
    assert isinstance(data, FlagOpened)
    fact = FlagMoved(flag=data.flag, supplier=data.supplier, before=FlagState.RAISED, after=after, reason=reason)
    return event(fact, opened.subject, Classification.MEMBERS, at)


def indicator(supplier: UUID, category: Category = Category.FORCED_LABOUR, at: datetime = NOON) -> Event:
    """An indicator as `risk` raises it."""
    fact = SourceFact(source="a-list", edition="2026", text="The good is listed.")
    data = IndicatorRaised(
        indicator=uuid4(),
        supplier=supplier,
        supplier_name="Example Electronics",
        kind=IndicatorKind.COUNTRY_GOOD,
        category=category,
        statement="A public list names this good of this country.",
        evidence=(fact,),
    )
    return event(data, str(supplier), Classification.MEMBERS, at)


def statement(supplier: UUID = ACME, contact: CompanyContact = CompanyContact.CLEARED, at: datetime = NOON) -> Event:
    """A statement as a handler released it."""
    data = StatementReleased(
        statement=uuid4(),
        supplier=supplier,
        quarter="2026-Q1",
        category=Category.FORCED_LABOUR,
        workers=WorkersBand.FROM_100,
        approach=contact,
    )
    return event(data, str(data.statement), Classification.MEMBERS, at)


def merged(one: UUID, into: UUID, at: datetime = NOON) -> Event:
    data = SupplierMerged(supplier=one, into=into, decision=uuid4(), decided_by=DecidedBy.PERSON)
    return event(data, str(one), Classification.MEMBERS, at)


def parted(one: UUID, was_into: UUID, at: datetime = NOON) -> Event:
    data = SupplierUnmerged(supplier=one, was_into=was_into, decision=uuid4(), decided_by=DecidedBy.PERSON)
    return event(data, str(one), Classification.MEMBERS, at)


async def rows(connection: Connection | Pool) -> set[tuple[object, ...]]:
    """What is proposed, with its reasons, as it lies in the tables."""
    found = await connection.fetch(
        """SELECT engagement, workinggroup, supplier, category, state, why, proposed_at, moved_at, r.kind, r.id
           FROM engagement JOIN engagement_reason r USING (engagement) WHERE state = 'proposed'"""
    )
    return {tuple(row) for row in found}


async def told(tx: Connection) -> list[EngagementProposed | EngagementProposalLapsed]:
    """What was told of proposals, in order."""
    return [
        one.data
        for _, one in await published(tx)
        if isinstance(one.data, EngagementProposed | EngagementProposalLapsed)
    ]


async def hear(tx: Connection, *batch: Event) -> None:
    """Let statements be published."""
    await outbox.append(tx, await statements.record_statements(tx, batch, RULES))


def entered(kind: type[DialogueEntry], engagement: UUID, supplier: UUID, place: int, at: datetime) -> Event:
    """An entry of the dialogue of group `acme`, by a member that leads it."""
    said: dict[str, object] = {"engagement": engagement, "supplier": supplier, "member": "oslo", "role": "lead"}
    if kind is OpeningRecorded:
        said |= {"objective": "Fees are repaid.", "category": "forced_labour", "decided_on": at.date()}
    else:
        said |= {"outcome": "discontinued", "concluded_on": at.date()}
    data = kind.model_validate(said | {"entry": uuid5(engagement, str(place)), "reason": "Decided in a meeting."})
    told = event(data, str(engagement), Classification.GROUP, at)
    return replace(told, workinggroup="acme", sequence=place)


async def open_and_close(
    tx: Connection, engagement: UUID, supplier: UUID = ACME, at: datetime = NOON, closed_at: datetime | None = None
) -> None:
    """A person opens an engagement, and closes it where that is said."""
    await handle(FOLLOW_DIALOGUE, tx, entered(OpeningRecorded, engagement, supplier, 1, at))
    if closed_at is not None:
        await handle(FOLLOW_DIALOGUE, tx, entered(ConclusionRecorded, engagement, supplier, 2, closed_at))


async def test_a_flag_is_proposed_to_each_group_that_it_concerns(tx: Connection) -> None:
    await handle(
        FOLLOW_REGISTRY,
        tx,
        *REGISTRY,
        group("other", suppliers=[OTHER], categories=[Category.FORCED_LABOUR]),
        group("forced-labour", categories=[Category.FORCED_LABOUR]),
        group("c029", instruments=[Instrument.C029]),
    )
    cause = flag(ACME)
    await handle(FOLLOW_RISK, tx, cause)

    found = await published(tx)
    groups = {"acme", "forced-labour", "c029"}
    assert {topic for topic, _ in found} == {f"group.{slug}.engagement" for slug in groups}
    proposed = data_of(found, EngagementProposed)
    assert {data.workinggroup for data in proposed} == groups
    assert {data.supplier_name for data in proposed} == {"Example Electronics"}
    assert all(one.causationid == str(cause.id) and one.time == NOON for _, one in found)
    assert {one.subject for _, one in found} == {str(data.engagement) for data in proposed}


async def test_a_further_flag_is_added_and_nothing_is_proposed_twice(tx: Connection) -> None:
    await handle(FOLLOW_REGISTRY, tx, *REGISTRY)
    first, second = flag(ACME), flag(ACME)

    await handle(FOLLOW_RISK, tx, first)
    await handle(FOLLOW_RISK, tx, second, further_report(second))
    await handle(FOLLOW_RISK, tx, flag(ACME, Category.CHILD_LABOUR))

    assert len(await told(tx)) == 2
    assert len(await rows(tx)) == 3


async def test_a_flag_that_grows_grave_by_a_further_report_is_proposed_then(tx: Connection) -> None:
    await handle(FOLLOW_REGISTRY, tx, *REGISTRY)
    mild = flag(ACME, severity=1, serious=False)

    await handle(FOLLOW_RISK, tx, mild)
    before = await told(tx)
    grave = further_report(mild)
    assert grave.data is not None
    await handle(FOLLOW_RISK, tx, grave.with_data(grave.data.model_copy(update={"severity": 4})))

    assert before == []
    assert [type(data) for data in await told(tx)] == [EngagementProposed]


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (FlagState.DISMISSED, FlagReason.NOT_CREDIBLE),
        (FlagState.DISMISSED, FlagReason.REPORT_WITHDRAWN),
        (FlagState.CLOSED, FlagReason.MERGED),
    ],
)
async def test_a_proposal_lapses_when_nothing_gives_reason_for_it_any_longer(
    tx: Connection, state: FlagState, reason: FlagReason
) -> None:
    await handle(FOLLOW_REGISTRY, tx, *REGISTRY)
    first, second = flag(ACME), flag(ACME)
    await handle(FOLLOW_RISK, tx, first, second)

    await handle(FOLLOW_RISK, tx, moved(first, state, reason))
    stays = await rows(tx)
    await handle(FOLLOW_RISK, tx, moved(second, state, reason))

    assert len(stays) == 1
    assert [type(data) for data in await told(tx)] == [EngagementProposed, EngagementProposalLapsed]
    assert await rows(tx) == set()


async def test_it_is_proposed_again_under_its_id_when_the_flag_is_reopened(tx: Connection) -> None:
    await handle(FOLLOW_REGISTRY, tx, *REGISTRY)
    first = flag(ACME)

    await handle(FOLLOW_RISK, tx, first)
    await handle(FOLLOW_RISK, tx, moved(first, FlagState.DISMISSED, at=later(1)))
    await handle(FOLLOW_RISK, tx, moved(first, FlagState.REOPENED, FlagReason.NEW_EVIDENCE, at=later(2)))

    found = await told(tx)
    assert [type(data) for data in found] == [EngagementProposed, EngagementProposalLapsed, EngagementProposed]
    assert len({data.engagement for data in found}) == 1
    assert {row[6] for row in await rows(tx)} == {later(2)}


async def test_an_indicator_is_told_beside_a_flag_until_it_is_withdrawn(tx: Connection) -> None:
    await handle(FOLLOW_REGISTRY, tx, *REGISTRY)
    pointer = indicator(ACME, at=later(-1))
    assert isinstance(pointer.data, IndicatorRaised)
    await handle(FOLLOW_RISK, tx, pointer)
    alone = await told(tx)
    await handle(FOLLOW_RISK, tx, flag(ACME))
    both = await told(tx)
    gone = IndicatorWithdrawn(indicator=pointer.data.indicator, supplier=ACME, reason=IndicatorEnd.LIST_CHANGED)
    await handle(FOLLOW_RISK, tx, event(gone, pointer.subject, Classification.MEMBERS))

    assert alone == []
    (proposed,) = both
    assert isinstance(proposed, EngagementProposed)
    assert [one.kind for one in proposed.reasons] == [ReasonKind.INDICATOR, ReasonKind.FLAG]
    assert {row[8] for row in await rows(tx)} == {"flag"}


async def test_only_a_statement_that_is_cleared_proposes_and_none_other_is_named(tx: Connection) -> None:
    await handle(FOLLOW_REGISTRY, tx, *REGISTRY)
    cleared, untold = statement(), statement(contact=CompanyContact.NOT_CLEARED)
    verified = RemedyVerified(
        statement=uuid4(),
        supplier=ACME,
        quarter="2026-Q1",
        category=Category.FORCED_LABOUR,
        form=RemedyForm.COMPENSATION,
        workers=WorkersBand.FROM_100,
    )

    await hear(tx, untold, event(verified, str(verified.statement), Classification.MEMBERS))
    nothing = await rows(tx)
    await hear(tx, cleared)
    proposed = await rows(tx)
    assert isinstance(cleared.data, StatementReleased)
    taken_back = StatementReversed(statement=cleared.data.statement, supplier=ACME)
    await hear(tx, event(taken_back, cleared.subject, Classification.MEMBERS, later(1)))

    assert nothing == set()
    assert {row[-2:] for row in proposed} == {("statement", cleared.data.statement)}
    assert [type(data) for data in await told(tx)] == [EngagementProposed, EngagementProposalLapsed]
    kept = await tx.fetch("SELECT kind, contact, since, ended_at FROM reason ORDER BY kind, contact")
    assert [tuple(row) for row in kept] == [
        ("statement", "cleared", NOON, later(1)),
        ("statement", "not_cleared", NOON, None),
        ("verification", None, NOON, None),
    ]
    said = str(await published(tx))
    assert untold.subject not in said and str(verified.statement) not in said


async def test_a_group_that_takes_on_a_supplier_hears_of_what_was_known_before(tx: Connection) -> None:
    await handle(FOLLOW_REGISTRY, tx, *REGISTRY)
    await handle(FOLLOW_RISK, tx, flag(OTHER))

    await handle(FOLLOW_REGISTRY, tx, group("acme", suppliers=[ACME, OTHER]))
    await handle(FOLLOW_REGISTRY, tx, group("acme", suppliers=[ACME, OTHER]))
    await handle(FOLLOW_REGISTRY, tx, group("acme", suppliers=[ACME]))

    assert [(type(data), data.supplier) for data in await told(tx)] == [
        (EngagementProposed, OTHER),
        (EngagementProposalLapsed, OTHER),
    ]


async def test_to_a_group_that_has_ended_nothing_is_proposed_any_more(tx: Connection) -> None:
    await handle(FOLLOW_REGISTRY, tx, *REGISTRY)
    await handle(FOLLOW_RISK, tx, flag(ACME))
    ended = WorkingGroupClosed(workinggroup="acme", reason=GroupEnd.PURPOSE_ACHIEVED)

    await handle(FOLLOW_REGISTRY, tx, event(ended, "acme", Classification.MEMBERS))
    await handle(FOLLOW_RISK, tx, flag(ACME, Category.CHILD_LABOUR))

    assert [type(data) for data in await told(tx)] == [EngagementProposed, EngagementProposalLapsed]
    assert await rows(tx) == set()


async def test_an_opened_engagement_takes_the_place_of_the_proposal_and_a_closed_one_makes_room(
    tx: Connection,
) -> None:
    await handle(FOLLOW_REGISTRY, tx, *REGISTRY)
    await handle(FOLLOW_RISK, tx, flag(ACME))
    (first,) = await told(tx)

    await handle(FOLLOW_DIALOGUE, tx, entered(OpeningRecorded, first.engagement, ACME, 1, later(1)))
    await handle(FOLLOW_RISK, tx, flag(ACME, at=later(2)))
    while_open = await told(tx), await rows(tx)
    await handle(FOLLOW_DIALOGUE, tx, entered(ConclusionRecorded, first.engagement, ACME, 2, later(3)))
    known_before = await told(tx)
    await handle(FOLLOW_RISK, tx, flag(ACME, at=later(4)))

    assert while_open == ([first], set())
    assert known_before == [first]
    second = (await told(tx))[-1]
    assert isinstance(second, EngagementProposed) and len(second.reasons) == 1
    assert second.engagement != first.engagement


async def test_a_proposal_lapses_where_a_person_opens_the_same_under_another_id(tx: Connection) -> None:
    await handle(FOLLOW_REGISTRY, tx, *REGISTRY)
    await handle(FOLLOW_RISK, tx, flag(ACME))

    await open_and_close(tx, uuid4())

    assert [type(data) for data in await told(tx)] == [EngagementProposed, EngagementProposalLapsed]
    states = await tx.fetch("SELECT state FROM engagement")
    assert [row["state"] for row in states] == ["open"]


async def test_no_group_keeps_another_from_its_proposal_by_opening_its_id_and_taking_that_back(tx: Connection) -> None:
    guessed = domain.engagement_id("phones", ACME, Category.FORCED_LABOUR, 0)
    opening = entered(OpeningRecorded, guessed, ACME, 1, later(1))
    assert isinstance(opening.data, OpeningRecorded)
    said = opening.data.model_dump(include={"engagement", "supplier", "member", "role", "entry"})
    data = DialogueWithdrawn.model_validate(said | {"reason": WithdrawalReason.SENT_BY_MISTAKE})
    await handle(FOLLOW_REGISTRY, tx, *REGISTRY)
    await handle(FOLLOW_DIALOGUE, tx, opening, replace(opening, id=uuid4(), type=data.type, data=data, sequence=2))

    await handle(FOLLOW_REGISTRY, tx, group("phones", suppliers=[ACME]))
    await handle(FOLLOW_RISK, tx, flag(ACME))
    (proposal,) = [one for one in await told(tx) if one.workinggroup == "phones"]
    theirs = replace(entered(OpeningRecorded, proposal.engagement, ACME, 1, later(2)), workinggroup="phones")
    followed = await handle(FOLLOW_DIALOGUE, tx, theirs)

    assert proposal.engagement != guessed
    assert "engagement.opened.v1" in {one.type for one in followed}


async def test_of_a_supplier_that_is_engaged_by_its_other_id_nothing_is_proposed(tx: Connection) -> None:
    await handle(FOLLOW_REGISTRY, tx, *REGISTRY, merged(OTHER, ACME))

    await open_and_close(tx, uuid4(), ACME)
    await handle(FOLLOW_RISK, tx, flag(OTHER, at=later(1)))

    assert await told(tx) == []


async def test_what_was_proposed_of_a_merged_supplier_is_the_survivors(tx: Connection) -> None:
    await handle(FOLLOW_REGISTRY, tx, *REGISTRY, group("both", suppliers=[OTHER]))
    await handle(FOLLOW_RISK, tx, flag(ACME), flag(OTHER, at=later(1)))
    before = await rows(tx)

    await handle(FOLLOW_REGISTRY, tx, merged(OTHER, ACME))
    together = await rows(tx)
    await handle(FOLLOW_RISK, tx, flag(ACME, at=later(2)))
    await handle(FOLLOW_REGISTRY, tx, parted(OTHER, ACME))

    assert {(row[1], row[2]) for row in before} == {("acme", ACME), ("both", OTHER)}
    assert {(row[1], row[2], row[-1]) for row in together} == {
        (slug, ACME, reason) for slug in ("acme", "both") for reason in {row[-1] for row in before}
    }
    assert {(row[1], row[2]) for row in await rows(tx)} == {("acme", ACME), ("both", OTHER)}


async def test_merges_are_followed_to_the_end_of_their_chain(tx: Connection) -> None:
    a, b, c, d = (UUID(int=number) for number in range(10, 14))
    await handle(FOLLOW_REGISTRY, tx, merged(a, b), merged(b, c), merged(c, d))
    chained = {row[0]: row[1] for row in await tx.fetch("SELECT supplier, alias_of FROM supplier")}
    await handle(FOLLOW_REGISTRY, tx, parted(b, c))
    parted_again = {row[0]: row[1] for row in await tx.fetch("SELECT supplier, alias_of FROM supplier")}

    assert chained == {a: d, b: d, c: d}
    assert parted_again == {a: b, b: None, c: d}


async def test_the_newest_leverage_of_a_flag_is_known(tx: Connection) -> None:
    found = uuid4()
    for buyers, at in ((3, later(0)), (5, later(1))):
        data = LeverageChanged(
            flag=found,
            supplier=ACME,
            category=Category.FORCED_LABOUR,
            buyers=buyers,
            contracts=7,
            values=(Money.model_validate({"amount": "3000000", "currency": "NOK"}),),
        )
        await handle(FOLLOW_RISK, tx, event(data, str(ACME), Classification.MEMBERS, at))

    (row,) = await tx.fetch("SELECT buyers, contracts, told_at, values->0->>'currency' FROM leverage")
    assert tuple(row) == (5, 7, later(1), "NOK")


async def test_what_is_proposed_does_not_depend_on_the_order_in_which_it_became_known(tx: Connection) -> None:
    """Topics against each other in many orders; each topic in its own."""
    opened, engagement = flag(ACME), uuid4()
    streams: list[list[tuple[Handler | None, Event]]] = [
        [
            (FOLLOW_REGISTRY, one)
            for one in (
                *(registered(ACME), registered(OTHER), group("acme", suppliers=[ACME]), merged(OTHER, ACME)),
                group("children", categories=[Category.CHILD_LABOUR]),
            )
        ],
        [
            (FOLLOW_RISK, one)
            for one in (
                *(opened, flag(OTHER, at=later(2)), moved(opened, FlagState.DISMISSED, at=later(1))),
                flag(OTHER, Category.CHILD_LABOUR, at=later(3)),
            )
        ],
        [(None, statement(at=later(1))), (None, statement(OTHER, CompanyContact.NOT_CLEARED))],
        [
            (FOLLOW_DIALOGUE, entered(OpeningRecorded, engagement, ACME, 1, NOON)),
            (FOLLOW_DIALOGUE, entered(ConclusionRecorded, engagement, ACME, 2, later(1.5))),
        ],
    ]
    outcomes = set()
    for order in interleavings([len(one) for one in streams], 25):
        attempt = tx.transaction()
        await attempt.start()
        left = [iter(one) for one in streams]
        for which in order:
            handler, one = next(left[which])
            await (hear(tx, one) if handler is None else handle(handler, tx, one))
        outcomes.add(frozenset(await rows(tx)))
        await attempt.rollback()

    assert len(outcomes) == 1
    assert {(row[1], row[-2]) for row in outcomes.pop()} == {("acme", "flag"), ("children", "flag")}


def interleavings(lengths: Sequence[int], number: int) -> list[tuple[int, ...]]:
    """So many orders in which streams of these lengths can arrive, the same ones each time."""
    drawn = Random(7)
    steps = [which for which, length in enumerate(lengths) for _ in range(length)]
    return [tuple(drawn.sample(steps, len(steps))) for _ in range(number)]


async def test_a_flag_and_its_group_that_arrive_at_the_same_time_are_not_missed(schema: Schema) -> None:
    async with schema.pool.acquire() as one, schema.pool.acquire() as two:
        await handle(FOLLOW_REGISTRY, one, registered(ACME))
        flags, groups = one.transaction(), two.transaction()
        await flags.start()
        await groups.start()
        await handle(FOLLOW_RISK, one, flag(ACME))
        proposing_now = asyncio.create_task(handle(FOLLOW_REGISTRY, two, group("acme", suppliers=[ACME])))

        await asyncio.wait_for(waits_or_is_done(schema, proposing_now), 10)
        await flags.commit()
        await proposing_now
        await groups.commit()

    assert len(await rows(schema.pool)) == 1


async def waits_or_is_done(schema: Schema, task: "asyncio.Task[object]") -> None:
    """Return once the task has ended or its connection waits for a lock."""
    while not task.done() and not await schema.rows(
        "SELECT 1 FROM pg_locks WHERE NOT granted AND locktype = 'advisory'"
    ):
        await asyncio.sleep(0.01)


async def test_a_proposal_with_very_many_reasons_still_fits_an_event(tx: Connection) -> None:
    await handle(FOLLOW_RISK, tx, *(flag(ACME) for _ in range(1000)))

    await handle(FOLLOW_REGISTRY, tx, *REGISTRY)

    (proposed,) = data_of(await published(tx), EngagementProposed)
    assert len(proposed.reasons) == domain.REASONS_NAMED
    assert len(await rows(tx)) == 1000
