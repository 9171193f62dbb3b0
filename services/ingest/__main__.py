"""Run the service: `python -m services.ingest`."""

from services.ingest import api
from services.ingest.settings import IngestSettings
from shared.service import Service, run

SERVICE = Service(name="ingest", settings=IngestSettings, api=api.build)

if __name__ == "__main__":
    run(SERVICE)
