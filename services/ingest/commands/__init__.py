"""What people type about members, working groups, lists, contracts, contacts, events and identity."""

import typer

from services.ingest.commands import contacts, contracts, groups, identity, imports, lists, members, sending


def register(app: typer.Typer) -> None:
    """Add the commands to an application."""
    for part in (members, groups, imports, lists, contracts, contacts, sending, identity):
        part.register(app)
