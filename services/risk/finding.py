"""Which subject a person means, of all that this reader may know of."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from services.risk.domain.facts.catalogue import Catalogue
from services.risk.domain.model import Model
from services.risk.domain.sites import NOBODY, product_key
from services.risk.domain.subjects import Known, SubjectKind, longest_word, meant
from services.risk.settings import RiskSettings
from services.risk.store import subjects
from services.risk.touched import Reader
from shared.events.reading import as_id
from shared.postgres import Connection


class SubjectUnknown(Exception):
    """Nothing that the reader may know of has this id; the same for what is another's as for what does not exist."""


class Ambiguous(Exception):
    """A name means several: `candidates`."""

    def __init__(self, candidates: tuple[Known, ...]) -> None:
        super().__init__()
        self.candidates = candidates


class Elsewhere(Ambiguous):
    """What bears the name is known to be in another country than was asked: `candidates`."""


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks for what: a connection in one snapshot, the reader (None: all members), and how many sites to show."""

    tx: Connection
    reader: Reader | None
    country: str | None
    sites: int
    settings: RiskSettings
    catalogue: Catalogue
    model: Model

    @property
    def audiences(self) -> list[str]:
        """Whose disclosures are read."""
        return [""] if self.reader is None else ["", self.reader]


async def find(asking: Asking, subject: str) -> Known | None:
    """What a subject is; None where it is a name that nothing bears. Raises SubjectUnknown, Ambiguous."""
    text = subject.strip()
    if (one := as_id(text)) is not None:
        if (known := await subjects.find_by_id(asking.tx, one, asking.audiences)) is None:
            raise SubjectUnknown
        return known
    found: Sequence[Known] = ()
    if asking.reader is not None:
        found = await subjects.find_contracts(asking.tx, text, asking.audiences)
    if not found and await subjects.sites_of_product(asking.tx, product_key(text), asking.audiences):
        return Known(SubjectKind.PRODUCT, NOBODY, text)
    if not found:
        named = await subjects.find_by_word(asking.tx, longest_word(text), asking.audiences)
        found = meant(named, text, asking.country)
    if len(found) > 1:
        raise Ambiguous(tuple(found))
    if asking.country and found and asking.country not in (places := await countries_of(asking, found[0])) and places:
        raise Elsewhere((replace(found[0], country=places[0]),))
    return found[0] if found else None


async def countries_of(asking: Asking, known: Known) -> list[str]:
    """The countries in which a site or supplier is known to be; none for anything else."""
    if known.kind is not SubjectKind.SUPPLIER:
        return [known.country] if known.country else []
    rows = await subjects.names_of(asking.tx, known.id, asking.audiences)
    return sorted({row["country"] for row in rows if row["country"]})
