"""Spreadsheets from their recipes: good ones, and ones made to harm whoever opens them."""

import io
import zipfile
from typing import Any

from openpyxl import Workbook

from tests.corpus.cases import CANARY

SHEET = "xl/worksheets/sheet1.xml"
ENTITIES = {
    "bomb": "<!DOCTYPE x ["
    '<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in zip("abcdefgh", "bcdefghi", strict=True))
    + "]>",
    "external": '<!DOCTYPE x [<!ENTITY i SYSTEM "file:///etc/passwd">]>',
}


def workbook_of(recipe: dict[str, Any]) -> bytes:
    """The bytes of a spreadsheet."""
    if "compound" in recipe:
        words = b"".join(word.encode("utf-16-le") for word in recipe["compound"].split())
        return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + words + bytes(600)
    content = spoilt(plain(recipe), recipe)
    return content[: -recipe["cut"]] if "cut" in recipe else content


def plain(recipe: dict[str, Any]) -> bytes:
    """A spreadsheet as its program writes it."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in recipe["rows"]:
        sheet.append(row)
    if "merged" in recipe:
        sheet.merge_cells(recipe["merged"])
    if "hidden" in recipe:
        hidden = book.create_sheet("hidden")
        hidden.sheet_state = "hidden"
        for row in recipe["hidden"]:
            hidden.append(row)
    output = io.BytesIO()
    book.save(output)
    return output.getvalue()


def spoilt(content: bytes, recipe: dict[str, Any]) -> bytes:
    """The same with further entries, or with what no program writes."""
    output = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            new.writestr(entry.filename, changed(old.read(entry), entry.filename, recipe))
        for added in recipe.get("entries", ()):
            new.writestr(added["name"], bytes(added["zeros"]) if "zeros" in added else added["content"])
        for number in range(recipe.get("count", 0)):
            new.writestr(f"x{number}", b"")
    raw = bytearray(output.getvalue())
    if recipe.get("lie"):
        patch(raw, 24, b"\x05\x00\x00\x00")
    if recipe.get("encrypted"):
        patch(raw, 8, b"\x01\x00")
    return bytes(raw)


def changed(content: bytes, name: str, recipe: dict[str, Any]) -> bytes:
    """The first sheet with entities, where the recipe asks for them."""
    if name != SHEET or "entity" not in recipe:
        return content
    text = content.decode().replace(">1 Example Road<", f">{CANARY} &i;<", 1)
    start = text.index("<worksheet")
    return (text[:start] + ENTITIES[recipe["entity"]] + text[start:]).encode()


def patch(raw: bytearray, offset: int, value: bytes) -> None:
    """Overwrite a field of the first entry in the directory of a zip file."""
    at = raw.index(b"PK\x01\x02") + offset
    raw[at : at + len(value)] = value
