"""The demo's own state folder: recognised by a mark, so that nobody's real data is ever cleared."""

import shutil
from pathlib import Path

from deploy.demo.command_line import CommandLine
from deploy.local.state import DEMO_MARK
from shared.client import CommandError


def clear_stage(state: Path, line: CommandLine) -> None:
    """Make the state folder empty and mark it. Raises CommandError where it holds anything but an earlier demo."""
    if state.exists() and any(state.iterdir()):
        if not (state / DEMO_MARK).exists():
            raise CommandError(
                f"{state} holds a stack that is not a demo's, and the demo would mix with its data. "
                "Run it elsewhere: ENGAGE_STATE=.engage-demo engage demo"
            )
        line.run("down")
        shutil.rmtree(state)
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    (state / DEMO_MARK).write_text("Made by 'engage demo', which removes this folder when it is run again.\n")
