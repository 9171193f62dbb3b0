"""What becomes of the entries of a dialogue on a real database: kept, concluded, told, and refused without blocking."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from services.remedy import engaging, escalating
from services.remedy.domain.engagement.folding import fold
from services.remedy.domain.engagement.known import Known
from services.remedy.domain.engagement.rules import Dialogue
from services.remedy.statements import record_statements
from services.remedy.store.engagement import entries, obligations
from shared.events.engagement_words import EntryRefusal, EscalationCause, Milestone, ObligationKind
from shared.events.envelope import Classification, Event
from shared.events.ingest import (
    AskRecorded,
    AssessmentRecorded,
    CommitmentRecorded,
    ConclusionRecorded,
    DialogueEntry,
    DialogueWithdrawn,
    EscalationEffectRecorded,
    EscalationRecorded,
    EvidenceRecorded,
    MilestoneRecorded,
    OpeningRecorded,
    PracticeOffered,
    PracticeRecorded,
    PracticeWithdrawn,
)
from shared.events.remedy import (
    AskMoved,
    EngagementHeld,
    EngagementOpened,
    EntryRefused,
    EscalationProposed,
    EscalationStepTaken,
)
from shared.events.remedy.released import StatementReversed
from shared.events.vocabulary import Category, WithdrawalReason
from shared.postgres import Connection
from tests.conftest import EmptySchema, Schema
from tests.remedy.engagement.dialogues import (
    ENGAGEMENT,
    FILE,
    FLAG,
    GROUP,
    START,
    STATEMENT,
    SUPPLIER,
    Told,
    as_event,
    day,
    knowing,
    of_engagement,
    opened,
    planned,
    statement,
)
from tests.remedy.engagement.hearing import (
    FOLLOW_DIALOGUE,
    FOLLOW_REGISTRY,
    TABLES,
    board,
    everything,
    hear,
    hear_one_by_one,
)
from tests.remedy.given import SETTINGS, data_of, handle, published, registered
from tests.remedy.given import event as as_told


async def test_an_opening_and_what_follows_is_kept_told_and_shown_on_the_board(schema: Schema) -> None:
    async with schema.pool.acquire() as connection, connection.transaction():
        await handle(FOLLOW_REGISTRY, connection, registered(SUPPLIER))
    course, ask, _ = planned()

    await hear(schema, *course.every)

    row = await board(schema)
    assert row is not None
    assert {name: row[name] for name in ("workinggroup", "state", "milestone", "open_asks", "opened_by")} == {
        "workinggroup": GROUP,
        "state": "open",
        "milestone": "M3",
        "open_asks": 1,
        "opened_by": "oslo",
    }
    assert (row["milestone_since"], row["next_due"], row["moved_at"]) == (day(30), day(100), course.every[-1].at)
    found = await published(schema.pool)
    assert {topic for topic, _ in found} == {f"group.{GROUP}.engagement"}
    assert {event.subject for _, event in found} == {str(ENGAGEMENT)}
    assert [fact.supplier_name for fact in data_of(found, EngagementOpened)] == ["Example Electronics"]
    assert {fact.ask for fact in data_of(found, AskMoved)} == {ask}
    reasons = await schema.rows("SELECT kind, id FROM engagement_reason")
    assert [tuple(row) for row in reasons] == [("flag", FLAG)]


async def test_what_is_kept_folds_to_what_was_decided(schema: Schema) -> None:
    course, _, promise = planned()
    course.say(DialogueWithdrawn, entry=course.engagement.stages[-1].entry)
    course.say(DialogueWithdrawn, entry=promise)

    await hear(schema, *course.every)

    async with schema.pool.acquire() as connection:
        assert await entries.read_engagements(connection, [ENGAGEMENT]) == {ENGAGEMENT: course.engagement}
    standing = {
        row["entry"]: row["standing"] for row in await schema.rows("SELECT entry, standing FROM dialogue_entry")
    }
    assert standing[promise] == "withdrawn"
    assert list(standing.values()).count("withdrawn") == 2


async def test_it_does_not_matter_in_which_batches_entries_come(schema: Schema, empty_schema: EmptySchema) -> None:
    course, ask, promise = planned()
    course.say(AssessmentRecorded, commitment=promise, evidence=(FILE,))
    course.refusal(CommitmentRecorded, ask=ask)
    course.say(EscalationRecorded, step="informal")

    await hear(schema, *course.every)
    at_once = await everything(schema), [event for _, event in await published(schema.pool)]
    schema = await empty_schema("remedy")
    await hear_one_by_one(schema, course.every)
    one_by_one = await everything(schema), [event for _, event in await published(schema.pool)]

    assert one_by_one[0] == at_once[0]
    assert [event.id for event in one_by_one[1]] == [event.id for event in at_once[1]]


async def test_the_order_across_engagements_does_not_matter(schema: Schema, empty_schema: EmptySchema) -> None:
    course, _, promise = planned()
    course.say(AssessmentRecorded, commitment=promise, found="missed")
    first, second = course.every, of_engagement(course.every, uuid4())
    interleaved = [one for pair in zip(second, first, strict=True) for one in pair]

    await hear(schema, *first, *second)
    one_after_the_other = await everything(schema), {event.id for _, event in await published(schema.pool)}
    schema = await empty_schema("remedy")
    await hear_one_by_one(schema, interleaved)

    assert (await everything(schema), {event.id for _, event in await published(schema.pool)}) == one_after_the_other


async def test_a_refused_entry_changes_nothing_blocks_nothing_and_is_told_with_every_reason(schema: Schema) -> None:
    course = opened()
    await hear(schema, *course.every)
    before = await board(schema)
    refused = course.entry(MilestoneRecorded, milestone=Milestone.M2_ISSUE_ACKNOWLEDGED, reached_on=day(1), evidence=())

    (event,) = await hear(schema, refused)

    assert await board(schema) == before
    assert isinstance(event.data, EntryRefused)
    assert set(event.data.refusals) == {EntryRefusal.STEP_SKIPPED, EntryRefusal.EVIDENCE_MISSING}
    assert event.data.standing == "open at M0 since 2026-01-05"
    assert "milestone M1 with evidence" in event.data.legal
    (row,) = await schema.rows("SELECT * FROM dialogue_entry WHERE standing = 'refused'")
    assert (row["entry"], set(row["refusals"]), row["stood"]) == (
        refused.id,
        {"step_skipped", "evidence_missing"},
        event.data.standing,
    )
    await hear(schema, course.entry(AskRecorded))
    assert (await board(schema) or {})["open_asks"] == 1


async def test_an_entry_of_an_unknown_engagement_is_refused_and_leaves_no_engagement(schema: Schema) -> None:
    (event,) = await hear(schema, Told().entry(AskRecorded))

    assert isinstance(event.data, EntryRefused)
    assert event.data.refusals == (EntryRefusal.ENGAGEMENT_UNKNOWN,)
    assert await board(schema) is None


async def test_another_group_cannot_take_over_an_engagement_nor_learn_of_it(schema: Schema) -> None:
    course = opened()
    await hear(schema, *course.every)
    before = await everything(schema)
    stranger = Told(count=100)

    told = await hear(
        schema, stranger.entry(OpeningRecorded, group="other"), stranger.entry(AskRecorded, group="other")
    )

    assert {event.workinggroup for event in told} == {"other"}
    for event in told:
        assert isinstance(event.data, EntryRefused)
        assert event.data.refusals == (EntryRefusal.ENGAGEMENT_UNKNOWN,)
        assert event.data.standing == "not opened"
    after = await everything(schema)
    assert {table: after[table] for table in TABLES if table != "dialogue_entry"} == {
        table: before[table] for table in TABLES if table != "dialogue_entry"
    }


async def test_an_opening_that_is_taken_back_leaves_no_engagement(schema: Schema) -> None:
    course = opened()
    await hear(schema, *course.every)

    await hear(schema, course.entry(DialogueWithdrawn, entry=course.engagement.opening))

    assert await board(schema) is None
    assert await schema.rows("SELECT * FROM engagement_reason") == []
    assert await schema.rows("SELECT * FROM obligation WHERE ended_at IS NULL") == []


async def let_be_known(schema: Schema, contact: str, ended_at: object = None) -> None:
    """A statement that a case handler released a month before."""
    await schema.pool.execute(
        """INSERT INTO reason (kind, id, supplier, category, contact, since, ended_at)
           VALUES ('statement', $1, $2, 'forced_labour', $3, $4, $5)""",
        STATEMENT,
        SUPPLIER,
        contact,
        START - timedelta(days=30),
        ended_at,
    )


@pytest.mark.parametrize(("contact", "state"), [("cleared", "open"), ("not_cleared", None)])
async def test_on_testimony_an_engagement_is_opened_only_where_a_handler_cleared_the_contact(
    schema: Schema, contact: str, state: str | None
) -> None:
    await let_be_known(schema, contact)

    await hear(schema, Told().entry(OpeningRecorded, statements=(STATEMENT,)))

    row = await board(schema)
    assert (row and row["state"]) == state


async def test_a_reversal_that_is_known_early_refuses_nothing_that_was_legal_before_it(schema: Schema) -> None:
    await let_be_known(schema, "cleared", START + timedelta(hours=2))
    course = Told()
    opening = course.entry(OpeningRecorded, flags=(), statements=(STATEMENT,))
    ask = course.entry(AskRecorded)
    late = course.entry(AskRecorded)

    await hear(schema, opening, ask, late)

    rows = await schema.rows("SELECT entry, standing, refusals FROM dialogue_entry ORDER BY place")
    assert [row["standing"] for row in rows] == ["applied", "refused", "refused"]
    assert rows[1]["refusals"] == ["nothing_left_to_go_on"]


async def reverse(schema: Schema, at: datetime) -> list[Event]:
    """The publication that takes the statement back."""
    told = as_told(
        StatementReversed(statement=STATEMENT, supplier=SUPPLIER), str(STATEMENT), Classification.MEMBERS, at
    )
    async with schema.pool.acquire() as connection, connection.transaction():
        return await record_statements(connection, [told], SETTINGS.proposal_rules)


async def test_an_engagement_is_held_once_a_statement_it_rests_on_is_reversed_and_nothing_is_proposed_for_it(
    schema: Schema,
) -> None:
    await let_be_known(schema, "cleared")
    course = opened(knowing(statement()), statements=(STATEMENT,))
    ask = course.say(AskRecorded, due=day(60))
    step = course.say(EscalationRecorded, step="informal")
    course.say(EscalationEffectRecorded, escalation=step)
    await hear(schema, *course.every)
    assert (await board(schema) or {})["escalation_proposed"] == "formal_letter"

    (event,) = await reverse(schema, START + timedelta(days=50))
    again = await reverse(schema, START + timedelta(days=51))

    assert event.data == EngagementHeld(engagement=ENGAGEMENT, workinggroup=GROUP, supplier=SUPPLIER)
    assert (event.workinggroup, event.subject, again) == (GROUP, str(ENGAGEMENT), [])
    assert (await board(schema) or {})["escalation_proposed"] is None
    assert await missed(schema, 100) == []
    at = START + timedelta(days=101)
    said = await hear(schema, course.entry(EvidenceRecorded, ask=ask, at=at), course.entry(AskRecorded, at=at))
    assert [one.type for one in said] == ["entry.refused.v1"]
    async with schema.pool.acquire() as connection:
        assert (await entries.read_engagements(connection, [ENGAGEMENT]))[ENGAGEMENT].held


async def test_an_opening_that_arrives_after_the_reversal_of_its_statement_is_held_at_once(schema: Schema) -> None:
    await let_be_known(schema, "cleared", START + timedelta(hours=2))

    said = await hear(schema, Told().entry(OpeningRecorded, statements=(STATEMENT,)))

    assert [one.type for one in said] == ["engagement.opened.v1", "engagement.held.v1"]


async def test_nothing_is_proposed_to_a_group_that_was_closed(schema: Schema) -> None:
    course = opened()
    course.say(AskRecorded, due=day(60))
    step = course.say(EscalationRecorded, step="informal", taken_on=day(1))
    effect = course.entry(EscalationEffectRecorded, escalation=step)
    await hear(schema, *course.every)
    at = START + timedelta(days=62)
    await schema.pool.execute("INSERT INTO working_group (slug, closed_at) VALUES ($1, $2)", GROUP, at)

    assert await missed(schema, 100) == []
    said = await hear(schema, replace(effect, at=at + timedelta(hours=1)))
    assert [one.type for one in said] == ["escalation.effect-told.v1"]
    assert (await board(schema) or {})["escalation_proposed"] is None


async def test_a_step_of_the_ladder_is_told_with_the_leverage_of_the_engagements_flags(schema: Schema) -> None:
    await schema.pool.execute(
        "INSERT INTO leverage (flag, supplier, category, buyers, contracts, told_at) VALUES ($1, $2, 'x', 12, 40, $3)",
        FLAG,
        SUPPLIER,
        START,
    )
    course = opened()
    course.say(EscalationRecorded, step="informal")

    await hear(schema, *course.every)

    (fact,) = data_of(await published(schema.pool), EscalationStepTaken)
    assert (fact.buyers, fact.contracts) == (12, 40)


async def test_a_step_without_effect_proposes_the_next_one_once(schema: Schema) -> None:
    course = opened()
    step = course.say(EscalationRecorded, step="informal")
    course.say(EscalationEffectRecorded, escalation=step)
    course.say(AskRecorded)

    await hear_one_by_one(schema, course.every)

    (fact,) = data_of(await published(schema.pool), EscalationProposed)
    assert (fact.step, fact.cause) == ("formal_letter", EscalationCause.NO_EFFECT)
    assert (await board(schema) or {})["escalation_proposed"] == "formal_letter"
    await hear(schema, course.entry(EscalationRecorded, step="formal_letter", taken_on=day(40)))
    assert (await board(schema) or {})["escalation_proposed"] is None


async def missed(schema: Schema, days: int) -> list[Event]:
    """The clock, so many days after the opening: what of engagements was missed, as the timer marks and tells it."""
    at = START + timedelta(days=days)
    async with schema.pool.acquire() as connection, connection.transaction():
        late = await obligations.lock_missed(connection, at, 100)
        assert late, "nothing was missed"
        await obligations.mark(connection, [], late)
        return await escalating.after_missed(connection, late, at, SETTINGS)


async def test_a_missed_day_proposes_the_next_step_once_and_until_it_is_taken(schema: Schema) -> None:
    course = opened()
    ask = course.say(AskRecorded, due=day(60))
    await hear(schema, *course.every)

    (event,) = await missed(schema, 100)

    assert isinstance(event.data, EscalationProposed)
    assert (event.data.step, event.data.cause, event.data.about) == ("informal", EscalationCause.ASK_OVERDUE, ask)
    assert (event.time, event.workinggroup) == (START + timedelta(days=100), GROUP)
    assert await missed(schema, 200) == []  # the stage, too: the same step is proposed already
    taken = await hear(schema, course.entry(EscalationRecorded, step="informal", taken_on=day(401)))
    assert [one.type for one in taken] == ["escalation.step-taken.v1"]
    assert (await board(schema) or {})["escalation_proposed"] is None


async def test_what_is_due_ends_with_what_it_is_about(schema: Schema) -> None:
    course = opened()
    ask = course.say(AskRecorded, due=day(60))
    await hear(schema, *course.every)
    promised = course.entry(CommitmentRecorded, ask=ask, due=day(90))

    await hear(schema, promised, course.entry(ConclusionRecorded, outcome="stalled"))

    rows = await schema.rows("SELECT about, kind, due, ended_at FROM obligation ORDER BY kind")
    assert {(row["kind"], row["due"]) for row in rows} == {
        ("ask", day(60)),
        ("commitment", day(90)),
        (ObligationKind.STAGE.value, day(180)),
    }
    assert {row["ended_at"] for row in rows if row["kind"] == "ask"} == {promised.at}
    assert all(row["ended_at"] is not None for row in rows)
    assert (await board(schema) or {})["next_due"] is None


async def test_half_a_thousand_entries_take_one_reading_and_one_writing(schema: Schema) -> None:
    course, _, _ = planned()
    many = [one for _ in range(70) for one in of_engagement(course.every, uuid4())]
    statements: list[str] = []
    async with schema.pool.acquire() as connection, connection.transaction():
        connection.add_query_logger(lambda one: statements.append(one.query))
        await FOLLOW_DIALOGUE.handle([as_event(one) for one in many], connection)

    assert len(many) > 400
    assert len(statements) < 40


# Practices


def practice(data: PracticeRecorded | PracticeOffered | PracticeWithdrawn, group: str, sequence: int = 1) -> Event:
    return Event(
        id=uuid4(),
        source="/engage/ingest",
        type=data.type,
        subject=str(data.practice),
        time=START,
        classification=Classification.GROUP,
        data=data,
        recordedtime=START,
        sequence=sequence,
        workinggroup=group,
    )


async def test_a_practice_is_its_groups_own_until_it_is_offered_and_gone_when_taken_back(tx: Connection) -> None:
    said = {"title": "Paid notice boards", "description": "In all languages.", "evidence": (FILE,)}
    own = PracticeRecorded(practice=uuid4(), member="oslo", category=Category.FORCED_LABOUR, supplier=SUPPLIER, **said)
    offer = PracticeOffered(practice=own.practice, offered_by=GROUP, category=Category.FORCED_LABOUR, **said)
    await handle(FOLLOW_DIALOGUE, tx, practice(own, GROUP), practice(offer, "other"))

    kept = {row["workinggroup"]: row for row in await tx.fetch("SELECT * FROM practice")}
    assert (kept[GROUP]["offered_by"], kept["other"]["offered_by"]) == (None, GROUP)

    gone = PracticeWithdrawn(practice=own.practice, reason=WithdrawalReason.NO_LONGER_TRUE)
    await handle(FOLLOW_DIALOGUE, tx, practice(gone, GROUP, 2))
    rows = await tx.fetch("SELECT workinggroup FROM practice WHERE withdrawn_at IS NULL")
    assert [row["workinggroup"] for row in rows] == ["other"]


@pytest.mark.parametrize("at_once", [True, False])
async def test_a_practice_that_was_taken_back_may_be_offered_again(tx: Connection, at_once: bool) -> None:
    said = {"category": Category.FORCED_LABOUR, "description": "In all languages.", "evidence": (FILE,)}
    first = PracticeOffered(practice=uuid4(), offered_by="mining", title="Paid notice boards", **said)
    gone = PracticeWithdrawn(practice=first.practice, reason=WithdrawalReason.SENT_BY_MISTAKE)
    told = [practice(first, GROUP), practice(gone, GROUP, 2), practice(renamed(first), GROUP, 3)]
    told.append(practice(gone, GROUP, 4))

    standing = []
    for batch in (told[:3], told[3:]) if at_once else [[one] for one in told]:
        await handle(FOLLOW_DIALOGUE, tx, *batch)
        rows = await tx.fetch("SELECT told ->> 'title' AS title FROM practice WHERE withdrawn_at IS NULL")
        standing.append([row["title"] for row in rows])

    before = [] if at_once else [["Paid notice boards"], []]
    assert standing == [*before, ["Boards that are paid"], []]


def renamed(offer: PracticeOffered) -> PracticeOffered:
    return offer.model_copy(update={"title": "Boards that are paid"})


def test_the_dialogue_of_no_entry_is_nobodys_engagement() -> None:
    assert Dialogue.of([], Known()).engagement is None
    with pytest.raises(ValueError, match="there are none"):
        fold([])
    assert engaging.entry_of(registered(SUPPLIER)) is None


def test_every_kind_of_entry_has_a_rule() -> None:
    from services.remedy.domain.engagement.rules import GUARDS  # noqa: PLC0415
    from shared.events import EVENT_TYPES  # noqa: PLC0415

    kinds = {one for one in EVENT_TYPES.values() if issubclass(one, DialogueEntry)}

    assert kinds == {*GUARDS, OpeningRecorded, DialogueWithdrawn}
