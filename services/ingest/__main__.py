"""Run the service: `python -m services.ingest`."""

from services.ingest import api, handlers, intake, schedule
from services.ingest.settings import IngestSettings
from shared.service import Service, run

SERVICE = Service(
    name="ingest",
    settings=IngestSettings,
    handlers=handlers.HANDLERS,
    tasks=schedule.TASKS,
    api=api.build,
    intake=intake.build,
)

if __name__ == "__main__":
    run(SERVICE)
