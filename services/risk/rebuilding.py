"""What is this service's own of a rebuild: facts are taken over, each handler's topics are told again, clocks run."""

from functools import partial

from pydantic import SecretStr

from deploy.local import rebuilding
from deploy.local.rebuilding import Plan, RebuildRefused, Report, Work, replay_handler
from deploy.local.rebuilt import Rebuilt
from services.risk import flagging, handlers, schedule
from services.risk.domain.facts.editions import digest_of
from services.risk.settings import RiskSettings
from services.risk.store import facts, registry, snapshot
from shared.postgres import borrow, transaction
from shared.snapshot import Snapshot, work_in

PAGE = 2000
"""Flags whose clock is looked at in one transaction."""


async def rebuild(admin: str, bootstrap: str, report: Report, *, live: str = "risk", keep: bool = False) -> Rebuilt:
    """Conclude everything again from the topics, and compare; as `deploy.local.rebuilding.rebuild` promises."""
    return await rebuilding.rebuild(PLAN, admin, bootstrap, report, live=live, keep=keep)


def settings_for(bootstrap: str, dsn: SecretStr) -> RiskSettings:
    """The service's own settings, for a broker and a database."""
    return RiskSettings(kafka_bootstrap=bootstrap, database_dsn=dsn)


def settings_of(work: Work) -> RiskSettings:
    """The settings of this service; the work keeps them under their common type."""
    assert isinstance(work.settings, RiskSettings)
    return work.settings


async def conclude(work: Work, bootstrap: str) -> None:
    """Tell the topics again, one handler after the other: where it ends does not depend on their order."""
    await check_facts(work)
    for handler in handlers.build(partial(settings_of, work)):
        await replay_handler(work, handler, bootstrap)


async def check_facts(work: Work) -> None:
    """Raises RebuildRefused at the first edition whose facts are no longer those that were loaded."""
    async with borrow(work.pool) as connection:
        for edition in await snapshot.read_editions(connection):
            found = digest_of(await facts.facts_of(connection, edition["id"]))
            if found != edition["digest"]:
                raise RebuildRefused(
                    f"{edition['source']}, edition {edition['edition']}: its facts in the live schema are not those "
                    "that were loaded. Load the list again as an edition of its own."
                )


async def catch_up(work: Work, taken: Snapshot) -> int:
    """Do what the service does by the clock, as of the moment at which the live schema was copied.

    Clocks are looked at now and then: those that had run out unseen are told in the copy, too, and counted.
    """
    while await schedule.reassess_outdated(work.runtime):
        pass
    await fire_clocks(work, work.fresh, taken)
    return await fire_clocks(work, work.copies, taken)


async def fire_clocks(work: Work, schema: str, taken: Snapshot) -> int:
    """Tell of the flags in a schema whose clock had run out by then; how many."""
    fired, told = 0, 1
    while told:
        async with transaction(work.pool) as tx:
            await work_in(tx, schema)
            told = len(await flagging.fire_overdue(tx, taken.at, PAGE, settings_of(work)))
            fired += told
    return fired


PLAN = Plan(
    "risk",
    settings_for,
    conclude,
    catch_up,
    snapshot.without,
    registry.still_here,
    taken_over=snapshot.FACTS,
)
