"""Putting an edition of a list into force: one transaction with all that follows from it."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from services.risk import settling
from services.risk.domain.bearing import bearing_of
from services.risk.domain.entities import match_entities
from services.risk.domain.facts.catalogue import Catalogue, catalogue
from services.risk.domain.facts.editions import Change, Edition, admit, changes_between, digest_of
from services.risk.domain.facts.fact import Fact, FactAbout, Listed
from services.risk.domain.model import Model
from services.risk.news import Cause
from services.risk.settings import RiskSettings, current_model
from services.risk.store import assessments, facts, turn
from services.risk.store.facts import Provenance
from shared.events.lifecycles import CauseKind
from shared.events.risk import AssessmentMade, ContractAssessed, IndicatorRaised, IndicatorWithdrawn
from shared.postgres import Connection, now
from shared.service import Runtime

Measures = frozenset[tuple[FactAbout, str]]


@dataclass(frozen=True, slots=True)
class Upload:
    """An edition of a list as an operator sends it."""

    of: Provenance
    facts: tuple[Fact, ...]


@dataclass(slots=True)
class Loaded:
    """What an edition changes, or would change.

    `unused` are measures of it that the model does not use: they are kept, and assess nothing again. `alike` are other
    sources in force that say nearly the same: perhaps the same list under another name.
    """

    upload: Upload
    is_new: bool = False
    changes: Sequence[Change] = ()
    unused: Sequence[str] = ()
    alike: Sequence[str] = ()
    sites: int = 0
    published: Counter[str] = field(default_factory=Counter)

    @property
    def assessments_changed(self) -> int:
        """Sites of which another assessment was published to all members."""
        return self.published[AssessmentMade.type]

    @property
    def contracts_changed(self) -> int:
        """Contracts of which another assessment was published to their member."""
        return self.published[ContractAssessed.type]

    @property
    def indicators_raised(self) -> int:
        """Indicators raised."""
        return self.published[IndicatorRaised.type]

    @property
    def indicators_withdrawn(self) -> int:
        """Indicators withdrawn."""
        return self.published[IndicatorWithdrawn.type]


class _Tried(Exception):
    """Ends the transaction of a dry run."""


async def load(runtime: Runtime, upload: Upload, *, dry_run: bool) -> Loaded:
    """Put an edition into force and assess again what it touches; what changed, or would with `dry_run`.

    One transaction, with all that is published; a dry run does the same and takes it back. While it runs, nothing
    else is concluded. Raises EditionRefused where the edition is older than the one in force, or was loaded with
    other facts.
    """
    loaded = Loaded(upload)
    digest = await asyncio.to_thread(digest_of, upload.facts)
    with contextlib.suppress(_Tried):
        async with runtime.transaction() as tx:
            await turn.take(tx)
            known: list[Edition] = await facts.editions_of(tx, upload.of.source)
            loaded.is_new = admit(upload.of.edition, digest, known)
            if loaded.is_new:
                await replace_edition(runtime, tx, loaded, digest)
            if dry_run:
                raise _Tried
    return loaded


async def replace_edition(runtime: Runtime, tx: Connection, loaded: Loaded, digest: str) -> None:
    """Replace the edition in force of a list, and publish what follows. The caller has taken the turn."""
    upload, model = loaded.upload, current_model()
    measures = await facts.measures_in_force(tx)
    former = await facts.retire_edition(tx, upload.of.source)
    edition = await facts.put_in_force(tx, upload.of, digest, len(upload.facts))
    await facts.add_facts(tx, edition, upload.facts)
    before = await facts.facts_of(tx, former) if former else []
    loaded.changes = await asyncio.to_thread(changes_between, before, upload.facts)
    loaded.unused = unused(model, upload.facts)
    loaded.alike = await facts.sources_alike(tx, edition)
    whole = shifts_everything(model, measures, await facts.measures_in_force(tx))
    sites = await concerned(tx, [one for one in loaded.changes if model.uses(*one.kind)], whole=whole)
    await assess_again(runtime, tx, sites, loaded)


def shifts_everything(model: Model, before: Measures, after: Measures) -> bool:
    """Whether something is stated by a list for the first time, or by none any more.

    That turns "unknown" into "not listed" and back, at any site: by a measure that the model uses, or where no list
    spoke of companies, goods or minerals at all.
    """
    return any(model.uses(*one) for one in before ^ after) or {one[0] for one in before} != {one[0] for one in after}


def unused(model: Model, stated: Collection[Fact]) -> list[str]:
    """The measures of some facts that the model does not use, in their order."""
    kinds = {(one.about, one.measure) for one in stated}
    return sorted(f"{about} {measure}" for about, measure in kinds if not model.uses(about, measure))


async def concerned(tx: Connection, changes: Collection[Change], *, whole: bool) -> list[UUID]:
    """The sites that these changes can touch, or all of them with `whole`; in a fixed order."""
    if whole:
        return sorted(await assessments.all_sites(tx))
    sites: set[UUID] = set()
    if keys := {one.key for one in changes if one.key[0] is not FactAbout.ENTITY}:
        sites |= set(await assessments.sites_borne_on(tx, bearing_of(keys, current_model())))
    entries = [fact for one in changes if one.key[0] is FactAbout.ENTITY for fact in (*one.before, *one.after)]
    if entries:
        sites |= await named_by(tx, catalogue(Listed(fact, "", "", None, None) for fact in entries))
    return sorted(sites)


async def named_by(tx: Connection, entries: Catalogue) -> set[UUID]:
    """The sites of which a name may be one that these entries of entity lists name."""
    found: set[UUID] = set()
    last = UUID(int=0)
    while page := await assessments.names_of_sites(tx, last, settling.PAGE):
        found |= {site for site, names, country in page if match_entities(names, country, entries)}
        last = page[-1][0]
    return found


async def assess_again(runtime: Runtime, tx: Connection, sites: Sequence[UUID], loaded: Loaded) -> None:
    """Assess sites again and publish what changed, and count both."""
    assert isinstance(runtime.settings, RiskSettings)
    of = loaded.upload.of
    cause = Cause(CauseKind.FACTS, await now(tx), source=of.source, edition=of.edition)
    async for events in settling.settle_again(tx, sites, cause, runtime.settings):
        await runtime.publish(tx, events)
        loaded.published.update(one.type for one in events)
    loaded.sites = len(sites)
