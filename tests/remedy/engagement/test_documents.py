"""Documents of a year of engagement, by the service's HTTP: right figures, for the right reader, with their events."""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import httpx
import pytest

from services.remedy.commands.engagement.board import standing as typed_standing
from services.remedy.commands.engagement.reading import HELD as HELD_IN_WORDS
from services.remedy.commands.engagement.showing import standing
from services.remedy.domain.engagement.documents.brief import HELD, SILENT
from shared.events.engagement_words import ConditionState, Milestone, RequestState, RightsholderKind
from shared.events.envelope import Classification
from shared.events.ingest import (
    AskRecorded,
    ConditionReported,
    ConsultationRecorded,
    DialogueWithdrawn,
    FollowUpEntry,
    FollowUpEntryWithdrawn,
    InformationRequestRecorded,
    MemberLeft,
    MilestoneRecorded,
    SelfReportRecorded,
    StepAnswer,
    SupplierMerged,
    WorkingGroupLeft,
)
from shared.events.ingest.conditions import request_of
from shared.events.lifecycles import Exposure, Reach
from shared.events.risk import ExposureChanged
from shared.events.values import quarter_of
from shared.events.vocabulary import Category, DecidedBy, DueDiligenceStep, MemberKind, WithdrawalReason
from shared.service import Runtime
from tests.remedy.engagement.documented import OTHERS_OBJECTIVE, QUARTER, SECRET_CONTRACT, UNION, Year
from tests.remedy.engagement.shown import EVIDENCE, asked, day, moment
from tests.remedy.engagement.test_documents_rendering import Page
from tests.remedy.given import NARRATIVE, OPERATOR_KEY, bearer, taken_in_case

OSLO_TIME = ZoneInfo("Europe/Oslo")


@pytest.fixture
async def year(runtime: Runtime) -> Year:
    return await Year(runtime).live()


class Library:
    """Documents as readers get them."""

    def __init__(self, client: httpx.AsyncClient, year: Year) -> None:
        self.client, self.year = client, year

    async def answer(self, path: str, reader: str | None = None, **query: Any) -> httpx.Response:
        headers = self.year.as_member(reader) if reader else bearer(OPERATOR_KEY)
        return await self.client.get(f"/documents/{path}", params=query or None, headers=headers)

    async def json(self, path: str, reader: str | None = None, **query: Any) -> Any:
        found = await self.answer(path, reader, format="json", **query)
        assert found.status_code == 200, found.text
        return found.json()

    async def text(self, path: str, reader: str | None = None, **query: Any) -> str:
        found = await self.answer(path, reader, **query)
        assert found.status_code == 200, found.text
        return found.text

    async def events(self, group: str = "phones", **query: Any) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (await self.text(f"archive/{group}", **query)).splitlines()]


@pytest.fixture
def library(client: httpx.AsyncClient, year: Year) -> Library:
    return Library(client, year)


def between(first: date, last: date) -> dict[str, Any]:
    """A period, as it is asked for."""
    return {"from": first, "to": last}


def rows(document: Any, name: str) -> list[dict[str, Any]]:
    """The rows of a table: the values alone."""
    found = [one for section in document["sections"] for one in section["tables"] if one["name"] == name]
    assert len(found) == 1, name
    return [{column: cell["value"] for column, cell in row.items()} for row in found[0]["rows"]]


def figures(document: Any, column: str = "value") -> dict[str, int]:
    """The figures of a document by their labels."""
    return {row["figure"]: row[column] for row in rows(document, "figures")}


def section(document: Any, name: str) -> str:
    """A section as text."""
    return next(json.dumps(one) for one in document["sections"] if one["name"] == name)


# Every figure, by a plain recount of the events


def is_(kind: str, **said: Any) -> Callable[[Mapping[str, Any]], bool]:
    """Whether an event is of a type and says this."""
    return lambda one: one["type"] == f"{kind}.v1" and all(one["data"].get(name) == word for name, word in said.items())


