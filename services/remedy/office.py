"""What all work on cases needs: the settings as rules, the vault, and the way to the database."""

from dataclasses import dataclass

from services.remedy.domain.terms import Terms
from services.remedy.settings import RemedySettings
from services.remedy.vault import Vault
from shared.service import Runtime
from shared.settings import Settings

SOURCE = "/engage/remedy"
KEYS = "keys"
"""The name of the second database of this service, which holds keys and nothing else."""
READING = "reading"
"""The name of the pool on the first database that is there for readers alone: the work never waits for them."""


@dataclass(frozen=True, slots=True)
class Office:
    """The running service as the work on cases sees it."""

    runtime: Runtime
    settings: RemedySettings
    terms: Terms
    vault: Vault


def settings_of(settings: Settings) -> RemedySettings:
    """The settings of this service; the runtime keeps them under their common type."""
    assert isinstance(settings, RemedySettings)
    return settings


def office_of(runtime: Runtime) -> Office:
    """The office of a running service; the same for all its parts."""
    settings = settings_of(runtime.settings)
    return Office(runtime, settings, settings.terms, Vault.of(settings, runtime.databases[KEYS]))
