"""Events as other services publish them, about invented companies."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4, uuid5

import asyncpg

from services.risk.domain.facts import CountryGood, Entity
from shared.events import decode
from shared.events.envelope import Classification, Event, EventData
from shared.events.ingest import DisclosureAccepted, DisclosureRetired, FlagReported, FlagWithdrawn, ReplyRecorded
from shared.events.values import ListReference, SeverityParts, SiteFacts
from shared.events.vocabulary import (
    Actuality,
    Category,
    MemberKind,
    ReplySpeaker,
    ReplyStance,
    Retirement,
    SourceClass,
    WithdrawalReason,
)
from shared.packing import unpack
from tests.conftest import Schema

START = datetime(2026, 11, 2, 9, tzinfo=UTC)
EXAMPLE = UUID("8d9c1c5e-0000-4000-8000-000000000001")
OTHER = UUID("8d9c1c5e-0000-4000-8000-000000000002")


def named(name: str) -> UUID:
    """The same id for the same name, so that tests can speak of "site 1"."""
    return uuid5(EXAMPLE, name)


def event(data: EventData, subject: UUID, at: int = 0) -> Event:
    """An event as a consumer gets it, recorded `at` seconds after the start."""
    moment = START + timedelta(seconds=at)
    return Event(
        id=uuid4(),
        source="/engage/ingest",
        type=data.type,
        subject=str(subject),
        time=moment,
        classification=Classification.MEMBERS,
        data=data,
        recordedtime=moment,
        sequence=at + 1,
    )


def accepted(
    disclosure: str = "disclosure 1",
    *,
    site: str | None = "site 1",
    supplier: UUID = EXAMPLE,
    supplier_name: str = "Example Electronics",
    site_name: str = "Example Plant",
    country: str | None = "CN",
    sector: str | None = "Electronics",
    at: int = 0,
) -> Event:
    """A source names a site."""
    data = DisclosureAccepted(
        contributor=MemberKind.BUYER,
        disclosure=named(disclosure),
        member="oslo",
        supplier=supplier,
        supplier_name=supplier_name,
        list=ListReference(source="Example list", edition="2026"),
        site=named(site) if site else None,
        site_name=site_name if site else None,
        address="1 Example Road" if site else None,
        country=country,
        facts=SiteFacts(sector=sector),
    )
    return event(data, supplier, at)


def retired(
    disclosure: str = "disclosure 1", *, site: str = "site 1", supplier: UUID = EXAMPLE, at: int = 100
) -> Event:
    """A disclosure no longer holds."""
    data = DisclosureRetired(
        disclosure=named(disclosure), supplier=supplier, reason=Retirement.NOT_IN_NEWER_EDITION, site=named(site)
    )
    return event(data, supplier, at)


def reported(report: str = "report 1", *, likelihood: int | None = 3, at: int = 0, **parts: int) -> Event:
    """A public source sees a risk."""
    grades = {"scale": 4, "scope": 2, "irremediability": 3} | parts
    data = FlagReported(
        contributor=MemberKind.BUYER,
        report=named(report),
        member="oslo",
        supplier=EXAMPLE,
        supplier_name="Example Electronics",
        source_class=SourceClass.PUBLIC,
        category=Category.FORCED_LABOUR,
        severity=SeverityParts(likelihood=likelihood, **grades),
        actuality=Actuality.POTENTIAL,
        site=named("site 1"),
        headline="Example Electronics: passports said to be kept",
    )
    return event(data, named("site 1"), at)


def taken_back(report: str = "report 1", *, at: int = 50) -> Event:
    """Its sender takes a report back."""
    data = FlagWithdrawn(
        report=named(report), supplier=EXAMPLE, site=named("site 1"), reason=WithdrawalReason.SENT_BY_MISTAKE
    )
    return event(data, named("site 1"), at)


def replied(report: str = "report 1", *, at: int = 40) -> Event:
    """The supplier replies to a report."""
    data = ReplyRecorded(
        reply=named("reply"),
        report=named(report),
        supplier=EXAMPLE,
        speaker=ReplySpeaker.SUPPLIER,
        stance=ReplyStance.DISPUTES,
        said_on=START.date(),
    )
    return event(data, named("site 1"), at)


def good(
    country: str, *, child: bool = False, forced: bool = False, name: str = "Electronics", **more: Any
) -> CountryGood:
    """A fact of a list of goods by country."""
    return CountryGood(
        country=country,
        country_name=more.pop("country_name", country),
        good=name,
        sector="Manufacturing",
        child_labour=child,
        forced_labour=forced,
        forced_child_labour=child and forced,
        derived=more.pop("derived", False),
        derived_country=more.pop("derived_country", None),
    )


def entity(name: str, country: str = "CN") -> Entity:
    """A fact of a list of entities."""
    return Entity(name, country, country, "Electronics", START.date(), "WRO")


def read(row: asyncpg.Record) -> Event:
    """The event in a row of the outbox, as a consumer would read it."""
    return decode(unpack(row["headers"]), row["value"])


async def published(schema: Schema) -> list[Event]:
    """What a service has put into its outbox, in order; each row's topic and key are those of its event."""
    rows = await schema.rows("SELECT topic, key, headers, value FROM outbox ORDER BY id")
    assert all(row["topic"] == "members.risk" for row in rows)
    events = [read(row) for row in rows]
    assert [one.subject for one in events] == [row["key"] for row in rows]
    return events
