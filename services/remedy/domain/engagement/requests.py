"""Requests for information under the Transparency Act: until when they are answered, and what each step needs.

Norway, Act of 18 June 2021 no. 99, section 7: in writing, within a reasonable time and at the latest three weeks after
the request came; where that would be too much, at the latest two months after it came, and then the one who asked is
told so within the three weeks, with the reasons and the day. Section 6: when a request may be refused.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from services.remedy.domain.calendar import Span, later
from services.remedy.domain.engagement.obligations import Key, Obligation
from services.remedy.domain.engagement.standing import StepRefused
from shared.events.engagement_words import EntryRefusal, ObligationKind, RefusalGround, RequestState
from shared.events.ingest import InformationRequestRecorded
from shared.events.remedy.conditions import InformationRequestMoved

THREE_WEEKS = Span(days=21)
TWO_MONTHS = Span(months=2)
ANSWER_BASIS = "Transparency Act section 7: three weeks after receipt"
EXTENDED_BASIS = "Transparency Act section 7: extended with reasons, at most two months after receipt"
WAITING = frozenset({RequestState.RECEIVED, RequestState.EXTENDED})
NEXT = {
    RequestState.RECEIVED: (
        RequestState.EXTENDED,
        RequestState.ANSWERED,
        RequestState.REFUSED,
        RequestState.WITHDRAWN,
    ),
    RequestState.EXTENDED: (RequestState.ANSWERED, RequestState.REFUSED, RequestState.WITHDRAWN),
}
"""Where a request may go; `withdrawn` by the one who asked. Once it is answered, refused or withdrawn it has ended."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it stands. `entries` are all that were applied, in order; `on` is the day of the last."""

    id: UUID
    member: str
    reference: str
    state: RequestState
    received_on: date
    on: date
    due: date
    basis: str
    contract: UUID | None = None
    reasons: str | None = None
    ground: RefusalGround | None = None
    entries: tuple[UUID, ...] = ()

    def keys(self) -> tuple[Key, ...]:
        """All that can be due of it."""
        return ((self.id, ObligationKind.INFORMATION_REQUEST),)

    def obligations(self) -> list[Obligation]:
        """The answer, while it waits for one."""
        if self.state not in WAITING:
            return []
        kind = ObligationKind.INFORMATION_REQUEST
        return [Obligation(self.id, kind, self.id, self.due, self.basis, member=self.member, contract=self.contract)]


def decide(known: Request | None, told: InformationRequestRecorded) -> Request:
    """The request after an entry.

    Raises StepRefused with every reason: unknown, not from this state, no reasons, a day beyond two months, or an
    extension that was not told within the three weeks.
    """
    why = refusals(known, told)
    if why:
        raise StepRefused(tuple(why), standing(known), legal(known))
    return after(known, told)


def refusals(known: Request | None, told: InformationRequestRecorded) -> list[EntryRefusal]:
    """Every reason for which an entry changes nothing."""
    if known is None:
        return [] if told.state is RequestState.RECEIVED else [EntryRefusal.REQUEST_UNKNOWN]
    if known.state is told.state:
        return [EntryRefusal.SAME_STEP]
    extends = told.state is RequestState.EXTENDED
    last = later(known.received_on, TWO_MONTHS)
    checks = (
        (told.state not in NEXT.get(known.state, ()), EntryRefusal.NOT_FROM_THIS_STATE),
        (told.on < known.on, EntryRefusal.DAY_TOO_EARLY),
        (extends and (told.reasons is None or told.until is None), EntryRefusal.REASON_MISSING),
        (extends and told.until is not None and told.until <= known.due, EntryRefusal.DAY_TOO_EARLY),
        (extends and told.until is not None and told.until > last, EntryRefusal.BEYOND_TWO_MONTHS),
        (extends and told.on > later(known.received_on, THREE_WEEKS), EntryRefusal.TOLD_TOO_LATE),
        (told.state is RequestState.REFUSED and told.ground is None, EntryRefusal.REASON_MISSING),
    )
    return list(dict.fromkeys(reason for applies, reason in checks if applies))


def after(known: Request | None, told: InformationRequestRecorded) -> Request:
    """The request after an entry that is legal."""
    if known is None:
        due = later(told.on, THREE_WEEKS)
        return Request(
            told.request,
            told.member,
            told.reference,
            told.state,
            told.on,
            told.on,
            due,
            ANSWER_BASIS,
            contract=told.contract,
            entries=(told.entry,),
        )
    extended = told.state is RequestState.EXTENDED and told.until is not None
    return replace(
        known,
        state=told.state,
        on=told.on,
        due=told.until if extended and told.until else known.due,
        basis=EXTENDED_BASIS if extended else known.basis,
        contract=told.contract or known.contract,
        reasons=told.reasons or known.reasons,
        ground=told.ground,
        entries=(*known.entries, told.entry),
    )


def fold(entries: Iterable[InformationRequestRecorded]) -> Request | None:
    """The request that is the sum of applied entries; None without any."""
    found: Request | None = None
    for told in entries:
        found = after(found, told)
    return found


def moved(before: Request | None, now: Request, entry: UUID) -> InformationRequestMoved:
    """What is told of a request that went from one state to another."""
    return InformationRequestMoved(
        member=now.member,
        request=now.id,
        reference=now.reference,
        after=now.state,
        due=now.due,
        basis=now.basis,
        before=before.state if before else None,
        entry=entry,
    )


def standing(known: Request | None) -> str:
    """Where a request stands, in words."""
    if known is None:
        return "not known"
    return f"{known.state.value}, due {known.due}" if known.state in WAITING else known.state.value


def legal(known: Request | None) -> tuple[str, ...]:
    """What may be reported of a request, in words, each with what it needs."""
    if known is None:
        return (RequestState.RECEIVED.value,)
    last = later(known.received_on, TWO_MONTHS)
    needs = {
        RequestState.EXTENDED: f" with reasons, told within three weeks, until {last} at the latest",
        RequestState.REFUSED: " with a ground of section 6",
    }
    return tuple(one.value + needs.get(one, "") for one in NEXT.get(known.state, ()))
