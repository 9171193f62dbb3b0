"""What can be set for `remedy`, with units and where the defaults come from."""

from datetime import timedelta
from typing import Self

from pydantic import Field, SecretStr, field_validator, model_validator

from services.remedy.domain import Clock
from shared import sealing
from shared.events.lifecycles import DeadlineKind
from shared.settings import Settings


class RemedySettings(Settings):
    """The settings of `remedy`. A duration is given as ISO 8601 (`PT30S`, `P7D`); a day has 24 hours."""

    handler_key_sha256: SecretStr | None = Field(
        default=None, description="digest of the key that case handlers' commands carry"
    )
    trustee_key: SecretStr = Field(description="X25519 private key (base64) that opens what senders have sealed")
    key_valid_days: int = Field(
        default=730,
        ge=1,
        le=3650,
        description="days for which the trustee's public key is announced; two years is ours",
    )
    acknowledge_within: timedelta = Field(
        default=timedelta(days=7),
        gt=timedelta(0),
        le=timedelta(days=365),
        description="time to acknowledge testimony; Directive (EU) 2019/1937 Article 9(1)(b), as a benchmark",
    )
    warn_before: timedelta = Field(
        default=timedelta(days=2),
        gt=timedelta(0),
        description="how long before a deadline its handlers are warned; ours",
    )
    fire_every: float = Field(default=1.0, gt=0, le=60, description="seconds between two looks at the deadlines")

    @field_validator("trustee_key")
    @classmethod
    def is_private_key(cls, key: SecretStr) -> SecretStr:
        try:
            sealing.public_key_of(key.get_secret_value())
        except ValueError:
            raise ValueError("an X25519 private key is needed: 32 bytes in base64") from None
        return key

    @model_validator(mode="after")
    def warns_in_time(self) -> Self:
        if self.warn_before >= self.acknowledge_within:
            raise ValueError("warn_before must be shorter than acknowledge_within")
        return self

    @property
    def first_clock(self) -> Clock:
        """The clock that starts when testimony comes in."""
        return Clock(
            kind=DeadlineKind.ACKNOWLEDGE,
            within=self.acknowledge_within,
            warn_before=self.warn_before,
            basis="Benchmark: Directive (EU) 2019/1937 of 23 October 2019, Article 9(1)(b)",
        )