RECOUNT: dict[str, Callable[[Mapping[str, Any]], bool]] = {
    "Engagements proposed by the system": is_("engagement.proposed"),
    "Engagements opened": is_("engagement.opened"),
    "Milestones reached": is_("engagement.milestone-reached"),
    "Engagements closed": is_("engagement.closed"),
    "Asks made": lambda one: is_("ask.moved")(one) and "before" not in one["data"],
    "Asks joined with another": is_("ask.moved", after="joined"),
    "Asks met": is_("ask.moved", after="met"),
    "Asks partly met": is_("ask.moved", after="partly_met"),
    "Commitments made": lambda one: is_("commitment.moved")(one) and "before" not in one["data"],
    "Commitments partly met": is_("commitment.moved", after="partly_met"),
    "Evidence that members passed on": is_("evidence.recorded"),
    "Answers that suppliers gave themselves": is_("supplier.answered"),
    "Consultations of rightsholders": is_("consultation.recorded"),
    "Steps of escalation proposed by rule": is_("escalation.proposed"),
    "Steps of escalation taken": is_("escalation.step-taken"),
    "Effects of escalation observed": is_("escalation.effect-told"),
    "Warnings that something falls due": is_("obligation.approaching"),
    "Obligations missed": is_("obligation.missed"),
    "Good practices recorded": is_("practice.recorded"),
    "Entries refused by rule": is_("entry.refused"),
}


def recount(events: list[dict[str, Any]], first: date, last: date) -> dict[str, int]:
    """The figures of a period as anybody can count them from the exported events."""
    within = [one for one in events if first <= local_day(one) <= last]
    return {label: sum(map(counts, within)) for label, counts in RECOUNT.items()}


def local_day(one: Mapping[str, Any]) -> date:
    return datetime.fromisoformat(one.get("time", one["recordedtime"])).astimezone(OSLO_TIME).date()


async def test_each_figure_of_any_period_and_of_the_one_before_equals_a_plain_recount_of_the_events(
    library: Library,
) -> None:
    events = await library.events()
    for first, last in ((day(364), day(0)), (day(200), day(100)), (day(99), day(30))):
        found = await library.json("group/phones", **between(first, last))

        length = (last - first).days + 1
        earlier = recount(events, first - timedelta(days=length), last - timedelta(days=length))
        assert {label: figures(found)[label] for label in RECOUNT} == recount(events, first, last)
        assert {label: figures(found, "before")[label] for label in RECOUNT} == earlier
    assert figures(found)["Obligations missed"] > 0, "the year has what is counted"


async def test_every_figure_rests_on_events_that_exist_and_on_as_many_as_it_counts(library: Library) -> None:
    found = await library.json("group/phones")
    known = {one["id"] for one in await library.events()}

    assert {one["id"] for one in found["events"]} <= known
    for table in (one for part in found["sections"] for one in part["tables"]):
        for row in table["rows"]:
            for cell in row.values():
                assert set(cell["events"]) <= {one["id"] for one in found["events"]}
                if isinstance(cell["value"], int):
                    assert cell["events"] or cell["value"] == 0, (table["name"], row)
    for row in next(one for one in found["sections"][0]["tables"])["rows"]:
        assert len(row["value"]["events"]) == row["value"]["value"], row


async def test_a_period_report_tells_days_in_stages_askers_and_where_nobody_was_consulted(library: Library) -> None:
    found = await library.json("group/phones")

    stages = {(row["category"], row["stage"][:2]): row["days"] for row in rows(found, "stages")}
    assert stages["forced labour", "M0"] == 20
    assert stages["forced labour", "M1"] == 30
    assert stages["freedom of association", "M1"] == 180
    [joined, second] = [row for row in rows(found, "asks") if row["category"] == "forced labour"]
    assert joined["askers"] == "Example bergen, Example oslo" and joined["state"] == "partly met"
    assert second["state"] == "joined"
    by_issue = {row["category"]: row for row in rows(found, "engagements")}
    assert by_issue["forced labour"]["consultations"] == 2
    assert by_issue["freedom of association"]["consultations"] == "no rightsholder consulted"
    assert by_issue["freedom of association"]["outcome"] == "stalled"
    assert {row["organisation"] for row in rows(found, "consultations")} == {UNION, "not named"}
    assert rows(found, "refused"), "what changed nothing is counted by its reasons"


