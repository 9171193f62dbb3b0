"""Reporters are asked about the mechanism (UNGP 31(h)); what they answer is counted and leads to no case."""

import httpx
import pytest

from services.remedy.domain import survey
from services.remedy.office import Office
from services.remedy.receipts import draw_receipt
from services.remedy.store import survey as store
from shared.postgres import Connection
from tests.conftest import Schema
from tests.remedy.reporting import Reporter, reporter


@pytest.fixture
async def ana(office: Office, client: httpx.AsyncClient) -> Reporter:
    """Somebody whose testimony was taken in."""
    return await reporter(office, client)


async def answers(schema: Schema) -> dict[tuple[str, int], int]:
    """What is counted, by question and grade."""
    rows = await schema.rows("SELECT question, grade, number FROM survey_answer")
    return {(row["question"], row["grade"]): row["number"] for row in rows}


async def test_answers_of_several_reporters_are_counted_together(
    office: Office, client: httpx.AsyncClient, ana: Reporter, schema: Schema
) -> None:
    bela = await reporter(office, client)

    first = await ana.told("survey", answers={"predictable": 4, "safe": 2})
    await bela.told("survey", answers={"predictable": 4})

    assert first == {"counted": 2}
    assert await answers(schema) == {("predictable", 4): 2, ("safe", 2): 1}


async def test_a_receipt_answers_once_however_it_is_typed(ana: Reporter, schema: Schema) -> None:
    await ana.told("survey", answers={"predictable": 4})
    again = Reporter(ana.client, ana.case, ana.receipt.lower().replace("-", ""), ana.key)

    repeated = await again.ask("survey", answers={"predictable": 1})

    assert (repeated.status_code, repeated.json()["code"]) == (409, "already_answered")
    assert await answers(schema) == {("predictable", 4): 1}


async def test_nobody_answers_without_a_receipt_that_leads_to_a_case(ana: Reporter, schema: Schema) -> None:
    stranger = Reporter(ana.client, ana.case, draw_receipt(), ana.key)

    refused = await stranger.ask("survey", answers={"predictable": 4})

    assert (refused.status_code, refused.json()["code"]) == (404, "receipt_unknown")
    assert await answers(schema) == {}
    assert await schema.rows("SELECT FROM survey_answered") == []


async def test_nothing_that_is_kept_leads_from_an_answer_to_its_case(ana: Reporter, schema: Schema) -> None:
    before = await traces(schema)

    await ana.told("survey", answers={"safe": 1})

    assert await traces(schema) == before  # no audit entry, no fact, no event, and not even a lock on the case's row
    (token,) = [bytes(row[0]) for row in await schema.rows("SELECT token FROM survey_answered")]
    (kept,) = [bytes(row[0]) for row in await schema.rows("SELECT receipt_hash FROM grievance_case")]
    assert token != kept
    columns = await schema.rows(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = 'remedy' AND table_name ~ '^survey'"
    )
    assert {row[0] for row in columns} == {"token", "quarter", "edition", "question", "grade", "number"}


async def traces(schema: Schema) -> list[object]:
    """All that a visit to a case leaves: entries, facts, events, and the transactions that touched its row."""
    counts = [
        (await schema.rows(f"SELECT count(*) FROM {table}"))[0][0]
        for table in ("audit_entry", "case_fact", "outbox", "content")
    ]
    rows = await schema.rows("SELECT xmin::text, xmax::text FROM grievance_case")
    return [*counts, *(tuple(row) for row in rows)]


@pytest.mark.parametrize(
    "said", [{}, {"predictable": 0}, {"predictable": 6}, {"unheard_of": 3}, {"predictable": 3, "unheard_of": 3}]
)
async def test_what_answers_no_question_is_refused(ana: Reporter, schema: Schema, said: dict[str, int]) -> None:
    refused = await ana.ask("survey", answers=said)

    assert (refused.status_code, refused.json()["code"]) == (422, "schema_invalid")
    assert "unheard_of" not in refused.text
    assert await schema.rows("SELECT FROM survey_answered") == []


async def test_the_questions_are_shown_with_their_source(client: httpx.AsyncClient) -> None:
    shown = (await client.get("/door/survey")).json()

    assert {one["code"] for one in shown} == survey.CODES
    assert all("UNGP 31" in one["source"] and one["text"].endswith("?") for one in shown)
    assert {one["source"][:10] for one in shown} == {f"UNGP 31({letter})" for letter in "abcdefgh"}


async def test_answers_are_read_summed_over_the_quarters_asked_for(tx: Connection) -> None:
    for quarter, grade in (("2026-Q1", 4), ("2026-Q2", 4), ("2026-Q2", 5), ("2025-Q4", 1)):
        await store.add(tx, quarter, survey.EDITION, {"predictable": grade})

    rows = await store.read_answers(tx, ["2026-Q1", "2026-Q2"])

    found = [(row["question"], row["grade"], row["number"]) for row in rows]
    assert found == [("predictable", 4, 2), ("predictable", 5, 1)]


def test_a_token_needs_the_receipt_itself_and_the_pepper() -> None:
    receipt = draw_receipt()

    tokens = {survey.token_of(one, pepper) for one in (receipt, draw_receipt()) for pepper in (bytes(32), b"x" * 32)}

    assert len(tokens) == 4
    assert survey.token_of(receipt, bytes(32)) == survey.token_of(receipt, bytes(32))
