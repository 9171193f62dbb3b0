"""Lists as people really send them, and files made to harm: what is refused, row by row or as a whole."""

import base64
import random
from collections.abc import Iterator
from typing import Any

from tests.corpus.cases import CANARY
from tests.corpus.making.syntax import HTTP, Made

HEADER = "country,name,address,sector"
GOOD = "NO,Example Works $ID,1 Example Road,Electronics"
NOBODY = "0b8f7a3e-53f7-4d0c-9d5f-0d6c1f5b7a64"
Finding = tuple[str, int | None, str | None]


def taken(accepted: int, *rejected: Finding, duplicate: int = 0) -> dict[str, Any]:
    """A file that was imported but for these rows."""
    rows = accepted + duplicate + len(rejected)
    counts = {"status": 200, "rows": rows, "accepted": accepted, "duplicate": duplicate}
    return counts | {"errors": [list(one) for one in rejected]}


def refused_whole(*findings: Finding) -> dict[str, Any]:
    """A file of which nothing was taken."""
    return {"status": 422, "code": "file_invalid", "errors": [list(one) for one in findings]}


def file(content: Any, expected: dict[str, Any], **query: str) -> Made:
    """A file with what is said of it."""
    return HTTP, {"file": {"content": content, "query": query}}, expected


def lines(*rows: str, header: str = HEADER, end: str = "\n") -> str:
    return "".join(f"{row}{end}" for row in (header, *rows))


def row(**cells: str) -> str:
    """A row with these cells instead of the good ones."""
    found = dict(zip(HEADER.split(","), GOOD.split(","), strict=True)) | cells
    return ",".join('"' + cell.replace('"', '""') + '"' for cell in found.values())


def csv(_draw: random.Random) -> Iterator[Made]:
    yield from cells()
    yield from shapes()
    yield from encodings()
    yield from large()
    yield from options()


def cells() -> Iterator[Made]:
    """One cell of the second row is wrong, or only looks so; the third row is taken all the same."""
    for words in (
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "=cmd|'/c calc'!A1",
        "＝1＋1",
        "{{7*7}}",
        "<script>",
        "a;b|c",
        "'; --",
    ):
        yield file(lines(row(name=f"{words} $ID"), GOOD), taken(2))
    yield file(lines(row(address=f" 1 Example Road {CANARY} ")), taken(1))
    for column in ("country", "name", "address"):
        for nothing in ("", " ", "\u00a0"):
            yield file(lines(row(**{column: nothing}), GOOD), taken(1, ("value_missing", 2, column)))
    for column in ("name", "address"):
        yield file(lines(row(**{column: "x" * 201}), GOOD), taken(1, ("too_long", 2, column)))
        for character in ("\x07", "\u202e", "\u2028", "\x1b[31m", "\x7f"):
            bad = row(**{column: f"a{character}{CANARY}"})
            yield file(lines(bad, GOOD), taken(1, ("forbidden_character", 2, column)))
    for country in ("XX", "Atlantis", CANARY, "N0", "EU", "NOR WAY"):
        yield file(lines(row(country=country), GOOD), taken(1, ("country_unknown", 2, "country")))
    for country in ("NO", "no", "Norway", "NOR", "norway ", "Türkiye"):
        yield file(lines(row(country=country)), taken(1))
    for name in ("---", "???", "\u200b"):
        yield file(lines(row(name=name), GOOD), taken(1, ("name_unreadable", 2, "name")))


