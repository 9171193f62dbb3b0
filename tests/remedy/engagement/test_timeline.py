"""What `remedy` has told of a subject: engagements, conditions and statements, for whom they are; of cases nothing."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from services.remedy.phrases import PHRASES
from shared import outbox
from shared.events.engagement_words import EngagementOutcome, Milestone
from shared.events.envelope import Classification, Event, EventData
from shared.events.ingest import ConclusionRecorded, MemberLeft, SupplierMerged
from shared.events.remedy.cases import CaseMoved
from shared.events.remedy.conditions import ConditionDue
from shared.events.remedy.released import StatementReleased
from shared.events.remedy.words import CaseReason, CaseState
from shared.events.vocabulary import Category, DecidedBy, MemberKind, WorkersBand
from tests.remedy.engagement.shown import World, asked, day, moment
from tests.remedy.given import OPERATOR_KEY, bearer, event, flag


async def tell(world: World, *told: Event) -> None:
    """Let the service have published these."""
    async with world.runtime.transaction() as tx:
        await outbox.append(tx, told)


def says(found: Any) -> list[str]:
    """The lines in words."""
    return [line["says"] for line in found["lines"]]


def types(found: Any) -> set[str]:
    return {line["type"] for line in found["lines"]}


async def test_the_thread_of_an_engagement_runs_from_its_opening_to_its_closure(
    world: World, client: httpx.AsyncClient
) -> None:
    engagement = await world.open(days_ago=50)
    await world.move(engagement, Milestone.M1_CONCERN_RAISED, days_ago=20)
    ended: dict[str, Any] = {
        "outcome": EngagementOutcome.DISCONTINUED,
        "concluded_on": day(2),
        "reason": "The plant was sold.",
    }
    await world.enter(ConclusionRecorded, "phones", engagement, days_ago=2, **ended)

    found = await asked(client, "/timeline", world.as_member("bergen"), subject=str(engagement))

    assert says(found)[0].startswith("Engagement opened with Example Electronics")
    assert "Reached milestone M1 after 30 days at M0" in says(found)
    assert says(found)[-1] == "Engagement closed at milestone M1: discontinued"
    assert found["lines"][0]["by"] == "oslo"
    assert {(line["audience"], line["whose"]) for line in found["lines"]} == {("group", "phones")}
    assert {part["kind"] for part in found["found"]} == {"engagement"}


async def test_a_flag_leads_to_the_engagements_of_the_readers_groups_and_no_others(
    world: World, client: httpx.AsyncClient
) -> None:
    raised = flag(world.supplier)
    assert raised.data is not None
    about = raised.data.model_dump()["flag"]
    await world.tell("follow_risk", raised.data, str(world.supplier))
    mine = await world.open(flags=(about,))
    others = await world.open(group="network", flags=(about,))

    for query in ({"subject": str(about)}, {"also": f"flag:{about}"}, {"also": f"supplier:{world.supplier}"}):
        found = await asked(client, "/timeline", world.as_member("bergen"), **query)

        assert {line["subject"] for line in found["lines"]} == {str(mine)}
        assert str(others) not in str(found)
    by_operator = await asked(client, "/timeline", subject=str(about))
    assert {line["subject"] for line in by_operator["lines"]} == {str(mine), str(others)}


async def test_another_groups_engagement_has_no_lines(world: World, client: httpx.AsyncClient) -> None:
    others = await world.open(group="network")

    found = await asked(client, "/timeline", world.as_member("bergen"), subject=str(others))
    unheard_of = await asked(client, "/timeline", world.as_member("bergen"), subject=str(uuid4()))

    assert found | {"subject": None} == unheard_of | {"subject": None}
    assert found["lines"] == found["found"] == []


async def test_conditions_of_a_contract_are_shown_to_their_member_alone(
    world: World, client: httpx.AsyncClient
) -> None:
    contract = uuid4()
    due = ConditionDue(
        member="oslo",
        condition=uuid4(),
        contract=contract,
        clause="dfo-2",
        wanted="A report.",
        due=day(-9),
        basis="DFØ",
    )
    await tell(world, addressed(due, str(contract), Classification.MEMBER, member="oslo"))

    for query in ({"subject": str(contract)}, {"also": f"contract:{contract}"}):
        assert len((await asked(client, "/timeline", world.as_member("oslo"), **query))["lines"]) == 1
        assert (await asked(client, "/timeline", world.as_member("bergen"), **query))["lines"] == []
        assert len((await asked(client, "/timeline", **query))["lines"]) == 1
    assert (await asked(client, "/timeline", member="bergen", subject=str(contract)))["lines"] == []


async def test_of_a_case_nothing_is_ever_shown_not_even_to_the_operator(
    world: World, client: httpx.AsyncClient
) -> None:
    case = uuid4()
    await tell(world, restricted(case))

    for headers in (bearer(OPERATOR_KEY), world.as_member("oslo")):
        for query in ({"subject": str(case)}, {"also": f"engagement:{case}"}, {"also": f"statement:{case}"}):
            assert (await asked(client, "/timeline", headers, **query))["lines"] == []
    assert not {kind for kind in PHRASES if kind.startswith(("case.", "mail.", "grievance."))}


async def test_statements_on_a_supplier_are_in_its_thread_also_under_an_older_id(
    world: World, client: httpx.AsyncClient
) -> None:
    into, statement = uuid4(), uuid4()
    await world.name_supplier(into, "Example Holding")
    merged = SupplierMerged(supplier=world.supplier, into=into, decision=uuid4(), decided_by=DecidedBy.PERSON)
    await world.tell("follow_registry", merged, str(world.supplier))
    released = StatementReleased(
        statement=statement,
        supplier=world.supplier,
        quarter="2026-Q1",
        category=Category.FORCED_LABOUR,
        workers=WorkersBand.FROM_10,
    )
    await tell(world, event(released, str(statement), Classification.MEMBERS))
    await world.runtime.pool.execute(
        "INSERT INTO reason (kind, id, supplier, category, since) VALUES ('statement', $1, $2, 'forced_labour', now())",
        statement,
        world.supplier,
    )

    for id_ in (into, world.supplier):
        found = await asked(client, "/timeline", world.as_member("bergen"), subject=str(id_))
        assert says(found) == ["Statement of a worker-side source on forced labour, 2026-Q1"]


async def test_a_member_that_has_left_is_told_by_its_kind(world: World, client: httpx.AsyncClient) -> None:
    engagement = await world.open()
    await world.tell("follow_registry", MemberLeft(member="oslo", kind=MemberKind.BUYER), "oslo")

    found = await asked(client, "/timeline", world.as_member("bergen"), subject=str(engagement))

    assert found["lines"][0]["by"] == "a buyer that has left" and "oslo" not in str(found)


async def test_a_thread_is_cut_by_days(world: World, client: httpx.AsyncClient) -> None:
    engagement = await world.open(days_ago=50)
    tomorrow = (moment(0) + timedelta(days=1)).isoformat()

    whole = await asked(client, "/timeline", subject=str(engagement))
    none = await asked(client, "/timeline", subject=str(engagement), **{"from": tomorrow})
    before = await asked(client, "/timeline", subject=str(engagement), to=tomorrow)

    assert whole["lines"] == before["lines"] != [] and none["lines"] == []


@pytest.mark.parametrize("also", ["flag", "flag:", "flag:none", f"Flag:{UUID(int=0)}", f"flag:{UUID(int=0)}x"])
async def test_what_cannot_be_followed_is_refused_and_not_repeated(
    world: World, client: httpx.AsyncClient, also: str
) -> None:
    refused = await client.get("/timeline", params={"also": also}, headers=bearer(OPERATOR_KEY))

    assert refused.status_code == 422 and f'"{also}"' not in refused.text


async def test_without_a_key_nothing_is_told(client: httpx.AsyncClient) -> None:
    assert (await client.get("/timeline", params={"subject": str(uuid4())})).status_code == 401


def addressed(data: EventData, key: str, classification: Classification, **audience: Any) -> Event:
    """An event of this service to an audience."""
    return replace(event(data, key, classification), **audience)


def restricted(case: UUID) -> Event:
    """What handlers' systems are told of a case."""
    return event(
        CaseMoved(case=case, before=CaseState.RECEIVED, after=CaseState.ACKNOWLEDGED, reason=CaseReason.OTHER),
        str(case),
        Classification.RESTRICTED,
    )
