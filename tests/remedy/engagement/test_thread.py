"""`engage timeline`: one thread from contract to verified closure, merged from what three services have told."""

import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from typer.testing import CliRunner

from services.remedy.commands.engagement.timeline import NOTHING
from shared.events.risk import FlagOpened
from tests.conftest import EmptySchema
from tests.ingest.given import CONTRACT, DISCLOSURE, FLAG, SITE, event
from tests.remedy.engagement.three import Services, app, opened

SUPPLIER = "Example Electronics Ltd"
ANOTHER = "Example Electronics of Nowhere"
EVIDENCE = {"uri": "https://example.org/proof.pdf", "sha256": "0" * 64, "media_type": "application/pdf"}


@dataclass
class Story:
    """What happened between a group and a supplier, from a contract to its closure."""

    services: Services
    engagement: str
    flag: str
    supplier: str

    async def thread(self, subject: str, member: str | None = None, *more: str) -> Any:
        """The thread of a subject as a member is shown it, or the operator."""
        shown = await self.services.typed("timeline", subject, "--json", *more, member=member)
        assert shown.exit_code == 0, (shown.output, shown.exception)
        return json.loads(shown.output)


@pytest.fixture
async def story(empty_schema: EmptySchema) -> AsyncIterator[Story]:
    async with opened(empty_schema) as services:
        yield await told(services)


async def told(services: Services) -> Story:
    """Contract, disclosure, flag, engagement with an ask, and its end; `stranger` has no part in any of it."""
    for member, kind in (("oslo", "buyer"), ("bergen", "buyer"), ("stranger", "buyer"), ("watch", "secretariat")):
        await services.join(member, kind)
    group: dict[str, Any] = {
        "workinggroup": "phones",
        "name": "Phones",
        "purpose": "To engage.",
        "secretariat": "watch",
    }
    group |= {"founding": {"cause": "compliance_concern", "reason": "Fees."}, "suppliers": [SUPPLIER]}
    group |= {"members": [{"member": "oslo", "role": "lead"}, {"member": "bergen", "role": "supporting"}]}
    supplier = (await services.operate("/workinggroups", group))["suppliers"][SUPPLIER]
    named = {"supplier": {"name": SUPPLIER}}
    await services.send("oslo", event("contract.registered.v1", CONTRACT | named))
    site = {"site": SITE, "contract": CONTRACT["reference"]}
    await services.send("oslo", event("disclosure.submitted.v1", DISCLOSURE | named | site))
    await services.send("bergen", event("flag.raised.v1", FLAG | named))
    flag = await flag_of(services)
    engagement = str(uuid4())
    of = {"workinggroup": "phones", "engagement": engagement, "supplier": supplier}
    opening = {"objective": "Fees are paid back.", "category": "forced_labour", "decided_on": "2026-01-10"}
    await services.send("oslo", event("opening.decided.v1", of | opening | {"flags": [flag]}))
    reached = {"milestone": "M1", "reached_on": "2026-01-12", "evidence": [EVIDENCE]}
    await services.send("oslo", event("milestone.reported.v1", of | reached))
    await services.send("bergen", event("ask.made.v1", of | {"ask": "Pay back the fees.", "category": "forced_labour"}))
    ended = {"outcome": "discontinued", "concluded_on": "2026-01-14", "reason": "The plant was closed."}
    await services.send("oslo", event("engagement.concluded.v1", of | ended))
    return Story(services, engagement, flag, supplier)


async def flag_of(services: Services) -> str:
    """The flag that `risk` opened."""
    rows = await services.schemas["risk"].rows("SELECT value FROM outbox ORDER BY id")
    found = [json.loads(row["value"]) for row in rows]
    return next(str(one["flag"]) for one in found if FlagOpened.model_fields.keys() >= one.keys() and "report" in one)


def kinds(found: Any) -> list[str]:
    return [line["type"] for line in found["lines"]]


