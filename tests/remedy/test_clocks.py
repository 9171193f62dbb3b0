"""The clocks of a case: what starts them, what meets them, what ends them, and what never does."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from pydantic import ValidationError

from services.remedy.clock_settings import chosen, read_benchmarks, shipped
from services.remedy.domain import clocks
from services.remedy.domain.benchmarks import Benchmarks
from services.remedy.domain.clocks import Deadline, DeadlineKey
from services.remedy.domain.dossier import Dossier, Happened, fold
from services.remedy.domain.refusals import Refused
from services.remedy.domain.terms import Terms
from services.remedy.settings import RemedySettings
from shared.events.remedy.cases import (
    CaseErased,
    CaseFact,
    CaseLinked,
    CaseMoved,
    CaseOpened,
    CaseTakenIn,
    DeadlineApproaching,
    DeadlineCancelled,
    DeadlineExtended,
    DeadlineFact,
    DeadlineMet,
    DeadlineMissed,
    DeadlineSet,
    EmployerContacted,
    ProtectionPlanned,
    RemedyItemMoved,
    RetaliationChecked,
    SafetyAssessed,
    WorkersConsulted,
)
from shared.events.remedy.words import (
    Bearer,
    CaseReason,
    CaseRefusal,
    CaseState,
    DeadlineKind,
    Erased,
    ErasureBasis,
    EvidenceSource,
    ExtensionReason,
    FindingGrade,
    ItemState,
    LinkKind,
    Party,
    RemedyForm,
    RetaliationResult,
    SafetyLevel,
    TestimonyKind,
)
from tests.remedy.given import SETTINGS

MONDAY = datetime(2026, 11, 23, 12, tzinfo=UTC)
ACKNOWLEDGE = DeadlineKey(DeadlineKind.ACKNOWLEDGE, "acknowledge")
FEEDBACK = DeadlineKey(DeadlineKind.FEEDBACK, "feedback")
RESPONSE = DeadlineKey(DeadlineKind.RESPOND_TO_REPRISAL, "reprisal-response")
PLAN = DeadlineKey(DeadlineKind.PLAN, "plan")
URGENT_PLAN = DeadlineKey(DeadlineKind.PLAN, "plan-priority")


@dataclass
class Case:
    """A case to which facts happen at moments, with what its clocks conclude from them."""

    terms: Terms = field(default_factory=lambda: SETTINGS.terms)
    at: datetime = MONDAY
    id: UUID = field(default_factory=uuid4)
    dossier: Dossier = field(init=False)
    told: list[Happened] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.dossier = Dossier(self.id)

    def happen(self, *facts: CaseFact, later: timedelta = timedelta()) -> list[CaseFact]:
        """Let facts happen, after some time; what the clocks concluded."""
        self.at += later
        before, after = self.dossier, self.dossier
        for fact in facts:
            after = after.after(Happened(self.at, Party.HANDLER, fact))
        found = clocks.follow(before, after, facts, self.terms.moment(self.at), self.terms)
        for fact in (*facts, *found):
            self.told.append(Happened(self.at, Party.CLOCK, fact))
            self.dossier = self.dossier.after(self.told[-1])
        return found

    def opened(self) -> list[CaseFact]:
        return self.happen(CaseOpened(case=self.id, kind=TestimonyKind.GRIEVANCE))

    def moved(self, to: CaseState, **later: float) -> list[CaseFact]:
        before = self.dossier.life.state
        move = CaseMoved(case=self.id, before=before, after=to, reason=CaseReason.NEXT_STEP)
        return self.happen(move, later=timedelta(**later))

    def contacted(self, on: date) -> list[CaseFact]:
        return self.happen(EmployerContacted(case=self.id, on=on))

    def checked(self, planned: datetime | None, result: RetaliationResult = RetaliationResult.NONE_SEEN) -> None:
        self.happen(RetaliationChecked(case=self.id, planned=planned, result=result))

    def consulted(self, on: date) -> list[CaseFact]:
        return self.happen(WorkersConsulted(case=self.id, on=on, through=EvidenceSource.WORKERS))

    def item(
        self,
        state: ItemState,
        due: date | None = None,
        item: UUID | None = None,
        grade: FindingGrade = FindingGrade.MAJOR,
        before: ItemState | None = None,
    ) -> list[CaseFact]:
        return self.happen(
            RemedyItemMoved(
                case=self.id,
                item=item or uuid4(),
                before=before,
                after=state,
                form=RemedyForm.COMPENSATION,
                grade=grade,
                responsible=Bearer.SITE,
                cost_bearer=Bearer.BRAND,
                due=due,
                workers_entitled=12,
                amount_promised=Decimal("100.00"),
                currency="EUR",
            )
        )

    def deadline(self, key: DeadlineKey) -> Deadline:
        return self.dossier.clocks.deadlines[key]

    def running(self, kind: DeadlineKind | None = None) -> list[DeadlineKey]:
        return [one.key for one in self.dossier.clocks.running(kind)]


@pytest.fixture
def case() -> Iterator[Case]:
    """A case; whatever is done to it, its dossier stays the sum of its facts."""
    found = Case()
    yield found
    assert fold(found.id, found.told) == found.dossier


def checks(case: Case) -> list[tuple[int | None, date]]:
    """The checks still to be made: days after the contact, and the last day for it."""
    running = case.dossier.clocks.running(DeadlineKind.RETALIATION_CHECK)
    return [(one.key.number, last_day(one)) for one in running]


def last_day(one: Deadline) -> date:
    return SETTINGS.terms.today(one.due - timedelta(microseconds=1))


# Several regimes at once


def test_a_new_case_is_under_the_clocks_of_several_regimes_each_with_its_basis(case: Case) -> None:
    case.opened()

    found = {one.key.clock: (last_day(one), one.basis) for one in case.dossier.clocks.running()}
    assert found == {
        "acknowledge": (date(2026, 11, 30), "Directive (EU) 2019/1937, Article 9(1)(b) [2019; EU]"),
        "feedback": (date(2027, 2, 23), "Directive (EU) 2019/1937, Article 9(1)(f) [2019; EU]"),
        "stage-received": (
            date(2026, 11, 30),
            "This mechanism: indicative time of a stage, UNGP 31(c) [2026; none]",
        ),
    }


def test_what_ends_on_a_public_holiday_ends_with_the_next_working_day_where_its_source_says_so() -> None:
    case = Case(at=datetime(2026, 3, 26, 12, tzinfo=UTC))  # a week before Maundy Thursday

    case.opened()

    assert last_day(case.deadline(ACKNOWLEDGE)) == date(2026, 4, 7)


def test_a_response_to_reprisal_is_due_after_48_hours_over_easter_as_well() -> None:
    case = Case(at=datetime(2026, 4, 3, 21, 30, tzinfo=UTC))
    case.opened()

    case.happen(CaseTakenIn(case=case.id, reprisal=True), later=timedelta(hours=1))

    assert case.deadline(RESPONSE).due == datetime(2026, 4, 5, 21, 30, tzinfo=UTC)
    assert min(case.dossier.clocks.running(), key=lambda one: one.due).key == RESPONSE


def test_48_hours_are_48_hours_where_the_clocks_change_and_seven_days_end_at_the_local_midnight() -> None:
    case = Case(at=datetime(2026, 3, 28, 12, tzinfo=UTC))
    case.opened()

    case.happen(CaseLinked(case=case.id, to=uuid4(), kind=LinkKind.REPRISAL))
    case.contacted(date(2026, 3, 28))

    assert case.deadline(RESPONSE).due == datetime(2026, 3, 30, 12, tzinfo=UTC)
    first = case.dossier.clocks.running(DeadlineKind.RETALIATION_CHECK)[0]
    assert first.due == datetime(2026, 3, 30, 22, tzinfo=UTC)  # 30 March, 24:00 in Oslo, by summer time
    assert first.warn == datetime(2026, 3, 29, 22, tzinfo=UTC)


def test_each_state_but_the_last_has_an_indicative_time() -> None:
    told = {one.state for one in shipped().all if one.kind is DeadlineKind.STAGE and one.enabled}

    assert told == set(CaseState) - {CaseState.CLOSED, CaseState.OTHER}


def test_a_benchmark_that_binds_others_is_off_until_it_is_switched_on(case: Case) -> None:
    fla = DeadlineKey(DeadlineKind.STAGE, "fla-45")
    case.opened()
    case.moved(CaseState.PARTIES_INFORMED)
    assert fla not in case.running()

    switched = Case(replace(SETTINGS.terms, benchmarks=chosen(None, ["fla-45"], ["acknowledge"], {})))
    switched.opened()
    switched.moved(CaseState.PARTIES_INFORMED)
    assert fla in switched.running()
    assert ACKNOWLEDGE not in switched.dossier.clocks.deadlines


def test_a_benchmark_that_is_switched_off_lets_what_it_started_be_met() -> None:
    case = Case()
    case.opened()

    case.terms = replace(case.terms, benchmarks=case.terms.benchmarks.switched((), ["acknowledge"]))
    case.moved(CaseState.ACKNOWLEDGED)

    assert case.deadline(ACKNOWLEDGE).met_at == MONDAY


# Met, late or in time


def test_acknowledging_in_time_meets_its_clock_and_that_of_the_stage(case: Case) -> None:
    case.opened()

    found = case.moved(CaseState.ACKNOWLEDGED, days=2)

    met = {fact.clock: fact.in_time for fact in found if isinstance(fact, DeadlineMet)}
    assert met == {"acknowledge": True, "stage-received": True}
    assert case.dossier.clocks.of_stage(CaseState.ACKNOWLEDGED) is not None


def test_what_is_met_late_stays_missed(case: Case) -> None:
    case.opened()
    case.at += timedelta(days=8)
    case.happen(*clocks.fire(case.dossier, case.terms.moment(case.at)))

    found = case.moved(CaseState.ACKNOWLEDGED)

    met = [fact.in_time for fact in found if isinstance(fact, DeadlineMet) and fact.clock == "acknowledge"]
    assert met == [False]
    assert case.deadline(ACKNOWLEDGE).missed


def test_a_case_that_is_suspended_has_not_done_what_its_stage_was_for(case: Case) -> None:
    case.opened()
    case.moved(CaseState.ACKNOWLEDGED)

    found = case.moved(CaseState.SUSPENDED_FOR_SAFETY)

    assert [fact.clock for fact in found if isinstance(fact, DeadlineCancelled)] == ["stage-acknowledged"]
    assert FEEDBACK in case.running()
    case.moved(CaseState.ACKNOWLEDGED, days=10)
    stage = case.dossier.clocks.of_stage(CaseState.ACKNOWLEDGED)
    assert stage is not None
    assert stage.set_at == MONDAY + timedelta(days=10)


@pytest.mark.parametrize("response", ["safety", "protection"])
def test_an_assessment_or_a_protection_plan_answers_a_reprisal(case: Case, response: str) -> None:
    case.opened()
    case.happen(CaseTakenIn(case=case.id, reprisal=True))

    fact = {
        "safety": SafetyAssessed(case=case.id, level=SafetyLevel.HIGH),
        "protection": ProtectionPlanned(case=case.id),
    }[response]
    case.happen(fact)

    assert case.deadline(RESPONSE).met_at == MONDAY


# The plan


def test_the_plans_clock_starts_when_the_workers_have_been_consulted_and_never_before(case: Case) -> None:
    case.opened()
    for state in (CaseState.INVESTIGATING, CaseState.FINDING):
        case.moved(state)
    case.item(ItemState.PROPOSED, grade=FindingGrade.PRIORITY)
    assert case.running(DeadlineKind.PLAN) == []

    case.consulted(date(2026, 11, 20))

    assert {key.clock: last_day(case.deadline(key)) for key in case.running(DeadlineKind.PLAN)} == {
        "plan": date(2026, 12, 4),
        "plan-priority": date(2026, 11, 27),
    }


def test_a_priority_item_that_is_proposed_later_hurries_the_plan_from_then_on(case: Case) -> None:
    case.opened()
    case.consulted(date(2026, 11, 23))
    assert case.running(DeadlineKind.PLAN) == [PLAN]

    case.at += timedelta(days=2)
    case.item(ItemState.PROPOSED, grade=FindingGrade.PRIORITY)

    assert last_day(case.deadline(URGENT_PLAN)) == date(2026, 12, 2)


def test_a_plan_whose_every_item_is_agreed_meets_its_clocks(case: Case) -> None:
    case.opened()
    one, other = uuid4(), uuid4()
    case.item(ItemState.CONSULTED, item=one, grade=FindingGrade.PRIORITY)
    case.item(ItemState.CONSULTED, item=other)
    case.consulted(date(2026, 11, 23))

    case.item(ItemState.AGREED, date(2027, 1, 15), item=one, before=ItemState.CONSULTED)
    assert PLAN in case.running()
    case.item(ItemState.AGREED, date(2027, 2, 15), item=other, before=ItemState.CONSULTED)

    assert case.running(DeadlineKind.PLAN) == []
    assert case.deadline(URGENT_PLAN).met_at == MONDAY


# Remedy items


def test_an_item_is_due_on_the_day_that_was_agreed_and_another_day_replaces_it(case: Case) -> None:
    item = uuid4()
    case.opened()
    case.item(ItemState.PROPOSED, date(2027, 1, 15), item)
    assert case.running(DeadlineKind.REMEDY_ITEM) == []

    case.item(ItemState.AGREED, date(2027, 1, 15), item)
    case.item(ItemState.IN_PROGRESS, date(2027, 1, 29), item)

    (key,) = case.running(DeadlineKind.REMEDY_ITEM)
    assert (key.item, last_day(case.deadline(key))) == (item, date(2027, 1, 29))


def test_evidence_does_not_meet_an_items_date_but_verification_does(case: Case) -> None:
    item = uuid4()
    case.opened()
    case.item(ItemState.AGREED, date(2027, 1, 15), item)

    for state in (ItemState.EVIDENCE_SUBMITTED, ItemState.VERIFYING, ItemState.VERIFIED_INEFFECTIVE):
        assert case.item(state, date(2027, 1, 15), item) == []
    (key,) = case.running(DeadlineKind.REMEDY_ITEM)
    case.item(ItemState.VERIFIED_EFFECTIVE, date(2027, 1, 15), item)

    assert case.deadline(key).met_at == MONDAY


def test_a_verified_item_that_is_disputed_is_due_again_and_a_dropped_one_no_longer(case: Case) -> None:
    item = uuid4()
    case.opened()
    case.item(ItemState.AGREED, date(2027, 1, 15), item)
    case.item(ItemState.VERIFIED_EFFECTIVE, date(2027, 1, 15), item)

    case.item(ItemState.DISPUTED, date(2027, 1, 15), item)
    assert len(case.running(DeadlineKind.REMEDY_ITEM)) == 1
    found = case.item(ItemState.DROPPED, date(2027, 1, 15), item)

    assert [type(fact) for fact in found] == [DeadlineCancelled]


# Checks for retaliation


def test_after_a_contact_retaliation_is_looked_for_seven_times_in_a_year(case: Case) -> None:
    case.opened()

    case.contacted(date(2026, 11, 20))

    assert checks(case) == [
        (2, date(2026, 11, 22)),  # a Sunday: a check never moves later
        (7, date(2026, 11, 27)),
        (14, date(2026, 12, 4)),
        (30, date(2026, 12, 20)),
        (90, date(2027, 2, 18)),
        (180, date(2027, 5, 19)),
        (365, date(2027, 11, 20)),
    ]


def test_each_contact_starts_a_series_of_its_own_and_two_on_one_day_start_one(case: Case) -> None:
    case.opened()

    case.contacted(date(2026, 11, 20))
    case.contacted(date(2026, 11, 20))
    case.contacted(date(2026, 11, 23))

    assert len(checks(case)) == 14


def test_a_check_is_also_the_one_that_was_missed_and_that_of_an_earlier_contact_but_none_ahead(case: Case) -> None:
    case.opened()
    case.contacted(date(2026, 11, 16))
    case.contacted(date(2026, 11, 20))
    planned = next(one for one in case.dossier.clocks.running() if one.key.number == 7)

    case.checked(planned.due)

    assert checks(case)[0] == (7, date(2026, 11, 27))
    assert len(checks(case)) == 11


def test_a_check_that_nobody_planned_meets_no_deadline(case: Case) -> None:
    case.opened()
    case.contacted(date(2026, 11, 16))

    case.checked(None)

    assert len(checks(case)) == 7


def test_a_check_on_day_0_is_due_at_once() -> None:
    case = Case(replace(SETTINGS.terms, check_days=(0, 2)))
    case.opened()

    case.contacted(date(2026, 11, 23))

    assert case.dossier.clocks.running(DeadlineKind.RETALIATION_CHECK)[0].due == MONDAY


def test_a_check_is_at_hand_from_the_beginning_of_its_day(case: Case) -> None:
    case.opened()
    case.contacted(date(2026, 11, 23))

    first = case.dossier.clocks.running(DeadlineKind.RETALIATION_CHECK)[0]
    assert (first.key.number, first.warn) == (2, datetime(2026, 11, 24, 23, 0, tzinfo=UTC))


@pytest.mark.parametrize("end", [CaseState.WITHDRAWN, CaseState.REFERRED, CaseState.SUSPENDED_FOR_SAFETY])
def test_whatever_ends_or_stops_a_case_the_checks_for_retaliation_go_on(case: Case, end: CaseState) -> None:
    case.opened()
    case.contacted(date(2026, 11, 23))

    case.moved(end)
    case.moved(CaseState.RETALIATION_WATCH)

    assert len(checks(case)) == 7


# The end


def test_a_withdrawn_case_is_under_no_clock_but_its_stage_and_those_against_danger(case: Case) -> None:
    case.opened()
    case.happen(CaseTakenIn(case=case.id, reprisal=True))
    case.consulted(date(2026, 11, 23))
    case.contacted(date(2026, 11, 23))

    case.moved(CaseState.WITHDRAWN)

    clocks_left = {key.clock for key in case.running()}
    assert clocks_left == {"reprisal-response", "stage-withdrawn", "retaliation-check 2026-11-23"}


def test_with_closure_two_clocks_of_retention_start_and_reopening_stops_them(case: Case) -> None:
    case.opened()

    case.moved(CaseState.CLOSED)

    assert {key.clock: last_day(case.deadline(key)) for key in case.running()} == {
        "retention-identity": date(2027, 2, 21),
        "retention-narrative": date(2027, 2, 21),
        "retention-record": date(2033, 11, 23),
    }
    case.moved(CaseState.REOPENED, days=30)
    assert {key.clock for key in case.running()} == {"stage-reopened"}


def test_an_erased_identity_ends_its_own_clock_and_no_check_for_retaliation(case: Case) -> None:
    case.opened()
    case.contacted(date(2026, 11, 23))

    case.happen(CaseErased(case=case.id, basis=ErasureBasis.REPORTER_ASKED, what=Erased.IDENTITY))

    assert len(checks(case)) == 7


def test_of_an_erased_case_only_the_record_has_a_clock(case: Case) -> None:
    case.opened()
    case.contacted(date(2026, 11, 23))

    case.happen(CaseErased(case=case.id, basis=ErasureBasis.REPORTER_ASKED, what=Erased.CONTENT))

    assert [key.clock for key in case.running()] == ["retention-record"]


# Put off


def test_feedback_is_put_off_once_to_six_months_counted_from_the_beginning(case: Case) -> None:
    case.opened()
    case.at += timedelta(days=60)

    facts = clocks.extend(case.dossier, case.terms.moment(case.at), case.terms, FEEDBACK, ExtensionReason.COMPLEX)
    case.happen(*facts)

    assert isinstance(facts[0], DeadlineExtended)
    assert last_day(case.deadline(FEEDBACK)) == date(2027, 5, 24)  # 23 May 2027 is a Sunday
    with pytest.raises(Refused) as refused:
        clocks.extend(case.dossier, case.terms.moment(case.at), case.terms, FEEDBACK, ExtensionReason.COMPLEX)
    assert refused.value.why == (CaseRefusal.NOT_EXTENDABLE,)


@pytest.mark.parametrize(
    ("key", "days"),
    [(ACKNOWLEDGE, 1), (RESPONSE, 1), (FEEDBACK, 93), (DeadlineKey(DeadlineKind.FEEDBACK, "none"), 1)],
    ids=["no extension", "protective", "past", "unknown"],
)
def test_what_has_no_extension_or_is_past_is_not_put_off(case: Case, key: DeadlineKey, days: int) -> None:
    case.opened()
    case.happen(CaseTakenIn(case=case.id, reprisal=True))

    with pytest.raises(Refused) as refused:
        moment = case.terms.moment(case.at + timedelta(days=days))
        clocks.extend(case.dossier, moment, case.terms, key, ExtensionReason.COMPLEX)
    assert refused.value.why == (CaseRefusal.NOT_EXTENDABLE,)


# What the clock tells


def test_a_deadline_is_told_of_when_it_is_near_and_when_it_has_passed_each_once(case: Case) -> None:
    case.opened()
    told = []
    for day in range(10):
        facts = clocks.fire(case.dossier, case.terms.moment(MONDAY + timedelta(days=day)))
        case.happen(*facts)
        about = [fact for fact in facts if isinstance(fact, DeadlineFact) and fact.clock == "acknowledge"]
        told += [(day, fact.type) for fact in about]

    assert told == [(6, DeadlineApproaching.type), (8, DeadlineMissed.type)]


def test_a_deadline_that_passed_unseen_is_missed_without_a_warning(case: Case) -> None:
    case.opened()

    facts = clocks.fire(case.dossier, case.terms.moment(MONDAY + timedelta(days=400)))

    assert {type(fact) for fact in facts} == {DeadlineMissed}


def test_of_retention_it_is_told_that_it_comes_and_never_that_it_was_missed(case: Case) -> None:
    case.opened()
    case.moved(CaseState.CLOSED)

    near = clocks.fire(case.dossier, case.terms.moment(MONDAY + timedelta(days=80)))
    case.happen(*near)
    past = clocks.fire(case.dossier, case.terms.moment(MONDAY + timedelta(days=400)))

    assert {type(fact) for fact in near} == {DeadlineApproaching}
    assert past == []


def test_the_same_facts_have_the_same_consequences_in_the_same_order() -> None:
    one = Case()
    other = Case(id=one.id)

    for case in (one, other):
        case.opened()
        case.contacted(date(2026, 11, 23))
        case.moved(CaseState.CLOSED)

    assert one.told == other.told


# The file


def test_every_benchmark_that_is_shipped_has_a_source_an_edition_and_a_jurisdiction() -> None:
    for one in shipped().all:
        assert one.source
        assert one.edition
        assert one.jurisdiction
        assert one.applies_to
        assert one.basis == f"{one.source} [{one.edition}; {one.jurisdiction}]"


def test_no_clock_against_danger_can_be_moved_by_a_holiday_or_put_off() -> None:
    protective = {one.id for one in shipped().all if one.protective}

    assert protective == {"reprisal-response", "retaliation-check"}
    text = (
        'source = "s"\nedition = "e"\njurisdiction = "j"\napplies_to = "a"\nid = "x"\nkind = "respond_to_reprisal"\n'
        'starts = "opened"\nmet_by = "response"\nwithin = "P2D"\nprotective = true\n'
    )
    stages = '[stages]\nsource = "s"\nedition = "e"\njurisdiction = "j"\napplies_to = "a"\n[stages.within]\n'
    assert Benchmarks.read(f"[[benchmark]]\n{text}{stages}")
    for worse in ("rolls = true\n", 'extendable_to = "P9D"\n'):
        with pytest.raises(ValueError, match="never moves later"):
            Benchmarks.read(f"[[benchmark]]\n{text}{worse}{stages}")


def test_a_file_of_ones_own_is_read_and_a_fault_in_it_is_named(tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("benchmarks") / "own.toml"
    stages = (
        '[stages]\nsource = "s"\nedition = "e"\njurisdiction = "j"\napplies_to = "a"\nwarn = "PT4S"\n'
        '[stages.within]\nreceived = "PT12S"\n'
    )
    benchmark = (
        '[[benchmark]]\nsource = "s"\nedition = "e"\njurisdiction = "j"\napplies_to = "a"\nid = "acknowledge"\n'
        'kind = "acknowledge"\nstarts = "opened"\nmet_in = ["acknowledged"]\nwithin = "PT6S"\nwarn = "PT2S"\n'
    )
    file.write_text(benchmark + stages)
    case = Case(replace(SETTINGS.terms, benchmarks=read_benchmarks(file)))
    case.opened()
    assert case.deadline(ACKNOWLEDGE).due == MONDAY + timedelta(seconds=6)
    assert case.deadline(ACKNOWLEDGE).warn == MONDAY + timedelta(seconds=4)

    file.write_text(benchmark.replace("PT6S", "six seconds") + stages)
    with pytest.raises(ValueError, match=r"benchmark\.0\.within: Value error, a span is written as"):
        read_benchmarks(file)


def test_a_switch_for_a_clock_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="there is no benchmark 'fla-54'"):
        chosen(None, ["fla-54"], (), {})


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("benchmarks_file", "/nowhere/benchmarks.toml"),
        ("clocks_on", ["fla-54"]),
        ("clocks_off", ["fla-54"]),
        ("retain_identity", "90 days"),
    ],
)
def test_a_setting_of_the_clocks_that_cannot_be_is_named_when_the_service_starts(setting: str, value: object) -> None:
    with pytest.raises(ValidationError) as refused:
        RemedySettings.model_validate(SETTINGS.model_dump() | {setting: value})

    assert [fault["loc"] for fault in refused.value.errors()] == [(setting,)]


def test_the_times_of_retention_are_settings() -> None:
    case = Case(replace(SETTINGS.terms, benchmarks=chosen(None, (), (), {"retention-identity": "P30D"})))
    case.opened()

    case.moved(CaseState.CLOSED)

    key = DeadlineKey(DeadlineKind.RETENTION, "retention-identity")
    assert last_day(case.deadline(key)) == date(2026, 12, 23)


def test_setting_a_deadline_again_lets_it_run_anew() -> None:
    case = Case()
    fact = DeadlineSet(case=case.id, deadline=DeadlineKind.OTHER, clock="x", due=MONDAY, warn=MONDAY, basis="invented")
    case.happen(fact)
    case.happen(DeadlineMissed(case=case.id, deadline=DeadlineKind.OTHER, clock="x", due=MONDAY))

    case.happen(fact, later=timedelta(days=1))

    deadline = case.deadline(DeadlineKey(DeadlineKind.OTHER, "x"))
    assert (deadline.missed, deadline.is_running, deadline.set_at) == (False, True, MONDAY + timedelta(days=1))
