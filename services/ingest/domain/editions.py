"""What a newer edition of a list changes: which sites are named for the first time, again, or no longer."""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from services.ingest.domain.cells import Entry

ORDERED_EDITION = re.compile(r"[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Standing:
    """A disclosure that holds: what a list says of one site. `content` is the digest of its facts."""

    disclosure: UUID
    supplier: UUID
    site: UUID
    edition: str
    content: bytes
    published: bool


@dataclass(frozen=True, slots=True)
class Listed:
    """A row whose supplier and site are known; `disclosure` is the id it takes if it is news."""

    entry: Entry
    disclosure: UUID
    supplier: UUID
    site: UUID
    content: bytes
    published: bool

    @property
    def standing(self) -> Standing:
        return Standing(self.disclosure, self.supplier, self.site, self.entry.edition, self.content, self.published)


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
    duplicates: int = 0
    kept: int = 0


def is_ordered(edition: str) -> bool:
    """Whether an edition is a year, a month or a day, so that two of them can be put in order as text."""
    return ORDERED_EDITION.fullmatch(edition) is not None


def supersede(standing: dict[UUID, Standing], edition: str, rows: Sequence[Listed], complete: bool) -> Change:
    """Apply one edition to the disclosures of its list (by site, changed in place); says what it changed.

    A site named again with the same facts is a duplicate; with other facts its disclosure is accepted anew under the
    same id; with another audience the old disclosure ends and a new one begins. A site that is not named is gone,
    unless a row of the edition could not be read.
    """
    change = Change(edition)
    named: set[UUID] = set()
    for row in rows:
        before = standing.get(row.site)
        if row.site in named or is_same(before, row):
            change.duplicates += 1
        else:
            if before is not None and before.published != row.published:
                change.gone.append(before)
                before = None
            standing[row.site] = row.standing if before is None else renewed(before, row)
            change.accepted.append(Accepted(row, standing[row.site]))
        named.add(row.site)
    unnamed = [site for site in standing if site not in named]
    if complete:
        change.gone.extend(standing.pop(site) for site in unnamed)
    else:
        change.kept = len(unnamed)
    return change


def is_same(before: Standing | None, row: Listed) -> bool:
    return before is not None and (before.content, before.published) == (row.content, row.published)


def renewed(before: Standing, row: Listed) -> Standing:
    """The same disclosure with the facts of a newer edition."""
    return Standing(before.disclosure, before.supplier, before.site, row.entry.edition, row.content, row.published)


def edition_digest(rows: Iterable[Listed]) -> bytes:
    """What an edition says, as a digest: the same sites with the same facts, in whatever order."""
    said = sorted({row.site.bytes + row.content + bytes([row.published]) for row in rows})
    return hashlib.sha256(b"".join(said)).digest()


def first_stale(current: str | None, seen: Mapping[str, bytes], digests: Mapping[str, bytes]) -> str | None:
    """The first edition of a file that is older than the list in force and was not imported just so before."""
    older = (edition for edition in sorted(digests) if current is not None and edition < current)
    return next((edition for edition in older if seen.get(edition) != digests[edition]), None)
