"""What members and operators read of flags: the gravest first, with evidence, history, replies, age and clock."""

import base64
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from rich.console import Console

from services.risk.api import access, flag_entries, flags
from services.risk.commands.flags import print_flag, print_flags
from services.risk.domain.flags import flag_of
from services.risk.settings import RiskSettings
from shared.events.ingest import MemberLeft
from shared.events.lifecycles import FlagReason, FlagState
from shared.events.vocabulary import Category, MemberKind, SourceClass
from shared.http import PROBLEMS, digest, open_api
from tests.conftest import Schema
from tests.risk import given
from tests.risk.flags.conftest import Tell
from tests.risk.flags.told import (
    followed_up,
    replied,
    reply_taken_back,
    reported,
    site_merged,
    step_taken_back,
    taken_back,
    way_to,
)
from tests.risk.given import named

S = FlagState
KEY = "an-operator's-key-of-these-tests"
FLAG = flag_of(named("site 1"), Category.FORCED_LABOUR)


@pytest.fixture
async def client(schema: Schema) -> AsyncIterator[httpx.AsyncClient]:
    settings = RiskSettings(
        kafka_bootstrap="127.0.0.1:1", database_dsn=schema.dsn, operator_key_sha256=SecretStr(digest(KEY))
    )
    transport = httpx.ASGITransport(application(schema, settings))
    headers = {"authorization": f"Bearer {KEY}"}
    async with httpx.AsyncClient(transport=transport, base_url="http://risk", headers=headers) as client:
        yield client


def application(schema: Schema, settings: RiskSettings) -> FastAPI:
    """The flags' part of the interface."""
    api = open_api("Engage risk", "Flags.", 1024)
    api.state.runtime, api.state.requests = schema.runtime(settings), access.requests_of(settings)
    api.include_router(flags.router, responses=PROBLEMS)
    return api


