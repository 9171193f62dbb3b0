"""Putting an edition of a list into force: one transaction with all that follows from it."""

import contextlib
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from services.risk.domain.changes import Change
from services.risk.domain.facts import CountryGood, Edition, Entity, Fact, FactKind, admit
from services.risk.handlers import reassess
from services.risk.schedule import PAGE, announcements
from services.risk.settings import current_model
from services.risk.store import facts, sites
from shared.events.lifecycles import IndicatorEnd
from shared.postgres import Connection, now
from shared.service import Runtime


@dataclass(frozen=True, slots=True)
class Upload:
    """An edition of a list as an operator sends it."""

    kind: FactKind
    source: str
    edition: str
    licence: str | None
    retrieved: date | None
    digest: str
    facts: tuple[Fact, ...]


@dataclass(slots=True)
class Tally:
    """What an edition changes."""

    sites_assessed: int = 0
    assessments_changed: int = 0
    indicators_raised: int = 0
    indicators_withdrawn: int = 0

    def count(self, changes: list[Change]) -> None:
        self.sites_assessed += len(changes)
        self.assessments_changed += sum(one.newly_assessed for one in changes)
        self.indicators_raised += sum(len(one.raised) for one in changes)
        self.indicators_withdrawn += sum(len(one.withdrawn) for one in changes)


class _Tried(Exception):
    """Ends the transaction of a dry run."""


async def load(runtime: Runtime, upload: Upload, *, dry_run: bool) -> dict[str, Any]:
    """Put an edition into force and assess again the sites it can touch; what changed, or would with `dry_run`.

    Raises EditionRefused where the edition is older than the one in force, or was loaded with other facts.
    """
    tally, is_new = Tally(), False
    with contextlib.suppress(_Tried):
        async with runtime.transaction() as tx:
            await facts.hold_alone(tx)
            is_new = admit(upload.edition, upload.digest, await facts.editions_of(tx, upload.kind, upload.source))
            if is_new:
                await replace_edition(runtime, tx, upload, tally)
            if dry_run:
                raise _Tried
    return {
        "kind": upload.kind,
        "source": upload.source,
        "edition": upload.edition,
        "facts": len(upload.facts),
        "new": is_new,
        "dry_run": dry_run,
        "sites_assessed": tally.sites_assessed,
        "assessments_changed": tally.assessments_changed,
        "indicators_raised": tally.indicators_raised,
        "indicators_withdrawn": tally.indicators_withdrawn,
    }


async def replace_edition(runtime: Runtime, tx: Connection, upload: Upload, tally: Tally) -> None:
    """Replace the edition in force of a list. The caller alone holds the facts."""
    first_of_kind = upload.kind not in await facts.loaded_kinds(tx)
    former = await facts.retire_edition(tx, upload.kind, upload.source)
    edition = Edition(upload.source, upload.edition, upload.digest, in_force=True)
    new = await facts.put_in_force(tx, upload.kind, edition, upload.licence, upload.retrieved, len(upload.facts))
    await add_facts(tx, new, upload)
    # The first list of a kind turns "unknown" into "not listed" everywhere; a later one touches what it changes.
    countries = None if first_of_kind else await facts.countries_between(tx, upload.kind, former, new)
    await reassess_countries(runtime, tx, countries, tally)


async def add_facts(tx: Connection, edition: int, upload: Upload) -> None:
    """Add the facts of an upload."""
    if upload.kind is FactKind.COUNTRY_GOODS:
        await facts.add_country_goods(tx, edition, [fact for fact in upload.facts if isinstance(fact, CountryGood)])
        return
    entities = [fact for fact in upload.facts if isinstance(fact, Entity)]
    await facts.add_entities(tx, edition, entities)
    await facts.add_entity_names(tx, edition, entities)


async def reassess_countries(runtime: Runtime, tx: Connection, countries: list[str] | None, tally: Tally) -> None:
    """Assess the disclosed sites of these countries, or of all, page by page, and publish what changed."""
    model, at = current_model(), await now(tx)
    last = UUID(int=0)
    while page := await sites.lock_page(tx, last, countries, PAGE):
        changes = await reassess(tx, page, at, IndicatorEnd.LIST_CHANGED, model)
        await runtime.publish(tx, list(announcements(changes, at)))
        tally.count(changes)
        last = page[-1]
