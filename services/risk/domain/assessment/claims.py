"""What sources claim of a site: how its workers are represented, and where its minerals are from."""

from collections.abc import Iterable, Iterator

from services.risk.domain.assessment.contribution import SPEAKERS, Contribution, Gap, Lowering, Reason, ReasonKind
from services.risk.domain.assessment.gaps import DIFFERING, NO_REPRESENTATION, OWN_WORD
from services.risk.domain.model import CATEGORIES, Model, Parts
from services.risk.domain.model.rules import Claimed
from services.risk.domain.sites import Claim, Described
from shared.events.vocabulary import CATEGORY_OF_INSTRUMENT, Representation, SourceClass


def in_order(claims: Iterable[Claim]) -> list[Claim]:
    """Each claim once, in a fixed order."""
    return sorted(
        set(claims),
        key=lambda one: (one.source, one.representation, str(one.collective_agreement), one.grievance_mechanisms),
    )


def of_claims(claims: Iterable[Claim], model: Model) -> Iterator[Contribution]:
    """What follows from words about the representation of workers, each source and word once."""
    for source, representation in sorted({(one.source, one.representation) for one in claims}):
        if claimed := model.representation.get(representation):
            says = f"{claimed.says}, by {SPEAKERS[source]}."
            yield from _claimed(claimed, ReasonKind.REPRESENTATION, says, source, model)


def of_minerals(site: Described, model: Model) -> Iterator[Contribution]:
    """What follows from a mineral that is declared to come from a conflict-affected area; the supplier declares it."""
    for mineral in sorted({one.mineral for one in site.minerals if one.from_conflict_affected_area}):
        says = f"{model.conflict_area.says}: {mineral}."
        yield from _claimed(model.conflict_area, ReasonKind.DECLARATION, says, SourceClass.SUPPLIER, model)


def independent(source: SourceClass, model: Model) -> Lowering:
    """What an independent representation lowers by the word of this source."""
    return Lowering(
        says=f"Workers have an independent representation, by {SPEAKERS[source]}",
        weight=model.weight(source),
        lowers=model.relief.lowers,
        categories=model.relief.categories,
        source=source,
    )


def lowerings_of(claims: list[Claim], model: Model) -> tuple[tuple[Lowering, ...], tuple[Gap, ...]]:
    """The weightiest word for an independent representation, unless a word of equal weight says otherwise."""
    good = {one.source for one in claims if one.representation is Representation.INDEPENDENT}
    heard = sorted(good & model.relief.sources, key=lambda one: (-model.weight(one), one))
    against = max(
        (model.weight(one.source) for one in claims if one.representation in model.representation), default=None
    )
    if heard and (against is None or against < model.weight(heard[0])):
        return (independent(heard[0], model),), ()
    possible = tuple((category, Parts()) for category in CATEGORIES if category in model.relief.categories)
    raised = tuple((category, one.parts) for one in model.representation.values() for category in one.categories)
    if heard:
        return (), (Gap(DIFFERING, "Sources of equal weight say different things.", possible),)
    if good:
        return (), (Gap(OWN_WORD, "The supplier's own word lowers nothing.", possible),)
    if against is None:
        return (), (Gap(NO_REPRESENTATION, "No source says how workers are represented.", (*raised, *possible)),)
    return (), ()


def _claimed(
    claimed: Claimed, kind: ReasonKind, says: str, source: SourceClass, model: Model
) -> Iterator[Contribution]:
    reason = Reason(kind, says, weight=model.weight(source), source=source)
    for category in claimed.categories:
        instruments = tuple(one for one in claimed.instruments if CATEGORY_OF_INSTRUMENT[one] is category)
        yield Contribution(category, reason, claimed.parts, claimed.points, instruments)
