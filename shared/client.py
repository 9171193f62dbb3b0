"""How a typed command reaches its service: by HTTP with a key, as anybody else would."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException
from json import dumps, loads
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

THIS_MACHINE = frozenset({"127.0.0.1", "::1", "localhost"})
NO_ANSWER = (OSError, HTTPException, ValueError)
"""What `request` raises: nobody listens, the connection broke, or the address or key cannot be sent at all."""


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
        ports = loads((state_folder() / "state.json").read_text())["ports"]
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


def operator_key() -> str:
    """The key of an operator's commands. Raises CommandError."""
    return secret("operator.key", "ENGAGE_OPERATOR_KEY")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service answered."""

    status: int
    body: bytes

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300

    def json(self) -> Any:
        """The body as JSON. Raises ValueError where it is none."""
        return loads(self.body)


class NoRedirect(HTTPRedirectHandler):
    """A key is shown to the address that was asked, and to no other."""

    def redirect_request(self, *_arguments: Any) -> None:
        return None


def request(
    method: str,
    url: str,
    headers: Mapping[str, str],
    params: Mapping[str, Any] | None = None,
    content: bytes | None = None,
    timeout: float = 60,
) -> Answer:
    """One HTTP request, by the standard library, with which commands start twice as fast. Raises NO_ANSWER.

    Whatever status is answered is returned, and no redirect is followed. A service on this machine is asked directly,
    any other through the proxy that the environment names, if it does.
    """
    if params:
        told = {name: str(value).lower() if isinstance(value, bool) else value for name, value in params.items()}
        url = f"{url}?{urlencode(told, doseq=True)}"
    address = urlsplit(url)
    if address.scheme not in ("http", "https"):
        raise ValueError("an address begins with http:// or https://")
    asked = Request(url, content, dict(headers), method=method)  # noqa: S310 - the scheme was just looked at
    proxies = ProxyHandler({} if address.hostname in THIS_MACHINE else None)
    try:
        with build_opener(proxies, NoRedirect).open(asked, timeout=timeout) as response:
            return Answer(response.status, response.read())
    except HTTPError as refused:
        with refused:
            return Answer(refused.code, refused.read())


def send(
    service: str,
    method: str,
    path: str,
    key: str | None,
    *,
    params: Mapping[str, Any] | None = None,
    json: Any = None,
    media_type: str = "application/json",
    timeout: float = 60,
) -> Answer:
    """One request; what is answered, whatever its status. Raises CommandError where the service is away."""
    url = service_url(service)
    headers = {"authorization": f"Bearer {key}"} if key else {}
    content = None
    if json is not None:
        headers, content = headers | {"content-type": media_type}, dumps(json).encode()
    try:
        return request(method, url + path, headers, params, content, timeout)
    except NO_ANSWER as error:
        raise CommandError(f"{service} at {url} does not answer ({reason(error)}). Try 'engage status'.") from error


def call(
    service: str,
    method: str,
    path: str,
    key: str | None,
    *,
    params: Mapping[str, Any] | None = None,
    json: Any = None,
    timeout: float = 60,
) -> Any:
    """One request; the JSON answered. Without a key only what is public is answered.

    Raises CommandError with the service's own words when it refuses or is away.
    """
    answer = send(service, method, path, key, params=params, json=json, timeout=timeout)
    if answer.is_success:
        return answer.json() if answer.body else None
    raise CommandError(refusal(service, answer))


def reason(error: Exception) -> str:
    """Why there was no answer, by the class of the error beneath."""
    return type(error.reason if isinstance(error, URLError) and isinstance(error.reason, Exception) else error).__name__


def refusal(service: str, answer: Answer) -> str:
    """What a service said when it refused, as one or more lines."""
    try:
        problem = answer.json()
        lines = [f"{service} refused ({answer.status} {problem['code']}): {problem['detail']}"]
        lines += [f"  {one['id']}  {one['kind']} {one['name']}" for one in problem.get("candidates", ())]
        faults = problem.get("errors", ())
    except (ValueError, KeyError, TypeError):
        return f"{service} refused with status {answer.status}."
    return "\n".join(
        [*lines, *(f"  {f['pointer'] or '/'}: {f['code']} {f.get('remedy', '')}".rstrip() for f in faults)]
    )
