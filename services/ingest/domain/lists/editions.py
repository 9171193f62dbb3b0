"""What a newer edition of a list changes: which sites are named for the first time, again, or no longer."""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from services.ingest.domain.lists.cells import Entry

ORDERED_EDITION = re.compile(r"[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?", re.ASCII)


Place = tuple[UUID, str]
"""Where a list says something once: the site, else the supplier, and the aspect of it that is spoken of."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A disclosure that holds: what a list says of one place. `content` is the digest of all that it says there.

    Without a site it says that something was not disclosed. `aspect` is empty for a plain list of sites; elsewhere it
    is the digest of what sets statements on one site apart: supplier, tier, component, product, mineral.
    """

    disclosure: UUID
    supplier: UUID
    site: UUID | None
    edition: str
    content: bytes
    published: bool
    aspect: str = ""

    @property
    def place(self) -> Place:
        return self.site or self.supplier, self.aspect


@dataclass(frozen=True, slots=True)
class Listed:
    """A row whose supplier and site are known; `disclosure` is the id it takes if it is news."""

    entry: Entry
    disclosure: UUID
    supplier: UUID
    site: UUID | None
    content: bytes
    published: bool
    aspect: str = ""

    @property
    def place(self) -> Place:
        return self.site or self.supplier, self.aspect

    @property
    def standing(self) -> Standing:
        return self.as_disclosure(self.disclosure)

    def as_disclosure(self, disclosure: UUID) -> Standing:
        """What holds once this row is taken as that disclosure."""
        edition = self.entry.edition
        return Standing(disclosure, self.supplier, self.site, edition, self.content, self.published, self.aspect)


@dataclass(frozen=True, slots=True)
class Accepted:
    """A row that says something new, as the disclosure that now holds."""

    listed: Listed
    standing: Standing


@dataclass(slots=True)
class Change:
    """What one edition changes, and its counts of rows. `gone` no longer hold; `kept` would not, had all been read."""

    edition: str
    accepted: list[Accepted] = field(default_factory=list)
    gone: list[Standing] = field(default_factory=list)
    duplicates: list[Listed] = field(default_factory=list)
    kept: int = 0


def is_ordered(edition: str) -> bool:
    """Whether an edition is a year, a month or a day, so that two of them can be put in order as text."""
    if ORDERED_EDITION.fullmatch(edition) is None:
        return False
    try:
        date.fromisoformat(edition + "0000-01-01"[len(edition) :])
    except ValueError:
        return False
    return True


def supersede(standing: dict[Place, Standing], edition: str, rows: Sequence[Listed], complete: bool) -> Change:
    """Apply one edition to the disclosures of its list (by place, changed in place); says what it changed.

    A place named again with the same facts is a duplicate; with other facts its disclosure is accepted anew under the
    same id; with another audience the old disclosure ends and a new one begins. A place that is not named is gone,
    unless a row of the edition could not be read.
    """
    change = Change(edition)
    named: set[Place] = set()
    for row in rows:
        before = standing.get(row.place)
        if row.place in named or is_same(before, row):
            change.duplicates.append(row)
        else:
            if before is not None and before.published != row.published:
                change.gone.append(before)
                before = None
            standing[row.place] = row.as_disclosure(row.disclosure if before is None else before.disclosure)
            change.accepted.append(Accepted(row, standing[row.place]))
        named.add(row.place)
    unnamed = [place for place in standing if place not in named]
    if complete:
        change.gone.extend(standing.pop(place) for place in unnamed)
    else:
        change.kept = len(unnamed)
    return change


def is_same(before: Standing | None, row: Listed) -> bool:
    return before is not None and (before.content, before.published) == (row.content, row.published)


def edition_digest(rows: Iterable[Listed]) -> bytes:
    """What an edition says, as a digest: the same sites with the same facts, in whatever order."""
    said = sorted({row.place[0].bytes + row.aspect.encode() + row.content + bytes([row.published]) for row in rows})
    return hashlib.sha256(b"".join(said)).digest()


def first_stale(current: str | None, seen: Mapping[str, bytes], digests: Mapping[str, bytes]) -> str | None:
    """The first edition of a file that is older than the list in force and was not imported just so before."""
    older = (edition for edition in sorted(digests) if current is not None and edition < current)
    return next((edition for edition in older if seen.get(edition) != digests[edition]), None)
