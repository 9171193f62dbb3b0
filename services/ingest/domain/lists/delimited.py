"""CSV files: from bytes in any encoding to rows of text, whatever separates the columns."""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress

from charset_normalizer import from_bytes

from services.ingest.domain.lists.findings import FileInvalid, Finding, letter
from services.ingest.domain.lists.sheets import LOOKED_AT, Book, Limits, Record, Sheet, within

DELIMITERS = ",;\t|"
SAMPLE = 64 * 1024
"""So many bytes from the first that is not UTF-8 are shown to the guesser of encodings: it is slow."""
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
GUESSES = (
    "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1257", "cp850", "cp437", "mac_roman", "iso8859_2",
    "shift_jis", "euc_jp", "gb18030", "big5", "euc_kr", "cp949", "utf_16_le", "utf_16_be",
)  # fmt: skip
"""The encodings that spreadsheets write where they do not write UTF-8."""
ONE_BYTE = GUESSES[:10]
OTHER_SCRIPTS = ("cp1251", "cp1253")
NO_CHARACTER_SETS = frozenset({"utf-7", "punycode", "idna", "unicode-escape", "raw-unicode-escape", "undefined"})
"""What Python takes for encodings, too: they unfold for hours, or to halves of letters that nothing can store."""
STRANGE = re.compile(
    r"(?<=[^\W\d_])[^\x00-\x7f\w\s\u2010-\u201f]|[a-z](?![a-zA-Z])(?=[À-ÞĀĂĄĆČĎĐĒĖĘĚŁŃŇŌŐŒŘŚŞŠŤŪŮŰŸŹŻŽ])"
)


def read_csv(content: bytes, limits: Limits, encoding: str | None = None) -> Book:
    """The rows of a CSV file; the encoding is found unless given. Raises FileInvalid where they cannot be read."""
    text, used, guessed = decode(content, encoding)
    delimiter = find_delimiter(text)
    records = [one for one in within(read_records(text, delimiter), limits) if not one.blank]
    return Book([Sheet("", records)], used, guessed, delimiter)


def decode(content: bytes, encoding: str | None = None) -> tuple[str, str, bool]:
    """The text of a file, its encoding, and whether that was guessed: by its mark, as UTF-8, else by its letters.

    Raises FileInvalid where the encoding given does not fit or none can be found, at the first byte that is not UTF-8.
    """
    if encoding is not None:
        return decode_as(content, encoding), known_encoding(encoding), False
    for mark, name in MARKS:
        if content.startswith(mark):
            return decode_as(content, name), name, False
    try:
        return content.decode("utf-8"), "utf-8", False
    except UnicodeDecodeError as error:
        return guess(content, error.start)


def known_encoding(name: str) -> str:
    """The codec's own name of a text encoding. Raises FileInvalid where there is none."""
    try:
        found = codecs.lookup(name)
        "".encode(found.name)
    except (LookupError, ValueError):
        raise FileInvalid(Finding("encoding_unknown")) from None
    if found.name in NO_CHARACTER_SETS:
        raise FileInvalid(Finding("encoding_unknown"))
    return found.name


def decode_as(content: bytes, encoding: str) -> str:
    """The text of a file in this encoding. Raises FileInvalid at the first byte that does not fit."""
    known = known_encoding(encoding)
    try:
        return content.decode(known).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode(known, errors="replace")
        raise FileInvalid(locate(before, "encoding_wrong")) from None


def guess(content: bytes, start: int) -> tuple[str, str, bool]:
    """The text of a file that is not UTF-8 from `start` on, in the likeliest encoding that fits all of it.

    Among encodings of one byte per letter that which puts the fewest signs and capitals inside words; else, and where
    two are equal, Cyrillic or Greek where charset-normalizer finds these, else that of Western Europe.
    """
    begin = max(0, start - SAMPLE // 4) & ~3
    sample = content[begin : begin + SAMPLE]
    likely = [one.encoding for one in from_bytes(sample, cp_isolation=list(GUESSES), preemptive_behaviour=False)]
    if likely and likely[0] not in ONE_BYTE:
        ranked = likely
    else:
        script = [name for name in likely[:1] if name in OTHER_SCRIPTS]
        ranked = sorted((*script, *ONE_BYTE), key=lambda name: strangeness(sample.decode(name, "replace")))
    for name in ranked:
        try:
            return content.decode(name), name, True
        except UnicodeDecodeError:
            continue
    raise FileInvalid(locate(content[:start].decode("utf-8-sig", errors="replace"), "not_utf8"))


def strangeness(text: str) -> int:
    """How often a sign that is no letter, or a capital after a small letter, stands beside letters."""
    return len(STRANGE.findall(text))


def locate(text_before: str, code: str) -> Finding:
    """Where a file breaks off, given the text before."""
    delimiter = find_delimiter(text_before)
    before = list(csv.reader(io.StringIO(text_before + ".", newline=""), delimiter=delimiter))
    line = text_before.count("\n") + 1
    return Finding(code, len(before), line, letter(len(before[-1]) - 1))


def find_delimiter(text: str) -> str:
    """What separates the columns: with it most of the first rows have the same number of cells, and more than one."""

    def score(delimiter: str) -> tuple[int, int]:
        rows = csv.reader(io.StringIO(text[:SAMPLE], newline=""), delimiter=delimiter)
        widths: Counter[int] = Counter()
        with suppress(csv.Error):  # an over-long cell: what was counted before it stands
            for row in rows:
                if len(row) > 1:
                    widths[len(row)] += 1
                if rows.line_num > LOOKED_AT:
                    break
        (width, times), *_ = widths.most_common(1) or [(0, 0)]
        return times, width

    return max(DELIMITERS, key=score)


def read_records(text: str, delimiter: str = ",") -> Iterator[Record]:
    """The records of a CSV file; blank lines count as rows. Raises FileInvalid where a quote is not closed."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=delimiter)
    row, line = 0, 1
    while True:
        row += 1
        try:
            cells = next(reader, None)
        except csv.Error:
            raise FileInvalid(Finding("unreadable_csv", row, line)) from None
        if cells is None:
            return
        yield Record(row, line, cells)
        line = reader.line_num + 1
