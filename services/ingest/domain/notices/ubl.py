"""Finding parts of an eForms notice by the paths of its schema; nothing is found by searching the whole document."""

from xml.etree.ElementTree import Element

from services.ingest.domain.notices.amounts import stated
from services.ingest.domain.notices.notice import Data, clean

UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
TED = "http://data.europa.eu/p27/"
NAMESPACES = {
    "cac": f"{UBL}CommonAggregateComponents-2",
    "cbc": f"{UBL}CommonBasicComponents-2",
    "ext": f"{UBL}CommonExtensionComponents-2",
    "efac": f"{TED}eforms-ubl-extension-aggregate-components/1",
    "efbc": f"{TED}eforms-ubl-extension-basic-components/1",
    "efext": f"{TED}eforms-ubl-extensions/1",
}
EXTENSION = "ext:UBLExtensions/ext:UBLExtension/ext:ExtensionContent/efext:EformsExtension"
RESULT = f"{EXTENSION}/efac:NoticeResult"
PREFERRED = ("NOB", "NOR", "NNO", "ENG")
"""Languages of a text in the order in which they are taken: Norwegian, English, then any other by its code."""


def at(part: Element, path: str) -> Element | None:
    """The first element at a path."""
    return part.find(path, NAMESPACES)


def every(part: Element, path: str) -> list[Element]:
    """All elements at a path, in the order of the document."""
    return part.findall(path, NAMESPACES)


def text(part: Element, path: str) -> str | None:
    """The text of the first element at a path, on one line; None where there is none."""
    found = at(part, path)
    return None if found is None else clean(found.text)


def amount_at(part: Element, path: str) -> Data | None:
    """The only amount at a path, with its currency."""
    found = every(part, path)
    return stated(found[0].text, found[0].get("currencyID")) if len(found) == 1 else None


def languages(part: Element, path: str) -> str | None:
    """The text at a path in the language that is preferred; the same one whatever their order in the file."""
    found = [(one.get("languageID", ""), written) for one in every(part, path) if (written := clean(one.text))]
    return min(found, key=rank)[1] if found else None


def rank(one: tuple[str, str]) -> tuple[int, str, str]:
    language, written = one
    return PREFERRED.index(language) if language in PREFERRED else len(PREFERRED), language, written
