"""Finding what a person names: suppliers by name or id, for the commands of every service."""

from typing import Any
from uuid import UUID

from shared.client import CommandError, call

FEW = 6
"""Suppliers that are named where a name fits several."""


def find_supplier(wanted: str, key: str) -> str:
    """The id of a supplier by its id or name, as the registry has it. Raises CommandError where none or several fit."""
    try:
        return str(UUID(wanted))
    except ValueError:
        found: list[dict[str, Any]] = call(
            "ingest", "GET", "/registry/suppliers", key, params={"name": wanted, "limit": FEW}
        )["items"]
    exact = [one for one in found if one["name"].casefold() == wanted.casefold()] or found
    if len(exact) == 1:
        return str(exact[0]["id"])
    if not exact:
        raise CommandError("The registry has no supplier of this name; give its id, or a word of its name.")
    lines = [f"  {one['id']}  {one['name']}" for one in exact]
    raise CommandError("\n".join(["Several suppliers fit; give the id of one:", *lines]))