async def test_a_report_of_a_past_period_shows_how_things_stood_then(library: Library) -> None:
    found = await library.json("group/phones", **between(day(290), day(255)))

    [only] = rows(found, "engagements")
    assert (only["milestone"][:2], only["days"], only["consultations"]) == ("M1", 25, "no rightsholder consulted")
    assert [row["state"] for row in rows(found, "asks")] == ["acknowledged", "joined"]
    assert rows(found, "commitments") == []
    assert figures(found)["Of these: no rightsholder consulted"] == 1


async def test_what_was_taken_back_counts_as_never_said(library: Library, year: Year) -> None:
    before = figures(await library.json("group/phones"))
    mistaken = await year.ask(year.fees, wording="Sent by mistake.")
    assert figures(await library.json("group/phones"))["Asks made"] == before["Asks made"] + 1

    await year.enter(DialogueWithdrawn, "phones", year.fees, entry=mistaken, reason=WithdrawalReason.SENT_BY_MISTAKE)

    found = await library.json("group/phones")
    assert figures(found) == before, "nothing is counted of it, not even that it was withdrawn"
    assert "What was taken back since counts as never said" in section(found, "figures")
    states = {row["ask"]: row["state"] for row in rows(found, "asks")}
    assert states["Sent by mistake."] == "withdrawn", "and the list says what became of it"


# Who reads what


async def test_a_reader_finds_no_group_contract_or_objective_of_others_in_any_byte(
    library: Library, year: Year
) -> None:
    paths = ["group/phones", "supplier?supplier=example", f"meeting/{year.fees}", "account/bergen?year=2026"]
    for path in paths:
        for written in ("html", "csv", "json"):
            joint = "&" if "?" in path else "?"
            answer = await library.client.get(
                f"/documents/{path}{joint}format={written}", headers=year.as_member("bergen")
            )
            assert answer.status_code == 200, path
            for secret in (OTHERS_OBJECTIVE, "network", "24/1001", str(year.alone), str(year.ids["contract_oslo"])):
                assert secret not in answer.text, (path, written, secret)
    exported = await library.text("archive/phones", "bergen")
    assert OTHERS_OBJECTIVE not in exported and SECRET_CONTRACT not in exported


async def test_a_member_sees_its_own_contracts_and_the_operator_those_of_nobody_unless_as_that_member(
    library: Library,
) -> None:
    own = await library.text("supplier", "bergen", supplier="Example Electronics")
    alone = await library.text("supplier", supplier="Example Electronics")
    as_oslo = await library.text("supplier", supplier="Example Electronics", member="oslo")

    assert SECRET_CONTRACT in own and "24/1001" not in own
    assert SECRET_CONTRACT not in alone and "24/1001" not in alone
    assert OTHERS_OBJECTIVE in alone, "the operator reads every group"
    assert "24/1001" in as_oslo and SECRET_CONTRACT not in as_oslo


async def test_what_is_anothers_looks_as_if_it_were_not_there(library: Library, year: Year) -> None:
    pairs = [
        ("group/network", "group/nowhere"),
        ("archive/network", "archive/nowhere"),
        (f"meeting/{year.alone}", f"meeting/{uuid4()}"),
        ("account/oslo?year=2026", "account/nobody?year=2026"),
        (f"group/phones?engagement={year.alone}", f"group/phones?engagement={uuid4()}"),
    ]
    for others, missing in pairs:
        found = [
            await library.client.get(f"/documents/{one}", headers=year.as_member("bergen")) for one in (others, missing)
        ]
        told = [{key: word for key, word in one.json().items() if key != "instance"} for one in found]
        assert [one.status_code for one in found] == [404, 404], others
        assert told[0] == told[1]


