"""Runs the `engage` command as a person would, in a process of its own, on the demo's own stack."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from deploy.local.state import StateFolder
from deploy.local.status import status_of
from shared.client import CommandError, call, request, secret, service_url

CONSUMED, PUBLISHED = "engage_events_consumed_total", "engage_events_published_total"


class CommandLine:
    """The `engage` command with one state folder. `environment` adds settings, such as shorter clocks."""

    def __init__(self, state: Path, environment: dict[str, str]) -> None:
        self.state = state
        self.environment = {**os.environ, **environment, "ENGAGE_STATE": str(state)}
        os.environ["ENGAGE_STATE"] = str(state)

    def run(self, *arguments: str) -> str:
        """Run one command; its output. Raises CommandError with what it said, should it fail."""
        done = subprocess.run(
            [sys.executable, "-m", "services", *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise CommandError(f"'engage {' '.join(arguments)}' failed:\n{done.stdout}{done.stderr}".rstrip())
        return done.stdout

    def json(self, *arguments: str) -> Any:
        """Run one command with `--json`; what it answered."""
        return json.loads(self.run(*arguments, "--json"))

    def shown(self, *arguments: str) -> int:
        """Run one command with its output on the screen; its exit code."""
        return subprocess.run(
            [sys.executable, "-m", "services", *arguments], env=self.environment, check=False
        ).returncode

    def status(self) -> Any:
        """What `engage status --json` says; it may say that not all is ready."""
        return status_of(StateFolder(self.state)).model_dump()

    def moved(self, service: str) -> tuple[int, int]:
        """How many events a service has applied and published since it was started, by its own metrics."""
        metrics = request("GET", service_url(service) + "/metrics", {}).body.decode()
        samples = [sample for family in text_string_to_metric_families(metrics) for sample in family.samples]
        applied = (s.value for s in samples if s.name == CONSUMED and s.labels["outcome"] == "applied")
        published = (s.value for s in samples if s.name == PUBLISHED)
        return int(sum(applied)), int(sum(published))

    def ask(self, service: str, path: str) -> Any:
        """Ask a service as its operator."""
        return call(service, "GET", path, secret("operator.key", "ENGAGE_OPERATOR_KEY"))
