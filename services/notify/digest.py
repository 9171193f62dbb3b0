"""What goes into a digest, and how a reader finds it there: grouped and counted, never a list without an end. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from uuid import UUID

from services.notify.domain import announcement
from services.notify.letters import Digest, Group, SupplierChange
from shared.countries import name_of
from shared.events.engagement_words import ReasonKind
from shared.events.envelope import Event
from shared.events.ingest import DisclosureAccepted, DisclosureRetired
from shared.events.lifecycles import IndicatorEnd, IndicatorKind
from shared.events.remedy import EngagementOpened, EngagementProposed
from shared.events.risk import FlagEvidenceAdded, FlagOpened, IndicatorRaised, IndicatorWithdrawn

NAMES_SHOWN = 20
SUPPLIERS_SHOWN = 20
LINE_MOST = 1200
UNNAMED = "a supplier not yet named"
UNTOLD = "one whose details are not mailed: 'engage engagement list' shows them"
WORDS_OF_END = {
    IndicatorEnd.LIST_CHANGED: "the list has changed",
    IndicatorEnd.SITE_GONE: "the site is no longer disclosed",
    IndicatorEnd.SITE_CORRECTED: "what is known of the site was corrected",
}

LISTED = {
    IndicatorKind.COUNTRY_GOOD: "goods made in {country} are listed for {category}; sites there",
    IndicatorKind.MINERAL: "minerals that a list names for {category} are declared; sites in {country}",
    IndicatorKind.ENTITY_LIST: "names on a list for {category}, to be compared; sites in {country}",
}
"""How an indicator is headed: by what the list says, before any site is named."""


class EntryKind(StrEnum):
    """What an entry tells; each is grouped by what its reader would ask for first."""

    PROPOSED = "proposed"
    OPENED = "opened"
    FLAGGED = "flagged"
    RAISED = "raised"
    WITHDRAWN = "withdrawn"
    ADDED = "added"
    GONE = "gone"
    NOT_DISCLOSED = "not_disclosed"


DISCLOSURE_KINDS = frozenset({EntryKind.ADDED, EntryKind.GONE, EntryKind.NOT_DISCLOSED})


@dataclass(frozen=True, slots=True)
class Entry:
    """One event as a digest counts it: `heading` and `supplier` group it, `line` names it.

    Entries of one group with the same `counted_as` count once: a site that two events tell of is one site.
    """

    event: UUID
    kind: EntryKind
    at: datetime
    counted_as: UUID
    heading: str = ""
    line: str = ""
    supplier: UUID | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """Entries of one kind, heading and supplier: how many count, and the first lines in order."""

    kind: EntryKind
    heading: str
    supplier: str | None
    total: int
    lines: tuple[str, ...]


def entry(event: Event) -> Entry | None:
    """What an event adds to the next digest; nothing where it is mailed at once, or says nothing to a reader."""
    if announcement(event) is not None:
        return None
    found = told(event)
    return found and replace(found, line=found.line[:LINE_MOST])


def told(event: Event) -> Entry | None:
    """The entry of an event, whatever the length of its line."""
    make = partial(Entry, event.id, at=event.told_at, counted_as=event.id)
    made: Entry | None = None
    match event.data:
        case EngagementProposed(workinggroup=group, reason=why) as data:
            made = make(EntryKind.PROPOSED, heading=f"group {group}", line=said_of(data, why))
        case EngagementOpened(workinggroup=group, objective=why) as data:
            made = make(EntryKind.OPENED, heading=f"group {group}", line=said_of(data, why))
        case FlagOpened(severity=severity, source_class=source) as data:
            line = f"{place(data)}, severity {severity} of 5, source: {words(source)}"
            made = make(EntryKind.FLAGGED, heading=words(data.category), line=line)
        case FlagEvidenceAdded(severity=severity, source_class=source) as data:
            line = f"{place(data)}, severity {severity} of 5, a further report, source: {words(source)}"
            made = make(EntryKind.FLAGGED, heading=words(data.category), line=line)
        case IndicatorRaised() as data:
            heading = LISTED.get(data.kind, "{category}, {country}").format(
                country=country(data.country), category=words(data.category)
            )
            made = make(EntryKind.RAISED, heading=heading, line=place(data), counted_as=data.site or data.supplier)
        case IndicatorWithdrawn(reason=reason):
            made = make(EntryKind.WITHDRAWN, heading=WORDS_OF_END.get(reason, "another reason"))
        case DisclosureAccepted() | DisclosureRetired() as data:
            made = make(disclosure_kind(data), supplier=data.supplier, counted_as=data.site or event.id)
        case _:
            pass  # assessments, exposure and later states of a flag are looked up, not mailed
    return made


def disclosure_kind(data: DisclosureAccepted | DisclosureRetired) -> EntryKind:
    if isinstance(data, DisclosureRetired):
        return EntryKind.GONE
    return EntryKind.ADDED if data.site else EntryKind.NOT_DISCLOSED


def said_of(data: EngagementProposed | EngagementOpened, why: str) -> str:
    """An engagement in a line; of one that rests on testimony no supplier and no issue, for mail stays in mailboxes."""
    if any(reason.kind is ReasonKind.STATEMENT for reason in data.reasons):
        return UNTOLD
    return f"{data.supplier_name}, {words(data.category)}: {why}"


def words(code: StrEnum) -> str:
    """A code as a person reads it."""
    return code.value.replace("_", " ")


def country(code: str | None) -> str:
    """The name of a country, or its code where there is no such country."""
    try:
        return name_of(code) if code else "country unknown"
    except KeyError:
        return code or ""


def place(data: FlagOpened | FlagEvidenceAdded | IndicatorRaised) -> str:
    """The site and whose it is, where lists do not call both by one name."""
    if data.site_name is None or data.site_name == data.supplier_name:
        return data.supplier_name
    return f"{data.site_name} ({data.supplier_name})"


def compose(since: datetime | None, until: datetime, tallies: Sequence[Tally]) -> Digest | None:
    """The digest of a window, or None where nothing happened in it."""
    if not tallies:
        return None
    changes = supplier_changes(tallies)

    def groups(kind: EntryKind) -> tuple[Group, ...]:
        found = (tally for tally in tallies if tally.kind is kind)
        return tuple(sorted(map(group, found), key=lambda g: (-g.total, g.heading)))

    return Digest(
        since=since and since.astimezone(UTC),
        until=until.astimezone(UTC),
        proposed=groups(EntryKind.PROPOSED),
        flagged=groups(EntryKind.FLAGGED),
        opened=groups(EntryKind.OPENED),
        raised=groups(EntryKind.RAISED),
        withdrawn=groups(EntryKind.WITHDRAWN),
        suppliers=tuple(changes[:SUPPLIERS_SHOWN]),
        further_suppliers=max(0, len(changes) - SUPPLIERS_SHOWN),
        added=sum(change.added for change in changes),
        gone=sum(change.gone for change in changes),
        not_disclosed=sum(change.not_disclosed for change in changes),
    )


def group(tally: Tally) -> Group:
    return Group(heading=tally.heading, total=tally.total, names=tally.lines[:NAMES_SHOWN])


def supplier_changes(tallies: Iterable[Tally]) -> list[SupplierChange]:
    """What changed at each supplier, the largest change first."""
    counts: dict[str, Counter[EntryKind]] = {}
    for tally in tallies:
        if tally.kind in DISCLOSURE_KINDS:
            counts.setdefault(tally.supplier or UNNAMED, Counter())[tally.kind] += tally.total
    ordered = sorted(counts.items(), key=lambda item: (-item[1].total(), item[0]))
    return [SupplierChange(supplier=name, **{kind.value: n for kind, n in found.items()}) for name, found in ordered]


def supplier_name(event: Event) -> tuple[UUID, str] | None:
    """The supplier that an event names, for later events that give its id alone."""
    match event.data:
        case (
            DisclosureAccepted(supplier=supplier, supplier_name=name)
            | IndicatorRaised(supplier=supplier, supplier_name=name)
            | FlagOpened(supplier=supplier, supplier_name=name)
            | FlagEvidenceAdded(supplier=supplier, supplier_name=name)
            | EngagementProposed(supplier=supplier, supplier_name=name)
            | EngagementOpened(supplier=supplier, supplier_name=name)
        ):
            return supplier, name
        case _:
            return None
