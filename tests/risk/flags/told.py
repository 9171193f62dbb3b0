"""What people tell of risks at invented sites; times are minutes after the start."""

from datetime import datetime, timedelta

from shared.events import decode
from shared.events.envelope import Event, EventData
from shared.events.ingest import (
    FlagReported,
    FlagWithdrawn,
    FollowUpRecorded,
    FollowUpWithdrawn,
    ReplyRecorded,
    ReplyWithdrawn,
    SiteMerged,
    SiteUnmerged,
    SupplierMerged,
)
from shared.events.lifecycles import FlagReason, FlagState
from shared.events.values import Evidence, SeverityParts
from shared.events.vocabulary import (
    Actuality,
    Category,
    DecidedBy,
    MemberKind,
    ReplySpeaker,
    ReplyStance,
    SourceClass,
    WithdrawalReason,
)
from shared.packing import unpack
from tests.conftest import Schema
from tests.risk import given
from tests.risk.given import MINUTES, START, named

S = FlagState
PATHS: dict[FlagState, tuple[FlagState, ...]] = {
    S.RAISED: (),
    S.TRIAGED: (S.TRIAGED,),
    S.CORROBORATING: (S.CORROBORATING,),
    S.DISMISSED: (S.DISMISSED,),
    S.CONFIRMED: (S.CONFIRMED,),
    S.ENGAGED: (S.CONFIRMED, S.ENGAGED),
    S.MITIGATING: (S.CONFIRMED, S.MITIGATING),
    S.MITIGATED: (S.CONFIRMED, S.MITIGATING, S.MITIGATED),
    S.VERIFIED: (S.CONFIRMED, S.MITIGATING, S.MITIGATED, S.VERIFIED),
    S.CLOSED: (S.CONFIRMED, S.MITIGATING, S.MITIGATED, S.VERIFIED, S.CLOSED),
    S.REOPENED: (S.DISMISSED, S.REOPENED),
}
"""A way to each state."""


def moment(at: float) -> datetime:
    """So many minutes after the start."""
    return START + timedelta(minutes=at)


def recorded(data: EventData, place: str, at: float) -> Event:
    """An event about a place, recorded so many minutes after the start."""
    return given.event(data, named(place), at * 60)


def reported(
    report: str = "report 1",
    *,
    at: float = 0,
    site: str | None = "site 1",
    supplier: str = "supplier 1",
    category: Category = Category.FORCED_LABOUR,
    source: SourceClass = SourceClass.PUBLIC,
    member: str | None = "oslo",
    parts: tuple[int, int, int, int | None] = (4, 2, 3, 3),
) -> Event:
    """A source sees a risk at a site or supplier."""
    scale, scope, irremediability, likelihood = parts
    data = FlagReported(
        contributor=MemberKind.BUYER if member else MemberKind.PARTNER,
        report=named(report),
        member=member,
        supplier=named(supplier),
        supplier_name="Example Electronics",
        source_class=source,
        category=category,
        severity=SeverityParts(scale=scale, scope=scope, irremediability=irremediability, likelihood=likelihood),
        actuality=Actuality.POTENTIAL,
        site=named(site) if site else None,
        site_name="Example Plant" if site else None,
        country="CN",
        headline="Example Electronics: passports said to be kept",
        evidence=(Evidence(uri=f"https://example.org/{named(report)}", sha256="0" * 64, media_type="text/html"),),
    )
    return recorded(data, site or supplier, at)


def taken_back(report: str = "report 1", *, at: float = 50, site: str | None = "site 1") -> Event:
    """Its sender takes a report back."""
    data = FlagWithdrawn(
        report=named(report),
        supplier=named("supplier 1"),
        site=named(site) if site else None,
        reason=WithdrawalReason.SENT_BY_MISTAKE,
    )
    return recorded(data, site or "supplier 1", at)


def followed_up(
    state: FlagState,
    *,
    entry: str | None = None,
    report: str = "report 1",
    at: float = 10,
    member: str | None = "oslo",
    basis: SourceClass = SourceClass.AUDIT,
    reason: FlagReason | None = None,
    evidence: bool = True,
) -> Event:
    """A member took a step with the flag that holds a report."""
    data = FollowUpRecorded(
        entry=named(entry or f"{state} at {at}"),
        report=named(report),
        contributor=MemberKind.BUYER if member else MemberKind.PARTNER,
        member=member,
        supplier=named("supplier 1"),
        site=named("site 1"),
        state=state,
        basis=basis,
        decided_on=moment(at).date(),
        reason=reason,
        evidence=(MINUTES,) if evidence else (),
    )
    return recorded(data, "site 1", at)


def step_taken_back(entry: str, *, report: str = "report 1", at: float = 60) -> Event:
    """A member takes back a step that it had reported."""
    data = FollowUpWithdrawn(
        entry=named(entry), report=named(report), supplier=named("supplier 1"), site=named("site 1")
    )
    return recorded(data, "site 1", at)


def replied(reply: str = "reply 1", *, report: str = "report 1", at: float = 40, statement: bool = False) -> Event:
    """The supplier disputes a report."""
    data = ReplyRecorded(
        reply=named(reply),
        report=named(report),
        supplier=named("supplier 1"),
        site=named("site 1"),
        speaker=ReplySpeaker.SUPPLIER,
        stance=ReplyStance.DISPUTES,
        said_on=moment(at).date(),
        statement=Evidence(uri="https://example.org/statement", sha256="0" * 64, media_type="text/html")
        if statement
        else None,
    )
    return recorded(data, "site 1", at)


def reply_taken_back(reply: str = "reply 1", *, report: str = "report 1", at: float = 45) -> Event:
    """A reply was passed on by mistake."""
    return recorded(ReplyWithdrawn(reply=named(reply), report=named(report)), "site 1", at)


def way_to(state: FlagState) -> list[Event]:
    """A report, and the steps that bring its flag into a state, one each minute: `oslo` mitigates, `malmo` the rest."""
    steps = enumerate(PATHS[state], 1)
    return [
        reported(),
        *(followed_up(step, at=at, member="oslo" if step is S.MITIGATED else "malmo") for at, step in steps),
    ]


def site_merged(site: str, into: str, *, at: float = 100) -> Event:
    """Two entries are one site."""
    decision = named(f"{site} is {into}")
    data = SiteMerged(site=named(site), into=named(into), decision=decision, decided_by=DecidedBy.PERSON)
    return recorded(data, site, at)


def site_unmerged(site: str, was_into: str, *, at: float = 200) -> Event:
    """A merge of sites was undone."""
    decision = named(f"{site} is not {was_into}")
    data = SiteUnmerged(site=named(site), was_into=named(was_into), decision=decision, decided_by=DecidedBy.PERSON)
    return recorded(data, site, at)


def supplier_merged(supplier: str, into: str, *, at: float = 100) -> Event:
    """Two entries are one supplier."""
    decision = named(f"{supplier} is {into}")
    data = SupplierMerged(supplier=named(supplier), into=named(into), decision=decision, decided_by=DecidedBy.PERSON)
    return recorded(data, supplier, at)


async def published(schema: Schema) -> list[Event]:
    """What the service has put into its outbox, in order; the key of each row is the subject of its event."""
    rows = await schema.rows("SELECT key, headers, value FROM outbox ORDER BY id")
    events = [decode(unpack(row["headers"]), row["value"]) for row in rows]
    assert [one.subject for one in events] == [row["key"] for row in rows]
    return events
