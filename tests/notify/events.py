"""Events as `notify` hears them, about invented places only."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from shared.events.engagement_words import ReasonKind
from shared.events.envelope import Event, EventData
from shared.events.ingest import DisclosureAccepted, DisclosureRetired
from shared.events.lifecycles import (
    CauseKind,
    Exposure,
    Finding,
    FlagClock,
    FlagState,
    FollowUpRefusal,
    IndicatorEnd,
    IndicatorKind,
    Reach,
)
from shared.events.remedy import EngagementOpened, EngagementProposed, MailRequested
from shared.events.remedy.engagements import Reason
from shared.events.remedy.words import MailKind
from shared.events.risk import (
    AssessmentCause,
    AssessmentMade,
    CategoryGrades,
    ExposureChanged,
    FlagEvidenceAdded,
    FlagMoved,
    FlagOpened,
    FlagOverdue,
    FollowUpRefused,
    IndicatorRaised,
    IndicatorWithdrawn,
    LeverageChanged,
)
from shared.events.values import ListReference, SeverityParts, SourceFact
from shared.events.vocabulary import Category, Instrument, MemberKind, Retirement, SourceClass

AT = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
SUPPLIER = UUID("00000000-0000-4000-8000-000000000001")
EXAMPLE = "Example Electronics"


def heard(data: EventData, subject: str = "subject", at: datetime = AT) -> Event:
    """The event with this data, as the inbox hands it over."""
    (audience, *_) = sorted(data.classifications)
    return Event(uuid4(), "/engage/test", data.type, subject, at, audience, data, recordedtime=at, sequence=1)


def flag(
    serious: bool = True,
    source: SourceClass = SourceClass.MEDIA,
    headline: str | None = "Workers at Example Electronics strike",
    site_name: str | None = "Plant 1",
) -> FlagOpened:
    return FlagOpened(
        flag=uuid4(),
        report=uuid4(),
        supplier=SUPPLIER,
        supplier_name=EXAMPLE,
        category=Category.FORCED_LABOUR,
        source_class=source,
        parts=SeverityParts(scale=5, scope=3, irremediability=2),
        severity=5,
        priority=50,
        serious=serious,
        site=uuid4() if site_name else None,
        site_name=site_name,
        country="MY",
        headline=headline,
    )


def further(
    made_serious: bool = True,
    source: SourceClass = SourceClass.MEDIA,
    serious: bool = True,
    site_name: str | None = "Plant 1",
) -> FlagEvidenceAdded:
    """A second report of what a flag is about."""
    return FlagEvidenceAdded(
        flag=uuid4(),
        report=uuid4(),
        supplier=SUPPLIER,
        supplier_name=EXAMPLE,
        category=Category.FORCED_LABOUR,
        source_class=source,
        parts=SeverityParts(scale=5, scope=3, irremediability=2),
        severity=5,
        priority=50,
        serious=serious,
        made_serious=made_serious,
        reports=2,
        site=uuid4() if site_name else None,
        site_name=site_name,
        country="MY",
        headline="A further report about Example Electronics",
    )


def looked_up() -> list[EventData]:
    """What `risk` tells of a flag, a site or a contract that no mail is made of."""
    ids = {"flag": uuid4(), "supplier": SUPPLIER}
    parts: dict[str, Any] = {"category": Category.FORCED_LABOUR} | ids
    return [
        FlagMoved(**ids, before=FlagState.RAISED, after=FlagState.CONFIRMED),
        FlagOverdue(**parts, clock=FlagClock.TRIAGE, due=AT.date(), basis="ours"),
        FollowUpRefused(
            **ids,
            entry=uuid4(),
            wanted=FlagState.CLOSED,
            standing=FlagState.RAISED,
            refusal=FollowUpRefusal.NOT_FROM_THIS_STATE,
        ),
        LeverageChanged(**parts, buyers=3, contracts=4),
        ExposureChanged(
            **parts, member="oslo", contract=uuid4(), exposure=Exposure.EXPOSED, reach=Reach.SUPPLIER_AT_SITE
        ),
        AssessmentMade(
            supplier=SUPPLIER,
            model="2027",
            cause=AssessmentCause(kind=CauseKind.FACTS),
            categories={Category.FORCED_LABOUR: CategoryGrades(finding=Finding.INDICATED, priority=50, severity=5)},
            instruments={Instrument.C029: Finding.INDICATED},
            site=uuid4(),
        ),
    ]


def request(kind: MailKind = MailKind.TESTIMONY_RECEIVED, reference: str = "R-7QK2M4WX") -> MailRequested:
    return MailRequested(reference=reference, kind=kind, due=AT)


def indicator(site: UUID | None = None, site_name: str | None = "Plant 1", country: str = "MY") -> IndicatorRaised:
    return IndicatorRaised(
        indicator=uuid4(),
        supplier=SUPPLIER,
        supplier_name=EXAMPLE,
        kind=IndicatorKind.COUNTRY_GOOD,
        category=Category.FORCED_LABOUR,
        statement="A list names electronics from this country.",
        evidence=(SourceFact(source="A list", edition="2022", text="Electronics"),),
        site=site or uuid4(),
        site_name=site_name,
        country=country,
    )


def withdrawn(reason: IndicatorEnd = IndicatorEnd.SITE_GONE) -> IndicatorWithdrawn:
    return IndicatorWithdrawn(indicator=uuid4(), supplier=SUPPLIER, reason=reason, site=uuid4())


def disclosed(site: UUID | None = None, supplier: UUID = SUPPLIER, name: str = EXAMPLE) -> DisclosureAccepted:
    return DisclosureAccepted(
        contributor=MemberKind.BUYER,
        disclosure=uuid4(),
        member="oslo",
        supplier=supplier,
        supplier_name=name,
        list=ListReference(source="A list", edition="2027"),
        site=site or uuid4(),
        site_name="Plant 1",
        address="1 Example Road",
        country="MY",
    )


def retired(site: UUID | None = None) -> DisclosureRetired:
    return DisclosureRetired(
        disclosure=uuid4(), supplier=SUPPLIER, reason=Retirement.NOT_IN_NEWER_EDITION, site=site or uuid4()
    )


def proposed(
    reason: str = "A serious flag was opened about one of its sites.", *kinds: ReasonKind
) -> EngagementProposed:
    return EngagementProposed(
        engagement=uuid4(),
        workinggroup="apple",
        supplier=SUPPLIER,
        supplier_name=EXAMPLE,
        category=Category.FORCED_LABOUR,
        reason=reason,
        reasons=tuple(Reason(kind=kind, id=uuid4()) for kind in kinds),
    )


def opened() -> EngagementOpened:
    return EngagementOpened(
        engagement=uuid4(),
        workinggroup="apple",
        supplier=SUPPLIER,
        supplier_name=EXAMPLE,
        category=Category.FORCED_LABOUR,
        objective="Passports are given back.",
        opened_by="oslo",
        entry=uuid4(),
    )
