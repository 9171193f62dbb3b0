"""Nobody approaches a company on testimony before a handler clears it: safety, protection, and the workers' consent."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from asyncpg import Record
from hypothesis import given, settings
from hypothesis import strategies as st

from services.remedy import casework, releasing
from services.remedy.api import build
from services.remedy.domain import clearance, release
from services.remedy.domain.dossier import Dossier, Happened, fold
from services.remedy.domain.people import Role
from services.remedy.domain.refusals import Refused
from services.remedy.domain.release import Asked
from services.remedy.office import KEYS, Office, office_of
from services.remedy.store import cases
from shared.events.engagement_words import CompanyContact
from shared.events.envelope import Event
from shared.events.remedy.cases import CaseFact, CaseMoved, EmployerContacted, ProtectionPlanned, SafetyAssessed
from shared.events.remedy.engagements import EngagementProposalLapsed, EngagementProposed
from shared.events.remedy.released import StatementReleased, StatementReversed
from shared.events.remedy.words import CaseReason, CaseRefusal, CaseState, Party, Rung, RungStep, SafetyLevel
from shared.events.vocabulary import Category
from tests.conftest import Schema
from tests.remedy.given import (
    FOLLOW_REGISTRY,
    NOON,
    Keyed,
    assign,
    data_of,
    group,
    handle,
    kept_case,
    published,
    registered,
    somebody,
)
from tests.remedy.telling import ABOUT, DAY, MOMENT, NO_WAIT, SUPPLIER, WHY, agreed, may_be_told, step
from tests.remedy.timed import timer
from tests.remedy.typing_in import http_of, typed

TELLING = {"supplier": str(SUPPLIER), "category": "forced_labour", "quarter": "2020-Q1", "workers": 240}


def safe(case: UUID, level: SafetyLevel = SafetyLevel.ELEVATED) -> list[CaseFact]:
    """The danger was assessed, and protection planned for it."""
    return [SafetyAssessed(case=case, level=level), ProtectionPlanned(case=case)]


def may_be_cleared(case: UUID) -> list[CaseFact]:
    """A case of which members may be told, and a company approached."""
    return [*may_be_told(case), *safe(case)]


def stopped(case: UUID) -> CaseMoved:
    to = CaseState.SUSPENDED_FOR_SAFETY
    return CaseMoved(case=case, before=CaseState.RECEIVED, after=to, reason=CaseReason.SAFETY)


def restored(case: UUID) -> CaseMoved:
    before = CaseState.SUSPENDED_FOR_SAFETY
    return CaseMoved(case=case, before=before, after=CaseState.RECEIVED, reason=CaseReason.SAFETY_RESTORED)


def dossier_of(*facts: CaseFact) -> Dossier:
    """A case to which these facts happened, an hour after each other."""
    return fold(
        facts[0].case,
        [Happened(NOON + timedelta(hours=hour), Party.HANDLER, fact) for hour, fact in enumerate(facts)],
    )


def refusals(*facts: CaseFact) -> set[CaseRefusal]:
    """Why a statement of a case may not be cleared."""
    with pytest.raises(Refused) as refused:
        clearance.clear(dossier_of(*facts), MOMENT)
    return set(refused.value.why)


# The rules


def test_a_statement_is_cleared_when_danger_is_assessed_protection_planned_and_workers_agree() -> None:
    case = uuid4()

    assert clearance.clear(dossier_of(*may_be_cleared(case)), MOMENT) == []  # refused for nothing


def test_without_assessment_plan_or_consent_nothing_is_cleared_and_every_reason_is_named() -> None:
    case = uuid4()

    assert refusals(*may_be_told(case), agreed(case, Rung.BRAND, False)) == {
        CaseRefusal.SAFETY_NOT_ASSESSED,
        CaseRefusal.PROTECTION_PLAN_MISSING,
        CaseRefusal.CONSENT_MISSING,
    }


@pytest.mark.parametrize(
    ("more", "why"),
    [
        (lambda case: [agreed(case, Rung.EMPLOYER, False)], CaseRefusal.CONSENT_MISSING),
        (lambda case: [agreed(case, Rung.BRAND, False)], CaseRefusal.CONSENT_MISSING),
        (lambda case: [step(case, Rung.BRAND, RungStep.REVERSED)], CaseRefusal.CONSENT_MISSING),
        (
            lambda case: [step(case, Rung.EMPLOYER, RungStep.REVERSED), step(case, Rung.EMPLOYER, RungStep.WAIVED)],
            CaseRefusal.CONSENT_MISSING,  # a waiver never replaces consent
        ),
        (
            lambda case: [SafetyAssessed(case=case, level=SafetyLevel.HIGH)],
            CaseRefusal.PROTECTION_PLAN_MISSING,  # the plan was made for less danger
        ),
        (lambda case: [stopped(case)], CaseRefusal.NOT_FROM_THIS_STATE),
    ],
)
def test_each_of_them_alone_keeps_a_company_from_being_approached(more: Any, why: CaseRefusal) -> None:
    case = uuid4()

    assert refusals(*may_be_cleared(case), *more(case)) == {why}


@pytest.mark.parametrize(
    "changed",
    [
        lambda case: [agreed(case, Rung.EMPLOYER, False), agreed(case, Rung.EMPLOYER)],
        lambda case: [agreed(case, Rung.BRAND, False), agreed(case, Rung.BRAND)],
        lambda case: [stopped(case), restored(case)],
        lambda case: safe(case, SafetyLevel.HIGH),
    ],
)
def test_a_clearance_lapses_when_what_it_rests_on_changed_even_if_it_is_restored(changed: Any) -> None:
    case = uuid4()
    before = may_be_cleared(case)
    cleared_at = NOON + timedelta(hours=len(before))

    stands = [clearance.stands(dossier_of(*facts), cleared_at) for facts in (before, [*before, *changed(case)])]
    anew = clearance.stands(dossier_of(*before, *changed(case)), cleared_at + timedelta(hours=9))

    assert (stands, anew) == ([True, False], True)


def test_an_assessment_that_finds_the_same_danger_changes_nothing() -> None:
    case = uuid4()
    again = [*may_be_cleared(case), SafetyAssessed(case=case, level=SafetyLevel.ELEVATED)]

    assert clearance.stands(dossier_of(*again), NOON + timedelta(hours=len(again) - 2.5))


def test_what_was_never_cleared_is_not() -> None:
    assert not clearance.stands(dossier_of(*may_be_cleared(uuid4())), None)


def test_a_statement_is_not_released_as_cleared_where_it_may_not_be_cleared() -> None:
    case = uuid4()
    asked = release.write(uuid4(), Asked(contact=True), ABOUT, DAY)

    with pytest.raises(Refused) as refused:
        release.release(dossier_of(*may_be_told(case)), MOMENT, asked)

    assert CaseRefusal.SAFETY_NOT_ASSESSED in refused.value.why
    assert CaseRefusal.PROTECTION_PLAN_MISSING in refused.value.why


CASE = UUID(int=7)
HAPPENINGS: Sequence[CaseFact] = (
    *safe(CASE),
    SafetyAssessed(case=CASE, level=SafetyLevel.HIGH),
    stopped(CASE),
    restored(CASE),
    *(agreed(CASE, rung, yes) for rung in (Rung.EMPLOYER, Rung.BRAND, Rung.MEMBERS) for yes in (True, False)),
    *(step(CASE, rung, RungStep.REVERSED) for rung in (Rung.EMPLOYER, Rung.BRAND)),
    *(step(CASE, rung, RungStep.WAIVED) for rung in (Rung.EMPLOYER, Rung.BRAND)),
)


@given(st.lists(st.sampled_from(HAPPENINGS), max_size=12), st.integers(min_value=0, max_value=20))
@settings(max_examples=200, deadline=None)
def test_whatever_happens_a_clearance_never_outlives_safety_protection_or_consent(
    facts: list[CaseFact], hour: int
) -> None:
    dossier = dossier_of(*may_be_cleared(CASE), *facts)

    if clearance.stands(dossier, NOON + timedelta(hours=hour)):
        assert {Rung.EMPLOYER, Rung.BRAND} <= dossier.ladder.consents
        assert dossier.life.safety is not None and dossier.life.protection_planned
        assert dossier.life.state is not CaseState.SUSPENDED_FOR_SAFETY


@given(st.lists(st.sampled_from(HAPPENINGS), max_size=12))
@settings(max_examples=200, deadline=None)
def test_whatever_happens_what_went_out_as_cleared_holds_only_while_nothing_of_it_was_ever_doubted(
    facts: list[CaseFact],
) -> None:
    dossier = dossier_of(*may_be_cleared(CASE))
    goes_out = [Happened(NOON, Party.CLOCK, fact) for fact in clearance.approach(dossier, MOMENT)]
    allowed = []
    for one in [*goes_out, *(Happened(NOON, Party.HANDLER, fact) for fact in facts)]:
        dossier = dossier.after(one)
        allowed.append(clearance.may_contact(dossier))

    assert not (dossier.clearance.published and not all(allowed))


# Through the API


@dataclass
class Desk:
    """A handler at work on one case of which members may be told, and a group that engages its supplier."""

    office: Office
    client: httpx.AsyncClient
    handler: Keyed
    case: UUID
    reference: str

    async def post(self, path: str, **body: object) -> httpx.Response:
        url = f"/cases/{self.reference}{path}"
        return await self.client.post(url, json={"motivation": WHY} | body, headers=self.handler.headers)

    async def release(self, **body: object) -> httpx.Response:
        """Look at the preview, then release it."""
        preview = await self.post("/releases/preview", **TELLING | body)
        assert preview.status_code == 200, preview.text
        return await self.post("/releases", **TELLING | body, seen=preview.json()["seen"])

    async def happens(self, *facts: CaseFact) -> None:
        """Let something happen to the case, each thing in a moment of its own."""
        for fact in facts:
            async with self.office.runtime.transaction() as tx:
                at = await tx.fetchval("SELECT clock_timestamp()")
                await cases.append(tx, self.case, at, [(Party.REPORTER, fact)])

    async def next_batch(self) -> list[tuple[str, Event]]:
        """Let a day pass and the batch go out; what is published by it."""
        pool = self.office.runtime.pool
        before = len(await published(pool))
        await pool.execute("UPDATE daily_batch SET day = day - 1")
        await releasing.publish_batch(self.office.runtime, timer())
        return (await published(pool))[before:]

    async def dossier(self) -> Dossier:
        """The case as it stands."""
        async with self.office.runtime.transaction() as tx:
            return await casework.read_dossier(tx, self.case)

    async def contacted_on(self) -> list[date]:
        """The days on which the employer, or a company above it, was spoken to, or may have been."""
        async with self.office.runtime.transaction() as tx:
            facts = [one.fact for one in await cases.read_facts(tx, self.case)]
        return [fact.on for fact in facts if isinstance(fact, EmployerContacted)]

    async def actions(self) -> list[str]:
        """What the audit holds, in order."""
        rows = await self.office.runtime.pool.fetch("SELECT action FROM audit_entry ORDER BY position")
        return [row["action"] for row in rows]


@pytest.fixture
async def desk(schema: Schema, keys: Schema) -> AsyncIterator[Desk]:
    runtime = schema.runtime(NO_WAIT, {KEYS: keys.pool})
    office, case = office_of(runtime), uuid4()
    await office.vault.make_keys([case])
    row = await told_to_a_group(schema, case)
    handler = await somebody(schema.pool, Role.HANDLER)
    await assign(schema.pool, case, handler)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(build(runtime)), base_url="http://remedy") as client:
        yield Desk(office, client, handler, case, row["reference"])


async def told_to_a_group(schema: Schema, case: UUID) -> Record:
    """A case that may be cleared, and a working group that its supplier concerns; the row of the case."""
    async with schema.pool.acquire() as tx, tx.transaction():
        await handle(FOLLOW_REGISTRY, tx, registered(SUPPLIER), group("acme", suppliers=[SUPPLIER]))
        return await kept_case(tx, *may_be_cleared(case))


def beyond_the_handlers(found: Sequence[tuple[str, Event]]) -> list[tuple[str, Event]]:
    """What others than the handlers of cases read."""
    return [(topic, event) for topic, event in found if not topic.startswith("restricted.")]


def contacts(found: Sequence[tuple[str, Event]]) -> list[CompanyContact]:
    return [one.approach for one in data_of(found, StatementReleased)]


async def test_a_statement_that_is_not_cleared_proposes_nothing_to_anybody(desk: Desk) -> None:
    await desk.release()

    batch = await desk.next_batch()

    assert contacts(batch) == [CompanyContact.NOT_CLEARED]
    assert {topic for topic, _ in batch} == {"members.remedy"}
    assert await desk.office.runtime.pool.fetchval("SELECT count(*) FROM engagement") == 0


async def test_a_statement_that_is_cleared_is_published_so_and_proposes_an_engagement(desk: Desk) -> None:
    preview = await desk.post("/releases/preview", **TELLING, company_contact=True)
    await desk.release(company_contact=True)

    batch = await desk.next_batch()

    assert preview.json()["says"]["approach"] == "cleared"
    (statement,) = data_of(batch, StatementReleased)
    (proposed,) = data_of(batch, EngagementProposed)
    assert (statement.approach, proposed.category) == (CompanyContact.CLEARED, Category.FORCED_LABOUR)
    assert [one.id for one in proposed.reasons] == [statement.statement]
    assert "released" in await desk.actions() and "contact_cleared" in await desk.actions()


async def test_what_is_proposed_on_testimony_leads_to_no_case(desk: Desk) -> None:
    await desk.release(company_contact=True)

    batch = beyond_the_handlers(await desk.next_batch())

    said = " ".join(str(event) for _, event in batch)
    assert not any(word in said for word in (str(desk.case), desk.reference, WHY, "240", str(desk.handler.person.id)))
    ((_, statement), (_, proposed)) = batch
    assert (proposed.causationid, statement.causationid) == (str(statement.id), None)


async def test_a_statement_is_cleared_later_as_long_as_it_waits(desk: Desk) -> None:
    await desk.release()

    cleared = await desk.post("/releases/contact")
    batch = await desk.next_batch()
    too_late = await desk.post("/releases/contact")

    assert [one["company_contact"] for one in cleared.json()["waiting"]] == [True]
    assert contacts(batch) == [CompanyContact.CLEARED]
    assert (too_late.status_code, too_late.json()["code"]) == (404, "statement_unknown")
    assert (await desk.actions())[-1] == "contact_cleared"


async def test_a_handler_may_withdraw_a_clearance_before_it_goes_out(desk: Desk) -> None:
    await desk.release(company_contact=True)

    withdrawn = await desk.post("/releases/contact", cleared=False)

    assert [one["company_contact"] for one in withdrawn.json()["waiting"]] == [False]
    assert contacts(await desk.next_batch()) == [CompanyContact.NOT_CLEARED]
    assert (await desk.actions())[-1] == "contact_withdrawn"


async def test_a_refused_clearance_names_every_reason_and_changes_nothing(desk: Desk) -> None:
    await desk.release()
    await desk.happens(agreed(desk.case, Rung.BRAND, False), SafetyAssessed(case=desk.case, level=SafetyLevel.HIGH))

    refused = await desk.post("/releases/contact")

    assert (refused.status_code, refused.json()["code"]) == (409, "state_conflict")
    assert {one["code"] for one in refused.json()["errors"]} == {"consent_missing", "protection_plan_missing"}
    assert "contact_cleared" not in await desk.actions()


@pytest.mark.parametrize("rung", [Rung.EMPLOYER, Rung.BRAND])
async def test_consent_that_ends_before_the_day_takes_the_clearance_with_it_for_good(desk: Desk, rung: Rung) -> None:
    await desk.release(company_contact=True)
    await desk.happens(agreed(desk.case, rung, False), agreed(desk.case, rung))

    batch = await desk.next_batch()

    assert contacts(batch) == [CompanyContact.NOT_CLEARED]
    assert data_of(batch, EngagementProposed) == []
    await desk.happens(EmployerContacted(case=desk.case, on=DAY), agreed(desk.case, rung, False))
    assert await desk.next_batch() == []  # and what was published as not cleared is not taken back for it


@pytest.mark.parametrize(
    "changed",
    [
        lambda case: agreed(case, Rung.BRAND, False),
        lambda case: SafetyAssessed(case=case, level=SafetyLevel.HIGH),
        stopped,
    ],
)
@pytest.mark.parametrize("at_once", [True, False])
async def test_what_went_out_as_cleared_is_taken_back_once_the_company_may_not_be_approached(
    desk: Desk, changed: Any, at_once: bool
) -> None:
    await desk.release(company_contact=at_once)
    await desk.post("/releases/contact", cleared=True)
    (statement,) = data_of(await desk.next_batch(), StatementReleased)
    await desk.happens(changed(desk.case))

    batch, later = await desk.next_batch(), await desk.next_batch()

    assert data_of(batch, StatementReversed) == [StatementReversed(statement=statement.statement, supplier=SUPPLIER)]
    assert len(data_of(batch, EngagementProposalLapsed)) == 1
    assert later == []


@pytest.mark.parametrize("rung", [Rung.EMPLOYER, Rung.BRAND])
async def test_consent_that_ends_and_is_given_again_between_two_batches_takes_back_what_went_out_as_cleared(
    desk: Desk, rung: Rung
) -> None:
    await desk.release(company_contact=True)
    await desk.next_batch()
    await desk.happens(agreed(desk.case, rung, False), agreed(desk.case, rung))

    assert len(data_of(await desk.next_batch(), StatementReversed)) == 1


@pytest.mark.parametrize("to", [CaseState.CLOSED, CaseState.REFERRED])
async def test_a_case_that_is_over_or_goes_to_another_body_takes_nothing_back_and_so_dates_neither(
    desk: Desk, to: CaseState
) -> None:
    await desk.release(company_contact=True)
    await desk.next_batch()
    await desk.happens(CaseMoved(case=desk.case, before=CaseState.RECEIVED, after=to, reason=CaseReason.NEXT_STEP))

    assert await desk.next_batch() == []


@pytest.mark.parametrize("known", [0, 1])
async def test_retaliation_is_watched_for_from_the_day_on_which_a_cleared_statement_goes_out(
    desk: Desk, known: int
) -> None:
    earlier = [EmployerContacted(case=desk.case, on=DAY - timedelta(days=90))] * known
    await desk.happens(*earlier)
    await desk.release(company_contact=True)
    before = await desk.contacted_on()

    await desk.next_batch()
    await desk.next_batch()

    today = desk.office.terms.today(await desk.office.runtime.pool.fetchval("SELECT now()"))
    assert before == [one.on for one in earlier]
    assert await desk.contacted_on() == [*before, today]
    checks = [key for key in (await desk.dossier()).clocks.deadlines if str(today) in key.clock]
    assert {key.number for key in checks} == set(desk.office.terms.check_days)


async def test_what_goes_out_as_not_cleared_starts_no_watch(desk: Desk) -> None:
    await desk.release()

    await desk.next_batch()

    assert await desk.contacted_on() == []


async def test_what_went_out_as_not_cleared_stays_when_safety_changes(desk: Desk) -> None:
    await desk.release()
    await desk.next_batch()
    await desk.happens(
        EmployerContacted(case=desk.case, on=DAY), SafetyAssessed(case=desk.case, level=SafetyLevel.HIGH)
    )

    assert await desk.next_batch() == []


async def test_what_went_out_is_changed_by_taking_it_back_and_releasing_it_anew(desk: Desk) -> None:
    await desk.release()
    (first,) = data_of(await desk.next_batch(), StatementReleased)
    twice = await desk.post("/releases/preview", **TELLING, company_contact=True)

    await desk.post("/releases/taken-back")
    await desk.release(company_contact=True)
    batch = await desk.next_batch()

    assert (twice.status_code, twice.json()["code"]) == (409, "already_released")
    (second,) = data_of(batch, StatementReleased)
    assert [one.statement for one in data_of(batch, StatementReversed)] == [first.statement]
    assert (second.approach, second.statement != first.statement) == (CompanyContact.CLEARED, True)


async def test_reasons_are_written_in_the_moment_in_which_a_statement_is_recorded(desk: Desk) -> None:
    await desk.release(company_contact=True)
    ((_, event), _) = beyond_the_handlers(await desk.next_batch())

    (row,) = await desk.office.runtime.pool.fetch("SELECT kind, id, contact, since, event FROM reason")

    assert tuple(row) == ("statement", UUID(event.subject), "cleared", event.recordedtime, event.id)


async def test_where_several_statements_wait_the_one_that_is_meant_is_named(desk: Desk) -> None:
    await desk.release()
    two = (await desk.release(quarter="2020-Q2")).json()["waiting"]

    unclear = await desk.post("/releases/contact")
    named = await desk.post("/releases/contact", statement=two[0]["statement"])
    unknown = await desk.post("/releases/contact", statement=str(uuid4()))

    assert (unclear.status_code, unclear.json()["code"]) == (409, "statement_unclear")
    assert [one["company_contact"] for one in named.json()["waiting"]] == [True, False]
    assert unknown.json()["code"] == "statement_unknown"


async def test_what_says_that_a_remedy_works_asks_for_no_contact(desk: Desk) -> None:
    answer = await desk.post("/releases/preview", **TELLING, company_contact=True, form="compensation")

    assert (answer.status_code, answer.json()["code"]) == (422, "contact_not_for_remedy")


async def test_a_handler_types_a_clearance_and_sees_what_is_missing(
    desk: Desk, schema: Schema, keys: Schema, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.release()
    async with http_of(schema, keys) as address:
        monkeypatch.setenv("ENGAGE_REMEDY_URL", address)
        monkeypatch.setenv("ENGAGE_HANDLER_KEY", desk.handler.key)
        cleared = await typed("case", "clear-contact", desk.reference, "--why", WHY)
        await desk.happens(agreed(desk.case, Rung.BRAND, False))
        shown = await typed("case", "ladder", desk.reference)
        taken_back = await typed("case", "take-back", desk.reference, "--why", WHY, "--yes")

    assert "cleared for contact with the company" in cleared.output and cleared.exit_code == 0
    assert "not cleared for contact" in shown.output and "consent missing" in shown.output
    assert "Statements that wait for their day: 0." in taken_back.output
