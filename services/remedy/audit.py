"""The audit chain: who opened, read or changed what, in an order that nobody can change unseen."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID

from services.remedy.domain.audit import Content, Entry, digest_of_case, head_after
from services.remedy.store import audit as store
from shared.postgres import Connection


class Action(StrEnum):
    """What was done."""

    CASE_OPENED = "case_opened"
    TAKEN_IN = "taken_in"
    READ = "read"
    IDENTITY_ASKED = "identity_asked"
    IDENTITY_GRANTED = "identity_granted"
    IDENTITY_DENIED = "identity_denied"
    IDENTITY_READ = "identity_read"
    ASSIGNED = "assigned"
    UNASSIGNED = "unassigned"
    MOVED = "moved"
    ASSESSED = "assessed"
    CONSENT = "consent"
    CONTACTED = "contacted"
    WROTE = "wrote"
    HEARD = "heard"
    OBJECTED = "objected"
    WITHDREW = "withdrew"
    APPEALED = "appealed"
    REPORTER_READ = "reporter_read"
    PLANNED = "planned"
    CHECKED = "checked"
    EXTENDED = "extended"
    PUBLISHED = "published"
    RELEASED = "released"
    CONTACT_CLEARED = "contact_cleared"
    CONTACT_WITHDRAWN = "contact_withdrawn"
    TAKEN_BACK = "taken_back"
    HELD = "held"
    ERASURE_ASKED = "erasure_asked"
    ERASURE_GRANTED = "erasure_granted"
    ERASURE_DENIED = "erasure_denied"
    COPIED = "copied"
    ERASED = "erased"
    PERSON_ADDED = "person_added"
    PERSON_ENDED = "person_ended"
    PERSON_REKEYED = "person_rekeyed"
    RECUSED = "recused"
    CLOCK = "clock"
    DAY_ENDED = "day_ended"


@dataclass(frozen=True, slots=True)
class Act:
    """One entry. `contents` are the sealed words that say why: the chain holds digests of their ciphertexts.

    `about` is the person to whom it is done. `detail` holds codes, such as roles; never words of anybody.
    """

    action: Action
    person: UUID | None
    case: UUID | None = None
    contents: tuple[UUID, ...] = ()
    about: UUID | None = None
    detail: str = ""


async def record(tx: Connection, acts: Sequence[Act]) -> None:
    """Append entries to the chain; they stand once `tx` has committed, and not without what they tell of.

    Until then all others wait who append: call it last. Raises KeyError where contents are not kept yet.
    """
    if not acts:
        return
    digests = await store.read_digests(tx, {one for act in acts for one in act.contents})
    last = await store.take_turn(tx)
    entries, head = [], last.head
    for position, act in enumerate(acts, last.position + 1):
        entry = Entry(
            position=position,
            at=last.at,
            action=act.action,
            person=act.person,
            case=digest_of_case(act.case) if act.case else None,
            about=act.about,
            detail=act.detail,
            contents=tuple(Content(one, digests[one]) for one in act.contents),
        )
        head = head_after(head, entry)
        entries.append(replace(entry, head=head))
    await store.insert(tx, entries, [act.case for act in acts])
