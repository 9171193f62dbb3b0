"""Bad records on an internal topic, put there by a stranger: set aside with a reason, and nobody else is harmed."""

import json
import time
from collections.abc import Iterable
from uuid import uuid4

import httpx
import pytest
from aiokafka.errors import MessageSizeTooLargeError

from tests.journeys import topics
from tests.journeys.topics import Headers, Told
from tests.live_stack import LiveStack

TOPIC = "members.disclosure"
CONSUMERS = ("risk", "notify")
WITHIN = 10.0
"""Seconds until a bad record has been set aside."""

Sent = tuple[bytes | None, bytes | None, Headers]


def headers(key: str, **changed: bytes | None) -> list[tuple[str, bytes]]:
    """The headers of a disclosure as `ingest` writes them; None leaves one out."""
    written: dict[str, bytes | None] = {
        "content-type": b"application/json",
        "ce_specversion": b"1.0",
        "ce_id": str(uuid4()).encode(),
        "ce_source": b"urn:stranger",
        "ce_type": b"disclosure.accepted.v1",
        "ce_subject": key.encode(),
        "ce_time": b"2026-01-15T09:00:00+00:00",
        "ce_recordedtime": b"2026-01-15T09:00:00+00:00",
        "ce_sequence": b"1",
        "ce_classification": b"members",
    }
    return [(name, value) for name, value in (written | changed).items() if value is not None]


def accepted(key: str, name: str) -> dict[str, object]:
    """The data of a disclosure of an invented site."""
    return {
        "disclosure": str(uuid4()),
        "contributor": "buyer",
        "member": "stranger",
        "supplier": key,
        "supplier_name": name,
        "list": {"source": "stranger", "edition": "1"},
        "site": str(uuid4()),
        "site_name": name,
        "address": "1 Sample Road",
        "country": "MY",
        "facts": {"sector": "Electronics"},
    }


def bad_record(what: str, key: str) -> Sent:
    """A record that has one thing wrong with it."""
    good = json.dumps(accepted(key, f"Example {key}")).encode()
    bad: dict[str, Sent] = {
        "not JSON": (key.encode(), b"{", headers(key)),
        "NaN": (key.encode(), good.replace(b'"1 Sample Road"', b"NaN"), headers(key)),
        "a null": (key.encode(), None, headers(key)),
        "not UTF-8": (key.encode(), good.replace(b"Example", b"Ex\xe4mple"), headers(key)),
        "a duplicate key": (key.encode(), good[:-1] + b', "country": "CN"}', headers(key)),
        "a wrong field": (key.encode(), good.replace(b'"MY"', b'"Malaysia"'), headers(key)),
        "a field that is null": (key.encode(), good.replace(b'"buyer"', b"null"), headers(key)),
        "a header that is not UTF-8": (key.encode(), good, headers(key, ce_subject=b"\xff\xfe")),
        "no sequence": (key.encode(), good, headers(key, ce_sequence=None)),
        "a sequence of nought": (key.encode(), good, headers(key, ce_sequence=b"0")),
        "no headers": (key.encode(), good, []),
        "another key than its subject": (str(uuid4()).encode(), good, headers(key)),
        "no key": (None, good, headers(key)),
    }
    return bad[what]


REASONS = {
    "not JSON": "not_json",
    "NaN": "not_json",
    "a null": "not_json",
    "not UTF-8": "not_json",
    "a duplicate key": "duplicate_key",
    "a wrong field": "schema_invalid",
    "a field that is null": "schema_invalid",
    "a header that is not UTF-8": "header_invalid",
    "no sequence": "header_invalid",
    "a sequence of nought": "header_invalid",
    "no headers": "header_invalid",
    "another key than its subject": "key_mismatch",
    "no key": "key_mismatch",
}


