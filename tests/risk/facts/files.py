"""Files of lists: those that ship with the project, those beside it, and small ones about invented things."""

from pathlib import Path

import pytest

from services.risk.domain.facts import ilab_goods
from services.risk.domain.facts.fact import Fact, FactAbout
from services.risk.domain.facts.faults import FactsInvalid
from services.risk.domain.facts.formats import read_facts

ROOT = Path(__file__).parents[3]
GOODS = ROOT / "deploy" / "demo" / "ilab_goods_2022.csv"
HEADER = ",".join(ilab_goods.COLUMNS)
ROW = "Electronics,Manufacturing,Malaysia,Indo-Pacific,No,Yes,No,No,No"
XML_COUNTRY = (
    "<Country><Country_Name>Malaysia</Country_Name><Country_Region>Indo-Pacific</Country_Region><Child_Labor>No</Child_Labor>"
    "<Forced_Labor>Yes</Forced_Labor><Forced_Child_Labor>No</Forced_Child_Labor>"
    "<Derived_Labor_Exploitation>No</Derived_Labor_Exploitation><Derived_Country>No</Derived_Country></Country>"
)
XML = (
    "<Goods><Good><Good_Name>Electronics</Good_Name><Good_Sector>Manufacturing</Good_Sector>"
    f"<Countries>{XML_COUNTRY}</Countries></Good></Goods>"
)


def published(name: str) -> bytes:
    """A published file that is not part of the project; the test says so where it is absent."""
    file = ROOT.parent / "shared" / "data" / "risk" / name
    if not file.exists():
        pytest.skip(f"{name} is not here: it may not ship with the project")
    return file.read_bytes()


def faults(form: str, body: str | bytes, register: str | None = None) -> list[tuple[str, str]]:
    """Where a file is refused, and why."""
    with pytest.raises(FactsInvalid) as refused:
        read_facts(form, body.encode() if isinstance(body, str) else body, register.encode() if register else None)
    assert all(fault.remedy for fault in refused.value.faults)
    return [(fault.place, fault.code) for fault in refused.value.faults]


def good(country: str, measure: str = "forced_labour", name: str = "Electronics", text: str = "as listed") -> Fact:
    """A list names a good of a country."""
    return Fact(FactAbout.GOOD, country, name, measure, text)


def about_country(country: str, measure: str, value: float | None = None, word: str | None = None) -> Fact:
    """A list says something of a country."""
    return Fact(FactAbout.COUNTRY, country, "", measure, f"{country}: {measure}", value, word)


def entity(name: str, country: str | None = "CN", measure: str = "cbp_wro") -> Fact:
    """An authority names a company."""
    return Fact(FactAbout.ENTITY, country, name, measure, f"{name}: {measure}")
