"""A record of Kafka becomes the event that the other modes would give, in a time that grows with its size alone."""

import time

from services.ingest.domain.events.binding import event_of


def test_a_record_with_as_many_headers_as_fit_is_read_at_once() -> None:
    headers = [(f"ce_{number:x}", b"") for number in range(25_000)]

    started = time.process_time()
    event = event_of(headers, b"{}")

    assert len(event) == 25_001
    assert time.process_time() - started < 2
