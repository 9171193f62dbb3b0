"""JSON logs with allow-listed fields: what is not named here is never written, so no confidential value can slip in."""

import logging
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any

import structlog
from structlog.typing import Processor

ALLOWED = frozenset(
    {
        "event", "level", "timestamp", "logger", "service", "consumer", "handler", "topic", "partition", "offset",
        "reason", "error", "at", "count", "attempt", "seconds", "duplicates", "parked", "dead_letters", "published",
        "lag", "state", "port", "status", "method", "route", "version", "task", "template", "kind",
    }
)  # fmt: skip


def configure(service: str, level: str = "INFO") -> None:
    """Send structlog and the standard library's logs through one allow-listing JSON formatter to standard error."""
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
        describe_error,
        lambda _logger, _method, entry: {"service": service, **entry},
        allow_listed,
    ]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[foreign_text_dropped, *shared],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, structlog.processors.JSONRenderer()],
        use_get_message=False,
        pass_foreign_args=True,
    )
    output = logging.StreamHandler(sys.stderr)
    output.setFormatter(formatter)
    output.addFilter(Sparing())
    logging.basicConfig(handlers=[output], level=level, force=True)
    logging.captureWarnings(True)
    for chatty in ("aiokafka", "broker", "uvicorn.access", "httpx", "asyncio"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


class Sparing(logging.Filter):
    """Lets a line of the Kafka client through once in ten seconds: while the broker is away it writes 200 a second."""

    def __init__(self) -> None:
        super().__init__()
        self.written: dict[tuple[str, int], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if not record.name.startswith("aiokafka"):
            return True
        place = (record.pathname, record.lineno)
        due = record.created - self.written.get(place, 0) >= 10
        if due:
            self.written[place] = record.created
        return due


def describe_error(_logger: object, _method: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace an exception by its class and the place it came from: its text may quote what it failed on."""
    found = entry.pop("exc_info", None)
    error = found[1] if isinstance(found, tuple) else sys.exc_info()[1] if found is True else found
    if isinstance(error, BaseException):
        frames = traceback.extract_tb(error.__traceback__)
        entry["error"] = type(error).__name__
        entry["at"] = f"{frames[-1].filename.rsplit('/', 2)[-1]}:{frames[-1].lineno}" if frames else "unknown"
    return entry


def foreign_text_dropped(_logger: object, _method: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A library's message is kept only as its unformatted template: its arguments may be records or addresses.

    One without arguments may have been put together beforehand: only the name of its logger is kept.
    """
    record = entry["_record"]
    entry["logger"] = record.name
    if not entry.get("positional_args"):
        entry["event"] = record.name
    return entry


def allow_listed(_logger: object, _method: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Keep the allow-listed fields only."""
    return {name: value for name, value in entry.items() if name in ALLOWED or name.startswith("_")}


log: structlog.stdlib.BoundLogger = structlog.get_logger()
