"""What the broker, the database and the mail server have in common: one process that is started, asked and stopped."""

from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self

from deploy.local.processes import Child


class Engine(ABC):
    """A server of the stack. What it acknowledged is there again after `kill` and `start` on the same folder."""

    child: Child
    port: int

    @abstractmethod
    def launch(self) -> None:
        """Begin to start the server and return. Raises StackError where something that it needs is missing."""

    @abstractmethod
    def answers(self) -> bool:
        """Whether the server does its work, not merely whether its port is open."""

    def wait_ready(self, limit: float = 60.0) -> None:
        """Return once the server answers; raises StackError if it ends, or not within `limit` seconds."""
        self.child.require(self.answers, limit)

    def start(self) -> None:
        """Start the server and return when it answers."""
        self.launch()
        self.wait_ready()

    def stop(self) -> None:
        """Shut the server down in good order."""
        self.child.stop()

    def kill(self) -> None:
        """End the server by SIGKILL."""
        self.child.kill()

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
