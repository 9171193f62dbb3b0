"""The supervisor as a process of its own, as `engage up --detach` starts it."""

import argparse
import sys
from pathlib import Path

from deploy.local.errors import StackError
from deploy.local.stack import Stack
from deploy.local.state import AlreadyRunningError, StateFolder


def main() -> int:
    """Run the stack of a state folder until it is told to stop; 1 when it could not start."""
    parser = argparse.ArgumentParser(description="Run the local stack.")
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--timeout", type=float, default=180.0)
    options = parser.parse_args()
    try:
        Stack(StateFolder(options.state), report=lambda _line: None).run(options.timeout)  # it keeps a log of its own
    except (AlreadyRunningError, StackError):
        return 1  # what happened is in the state, where the one who waits reads it
    return 0


if __name__ == "__main__":
    sys.exit(main())
