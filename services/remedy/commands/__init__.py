"""What people type: senders seal on their own machine, case handlers work on cases, operators open engagements."""

import typer

from services.remedy.commands import cases as reading
from services.remedy.commands import deadlines, erasure, people, steps
from services.remedy.commands.audit import chain
from services.remedy.commands.engagements import engagements
from services.remedy.commands.figures import figures
from services.remedy.commands.identity import identity
from services.remedy.commands.plans import plans
from services.remedy.commands.releases import ladder, release, rung
from services.remedy.commands.reporting import reports
from services.remedy.commands.sealing import seal
from services.remedy.commands.watch import watch

cases = typer.Typer(no_args_is_help=True, help="Cases, by their references. Needs your own key.")


def register(app: typer.Typer) -> None:
    """Add this service's commands to `engage`."""
    app.command()(seal)
    app.add_typer(reports, name="report")
    reading.register(cases)
    steps.register(cases)
    cases.add_typer(plans, name="plan")
    cases.add_typer(watch, name="watch")
    app.add_typer(cases, name="case")
    app.add_typer(engagements, name="engagement")
    app.add_typer(chain, name="audit")
    cases.add_typer(identity, name="identity")
    people.register(app, cases)
    deadlines.register(app, cases)
    erasure.register(cases)
    app.command()(figures)
    for command in (release, ladder, rung):
        cases.command()(command)
