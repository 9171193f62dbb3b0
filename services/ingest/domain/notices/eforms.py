"""eForms notices in XML, as TED and Doffin publish them: announced, awarded, modified.

Field numbers (BT, OPT, OPP) are those of the eForms regulation (EU) 2019/1780 and its SDK. One contract per settled
contract and winner. A duration is not turned into an end: renewals are counted apart, and a contract that ended too
early on paper would hide what is disclosed for it.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from xml.etree.ElementTree import Element

from services.ingest.domain.notices.heading import Heading
from services.ingest.domain.notices.notice import (
    LONGEST_NAME,
    Data,
    Notice,
    Notices,
    Unusable,
    as_supplier,
    clean,
    day,
    ended,
    filled,
    label,
)
from services.ingest.domain.notices.organisations import Organisation, identifier
from services.ingest.domain.notices.ubl import RESULT, amount_at, at, every, languages, text
from shared.events.vocabulary import ContractEnd, ContractLevel

ANNOUNCING = frozenset({"PriorInformationNotice", "ContractNotice"})
AWARDING = frozenset({"ContractAwardNotice"})
FRAMEWORKS = frozenset({"fa-mix", "fa-w-rc", "fa-wo-rc"})
"""Codes of BT-765 that say that a lot is a framework agreement."""
PRECEDENCE = (ContractLevel.FRAMEWORK, ContractLevel.UNKNOWN, ContractLevel.SINGLE)
"""The level of an announcement whose lots differ is the first of these."""


def is_eforms(root: Element) -> bool:
    """Whether this is a notice of eForms, by the name of its root in UBL."""
    namespace, _, name = root.tag.rpartition("}")
    return name in ANNOUNCING | AWARDING and namespace.startswith("{urn:oasis:names:specification:ubl:schema:xsd:")


def read_eforms(root: Element, most: int) -> Notices:
    """The contracts that one notice tells of. Raises FileInvalid where these are more than `most`."""
    notices = Notices("eforms", most)
    try:
        heading = Heading(root)
    except Unusable as error:
        notices.add(Notice(1, "", problem=error.problem))
        return notices
    awarded = root.tag.rpartition("}")[2] in AWARDING
    for notice in read_awards(heading) if awarded else (announcement(heading),):
        notices.add(notice)
    return notices


def announcement(heading: Heading, never: bool = False) -> Notice:
    """A contract that is announced and has no supplier yet; with `never` there will be none."""
    levels = {level_of_lot(lot) for lot in heading.lots().values()}
    data = filled(
        reference=heading.reference,
        level=next((level for level in PRECEDENCE if level in levels), ContractLevel.UNKNOWN).value,
        notice=heading.notice,
        title=clean(heading.titles, LONGEST_NAME),
        value=estimated(heading.root),
    )
    end = None
    if never or heading.is_cancelled:
        end = ended(heading.reference, heading.said.date(), ContractEnd.NOT_AWARDED, heading.notice)
    return Notice(1, "", heading.notice, heading.said, data, end, heading.buyers)


def read_awards(heading: Heading) -> Iterator[Notice]:
    """One contract per settled contract and winner."""
    result = at(heading.root, RESULT)
    settled = [] if result is None else every(result, "efac:SettledContract")
    if result is None or not settled:
        yield without_contract(heading, [] if result is None else every(result, "efac:LotResult"))
        return
    outcome = Outcome(heading, result)
    names = Counter(text(contract, "efac:ContractReference/cbc:ID") for contract in settled)
    row = 0
    for position, contract in enumerate(settled):
        winners, lot = outcome.of(contract)
        alone = names[text(contract, "efac:ContractReference/cbc:ID")] == 1 and len(winners) == 1
        place = f"/NoticeResult/SettledContract/{position + 1}"
        for winner in (*winners,) or (None,):
            row += 1
            try:
                value = awarded(outcome.tenders_of(contract)) if len(winners) == 1 else None
                yield award(heading, Settled(contract, winner, lot, alone, value), row, place)
            except Unusable as error:
                yield Notice(row, place, heading.notice, heading.said, problem=error.problem)


def without_contract(heading: Heading, lots: Sequence[Element]) -> Notice:
    """A notice of results that names no contract: without a winner it goes on as announced, or was not awarded."""
    codes = [text(one, "cbc:TenderResultCode") for one in lots]
    if codes and "selec-w" not in codes:
        return announcement(heading, never=all(code == "clos-nw" for code in codes))
    return Notice(1, "", heading.notice, heading.said, problem=Unusable("contract_missing").problem)


class Outcome:
    """The tenders and tendering parties of a notice of results, by their technical ids."""

    def __init__(self, heading: Heading, result: Element) -> None:
        self.organisations = heading.organisations
        self.lots = heading.lots()
        self.tenders = {text(one, "cbc:ID"): one for one in every(result, "efac:LotTender")}
        self.groups = {text(one, "cbc:ID"): one for one in every(result, "efac:TenderingParty")}

    def tenders_of(self, contract: Element) -> list[Element]:
        """The tenders on which a settled contract was concluded (BT-3202)."""
        named = (text(one, "cbc:ID") for one in every(contract, "efac:LotTender"))
        return [self.tenders[name] for name in named if name in self.tenders]

    def of(self, contract: Element) -> tuple[list[Organisation], Element | None]:
        """The organisations that a settled contract binds, by its tenders, and the lot of the first."""
        tenders = self.tenders_of(contract)
        found: dict[str, Organisation] = {}
        for tender in tenders:
            group = self.groups.get(text(tender, "efac:TenderingParty/cbc:ID"))
            for member in [] if group is None else every(group, "efac:Tenderer"):
                if (key := identifier(member)) in self.organisations:
                    found.setdefault(key, self.organisations[key])
        lots = (self.lots.get(text(tender, "efac:TenderLot/cbc:ID") or "") for tender in tenders)
        return list(found.values()), next((lot for lot in lots if lot is not None), None)


@dataclass(frozen=True, slots=True)
class Settled:
    """A settled contract with one of its winners and its lot; `alone` where no other has its reference.

    Its value is told of a single winner alone: nothing says how much of it is whose.
    """

    contract: Element
    winner: Organisation | None
    lot: Element | None
    alone: bool
    value: Data | None = None


def award(heading: Heading, settled: Settled, row: int, place: str) -> Notice:
    """One contract with one winner. Raises Unusable without a winner that can be named."""
    contract, winner, lot = settled.contract, settled.winner, settled.lot
    if winner is None:
        raise Unusable("supplier_missing", "supplier")
    if winner.is_person:
        raise Unusable("supplier_is_a_person", "supplier")
    firm, ignored = as_supplier(winner.name, winner.country, {"organisation_number": winner.number})
    own = text(contract, "efac:ContractReference/cbc:ID") or heading.reference
    reference = label(own) if settled.alone else label(own, winner.number or firm["name"])
    above = text(contract, "cac:NoticeDocumentReference/cbc:ID")
    data = filled(
        reference=reference,
        supplier=firm,
        level=level_of(contract, lot, above).value,
        notice=heading.notice,
        title=clean(languages(contract, "cbc:Title") or heading.titles, LONGEST_NAME),
        starts=planned(lot, "StartDate") or optional_day(text(contract, "cbc:IssueDate")),
        ends=planned(lot, "EndDate"),
        value=settled.value,
    )
    end = None
    if heading.is_cancelled:
        end = ended(reference, heading.said.date(), ContractEnd.NOT_AWARDED, heading.notice)
    return Notice(
        row, place, heading.notice, heading.said, data, end, heading.buyers,
        framework=above, earlier=heading.earlier, ignored=tuple(ignored),
    )  # fmt: skip


def level_of(contract: Element, lot: Element | None, above: str | None) -> ContractLevel:
    """BT-765 of the lot, and BT-768 of the contract: concluded within a framework agreement.

    Converters of older notices set BT-768 for the framework itself; it is one unless it names its framework (OPT-100).
    """
    of_lot = ContractLevel.UNKNOWN if lot is None else level_of_lot(lot)
    within = text(contract, "efbc:ContractFrameworkIndicator") == "true"
    if above is not None or (within and of_lot is not ContractLevel.FRAMEWORK):
        return ContractLevel.CALL_OFF
    return of_lot


def level_of_lot(lot: Element) -> ContractLevel:
    """BT-765: a framework agreement or none; where a notice leaves it out, it is unknown."""
    systems = every(lot, "cac:TenderingProcess/cac:ContractingSystem/cbc:ContractingSystemTypeCode")
    codes = {(one.text or "").strip() for one in systems if one.get("listName") == "framework-agreement"}
    if codes & FRAMEWORKS:
        return ContractLevel.FRAMEWORK
    return ContractLevel.SINGLE if "none" in codes else ContractLevel.UNKNOWN


def estimated(root: Element) -> Data | None:
    """BT-27 of the procedure: the estimated value, where the notice gives it."""
    return amount_at(root, "cac:ProcurementProject/cac:RequestedTenderTotal/cbc:EstimatedOverallContractAmount")


def awarded(tenders: Sequence[Element]) -> Data | None:
    """BT-720 of the only tender: the value of the result, where the notice gives it."""
    return amount_at(tenders[0], "cac:LegalMonetaryTotal/cbc:PayableAmount") if len(tenders) == 1 else None


def planned(lot: Element | None, name: str) -> date | None:
    """BT-536 and BT-537, where the notice gives them as days."""
    return None if lot is None else optional_day(text(lot, f"cac:ProcurementProject/cac:PlannedPeriod/cbc:{name}"))


def optional_day(written: str | None) -> date | None:
    """The day, where one is given. Raises Unusable where it cannot be read."""
    return None if written is None else day(written)
