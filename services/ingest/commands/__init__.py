"""What people type about members, working groups, lists, contracts, events and identity."""

import typer

from services.ingest.commands import imports, members, sending


def register(app: typer.Typer) -> None:
    """Add the commands to an application."""
    for part in (members, imports, sending):
        part.register(app)