async def test_who_left_a_group_reads_its_documents_no_more_and_who_left_engage_is_not_named(
    library: Library, year: Year
) -> None:
    await year.tell("follow_registry", WorkingGroupLeft(workinggroup="phones", member="bergen"), "phones")
    assert (await library.answer("group/phones", "bergen")).status_code == 404

    await year.tell("follow_registry", MemberLeft(member="bergen", kind=MemberKind.BUYER), "bergen")

    told = await library.text("group/phones")
    assert "Example bergen" not in told
    assert "a member that has left" in told


async def test_no_document_knows_of_a_case(library: Library, year: Year, runtime: Runtime) -> None:
    case = await taken_in_case(runtime)

    for path in ("group/phones", "supplier?supplier=example", f"meeting/{year.fees}", "account/oslo?year=2026"):
        joint = "&" if "?" in path else "?"
        for written in ("html", "csv", "json"):
            text = await library.text(f"{path}{joint}format={written}")
            assert not any(one in text for one in (str(case["case_id"]), case["reference"], NARRATIVE))


# Each document


async def test_a_brief_keeps_apart_what_is_said_to_the_supplier_to_the_group_and_to_nobody(
    library: Library, year: Year
) -> None:
    await year.ask(year.fees, wording="Show the receipts.", due=day(-30))
    secret = await year.release(cleared=False)

    found = await library.json(f"meeting/{year.fees}", "oslo")

    said, inside, own, never = (section(found, name) for name in ("supplier", "group", "own", "nobody"))
    assert "Show the receipts." in said and "Repay in two parts." in said and "M3 credible plan" in said
    for word in ("oslo", "bergen", UNION, "24/1001", "worker-side", "informal", "union", "discrimination", "buyers"):
        assert word not in said, word
    assert "Example bergen" in inside and UNION in inside
    assert "24/1001" in own and "24/1001" not in inside, "a member's contract is not the group's"
    assert "discrimination" not in json.dumps(found), "what is not cleared is not even among what is not said"
    assert "(civil society)" in never
    assert str(secret) not in json.dumps(found)
    assert SECRET_CONTRACT not in json.dumps(found)


async def test_a_supplier_is_told_neither_the_objective_nor_that_rightsholders_verified(
    library: Library, year: Year
) -> None:
    await year.move(year.fees, Milestone.M4_PLAN_IMPLEMENTED, days_ago=40)
    them: dict[str, Any] = {"rightsholders": RightsholderKind.UNION, "quarter": quarter_of(day(20))}
    held = await year.enter(ConsultationRecorded, "phones", year.fees, days_ago=20, **them)
    told: dict[str, Any] = {"milestone": Milestone.M5_VERIFIED_BY_RIGHTSHOLDERS, "reached_on": day(19)}
    told |= {"verified_by": RightsholderKind.UNION, "consultations": (held,)}
    await year.enter(MilestoneRecorded, "phones", year.fees, days_ago=19, **told)

    found = await library.json(f"meeting/{year.fees}")

    said, inside = section(found, "supplier"), section(found, "group")
    stands = {row["what"]: row["words"] for row in rows(found, "issue")}
    assert (stands["Where it stands"], stands["Since"]) == ("M4 plan implemented", day(40).isoformat())
    for word in ("rightsholder", "M5", "Recruitment fees are repaid to all workers."):
        assert word not in said, word
    assert "M5 verified by rightsholders" in inside and "Recruitment fees are repaid to all workers." in inside


async def test_a_cleared_statement_may_be_spoken_of_only_where_the_engagement_rests_on_it(
    library: Library, year: Year
) -> None:
    statement = await year.release(cleared=True)
    assert "worker-side" not in section(await library.json(f"meeting/{year.fees}"), "supplier")

    based = await year.open(days_ago=5, category=Category.DISCRIMINATION, reason=None, statements=(statement,))

    said = section(await library.json(f"meeting/{based}"), "supplier")
    assert "A worker-side source speaks of: discrimination. Nothing more is said of it." in said