def shapes() -> Iterator[Made]:
    """Headers, quotes and delimiters."""
    yield file(lines(GOOD, GOOD), taken(1, duplicate=1))
    yield file(lines(f"{GOOD},{CANARY}", GOOD), taken(1, ("column_count", 2, "E")))
    yield file(lines("NO,Example", GOOD), taken(1, ("column_count", 2, "C")))
    for end in ("\n", "\r\n", "\r"):
        yield file(lines(GOOD, end=end), taken(1))
    for delimiter in (";", "\t", "|"):
        yield file(lines(GOOD).replace(",", delimiter), taken(1))
    yield file(f"List of {CANARY}\n\n{lines(GOOD)}", taken(1))
    yield file(f"{lines(GOOD)}\n\n\n", taken(1))
    yield file(lines(GOOD, header=HEADER.upper()), taken(1))
    yield file(lines(GOOD, header="sector,address,name,country"), taken(0, ("country_unknown", 2, "country")))
    yield file(lines(f'NO,"{CANARY},x,y'), refused_whole(("unreadable_csv", 2, None)))
    yield file(lines(f'NO,"a" {CANARY},x,y'), refused_whole(("unreadable_csv", 2, None)))
    yield file(lines(GOOD, HEADER, GOOD), refused_whole(("header_twice", 3, None)))
    yield file(lines(f"{GOOD},x", header=f"{HEADER},name"), refused_whole(("column_twice", 1, "name")))
    yield file(lines(), refused_whole(("no_rows", 1, None)))
    for nothing in ("", "\n\n", " ", ",,,\n"):
        yield file(nothing, refused_whole(("empty_file", 1, None)))
    yield file(f"<html>{CANARY}</html>", refused_whole(("notice_unknown", None, None)))
    for stranger in (
        CANARY,
        f"a,b,c\n{CANARY},2,3\n",
        f"SELECT {CANARY}",
    ):
        yield file(stranger, refused_whole(("header_unknown", 1, None)))
    for document in (f"%PDF-1.7 {CANARY}", f"GIF89a {CANARY}", f"country,name,address\0 {CANARY}"):
        yield file(document, refused_whole(("not_a_table", None, None)))


def encodings() -> Iterator[Made]:
    """What editors and spreadsheets save as."""
    text = lines(row(name="Exämple Électronics $ID Größe"))
    for raw in (text.encode("cp1252"), b"\xef\xbb\xbf" + text.encode(), text.encode("utf-16"), text.encode("utf-32")):
        yield file({"base64": base64.b64encode(raw).decode()}, taken(1))
    yield file({"base64": base64.b64encode(text.encode("cp1252")).decode()}, taken(1), encoding="cp1252")
    for encoding in (CANARY, "rot13", "base64", "zlib"):
        yield file(lines(GOOD), refused_whole(("encoding_unknown", None, None)), encoding=encoding)
    wrong = base64.b64encode(lines(row(name="Gr\u00f6\u00dfe")).encode("cp1252")).decode()
    yield file({"base64": wrong}, refused_whole(("encoding_wrong", 2, "B")), encoding="utf-8")


def large() -> Iterator[Made]:
    """More than is taken at once."""
    many: list[Any] = [f"{HEADER}\n", {"repeat": "NO,A,B,C\n", "times": 150_000}]
    yield file(many, refused_whole(("too_many_rows", 100_032, None)))
    wide = [f"{HEADER}", {"repeat": ",x", "times": 300}, f"\n{GOOD}\n"]
    yield file(wide, refused_whole(("too_many_columns", 1, None)))
    yield file(
        [f'{HEADER}\nNO,"', {"repeat": "x", "times": 33_000}, '",b,c\n'], refused_whole(("cell_too_long", 2, None))
    )
    huge = [f"{HEADER}\n", {"repeat": "x" * 1024, "times": 33 * 1024}]
    yield file(huge, {"status": 413, "code": "too_large", "errors": []})


