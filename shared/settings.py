"""Settings of a service: from the environment (`ENGAGE_...`), secrets only from files in `ENGAGE_SECRETS_DIR`."""

import os
from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What every service needs; a service adds its own in a subclass. Durations are seconds."""

    model_config = SettingsConfigDict(env_prefix="ENGAGE_", extra="ignore", hide_input_in_errors=True)

    kafka_bootstrap: str
    database_dsn: SecretStr
    http_host: str = "127.0.0.1"
    http_port: int = Field(default=8000, ge=0, le=65535)
    log_level: str = "INFO"

    operator_key_sha256: SecretStr | None = Field(
        default=None, description="digest of the key that operators' commands carry"
    )
    dead_letter_key: SecretStr | None = Field(
        default=None, description="X25519 public key (base64) to which payloads of restricted dead letters are sealed"
    )

    batch_size: int = Field(
        default=2000, description="records taken from Kafka at once; beyond 2,000 nothing is gained"
    )
    batch_timeout_ms: int = Field(default=5, description="pause after a poll of a second that found nothing")
    handler_attempts: int = Field(
        default=3, description="delayed attempts before an event is isolated as a dead letter"
    )
    offsets_every: float = Field(default=0.5, description="offset commits are lazy: the inbox is the truth")
    stuck_after: float = Field(default=30, description="no progress with lag for this long ends the process")
    drain_within: float = Field(default=15, description="time for the running batch at shutdown or rebalance")
    relay_batch: int = 2000
    relay_heartbeat_stale: float = Field(default=10, description="a relay silent for this long loses its lock")
    pool_size: int = 6

    @classmethod
    def load(cls) -> Self:
        """Read the environment and the secrets folder. Raises pydantic's ValidationError, naming what is missing."""
        folder = os.environ.get("ENGAGE_SECRETS_DIR")
        return cls(_secrets_dir=Path(folder) if folder else None)
