"""Run the service: `python -m services.ingest`."""

from services.ingest import api, intake, schedule
from services.ingest.settings import IngestSettings
from shared.service import Service, run

SERVICE = Service(name="ingest", settings=IngestSettings, api=api.build, intake=intake.build, tasks=schedule.TASKS)

if __name__ == "__main__":
    run(SERVICE)
