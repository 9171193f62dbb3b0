"""What is asked at the reporters' door, what it answers, and the questions that it asks back."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from services.remedy.api.callers import Body
from services.remedy.domain import told
from services.remedy.vault import Part
from shared.events.remedy.words import Party, Pressure, Rung
from shared.events.values import SealedBox
from shared.events.vocabulary import Known

HOW_TO_SEAL = (
    "Seal it on your own device to the key that GET /keys answers: 'engage report write', or a few lines of your own "
    "(deploy/sealing)."
)
PRESSURE_ASKED = (
    "Is anybody pressing you to do this? Answer with pressure: no, yes or not_said. If somebody is, the case is kept, "
    "and the people who handle it are told; nobody else is."
)
COPY_OFFERED = (
    "What is erased cannot be had back by anybody. Take a copy first (POST /door/copy, 'engage report copy'), or do "
    "without one; then ask again with copied: taken or declined. With the content the watch for retaliation ends; "
    "where the employer was spoken to, it goes on if only the identity is erased."
)


class WithReceipt(Body):
    """Who asks: somebody with this receipt."""

    receipt: Annotated[str, Field(min_length=1, max_length=100)]


class Message(WithReceipt):
    """Something to add: a box as `engage seal` makes it."""

    sealed: SealedBox


class Agreement(WithReceipt):
    """Whether a rung may be told, from now on."""

    rung: Known[Rung]
    given: bool


class Step(WithReceipt):
    """What the workers' side does with a rung: waive it, or take it back."""

    rung: Known[Rung]
    step: Literal["waived", "reversed"]


class Withdrawal(WithReceipt):
    """The wish to withdraw, with the answer to the question whether anybody presses for it."""

    pressure: Known[Pressure] | None = None


class Erasing(WithReceipt):
    """What is to be erased, for good, whether the copy that is offered first was taken, and whether anybody presses."""

    what: Literal["identity", "content"] = "content"
    copied: Literal["taken", "declined"] | None = None
    pressure: Known[Pressure] | None = None


class Survey(WithReceipt):
    """Answers about the mechanism: 1 (not at all) to 5 (fully), by question; any may be left out."""

    answers: dict[str, int]


class Said(BaseModel):
    """What was said on a case: by whom, and on which day."""

    on: date
    by: Party
    text: str


class CaseForReporter(BaseModel):
    """A case as its reporter sees it, with what was written to and fro."""

    standing: told.Standing
    messages: list[Said]


class Kept(BaseModel):
    """A piece of a reporter's copy: text, or base64 where it is none."""

    part: Part
    on: date
    by: Party
    text: str | None = None
    base64: str | None = None


class Copy(BaseModel):
    """All that a reporter said and was told, and what happened."""

    words: list[Kept]
    record: list[told.Recorded]


class Asked(BaseModel):
    """A question about the mechanism."""

    code: str
    text: str
    source: str


class Thanks(BaseModel):
    """Answers were counted in; nothing leads from them to a case."""

    counted: int
