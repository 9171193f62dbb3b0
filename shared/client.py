"""How a typed command reaches its service: by HTTP with a key, as anybody else would."""

import json
import os
from pathlib import Path
from typing import Any

import httpx


class CommandError(Exception):
    """A command cannot go on; the text says why and what to do, and holds no secret."""


def state_folder() -> Path:
    """Where the local stack keeps its state: `ENGAGE_STATE`, or `.engage` in the current folder."""
    return Path(os.environ.get("ENGAGE_STATE") or ".engage").absolute()


def service_url(service: str) -> str:
    """Where a service answers: `ENGAGE_<SERVICE>_URL`, or what the local stack says. Raises CommandError."""
    variable = f"ENGAGE_{service.upper()}_URL"
    return os.environ.get(variable) or f"http://{local_address(service, variable)}"


def kafka_bootstrap() -> str:
    """Where Kafka answers: `ENGAGE_KAFKA_BOOTSTRAP`, or what the local stack says. Raises CommandError."""
    variable = "ENGAGE_KAFKA_BOOTSTRAP"
    return os.environ.get(variable) or local_address("kafka", variable)


def local_address(part: str, variable: str) -> str:
    """Host and port of a part of the local stack. Raises CommandError, naming the variable to set instead."""
    try:
        ports = json.loads((state_folder() / "state.json").read_text())["ports"]
        return f"127.0.0.1:{int(ports[part])}"
    except (OSError, KeyError, ValueError):
        raise CommandError(
            f"No local stack with {part} found at {state_folder()}. "
            f"Start one with 'engage up --detach', or set {variable}."
        ) from None


def secret(name: str, variable: str) -> str:
    """A key from the environment, or from the local stack's secrets. Raises CommandError."""
    if value := os.environ.get(variable):
        return value
    file = state_folder() / "secrets" / name
    try:
        return file.read_text().strip()
    except OSError:
        raise CommandError(f"No key found: set {variable}, or run where the local stack keeps {file}.") from None


def call(service: str, method: str, path: str, key: str | None, **request: Any) -> Any:
    """One request; the JSON answered. Without a key only what is public is answered.

    Raises CommandError with the service's own words when it refuses or is away.
    """
    url = service_url(service)
    timeout = request.pop("timeout", 60)
    headers = {"authorization": f"Bearer {key}"} if key else {}
    try:
        response = httpx.request(method, url + path, headers=headers, timeout=timeout, **request)
    except httpx.HTTPError as error:
        raise CommandError(
            f"{service} at {url} does not answer ({type(error).__name__}). Try 'engage status'."
        ) from error
    if response.is_success:
        return response.json() if response.content else None
    raise CommandError(refusal(service, response))


def refusal(service: str, response: httpx.Response) -> str:
    """What a service said when it refused, as one or more lines."""
    try:
        problem = response.json()
        lines = [f"{service} refused ({response.status_code} {problem['code']}): {problem['detail']}"]
        faults = problem.get("errors", ())
    except (ValueError, KeyError):
        return f"{service} refused with status {response.status_code}."
    return "\n".join(
        [*lines, *(f"  {f['pointer'] or '/'}: {f['code']} {f.get('remedy', '')}".rstrip() for f in faults)]
    )