def options() -> Iterator[Made]:
    """What is said beside the file."""
    invalid = {"status": 422, "code": "schema_invalid"}
    for name in ("unknown", "member", "dry-run"):
        yield file(lines(GOOD), invalid | {"errors": [["extra_forbidden", None, None]]}, **{name: CANARY})
    yield file(lines(GOOD), invalid | {"errors": [["bool_parsing", None, None]]}, dry_run=CANARY)
    yield file(lines(GOOD), invalid | {"errors": [["uuid_parsing", None, None]]}, request=CANARY)
    yield file(lines(GOOD), refused_whole(("request_unknown", None, None)), request=NOBODY)
    for edition in (CANARY, "20", "2026-13", "2026-01-1"):
        yield file(lines(GOOD), refused_whole(("edition_unclear", None, None)), edition=edition)
    for mapping in (CANARY, "name", "=name", f"A={CANARY}"):
        yield file(lines(GOOD), refused_whole(("mapping_invalid", None, None)), map=mapping)
    yield file(
        lines(GOOD, header=f"{CANARY},b,c,d"),
        refused_whole(("field_unmapped", 1, "country"), ("field_unmapped", 1, "address")),
        map="B=name",
    )
    bad = row(country="XX")
    yield file(lines(bad, GOOD), refused_whole(("country_unknown", 2, "country")), strict="true")
    yield file(lines(GOOD), taken(1), dry_run="true")


def workbook(_draw: random.Random) -> Iterator[Made]:
    header, good = HEADER.split(","), GOOD.split(",")
    broken, names = refused_whole(("spreadsheet_broken", None, None)), refused_whole(("archive_names", None, None))
    large = refused_whole(("archive_too_large", None, None))
    locked, nothing = refused_whole(("password_protected", None, None)), refused_whole(("empty_file", 1, None))
    yield file({"rows": [header, good]}, taken(1))
    yield file({"rows": [[f"List of {CANARY}"], [], header, good]}, taken(1))
    yield file({"rows": [header, good, good]}, taken(1, duplicate=1))
    yield file({"rows": [header, ["XX", *good[1:]], good]}, taken(1, ("country_unknown", 2, "country")))
    yield file({"rows": [header, ["NO", "", *good[2:]], good]}, taken(1, ("value_missing", 2, "name")))
    for formula in ("=1+1", '=HYPERLINK("http://x")', "=cmd|'/c calc'!A1", "=WEBSERVICE(A1)"):
        yield file({"rows": [header, ["NO", formula, *good[2:]], good]}, taken(1, ("value_missing", 2, "name")))
    yield file({"rows": [header, ["NO", 7, *good[2:]]]}, taken(1))
    yield file({"rows": [header, good], "hidden": [[CANARY]]}, taken(1))
    yield file({"rows": [header, good], "merged": "A5:B6"}, taken(1))
    for name in ("xl/vbaProject.bin", "xl/externalLinks/externalLink1.xml", "nested.zip", "xl/media/image1.png"):
        yield file({"rows": [header, good], "entries": [{"name": name, "content": CANARY}]}, taken(1))
    for name in ("../../etc/x", "/etc/x", "xl/../../x", "..\\x", "C:x"):
        yield file({"rows": [header, good], "entries": [{"name": name, "content": CANARY}]}, names)
    for size in (8, 64):
        yield file({"rows": [header, good], "entries": [{"name": "x", "zeros": size << 20}]}, large)
    yield file({"rows": [header, good], "count": 3000}, large)
    yield file({"rows": [header, good], "lie": True}, broken)
    for part in (10, 100, 1000):
        yield file({"rows": [header, good], "cut": part}, broken)
    yield file({"rows": [header, good], "encrypted": True}, locked)
    yield file({"compound": "EncryptedPackage EncryptionInfo"}, locked)
    yield file({"compound": CANARY}, broken)
    for raw in (b"PK\x03\x04", b"PK\x05\x06" + bytes(18), b"PK\x03\x04" + bytes(5000), b"PK\x05\x06"):
        yield file({"base64": base64.b64encode(raw).decode()}, broken)
    yield file({"rows": []}, nothing)
    yield file({"rows": [header]}, refused_whole(("no_rows", 1, None)))
    for entity in ("bomb", "external"):
        yield file({"rows": [header, good], "entity": entity}, broken)