async def read(client: httpx.AsyncClient, path: str, **query: Any) -> Any:
    answer = await client.get(path, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_nobody_reads_flags_without_a_key(client: httpx.AsyncClient) -> None:
    for path in ("/flags", f"/flags/{FLAG}"):
        assert (await client.get(path, headers={"authorization": "Bearer another"})).status_code == 401


async def test_flags_come_by_severity_before_likelihood_page_by_page(tell: Tell, client: httpx.AsyncClient) -> None:
    await tell(
        reported("mild but likely", site="site 1", parts=(2, 2, 2, 5)),
        reported("grave but unlikely", site="site 2", parts=(5, 1, 1, 1)),
        reported("middling", site="site 3", parts=(3, 1, 1, None)),
        reported("middling, too", site="site 4", parts=(3, 1, 1, 3)),
    )

    found, path = [], "/flags?limit=1"
    while path:
        page = await read(client, path)
        found += page["items"]
        path = page["next"]

    assert [one["priority"] for one in found] == [51, 33, 33, 25]
    assert len({one["flag"] for one in found}) == 4
    assert [one["likelihood"] for one in found if one["parts"]["likelihood"] is None] == [None]


async def test_flags_are_found_by_what_they_are_about_and_how_they_stand(tell: Tell, client: httpx.AsyncClient) -> None:
    await tell(*way_to(S.DISMISSED))
    await tell(
        reported("report 2", site="site 2", category=Category.CHILD_LABOUR, supplier="supplier 2"),
        reported("report 3", site=None),
    )
    await tell(site_merged("site 9", "site 2"))

    async def found(**query: Any) -> set[str]:
        return {one["category"] + (one["site"] or "") for one in (await read(client, "/flags", **query))["items"]}

    first, second, third = (
        "forced_labour" + str(named("site 1")),
        "child_labour" + str(named("site 2")),
        "forced_labour",
    )
    assert await found() == {first, second, third}
    assert await found(open="true") == {second, third}
    assert await found(open="false") == await found(state="dismissed") == {first}
    assert await found(category="child_labour") == await found(site=str(named("site 9"))) == {second}
    assert await found(supplier=str(named("supplier 2"))) == {second}
    assert await found(supplier=str(named("supplier 1"))) == {first, third}


@pytest.mark.parametrize("query", ["state=unheard", "category=other", "cursor=%25", "cursor=YWJj", "limit=0", "site=x"])
async def test_what_is_no_question_is_refused_without_repeating_it(client: httpx.AsyncClient, query: str) -> None:
    answer = await client.get(f"/flags?{query}")

    assert answer.status_code == 422
    assert "unheard" not in answer.text


@pytest.mark.parametrize("priority", ["-1", "-2147483649", "1000001", str(10**20), "1e3"])
async def test_a_cursor_beyond_every_priority_is_refused(client: httpx.AsyncClient, priority: str) -> None:
    cursor = base64.urlsafe_b64encode(f"{priority}/{FLAG}".encode()).decode().rstrip("=")

    answer = await client.get("/flags", params={"cursor": cursor})

    assert (answer.status_code, answer.json()["code"]) == (422, "cursor_invalid")


async def test_a_flag_shows_its_evidence_every_step_and_every_reply(tell: Tell, client: httpx.AsyncClient) -> None:
    await tell(
        reported(),
        reported("report 2", at=1, source=SourceClass.MEDIA, member=None, parts=(5, 1, 1, None)),
        reported("report 3", at=2),
        taken_back("report 3", at=3),
        followed_up(S.TRIAGED, entry="mistaken", at=4),
        step_taken_back("mistaken", at=5),
        followed_up(S.CONFIRMED, at=6),
        followed_up(S.DISMISSED, at=7, member="malmo", basis=SourceClass.SUPPLIER, reason=FlagReason.NOT_CREDIBLE),
        replied(at=0.5),
        replied("reply 2", at=8),
        reply_taken_back("reply 2", at=9),
    )

    shown = await read(client, f"/flags/{FLAG}")

    assert (shown["state"], shown["severity"], shown["reports"], shown["open"]) == ("confirmed", 5, 2, True)
    assert shown["sources"] == ["media", "public"]
    assert [(one["member"], one["contributor"]) for one in shown["evidence"]] == [
        ("oslo", "buyer"),
        (None, "partner"),
        ("oslo", "buyer"),
    ]
    assert [bool(one["withdrawn_at"]) for one in shown["evidence"]] == [False, False, True]
    assert (shown["evidence"][2]["headline"], shown["evidence"][2]["evidence"]) == (None, [])
    assert shown["evidence"][0]["evidence"][0]["uri"].startswith("https://example.org/")
    assert [(one["after"], one["refusal"], bool(one["withdrawn_at"])) for one in shown["history"]] == [
        ("triaged", None, True),
        ("confirmed", None, False),
        ("dismissed", "supplier_word_alone", False),
    ]
    assert [one["reply"] for one in shown["replies"]] == [str(named("reply 1"))]
    assert (shown["clock"]["awaits"], shown["clock"]["overdue"]) == ("response", True)
    assert shown["age_days"] == shown["days_in_state"] > 200


async def test_the_statement_of_a_reply_to_a_report_that_was_taken_back_is_not_shown(
    tell: Tell, client: httpx.AsyncClient
) -> None:
    await tell(
        reported(),
        reported("report 2"),
        replied(statement=True),
        replied("reply 2", report="report 2", statement=True),
        taken_back("report 2"),
    )

    shown = await read(client, f"/flags/{FLAG}")

    assert {one["reply"]: one["statement"] is None for one in shown["replies"]} == {
        str(named("reply 1")): False,
        str(named("reply 2")): True,
    }


async def test_a_member_that_has_left_is_no_longer_named(tell: Tell, client: httpx.AsyncClient) -> None:
    await tell(reported(), followed_up(S.CONFIRMED))
    await tell(given.event(MemberLeft(member="oslo", kind=MemberKind.BUYER), "oslo", 9000))

    shown = await read(client, f"/flags/{FLAG}")

    assert [one["member"] for one in shown["evidence"] + shown["history"]] == [None, None]
    assert "oslo" not in str(shown)


async def test_a_flag_that_was_merged_says_where_its_reports_are(tell: Tell, client: httpx.AsyncClient) -> None:
    await tell(reported())
    await tell(site_merged("site 1", "site 2"))
    into = str(flag_of(named("site 2"), Category.FORCED_LABOUR))

    gone = await read(client, f"/flags/{FLAG}")

    assert (gone["state"], gone["merged_into"], gone["evidence"], gone["history"]) == ("closed", into, [], [])
    assert [one["flag"] for one in (await read(client, "/flags"))["items"]] == [into]


async def test_of_very_many_reports_the_newest_are_shown_and_the_others_counted(
    tell: Tell, client: httpx.AsyncClient, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flag_entries, "NEWEST", 2)
    await tell(*(reported(f"report {number}", at=number) for number in range(5)))
    await tell(*(replied(f"reply {number}", report="report 4", at=number) for number in range(3)))

    shown = await read(client, f"/flags/{FLAG}")
    print_flag(Console(width=200), shown)

    assert [one["report"] for one in shown["evidence"]] == [str(named("report 3")), str(named("report 4"))]
    assert (shown["reports"], shown["more_evidence"], shown["more_history"]) == (5, 3, 0)
    assert (len(shown["replies"]), shown["more_replies"]) == (2, 1)
    text = capsys.readouterr().out
    assert "3 older ones are not shown." in text
    assert "1 older ones are not shown." in text


async def test_an_unknown_flag_is_not_there(client: httpx.AsyncClient) -> None:
    answer = await client.get(f"/flags/{UUID(int=1)}")

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_what_is_printed_reads_as_reports_and_not_as_findings(
    tell: Tell, client: httpx.AsyncClient, capsys: pytest.CaptureFixture[str]
) -> None:
    await tell(
        *way_to(S.CONFIRMED),
        followed_up(S.CLOSED, at=7, reason=FlagReason.NO_BUSINESS_LEFT),
        replied(at=0.5),
        reported("report 2", at=1, site=None),
    )
    console = Console(width=200, highlight=False, markup=False)

    print_flags(console, await read(client, "/flags"))
    print_flag(console, await read(client, f"/flags/{FLAG}"))
    print_flags(console, {"items": [], "next": None})

    text = capsys.readouterr().out
    assert "forced labour: Example Plant, Example Electronics (CN); confirmed" in text
    assert "response by 2026-03-23, overdue" in text
    assert "open to it now: engaged, mitigating" in text
    assert f"report {named('report 1')}: name it in flag.followed-up.v1 or reply.given.v1" in text
    assert "closed, oslo (no business left; by audit): not taken, not from this state; it stayed confirmed" in text
    assert "supplier disputes" in text
    assert "No flag is known that fits." in text
    assert not any(word in text.lower() for word in ("violat", "guilty", "breach", "abuse", "exploit"))
