"""Run the service: `python -m services.remedy`."""

from functools import cache

from services.remedy import api, handlers, schedule
from services.remedy.office import KEYS, READING, settings_of
from services.remedy.settings import RemedySettings
from shared.service import Service, run

SERVICE = Service(
    name="remedy",
    settings=RemedySettings,
    handlers=handlers.build(cache(RemedySettings.load)),  # read at the first batch, not at import
    tasks=schedule.TASKS,
    api=api.build,
    databases={
        KEYS: lambda settings: (settings_of(settings).keys_dsn, settings.pool_size),
        READING: lambda settings: (settings.database_dsn, settings_of(settings).readers_pool_size),
    },
)

if __name__ == "__main__":
    run(SERVICE)
