"""The file of benchmarks as the settings choose it, checked when the service starts."""

from collections.abc import Collection, Mapping
from functools import cache
from importlib import resources
from pathlib import Path

from pydantic import ValidationError

from services.remedy.domain.benchmarks import Benchmarks
from services.remedy.domain.calendar import Span


@cache
def shipped() -> Benchmarks:
    """The benchmarks that come with the service."""
    return Benchmarks.read(resources.files(__package__).joinpath("benchmarks.toml").read_text(encoding="utf-8"))


def read_benchmarks(file: Path | None) -> Benchmarks:
    """The benchmarks of a file, or those that come with the service.

    Raises ValueError with the first fault of a file that cannot be read or does not fit, and where it is.
    """
    if file is None:
        return shipped()
    try:
        return Benchmarks.read(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ValueError(f"cannot be read: {error.strerror}") from None
    except ValidationError as error:
        fault = error.errors(include_input=False, include_context=False, include_url=False)[0]
        raise ValueError(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}") from None


def chosen(
    file: Path | None, on: Collection[str], off: Collection[str], within: Mapping[str, str | None]
) -> Benchmarks:
    """The benchmarks of a file, switched and with other spans as set. Raises ValueError where something names none."""
    spans = {name: Span.read(text) if text else None for name, text in within.items()}
    return read_benchmarks(file).switched(on, off).within(spans)
