"""What people type: senders seal on their own machine, case handlers work on cases, members act in engagements."""

import typer

from services.remedy.commands import cases as reading
from services.remedy.commands import deadlines, erasure, people, steps
from services.remedy.commands.audit import chain
from services.remedy.commands.engagement import acting, asking, engagements, entries, escalating, showing
from services.remedy.commands.engagement.board import board
from services.remedy.commands.engagement.calendar import asks, calendar, clauses
from services.remedy.commands.engagement.conditions import conditions
from services.remedy.commands.engagement.documents import documents
from services.remedy.commands.engagement.own_affairs import accounts, requests
from services.remedy.commands.engagement.practice import practices
from services.remedy.commands.engagement.rebuild import rebuild
from services.remedy.commands.engagement.timeline import timeline
from services.remedy.commands.figures import figures
from services.remedy.commands.identity import identity
from services.remedy.commands.plans import plans
from services.remedy.commands.releases import clear_contact, ladder, release, rung, take_back
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
    showing.register(engagements)
    for acts in (acting, asking, escalating, entries):
        acts.register(engagements)
    engagements.command("rebuild")(rebuild)
    app.add_typer(engagements, name="engagement")
    app.add_typer(documents, name="document")
    for view in (board, timeline):
        app.command()(view)
    for shown in (calendar, clauses, asks):
        app.command()(shown)
    app.add_typer(practices, name="practice")
    app.add_typer(conditions, name="condition")
    app.add_typer(requests, name="information-request")
    app.add_typer(accounts, name="account")
    app.add_typer(chain, name="audit")
    cases.add_typer(identity, name="identity")
    people.register(app, cases)
    deadlines.register(app, cases)
    erasure.register(cases)
    app.command()(figures)
    for command in (release, clear_contact, take_back, ladder, rung):
        cases.command()(command)
