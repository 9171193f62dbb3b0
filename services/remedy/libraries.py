"""The libraries as the settings choose them: clauses and standard asks; checked when the service starts."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

from pydantic import ValidationError

from services.remedy.domain.engagement.libraries import Clauses, StandardAsk, read_asks


@dataclass(frozen=True, slots=True)
class Libraries:
    """The clause library, and the standard asks that rest on it."""

    clauses: Clauses
    asks: tuple[StandardAsk, ...]


@cache
def read_libraries(clauses: Path | None = None, asks: Path | None = None) -> Libraries:
    """The libraries of these files, or those that come with the service; read once.

    Raises ValueError with the first fault of a file that cannot be read or does not fit, and where it is.
    """
    try:
        found = Clauses.read(text_of(clauses, "clauses.toml"))
        return Libraries(found, read_asks(text_of(asks, "asks.toml"), found))
    except OSError as error:
        raise ValueError(f"cannot be read: {error.strerror}") from None
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"is no TOML: {error}") from None
    except ValidationError as error:
        fault = error.errors(include_input=False, include_context=False, include_url=False)[0]
        raise ValueError(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}") from None


def text_of(file: Path | None, shipped: str) -> str:
    """The text of a file, or of the one that comes with the service. Raises OSError."""
    if file is not None:
        return file.read_text(encoding="utf-8")
    return resources.files(__package__).joinpath(shipped).read_text(encoding="utf-8")
