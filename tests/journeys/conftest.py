"""One live stack for all journeys; each brings its own members, suppliers and sites: order is nothing."""

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy.demo.clocks import write_short_clocks
from tests.journeys.door import Door
from tests.live_stack import LiveStack, running

GOODS = Path(__file__).parents[2] / "deploy" / "demo" / "ilab_goods_2022.csv"
GOODS_SOURCE = "US Department of Labor, ILAB"
SECRETARIAT = "secretariat@example.org"
ACKNOWLEDGE, WARN = "PT30S", "PT20S"  # instead of 7 days, and 2 days before
CLOCKS = {
    "ENGAGE_DIGEST_EVERY": "PT5S",  # instead of a day
    "ENGAGE_CHECK_DAYS": "[0]",  # instead of the days 2 to 365 after a contact
}

PEOPLE = (
    ("ingrid", "coordinator"),
    ("amina", "handler"),
    ("samir", "handler"),
    ("jonas", "custodian"),
    ("maja", "auditor"),
)
"""Invented people who work on cases."""

NewMember = Callable[[], Door]


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveStack]:
    """The stack, with the list of goods, somebody at the secretariat who is written to, and those who work on cases."""
    folder = tmp_path_factory.mktemp("journeys")
    write_short_clocks(folder / "benchmarks.toml", ACKNOWLEDGE, WARN)
    with running(folder / "engage", CLOCKS | {"ENGAGE_BENCHMARKS_FILE": str(folder / "benchmarks.toml")}) as live:
        live.engage("recipient", "add", SECRETARIAT, "--name", "Secretariat", "--role", "secretariat")
        words = ("--format", "ilab-goods", "--source", GOODS_SOURCE, "--edition", "2022", "--licence", "public domain")
        live.engage("facts", "load", str(GOODS), *words)
        for name, *roles in PEOPLE:
            live.engage("handler", "add", name, *(word for role in roles for word in ("--role", role)))
        yield live


@pytest.fixture
def fresh() -> str:
    """A word that no other test uses, for names that must not meet another test's."""
    return fresh_word()


@pytest.fixture
def new_member(stack: LiveStack) -> NewMember:
    """Adds a member with a slug of its own and opens its door."""
    return lambda: add_member(stack, f"member-{fresh_word()}")


@pytest.fixture(scope="session")
def member(stack: LiveStack) -> Door:
    """A member for journeys that do not mind what else it has sent."""
    return add_member(stack, f"member-{fresh_word()}")


def fresh_word() -> str:
    return secrets.token_hex(5)


def add_member(stack: LiveStack, slug: str) -> Door:
    """A new member, by the command."""
    stack.engage("member", "add", slug, "--name", f"Example City {slug}", "--country", "NO", "--kind", "buyer")
    return Door(slug, stack.status()["services"]["ingest"]["url"], stack.member_key(slug))
