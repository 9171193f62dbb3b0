"""Events as other services publish them, about invented companies."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from shared.events.engagement_words import GroupEnd
from shared.events.envelope import Classification, Event, EventData
from shared.events.ingest import (
    ContractClosed,
    ContractRecorded,
    DisclosureAccepted,
    DisclosureLinked,
    DisclosureRetired,
    DisclosureUnlinked,
    FlagReported,
    FlagWithdrawn,
    FollowUpRecorded,
    MemberLeft,
    MemberRegistered,
    SiteMerged,
    SiteRegistered,
    SiteUnmerged,
    SupplierMerged,
    SupplierRegistered,
    SupplierUnmerged,
    WorkingGroupClosed,
    WorkingGroupEstablished,
    WorkingGroupJoined,
    WorkingGroupLeft,
)
from shared.events.lifecycles import FlagReason, FlagState
from shared.events.remedy import StatementReleased
from shared.events.values import Evidence, ListReference, SeverityParts, SiteFacts
from shared.events.vocabulary import (
    Actuality,
    Category,
    ContractEnd,
    ContractLevel,
    DecidedBy,
    GroupRole,
    MemberKind,
    Retirement,
    SourceClass,
    WithdrawalReason,
    WorkersBand,
)

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
NAMES = UUID("8d9c1c5e-0000-4000-8000-000000000001")


def named(name: str) -> UUID:
    """The same id for the same name, so that tests can speak of "site 1"."""
    return uuid5(NAMES, name)


def event(data: EventData, subject: UUID | str, at: float = 0, member: str | None = None) -> Event:
    """An event as a consumer gets it, recorded `at` seconds after START: for all members, or for one."""
    moment = START + timedelta(seconds=at)
    return Event(
        id=uuid5(NAMES, f"{data.type}/{subject}/{at}/{member}/{data.encoded.decode()}"),
        source="/engage/ingest",
        type=data.type,
        subject=str(subject),
        time=moment,
        classification=Classification.MEMBERS if member is None else Classification.MEMBER,
        data=data,
        recordedtime=moment,
        sequence=1,
        member=member,
    )


def joined(member: str, at: float = 0) -> Event:
    """A member is registered."""
    return event(MemberRegistered(member=member, name=f"Example Buyer {member}", kind=MemberKind.BUYER), member, at)


def registered(supplier: str = "supplier 1", name: str = "Example Electronics", at: float = 0) -> Event:
    """A supplier is registered."""
    return event(SupplierRegistered(supplier=named(supplier), name=name, country="NO"), named(supplier), at)


def site_registered(
    site: str = "site 1", supplier: str = "supplier 1", name: str = "Example Plant", country: str = "CN", at: float = 0
) -> Event:
    """A site is registered."""
    data = SiteRegistered(
        site=named(site), supplier=named(supplier), name=name, address="1 Example Road", country=country
    )
    return event(data, named(site), at)


def group(
    slug: str = "example-group",
    *members: str,
    suppliers: tuple[str, ...] = (),
    categories: tuple[Category, ...] = (),
    at: float = 0,
) -> list[Event]:
    """A working group is established, and joined by members: it names suppliers, or categories."""
    data = WorkingGroupEstablished(
        workinggroup=slug,
        name=f"Example Group {slug}",
        purpose="Speak with one voice",
        secretariat="secretariat",
        categories=categories,
        suppliers=tuple(map(named, suppliers)),
    )
    return [event(data, slug, at), *(group_joined(slug, member, at) for member in members)]


def group_joined(slug: str, member: str, at: float = 0) -> Event:
    """A member joins a working group."""
    return event(WorkingGroupJoined(workinggroup=slug, member=member, role=GroupRole.COLLABORATING), slug, at)


def group_left(slug: str, member: str, at: float = 0) -> Event:
    """A member leaves a working group."""
    return event(WorkingGroupLeft(workinggroup=slug, member=member), slug, at)


def group_closed(slug: str = "example-group", at: float = 0) -> Event:
    """A working group is closed."""
    return event(WorkingGroupClosed(workinggroup=slug, reason=GroupEnd.PURPOSE_ACHIEVED), slug, at)


def disclosed(
    disclosure: str = "disclosure 1",
    *,
    site: str | None = "site 1",
    supplier: str = "supplier 1",
    member: str | None = None,
    country: str = "CN",
    at: float = 0,
    **more: Any,
) -> Event:
    """A source names a site: to all members, or to one."""
    place: dict[str, Any] = {"site_name": "Example Plant", "address": "1 Example Road", "country": country}
    said: dict[str, Any] = {
        "contributor": MemberKind.BUYER,
        "supplier_name": "Example Electronics",
        "facts": SiteFacts(sector="Electronics"),
    }
    data = DisclosureAccepted(
        disclosure=named(disclosure),
        supplier=named(supplier),
        list=ListReference(source="Example list", edition="2026"),
        **(said | ((place | {"site": named(site)}) if site else {}) | more),
    )
    return event(data, named(supplier), at, member)


def contract(
    name: str = "contract 1", *, reader: str = "oslo", supplier: str | None = "supplier 1", at: float = 0, **more: Any
) -> Event:
    """A contract, as its reader is told of it."""
    data = ContractRecorded(
        contract=named(name),
        **{"member": reader, "reference": name, "level": ContractLevel.SINGLE}
        | {"supplier": named(supplier) if supplier else None}
        | more,
    )
    return event(data, named(name), at, reader)


def linked(
    disclosure: str = "disclosure 1",
    to: str = "contract 1",
    *,
    reader: str = "oslo",
    site: str = "site 1",
    at: float = 0,
) -> Event:
    """A disclosure belongs to a contract, as its reader is told."""
    data = DisclosureLinked(
        disclosure=named(disclosure), contract=named(to), supplier=named("supplier 1"), site=named(site)
    )
    return event(data, named("supplier 1"), at, reader)


def reported(
    report: str = "report 1",
    *,
    site: str | None = "site 1",
    supplier: str = "supplier 1",
    category: Category = Category.FORCED_LABOUR,
    source: SourceClass = SourceClass.PUBLIC,
    likelihood: int | None = 3,
    at: float = 0,
    more: dict[str, Any] | None = None,
    **parts: int,
) -> Event:
    """A source sees a risk; `parts` are its scale, scope and irremediability."""
    grades = {"scale": 4, "scope": 2, "irremediability": 3} | parts
    place: dict[str, Any] = {"site": named(site), "site_name": "Example Plant", "country": "CN"} if site else {}
    said: dict[str, Any] = {"member": "oslo", "headline": "Example Electronics: passports said to be kept"}
    data = FlagReported(
        report=named(report),
        contributor=MemberKind.BUYER,
        supplier=named(supplier),
        supplier_name="Example Electronics",
        source_class=source,
        category=category,
        severity=SeverityParts(likelihood=likelihood, **grades),
        actuality=Actuality.POTENTIAL,
        **(place | said | (more or {})),
    )
    return event(data, named(site or supplier), at)


def taken_back(
    report: str = "report 1", *, site: str | None = "site 1", supplier: str = "supplier 1", at: float
) -> Event:
    """Its sender takes a report back."""
    data = FlagWithdrawn(
        report=named(report),
        supplier=named(supplier),
        site=named(site) if site else None,
        reason=WithdrawalReason.SENT_BY_MISTAKE,
    )
    return event(data, named(site or supplier), at)


MINUTES = Evidence(uri="https://example.org/minutes", sha256="1" * 64, media_type="application/pdf")


def followed_up(
    state: FlagState,
    *,
    report: str = "report 1",
    site: str | None = "site 1",
    supplier: str = "supplier 1",
    member: str | None = "oslo",
    basis: SourceClass = SourceClass.AUDIT,
    reason: FlagReason | None = None,
    evidence: bool = True,
    at: float,
) -> Event:
    """A member took a step with a flag."""
    data = FollowUpRecorded(
        entry=named(f"{report}/{state}/{at}"),
        report=named(report),
        contributor=MemberKind.BUYER,
        member=member,
        supplier=named(supplier),
        state=state,
        basis=basis,
        decided_on=(START + timedelta(seconds=at)).date(),
        reason=reason,
        site=named(site) if site else None,
        evidence=(MINUTES,) if evidence else (),
    )
    return event(data, named(site or supplier), at)


def released(
    statement: str = "statement 1",
    *,
    supplier: str = "supplier 1",
    category: Category = Category.FORCED_LABOUR,
    at: float = 0,
) -> Event:
    """A case handler releases what testimony may tell."""
    data = StatementReleased(
        statement=named(statement),
        supplier=named(supplier),
        quarter="2026-Q1",
        category=category,
        workers=WorkersBand.FROM_100,
    )
    return event(data, named(statement), at)


def left(member: str, *, at: float) -> Event:
    """A member has left."""
    return event(MemberLeft(member=member, kind=MemberKind.BUYER), member, at)


def merged(kind: str, one: str, into: str, *, at: float) -> Event:
    """Two suppliers, or two sites (`kind`), are one."""
    decision = {kind: named(one), "into": named(into), "decision": named(f"{one}/{into}")}
    data: type[EventData] = SiteMerged if kind == "site" else SupplierMerged
    return event(data.model_validate(decision | {"decided_by": DecidedBy.PERSON}), named(one), at)


def unmerged(kind: str, one: str, was_into: str, *, at: float) -> Event:
    """Two suppliers, or two sites, are not one after all."""
    decision = {kind: named(one), "was_into": named(was_into), "decision": named(f"{one}/{was_into}/{at}")}
    data: type[EventData] = SiteUnmerged if kind == "site" else SupplierUnmerged
    return event(data.model_validate(decision | {"decided_by": DecidedBy.PERSON}), named(one), at)


def retired(
    disclosure: str = "disclosure 1",
    *,
    site: str = "site 1",
    supplier: str = "supplier 1",
    member: str | None = None,
    at: float,
) -> Event:
    """A disclosure no longer holds: for all members, or for one."""
    data = DisclosureRetired(
        disclosure=named(disclosure), supplier=named(supplier), reason=Retirement.WITHDRAWN, site=named(site)
    )
    return event(data, named(supplier), at, member)


def unlinked(
    disclosure: str = "disclosure 1",
    to: str = "contract 1",
    *,
    reader: str = "oslo",
    site: str = "site 1",
    at: float,
) -> Event:
    """A disclosure no longer belongs to a contract, as its reader is told."""
    data = DisclosureUnlinked(
        disclosure=named(disclosure), contract=named(to), supplier=named("supplier 1"), site=named(site)
    )
    return event(data, named("supplier 1"), at, reader)


def ended(
    name: str = "contract 1",
    *,
    reader: str = "oslo",
    on: date | None = None,
    reason: ContractEnd = ContractEnd.TERMINATED,
    at: float,
) -> Event:
    """A contract no longer binds its reader."""
    data = ContractClosed(contract=named(name), member=reader, ended_on=on or START.date(), reason=reason)
    return event(data, named(name), at, reader)
