"""What the documentation of the contracts says of a flag's steps is what the rules have."""

import re
from pathlib import Path

from services.risk.domain.flags.rules import FOLLOWING

README = Path(__file__).parents[3] / "deploy" / "contracts" / "README.md"


def test_the_table_of_steps_is_that_of_the_rules() -> None:
    rows = re.findall(r"^\| (\w+) \| ([\w, ]+) \|$", README.read_text(), re.MULTILINE)

    assert {state: set(steps.split(", ")) for state, steps in rows} == {
        state.value: {step.value for step in steps} for state, steps in FOLLOWING.items()
    }
