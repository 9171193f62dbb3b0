"""A marked load of testimony, with services and an engine killed in between: no mark is found where it must not be."""

import pytest

from tests.journeys.canaries import load, report, scan
from tests.journeys.conftest import NewMember
from tests.journeys.desk import Desk, references
from tests.journeys.door import flag
from tests.journeys.test_engagement import found_group
from tests.journeys.test_testimony import kill
from tests.live_stack import LiveStack, wait_until

READ = 5
"""Cases that handlers work on after the faults, so that words of theirs are marked as well."""


@pytest.mark.timeout(600)
async def test_of_a_marked_load_nothing_is_found_anywhere_after_faults_and_after_work_on_cases(
    stack: LiveStack, new_member: NewMember, fresh: str, capsys: pytest.CaptureFixture[str]
) -> None:
    ingrid, amina, member = Desk(stack, "ingrid"), Desk(stack, "amina"), new_member()
    before = references(ingrid)
    found_group(stack, f"group-{fresh}", f"Example Canary {fresh}", member.member, member.member)
    member.send(flag(f"Example Canary {fresh}"))
    canaries = load(stack, member)
    for victim in ("remedy", "ingest", "kafka", "remedy"):
        kill(stack, victim)
    stack.settled(240)
    cases = sorted(references(ingrid) - before)
    wait_until(lambda: set(cases) <= taken_in(ingrid), 120, lambda: "some boxes were not opened")

    for case in cases[:READ]:
        ingrid.does(case, "handlers", name="amina")
        said = str(amina.does(case, "read", motivation=canaries.words("G", 1)))
        assert canaries.beginning("G") in said and canaries.beginning("I") in said  # the trusted contact, to be called
        amina.does(case, "acknowledge")
        amina.does(case, "message", text=canaries.words("G", 1))
        amina.does(case, "safety", level="high", assessment=canaries.words("G", 1))
        amina.does(case, "identity/requests", motivation=canaries.words("G", 1))
    stack.settled(240)
    found = await scan(stack, canaries)
    with capsys.disabled():
        print(f"\n{report(canaries, found)}")

    assert len(cases) == 60
    assert [one["state"] for one in stack.ask("remedy", f"/engagements?workinggroup=group-{fresh}").json()["items"]]
    assert found.leaks == {}


def taken_in(coordinator: Desk) -> set[str]:
    """The references of the cases whose boxes have been opened and sealed anew."""
    return {case["reference"] for case in coordinator.ask("GET", "/cases?limit=1000").json() if case["openable"]}