WHOLE = [
    "contract.recorded.v1",
    "disclosure.linked.v1",
    "flag.reported.v1",
    "flag.opened.v1",
    "exposure.changed.v1",
    "opening.recorded.v1",
    "engagement.opened.v1",
    "engagement.milestone-reached.v1",
    "ask.recorded.v1",
    "engagement.closed.v1",
]
"""What the thread of a contract tells its owner, in this order among others."""
ANYWHERE = {"flag.opened.v1", "flag.reported.v1", "engagement.opened.v1", "ask.recorded.v1", "engagement.closed.v1"}
"""What belongs to the thread, wherever it is taken up."""


async def test_the_thread_of_a_contract_runs_to_the_closure_of_the_engagement_that_followed(story: Story) -> None:
    found = await story.thread("2024/17", "oslo")
    shown = await story.services.typed("timeline", "2024/17", member="oslo")

    assert [kind for kind in kinds(found) if kind in WHOLE] == WHOLE
    assert [line["at"] for line in found["lines"]] == sorted(line["at"] for line in found["lines"])
    assert len({line["event"] for line in found["lines"]}) == len(found["lines"])
    assert max(map(len, shown.output.splitlines())) <= 100
    text = re.sub(r"\s+", " ", shown.output)
    assert "Contract 2024/17 recorded" in text and "oslo alone" in text and "group phones" in text
    assert found["lines"][0]["event"][-12:] in shown.output
    assert f"{len(found['lines'])} events." in text
    for subject in (
        story.flag,
        story.engagement,
        story.engagement[:8],
        story.supplier,
        "example electronics",
    ):  # taken up anywhere
        assert set(kinds(await story.thread(subject, "oslo"))) >= ANYWHERE


async def test_each_reads_what_it_may_read_and_no_more(story: Story) -> None:
    bergen = await story.thread(story.flag, "bergen")
    stranger = await story.thread(story.flag, "stranger")
    operator = await story.thread(story.flag)

    assert "engagement.opened.v1" in kinds(bergen) and "exposure.changed.v1" not in kinds(bergen)
    assert {line["audience"] for line in stranger["lines"]} == {"members"}
    assert story.engagement not in str(stranger) and "phones" not in str(stranger["lines"])
    assert {"exposure.changed.v1", "engagement.opened.v1"} <= set(kinds(operator))
    hidden = await story.services.typed("timeline", story.engagement, member="stranger")
    unheard_of = await story.services.typed("timeline", str(uuid4()), member="stranger")
    assert hidden.output == unheard_of.output == NOTHING
    await story.services.send(
        "stranger", event("disclosure.submitted.v1", DISCLOSURE | {"supplier": {"name": ANOTHER}})
    )
    several = await story.services.typed("timeline", "example electronics", member="stranger")
    assert several.exit_code == 1 and f"  {story.supplier}  supplier {SUPPLIER}" in str(several.exception)
    for member in ("bergen", "stranger"):  # another's contract is unheard of
        shown = await story.services.typed("timeline", "2024/17", member=member)
        assert shown.exit_code == 1 and "subject_unknown" in str(shown.exception)


@pytest.mark.parametrize("typed", ["R-7K2M-9QXA-4T5C", "r-7k2m-9qxa-4t5x", "R-7K2M9QXA4T5C"])
async def test_the_reference_of_a_case_is_sent_nowhere_without_the_key_of_who_works_on_it(
    monkeypatch: pytest.MonkeyPatch, typed: str
) -> None:
    for name in ("INGEST", "RISK", "REMEDY"):
        monkeypatch.setenv(f"ENGAGE_{name}_URL", "http://127.0.0.1:9")  # nobody listens: whoever asks would fail so
    monkeypatch.setenv("ENGAGE_OPERATOR_KEY", "none")

    shown = CliRunner().invoke(app, ["timeline", typed])

    assert shown.exit_code == 1 and "only who works on it" in str(shown.exception)
    assert typed not in str(shown.exception)
