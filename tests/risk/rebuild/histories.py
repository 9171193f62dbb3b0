"""Histories by chance: what might be told of a few suppliers and sites, each event such as could follow the others."""

from collections.abc import Callable
from random import Random

from shared.events.envelope import Event
from shared.events.lifecycles import FlagReason, FlagState
from shared.events.vocabulary import Category, SourceClass
from tests.risk.given import (
    contract,
    disclosed,
    ended,
    followed_up,
    group,
    group_closed,
    group_left,
    joined,
    left,
    linked,
    merged,
    registered,
    released,
    reported,
    retired,
    site_registered,
    taken_back,
    unlinked,
    unmerged,
)

SUPPLIERS = ("supplier 1", "supplier 2", "supplier 3")
SITES = ("site 1", "site 2", "site 3", "site 4")
CATEGORIES = (Category.FORCED_LABOUR, Category.CHILD_LABOUR, Category.SAFETY_AND_HEALTH)
STATES = tuple(state for state in FlagState if state not in (FlagState.RAISED, FlagState.OTHER))


class History:
    """A history under way. `members` are slugs whose topics exist."""

    def __init__(self, chance: Random, members: list[str]) -> None:
        self.chance = chance
        self.members = members
        self.now = 0.0
        self.events: list[Event] = []
        self.disclosures: dict[tuple[str, str | None], tuple[str, str]] = {}
        self.links: list[tuple[str, str, str, str]] = []
        self.contracts: list[tuple[str, str]] = []
        self.reports: dict[str, tuple[str | None, str]] = {}
        self.parts: dict[str, set[str]] = {}
        self.merges: dict[str, dict[str, str]] = {"supplier": {}, "site": {}}

    def tell(self, told: Event) -> None:
        """Let this be told, a while after what was told last."""
        self.events.append(told)
        self.now += self.chance.choice((0.5, 60, 86_400 * 3))

    def begin(self) -> None:
        """Members join, and suppliers, sites and groups are known."""
        for member in self.members:
            self.tell(joined(member, at=self.now))
        for supplier in SUPPLIERS[:2]:
            self.tell(registered(supplier, at=self.now))
        for site in SITES[:3]:
            self.tell(site_registered(site, supplier=self.chance.choice(SUPPLIERS), at=self.now))

    def disclose(self) -> None:
        name, audience = f"d{self.chance.randint(1, 6)}", self.chance.choice((None, *self.members))
        site, supplier = self.disclosures.get((name, audience)) or (
            self.chance.choice(SITES),
            self.chance.choice(SUPPLIERS),
        )
        country = self.chance.choice(("CN", "MY", "NO"))
        self.tell(disclosed(name, site=site, supplier=supplier, member=audience, country=country, at=self.now))
        self.disclosures[name, audience] = site, supplier

    def retire(self) -> None:
        if self.disclosures:
            name, audience = self.chance.choice(sorted(self.disclosures, key=str))
            site, supplier = self.disclosures[name, audience]
            self.tell(retired(name, site=site, supplier=supplier, member=audience, at=self.now))

    def contract(self) -> None:
        name, reader = f"c{self.chance.randint(1, 4)}", self.chance.choice(self.members)
        supplier = self.chance.choice((*SUPPLIERS, None))
        self.tell(contract(name, reader=reader, supplier=supplier, at=self.now))
        self.contracts.append((name, reader))

    def close(self) -> None:
        if self.contracts:
            name, reader = self.chance.choice(self.contracts)
            self.tell(ended(name, reader=reader, at=self.now))

    def link(self) -> None:
        if self.disclosures and self.contracts:
            name, audience = self.chance.choice(sorted(self.disclosures, key=str))
            own = [one for one in self.contracts if audience in (None, one[1])]
            if own:
                to, reader = self.chance.choice(own)
                site, _ = self.disclosures[name, audience]
                self.tell(linked(name, to, reader=reader, site=site, at=self.now))
                self.links.append((name, to, reader, site))

    def unlink(self) -> None:
        if self.links:
            name, to, reader, site = self.chance.choice(self.links)
            self.tell(unlinked(name, to, reader=reader, site=site, at=self.now))

    def report(self) -> None:
        name = f"r{len(self.reports) + 1}"
        site, supplier = self.chance.choice((*SITES, "site 5", None)), self.chance.choice(SUPPLIERS)
        scale, likelihood = self.chance.randint(1, 5), self.chance.choice((None, 1, 3, 5))
        category = self.chance.choice(CATEGORIES)
        self.tell(
            reported(
                name, site=site, supplier=supplier, category=category, scale=scale, likelihood=likelihood, at=self.now
            )
        )
        self.reports[name] = site, supplier

    def follow_up(self) -> None:
        if self.reports:
            name = self.chance.choice(sorted(self.reports))
            site, supplier = self.reports[name]
            state = self.chance.choice(STATES)
            basis = self.chance.choice((SourceClass.AUDIT, SourceClass.SUPPLIER, SourceClass.PUBLIC))
            reason = FlagReason.NOT_CREDIBLE if state is FlagState.DISMISSED else None
            member = self.chance.choice(self.members)
            self.tell(
                followed_up(
                    state,
                    report=name,
                    site=site,
                    supplier=supplier,
                    basis=basis,
                    reason=reason,
                    evidence=self.chance.random() < 0.5,
                    member=member,
                    at=self.now,
                )
            )

    def take_back(self) -> None:
        if self.reports:
            name = self.chance.choice(sorted(self.reports))
            site, supplier = self.reports[name]
            self.tell(taken_back(name, site=site, supplier=supplier, at=self.now))

    def release(self) -> None:
        supplier, category = self.chance.choice(SUPPLIERS), self.chance.choice(CATEGORIES)
        self.tell(released(f"s{self.now}", supplier=supplier, category=category, at=self.now))

    def merge(self) -> None:
        kind = self.chance.choice(("supplier", "site"))
        merges, names = self.merges[kind], SUPPLIERS if kind == "supplier" else SITES
        one, into = self.chance.sample([name for name in names if name not in merges], 2)
        if len(merges) < len(names) - 2:
            self.tell(merged(kind, one, into, at=self.now))
            merges[one] = into

    def unmerge(self) -> None:
        kind = self.chance.choice(("supplier", "site"))
        if merges := self.merges[kind]:
            one = self.chance.choice(sorted(merges))
            self.tell(unmerged(kind, one, merges.pop(one), at=self.now))

    def regroup(self) -> None:
        members = self.chance.sample(self.members, self.chance.randint(0, len(self.members)))
        suppliers = tuple(self.chance.sample(SUPPLIERS, self.chance.randint(0, 2)))
        categories = tuple(self.chance.sample(CATEGORIES, 1))
        slug = f"group-{self.members[0]}-{self.chance.randint(1, 2)}"
        told, *joining = group(slug, *members, suppliers=suppliers, categories=categories, at=self.now)
        leaving = [group_left(slug, one, at=self.now) for one in sorted(self.parts.get(slug, set()) - set(members))]
        ending = [group_closed(slug, at=self.now)] if not members else []
        self.parts[slug] = set(members)
        self.tell(told)
        self.events += [*joining, *leaving, *ending]


def history(chance: Random, members: list[str], length: int, *, leaving: bool = False) -> list[Event]:
    """A history of about so many events, in the order of recording. With `leaving`, one member leaves at the end."""
    told = History(chance, members)
    told.begin()
    steps: list[Callable[[], None]] = [
        *[told.disclose] * 4,
        told.retire,
        *[told.contract] * 2,
        told.close,
        *[told.link] * 3,
        told.unlink,
        *[told.report] * 3,
        *[told.follow_up] * 4,
        told.take_back,
        told.release,
        told.merge,
        told.unmerge,
        told.regroup,
    ]
    while len(told.events) < length:
        chance.choice(steps)()
    if leaving:
        told.tell(left(members[-1], at=told.now))
    return told.events
