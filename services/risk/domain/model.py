"""The model of an assessment: which goods of the lists belong to which sector."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field

from shared.events.values import Label

_SEVERAL = re.compile(r"[|;,]")


@dataclass(frozen=True, slots=True)
class Model:
    """The goods of each sector. A newer version has a greater number."""

    version: int
    goods: Mapping[str, frozenset[str]]

    def knows(self, sector: str) -> bool:
        """Whether the model says which goods a sector makes."""
        return word_key(sector) in self.goods

    def goods_of(self, sectors: Iterable[str]) -> frozenset[str]:
        """The keys of the goods that sites of these sectors make; none for a sector that the model does not know."""
        return frozenset[str]().union(*(self.goods.get(word_key(sector), ()) for sector in sectors))


def word_key(word: str) -> str:
    """A sector or a good without what makes no difference: case and blanks."""
    return " ".join(word.casefold().split())


def sectors_in(text: str | None) -> frozenset[str]:
    """The sectors that a disclosure names; lists separate several with `|`, `;` or `,`."""
    return frozenset(part.strip() for part in _SEVERAL.split(text or "") if part.strip())


class _Sector(BaseModel):
    model_config = ConfigDict(extra="forbid")

    names: list[Label] = Field(min_length=1)
    goods: list[Label] = Field(min_length=1)


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid")

    version: int = Field(ge=1)
    sector: list[_Sector]


def parse_model(text: str) -> Model:
    """Read a model. Raises ValueError where a part is missing or unknown, or a sector has two entries."""
    document = _Document.model_validate(tomllib.loads(text))
    goods: dict[str, frozenset[str]] = {}
    for sector in document.sector:
        for name in map(word_key, sector.names):
            if name in goods:
                raise ValueError("the model names a sector twice")
            goods[name] = frozenset(map(word_key, sector.goods))
    return Model(document.version, goods)
