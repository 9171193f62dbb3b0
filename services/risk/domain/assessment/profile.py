"""Where a site lies and what it makes and uses: all that decides what the lists say of it, but for its names."""

from dataclasses import dataclass

from services.risk.domain.facts.catalogue import word_key
from services.risk.domain.sites import Described


@dataclass(frozen=True, slots=True)
class Profile:
    """Country, sectors and minerals, the latter two as comparable keys."""

    country: str | None
    sectors: frozenset[str]
    minerals: frozenset[str]


def profile_of(site: Described) -> Profile:
    """The profile of a site."""
    minerals = frozenset(word_key(one.mineral) for one in site.minerals)
    return Profile(site.country, frozenset(map(word_key, site.sectors)), minerals)
