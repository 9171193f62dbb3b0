"""What each mail may say: one closed model of variables per letter, and a subject that holds nothing of anybody's.

What is not a field here cannot get into a mail: intents are written from these models and read back through them.
"""

from abc import abstractmethod
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, StringConstraints

from shared.events.remedy.words import MailKind
from shared.events.values import PRINTABLE, Count, Country, Grade, Name, SeverityParts, Uri, Value
from shared.events.vocabulary import Category, Instrument, SourceClass

Line = Annotated[str, StringConstraints(max_length=1200, pattern=PRINTABLE)]
Reference = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{6,40}$")]


class Template(StrEnum):
    """The kinds of mail; also the label of metrics."""

    FLAG_SERIOUS = "flag_serious"
    RESTRICTED_TESTIMONY_RECEIVED = "restricted_testimony_received"
    RESTRICTED_DEADLINE_APPROACHING = "restricted_deadline_approaching"
    RESTRICTED_DEADLINE_MISSED = "restricted_deadline_missed"
    RESTRICTED_REPORTER_WROTE = "restricted_reporter_wrote"
    RESTRICTED_URGENT = "restricted_urgent"
    RESTRICTED_DECISION_AWAITED = "restricted_decision_awaited"
    RESTRICTED_OTHER = "restricted_other"
    DIGEST = "digest"


class Letter(Value):
    """The variables of one letter."""

    model_config = ConfigDict(extra="forbid")

    @property
    @abstractmethod
    def subject(self) -> str:
        """The Subject: our own words, and ids or times of our own making."""

    @property
    @abstractmethod
    def layout(self) -> str:
        """The name of the files that lay it out, `<layout>.txt` and `<layout>.html`."""


class SeriousFlag(Letter):
    """A serious flag from a published source: members may know all of it. `reports` tell of the same, with this one."""

    flag: UUID
    supplier: Name
    category: Category
    severity: Grade
    parts: SeverityParts
    source: SourceClass
    site: UUID | None = None
    site_name: Name | None = None
    country: Country | None = None
    instruments: tuple[Instrument, ...] = ()
    headline: Name | None = None
    evidence: tuple[Uri, ...] = ()
    reports: Count = 1

    @property
    def subject(self) -> str:
        return f"Engage: a serious risk flag ({str(self.flag)[-8:]})"

    @property
    def layout(self) -> str:
        return "flag_serious"


class RestrictedMatter(Letter):
    """A matter of which a mail may tell the reference, the kind and the day it is due, and nothing else.

    The subject is the same for all, and so is the length of the mail: neither tells one matter from another.
    """

    reference: Reference
    kind: MailKind
    due: date

    @property
    def subject(self) -> str:
        return "Engage: a matter needs attention"

    @property
    def layout(self) -> str:
        return "restricted"


class Group(Value):
    """Entries of one kind that belong together: how many there are, and the first of them by name."""

    heading: Line
    total: Count
    names: tuple[Line, ...] = ()

    @property
    def more(self) -> int:
        """How many are not named."""
        return max(0, self.total - len(self.names))


class SupplierChange(Value):
    """How many sites of a supplier came to be known, went, or were not disclosed."""

    supplier: Name
    added: Count = 0
    gone: Count = 0
    not_disclosed: Count = 0


class Digest(Letter):
    """What happened in one window, grouped by what a reader has to do about it."""

    until: datetime
    since: datetime | None = None
    proposed: tuple[Group, ...] = ()
    flagged: tuple[Group, ...] = ()
    opened: tuple[Group, ...] = ()
    raised: tuple[Group, ...] = ()
    withdrawn: tuple[Group, ...] = ()
    suppliers: tuple[SupplierChange, ...] = ()
    further_suppliers: Count = 0
    added: Count = 0
    gone: Count = 0
    not_disclosed: Count = 0

    @property
    def subject(self) -> str:
        return f"Engage: digest to {self.until.astimezone(UTC):%Y-%m-%d %H:%M} UTC"

    @property
    def layout(self) -> str:
        return "digest"


LETTERS: dict[Template, type[Letter]] = {
    template: RestrictedMatter if template.startswith("restricted_") else SeriousFlag for template in Template
} | {Template.DIGEST: Digest}
