"""What can be wrong with a list file or one of its rows; never what was in it."""

from dataclasses import dataclass
from typing import NamedTuple


class Advice(NamedTuple):
    """What a code means and how to mend it."""

    detail: str
    remedy: str


ADVICE = {
    # of the whole file
    "not_utf8": Advice("this byte is not UTF-8", "Save the file as UTF-8, in a spreadsheet as 'CSV UTF-8'."),
    "spreadsheet": Advice("this is a spreadsheet, no CSV file", "Save it from the spreadsheet as 'CSV UTF-8'."),
    "empty_file": Advice("the file has no header", "Send a CSV file whose first line names the columns."),
    "no_rows": Advice("the file has a header and no rows", "Check that the right file was sent."),
    "too_many_rows": Advice("the file has more rows than are taken at once", "Split the list by country."),
    "wrong_delimiter": Advice("the columns are not separated by commas", "Save the file with commas between columns."),
    "column_missing": Advice("this column is required and not there", "Add the column, with this name in the header."),
    "column_twice": Advice("the header has this column twice", "Remove or rename one of the two columns."),
    "header_twice": Advice("the header comes again in mid-file", "Send one list at a time, with one header."),
    "unreadable_csv": Advice("the CSV cannot be read from here on", "Close every quote and double quotes inside text."),
    "edition_older": Advice(
        "a newer edition of this list is already in force", "Send the newest edition, or name another list."
    ),
    "edition_unclear": Advice(
        "an edition is a year, a month or a day, such as 2024 or 2024-06-30",
        "Name the edition so that it can be ordered.",
    ),
    # of one row
    "column_count": Advice("the row has more or fewer cells than the header", "Quote text that holds commas."),
    "value_missing": Advice("this cell is empty", "Fill it in: a site is known by its name, address and country."),
    "too_long": Advice("this cell holds more text than is taken", "Shorten it: a name or address has 200 characters."),
    "forbidden_character": Advice("this cell holds control characters", "Remove what cannot be seen or printed."),
    "country_unknown": Advice("no country is known by this code or name", "Use the ISO 3166 code, such as VN."),
    "year_invalid": Advice("this is not a year", "Give the year of the edition in four digits."),
    "value_invalid": Advice("this cell does not hold what its column is for", "Correct the cell or leave it empty."),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, and where.

    `row` counts as a spreadsheet does: the header is row 1. `line` is the line of the file on which the row starts,
    another number where an earlier cell holds a line break. `column` is one of our names or a spreadsheet's letter.
    """

    code: str
    row: int | None = None
    line: int | None = None
    column: str | None = None

    @property
    def advice(self) -> Advice:
        return ADVICE[self.code]


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
