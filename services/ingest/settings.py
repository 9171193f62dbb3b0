"""Settings of ingest, beside those of every service."""

from datetime import timedelta

from pydantic import Field, SecretStr

from shared.settings import Settings

MEBIBYTE = 1024 * 1024


class IngestSettings(Settings):
    """Limits of the doors. They bound memory and the length of one transaction, and are ours."""

    receipt_pepper: SecretStr = Field(
        min_length=32, description="without it nobody can tell from receipts which member sent which sealed box"
    )
    clock_tolerance: timedelta = Field(
        default=timedelta(minutes=5), description="how far a sender's clock may run ahead of the database's"
    )
    self_report_due: timedelta = Field(
        default=timedelta(weeks=6), description="for an answer to a request that names no day; DFØ's for self-reports"
    )
    maximum_events: int = Field(default=1000, description="events in one request")
    maximum_events_bytes: int = Field(default=16 * MEBIBYTE, description="bytes of one request with events")
    maximum_file_bytes: int = Field(default=32 * MEBIBYTE, description="bytes of one list file")
    maximum_rows: int = Field(default=100_000, description="rows of one list file, all of them in one transaction")
    files_at_once: int = Field(default=2, ge=1, description="files read at a time in one process; bounds memory")
    maximum_columns: int = Field(default=256, description="columns of one list file; XLS has no more")
    maximum_cells: int = Field(default=1_000_000, description="cells of one file, of all sheets; bounds memory")
    maximum_characters: int = Field(default=32_767, description="characters of one cell; Excel takes no more")
    maximum_archive_entries: int = Field(default=2000, description="entries of a zipped spreadsheet; most have 10-50")
    maximum_archive_bytes: int = Field(default=256 * MEBIBYTE, description="bytes a zipped spreadsheet unfolds to")
    maximum_archive_ratio: int = Field(default=100, description="how far it unfolds; spreadsheets do some 10-20 times")
    spreadsheet_memory: int = Field(default=512 * MEBIBYTE, description="bytes of the process that reads a spreadsheet")
    spreadsheet_seconds: int = Field(default=20, description="processor time of it; 100,000 rows take three")
    maximum_notices: int = Field(default=10_000, description="contracts in one file of notices, in one transaction")
    maximum_notices_bytes: int = Field(
        default=16 * MEBIBYTE, description="bytes of one file of notices; parsed it takes ten times as much memory"
    )

    requests_at_once: int = Field(default=200, ge=1, description="requests of one key after a pause")
    requests_per_second: float = Field(default=50, gt=0, description="requests of one key in the long run")
    events_at_once: int = Field(default=50_000, ge=1, description="events of one key after a pause")
    events_per_second: float = Field(
        default=5000, gt=0, description="events of one key in the long run; one process takes about as many in all"
    )
    maximum_requests: int = Field(default=200, ge=1, description="requests in hand at a time in one process")
    maximum_bytes_in_hand: int = Field(
        default=64 * MEBIBYTE, description="bytes of all bodies in hand in one process; parsed they take more"
    )
    maximum_header_bytes: int = Field(default=16 * 1024, description="bytes of a request's headers")
    body_within: float = Field(default=20, description="seconds for a body; longer while it comes at body_rate")
    body_rate: int = Field(default=32 * 1024, description="bytes per second below which a body is too slow")
    key_grace: timedelta = Field(
        default=timedelta(days=7), description="how long a key stays valid after it was rotated"
    )
    contact_valid: timedelta = Field(
        default=timedelta(days=30), description="how long a supplier's contact may answer, unless said otherwise; ours"
    )
    answers_per_ask: int = Field(
        default=50, ge=1, description="answers of one contact to one ask, and the last of all that are shown; ours"
    )
    public_address: str | None = Field(
        default=None, description="where suppliers reach this door, for links; without it only on this machine"
    )

    identity_suppliers_same_from: float = Field(
        default=0.9, ge=0, le=1, description="likeness from which two names are one supplier; set on tests/ingest/gold"
    )
    identity_suppliers_review_from: float = Field(
        default=0.75, ge=0, le=1, description="likeness of two names from which a person is asked; set on the same"
    )
    identity_sites_same_from: float = Field(
        default=0.85, ge=0, le=1, description="likeness from which two are one site; set on tests/ingest/gold"
    )
    identity_sites_review_from: float = Field(
        default=0.7, ge=0, le=1, description="likeness of two sites from which a person is asked; set on the same"
    )
