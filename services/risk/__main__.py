"""Run the service: `python -m services.risk`."""

from functools import cache

from services.risk import api, handlers, schedule
from services.risk.settings import RiskSettings
from shared.service import Service, run

SERVICE = Service(
    name="risk",
    settings=RiskSettings,
    handlers=handlers.build(cache(RiskSettings.load)),  # read at the first batch, not at import
    tasks=schedule.TASKS,
    api=api.build,
)

if __name__ == "__main__":
    run(SERVICE)
