"""The one error that people see when the local stack cannot do what they asked."""


class StackError(Exception):
    """A part of the local stack cannot run. `part` names it; the message says what happened and what to do about it."""

    def __init__(self, part: str, message: str) -> None:
        super().__init__(message)
        self.part = part
