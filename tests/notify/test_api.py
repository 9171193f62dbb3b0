"""Operators keep the list of recipients; addresses are seen there and nowhere else."""

from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest

from services.notify.api import build
from tests.notify.conftest import OPERATOR, Notify
from tests.notify.events import heard, request
from tests.notify.mail_server import Post, serving
from tests.notify.test_domain import HOSTILE_ADDRESSES

ANNA = {"address": "Anna@Secretariat.example", "name": "Anna", "role": "secretariat"}


@pytest.fixture
async def http(notify: Notify) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(build(notify.runtime()))
    headers = {"authorization": f"Bearer {OPERATOR}"}
    async with httpx.AsyncClient(transport=transport, base_url="http://notify", headers=headers) as client:
        yield client


async def test_a_recipient_is_added_listed_and_removed(http: httpx.AsyncClient) -> None:
    added = await http.post("/recipients", json=ANNA)
    assert added.status_code == 201
    assert set(added.json()) == {"id", "name", "role"}

    (listed,) = (await http.get("/recipients")).json()
    assert (listed["address"], listed["id"]) == ("anna@secretariat.example", added.json()["id"])

    assert (await http.delete(f"/recipients/{listed['id']}")).status_code == 204
    assert (await http.delete(f"/recipients/{listed['id']}")).status_code == 404
    assert (await http.get("/recipients")).json() == []


async def test_a_known_address_keeps_its_id_and_gets_the_new_role(http: httpx.AsyncClient) -> None:
    first = await http.post("/recipients", json=ANNA)

    again = await http.post("/recipients", json={**ANNA, "address": "anna@secretariat.example", "role": "operator"})

    assert again.status_code == 200
    assert again.json() == {"id": first.json()["id"], "name": "Anna", "role": "operator"}


@pytest.mark.parametrize("address", HOSTILE_ADDRESSES)
async def test_a_hostile_address_is_refused_and_not_echoed(http: httpx.AsyncClient, address: str) -> None:
    answer = await http.post("/recipients", json={**ANNA, "address": address})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] == "address_invalid"
    assert not address or address not in answer.text
    assert (await http.get("/recipients")).json() == []


@pytest.mark.parametrize(
    "change", [{"role": "admin"}, {"name": "a\r\nb"}, {"name": ""}, {"address": ["a@b.example"]}, {"extra": "CANARY"}]
)
async def test_what_does_not_fit_is_refused_and_not_echoed(http: httpx.AsyncClient, change: dict[str, object]) -> None:
    answer = await http.post("/recipients", json={**ANNA, **change})

    assert answer.status_code == 422
    assert "CANARY" not in answer.text
    assert "secretariat.example" not in answer.text.lower()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/recipients"),
        ("GET", "/recipients"),
        ("DELETE", f"/recipients/{uuid4()}"),
        ("GET", "/mails"),
        ("GET", "/mails/summary"),
    ],
)
@pytest.mark.parametrize("key", [None, "another key"])
async def test_without_the_operators_key_nothing_is_told(
    http: httpx.AsyncClient, method: str, path: str, key: str | None
) -> None:
    headers = {"authorization": f"Bearer {key}"} if key else {"authorization": ""}

    answer = await http.request(method, path, headers=headers, json=ANNA if method == "POST" else None)

    assert answer.status_code == 401


async def test_mails_are_listed_and_counted_without_addresses(http: httpx.AsyncClient, notify: Notify) -> None:
    await http.post("/recipients", json=ANNA)
    await notify.mail(heard(request()), heard(request()))
    async with serving(Post()) as port, notify.sending(port):
        await notify.wait_for_states("sent", "sent")

    listed = await http.get("/mails", params={"state": "sent"})
    summary = await http.get("/mails/summary")

    assert [mail["attempts"] for mail in listed.json()] == [1, 1]
    assert "secretariat.example" not in listed.text + summary.text
    assert summary.json()["counts"] == [{"template": "restricted_testimony_received", "state": "sent", "mails": 2}]
    assert summary.json()["delay_seconds"]["mails"] == 2
    assert (await http.get("/mails", params={"state": "failed"})).json() == []


async def test_a_summary_of_nothing_has_no_figures(http: httpx.AsyncClient) -> None:
    answer = await http.get("/mails/summary")

    assert answer.json() == {"counts": [], "delay_seconds": {"mails": 0, "p50": None, "p99": None}}


@pytest.mark.parametrize("query", [{"state": "lost"}, {"limit": "0"}, {"limit": "1001"}])
async def test_a_question_that_makes_no_sense_is_refused(http: httpx.AsyncClient, query: dict[str, str]) -> None:
    assert (await http.get("/mails", params=query)).status_code == 422


async def test_removing_somebody_makes_the_waiting_mails_due(http: httpx.AsyncClient, notify: Notify) -> None:
    added = await http.post("/recipients", json=ANNA)
    await notify.mail(heard(request()))
    await notify.schema.rows("UPDATE mail_intent SET state = 'retry', next_attempt_at = now() + interval '6 hours'")

    await http.delete(f"/recipients/{added.json()['id']}")

    async with serving(Post()) as port, notify.sending(port):
        await notify.wait_for_states("cancelled")
