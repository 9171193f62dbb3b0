"""What the documentation of the contracts shows can be posted as it stands."""

import json
import re
from pathlib import Path
from uuid import UUID

import pytest

from tests.ingest.conftest import Doors
from tests.ingest.seen import outcomes
from tests.ingest.test_replies import report_of

README = Path(__file__).parents[2] / "deploy" / "contracts" / "README.md"


def shown(name: str) -> str:
    """The content of a file as the documentation has it."""
    found = re.search(rf"`{name}`.*?```json\n(.*?)```", README.read_text(), re.DOTALL)
    assert found is not None, name
    return found[1]


async def test_a_first_disclosure_is_accepted_in_structured_mode(doors: Doors) -> None:
    headers = doors.as_member() | {"content-type": "application/cloudevents+json"}

    answer = await doors.client.post("/events", content=shown("event.json"), headers=headers)

    assert (answer.status_code, outcomes(answer)) == (202, ["accepted"])


async def test_its_data_alone_is_accepted_in_binary_mode_and_is_the_same_event(doors: Doors) -> None:
    event = json.loads(shown("event.json"))
    attributes = {f"ce-{name}": event[name] for name in ("specversion", "id", "source", "type", "time")}
    headers = doors.as_member() | {"content-type": "application/json"} | attributes

    first = await doors.client.post("/events", content=shown("data.json"), headers=headers)
    again = await doors.send(event)

    assert (first.status_code, outcomes(first)) == (202, ["accepted"])
    assert outcomes(again) == ["duplicate"]


@pytest.mark.parametrize("name", ["follow-up.json", "reply.json"])
async def test_a_first_step_and_a_first_reply_are_accepted_with_the_id_of_a_report(doors: Doors, name: str) -> None:
    report = await report_of(doors)

    answer = await doors.send(json.loads(shown(name).replace(str(UUID(int=0)), str(report))))

    assert outcomes(answer) == ["accepted"]
