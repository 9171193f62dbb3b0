"""Settings that would lose mail or show a password are refused at the start."""

from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from services.notify.settings import NotifySettings

NEEDED: dict[str, Any] = {"kafka_bootstrap": "127.0.0.1:9092", "database_dsn": SecretStr("postgresql://")}


def test_the_defaults_are_patient_for_three_days() -> None:
    settings = NotifySettings(**NEEDED)

    assert settings.patience.expires == 72 * 3600
    assert settings.patience.backoff == (60, 300, 1800, 7200, 21600)
    assert settings.smtp_data_timeout == 600


@pytest.mark.parametrize(
    "change",
    [
        {"mail_from": "engage@engage.example\r\nBcc: x"},
        {"mail_from": "Engage <engage@engage.example>"},
        {"mail_domain": "engage.example>"},
        {"send_backoff": ()},
        {"send_backoff": (0,)},
        {"digest_every": 0},
        {"smtp_connections": 0},
        {"smtp_username": "engage", "smtp_password": SecretStr("x"), "smtp_tls": "none"},
    ],
)
def test_a_setting_that_cannot_work_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        NotifySettings(**NEEDED, **change)
