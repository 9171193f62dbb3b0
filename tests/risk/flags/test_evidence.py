"""What an assessment is given of flags and of released statements, and that no more of a statement is kept."""

from collections.abc import Collection
from uuid import UUID

from services.risk.assessing import ALL, evidence_at
from services.risk.domain.evidence import Evidence
from services.risk.domain.sites import Described
from services.risk.reporting import record_reports, record_statements
from services.risk.store.flags import evidence_of_suppliers
from shared.events.engagement_words import EngagementOutcome, Milestone
from shared.events.envelope import Event
from shared.events.lifecycles import CauseKind, FlagState
from shared.events.remedy import EngagementClosed, RemedyVerified, StatementReleased, StatementReversed
from shared.events.remedy.words import RemedyForm
from shared.events.vocabulary import Category, ReplyStance, WorkersBand
from tests.conftest import Schema
from tests.risk.flags.conftest import Tell
from tests.risk.flags.told import (
    recorded,
    replied,
    reply_taken_back,
    reported,
    site_merged,
    supplier_merged,
    taken_back,
    way_to,
)
from tests.risk.given import named

S = FlagState


def released(statement: str = "statement 1", supplier: str = "supplier 1", at: float = 0) -> Event:
    data = StatementReleased(
        statement=named(statement),
        supplier=named(supplier),
        quarter="2026-Q1",
        category=Category.FORCED_LABOUR,
        workers=WorkersBand.FROM_10,
    )
    return recorded(data, statement, at)


def reversed_(statement: str = "statement 1", supplier: str = "supplier 1", at: float = 0) -> Event:
    """The workers' side no longer agrees that a statement is told."""
    return recorded(StatementReversed(statement=named(statement), supplier=named(supplier)), statement, at)


async def evidence(schema: Schema, suppliers_of: dict[str, Collection[str]]) -> dict[str, Evidence]:
    async with schema.pool.acquire() as tx:
        asked = {(named(site), ALL): at(site, suppliers) for site, suppliers in suppliers_of.items()}
        found = await evidence_at(tx, asked)
    assert found.keys() == asked.keys()
    return {site: found[named(site), ALL] for site in suppliers_of}


def at(site: str, suppliers: Collection[str]) -> Described:
    """A site at which these suppliers work."""
    return Described(named(site), named("supplier 1"), "Example", frozenset(map(named, suppliers)), 1)


async def keep(schema: Schema, *batch: Event) -> set[UUID]:
    async with schema.pool.acquire() as tx, tx.transaction():
        return set((await record_statements(tx, batch)).suppliers)


async def test_a_site_has_its_own_flags_and_those_of_its_suppliers_where_no_site_is_named(
    schema: Schema, tell: Tell
) -> None:
    await tell(
        *way_to(S.CONFIRMED),
        reported("report 2", at=1, parts=(5, 1, 1, None)),
        reported("report 3", at=2, site=None),
        reported("report 4", at=3, site=None, supplier="supplier 2"),
        reported("report 5", at=4, site="site 2"),
    )

    found = await evidence(schema, {"site 1": ["supplier 1"], "site 9": ["supplier 2", "supplier 3"], "site 8": []})

    held = {site: [[one.report for one in flag.reports] for flag in one.flags] for site, one in found.items()}
    assert sorted(held["site 1"]) == sorted([[named("report 1"), named("report 2")], [named("report 3")]])
    assert (held["site 9"], held["site 8"]) == ([[named("report 4")]], [])
    assert {flag.state for flag in found["site 1"].flags} == {S.CONFIRMED, S.RAISED}
    assert [flag.flag for flag in found["site 1"].flags] == sorted(flag.flag for flag in found["site 1"].flags)


async def test_what_was_taken_back_is_not_given(schema: Schema, tell: Tell) -> None:
    await tell(
        reported(),
        reported("report 2", at=1),
        taken_back("report 2"),
        reported("report 3", category=Category.CHILD_LABOUR),
        taken_back("report 3"),
        replied(),
        replied("reply 2", at=41),
        reply_taken_back("reply 2"),
    )

    (flag,) = (await evidence(schema, {"site 1": []}))["site 1"].flags

    assert [(one.report, one.replies) for one in flag.reports] == [(named("report 1"), (ReplyStance.DISPUTES,))]


