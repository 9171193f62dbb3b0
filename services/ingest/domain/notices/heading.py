"""What holds for a whole eForms notice: which it is, when it was sent, who buys, what the procurement is called."""

from collections.abc import Iterator
from datetime import UTC, datetime
from xml.etree.ElementTree import Element

from services.ingest.domain.notices.notice import Unusable, day, label
from services.ingest.domain.notices.organisations import organisations_of, referred
from services.ingest.domain.notices.ubl import EXTENSION, every, languages, text


class Heading:
    """What holds for the whole notice: who buys, which notice it is, and what the procurement is called."""

    def __init__(self, root: Element) -> None:
        """Raises Unusable where the notice has no id or no date."""
        self.root = root
        identity = text(root, "cbc:ID")
        if identity is None:
            raise Unusable("id_missing", "notice")
        self.notice = label("-".join(part for part in (identity, text(root, "cbc:VersionID")) if part))
        self.said = moment(text(root, "cbc:IssueDate"), text(root, "cbc:IssueTime"))
        self.organisations = organisations_of(root)
        self.buyers = tuple(self.numbers(every(root, "cac:ContractingParty/cac:Party")))
        self.folder = text(root, "cbc:ContractFolderID")
        self.internal = text(root, "cac:ProcurementProject/cbc:ID")
        self.reference = label(self.internal or self.folder or identity)
        self.earlier = tuple(dict.fromkeys(label(one) for one in (self.internal, self.folder) if one is not None))
        self.titles = languages(root, "cac:ProcurementProject/cbc:Name")
        changes = every(root, f"{EXTENSION}/efac:Changes/efac:ChangeReason")
        self.is_cancelled = any(text(change, "cbc:ReasonCode") == "cancel" for change in changes)

    def numbers(self, parties: list[Element]) -> Iterator[str]:
        """The organisation numbers of parties that are only referred to."""
        for party in parties:
            known = self.organisations.get(referred(party))
            if known is not None and known.number is not None:
                yield known.number

    def lots(self) -> dict[str, Element]:
        """The lots by their technical id."""
        found = every(self.root, "cac:ProcurementProjectLot")
        return {name: lot for lot in found if (name := text(lot, "cbc:ID")) is not None}


def moment(on: str | None, at_time: str | None) -> datetime:
    """BT-05, a date and a time with their offsets; without a time the day begins. Raises Unusable."""
    written = day(on)
    offset = (on or "").strip()[10:]
    clock = (at_time or "").strip() or f"00:00:00{offset}"
    try:
        read = datetime.fromisoformat(f"{written.isoformat()}T{clock}")
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Unusable("date_invalid", "said") from None
