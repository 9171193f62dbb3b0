"""Spreadsheets for the tests, made by openpyxl. All are synthetic and say so in a cell."""

import io
import zipfile
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import openpyxl

SYNTHETIC = "SYNTHETIC test file, no real declaration"
Rows = Iterable[Iterable[Any]]


def workbook(sheets: Mapping[str, Rows], hidden: Iterable[str] = ()) -> bytes:
    """An XLSX file with these sheets."""
    book = openpyxl.Workbook()
    del book[book.sheetnames[0]]
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
        if name in hidden:
            sheet.sheet_state = "hidden"
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def cmrt(*smelters: tuple[Any, ...], company: str = "Example Electronics Ltd", effective: Any = "15-Jan-2026") -> bytes:
    """A conflict minerals declaration: metal, name, country, smelter id and city per smelter."""
    declaration = [
        [SYNTHETIC],
        [],
        ["", "Company Name (*):", "", company],
        ["", "Declaration Scope or Class (*):", "", "A. Company"],
        ["", "Contact Name (*):", "", "Synthetic Contactperson"],
        ["", "Email - Contact (*):", "", "contactperson@example.com"],
        ["", "Effective Date (*):", "", effective],
    ]
    header = [
        "Smelter Identification Number Input Column", "Metal (*)", "Smelter Look-up (*)", "Smelter Name (1)",
        "Smelter Country (*)", "Smelter Identification", "Source of Smelter Identification Number", "Smelter Street",
        "Smelter City", "Smelter Facility Location: State / Province", "Smelter Contact Name", "Smelter Contact Email",
    ]  # fmt: skip
    table: list[list[Any]] = [[SYNTHETIC], [], header]
    for metal, name, country, number, city in smelters:
        table.append(
            ["", metal, name, name, country, number, "RMI", "", city, "", "Synthetic Contactperson", "a@example.com"]
        )
    return workbook({"Instructions": [[SYNTHETIC]], "Declaration": declaration, "Smelter List": table})


SELF_REPORT_HEADER = (
    "Tier", "Component", "Site name", "Address", "Country", "Not disclosed because", "Request sent on",
    "Request sent to", "Answer",
)  # fmt: skip


def self_report(*rows: tuple[Any, ...], date: Any = "2026-01-15", contract: str = "2024/17") -> bytes:
    """A supplier's report on the sites behind one contract."""
    form = [
        [SYNTHETIC],
        ["Supplier", "Example Electronics Ltd"],
        ["Organisation number", "999 888 777"],
        ["Contract reference", contract],
        ["Date", date],
        [],
        SELF_REPORT_HEADER,
    ]
    return workbook({"Report": [*form, *rows]})


def rewritten(content: bytes, change: Callable[[str, bytes], bytes]) -> bytes:
    """A zip file with its entries changed."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as after:
        for entry in before.infolist():
            after.writestr(entry.filename, change(entry.filename, before.read(entry)))
    return file.getvalue()
