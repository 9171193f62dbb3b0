"""A contracting process of OCDS as it is known after a release: its parties, level, periods and ends."""

from dataclasses import dataclass
from datetime import date

from services.ingest.domain.notices.amounts import stated
from services.ingest.domain.notices.notice import Data, Unusable, day, label
from services.ingest.domain.notices.parties import identifiers_of, roles_of
from services.ingest.domain.notices.releases import Release, inner, several, written
from shared.events.vocabulary import ContractEnd, ContractLevel


class Process:
    """A contracting process as it is known after one of its releases, with its parts by their ids."""

    def __init__(self, release: Release, known: Data) -> None:
        self.release = release
        self.known = known
        self.notice = label(release.id)
        self.ocid = label(release.ocid)
        self.tender = inner(known, "tender")
        self.parts = {
            name: {written(one, "id"): one for one in several(known, name)}
            for name in ("parties", "awards", "contracts")
        }
        self.framework = framework_of(known)
        self.buyers = self.numbers("buyer", inner(known, "buyer"))
        self.managers = self.numbers("procuringEntity", inner(self.tender, "procuringEntity"))

    def reference(self, own: str) -> str:
        """What an award or contract is known by: its id, with the ocid unless that is in it."""
        return label(own if own.startswith(self.release.ocid) else f"{self.release.ocid} {own}")

    def part(self, name: str, own: str | None) -> Data:
        """An award, contract or party by its id, or an empty one."""
        return {} if own is None else self.parts[name].get(own, {})

    def numbers(self, role: str, reference: Data) -> tuple[str, ...]:
        """The organisation numbers of the parties that have a role or are referred to."""
        named = written(reference, "id")
        found = [
            party
            for own, party in self.parts["parties"].items()
            if role in roles_of(party) or (own is not None and own == named)
        ]
        numbers = (identifiers_of(party)[0].get("organisation_number") for party in found)
        return tuple(dict.fromkeys(one for one in numbers if one))

    def level(self, part: Data | None = None) -> ContractLevel:
        """A call-off names its framework; a framework says so in the techniques of its tender (an OCDS extension)."""
        if self.framework or framework_of(part or {}):
            return ContractLevel.CALL_OFF
        is_framework = inner(self.tender, "techniques").get("hasFrameworkAgreement")
        if is_framework is True:
            return ContractLevel.FRAMEWORK
        return ContractLevel.SINGLE if is_framework is False else ContractLevel.UNKNOWN


def framework_of(part: Data) -> str | None:
    """The ocid of the framework that a process or contract says it belongs to."""
    for related in several(part, "relatedProcesses"):
        relations = related.get("relationship")
        if isinstance(relations, list) and "framework" in relations and (ocid := written(related, "identifier")):
            return label(ocid)
    return None


@dataclass(frozen=True, slots=True)
class Told:
    """An award or contract as it is known after a release, with its award, and how many suppliers it has."""

    process: Process
    known: Data
    award: Data
    is_award: bool
    winners: int

    def title(self) -> str | None:
        return written(self.known, "title") or written(self.award, "title") or written(self.process.tender, "title")

    def value(self) -> Data | None:
        """Its own value, told of a single supplier alone: nothing says how much of it is whose."""
        return value_of(self.known) if self.winners == 1 else None

    def days(self) -> tuple[date | None, date | None]:
        """From when to when it binds. Raises Unusable where a day cannot be read."""
        period = inner(self.known, "period") or inner(self.award, "contractPeriod")
        starts = written(period, "startDate") or written(self.known, "dateSigned")
        return optional_day(starts, "startDate"), optional_day(written(period, "endDate"), "endDate")


def value_of(part: Data) -> Data | None:
    """The value of a tender, award or contract, where it is stated with its currency."""
    value = inner(part, "value")
    return stated(value.get("amount"), value.get("currency"))


def end_of(told: Told, ends: date | None) -> ContractEnd | None:
    """Why a contract no longer binds, or None.

    In OCDS `terminated` is also a contract that was completed: it expired where its period was over. A cancelled one
    was never signed.
    """
    status, release = written(told.known, "status"), told.process.release
    if told.is_award:
        return ContractEnd.NOT_AWARDED if status in ("cancelled", "unsuccessful") else None
    if status == "cancelled":
        return ContractEnd.NOT_AWARDED
    if status == "terminated" or "contractTermination" in release.tags:
        is_over = ends is not None and ends <= release.date.date()
        return ContractEnd.EXPIRED if is_over else ContractEnd.TERMINATED
    return None


def end_day(said: date, ends: date | None, reason: ContractEnd) -> date:
    """The day of an end: that of the period where it is over, else that of the release that says so."""
    return ends if reason is ContractEnd.EXPIRED and ends is not None else said


def optional_day(text: str | None, column: str) -> date | None:
    """The day, where one is given. Raises Unusable where it cannot be read."""
    try:
        return None if text is None else day(text)
    except Unusable:
        raise Unusable("date_invalid", column) from None
