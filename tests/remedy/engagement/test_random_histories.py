"""Histories drawn at random: in whichever batches, and across engagements in whichever order, they come to the same."""

import random
from contextlib import suppress
from typing import Any
from uuid import uuid4

import pytest

from services.remedy.domain.engagement.standing import Entry, StepRefused
from services.remedy.store.engagement import entries
from shared.events.ingest import (
    AskRecorded,
    AssessmentRecorded,
    CommitmentRecorded,
    ConclusionRecorded,
    DialogueEntry,
    DialogueWithdrawn,
    EscalationRecorded,
    MilestoneRecorded,
    OpeningRecorded,
)
from tests.conftest import EmptySchema, Schema
from tests.remedy.engagement.dialogues import ENGAGEMENT, FILE, UP_TO_NOTICE, Told, day, of_engagement
from tests.remedy.engagement.hearing import board, everything, hear
from tests.remedy.given import published


def random_history(seed: int) -> list[Entry]:
    """Entries of one engagement drawn at random, legal or not."""
    drawn = random.Random(seed)
    course = Told(count=seed * 1000)
    for number in range(60):
        before = course.dialogue.engagement
        asks, promises = (list(before.asks), list(before.commitments)) if before else ([], [])
        reports: list[tuple[type[DialogueEntry], dict[str, Any]]] = [
            (OpeningRecorded, {}),
            (AskRecorded, {"due": day(drawn.randrange(200))}),
            (CommitmentRecorded, {"ask": drawn.choice([*asks, None]), "due": day(drawn.randrange(200))}),
            (AssessmentRecorded, {"commitment": drawn.choice([*promises, uuid4()]), "evidence": (FILE,)}),
            (
                MilestoneRecorded,
                {"milestone": f"M{drawn.randrange(5)}", "reached_on": day(number), "reason": "So."},
            ),
            (EscalationRecorded, {"step": drawn.choice(UP_TO_NOTICE), "taken_on": day(number)}),
            (DialogueWithdrawn, {"entry": drawn.choice([*(one.id for one in course.every), uuid4()])}),
            (ConclusionRecorded, {"outcome": "stalled", "role": drawn.choice(["supporting"] * 9 + ["lead"])}),
        ]
        kind, said = drawn.choice(reports)
        with suppress(StepRefused):
            course.say(kind, **said)
    return course.every


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_random_histories_come_to_the_same_in_any_batches_and_across_engagements(
    schema: Schema, empty_schema: EmptySchema, seed: int
) -> None:
    first = random_history(seed)
    second = of_engagement(random_history(seed + 10), uuid4())
    await hear(schema, *first)
    await hear(schema, *second)
    expected = await everything(schema), {event.id for _, event in await published(schema.pool)}
    rows = {row["entry"]: row["standing"] for row in await schema.rows("SELECT entry, standing FROM dialogue_entry")}
    assert len({*rows.values()}) == 3, "a history without refusal or withdrawal shows nothing"
    mixed = merged(first, second, random.Random(seed))
    schema = await empty_schema("remedy")

    while mixed:
        size = random.Random(len(mixed)).randrange(1, 30)
        await hear(schema, *mixed[:size])
        mixed = mixed[size:]

    assert (await everything(schema), {event.id for _, event in await published(schema.pool)}) == expected
    async with schema.pool.acquire() as connection:
        folded = await entries.read_engagements(connection, [ENGAGEMENT])
    shown, found = await board(schema), folded.get(ENGAGEMENT)
    assert (shown is None) == (found is None or found.state == "proposed")
    if shown is not None and found is not None:
        names = ("state", "milestone", "objective", "outcome", "moved_at", "closed_at")
        assert {name: shown[name] for name in names} == {name: getattr(found, name) for name in names}


def merged(first: list[Entry], second: list[Entry], drawn: random.Random) -> list[Entry]:
    """Both in one order, each in its own."""
    one, other = list(reversed(first)), list(reversed(second))
    return [(one if not other or (one and drawn.random() < 0.5) else other).pop() for _ in range(len(one + other))]
