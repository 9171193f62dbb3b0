"""The client's side of the doors: files that a person has, sent as a member's own system would send them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from shared.client import NO_ANSWER, Answer, CommandError, reason, refusal, request, service_url
from shared.events.reading import MalformedEvent, refuse_constant, refuse_duplicate_keys

BATCH = 500
"""Events in one request; the door takes twice as many."""
BATCHED = "application/cloudevents-batch+json"
LONGEST = 600.0
"""Seconds that a request may take: a list of 100,000 rows is one transaction."""


def read_events(file: Path) -> list[Any]:
    """The events of a file: one CloudEvent, an array of them, or one per line. Raises CommandError."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise CommandError(f"{file} cannot be read as UTF-8 text.") from None
    try:
        found = parse(text)
        return found if isinstance(found, list) else [found]
    except ValueError:
        return read_lines(file, text)


def read_lines(file: Path, text: str) -> list[Any]:
    """One event per line. Raises CommandError with the line that is none."""
    events = []
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                events.append(parse(line))
            except ValueError:
                raise CommandError(
                    f"{file}, line {number}: not JSON. Give one CloudEvent, an array of them, or one per line."
                ) from None
    return events


def parse(text: str) -> Any:
    """JSON with every key once: what is sent is what the file says."""
    try:
        return json.loads(text, object_pairs_hook=once, parse_constant=refuse_constant)
    except MalformedEvent:
        raise ValueError("a key is given twice, or a number is none") from None
    except RecursionError:
        raise ValueError("nested too deep") from None


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    refuse_duplicate_keys(pairs)
    return dict(pairs)


def send_events(events: list[Any], key: str) -> Iterator[list[dict[str, Any]]]:
    """Send events in batches, in order; the receipts of each batch. Sending again is harmless. Raises CommandError."""
    for start in range(0, len(events), BATCH):
        body = json.dumps(events[start : start + BATCH]).encode()
        response = post("/events", key, body, {"content-type": BATCHED}, {})
        answer = answered(response)
        if "receipts" not in answer:
            raise CommandError(refusal("ingest", response))
        yield answer["receipts"]


def send_file(content: bytes, key: str, query: dict[str, Any]) -> dict[str, Any]:
    """Send a file; the service's report. A refused file gives a report of the same shape, in which no row went in.

    Raises CommandError where the service refuses for another reason or does not answer.
    """
    response = post("/imports", key, content, {"content-type": "application/octet-stream"}, query)
    answer = answered(response)
    if response.is_success:
        return answer
    if answer.get("code") != "file_invalid":
        raise CommandError(refusal("ingest", response))
    counts = {"rows": 0, "accepted": 0, "duplicate": 0, "rejected": 0}
    return counts | {"errors": answer["errors"], "file_invalid": True, "detail": answer["detail"]}


def post(path: str, key: str, body: bytes, headers: dict[str, str], query: dict[str, Any]) -> Answer:
    url = service_url("ingest")
    try:
        return request("POST", url + path, headers | {"authorization": f"Bearer {key}"}, query, body, LONGEST)
    except NO_ANSWER as error:
        raise CommandError(
            f"ingest at {url} does not answer ({reason(error)}). Try 'engage status'; sending again is harmless."
        ) from error


def answered(response: Answer) -> dict[str, Any]:
    """The JSON object answered, or an empty one."""
    try:
        found = response.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
