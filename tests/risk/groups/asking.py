"""Asking the door of `risk` about working groups, as the operator or as a member."""

import secrets
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from shared.events.envelope import Event
from shared.events.ingest import KeyIssued
from shared.events.vocabulary import KeyPurpose
from shared.http import digest
from shared.member_keys import key_of
from tests.risk.given import event
from tests.risk.world import World

OPERATOR = "an-operator's-key-of-these-tests"


async def key_for(world: World, member: str) -> str:
    """A key by which a member may ask, once `risk` has heard of it."""
    kid = secrets.token_hex(6)
    key = key_of(kid, secrets.token_urlsafe(32))
    issued = KeyIssued(kid=kid, member=member, digest=digest(key), purposes=(KeyPurpose.READ,))
    await world.hears(event(issued, kid, 0, member))
    return key


async def ask(door: httpx.AsyncClient, path: str, key: str = OPERATOR, **params: int) -> httpx.Response:
    """What is answered."""
    return await door.get(path, params=params or None, headers={"authorization": f"Bearer {key}"})


async def salient(door: httpx.AsyncClient, group: str, key: str = OPERATOR) -> list[dict[str, Any]]:
    """The salient issues of a group."""
    found: list[dict[str, Any]] = (await ask(door, f"/groups/{group}/salient-issues", key)).json()["issues"]
    return found


def days_ago(days: float, told: Event) -> Event:
    """The same event, recorded so many days before now."""
    return replace(told, recordedtime=datetime.now(UTC) - timedelta(days=days))
