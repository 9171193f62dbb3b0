"""Starting a child again after it has ended, at once at first, then ever more slowly."""

import time
from collections.abc import Callable

from deploy.local.errors import StackError
from deploy.local.processes import Child

FIRST_DELAY = 0.2
LONGEST_DELAY = 5.0
STEADY_AFTER = 30.0  # seconds alive after which an end is no longer counted together with those before it


class Watched:
    """A child that is to run for ever. `look` is called often; it never waits."""

    def __init__(self, child: Child, launch: Callable[[], None], clock: Callable[[], float] = time.monotonic) -> None:
        self.child = child
        self._launch = launch
        self._clock = clock
        self._started = clock()
        self._delay = FIRST_DELAY
        self._due: float | None = None

    def launch(self) -> None:
        """Start the child; what goes wrong is raised, as at a first start."""
        self._due = None
        self._started = self._clock()
        self._launch()

    def look(self) -> str | None:
        """Start the child again if it has ended and its delay is over; returns a line for the log, if any."""
        if self.child.alive():
            return None
        now = self._clock()
        if self._due is None:
            return self._plan(now, f"ended with code {self.child.exit_code}")
        if now < self._due:
            return None
        try:
            self.launch()
        except StackError as error:
            return self._plan(now, f"could not be started: {error}")
        return f"{self.child.name}: started again as process {self.child.pid}"

    def _plan(self, now: float, happened: str) -> str:
        if now - self._started >= STEADY_AFTER:
            self._delay = FIRST_DELAY
        delay = self._delay
        self._due, self._delay = now + delay, min(self._delay * 2, LONGEST_DELAY)
        return f"{self.child.name}: {happened}, to be started again in {delay:.1f} s"
