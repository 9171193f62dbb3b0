"""Spreadsheets: what is read of them, and that a crafted one harms only the process that reads it."""

import asyncio
import io
import struct
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.ingest.domain.lists.findings import FileInvalid
from services.ingest.domain.lists.sheets import Book, Limits
from services.ingest.domain.lists.spreadsheets import Expansion, read_spreadsheet
from services.ingest.imports.extraction import Bounds, extract, open_file
from tests.ingest.workbooks import rewritten, workbook

LIST = {"list": [("country", "name", "address"), ("NO", "Example Works", "1 Road")]}
SMALL = Bounds(memory=512 << 20, seconds=10)
OSHUB = Path(__file__).parent / "files" / "oshub"


def cells(book: Book) -> list[list[str]]:
    return [record.cells for sheet in book.sheets for record in sheet.records]


async def refused(content: bytes, bounds: Bounds = SMALL) -> str:
    with pytest.raises(FileInvalid) as caught:
        await open_file(content, bounds)
    return caught.value.findings[0].code


async def test_rows_are_counted_as_the_spreadsheet_shows_them() -> None:
    content = workbook({"list": [("a title",), (), ("country", "name"), (), ("NO", "x")]})

    book = await open_file(content, SMALL)

    assert [(record.row, record.cells) for record in book.sheets[0].records] == [
        (1, ["a title"]),
        (3, ["country", "name"]),
        (5, ["NO", "x"]),
    ]


async def test_numbers_days_and_yes_or_no_are_read_as_a_person_would_write_them() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append([7, 1.5, True, None, "x"])
    sheet["D1"] = "=1+1"
    file = io.BytesIO()
    book.save(file)

    found = cells(await open_file(file.getvalue(), SMALL))

    assert found == [["7", "1.5", "TRUE", "", "x"]]  # a formula that no spreadsheet has computed is empty


async def test_hidden_sheets_are_counted_and_not_read() -> None:
    content = workbook({"list": [("a", "b")], "notes": [("secret", "x")]}, hidden=["notes"])

    book = await open_file(content, SMALL)

    assert (cells(book), book.hidden) == ([["a", "b"]], 1)


@pytest.mark.parametrize("name", ["12.xls", "12.xlsx"])
async def test_a_real_list_is_the_same_as_csv_and_as_spreadsheet(name: str) -> None:
    as_csv = cells(await open_file((OSHUB / "12.csv").read_bytes(), SMALL))

    found = await open_file((OSHUB / name).read_bytes(), SMALL)

    assert found.is_spreadsheet
    # The spreadsheets, as published, hold one ordinal sign in a broken encoding; all else is the same.
    assert [[cell.replace("N\u00ac\u222b", "N\u00ba") for cell in row] for row in cells(found)] == as_csv


def with_entry(name: str, content: bytes) -> bytes:
    """A spreadsheet with one more entry."""
    file = io.BytesIO(workbook(LIST))
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return file.getvalue()


def with_many_entries() -> bytes:
    file = io.BytesIO(workbook(LIST))
    with zipfile.ZipFile(file, "a") as archive:
        for number in range(2100):
            archive.writestr(f"xl/{number}", b"")
    return file.getvalue()


def that_lies_about_sizes() -> bytes:
    """An entry that declares a hundred bytes and unfolds to ten million."""
    content = bytearray(with_entry("xl/worksheets/more.xml", b" " * 10_000_000))
    for place in range(len(content) - 4):
        if content[place : place + 4] == struct.pack("<I", 10_000_000):
            content[place : place + 4] = struct.pack("<I", 100)
    return bytes(content)


def with_entities(declared: bytes, used: bytes) -> bytes:
    """A spreadsheet whose sheet declares entities and uses one."""

    def change(name: str, xml: bytes) -> bytes:
        if not name.endswith("sheet1.xml"):
            return xml
        head = b'<?xml version="1.0"?><!DOCTYPE x [' + declared + b"]>"
        return head + xml.partition(b"?>")[2].replace(b"Example Works", used) if b"?>" in xml[:60] else head + xml

    return rewritten(workbook(LIST), change)


def far_apart() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet["A1"], sheet["XFD1048576"] = "x", "y"
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


LAUGHS = b"".join(
    b'<!ENTITY l%d "%s">' % (level, (b"&l%d;" % (level - 1) if level else b"lol") * 10) for level in range(10)
)
CRAFTED: list[tuple[str, Callable[[], bytes], set[str]]] = [
    ("a zip bomb", lambda: with_entry("xl/worksheets/more.xml", b" " * 50_000_000), {"archive_too_large"}),
    ("a lie about sizes", that_lies_about_sizes, {"archive_too_large", "spreadsheet_broken"}),
    ("many entries", with_many_entries, {"archive_too_large"}),
    ("a way out of the folder", lambda: with_entry("../../evil.xml", b"x"), {"archive_names"}),
    ("an absolute name", lambda: with_entry("/etc/evil", b"x"), {"archive_names"}),
    ("an entity bomb", lambda: with_entities(LAUGHS, b"&l9;"), {"spreadsheet_broken", "none"}),
    ("an external entity", lambda: with_entities(b'<!ENTITY e SYSTEM "file:///etc/passwd">', b"&e;"), {"none"}),
    ("cells far apart", far_apart, {"spreadsheet_too_large", "too_many_columns", "too_many_rows"}),
    ("half a file", lambda: workbook(LIST)[:3000], {"spreadsheet_broken"}),
    ("a zip that is no spreadsheet", lambda: rewritten(workbook(LIST), lambda _, __: b"x"), {"spreadsheet_broken"}),
    ("an old file of zeros", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(5000), {"spreadsheet_broken"}),
    (
        "a password",
        lambda: (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
            + "EncryptionInfo".encode("utf-16-le")
            + "EncryptedPackage".encode("utf-16-le")
            + bytes(5000)
        ),
        {"password_protected"},
    ),
]


