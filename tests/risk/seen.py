"""Lists that come into force, and what was published and is kept of the sites that they touch."""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from services.risk.domain.facts.fact import Fact, FactAbout
from services.risk.loading import Loaded, Upload, load
from services.risk.settings import current_model
from services.risk.store.facts import Provenance
from shared.events.envelope import Event
from shared.events.lifecycles import IndicatorEnd
from shared.events.risk import AssessmentMade, ContractAssessed, IndicatorWithdrawn
from tests.risk.world import SETTINGS, World

CHINA, MALAYSIA, PAKISTAN = "CN", "MY", "PK"


def good(country: str, measure: str = "forced_labour") -> Fact:
    """A list names electronics of a country."""
    return Fact(FactAbout.GOOD, country, "Electronics", measure, f"{country}: Electronics, {measure}")


async def listed(world: World, *facts: Fact, edition: str = "2024") -> Loaded:
    """An edition of a list comes into force."""
    upload = Upload(Provenance("rows", "Example list", edition), facts)
    return await load(world.schema.runtime(SETTINGS), upload, dry_run=False)


def kinds(events: Sequence[Event]) -> Counter[str]:
    return Counter(one.type for one in events)


def made(events: Sequence[Event]) -> list[AssessmentMade]:
    return [one.data for one in events if isinstance(one.data, AssessmentMade)]


def told(events: Sequence[Event], reader: str = "oslo") -> list[ContractAssessed]:
    return [one.data for one in events if isinstance(one.data, ContractAssessed) and one.member == reader]


def withdrawn(events: Sequence[Event]) -> set[IndicatorEnd]:
    return {one.data.reason for one in events if isinstance(one.data, IndicatorWithdrawn)}


async def in_force(world: World, audience: str = "") -> set[tuple[UUID, str]]:
    rows = await world.schema.rows("SELECT site, category FROM indicator WHERE audience = $1", audience)
    return {(row["site"], row["category"]) for row in rows}


async def places(world: World) -> set[tuple[UUID, str]]:
    rows = await world.schema.rows("SELECT site, audience FROM assessment")
    return {(row["site"], row["audience"]) for row in rows}


def newer_model() -> object:
    """The model as of a later version, which finds the same but for the name of its version."""
    model = current_model()
    fields = {name: getattr(model, name) for name in model.__dataclass_fields__}
    return type(model)(**(fields | {"version": "newer"}))