async def test_each_bad_record_is_a_dead_letter_with_its_reason_and_its_neighbours_are_applied(
    stack: LiveStack,
) -> None:
    bootstrap = stack.status()["kafka"]["bootstrap"]
    known = {consumer: len(await letters(bootstrap, consumer)) for consumer in CONSUMERS}
    neighbours = {what: str(uuid4()) for what in REASONS}
    sites = {what: accepted(key, f"Example Neighbour {key}") for what, key in neighbours.items()}
    batch: list[Sent] = []
    for what, key in neighbours.items():
        batch += [bad_record(what, str(uuid4())), (key.encode(), json.dumps(sites[what]).encode(), headers(key))]

    began = time.monotonic()
    await topics.publish(bootstrap, TOPIC, *batch)
    stack.settled()
    took = time.monotonic() - began

    for consumer in CONSUMERS:
        new = (await letters(bootstrap, consumer))[known[consumer] :]
        assert sorted(letter.data["reason"] for letter in new) == sorted(REASONS.values()), consumer
    for site in sites.values():
        assert stack.ask("risk", f"/explanations?subject={site['site']}").status_code == 200
    assert all(service["ready"] for service in stack.status()["services"].values())
    assert took < WITHIN
    discard(stack)


async def test_later_events_of_a_bad_records_key_wait_until_an_operator_lets_the_key_go_on(stack: LiveStack) -> None:
    bootstrap, key = stack.status()["kafka"]["bootstrap"], str(uuid4())
    later = accepted(key, f"Example Later {key}")

    await topics.publish(
        bootstrap,
        TOPIC,
        (key.encode(), b"{", headers(key)),
        (key.encode(), json.dumps(later).encode(), headers(key, ce_sequence=b"2")),
    )
    stack.settled()
    waiting = stack.ask("risk", f"/explanations?subject={later['site']}").status_code
    discard(stack)

    assert waiting == 404
    assert stack.ask("risk", f"/explanations?subject={later['site']}").status_code == 200


async def test_a_record_that_comes_twice_or_with_an_unknown_type_is_no_error(stack: LiveStack) -> None:
    bootstrap, key = stack.status()["kafka"]["bootstrap"], str(uuid4())
    known = {consumer: len(await letters(bootstrap, consumer)) for consumer in CONSUMERS}
    value = json.dumps(accepted(key, f"Example Twice {key}")).encode()
    second = headers(key, ce_sequence=b"2", ce_type=b"disclosure.invented-later.v9")

    await topics.publish(
        bootstrap,
        TOPIC,
        (key.encode(), value, headers(key)),
        (key.encode(), value, headers(key)),
        (key.encode(), b"[]", second),
    )
    stack.settled()

    assert {consumer: len(await letters(bootstrap, consumer)) for consumer in CONSUMERS} == known


async def test_a_record_beyond_the_limit_is_refused_by_the_broker(stack: LiveStack) -> None:
    bootstrap, key = stack.status()["kafka"]["bootstrap"], str(uuid4())

    with pytest.raises(MessageSizeTooLargeError):
        await topics.publish(bootstrap, TOPIC, (key.encode(), b" " * 300_000, headers(key)))


async def letters(bootstrap: str, consumer: str) -> list[Told]:
    """The dead letters of a service that came from the topic, in the order set aside."""
    found = await topics.events(bootstrap, f"dead-letter.{consumer}")
    return sorted(
        (letter for letter in found if letter.data["topic"] == TOPIC),
        key=lambda letter: letter.recorded,
    )


def discard(stack: LiveStack) -> None:
    """Give up every dead letter from the topic, as an operator does, so that each key goes on without it."""
    for service in CONSUMERS:
        for letter in waiting(stack, service):
            if letter["topic"] == TOPIC:
                assert stack.ask(service, f"/dead-letters/{letter['id']}/discard", "POST").status_code == 200
    left = [letter for service in CONSUMERS for letter in waiting(stack, service) if letter["topic"] == TOPIC]
    assert left == []


def waiting(stack: LiveStack, service: str) -> Iterable[dict[str, str]]:
    answer: httpx.Response = stack.ask(service, "/dead-letters")
    found: list[dict[str, str]] = answer.json()["dead_letters"]
    return found
