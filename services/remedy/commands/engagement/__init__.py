"""What people type about engagements and the follow-up of contracts."""

import typer

engagements = typer.Typer(
    no_args_is_help=True,
    help="Engagements of working groups with suppliers: see `engage board` for where they stand.",
)
"""`engage engagement ...`: each module of this package adds its own."""
