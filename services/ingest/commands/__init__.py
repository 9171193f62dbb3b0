"""What people type about members, working groups, lists, contracts, events and identity."""

import typer

from services.ingest.commands import contracts, identity, imports, lists, members, sending


def register(app: typer.Typer) -> None:
    """Add the commands to an application."""
    for part in (members, imports, lists, contracts, sending, identity):
        part.register(app)