async def test_a_statement_is_shown_only_where_it_is_cleared_with_its_own_quarter_and_no_time_of_day(
    library: Library, year: Year
) -> None:
    await year.release(cleared=False)
    paths: dict[str, dict[str, Any]] = {f"meeting/{year.fees}": {}, "supplier": {"supplier": str(year.supplier)}}
    for path, query in paths.items():
        assert "discrimination" not in await library.text(path, **query), path

    await year.release(cleared=True)

    for path, query in paths.items():
        found = await library.json(path, **query)
        [row] = [row for row in rows(found, "reasons") if row["category"] == "discrimination"]
        [source] = [one for one in found["events"] if one["type"] == "statement.released.v1"]
        assert (row["since"], source["at"]) == (QUARTER, moment(20).date().isoformat()), path
        assert f"<td>{source['at']}</td>" in await library.text(path, **query)


async def test_the_brief_of_an_engagement_that_is_held_has_nothing_to_say_to_the_supplier(
    library: Library, year: Year
) -> None:
    statement = await year.release(cleared=True)
    named: dict[str, Any] = {"reason": "Members asked for it.", "statements": (statement,)}
    held = await year.open(days_ago=5, category=Category.DISCRIMINATION, objective="Maternity is no bar.", **named)
    await year.ask(held, wording="Hire without tests of pregnancy.")
    assert "Hire without tests" in section(await library.json(f"meeting/{held}"), "supplier")

    await year.take_back(statement)

    found = await library.json(f"meeting/{held}")
    said = next(one for one in found["sections"] if one["name"] == "supplier")
    assert (said["tables"], said["secrecy"]) == ([], SILENT)
    assert said["text"] == [HELD]
    assert "Hire without tests" in section(found, "group"), "the group still sees what it asked"


async def test_an_engagement_whose_statement_is_no_longer_told_is_said_to_be_held_wherever_it_is_shown(
    library: Library, year: Year
) -> None:
    statement = await year.release(cleared=True)
    based: dict[str, Any] = {"reason": None, "statements": (statement,), "category": Category.DISCRIMINATION}
    held = await year.open(days_ago=5, **based)

    async def found() -> tuple[Any, Any]:
        rows = (await asked(library.client, "/board", limit=200))["items"]
        shown = await asked(library.client, f"/engagements/{held}", year.as_member("bergen"))
        return {row["engagement"]: row for row in rows}, shown

    board, shown = await found()
    assert not any(row["held"] for row in board.values()) and not shown["held"]
    await year.take_back(statement)
    board, shown = await found()

    assert [one for one, row in board.items() if row["held"]] == [str(held)]
    assert shown["held"] and HELD_IN_WORDS in standing(shown)
    assert HELD_IN_WORDS in list(typed_standing(board[str(held)]))


async def test_a_tracker_tells_how_soon_a_supplier_answered_and_what_it_kept(library: Library) -> None:
    found = await library.json("supplier", "oslo", supplier="example")

    soon = {row["ask"]: row for row in rows(found, "responsiveness")}
    assert (soon["Repay the fees, with interest."]["answered"], soon["Repay the fees, with interest."]["settled"]) == (
        19,
        229,
    )
    assert soon["Sign the agreement with the union."]["answered"] == "not yet"
    assert [row["state"] for row in rows(found, "commitments")] == ["partly met"]
    [leverage] = rows(found, "leverage")
    assert (leverage["buyers"], leverage["contracts"], leverage["sums"]) == (4, 6, "2,000,000 NOK")
    assert {row["state"] for row in rows(found, "conditions")} == {"due, day missed", "due"}


