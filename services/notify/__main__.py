"""Runs the service: `python -m services.notify`."""

from services.notify.api import build
from services.notify.handlers import (
    announce_risk,
    collect_disclosures,
    collect_engagements,
    pass_on_requests,
)
from services.notify.schedule import TASKS
from services.notify.settings import NotifySettings
from shared.service import Service, run

SERVICE = Service(
    name="notify",
    settings=NotifySettings,
    handlers=(announce_risk, collect_disclosures, pass_on_requests, collect_engagements),
    tasks=TASKS,
    api=build,
)

if __name__ == "__main__":
    run(SERVICE)
