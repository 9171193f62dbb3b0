"""Logs hold allow-listed fields and nothing else: what an exception or a library says may be confidential."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from pydantic import BaseModel, ValidationError

from shared.logs import Sparing, log

CANARY = "canary-5e1d"


class Lines(io.StringIO):
    """What has been logged, read line by line."""

    def entries(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.getvalue().splitlines()]

    def only(self) -> dict[str, Any]:
        (entry,) = self.entries()
        return entry


@pytest.fixture
def lines() -> Iterator[Lines]:
    """What the process writes to standard error."""
    (configured,) = [h for h in logging.getLogger().handlers if type(h) is logging.StreamHandler]
    output = Lines()
    handler = logging.StreamHandler(output)
    handler.setFormatter(configured.formatter)
    handler.addFilter(Sparing())
    logging.getLogger().addHandler(handler)
    yield output
    logging.getLogger().removeHandler(handler)


def test_a_field_that_is_not_allow_listed_is_dropped(lines: Lines) -> None:
    log.warning("event isolated", topic="members.risk", narrative=CANARY, key=CANARY)

    entry = lines.only()
    assert entry["topic"] == "members.risk"
    assert CANARY not in lines.getvalue()
    assert "key" not in entry


def test_bound_fields_are_no_way_around_the_list(lines: Lines) -> None:
    structlog.get_logger().bind(contributor=CANARY).error("batch failed")

    assert lines.only()["event"] == "batch failed"
    assert CANARY not in lines.getvalue()


def test_an_exception_is_logged_by_class_and_place_only(lines: Lines) -> None:
    try:
        raise LookupError(CANARY)
    except LookupError as error:
        log.error("batch failed", exc_info=error)
        log.exception("again")

    for entry in lines.entries():
        assert entry["error"] == "LookupError"
        assert entry["at"].startswith("test_logs.py:")
    assert CANARY not in lines.getvalue()


def test_an_exception_that_follows_from_another_shows_neither_text(lines: Lines) -> None:
    try:
        try:
            raise ValueError(CANARY)
        except ValueError as cause:
            raise RuntimeError(CANARY) from cause
    except RuntimeError:
        log.exception("batch failed")

    assert CANARY not in lines.getvalue()


def test_what_pydantic_quotes_is_not_logged(lines: Lines) -> None:
    class Age(BaseModel):
        years: int

    try:
        Age.model_validate({"years": CANARY})
    except ValidationError as error:
        assert CANARY in str(error), "otherwise this proves nothing"
        log.error("refused", exc_info=error)
        logging.getLogger("pydantic").exception("refused")

    assert {entry["error"] for entry in lines.entries()} == {"ValidationError"}
    assert CANARY not in lines.getvalue()


@pytest.mark.parametrize("name", ["asyncpg", "uvicorn.error", "aiokafka.consumer", "asyncio", "anything.else"])
def test_a_library_line_keeps_its_template_and_loses_its_arguments(lines: Lines, name: str) -> None:
    logging.getLogger(name).error("record %s refused", CANARY)

    assert lines.only()["event"] == "record %s refused"
    assert CANARY not in lines.getvalue()


def test_a_library_line_that_was_put_together_beforehand_keeps_only_the_name_of_its_logger(lines: Lines) -> None:
    logging.getLogger("asyncio").error(f"record {CANARY} refused", extra={"topic": CANARY}, stack_info=True)

    assert lines.only()["event"] == "asyncio"
    assert CANARY not in lines.getvalue()


def test_a_library_exception_is_logged_by_class_and_place_only(lines: Lines) -> None:
    try:
        raise OSError(CANARY)
    except OSError:
        logging.getLogger("uvicorn.error").exception("failed")

    assert lines.only()["error"] == "OSError"
    assert CANARY not in lines.getvalue()


def test_the_kafka_client_repeats_itself_in_the_log_only_now_and_then(lines: Lines) -> None:
    for _ in range(100):
        logging.getLogger("aiokafka").error("no broker at %s", "x")
        logging.getLogger("asyncpg").error("no server at %s", "x")

    loggers = [entry["logger"] for entry in lines.entries()]
    assert (loggers.count("aiokafka"), loggers.count("asyncpg")) == (1, 100)
