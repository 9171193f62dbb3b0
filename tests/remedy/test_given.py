"""What the tests of cases start from is itself as it would come about."""

from services.remedy.domain.people import Role
from shared.service import Runtime
from tests.remedy.given import assign, somebody, taken_in_case


async def test_a_case_of_the_tests_was_sealed_opened_and_sealed_anew(runtime: Runtime) -> None:
    case = await taken_in_case(runtime, identity="Invented Worker", filed_by="worker")

    parts = await runtime.pool.fetch("SELECT part FROM content WHERE case_id = $1 ORDER BY place", case["case_id"])
    told = await runtime.pool.fetch("SELECT type FROM case_fact WHERE case_id = $1 ORDER BY position", case["case_id"])

    assert {"narrative", "identity"} <= {row["part"] for row in parts}
    assert {"case.opened.v1", "case.taken-in.v1"} <= {row["type"] for row in told}
    assert case["openable"] and case["sealed"] is None


async def test_somebody_of_the_tests_has_a_key_and_works_on_a_case(runtime: Runtime) -> None:
    case = await taken_in_case(runtime)
    handler = await somebody(runtime.pool, Role.HANDLER)

    await assign(runtime.pool, case["case_id"], handler)

    assert handler.headers["authorization"].endswith(handler.key)
    assert await runtime.pool.fetchval("SELECT count(*) FROM assignment WHERE person_id = $1", handler.person.id) == 1
