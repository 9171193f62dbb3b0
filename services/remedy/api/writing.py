"""What people write about a case: as a request brings it, as it is sealed, and as it is shown again."""

from typing import Annotated
from uuid import UUID

from pydantic import StringConstraints

from services.remedy.api.callers import Body
from services.remedy.vault import Part, Writing
from shared import sealing
from shared.events.values import Paragraph

Words = Annotated[str, StringConstraints(min_length=1, max_length=20_000, strip_whitespace=True)]
"""What a person writes about a case; it is sealed under the key of the case, and nowhere else."""


class Motivated(Body):
    """Why somebody does something."""

    motivation: Words


class BrieflyMotivated(Body):
    """The same in a paragraph, where another person decides on it or is told."""

    motivation: Paragraph


class Decision(BrieflyMotivated):
    """Whether another person's request is granted, and why; sealed with the case."""

    granted: bool


def noted(text: str | None, item: UUID | None = None) -> tuple[Writing, ...]:
    """A note as it is sealed, of a remedy item where one is named; none where nothing was written."""
    return (Writing(Part.NOTE, text.encode(), item),) if text else ()


def legible(text: bytes) -> dict[str, str]:
    """What the vault opened, for an answer: as text, or as base64 where it is not UTF-8."""
    try:
        return {"text": text.decode()}
    except UnicodeDecodeError:
        return {"base64": sealing.encode(text)}
