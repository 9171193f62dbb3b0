"""What can be wrong with a list file or one of its rows; never what was in it."""

from dataclasses import dataclass
from typing import NamedTuple

from services.ingest.domain.events.remedies import REMEDIES


class Advice(NamedTuple):
    """What a code means and how to mend it."""

    detail: str
    remedy: str


ADVICE = {
    # of the whole file
    "not_utf8": Advice(
        "this byte is not UTF-8, and no other encoding fits", "Name it with --encoding, or save as 'CSV UTF-8'."
    ),
    "encoding_wrong": Advice("this byte does not fit the encoding that was named", "Name another, or leave it out."),
    "encoding_unknown": Advice("no text encoding has this name", "Name one such as utf-8, cp1252 or shift_jis."),
    "empty_file": Advice("the file has no header", "Send a file whose first rows name the columns."),
    "not_a_table": Advice(
        "the file is neither a table nor a notice",
        "Send CSV, XLSX, ODS or XLS, or a notice as JSON or XML; name the encoding of a text with --encoding.",
    ),
    "no_rows": Advice("the file has a header and no rows", "Check that the right file was sent."),
    "too_many_rows": Advice("the file has more rows than are taken at once", "Split the list by country."),
    "too_many_columns": Advice("a row has more columns than are taken", "Remove the columns that are not needed."),
    "too_many_cells": Advice("the file has more cells than are taken at once", "Split the list, or remove columns."),
    "cell_too_long": Advice("a cell of this row is longer than is taken", "Close every quote, or shorten the cell."),
    "header_unknown": Advice(
        "no row near the beginning names columns that are known",
        "Say which column holds what; engage import --show-fields lists the fields.",
    ),
    "column_missing": Advice("this column is required and not there", "Add the column, or say which one holds it."),
    "column_twice": Advice("the header has this column twice", "Remove or rename one of the two columns."),
    "header_twice": Advice("the header comes again in mid-file", "Send one list at a time, with one header."),
    "unreadable_csv": Advice("the CSV cannot be read from here on", "Close every quote and double quotes inside text."),
    "mapping_invalid": Advice(
        "a mapping is a column, an equals sign and one of the fields", "engage import --show-fields lists the fields."
    ),
    "mapping_twice": Advice("a field is mapped from two columns", "Map each field once."),
    "mapped_column_missing": Advice(
        "no row near the beginning has all the columns that were mapped",
        "Give each column as its header has it, or by its letter.",
    ),
    "field_unmapped": Advice("no column is mapped to this field, which is required", "Map a column to it."),
    "declaration_missing": Advice(
        "this is a smelter list without the name of the company that declares it",
        "Send the whole template, with its declaration filled in.",
    ),
    "risk_facts": Advice(
        "these are public facts about countries, goods or companies, no list of sites",
        "An operator loads them: engage facts load.",
    ),
    "password_protected": Advice("the spreadsheet is protected by a password", "Save it without one."),
    "spreadsheet_broken": Advice("the spreadsheet cannot be read", "Open it, save it anew as XLSX, or as 'CSV UTF-8'."),
    "spreadsheet_too_large": Advice(
        "reading the spreadsheet takes more memory or time than is given", "Save its list alone, as 'CSV UTF-8'."
    ),
    "archive_too_large": Advice(
        "the spreadsheet unfolds to far more than its size", "Save its list alone, as 'CSV UTF-8'."
    ),
    "archive_names": Advice("the file holds entries that no spreadsheet has", "Save it anew from a spreadsheet."),
    "edition_older": Advice(
        "a newer edition of this list is already in force", "Send the newest edition, or name another list."
    ),
    "edition_unclear": Advice(
        "an edition is a year, a month or a day, such as 2024 or 2024-06-30",
        "Name the edition so that it can be ordered.",
    ),
    "request_unknown": Advice("you made no request with this receipt", "Give the receipt of your own request."),
    # of a file of notices
    "json_unreadable": Advice("the file is no JSON", "Save it as JSON in UTF-8, without NaN."),
    "key_twice": Advice("a key stands twice in one object", "Ask its publisher which of the two holds."),
    "xml_unreadable": Advice(
        "the file is no XML, or has a document type or entities", "Take the notice as it is published, unchanged."
    ),
    "too_deep": Advice("objects lie in each other more than 32 times", "Take the file as its standard has it."),
    "notice_unknown": Advice(
        "this is no notice of a kind that is known",
        "Send an OCDS package, an eForms notice, Doffin's JSON, or contracts as rows.",
    ),
    "no_notices": Advice("the file holds no notice", "Check that the right file was sent."),
    "too_many_notices": Advice("the file tells of more contracts than are taken at once", "Split the file."),
    "notices_too_large": Advice("the file is larger than a file of notices may be", "Split the file."),
    # of one row
    "column_count": Advice(
        "the row has more or fewer cells than the header",
        "With more, put quotes around text that holds the separator; with fewer, write one for each empty cell.",
    ),
    "value_missing": Advice("this cell is empty", "Fill it in: a site is known by its name, address and country."),
    "too_long": Advice("this cell holds more text than is taken", "Shorten it: a name or address has 200 characters."),
    "name_unreadable": Advice("this name has no letter and no digit", "Give the name as it is registered."),
    "forbidden_character": Advice("this cell holds control characters", "Remove what cannot be seen or printed."),
    "country_unknown": Advice("no country is known by this code or name", "Use the ISO 3166 code, such as VN."),
    "year_invalid": Advice("this is not a year", "Give the year of the edition in four digits."),
    "day_invalid": Advice("this is no day, or one that can be read in two ways", "Write it as 2026-01-31."),
    "word_unknown": Advice("this word is not known here", "engage import --show-fields lists the words of each field."),
    "value_invalid": Advice("this cell does not hold what its column is for", "Correct the cell or leave it empty."),
    "site_and_none": Advice("a site is named and said not to be disclosed", "Leave one of the two empty."),
    "proof_missing": Advice(
        "nothing shows that the site was asked for",
        "Say when which company was asked, and what it answered: asked_on, asked_company, answer.",
    ),
    "smelter_unidentified": Advice(
        "the declaring company does not know the smelter yet", "Ask it again; no site is named by this row."
    ),
}
OF_IDS = Advice("this id cannot be one of its scheme", "Copy it again from its register.")
"""For the codes of `identifiers`, whose remedies the doors know."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, and where.

    `row` counts as a spreadsheet does: the header is row 1. `line` is the line of the file on which the row starts,
    another number where an earlier cell holds a line break. `column` is one of our names or a spreadsheet's letter.
    `hint` says how it may be mended, in our own words.
    """

    code: str
    row: int | None = None
    line: int | None = None
    column: str | None = None
    hint: str | None = None

    @property
    def advice(self) -> Advice:
        """What to say of it; a hint, made of our own words, ends the remedy."""
        known = ADVICE.get(self.code) or OF_IDS._replace(remedy=REMEDIES.get(self.code, OF_IDS.remedy))
        return known if self.hint is None else known._replace(remedy=f"{known.remedy} Perhaps: {self.hint}")


class FileInvalid(ValueError):
    """A file that cannot be imported at all."""

    def __init__(self, *findings: Finding) -> None:
        super().__init__(findings[0].code)
        self.findings = findings


class CellInvalid(ValueError):
    """A cell for which its row is rejected."""

    def __init__(self, code: str, column: str) -> None:
        super().__init__(code)
        self.code = code
        self.column = column


def letter(position: int) -> str:
    """The name that a spreadsheet gives to the column at this position, counted from 0: A, B ... Z, AA."""
    found = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        found = chr(ord("A") + rest) + found
    return found