async def test_a_supplier_is_found_by_a_name_an_older_id_or_words_and_several_are_asked_back(
    library: Library, year: Year
) -> None:
    twin, other = uuid4(), uuid4()
    await year.name_supplier(twin, "Example Elektronikk")
    await year.name_supplier(other, "Example Networks")
    merged = SupplierMerged(supplier=twin, into=year.supplier, decided_by=DecidedBy.PERSON, decision=uuid4())
    await year.tell("follow_registry", merged, str(twin))

    by_old = await library.json("supplier", supplier=str(twin))
    by_name = await library.json("supplier", supplier="example electronics")
    several = await library.answer("supplier", supplier="example")
    nobody = await library.answer("supplier", supplier="nobody at all")

    assert by_old["title"] == by_name["title"] == "Company performance: Example Electronics"
    assert (several.status_code, several.json()["code"], len(several.json()["errors"])) == (409, "several_suppliers", 2)
    assert nobody.status_code == 404


async def test_an_account_draws_on_contracts_exposure_engagements_and_says_what_it_cannot_know(
    library: Library, year: Year
) -> None:
    found = await library.json("account/oslo", "oslo", year=day(0).year)

    counted = figures(found)
    assert counted["Contracts followed up"] == 1
    assert counted["Flags that touched them"] == 1
    assert (await summed(library))["Contract conditions: day missed"] == 1
    assert [row["reference"] for row in rows(found, "contracts")] == ["24/1001"]
    assert rows(found, "guidelines") == [{"conditions": "Example contract terms, 2024", "contracts": 1}]
    assert {row["group"] for row in rows(found, "engagements")} == {"Group network", "Group phones"}
    assert len(found["limits"]) >= 4
    assert SECRET_CONTRACT not in json.dumps(found)
    to_come = await library.answer("account/oslo", "oslo", year=day(0).year + 1)
    assert (to_come.status_code, to_come.json()["code"]) == (422, "year_to_come")


async def test_an_account_tells_requests_and_conditions_as_they_stand_and_not_what_was_taken_back(
    library: Library, year: Year
) -> None:
    contract, request = year.ids["contract_oslo"], request_of("oslo", "R-1")
    [due] = await year.runtime.pool.fetch(
        "SELECT condition FROM condition WHERE contract = $1 AND due < current_date", contract
    )
    report: dict[str, Any] = {"contract": contract, "condition": due["condition"]}
    no = StepAnswer(step=DueDiligenceStep.REMEDIATE, yes=False)
    await follow_up(year, contract, SelfReportRecorded, 100, **report, received_on=day(100), answers=(no,))
    verified: dict[str, Any] = report | {"state": ConditionState.VERIFIED, "evidence": (EVIDENCE,)}
    entry = await follow_up(year, contract, ConditionReported, 90, **verified, decided_on=day(90))
    for state, days_ago in ((RequestState.RECEIVED, 30), (RequestState.ANSWERED, 20)):
        asked = {"request": request, "reference": "R-1", "state": state, "on": day(days_ago)}
        await follow_up(year, request, InformationRequestRecorded, days_ago, **asked)

    stood, before, requests = await states(library), await summed(library), await all_rows(library, "requests")
    gone = {"contract": contract, "reason": WithdrawalReason.SENT_BY_MISTAKE}
    await follow_up(year, contract, FollowUpEntryWithdrawn, 10, **gone, entry=entry)

    assert stood == {"verified", "breach", "due"}
    assert before["Requests for information answered"] == before["Contract conditions: breach"] == 1
    assert ("R-1", "answered") in {(row["reference"], row["state"]) for row in requests}
    assert before["Contract conditions: verified"] == 1
    assert (await summed(library))["Contract conditions: verified"] == 0
    assert await states(library) == {"submitted", "breach", "due"}


async def states(library: Library) -> set[str]:
    """The states of the conditions of oslo's contracts with the supplier."""
    return {row["state"] for row in rows(await library.json("supplier", "oslo", supplier="example"), "conditions")}


async def summed(library: Library) -> Counter[str]:
    """The figures of oslo's accounts of this year and the last together, whatever day it is."""
    total: Counter[str] = Counter()
    for number in (day(0).year, day(0).year - 1):
        total.update(figures(await library.json("account/oslo", year=number)))
    return total


