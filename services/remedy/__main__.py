"""Run the service: `python -m services.remedy`."""

from functools import cache

from services.remedy import api, handlers, schedule
from services.remedy.office import KEYS, settings_of
from services.remedy.settings import RemedySettings
from shared.service import Service, run

SERVICE = Service(
    name="remedy",
    settings=RemedySettings,
    handlers=handlers.build(cache(RemedySettings.load)),  # read at the first batch, not at import
    tasks=schedule.TASKS,
    api=api.build,
    databases={KEYS: lambda settings: settings_of(settings).keys_dsn},
)

if __name__ == "__main__":
    run(SERVICE)
