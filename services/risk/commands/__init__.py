"""What people type about risk: `engage facts`, `engage risk`."""

import typer

from services.risk.commands import explaining, exposure, facts, flags, groups, rebuild


def register(app: typer.Typer) -> None:
    """Add the commands to an application."""
    lists = typer.Typer(no_args_is_help=True, help="Public lists of facts: what the model knows, and from where.")
    facts.register(lists)
    risk = typer.Typer(no_args_is_help=True, help="What is known of suppliers, sites, products and contracts, and why.")
    for part in (explaining, flags, exposure, groups, rebuild):
        part.register(risk)
    app.add_typer(lists, name="facts")
    app.add_typer(risk, name="risk")
