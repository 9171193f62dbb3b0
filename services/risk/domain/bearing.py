"""Which sites facts bear on: those of a country, and those of a sector or with a mineral that a fact concerns."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from services.risk.domain.facts.catalogue import Key
from services.risk.domain.facts.fact import FactAbout
from services.risk.domain.model import Model

Within = set[tuple[str, str]]
"""A country ('' for all of them) and the comparable word of a sector or mineral."""


@dataclass(frozen=True, slots=True)
class Bearing:
    """Countries of which all sites are meant, and sectors and minerals within a country."""

    countries: set[str] = field(default_factory=set)
    sectors: Within = field(default_factory=set)
    minerals: Within = field(default_factory=set)


def bearing_of(keys: Iterable[Key], model: Model) -> Bearing:
    """What facts of these keys bear on by the model. Entities are none of them: they are found by name."""
    found = Bearing()
    for about, country, name in keys:
        match about:
            case FactAbout.COUNTRY:
                found.countries.add(country)
            case FactAbout.GOOD:
                makers = model.makers_of(name)
                found.sectors.update((country, sector) for sector in makers.sectors)
                found.minerals.update((country, mineral) for mineral in makers.minerals)
            case FactAbout.SECTOR:
                found.sectors.add((country, name))
            case FactAbout.MINERAL:
                found.minerals.add((country, name))
    return found