@pytest.mark.parametrize(("kind", "made", "codes"), CRAFTED, ids=[kind for kind, _, _ in CRAFTED])
async def test_a_crafted_spreadsheet_is_refused_with_a_code_or_read_without_harm(
    kind: str, made: Callable[[], bytes], codes: set[str]
) -> None:
    try:
        found = cells(await open_file(made(), SMALL))
    except FileInvalid as error:
        assert error.findings[0].code in codes | {"spreadsheet_broken"} - {"none"}, kind
    else:
        assert "none" in codes, kind
        assert "root:" not in str(found)
        assert len(str(found)) < 1000


async def test_a_zip_in_a_spreadsheet_is_not_opened() -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb", b" " * 50_000_000)

    assert cells(await open_file(with_entry("xl/embeddings/inner.zip", inner.getvalue()), SMALL))[0][0] == "country"


async def test_a_file_that_takes_more_memory_than_is_given_ends_only_its_own_process() -> None:
    rows = [("NO", f"Example {number}", f"{number} Road") for number in range(20_000)]
    content = workbook({"list": [("country", "name", "address"), *rows]})

    assert await refused(content, Bounds(memory=24 << 20)) == "spreadsheet_too_large"
    assert len(cells(await open_file(workbook(LIST), SMALL))) == 2


async def test_an_answer_that_is_too_long_is_not_taken() -> None:
    rows = [("x" * 1000,)] * 200

    assert await refused(workbook({"list": rows}), Bounds(answer=100_000)) == "too_many_cells"


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        (Limits(rows=1), "too_many_rows"),
        (Limits(columns=2), "too_many_columns"),
        (Limits(cells=90), "too_many_cells"),
        (Limits(characters=6), "cell_too_long"),
    ],
)
async def test_each_limit_of_a_spreadsheet_is_kept(limits: Limits, code: str) -> None:
    content = workbook({"list": [("country", "name", "address"), *[("NO", "x", "y")] * 40]})

    assert await refused(content, Bounds(limits=limits)) == code


def test_the_expansion_is_counted_over_all_entries() -> None:
    content = with_entry("xl/more", bytes(range(256)) * 4)

    with pytest.raises(FileInvalid, match="archive_too_large"):
        read_spreadsheet(content, Limits(), Expansion(bytes=3000))


async def test_the_process_that_reads_has_no_secret(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ENGAGE_DATABASE_DSN", "postgresql://secret")
    spy = tmp_path / "python"
    spy.write_text(f'#!/bin/sh\n/usr/bin/env > {tmp_path}/seen\nexec {sys.executable} "$@"\n')
    spy.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(spy))

    assert len(cells(await extract(workbook(LIST), SMALL))) == 2
    assert "PYTHONPATH" in (tmp_path / "seen").read_text()
    assert "ENGAGE" not in (tmp_path / "seen").read_text()


@settings(max_examples=60, deadline=None)
@given(
    name=st.sampled_from(["12.xls", "12.xlsx"]),
    changes=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=20),
    cut=st.floats(0.5, 1),
)
def test_any_damage_to_a_spreadsheet_gives_rows_or_a_code(
    name: str, changes: list[tuple[float, int]], cut: float
) -> None:
    content = bytearray((OSHUB / name).read_bytes())
    for place, value in changes:
        content[int(place * len(content))] = value

    try:
        found = asyncio.run(open_file(bytes(content[: int(cut * len(content))]), SMALL))
    except FileInvalid as error:
        assert all(one.advice.remedy for one in error.findings)
    else:
        assert found.sheets is not None


@pytest.mark.parametrize(("code", "told"), [(3, "spreadsheet_too_large"), (1, "spreadsheet_broken")])
async def test_how_the_reading_process_ended_is_told(
    code: int, told: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ends = tmp_path / "python"
    ends.write_text(f"#!/bin/sh\ncat > /dev/null\nexit {code}\n")
    ends.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(ends))

    assert await refused(workbook(LIST)) == told


async def test_a_process_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    hangs = tmp_path / "python"
    hangs.write_text("#!/bin/sh\necho $$ > " + str(tmp_path / "pid") + "\nexec sleep 600\n")
    hangs.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(hangs))

    assert await refused(workbook(LIST), Bounds(seconds=1)) == "spreadsheet_too_large"
    assert not Path("/proc", (tmp_path / "pid").read_text().strip()).exists()