async def test_evidence_follows_merges(schema: Schema, tell: Tell) -> None:
    await tell(reported(), reported("report 2", site=None))
    await keep(schema, released())
    await tell(site_merged("site 1", "site 2"), supplier_merged("supplier 1", "supplier 2"))

    found = await evidence(schema, {"site 2": ["supplier 1"], "site 1": []})

    assert len(found["site 2"].flags) == 2
    assert [one.statement for one in found["site 2"].statements] == [named("statement 1")]
    assert found["site 1"] == Evidence()
    async with schema.pool.acquire() as tx:
        of_supplier = await evidence_of_suppliers(tx, [named("supplier 2"), named("supplier 3")])
    assert [len(of_supplier[named(one)].flags) for one in ("supplier 2", "supplier 3")] == [1, 0]
    assert len(of_supplier[named("supplier 2")].statements) == 1


async def test_a_statement_touches_its_supplier_and_is_kept_once(schema: Schema) -> None:
    assert await keep(schema, released(), released("statement 2", "supplier 2")) == {
        named("supplier 1"),
        named("supplier 2"),
    }
    await keep(schema, released(at=5))

    assert len(await schema.rows("SELECT FROM statement")) == 2


async def test_of_testimony_nothing_is_kept_but_supplier_quarter_category_and_band(schema: Schema) -> None:
    await keep(schema, released())

    (row,) = await schema.rows("SELECT * FROM statement")
    assert set(row.keys()) == {"statement", "supplier", "quarter", "category", "workers", "recorded_at"}
    (known,) = (await evidence(schema, {"site 1": ["supplier 1"]}))["site 1"].statements
    assert set(known.__slots__) == {"statement", "category", "quarter", "workers"}


async def test_what_else_remedy_tells_is_not_read(schema: Schema) -> None:
    other = EngagementClosed(
        engagement=named("engagement"),
        workinggroup="example-group",
        supplier=named("supplier 1"),
        outcome=EngagementOutcome.ACHIEVED,
        milestone=Milestone.M5_VERIFIED_BY_RIGHTSHOLDERS,
        entry=named("conclusion"),
    )

    assert await keep(schema, recorded(other, "engagement", 0)) == set()


async def test_only_what_people_told_touches_a_report(schema: Schema) -> None:
    async with schema.pool.acquire() as tx, tx.transaction():
        touched = await record_reports(tx, [reported(), released(), reply_taken_back(report="report 2")])

    assert touched.reports.keys() == {named("report 1"), named("report 2")}
    assert {cause.kind for cause in touched.reports.values()} == {CauseKind.FLAG}
    assert not touched.sites


async def test_a_statement_that_is_taken_back_is_evidence_no_more_and_its_supplier_is_assessed_anew(
    schema: Schema, tell: Tell
) -> None:
    await tell(reported())
    await keep(schema, released(), released("statement 2", at=1))

    touched = await keep(schema, reversed_(at=2))

    found = await evidence(schema, {"site 1": ["supplier 1"]})
    assert touched == {named("supplier 1")}
    assert [one.statement for one in found["site 1"].statements] == [named("statement 2")]


async def test_a_statement_released_and_taken_back_in_one_batch_is_none(schema: Schema, tell: Tell) -> None:
    await tell(reported())

    await keep(schema, released(), reversed_(at=1))

    assert not (await evidence(schema, {"site 1": ["supplier 1"]}))["site 1"].statements


async def test_that_a_remedy_was_verified_lowers_no_risk(schema: Schema, tell: Tell) -> None:
    await tell(reported())
    await keep(schema, released())
    before = await evidence(schema, {"site 1": ["supplier 1"]})
    verified = RemedyVerified(
        statement=named("statement 2"),
        supplier=named("supplier 1"),
        quarter="2026-Q2",
        category=Category.FORCED_LABOUR,
        form=RemedyForm.COMPENSATION,
        workers=WorkersBand.FROM_10,
    )

    touched = await keep(schema, recorded(verified, "statement 2", 1))

    assert (touched, await evidence(schema, {"site 1": ["supplier 1"]})) == (set(), before)
