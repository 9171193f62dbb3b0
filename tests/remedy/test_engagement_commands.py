"""What operators type about engagements, against the service's real HTTP; no stranger steers a terminal."""

import json
from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from services.remedy.commands.options import harmless, path_safe
from shared.client import CommandError
from tests.conftest import Schema
from tests.remedy.given import OPERATOR_KEY, PROPOSE_FOR_FLAGS, PROPOSE_FOR_GROUPS, flag, group, handle
from tests.remedy.typing_in import engage, http_of, typed


@pytest.fixture
async def service(schema: Schema, keys: Schema, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Schema]:
    """The running service, and the operator's key in the environment."""
    async with http_of(schema, keys) as address:
        monkeypatch.setenv("ENGAGE_REMEDY_URL", address)
        monkeypatch.setenv("ENGAGE_OPERATOR_KEY", OPERATOR_KEY)
        yield schema


async def test_an_operator_lists_engagements_and_opens_one(service: Schema) -> None:
    empty = await typed("engagement", "list")
    async with service.pool.acquire() as connection, connection.transaction():
        await handle(PROPOSE_FOR_GROUPS, connection, group("acme", suppliers=[UUID(int=1)]))
        await handle(PROPOSE_FOR_FLAGS, connection, flag(UUID(int=1), name="[red]Example[/r"))

    (proposed,) = json.loads((await typed("engagement", "list", "--group", "acme", "--json")).stdout)
    opened = await typed("engagement", "open", proposed["engagement"], "--objective", "Fees are repaid.")
    listed = await typed("engagement", "list")

    assert empty.stdout == "No engagements.\n"
    assert opened.stdout == "Opened: acme engages [red]Example[/r.\n"
    assert "opened" in listed.stdout and "[red]Example[/r" in listed.stdout


def test_a_strangers_text_cannot_steer_the_terminal() -> None:
    assert harmless("a\x1b[2Jb\r\x07\n\tç欠") == "a\ufffd[2Jb\ufffd\ufffd\n\tç欠"


@pytest.mark.parametrize("argument", ["../keys", "", "R-1?x=1", "é"])
def test_an_argument_stays_one_step_of_a_path(argument: str) -> None:
    with pytest.raises(CommandError, match="letters, digits and - only"):
        path_safe(argument)


@pytest.mark.parametrize("command", ["list", "open"])
def test_help_teaches_with_an_example(command: str) -> None:
    assert "Example: " in engage("engagement", command, "--help").output
