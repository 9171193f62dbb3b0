"""The escalation ladder: a step that a person took, and what it brought about."""

from typing import Annotated

import typer

from services.remedy.commands.engagement.files import Evidence, Hashes, Uris, evidence_of
from services.remedy.commands.engagement.finding import (
    Engagement,
    On,
    checked_day,
    day_of,
    engagement_of,
    named_by,
    one_of,
    part_of,
    words_of,
)
from services.remedy.commands.engagement.publishing import DryRun, Member, act, key_of
from services.remedy.commands.options import AsJson
from shared.events.engagement_words import EscalationEffect, EscalationStep


def register(app: typer.Typer) -> None:
    """Add the commands to `engage engagement`."""
    for name, command in (("escalate", escalate), ("effect", observe_effect)):
        app.command(name)(command)


def escalate(
    *,
    engagement: Engagement,
    step: Annotated[str, typer.Argument(callback=one_of(EscalationStep), help="The step that was taken.")],
    member: Member,
    because: Annotated[str, typer.Option("--because", "--why", help="Why, in a sentence.")],
    on: On = None,
    cure_until: Annotated[
        str | None, typer.Option(metavar="DAY", help="Of a notice: until when the supplier may cure.")
    ] = None,
    evidence: Evidence = None,
    sha256: Hashes = None,
    uri: Uris = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Take a step of the ladder: informal, formal_letter, joint_letter, contract_meeting, notice_with_cure_period,
    sanction, termination as the last resort.

    Example: engage engagement escalate 5b0c2f1e formal_letter --because "No answer by the day" --member oslo
    """
    data = named_by(engagement_of(engagement, key_of(member))) | {"step": step, "taken_on": day_of(on)}
    data |= {"reason": because, "evidence": evidence_of(evidence, sha256, uri)}
    data |= {"cure_until": cure_until and checked_day(cure_until)}
    act(member, "escalation.taken.v1", data, dry_run=dry_run, as_json=as_json)


def observe_effect(
    *,
    engagement: Engagement,
    escalation: Annotated[str, typer.Argument(help="The step that was taken: its id, or its beginning.")],
    effect: Annotated[
        str,
        typer.Argument(callback=one_of(EscalationEffect), help="What it brought about: " + words_of(EscalationEffect)),
    ],
    member: Member,
    on: On = None,
    evidence: Evidence = None,
    sha256: Hashes = None,
    uri: Uris = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Record what a step of the ladder brought about.

    Example: engage engagement effect 5b0c2f1e 77aa0c12 answered --member oslo
    """
    known = engagement_of(engagement, key_of(member))
    data = named_by(known) | {"escalation": part_of(known, "ladder", escalation), "effect": effect}
    data |= {"observed_on": day_of(on), "evidence": evidence_of(evidence, sha256, uri)}
    act(member, "escalation.effect-observed.v1", data, dry_run=dry_run, as_json=as_json)
