"""What reporters are asked about the mechanism itself: its users are consulted on its design (UNGP 31(h)).

One question for each criterion of UNGP 31 (United Nations Guiding Principles on Business and Human Rights, 2011) that
somebody who used the mechanism can judge. The wording is ours.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

EDITION = "2026"
"""Of the questions. A reporter answers each edition once."""
LOWEST, HIGHEST = 1, 5


@dataclass(frozen=True, slots=True)
class Question:
    """A question, and the letter of UNGP 31 that it comes from. Answered with 1 (not at all) to 5 (fully)."""

    code: str
    text: str
    criterion: str


QUESTIONS = (
    Question("legitimate", "Did you trust the people who handled your case to be fair?", "UNGP 31(a)"),
    Question("accessible", "Was it easy to find this mechanism, and to use it in your own language?", "UNGP 31(b)"),
    Question("predictable", "Did you know what would happen next, and by when?", "UNGP 31(c)"),
    Question("equitable", "Did you have the information and help that you needed?", "UNGP 31(d)"),
    Question("transparent", "Were you told how your case went on?", "UNGP 31(e)"),
    Question("rights_compatible", "Did the outcome put right what was done to you?", "UNGP 31(f)"),
    Question("learning", "Do you expect that the same will not happen again?", "UNGP 31(g)"),
    Question("dialogue", "Were you asked what you wanted before it was decided?", "UNGP 31(h)"),
    Question("safe", "Did you feel safe from retaliation while your case went on?", "UNGP 31(b), commentary"),
)
CODES = frozenset(question.code for question in QUESTIONS)

Answers = Mapping[str, int]
NONE: Answers = MappingProxyType({})


class NotAnswers(ValueError):
    """What was sent does not answer these questions; says nothing of what it was."""


def check(answers: Answers) -> Answers:
    """The answers, where each names a question and a grade of 1 to 5. Raises NotAnswers; also where none is given."""
    if not answers or not answers.keys() <= CODES:
        raise NotAnswers
    if not all(LOWEST <= grade <= HIGHEST for grade in answers.values()):
        raise NotAnswers
    return answers


def token_of(receipt: str, pepper: bytes) -> bytes:
    """By what it is known that a receipt has answered this edition.

    Made of the receipt itself, which is kept nowhere, with the pepper: neither the case, which holds the receipt's
    Argon2id hash only, nor the pepper leads from a case to its token.
    """
    return hmac.digest(pepper, f"engage/survey/{EDITION}/{receipt}".encode(), "sha256")