async def all_rows(library: Library, name: str) -> list[dict[str, Any]]:
    """The rows of a table of oslo's accounts of this year and the last."""
    accounts = [await library.json("account/oslo", year=number) for number in (day(0).year, day(0).year - 1)]
    return [row for one in accounts for row in rows(one, name)]


async def follow_up(year: Year, about: UUID, kind: type[FollowUpEntry], days_ago: int, **fields: Any) -> UUID:
    """An entry of the follow-up by oslo; its id."""
    told = kind.model_validate({"entry": uuid4(), "member": "oslo"} | fields)
    await year.tell("follow_contracts", told, str(about), Classification.MEMBER, member="oslo", at=moment(days_ago))
    return told.entry


async def test_an_exposure_that_ends_and_comes_again_is_told_with_its_days(library: Library, year: Year) -> None:
    def changed(state: Exposure) -> ExposureChanged:
        return ExposureChanged(
            flag=year.flag, member="oslo", contract=year.ids["contract_oslo"], supplier=year.supplier,
            category=Category.FORCED_LABOUR, exposure=state, reach=Reach.SUPPLIER_OF_CONTRACT,
        )  # fmt: skip

    async def tell(state: Exposure, days_ago: int) -> dict[str, Any]:
        about, at = str(year.flag), moment(days_ago)
        await year.tell("follow_exposure", changed(state), about, Classification.MEMBER, member="oslo", at=at)
        [row] = rows(await library.json("account/oslo", year=day(20).year), "exposure")
        return row

    ended = await tell(Exposure.NO_LONGER_EXPOSED, 20)
    assert ended["ended"] == str(moment(20).astimezone(OSLO_TIME).date())
    again = await tell(Exposure.EXPOSED, 10)
    assert again["ended"] == "still"


async def test_a_page_of_each_document_is_well_formed_and_may_load_nothing(library: Library, year: Year) -> None:
    hostile = '<script>alert("x")</script>=1+1'
    await year.enter(AskRecorded, "phones", year.fees, wording=hostile, category=Category.FORCED_LABOUR)
    for path in ("group/phones", "supplier?supplier=example", f"meeting/{year.fees}", "account/oslo?year=2026"):
        answer = await library.answer(path)
        page = Page(answer.text)
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["cache-control"] == "no-store"
        assert not page.count("script")
    assert hostile in "".join(Page(await library.text(f"meeting/{year.fees}")).words)


async def test_a_table_alone_comes_as_csv_and_an_unknown_one_is_answered_with_those_there_are(library: Library) -> None:
    asks = await library.text("group/phones", format="csv", table="asks")
    unknown = await library.answer("group/phones", format="csv", table="nothing")

    assert asks.splitlines()[0].endswith("supplier,ask,category,asked_on,askers,due,state,events")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "table_unknown")
    assert "asks" in unknown.json()["detail"]
    backwards = await library.answer("group/phones", **between(day(1), day(9)))
    assert (backwards.status_code, backwards.json()["code"]) == (422, "period_invalid")


async def test_an_export_has_every_event_in_order_with_a_title_that_tells_nobody_anything(
    library: Library, year: Year
) -> None:
    events, alone = await library.events(), await library.events(engagement=str(year.union))

    assert Counter(one["topic"] for one in events).keys() == {"group.phones.dialogue", "group.phones.engagement"}
    assert len({one["id"] for one in events}) == len(events)
    titles = " ".join(one["title"] for one in events)
    assert not any(word in titles.casefold() for word in ("example", "phones", "oslo", "fees", "labour"))
    assert all(one["exemption"] and one["classification"] == "group" for one in events)
    assert {one["standing"] for one in events if "standing" in one} == {"applied", "refused"}
    assert {one["subject"] for one in alone} == {str(year.union)}
    report = await library.json("group/phones", engagement=str(year.union))
    assert {one["id"] for one in report["events"]} <= {one["id"] for one in alone}
