"""What the door passes on: disclosures, contracts and the dialogue of working groups."""

from shared.events.ingest import (
    ContractRecorded,
    DisclosureAccepted,
    DisclosureLinked,
    SiteRegistered,
    SupplierRegistered,
)
from tests.ingest.conftest import Doors
from tests.ingest.given import CONTRACT, DISCLOSURE, SITE, disclosure, event, flag, osh
from tests.ingest.seen import outcomes


async def test_a_disclosure_goes_to_its_member_unless_its_source_has_published_it(doors: Doors) -> None:
    await doors.send(disclosure(published=True), disclosure(published=False))

    topics = [topic for topic, _, one in await doors.published() if isinstance(one.data, DisclosureAccepted)]
    assert topics == ["members.disclosure", "member.oslo.disclosure"]


async def test_a_disclosure_carries_what_its_source_says_and_never_the_contract(doors: Doors) -> None:
    site = SITE | {"workers": {"minimum": 100}, "representation": "none", "sector": "Electronics"}
    await doors.send(disclosure(published=True, contract="2024/17", site=site, tier="final_assembly"))

    accepted, linked = [(topic, one.data) for topic, _, one in await doors.published() if "disclosure" in one.type]
    assert isinstance(accepted[1], DisclosureAccepted)
    assert accepted[1].facts is not None
    assert accepted[1].facts.workers is not None
    assert (accepted[1].facts.workers.minimum, accepted[1].facts.sector) == (100, "Electronics")
    assert accepted[1].tier == "final_assembly"
    assert "2024/17" not in accepted[1].model_dump_json()
    assert linked[0] == "member.oslo.disclosure"
    assert isinstance(linked[1], DisclosureLinked)
    assert linked[1].disclosure == accepted[1].disclosure


async def test_what_was_asked_for_and_not_told_is_a_disclosure_without_a_site(doors: Doors) -> None:
    request = {"asked_on": "2026-01-02", "asked_company": "Example Upstream", "answer": "refused"}
    proof = {"missing": "smelter", "reason": "supplier_refuses", "requests": [request]}

    await doors.send(event("disclosure.submitted.v1", {**DISCLOSURE, "site": None, "not_disclosed": proof}))

    data = (await doors.published())[-1][2].data
    assert isinstance(data, DisclosureAccepted)
    assert data.site is None
    assert data.not_disclosed is not None
    assert data.not_disclosed.requests[0].asked_company == "Example Upstream"


async def test_a_contract_is_private_keeps_its_id_and_knows_its_parent_whichever_comes_first(doors: Doors) -> None:
    call_off = CONTRACT | {"parent": "F-1"}
    framework = CONTRACT | {"reference": "F-1", "level": "framework"}
    await doors.send(event("contract.registered.v1", call_off))
    await doors.send(event("contract.registered.v1", framework), event("contract.registered.v1", call_off))

    told = [(topic, one.data) for topic, _, one in await doors.published() if isinstance(one.data, ContractRecorded)]
    assert {topic for topic, _ in told} == {"member.oslo.contract"}
    first, parent = (data for _, data in told)
    assert isinstance(first, ContractRecorded)
    assert isinstance(parent, ContractRecorded)
    assert first.parent == parent.contract


async def test_contracts_of_two_members_are_two_though_their_reference_is_one(doors: Doors) -> None:
    await doors.send(event("contract.registered.v1", CONTRACT))
    await doors.send(event("contract.registered.v1", CONTRACT), member="watch")

    told = [one.data for _, _, one in await doors.published() if isinstance(one.data, ContractRecorded)]
    assert told[0].contract != told[1].contract


async def test_suppliers_and_sites_are_registered_once_and_again_when_more_is_known(doors: Doors) -> None:
    supplier = {"name": "EXAMPLE ELECTRONICS", "country": "NO", "identifiers": {"duns": "123456789"}}
    await doors.send(flag(1))
    await doors.send(event("contract.registered.v1", CONTRACT | {"supplier": supplier}), flag(1))
    await doors.import_csv(osh(("NO", "Example Works 1", SITE["address"], "Electronics")))

    told = [one.data for _, _, one in await doors.published()]
    suppliers = [one for one in told if isinstance(one, SupplierRegistered) and "Electronics" in one.name]
    sites = [one for one in told if isinstance(one, SiteRegistered)]
    assert [(one.name, one.country) for one in suppliers] == [
        ("Example Electronics Ltd", None),
        ("Example Electronics Ltd", "NO"),
    ]
    assert [(one.site == sites[0].site, one.sector) for one in sites] == [(True, None), (True, "Electronics")]


async def test_a_batch_takes_as_many_statements_however_large_it_is(doors: Doors, statements: list[str]) -> None:
    counts = []
    for numbers in (range(10), range(10, 510)):
        statements.clear()
        answer = await doors.send(*[one for n in numbers for one in (flag(n), disclosure(contract=f"C-{n}"))])
        assert set(outcomes(answer)) == {"accepted"}
        counts.append(len(statements))

    assert 0 < counts[1] <= counts[0] < 45
