"""Settings of `notify`: the mail server, and how patient we are with it. Durations are seconds."""

from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator

from services.notify.domain import Patience, checked_address
from shared.settings import Settings

Positive = Annotated[float, Field(gt=0)]


class NotifySettings(Settings):
    """What `notify` needs beside what every service does."""

    pool_size: int = Field(default=8, description="four handlers, the relay, the sender, the digest and the API")

    smtp_host: str = "127.0.0.1"
    smtp_port: int = Field(default=25, ge=1, le=65535)
    smtp_username: str | None = None
    smtp_password: SecretStr | None = None
    smtp_tls: Literal["none", "starttls", "tls"] = Field(
        default="none", description="'none' is for a server on the same machine or behind the same door"
    )
    smtp_connections: int = Field(
        default=8, ge=1, le=32, description="mails under way at the same time; what limits them is the server's disk"
    )
    smtp_timeout: Positive = Field(default=30, description="for connecting and for each command but the last")
    smtp_data_timeout: Positive = Field(
        default=600, description="from the final dot to the server's answer: 10 minutes (RFC 5321, 4.5.3.2.6)"
    )
    smtp_idle: Positive = Field(default=30, description="a connection that was not used for this long is closed")
    smtp_reconnect_most: Positive = Field(default=30, description="longest pause while the mail server is away")

    mail_from: str = Field(default="engage@engage.example", description="sender of every mail, also of its envelope")
    mail_domain: str = Field(default="engage.example", description="right-hand side of each Message-ID")

    send_batch: int = Field(default=100, ge=1, description="mails claimed at once")
    send_every: Positive = Field(
        default=0.25, description="how long the sender sleeps when no commit of this process wakes it"
    )
    send_lease: Positive = Field(
        default=30, description="a claim not renewed for this long is uncertain; it is renewed every third of that"
    )
    send_backoff: tuple[Positive, ...] = Field(
        default=(60, 300, 1800, 7200, 21600), min_length=1, description="pauses between attempts; the last one repeats"
    )
    send_expires: Positive = Field(
        default=259_200, description="72 hours: a deadline must not depend on mail, so somebody is told another way"
    )
    digest_every: timedelta = Field(
        default=timedelta(days=1),
        gt=timedelta(0),
        description="length of a digest's window (ISO 8601, like P1D); windows end at its multiples",
    )

    @field_validator("mail_from")
    @classmethod
    def plain_sender(cls, value: str) -> str:
        return checked_address(value)

    @field_validator("mail_domain")
    @classmethod
    def plain_domain(cls, value: str) -> str:
        return checked_address(f"engage@{value}").partition("@")[2]

    @model_validator(mode="after")
    def password_travels_encrypted(self) -> Self:
        if self.smtp_username and self.smtp_tls == "none":
            raise ValueError("a password is sent only over TLS: set ENGAGE_SMTP_TLS to 'starttls' or 'tls'")
        return self

    @property
    def patience(self) -> Patience:
        """How the sender treats what the mail server did not take."""
        return Patience(self.send_backoff, self.send_expires)
