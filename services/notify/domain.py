"""What is mailed to whom and when, and what follows from a mail server's answer. Pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID, uuid5

from services.notify.letters import Letter, RestrictedMatter, SeriousFlag, Template
from shared.events.envelope import Event
from shared.events.lifecycles import DeliveryEnd
from shared.events.remedy import MailRequested
from shared.events.remedy.words import MailKind
from shared.events.risk import FlagEvidenceAdded, FlagOpened
from shared.events.vocabulary import SourceClass

SOURCE = "/engage/notify"
NAMESPACE = UUID("5a1de0c5-3c0b-4a86-9d0e-0f1b7a9d2c44")
"""Intents, and so Message-IDs, are named in it: the same event, template and recipient is the same mail for ever."""
PUBLISHED = frozenset({SourceClass.PUBLIC, SourceClass.MEDIA})
"""Sources that have said it in public. An audit or a supplier has not, so its flags wait for the digest."""
EVIDENCE_SHOWN = 3
LANES = 16

LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
ADDRESS = re.compile(rf"(?P<local>[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*)@{LABEL}(?:\.{LABEL})+")


class Role(StrEnum):
    """What a recipient is told: the secretariat hears of every matter; operators hear of none."""

    SECRETARIAT = "secretariat"
    OPERATOR = "operator"


class MailState(StrEnum):
    """The life of an intent. `uncertain`: the server may have it; it is sent again under the same Message-ID."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    RETRY = "retry"
    UNCERTAIN = "uncertain"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Answer(StrEnum):
    """What came of one attempt to send a mail."""

    ACCEPTED = "accepted"
    DEFERRED = "deferred"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    UNREACHABLE = "unreachable"
    NOT_TRIED = "not_tried"
    UNADDRESSED = "unaddressed"
    UNWRITABLE = "unwritable"


def checked_address(text: str) -> str:
    """The address in lower case. Raises ValueError, which does not quote it, unless it is one plain ASCII address.

    Stricter than RFC 5321: no quoted part, comment, list, route, control character, `=` or `?`, and a dotted domain.
    """
    found = ADDRESS.fullmatch(text.lower()) if text.isascii() else None
    if found is None or len(text) > 254 or len(found["local"]) > 64:
        raise ValueError("not a plain e-mail address")
    return found.string


@dataclass(frozen=True, slots=True)
class Announcement:
    """An event that is mailed at once, and what the mail says."""

    event: Event
    template: Template
    letter: Letter


@dataclass(frozen=True, slots=True)
class Intent:
    """One mail to one recipient. `id` also makes its Message-ID, `cause_time` is when the event was accepted."""

    id: UUID
    dedupe_key: str
    recipient: UUID
    template: Template
    variables: str
    cause_time: datetime


def announcement(event: Event) -> Announcement | None:
    """What is mailed at once about an event: a serious flag from a published source, or what `remedy` asks for.

    A flag that a further report makes serious is mailed where that report is from a published source.
    """
    match event.data:
        case (
            FlagOpened(serious=True, source_class=source) | FlagEvidenceAdded(made_serious=True, source_class=source)
        ) if source in PUBLISHED:
            return Announcement(event, Template.FLAG_SERIOUS, serious_flag(event.data))
        case MailRequested(reference=reference, kind=kind, due=due):
            matter = RestrictedMatter(reference=reference, kind=kind, due=due.astimezone(UTC).date())
            return Announcement(event, restricted_template(kind), matter)
        case _:
            return None


def restricted_template(kind: MailKind) -> Template:
    """The template of a kind of restricted matter."""
    return Template(f"restricted_{kind.value}")


def serious_flag(flag: FlagOpened | FlagEvidenceAdded) -> SeriousFlag:
    """What a mail says about a flag, by the report that opened it or made it serious."""
    return SeriousFlag(
        flag=flag.flag,
        supplier=flag.supplier_name,
        category=flag.category,
        severity=flag.severity,
        parts=flag.parts,
        source=flag.source_class,
        site=flag.site,
        site_name=flag.site_name,
        country=flag.country,
        instruments=flag.instruments,
        headline=flag.headline,
        reports=flag.reports if isinstance(flag, FlagEvidenceAdded) else 1,
        evidence=tuple(evidence.uri for evidence in flag.evidence[:EVIDENCE_SHOWN]),
    )


NOBODY = UUID(int=0)
"""Whom a mail is for while no recipient is registered: it waits, and goes to the first one who is."""


def intents(announcements: Iterable[Announcement], recipients: Sequence[UUID]) -> list[Intent]:
    """One intent for each announcement and recipient; the same ones whenever it is asked again."""
    return [
        intent(str(said.event.id), said.template, variables, recipient, said.event.told_at)
        for said in announcements
        for variables in (said.letter.model_dump_json(exclude_none=True),)
        for recipient in recipients
    ]


def intent(cause: str, template: Template, variables: str, recipient: UUID, cause_time: datetime) -> Intent:
    """The intent that `cause` (an event's id, or the end of a digest's window) gives reason for."""
    key = f"{cause}|{template}|{recipient}"
    return Intent(uuid5(NAMESPACE, key), key, recipient, template, variables, cause_time)


def lane(intent_id: UUID) -> str:
    """The subject of an outcome: one of 16 lanes, so that the key says nothing."""
    return f"lane-{intent_id.int % LANES:02d}"


@dataclass(frozen=True, slots=True)
class Patience:
    """Pauses between attempts (seconds; the last one repeats) and the age (seconds) at which a mail is given up."""

    backoff: tuple[float, ...]
    expires: float


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of an intent after an attempt: its state, when it is due again, and why it ended if it did."""

    state: MailState
    wait: float = 0.0
    end: DeliveryEnd | None = None
    counts: bool = True
    """Whether it was an attempt: what never reached the server was none."""


SETTLED = {
    Answer.ACCEPTED: Fate(MailState.SENT),
    Answer.REFUSED: Fate(MailState.FAILED, end=DeliveryEnd.REFUSED),
    Answer.UNADDRESSED: Fate(MailState.CANCELLED, end=DeliveryEnd.NO_RECIPIENT, counts=False),
    Answer.UNWRITABLE: Fate(MailState.FAILED, end=DeliveryEnd.OTHER, counts=False),
    Answer.NOT_TRIED: Fate(MailState.PENDING, counts=False),
}


def fate(answer: Answer, attempts: int, age: float, patience: Patience) -> Fate:
    """Decide what follows from an answer; `attempts` includes this one, `age` is in seconds since the intent.

    A server that is away spends no attempt. Whatever is not settled when the mail expires has failed.
    """
    if settled := SETTLED.get(answer):
        return settled
    if age > patience.expires:
        return Fate(MailState.FAILED, end=DeliveryEnd.EXPIRED)
    if answer is Answer.UNREACHABLE:
        return Fate(MailState.PENDING, counts=False)
    state = MailState.UNCERTAIN if answer is Answer.UNKNOWN else MailState.RETRY
    return Fate(state, pause(attempts, patience))


def pause(attempts: int, patience: Patience) -> float:
    """Seconds until the next attempt after so many."""
    return patience.backoff[min(attempts, len(patience.backoff)) - 1]
