"""What `POST /imports` answers: the fields of a report. One of sites and one of contracts have counts of their own."""

from typing import Literal

from pydantic import BaseModel, ConfigDict


class Answered(BaseModel):
    """A part of a report; what does not apply is left out."""

    model_config = ConfigDict(extra="forbid")


class RowError(Answered):
    """A row that was rejected. `column` is a name of ours or a letter, `place` a notice's within its file."""

    row: int | None = None
    line: int | None = None
    column: str | None = None
    place: str | None = None
    code: str
    detail: str
    remedy: str


class RowOutcome(Answered):
    """What became of one row. `why` and `review` hold the reasons of a match, and of a question to a person.

    A row or notice of a contract has its `reference`, its id and the `notice` that told it.
    """

    row: int | None = None
    line: int | None = None
    place: str | None = None
    reference: str | None = None
    contract: str | None = None
    notice: str | None = None
    outcome: Literal["accepted", "duplicate", "rejected"]
    edition: str | None = None
    supplier: str | None = None
    supplier_new: bool | None = None
    site: str | None = None
    site_new: bool | None = None
    why: tuple[str, ...] = ()
    review: tuple[str, ...] = ()
    column: str | None = None
    code: str | None = None
    detail: str | None = None
    remedy: str | None = None


class Warned(Answered):
    """What was left aside, guessed or taken from before, and what to do about it where something can be done."""

    code: str
    columns: tuple[str, ...]
    count: int | None = None
    detail: str | None = None
    remedy: str | None = None


class EditionChange(Answered):
    """What one edition of a list changed."""

    edition: str
    accepted: int
    duplicate: int
    sites_gone: int
    kept_because_of_errors: int


class ImportReport(Answered):
    """What an import did, or would do.

    The totals say what holds at the end; `editions` what each of them changed. `sites_known` counts rows that name a
    site known before, `contract_changed` rows that were known and belong to another contract now.
    """

    rows: int
    accepted: int
    duplicate: int
    rejected: int
    errors: tuple[RowError, ...]
    warnings: tuple[Warned, ...]
    list: str
    format: str
    editions: tuple[EditionChange, ...] = ()
    suppliers_new: int = 0
    sites_new: int = 0
    sites_known: int = 0
    sites_gone: int = 0
    kept_because_of_errors: int = 0
    contract_changed: int = 0
    contracts_registered: int = 0
    contracts_ended: int = 0
    outcomes: tuple[RowOutcome, ...] = ()
