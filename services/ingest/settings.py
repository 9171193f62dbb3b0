"""Settings of ingest, beside those of every service."""

from datetime import timedelta

from pydantic import Field

from shared.settings import Settings

MEBIBYTE = 1024 * 1024


class IngestSettings(Settings):
    """Limits of the doors. They bound memory and the length of one transaction, and are ours."""

    clock_tolerance: timedelta = Field(
        default=timedelta(minutes=5), description="how far a sender's clock may run ahead of the database's"
    )
    maximum_events: int = Field(default=1000, description="events in one request")
    maximum_events_bytes: int = Field(default=16 * MEBIBYTE, description="bytes of one request with events")
    maximum_file_bytes: int = Field(default=32 * MEBIBYTE, description="bytes of one list file")
    maximum_rows: int = Field(default=100_000, description="rows of one list file, all of them in one transaction")
