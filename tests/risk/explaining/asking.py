"""Asks `risk` why, after it has heard events and lists were loaded."""

import re
from pathlib import Path
from typing import Any

from services.risk.commands.tree import Shown, lines
from services.risk.commands.wording import wrapped
from services.risk.domain.assessment import canonical
from services.risk.domain.facts.formats import read_facts
from services.risk.explaining import explain_subject
from services.risk.loading import Upload, load
from services.risk.store.facts import Provenance
from tests.risk.world import SETTINGS, World

DEMO = Path(__file__).parents[3] / "deploy" / "demo"
GOODS = "US Department of Labor, ILAB: goods"
ORDERS = "US Customs and Border Protection: withhold-release orders and findings"
HEADER = "entity,country,industry,effective_date,type\n"
BITLAND = "Hefei Bitland Information Technology Co., Ltd."
BITLAND_ROW = f'"{BITLAND}",China,Electronics,9/8/2020,WRO\n'

ACCUSING = re.compile(
    r"\b(violat|guilty|breach|abus(?!ive working|e of vuln)|exploit|offend|illegal|perpetrat|uses (forced|child))", re.I
)
"""Words that would accuse. Two indicators of the ILO have one in their names."""


async def loads(world: World, form: str, body: bytes, *, source: str, edition: str) -> None:
    """An operator loads a list."""
    of = Provenance(form, source, edition, "public domain")
    await load(world.schema.runtime(SETTINGS), Upload(of, tuple(read_facts(form, body))), dry_run=False)


async def loads_goods(world: World) -> None:
    """The list of goods by country that the project ships."""
    await loads(world, "ilab-goods", (DEMO / "ilab_goods_2022.csv").read_bytes(), source=GOODS, edition="2022")


async def loads_orders(world: World, rows: str = BITLAND_ROW) -> None:
    """A list of orders about companies."""
    await loads(world, "cbp-orders", (HEADER + rows).encode(), source=ORDERS, edition="2025-12-18")


async def explained(
    world: World, subject: object, *, reader: str | None = None, country: str | None = None, sites: int = 5
) -> dict[str, Any]:
    """The answer to why, for a reader."""
    async with world.schema.pool.acquire() as tx, tx.transaction(isolation="repeatable_read", readonly=True):
        return await explain_subject(tx, str(subject), SETTINGS, reader=reader, country=country, sites=sites)


async def bytes_of(world: World, subject: object, **more: Any) -> str:
    """The same as the bytes that are answered."""
    return canonical(await explained(world, subject, **more))


def text_of(answer: dict[str, Any], *, everything: bool = False, width: int = 100) -> str:
    """What is printed of an answer."""
    return "\n".join(wrapped(line, width) for line in lines(answer, Shown(everything)))


def flat(text: str) -> str:
    """A text without its line breaks."""
    return " ".join(text.split())


def grades_of(answer: dict[str, Any], category: str) -> dict[str, Any]:
    """The grades of a category, of one site or of several."""
    found = answer["reasons"]["categories"] if "reasons" in answer else answer["categories"]
    one = next(one for one in found if one["category"] == category)
    grades: dict[str, Any] = one.get("grades", one)
    return grades
